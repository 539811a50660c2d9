package intake

import (
	"bytes"
	"context"
	"encoding/json"
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

// readEvents reads what fulfillmenttools delivered: one event.
func (s *Server) readEvents(body *requestBody) []task {
	text, err := body.readAll()
	switch {
	case err != nil:
		return nil // it broke off
	case body.isCut():
		reason := fmt.Sprintf("the body is over %d bytes", s.opts.MaxBody)
		return []task{unreadableTask(outcome.Feedback, ledger.TypeTooLarge, reason, isDeliveryPath("/service"), text)}
	default:
		return []task{s.newEventTask(text, time.Now())}
	}
}

func (s *Server) newEventTask(text []byte, received time.Time) task {
	event, err := fulfillmenttools.DecodeEvent(text)
	event = event.ReceivedAt(received)
	entry := outcome.Entry{Flow: outcome.Feedback, Type: knownEventType(event.Name), EventID: event.ID}
	switch {
	case entry.Type == "other" && event.Name != "":
		t := finishedTask(outcome.Feedback, outcome.Result{Kind: outcome.Ignored, Reason: "not an event that concerns us"})
		t.entry = entry
		return t
	case err != nil:
		return unreadableTask(outcome.Feedback, ledger.TypeUnreadable, err.Error(), isDeliveryPath("/service"), text)
	}
	return task{entry: entry, body: func() []byte { return text }, content: func() []byte { return payloadOf(text) }, run: func(ctx context.Context, _ *outcome.Entry) (outcome.Result, error) {
		result, err := s.opts.Updater.Handle(ctx, event)
		return withNames(result, event), err
	}}
}

// payloadOf is an event's payload in one spelling: a repetition may come with another eventId,
// and with its fields in another order.
func payloadOf(event []byte) []byte {
	var wire struct {
		Payload any `json:"payload"`
	}
	decoder := json.NewDecoder(bytes.NewReader(event))
	decoder.UseNumber()
	if err := decoder.Decode(&wire); err != nil {
		return event // it was read as JSON before
	}
	payload, err := json.Marshal(wire.Payload)
	if err != nil {
		return event
	}
	return payload
}

// knownEventType is a label for metrics: one of a fixed set.
func knownEventType(name string) string {
	if slices.Contains(fulfillmenttools.Events, name) {
		return name
	}
	return "other"
}
