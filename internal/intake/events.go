package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// Updater is the flow behind fulfillmenttools' events.
type Updater interface {
	Handle(ctx context.Context, event fulfillmenttools.Event) (outcome.Result, error)
}

// events reads what fulfillmenttools delivered: one event.
func (s *Server) events(body *arrival) []task {
	text, err := body.whole()
	switch {
	case err != nil:
		return nil // it broke off
	case body.isCut():
		reason := fmt.Sprintf("the body is over %d bytes", s.opts.MaxBody)
		return []task{unreadable(outcome.Feedback, ledger.TypeTooLarge, reason, deliversTo("/service"), text)}
	default:
		return []task{s.eventTask(text, time.Now())}
	}
}

func (s *Server) eventTask(text []byte, received time.Time) task {
	event, err := fulfillmenttools.DecodeEvent(text)
	event = event.ReceivedAt(received)
	entry := outcome.Entry{Flow: outcome.Feedback, Type: eventType(event.Name), EventID: event.ID}
	switch {
	case entry.Type == "other" && event.Name != "":
		t := ending(outcome.Feedback, outcome.Result{Kind: outcome.Ignored, Reason: "not an event that concerns us"})
		t.entry = entry
		return t
	case err != nil:
		return unreadable(outcome.Feedback, ledger.TypeUnreadable, err.Error(), deliversTo("/service"), text)
	}
	return task{entry: entry, body: func() []byte { return text }, entity: entityOf(event.Payload), run: func(ctx context.Context, _ *outcome.Entry) (outcome.Result, error) {
		result, err := s.opts.Updater.Handle(ctx, event)
		return named(result, event), err
	}}
}

// entityOf names the entity at its version; empty when the payload does not tell the version.
func entityOf(payload fulfillmenttools.Payload) string {
	if payload.Version <= 0 {
		return ""
	}
	return fmt.Sprintf("%s@%d", payload.ID, payload.Version)
}

// eventType is a label for metrics: one of a fixed set.
func eventType(name string) string {
	if slices.Contains(fulfillmenttools.Events, name) {
		return name
	}
	return "other"
}
