-- The ids that the platforms gave the calls of a message, and the trace of the attempt that an event
-- is stored for.
-- +goose Up
ALTER TABLE fftconnect_journal ADD COLUMN correlation TEXT NOT NULL DEFAULT '';
ALTER TABLE fftconnect_events ADD COLUMN trace TEXT NOT NULL DEFAULT '';
