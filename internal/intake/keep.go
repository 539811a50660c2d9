package intake

import (
	"context"
	"errors"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Keeper stores messages.
type Keeper interface {
	// Defer stores a message that is to be tried again, not before wait has passed.
	Defer(ctx context.Context, d ledger.Deferred, wait time.Duration) error
	// Bury stores a dead letter.
	Bury(ctx context.Context, d ledger.Deferred) error
}

// keepTime bounds how long the sender waits for the store.
const keepTime = 2 * time.Second

// keep stores what is not done, so that the sender need not. When the store is away
// the sender keeps it after all. Storing the same message twice stores it once.
func (s *Server) keep(ctx context.Context, body []byte, entry outcome.Entry) outcome.Kind {
	if s.opts.Keeper == nil || !worthKeeping(entry) {
		return entry.Kind
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	d := ledger.Deferred{
		Flow: entry.Flow, Type: entry.Type, Order: entry.Order, EventID: entry.EventID,
		Body: body, Reason: entry.Reason, Fix: entry.Hint, ReceivedAt: entry.At,
	}
	if entry.Kind == outcome.Returned {
		if err := s.opts.Keeper.Defer(ctx, d, remote.Wait(entry.Err)); err != nil {
			return outcome.Returned
		}
		return outcome.Deferred
	}
	if err := s.opts.Keeper.Bury(ctx, d); err != nil {
		return outcome.Returned
	}
	return entry.Kind
}

// worthKeeping is what may work later, by itself or once somebody has looked. A body
// that cannot be read never will, and anybody could fill the store with such.
func worthKeeping(entry outcome.Entry) bool {
	return entry.Kind == outcome.Returned || entry.Kind.NeedsAttention() && !unreadableType(entry.Type)
}

func unreadableType(name string) bool { return name == typeUnreadable || name == "other" }

// Resume handles a message out of the store, as it was handled when it came in.
func (s *Server) Resume(ctx context.Context, event ledger.Event) ledger.Verdict {
	next, active := s.event, s.opts.Updater != nil
	switch event.Flow {
	case outcome.Export:
		next, active = s.message, s.opts.Exporter != nil
	case outcome.Facilities:
		next, active = s.message, s.opts.Channels != nil
	}
	if !active {
		return ledger.Verdict{Action: ledger.Wait, Delay: time.Minute, Reason: "this flow is switched off"}
	}
	defer s.opts.Recorder.Begin()()
	entry := s.process(ctx, event.Body, outcome.Entry{At: time.Now(), Flow: event.Flow, Attempt: event.Attempts + 1}, next)
	verdict := verdictOn(entry)
	if entry.Kind == outcome.Returned {
		entry.Kind = outcome.Deferred
	}
	s.opts.Recorder.Record(entry)
	return verdict
}

// verdictOn says what becomes of a stored message after an attempt.
func verdictOn(entry outcome.Entry) ledger.Verdict {
	verdict := ledger.Verdict{Action: ledger.Done, Reason: entry.Reason, Fix: entry.Hint, Delay: remote.Wait(entry.Err)}
	switch {
	case entry.Kind.NeedsAttention():
		verdict.Action = ledger.Dead
	case entry.Kind != outcome.Returned:
	case remote.KindOf(entry.Err) == remote.Blocked, errors.Is(entry.Err, remote.ErrCircuitOpen):
		// Not its own fault: it waits for as long as that takes.
		verdict.Action = ledger.Wait
	case errors.Is(entry.Err, remote.ErrNotYet):
		verdict.Action = ledger.Later
	default:
		verdict.Action = ledger.Again
	}
	return verdict
}
