package durable

import (
	"context"
	"slices"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// HasWaitingEvents reports whether the order's export is a dead letter.
func (l *Ledger) HasWaitingEvents(ctx context.Context, orderID string) (waits bool, err error) {
	var one64 int64
	waits, err = queryOne(ctx, l.db.lookUps(), `SELECT id FROM fftconnect_events
		WHERE order_id = $1 AND order_id <> '' AND state = 'dead' AND flow = 'export' LIMIT 1`, []any{orderID}, &one64)
	return waits, wrapError("look dead letters of order "+orderID+" up", err)
}

// Told are the events whose news fulfillmenttools itself tells when it is asked: once an
// order agrees with it, they are settled.
var told = slices.Concat(fulfillmenttools.LifeEvents, fulfillmenttools.CorrectionEvents, fulfillmenttools.TrackingEvents, []string{ledger.TypeDifference})

// ResolveEvents forgets the order's dead letters: both platforms agree about it.
func (l *Ledger) ResolveEvents(ctx context.Context, orderID string) error {
	return wrapError("resolve dead letters of order "+orderID, resolveOrder(ctx, l.db, orderID))
}

func resolveOrder(ctx context.Context, tx querier, orderID string) error {
	args := []any{orderID}
	for _, name := range told {
		args = append(args, name)
	}
	_, err := tx.exec(ctx, `DELETE FROM fftconnect_events WHERE order_id = $1 AND order_id <> '' AND state = 'dead'
		AND (flow = 'export' OR type IN `+placeholders(2, len(told))+`)`, args...)
	return err
}

// resolveHandled forgets dead letters that the success of later messages has settled: an export
// brings the order up to all that messages about it said.
func (l *Ledger) resolveHandled(ctx context.Context, tx querier, rows []ledger.JournalRow) error {
	var dead int64
	some, err := queryOne(ctx, tx, `SELECT id FROM fftconnect_events WHERE state = 'dead' LIMIT 1`, nil, &dead)
	if err != nil || !some {
		return err
	}
	for _, row := range rows {
		if row.Order == "" || row.Flow != outcome.Export || row.Outcome != outcome.Applied && row.Outcome != outcome.Unchanged {
			continue
		}
		_, err := tx.exec(ctx, `DELETE FROM fftconnect_events WHERE order_id = $1 AND flow = 'export' AND state = 'dead' AND since <= $2`,
			row.Order, toMicros(row.At.Add(row.Duration)))
		if err != nil {
			return err
		}
	}
	return nil
}
