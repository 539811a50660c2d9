package ledger

import (
	"context"
	"fmt"
)

// repairBatch is how many events are changed in one transaction.
const repairBatch = 200

// Retry lets the events be attempted now: dead letters once more, and deferred
// events without waiting for their time. It returns how many.
func (l *Ledger) Retry(ctx context.Context, filter Filter) (int, error) {
	n, err := l.inBatches(ctx, filter, func(tx querier, batch []ticket) error {
		now := l.opts.Now()
		for _, ticket := range batch {
			_, err := tx.exec(ctx, `UPDATE fftconnect_events SET state = 'deferred', next_attempt_at = $2,
				since = CASE WHEN state = 'dead' THEN $2 ELSE since END WHERE id = $1`, ticket.id, micros(now))
			if err != nil {
				return err
			}
		}
		return l.enqueue(ctx, tx, batch, now)
	})
	return n, failed("retry events", err)
}

// Discard forgets the events. It returns how many.
func (l *Ledger) Discard(ctx context.Context, filter Filter) (int, error) {
	n, err := l.inBatches(ctx, filter, func(tx querier, batch []ticket) error {
		for _, ticket := range batch {
			if _, err := tx.exec(ctx, `DELETE FROM fftconnect_events WHERE id = $1`, ticket.id); err != nil {
				return err
			}
		}
		return nil
	})
	return n, failed("discard events", err)
}

// inBatches does change to all events that the filter means and that are stored
// when it begins.
func (l *Ledger) inBatches(ctx context.Context, filter Filter, change func(querier, []ticket) error) (int, error) {
	filter.Newest = false
	var last int64
	if _, err := one(ctx, l.db, `SELECT coalesce(max(id), 0) FROM fftconnect_events`, nil, &last); err != nil {
		return 0, err
	}
	done := 0
	for filter.Limit <= 0 || done < filter.Limit {
		var batch []ticket
		err := l.db.transact(ctx, func(tx querier) (err error) {
			size := repairBatch
			if filter.Limit > 0 {
				size = min(size, filter.Limit-done)
			}
			if batch, err = tickets(ctx, tx, filter, last, size); err != nil {
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
		done += len(batch)
		filter.After = batch[len(batch)-1].id
	}
	return done, nil
}

func tickets(ctx context.Context, tx querier, filter Filter, last int64, size int) ([]ticket, error) {
	where, args := filter.where()
	var batch []ticket
	err := tx.each(ctx, fmt.Sprintf(`SELECT id, flow FROM fftconnect_events WHERE %s AND id <= %d ORDER BY id LIMIT %d`,
		where, last, size), args, func(row scan) error {
		var next ticket
		err := row(&next.id, &next.flow)
		batch = append(batch, next)
		return err
	})
	return batch, err
}
