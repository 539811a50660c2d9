package intake

import (
	"context"
	"errors"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// Exporter is the flow behind commercetools' messages.
type Exporter interface {
	Handle(ctx context.Context, orderID string, hint export.Hint) (outcome.Result, error)
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
	if n.ResourceType == resourceChannel {
		entry.Flow, entry.EventID = outcome.Facilities, n.ChangeID()
	}
	ignored := func(reason string) (outcome.Result, error) {
		return outcome.Result{Kind: outcome.Ignored, Reason: reason}, nil
	}
	switch {
	case n.ResourceType == "subscription":
		return ignored("test of the subscription")
	case n.ProjectKey != "" && n.ProjectKey != s.opts.ProjectKey:
		return ignored("a message of another project")
	case n.ResourceType == resourceChannel:
		return s.channel(ctx, n)
	case n.Kind != "Message" || n.ResourceType != "order" || !slices.Contains(export.AllMessages(), n.MessageType), ourField(n.Field):
		return ignored("not a message that concerns us")
	case !s.matters(ctx, n):
		return outcome.Result{Kind: outcome.Ignored, Order: n.ResourceID, Reason: "order state is " + n.OrderState}, nil
	}
	hint := export.Hint{
		OrderNumber: n.OrderNumber, Deleted: n.MessageType == commercetools.OrderDeleted, Last: n.Deleted,
		Confirmed: n.OrderState == commercetools.StateConfirmed, At: n.At,
	}
	return s.opts.Exporter.Handle(ctx, n.ResourceID, hint)
}

// matters reports whether the order must be read. What matters without any rules is
// looked into under all of them, and everything is while they cannot be read.
func (s *Server) matters(ctx context.Context, n commercetools.Notification) bool {
	if n.MessageType == commercetools.OrderDeleted || export.Matters(n.OrderState, config.ExportRules{}) {
		return true
	}
	rules, err := s.opts.Rules(ctx)
	return err != nil || export.Matters(n.OrderState, rules)
}

// ourField reports a custom field that only we write: a message about it is an echo.
func ourField(name string) bool {
	further := feedback.Further(config.FeedbackRules{ParcelsField: true})
	return slices.Contains(feedback.Documented.All(), name) || slices.Contains(feedback.Legacy.All(), name) ||
		slices.ContainsFunc(further, func(f feedback.Field) bool { return f.Name == name })
}

// Types are the labels that metrics may give a flow's messages of interest, and those
// that cannot be read.
func Types(flow outcome.Flow) []string {
	names := fulfillmenttools.Events
	switch flow {
	case outcome.Export:
		names = export.AllMessages()
	case outcome.Facilities:
		return channelTypes() // one that cannot be read is not known to be about a channel
	}
	return append(slices.Clone(names), typeUnreadable, typeTooLarge)
}

// messageType is a label for metrics: one of a fixed set.
func messageType(n commercetools.Notification) string {
	switch {
	case slices.Contains(export.AllMessages(), n.MessageType):
		return n.MessageType
	case n.ResourceType == "subscription":
		return "SubscriptionTest"
	case n.ResourceType == resourceChannel && channelChanges[n.Kind] != "":
		return channelChanges[n.Kind]
	default:
		return "other"
	}
}
