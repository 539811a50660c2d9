package durable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"fftconnect/internal/ledger"
)

// Defer stores an event whose first attempt failed; the next one is after wait. A
// repetition of a stored event is merged with it. When it returns an error nothing
// is stored, and the sender has to keep the event.
func (l *Ledger) Defer(ctx context.Context, d ledger.Deferred, wait time.Duration) error {
	return wrapError("defer event", l.storeEvent(ctx, d, ledger.StateDeferred, l.opts.Now().Add(wait)))
}

// AddDeadLetter stores an event as a dead letter. A repetition of a stored event replaces
// it.
func (l *Ledger) AddDeadLetter(ctx context.Context, d ledger.Deferred) error {
	return wrapError("store dead letter", l.storeEvent(ctx, d, ledger.StateDead, time.Time{}))
}

// storeTries bounds how often an event is stored anew when its stored repetition
// disappears under it.
const storeTries = 5

func (l *Ledger) storeEvent(ctx context.Context, d ledger.Deferred, state ledger.State, next time.Time) error {
	if !slices.Contains(flows, d.Flow) {
		return fmt.Errorf("flow %q has no queue", d.Flow)
	}
	if state == ledger.StateDead {
		var err error
		if d, err = shortenedDeadLetter(d); err != nil {
			return err
		}
	}
	d.Reason, d.Fix = shorten(d.Reason), shorten(d.Fix)
	return l.db.inTransaction(ctx, func(tx querier) error {
		for range storeTries {
			id, stored, err := l.insertEvent(ctx, tx, d, state, next)
			if err != nil {
				return err
			}
			var job int64
			isNew := stored
			if !stored {
				id, job, stored, err = l.mergeEvent(ctx, tx, d, state, next)
			}
			switch {
			case err != nil:
				return err
			case isNew && state == ledger.StateDead:
				return l.errIfFull(ctx, tx, d.IsUnreadable(), 0)
			case stored && state == ledger.StateDeferred && job == 0:
				return l.enqueue(ctx, tx, []ticket{{id: id, flow: string(d.Flow)}}, next)
			case stored:
				return nil
			}
		}
		return errors.New("its stored repetition keeps changing")
	})
}

// shorten is a text of which no more is kept than anybody reads.
func shorten(text string) string {
	if len(text) <= maxWords {
		return text
	}
	return strings.ToValidUTF8(text[:maxWords], "") + "…"
}

func (l *Ledger) insertEvent(ctx context.Context, tx querier, d ledger.Deferred, state ledger.State, next time.Time) (id int64, inserted bool, err error) {
	now := toMicros(l.opts.Now())
	received := toMicros(d.ReceivedAt)
	if received == 0 {
		received = now
	}
	inserted, err = queryOne(ctx, tx, `INSERT INTO fftconnect_events (unique_key, flow, type, order_id, event_id, body, hint,
			state, reason, fix, attempts, received_at, since, last_attempt_at, next_attempt_at, size, class, cause, trace)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (unique_key) DO NOTHING RETURNING id`,
		[]any{
			d.Key(), string(d.Flow), d.Type, d.Order, d.EventID, neverNil(d.Body), string(d.Hint),
			string(state), d.Reason, d.Fix, received, now, toMicros(next), len(d.Body), string(d.Class()), ledger.CauseOf(d.Reason), d.Trace,
		}, &id)
	return id, inserted, err
}

// mergeEvent updates the stored repetition. One that is deferred already keeps its
// job and its count of attempts, or the sender's repetitions would put the next
// attempt off again and again. A message that was stored without a hint keeps none: what
// shadow mode meets again stays work that is to be done.
func (l *Ledger) mergeEvent(ctx context.Context, tx querier, d ledger.Deferred, state ledger.State, next time.Time) (id, job int64, merged bool, err error) {
	merged, err = queryOne(ctx, tx, `UPDATE fftconnect_events SET
			body = $2, size = $9, class = $10, cause = $11, trace = $12, hint = CASE WHEN hint = '' THEN hint ELSE $3 END, reason = $5, fix = $6,
			attempts = CASE WHEN state = 'deferred' AND $4 = 'deferred' THEN attempts ELSE attempts + 1 END, last_attempt_at = $7,
			since = CASE WHEN state = $4 THEN since ELSE $7 END,
			next_attempt_at = CASE WHEN state = 'deferred' AND $4 = 'deferred' THEN next_attempt_at ELSE $8 END,
			job_id = CASE WHEN $4 = 'dead' THEN 0 ELSE job_id END,
			state = $4
		WHERE unique_key = $1 RETURNING id, job_id`,
		[]any{
			d.Key(), neverNil(d.Body), string(d.Hint), string(state), d.Reason, d.Fix,
			toMicros(l.opts.Now()), toMicros(next), len(d.Body), string(d.Class()), ledger.CauseOf(d.Reason), d.Trace,
		}, &id, &job)
	return id, job, merged, err
}

// neverNil is never nil, which would be stored as NULL.
func neverNil(body []byte) []byte {
	if body == nil {
		return []byte{}
	}
	return body
}

// ticket is an event that gets a job, or is discarded.
type ticket struct {
	id                         int64
	flow, name, order, eventID string
	state                      ledger.State
}

// schedulerInterval is how often River looks for jobs that are scheduled; so much later
// than their time they may begin.
const schedulerInterval = 5 * time.Second

// enqueue gives every event a job of its own. The event remembers it, and jobs that
// an event had before do nothing when their time comes.
func (l *Ledger) enqueue(ctx context.Context, tx querier, tickets []ticket, at time.Time) error {
	if len(tickets) == 0 {
		return nil
	}
	if at.Sub(l.opts.Now()) < schedulerInterval {
		at = time.Time{} // the worker waits for the rest itself
	}
	jobs := make([]river.InsertManyParams, len(tickets))
	for i, ticket := range tickets {
		jobs[i] = river.InsertManyParams{
			Args:       attemptArgs{Event: ticket.id},
			InsertOpts: &river.InsertOpts{Queue: ticket.flow, ScheduledAt: at, MaxAttempts: jobAttempts},
		}
	}
	ids, err := l.inserts.insert(ctx, tx, jobs)
	if err != nil {
		return fmt.Errorf("queue events: %w", err)
	}
	for i, ticket := range tickets {
		_, err := tx.exec(ctx, `UPDATE fftconnect_events SET job_id = $2 WHERE id = $1`, ticket.id, ids[i])
		if err != nil {
			return fmt.Errorf("queue event %d: %w", ticket.id, err)
		}
	}
	return nil
}
