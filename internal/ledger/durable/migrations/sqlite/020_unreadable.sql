-- Bodies that could not be read are bounded in number (TypeUnreadable, TypeTooLarge).
-- +goose Up
CREATE INDEX fftconnect_events_unreadable ON fftconnect_events (id) WHERE type IN ('unreadable', 'too large');
