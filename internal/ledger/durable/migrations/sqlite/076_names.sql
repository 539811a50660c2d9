-- Names of orders leave in the order in which they came: no index has to say when that was.
-- +goose Up
DROP INDEX fftconnect_order_names_seen;
