package durable

import (
	"context"
	"fmt"
	"time"

	"fftconnect/internal/ledger"
)

const (
	sweepEvery  = time.Hour
	sweepBatch  = 1000
	sweepPause  = 20 * time.Millisecond // lets others write between two batches
	mendEvery   = 5 * time.Minute
	mendBatch   = 200
	leaseMemory = time.Hour // how long an expired lease is kept
)

// periodicChores are the periodic jobs of the store itself.
func (l *Ledger) periodicChores() []ledger.Periodic {
	return []ledger.Periodic{
		{Name: "retention", Every: sweepEvery, Timeout: sweepEvery, AtStart: true, Run: l.Sweep},
		{Name: "fix", Every: mendEvery, AtStart: true, Run: l.requeueLostEvents},
	}
}

// Sweep deletes what is older than its retention, or more than the journal may hold. It runs by itself every hour.
func (l *Ledger) Sweep(ctx context.Context) error {
	before := func(age time.Duration) int64 { return toMicros(l.opts.Now().Add(-age)) }
	tooMany, err := l.journalCutoff(ctx)
	if err != nil {
		return fmt.Errorf("count the journal: %w", err)
	}
	for _, old := range []struct {
		table, key, where string
		limit             int64
	}{
		{"fftconnect_journal", "id", "at < $1", before(l.opts.JournalRetention)},
		{"fftconnect_journal", "id", "id <= $1", tooMany},
		{"fftconnect_events", "id", "state = 'dead' AND since < $1", before(l.opts.DeadRetention)},
		{"fftconnect_open_orders", "order_id", "next_visit = 0 AND stirred_at < $1", before(l.opts.DeadRetention)},
		{
			"fftconnect_order_names", "id", fmt.Sprintf("id IN (SELECT id FROM fftconnect_order_names ORDER BY id LIMIT %d) AND seen_at < $1", sweepBatch),
			before(l.opts.JournalRetention),
		},
		{"fftconnect_retries", "id", "at < $1", before(l.opts.JournalRetention)},
		{"fftconnect_leases", "name", "held_until < $1", before(leaseMemory)},
	} {
		for {
			changed, err := l.db.exec(ctx, fmt.Sprintf(`DELETE FROM %[1]s WHERE %[2]s IN
				(SELECT %[2]s FROM %[1]s WHERE %[3]s LIMIT %[4]d)`, old.table, old.key, old.where, sweepBatch), old.limit)
			if err != nil {
				return fmt.Errorf("delete what is old from %s: %w", old.table, err)
			}
			if changed < sweepBatch {
				break
			}
			if err := sleep(ctx, sweepPause); err != nil {
				return err
			}
		}
	}
	if err := l.db.vacuum(ctx); err != nil {
		return fmt.Errorf("give what was deleted back to the disk: %w", err)
	}
	return nil
}

func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// requeueLostEvents gives a new job to deferred events that have lost theirs, for instance
// because somebody deleted it in River's user interface.
func (l *Ledger) requeueLostEvents(ctx context.Context) error {
	for {
		lost, err := l.lostEvents(ctx)
		if err != nil || len(lost) == 0 {
			return err
		}
		n, err := l.Retry(ctx, ledger.Filter{IDs: lost, State: ledger.StateDeferred})
		if err != nil {
			return err
		}
		l.opts.Logger.Warn("deferred events had lost their jobs and got new ones", "events", n)
	}
}

func (l *Ledger) lostEvents(ctx context.Context) (lost []int64, err error) {
	err = l.db.reader().query(ctx, fmt.Sprintf(`SELECT e.id FROM fftconnect_events e
		LEFT JOIN river_job j ON j.id = e.job_id AND j.state IN ('available', 'pending', 'retryable', 'running', 'scheduled')
		WHERE e.state = 'deferred' AND j.id IS NULL ORDER BY e.id LIMIT %d`, mendBatch), nil, func(row scanFunc) error {
		var id int64
		err := row(&id)
		lost = append(lost, id)
		return err
	})
	return lost, err
}
