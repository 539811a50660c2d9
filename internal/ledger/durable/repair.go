package durable

import (
	"context"
	"fmt"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// repairBatch is how many events are changed in one transaction.
const repairBatch = 200

// Retry lets the events be attempted now: dead letters once more, and deferred
// events without waiting for their time. It returns how many.
func (l *Ledger) Retry(ctx context.Context, filter ledger.Filter) (int, error) {
	n, err := l.retry(ctx, filter, 0, nil)
	return n, wrapError("retry events", err)
}

// retry is Retry as part of a run; after is called behind each transaction and may be nil.
func (l *Ledger) retry(ctx context.Context, filter ledger.Filter, run int64, after func([]ticket)) (int, error) {
	return l.changeInBatches(ctx, filter, repairBatch, func(tx querier, batch []ticket) error {
		now := l.opts.Now()
		if err := l.journalActions(ctx, tx, batch, "retry", outcome.Deferred, now); err != nil {
			return err
		}
		for _, ticket := range batch {
			_, err := tx.exec(ctx, `UPDATE fftconnect_events SET state = 'deferred', next_attempt_at = $2, retry = $3,
				since = CASE WHEN state = 'dead' THEN $2 ELSE since END WHERE id = $1`, ticket.id, toMicros(now), run)
			if err != nil {
				return err
			}
		}
		return l.enqueue(ctx, tx, batch, now)
	}, after)
}

// journalActions writes into the journal what the actor does with events.
func (l *Ledger) journalActions(ctx context.Context, tx querier, batch []ticket, what string, ends outcome.Kind, now time.Time) error {
	actor, why := l.actorFrom(ctx)
	if actor == "" {
		return nil
	}
	if why != "" {
		actor += ": " + why
	}
	for _, t := range batch {
		_, err := tx.exec(ctx, `INSERT INTO fftconnect_journal (`+journalColumns+`) VALUES `+placeholderRows(1, journalWidth),
			toMicros(now), t.flow, what, t.order, t.eventID, string(ends), t.name+" by "+actor, 0, 0, 0, l.opts.ProjectKey, "")
		if err != nil {
			return err
		}
	}
	return nil
}

// discarded is why an order is left whose export somebody gave up.
const discarded = "discarded"

// Discard forgets the events. An order whose export was a dead letter, or that differs and
// cannot be repaired, is left until there is a sign of life. It returns how many. It works on a disk that is full, too.
func (l *Ledger) Discard(ctx context.Context, filter ledger.Filter) (int, error) {
	n, err := l.changeInBatches(ctx, filter, repairBatch, func(tx querier, batch []ticket) error {
		for _, ticket := range batch {
			if _, err := tx.exec(ctx, `DELETE FROM fftconnect_events WHERE id = $1`, ticket.id); err != nil {
				return err
			}
		}
		return l.abandonDiscarded(ctx, tx, batch)
	}, nil)
	if isDiskFull(err) && l.db.makeRoom(ctx) {
		var more int
		more, err = l.discardOnFull(ctx, filter)
		n += more
	}
	return n, wrapError("discard events", err)
}

// abandonDiscarded notes the discarded events, and has orders left whose exports they were.
func (l *Ledger) abandonDiscarded(ctx context.Context, tx querier, batch []ticket) error {
	now := l.opts.Now()
	for _, t := range batch {
		ofExport := t.flow == string(outcome.Export) || t.name == ledger.TypeDifference
		if t.state != ledger.StateDead || !ofExport || t.order == "" {
			continue
		}
		_, err := tx.exec(ctx, `INSERT INTO fftconnect_open_orders (order_id, opened_at, stirred_at, next_visit, left_for)
			VALUES ($1, $2, $2, 0, $3) ON CONFLICT (order_id) DO UPDATE SET next_visit = 0, left_for = excluded.left_for`,
			t.order, toMicros(now), discarded)
		if err != nil {
			return err
		}
	}
	return l.journalActions(ctx, tx, batch, "discard", outcome.Ignored, now)
}

// changeInBatches does change, in transactions of so many, to all events that the filter means and
// that are stored when it begins. after is called behind each transaction and may be nil.
func (l *Ledger) changeInBatches(ctx context.Context, filter ledger.Filter, batchSize int, change func(querier, []ticket) error, after func([]ticket)) (int, error) {
	filter.Newest = false
	var last int64
	if _, err := queryOne(ctx, l.db, `SELECT coalesce(max(id), 0) FROM fftconnect_events`, nil, &last); err != nil {
		return 0, err
	}
	done := 0
	for filter.Limit <= 0 || done < filter.Limit {
		var batch []ticket
		err := l.db.inTransaction(ctx, func(tx querier) (err error) {
			size := batchSize
			if filter.Limit > 0 {
				size = min(size, filter.Limit-done)
			}
			if batch, err = selectTickets(ctx, tx, filter, last, size); err != nil {
				return err
			}
			return change(tx, batch)
		})
		if err != nil {
			return done, err
		}
		if len(batch) == 0 {
			break
		}
		if after != nil {
			after(batch)
		}
		done += len(batch)
		filter.After = batch[len(batch)-1].id
	}
	return done, nil
}

func selectTickets(ctx context.Context, tx querier, filter ledger.Filter, last int64, size int) ([]ticket, error) {
	where, args := conditions(filter)
	var batch []ticket
	err := tx.query(ctx, fmt.Sprintf(`SELECT id, flow, type, order_id, event_id, state FROM fftconnect_events
		WHERE %s AND id <= %d ORDER BY id LIMIT %d`, where, last, size), args, func(row scanFunc) error {
		var next ticket
		err := row(&next.id, &next.flow, &next.name, &next.order, &next.eventID, &next.state)
		batch = append(batch, next)
		return err
	})
	return batch, err
}
