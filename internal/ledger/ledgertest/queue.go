package ledgertest

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

const (
	// rescue is how much longer than its timeout an attempt must have been running
	// until its process counts as dead.
	rescue = 45 * time.Second
	// brokenRetry is when an attempt is made again whose end could not be written down.
	brokenRetry = 15 * time.Second
	// periodicTimeout is for a Periodic that names none.
	periodicTimeout = 10 * time.Minute
)

// schedule is a periodic job, which all replicas share.
type schedule struct {
	due     time.Time
	running time.Time // until when a run counts as running; zero: none is
}

// queue works off for one replica.
type queue struct {
	store    *Store
	handle   func(context.Context, ledger.Event) ledger.Verdict
	periodic []ledger.Periodic
	woken    chan struct{}
	busy     map[outcome.Flow]int
	group    sync.WaitGroup
}

// attempt is an event as its attempt found it.
type attempt struct {
	event ledger.Event
	job   int64
}

// Run implements connector.Store. What runs when ctx ends is told so by its own
// context and waited for.
func (s *Store) Run(ctx context.Context, handle func(context.Context, ledger.Event) ledger.Verdict, periodic ...ledger.Periodic) error {
	q := &queue{store: s, handle: handle, periodic: periodic, woken: make(chan struct{}, 1), busy: map[outcome.Flow]int{}}
	defer q.group.Wait()
	s.db.mu.Lock()
	set(&s.db.workers, q, struct{}{})
	q.plan(time.Now())
	s.db.mu.Unlock()
	defer func() {
		s.db.mu.Lock()
		defer s.db.mu.Unlock()
		delete(s.db.workers, q)
	}()
	for {
		timer := time.NewTimer(q.begin(ctx))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		case <-q.woken:
			timer.Stop()
		}
	}
}

// wakeQueues has every replica look what is due. It is called with the lock held.
func (d *Database) wakeQueues() {
	for q := range d.workers {
		select {
		case q.woken <- struct{}{}:
		default:
		}
	}
}

// plan schedules the periodic jobs that no other replica has scheduled, and what runs at the
// start once more when this replica is alone.
func (q *queue) plan(now time.Time) {
	alone := len(q.store.db.workers) == 1
	for _, p := range q.periodic {
		if q.store.db.periodic[p.Name] == nil {
			set(&q.store.db.periodic, p.Name, &schedule{due: now.Add(p.Every)})
		}
		if p.AtStart && alone {
			q.store.db.periodic[p.Name].due = now
		}
	}
}

// idle is how long to wait when nothing is stored.
const idle = time.Hour

// begin starts what is due and returns how long it is until something else is.
func (q *queue) begin(ctx context.Context) time.Duration {
	d := q.store.db
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away || q.store.cut {
		return idle
	}
	now := time.Now()
	next := now.Add(idle)
	wait := func(until time.Time) {
		if until.Before(next) {
			next = until
		}
	}
	for _, e := range d.events {
		due := later(e.due, e.running)
		switch {
		case e.State != ledger.StateDeferred:
		case due.After(now):
			wait(due)
		case q.busy[e.Flow] < q.store.opts.Workers:
			q.busy[e.Flow]++
			e.running = now.Add(q.store.opts.AttemptTimeout + rescue)
			a := attempt{event: e.Event, job: e.job}
			q.group.Go(func() { q.attempt(ctx, a) })
		}
	}
	for _, p := range q.periodic {
		s := d.periodic[p.Name]
		if due := later(s.due, s.running); due.After(now) {
			wait(due)
			continue
		}
		timeout := cmp.Or(p.Timeout, periodicTimeout)
		s.due, s.running = now.Add(p.Every), now.Add(timeout)
		wait(s.due)
		q.group.Go(func() { q.runPeriodic(ctx, p, s, timeout) })
	}
	return max(time.Until(next), time.Millisecond)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (q *queue) attempt(ctx context.Context, a attempt) {
	limited, cancel := context.WithTimeout(ctx, q.store.opts.AttemptTimeout)
	verdict := q.handled(limited, a.event)
	cancel()
	err := q.store.settle(a, verdict)
	d := q.store.db
	d.mu.Lock()
	defer d.mu.Unlock()
	q.busy[a.event.Flow]--
	if e := d.events[a.event.ID]; err != nil && e != nil && e.job == a.job && !q.store.cut {
		e.running, e.due = time.Time{}, time.Now().Add(brokenRetry)
	}
	d.wakeQueues()
}

// handled calls the handler; one that panics would do so every time.
func (q *queue) handled(ctx context.Context, e ledger.Event) (verdict ledger.Verdict) {
	defer func() {
		if p := recover(); p != nil {
			verdict = ledger.Verdict{Action: ledger.Dead, Reason: fmt.Sprintf("a mistake in fftconnect: panic of type %T", p)}
		}
	}()
	return q.handle(ctx, e)
}

func (q *queue) runPeriodic(ctx context.Context, p ledger.Periodic, s *schedule, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_ = p.Run(ctx) // the next run is the repetition
	d := q.store.db
	d.mu.Lock()
	defer d.mu.Unlock()
	if !q.store.cut {
		s.running = time.Time{}
	}
	d.wakeQueues()
}
