-- Orders that are not visited any more, for the page that lists them.
-- +goose Up
CREATE INDEX fftconnect_open_orders_left ON fftconnect_open_orders (stirred_at) WHERE next_visit = 0;
