-- The names under which people know orders; the cause that dead letters have in common, and
-- which class of attention they need; runs of retries, for their progress.
-- +goose Up
CREATE TABLE fftconnect_order_names (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    order_id TEXT NOT NULL,
    seen_at  BIGINT NOT NULL,
    UNIQUE (name, kind, order_id)
);
CREATE INDEX fftconnect_order_names_order ON fftconnect_order_names (order_id);
CREATE INDEX fftconnect_order_names_seen ON fftconnect_order_names (seen_at);

ALTER TABLE fftconnect_events ADD COLUMN class TEXT NOT NULL DEFAULT 'rejected';
ALTER TABLE fftconnect_events ADD COLUMN cause TEXT NOT NULL DEFAULT '';
ALTER TABLE fftconnect_events ADD COLUMN retry BIGINT NOT NULL DEFAULT 0;
UPDATE fftconnect_events SET cause = substr(reason, 1, 160);
UPDATE fftconnect_events SET class = 'unreadable' WHERE type IN ('unreadable', 'too large');
CREATE INDEX fftconnect_events_cause ON fftconnect_events (state, class, flow, cause, received_at, id);
CREATE INDEX fftconnect_events_retry ON fftconnect_events (retry, state) WHERE retry <> 0;

CREATE TABLE fftconnect_retries (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    what    TEXT NOT NULL,
    planned BIGINT NOT NULL,
    queued  BIGINT NOT NULL DEFAULT 0,
    ended   BIGINT NOT NULL DEFAULT 0
);

DROP INDEX fftconnect_journal_at;
CREATE INDEX fftconnect_journal_at ON fftconnect_journal (at, flow, outcome);
CREATE INDEX fftconnect_journal_attention ON fftconnect_journal (at) WHERE outcome IN ('rejected', 'refused');
