-- Orders that were exported and are not finished. Points in time are microseconds
-- since 1970 (UTC); next_visit 0: the order is left, for the reason that it names.
-- +goose Up
CREATE TABLE fftconnect_open_orders (
    order_id   TEXT PRIMARY KEY,
    number     TEXT NOT NULL DEFAULT '',
    opened_at  BIGINT NOT NULL,
    stirred_at BIGINT NOT NULL,
    visits     BIGINT NOT NULL DEFAULT 0,
    next_visit BIGINT NOT NULL,
    state      TEXT NOT NULL DEFAULT '',
    late       TEXT NOT NULL DEFAULT '',
    late_since BIGINT NOT NULL DEFAULT 0,
    left_for   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX fftconnect_open_orders_due ON fftconnect_open_orders (next_visit) WHERE next_visit > 0;
CREATE INDEX fftconnect_open_orders_late ON fftconnect_open_orders (late_since) WHERE late <> '';

-- What was exported before this table was there is looked into once; the month that an
-- order is visited begins with its last change.
INSERT INTO fftconnect_open_orders (order_id, opened_at, stirred_at, next_visit)
SELECT order_id, updated_at, updated_at, updated_at + 900000000 FROM fftconnect_claims WHERE fft_order_id <> '';
