package intake

import (
	"context"
	"errors"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// Exporter is the flow behind commercetools' messages.
type Exporter interface {
	Handle(ctx context.Context, orderID string, hint export.Hint) (outcome.Result, error)
}

// orderMessages are the message types that may lead to an export or a cancellation.
var orderMessages = []string{
	commercetools.OrderCreated, commercetools.OrderImported, commercetools.OrderCreatedFromRecurringOrder,
	commercetools.OrderStateChanged, commercetools.OrderDeleted,
}

// message handles one of commercetools' messages.
func (s *Server) message(ctx context.Context, body []byte, entry *outcome.Entry) (outcome.Result, error) {
	n, err := commercetools.DecodeNotification(body)
	if err != nil {
		entry.Type = typeUnreadable
		hint := "check what delivers to /event"
		if errors.Is(err, commercetools.ErrUnconfirmed) {
			hint = "confirm the subscription with the Token in SNS' message (aws sns confirm-subscription), or have SNS deliver raw to an endpoint that is confirmed"
		}
		return outcome.Result{Kind: outcome.Rejected, Reason: err.Error(), Hint: hint}, nil
	}
	entry.Type, entry.EventID = messageType(n), n.ID
	ignored := func(reason string) (outcome.Result, error) {
		return outcome.Result{Kind: outcome.Ignored, Reason: reason}, nil
	}
	switch {
	case n.ResourceType == "subscription":
		return ignored("test of the subscription")
	case n.ProjectKey != "" && n.ProjectKey != s.opts.ProjectKey:
		return ignored("a message of another project")
	case n.Kind != "Message" || n.ResourceType != "order" || !slices.Contains(orderMessages, n.MessageType):
		return ignored("not a message that concerns us")
	case !matters(n):
		return outcome.Result{Kind: outcome.Ignored, Order: n.ResourceID, Reason: "order state is " + n.OrderState}, nil
	}
	hint := export.Hint{
		OrderNumber: n.OrderNumber, Deleted: n.MessageType == commercetools.OrderDeleted,
		Confirmed: n.OrderState == commercetools.StateConfirmed, At: n.At,
	}
	return s.opts.Exporter.Handle(ctx, n.ResourceID, hint)
}

// matters reports whether the order must be read. Another state than the two that
// lead somewhere is followed by a message of its own when it changes; a message that
// does not tell the state is looked into.
func matters(n commercetools.Notification) bool {
	if n.MessageType == commercetools.OrderDeleted {
		return true
	}
	switch n.OrderState {
	case "", commercetools.StateConfirmed, commercetools.StateCancelled:
		return true
	default:
		return false
	}
}

// Types are the labels that metrics may give a flow's messages of interest, and those
// that cannot be read.
func Types(flow outcome.Flow) []string {
	names := fulfillmenttools.Events
	if flow == outcome.Export {
		names = orderMessages
	}
	return append(slices.Clone(names), typeUnreadable, typeTooLarge)
}

// messageType is a label for metrics: one of a fixed set.
func messageType(n commercetools.Notification) string {
	switch {
	case slices.Contains(orderMessages, n.MessageType):
		return n.MessageType
	case n.ResourceType == "subscription":
		return "SubscriptionTest"
	default:
		return "other"
	}
}
