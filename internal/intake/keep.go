package intake

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/tracing"
)

// Keeper stores messages. It does not keep the memory of a body, which is used again.
type Keeper interface {
	// Defer stores a message that is to be tried again, not before wait has passed.
	Defer(ctx context.Context, d ledger.Deferred, wait time.Duration) error
	// AddDeadLetter stores a dead letter.
	AddDeadLetter(ctx context.Context, d ledger.Deferred) error
}

// keepTime bounds how long the sender waits for the store.
const keepTime = 2 * time.Second

// storeForLater stores what is not done, so that the sender need not. When the store is away
// the sender keeps it after all. Storing the same message twice stores it once.
func (s *Server) storeForLater(ctx context.Context, t task, entry *outcome.Entry) outcome.Kind {
	if s.opts.Keeper == nil || t.body == nil || !isWorthStoring(t, *entry) {
		return entry.Kind
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	d := ledger.Deferred{
		Flow: entry.Flow, Type: entry.Type, Order: entry.Order, EventID: entry.EventID, Body: t.body(),
		Reason: entry.Reason, Fix: entry.Hint, Outcome: entry.Kind, ReceivedAt: entry.At, Trace: t.trace.Parent,
	}
	if t.content != nil {
		d.Content = t.content()
	}
	store, kept := s.opts.Keeper.AddDeadLetter, entry.Kind
	if entry.Kind == outcome.Returned {
		kept = outcome.Deferred
		store = func(ctx context.Context, d ledger.Deferred) error {
			return s.opts.Keeper.Defer(ctx, d, remote.WaitOf(entry.Err))
		}
	}
	if err := store(ctx, d); err != nil {
		entry.Notes = append(entry.Notes, "not stored: "+err.Error())
		return outcome.Returned
	}
	return kept
}

// isWorthStoring is what may work later, by itself or once somebody has looked. Of what
// strangers send it is only what has proved to be about an order: anybody could fill the store.
func isWorthStoring(t task, entry outcome.Entry) bool {
	if t.stranger && !entry.Found {
		return false
	}
	return entry.Kind == outcome.Returned || entry.Kind.NeedsAttention()
}

// Resume handles a message out of the store, as it was handled when it came in.
func (s *Server) Resume(ctx context.Context, event ledger.Event) ledger.Verdict {
	active := s.opts.Updater != nil
	switch event.Flow {
	case outcome.Export:
		active = s.opts.Exporter != nil
	case outcome.Facilities:
		active = s.opts.Channels != nil
	}
	switch {
	case s.isPaused(ctx, event.Flow):
		return waitVerdict(reasonPaused)
	case !active && !isUnreadable(event.Type):
		return waitVerdict(reasonSwitchedOff)
	}
	defer s.opts.Recorder.Begin()()
	verdict := ledger.Verdict{Action: ledger.Done}
	for _, t := range s.readStored(event) {
		v := waitVerdict(reasonSwitchedOff)
		if !t.off {
			t.entry.At, t.entry.Attempt = time.Now(), event.Attempts+1
			ctx, span := s.opts.Tracer.Message(ctx, &t.entry, tracing.Origin{Context: tracing.Context{Parent: event.Trace}, Apart: true})
			entry := s.handleAndRecord(ctx, t.entry, t.run)
			v = verdictOn(entry)
			if entry.Kind == outcome.Returned {
				entry.Kind = outcome.Deferred
			}
			span.End(&entry)
			s.opts.Recorder.Record(ctx, entry)
		}
		if urgency[v.Action] > urgency[verdict.Action] {
			verdict = v
		}
	}
	return verdict
}

// Why a direction's messages wait.
const (
	reasonSwitchedOff = "this flow is switched off"
	reasonPaused      = "this flow is paused"
)

func waitVerdict(reason string) ledger.Verdict {
	return ledger.Verdict{Action: ledger.Wait, Delay: time.Minute, Reason: reason}
}

// urgency says which verdict counts for a body with several messages: it goes on as long
// as anything of it may.
var urgency = map[ledger.Action]int{ledger.Done: 0, ledger.Dead: 1, ledger.Wait: 2, ledger.Later: 3, ledger.Again: 4}

// readStored reads a stored body. One that could not be read when it came may have come to
// the wrong endpoint, so whoever has it handled again has it tried as both kinds.
func (s *Server) readStored(event ledger.Event) []task {
	if event.IsOrderOnly() {
		return []task{{entry: outcome.Entry{Flow: event.Flow, Type: event.Type, EventID: event.EventID}, run: func(ctx context.Context, _ *outcome.Entry) (outcome.Result, error) {
			return s.opts.Compare(ctx, event.Order)
		}}}
	}
	if event.Flow == outcome.Feedback && !isUnreadable(event.Type) {
		return []task{s.newEventTask(event.Body, event.ReceivedAt)}
	}
	cut := len(event.Body) >= maxHead && isUnreadable(event.Type)
	body := &requestBody{text: event.Body, cut: cut}
	var messages []task
	for _, item := range commercetools.Decode(bytes.NewReader(event.Body), func() bool { return cut }) {
		messages = append(messages, s.newMessageTask(item, body))
	}
	if !isUnreadable(event.Type) {
		return messages
	}
	asEvent := s.newEventTask(event.Body, event.ReceivedAt)
	others := slices.ContainsFunc(messages, func(t task) bool { return !isUnreadable(t.entry.Type) })
	switch {
	case !others && !isUnreadable(asEvent.entry.Type), !others && event.Flow == outcome.Feedback:
		if s.opts.Updater == nil {
			asEvent = s.switchedOffTask(outcome.Feedback)
		}
		return []task{asEvent}
	default:
		return messages
	}
}

// verdictOn says what becomes of a stored message after an attempt.
func verdictOn(entry outcome.Entry) ledger.Verdict {
	verdict := ledger.Verdict{Action: ledger.Done, Reason: entry.Reason, Fix: entry.Hint, Outcome: entry.Kind, Delay: remote.WaitOf(entry.Err)}
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
