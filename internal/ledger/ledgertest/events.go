package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// event is a stored event with the job that attempts it next.
type event struct {
	ledger.Event
	job     int64
	due     time.Time
	running time.Time // until when the attempt counts as running; zero: it is not
}

// Defer implements intake.Keeper.
func (s *Store) Defer(ctx context.Context, d ledger.Deferred, wait time.Duration) error {
	return s.store(ctx, "defer event", d, ledger.StateDeferred, time.Now().Add(wait))
}

// AddDeadLetter implements intake.Keeper.
func (s *Store) AddDeadLetter(ctx context.Context, d ledger.Deferred) error {
	return s.store(ctx, "store dead letter", d, ledger.StateDead, time.Time{})
}

func (s *Store) store(ctx context.Context, operation string, d ledger.Deferred, state ledger.State, next time.Time) error {
	if !slices.Contains(outcome.Flows, d.Flow) {
		return fmt.Errorf("flow %q has no queue", d.Flow)
	}
	return s.access(ctx, operation, func() error {
		now := time.Now()
		d.Body = slices.Clone(d.Body) // the caller uses its memory again
		if d.ReceivedAt.IsZero() {
			d.ReceivedAt = now
		}
		key := d.Key()
		e := s.db.byKey[key]
		if e == nil {
			e = s.db.insert(d, key, now)
		} else {
			d.ReceivedAt = e.ReceivedAt
		}
		if state != e.State {
			e.Since = now
		}
		if e.State != ledger.StateDeferred || state != ledger.StateDeferred {
			e.NextAttemptAt = next
			e.Attempts++
		}
		e.Deferred, e.State, e.LastAttemptAt = d, state, now
		switch {
		case state == ledger.StateDead:
			e.job = 0
		case e.job == 0:
			s.db.enqueue(e, next)
		}
		return nil
	})
}

func (d *Database) insert(from ledger.Deferred, key string, now time.Time) *event {
	d.lastID++
	e := &event{Event: ledger.Event{Deferred: from, ID: d.lastID, Since: now}}
	set(&d.events, e.ID, e)
	set(&d.byKey, key, e)
	return e
}

func (d *Database) forget(e *event) {
	delete(d.events, e.ID)
	delete(d.byKey, e.Key())
}

// enqueue gives the event a new job; what an older one still does has no effect.
func (d *Database) enqueue(e *event, at time.Time) {
	d.lastJob++
	e.job, e.due, e.running = d.lastJob, at, time.Time{}
	d.wakeQueues()
}

// CountStored implements connector.Store.
func (s *Store) CountStored(ctx context.Context) (depth ledger.StoredCounts, err error) {
	err = s.access(ctx, "count events", func() error {
		for _, e := range s.db.events {
			if e.State == ledger.StateDead {
				depth.Dead++
				continue
			}
			depth.Deferred++
			if depth.OldestDeferred.IsZero() || e.ReceivedAt.Before(depth.OldestDeferred) {
				depth.OldestDeferred = e.ReceivedAt
			}
		}
		return nil
	})
	return depth, err
}

// Events are all stored events, oldest first.
func (d *Database) Events() []ledger.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]ledger.Event, 0, len(d.events))
	for _, e := range d.events {
		all = append(all, e.Event)
	}
	slices.SortFunc(all, func(a, b ledger.Event) int { return int(a.ID - b.ID) })
	return all
}

// settle writes down how an attempt ended, unless the event has a newer job or is
// gone.
func (s *Store) settle(a attempt, verdict ledger.Verdict) error {
	return s.access(context.Background(), "write down attempt", func() error {
		e := s.db.events[a.event.ID]
		if e == nil || e.job != a.job {
			return nil
		}
		now := time.Now()
		if (verdict.Action == ledger.Again || verdict.Action == ledger.Later) && now.Sub(a.event.Since) > s.opts.MaxAge {
			verdict.Action, verdict.Reason = ledger.Dead, "still failing after "+s.opts.MaxAge.String()+": "+verdict.Reason
		}
		if verdict.Action == ledger.Done {
			s.db.forget(e)
			return nil
		}
		e.Reason, e.Fix = verdict.Reason, verdict.Fix
		e.running = time.Time{}
		// As an attempt reads the event when it begins and writes it when it ends, what
		// repetitions counted meanwhile is lost.
		switch verdict.Action {
		case ledger.Wait:
			e.Attempts, e.Since = a.event.Attempts, now
			s.db.reschedule(e, verdict.Delay, 30*time.Second)
		case ledger.Later:
			e.Attempts = a.event.Attempts
			s.db.reschedule(e, max(verdict.Delay, time.Second), 0)
		case ledger.Again:
			e.Attempts, e.LastAttemptAt = a.event.Attempts+1, now
			s.db.reschedule(e, s.opts.Retry(e.Attempts, verdict.Delay), time.Millisecond)
		default:
			e.Attempts, e.LastAttemptAt = a.event.Attempts+1, now
			e.State, e.Since, e.NextAttemptAt, e.job = ledger.StateDead, now, time.Time{}, 0
		}
		return nil
	})
}

func (d *Database) reschedule(e *event, pause, least time.Duration) {
	if pause <= 0 {
		pause = least
	}
	e.due = time.Now().Add(pause)
	e.NextAttemptAt = e.due
	d.wakeQueues()
}
