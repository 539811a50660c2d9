-- A fingerprint of what the counterpart of an open order was sent: from it nobody reads
-- what was, and a change after the export is told from what somebody changed there.
-- +goose Up
ALTER TABLE fftconnect_open_orders ADD COLUMN sent TEXT NOT NULL DEFAULT '';
