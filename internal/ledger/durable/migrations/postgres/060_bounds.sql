-- What dead letters take is bounded in number and bytes: an event says how many bytes it
-- takes, so that they can be added up without reading bodies.
-- +goose Up
ALTER TABLE fftconnect_events ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
UPDATE fftconnect_events SET size = length(body);
DROP INDEX fftconnect_events_unreadable;
CREATE INDEX fftconnect_events_dead ON fftconnect_events (type, size) WHERE state = 'dead';
