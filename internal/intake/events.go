package intake

import (
	"context"
	"slices"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// Updater is the flow behind fulfillmenttools' events.
type Updater interface {
	Handle(ctx context.Context, event fulfillmenttools.Event) (outcome.Result, error)
}

// event handles one of fulfillmenttools' events.
func (s *Server) event(ctx context.Context, body []byte, entry *outcome.Entry) (outcome.Result, error) {
	event, err := fulfillmenttools.DecodeEvent(body)
	entry.Type, entry.EventID = eventType(event.Name), event.ID
	if entry.Type == "other" && event.Name != "" {
		return outcome.Result{Kind: outcome.Ignored, Reason: "not an event that concerns us"}, nil
	}
	if err != nil {
		if event.Name == "" {
			entry.Type = typeUnreadable
		}
		return outcome.Result{Kind: outcome.Rejected, Reason: err.Error(), Hint: "check what delivers to /service"}, nil
	}
	return s.opts.Updater.Handle(ctx, event)
}

// eventFlow is the flow of everything that comes to /service, and whether it is on.
func (s *Server) eventFlow([]byte) (flow outcome.Flow, active bool) {
	return outcome.Feedback, s.opts.Updater != nil
}

// eventType is a label for metrics: one of a fixed set.
func eventType(name string) string {
	if slices.Contains(fulfillmenttools.Events, name) {
		return name
	}
	return "other"
}
