-- Points in time are microseconds since 1970 (UTC); 0 is none.
-- +goose Up
CREATE TABLE fftconnect_claims (
    order_id        TEXT PRIMARY KEY,
    names           TEXT NOT NULL,
    fft_order_id    TEXT NOT NULL,
    in_flight_until INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE fftconnect_leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    held_until INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE fftconnect_journal (
    id          INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    flow        TEXT NOT NULL,
    type        TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    event_id    TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    attempt     INTEGER NOT NULL,
    duration    INTEGER NOT NULL,
    calls       INTEGER NOT NULL,
    project_key TEXT NOT NULL
);
CREATE INDEX fftconnect_journal_order ON fftconnect_journal (order_id, at) WHERE order_id <> '';
CREATE INDEX fftconnect_journal_flow ON fftconnect_journal (flow, at) WHERE attempt = 1;
CREATE INDEX fftconnect_journal_at ON fftconnect_journal (at);

CREATE TABLE fftconnect_events (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    unique_key      TEXT NOT NULL UNIQUE,
    flow            TEXT NOT NULL,
    type            TEXT NOT NULL,
    order_id        TEXT NOT NULL,
    event_id        TEXT NOT NULL,
    body            BLOB NOT NULL,
    hint            TEXT NOT NULL,
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    fix             TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    received_at     INTEGER NOT NULL,
    since           INTEGER NOT NULL,
    last_attempt_at INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    job_id          INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX fftconnect_events_state ON fftconnect_events (state, received_at);
CREATE INDEX fftconnect_events_order ON fftconnect_events (order_id) WHERE order_id <> '';

CREATE TABLE fftconnect_checkpoints (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;
