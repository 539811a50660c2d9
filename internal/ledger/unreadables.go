package ledger

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// What Unreadables keep at most.
const (
	MaxUnreadable      = 1000
	MaxUnreadableBytes = 16 << 20 // of all bodies together
)

// errNoStore is why Unreadables do not keep what can be read.
var errNoStore = errors.New("there is no store")

// Unreadables are what a process without a store keeps: in its memory, and until it ends,
// the newest bodies that could not be read. What can be read stays with its sender. The
// zero value keeps nothing yet; it is safe for concurrent use.
type Unreadables struct {
	mu     sync.Mutex
	events []unreadableEvent // oldest first
	size   int               // bytes of their bodies
	last   int64             // id
}

type unreadableEvent struct {
	Event
	key string // its Key, which takes long to make
}

// Defer implements intake.Keeper: what can be read is not kept.
func (u *Unreadables) Defer(context.Context, Deferred, time.Duration) error { return errNoStore }

// AddDeadLetter implements intake.Keeper. A repetition takes the place of what it repeats; what can
// be read is let go of, having been told of.
func (u *Unreadables) AddDeadLetter(_ context.Context, d Deferred) error {
	if !d.IsUnreadable() {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	d.Body = slices.Clone(d.Body)
	key, now := d.Key(), time.Now()
	if i := slices.IndexFunc(u.events, func(e unreadableEvent) bool { return e.key == key }); i >= 0 {
		e := &u.events[i]
		e.Reason, e.Fix, e.LastAttemptAt = d.Reason, d.Fix, now
		e.Attempts++
		return nil
	}
	u.last++
	u.events = append(u.events, unreadableEvent{Event{Deferred: d, ID: u.last, State: StateDead, Attempts: 1, Since: now, LastAttemptAt: now}, key})
	u.size += len(d.Body)
	for len(u.events) > MaxUnreadable || u.size > MaxUnreadableBytes {
		u.removeAt(0)
	}
	return nil
}

func (u *Unreadables) removeAt(i int) {
	u.size -= len(u.events[i].Body)
	u.events = slices.Delete(u.events, i, i+1)
}

// Events lists what is kept as Ledger.Events does, with the bodies.
func (u *Unreadables) Events(filter Filter) []Event {
	u.mu.Lock()
	defer u.mu.Unlock()
	var found []Event
	for _, e := range u.events {
		if filter.matches(e.Event) {
			found = append(found, e.Event)
		}
	}
	if filter.Newest {
		slices.Reverse(found)
	}
	if filter.Limit > 0 {
		found = found[:min(len(found), filter.Limit)]
	}
	return found
}

// Discard forgets what the filter means. It returns how many.
func (u *Unreadables) Discard(filter Filter) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	before := len(u.events)
	for i := len(u.events) - 1; i >= 0; i-- {
		if filter.matches(u.events[i].Event) {
			u.removeAt(i)
		}
	}
	return before - len(u.events)
}

// Retry has what the filter means handled again, one after the other. What is done is
// forgotten; the rest is given back, with the reason why it stays. When ctx ends, the rest
// stays as it is.
func (u *Unreadables) Retry(ctx context.Context, filter Filter, handle func(context.Context, Event) Verdict) (done int, left []Event) {
	for _, e := range u.Events(filter) {
		if ctx.Err() != nil {
			left = append(left, e)
			continue
		}
		verdict := handle(ctx, e)
		e.Attempts, e.LastAttemptAt = e.Attempts+1, time.Now()
		if verdict.Action == Done {
			done++
		} else {
			e.Reason, e.Fix = verdict.Reason, verdict.Fix
			left = append(left, e)
		}
		u.applyVerdict(e, verdict)
	}
	return done, left
}

func (u *Unreadables) applyVerdict(e Event, verdict Verdict) {
	u.mu.Lock()
	defer u.mu.Unlock()
	i := slices.IndexFunc(u.events, func(kept unreadableEvent) bool { return kept.ID == e.ID })
	switch {
	case i < 0: // too old meanwhile
	case verdict.Action == Done:
		u.removeAt(i)
	default:
		u.events[i].Event = e
	}
}
