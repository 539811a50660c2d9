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
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Exporter is the flow behind commercetools' messages.
type Exporter interface {
	Handle(ctx context.Context, orderID string, hint export.Hint) (outcome.Result, error)
}

// readMessages reads what a broker delivered: one message or several.
func (s *Server) readMessages(body *requestBody) []task {
	items := commercetools.Decode(body, body.isCut)
	body.drain() // for what is kept of one that makes no sense
	var tasks []task
	for _, item := range items {
		tasks = append(tasks, s.newMessageTask(item, body))
	}
	return tasks
}

func (s *Server) newMessageTask(item commercetools.Item, body *requestBody) task {
	t := s.untracedTask(item, body)
	t.trace.Parent = item.Trace
	return t
}

func (s *Server) untracedTask(item commercetools.Item, body *requestBody) task {
	n := item.Notification
	switch {
	case s.opts.Exporter == nil && (n.ResourceType == "order" || s.opts.Channels == nil && n.ResourceType != resourceChannel):
		return s.switchedOffTask(outcome.Export)
	case errors.Is(item.Err, commercetools.ErrTooLarge):
		return unreadableTask(outcome.Export, ledger.TypeTooLarge, item.Err.Error(), isDeliveryPath("/event"), body.text)
	case errors.Is(item.Err, commercetools.ErrUnconfirmed):
		return unreadableTask(outcome.Export, ledger.TypeUnreadable, item.Err.Error(), "confirm the subscription with the Token in SNS' message (aws sns confirm-subscription), or have SNS deliver raw to an endpoint that is confirmed", body.text)
	case item.Err != nil:
		return unreadableTask(outcome.Export, ledger.TypeUnreadable, item.Err.Error(), isDeliveryPath("/event"), body.text)
	case item.Validation != "":
		t := finishedTask(outcome.Export, outcome.Result{Kind: outcome.Ignored, Reason: "Event Grid asked whether this endpoint is ours"})
		t.validation = item.Validation
		return t
	case item.Unsubscribed != "":
		return finishedTask(outcome.Export, outcome.Result{
			Kind: outcome.Ignored, Reason: "SNS ended the subscription of " + item.Unsubscribed,
			Hint: "subscribe again if it still carries commercetools' messages",
		})
	case n.ResourceType == resourceChannel:
		return task{entry: outcome.Entry{Flow: outcome.Facilities, Type: knownMessageType(n), EventID: n.ChangeID()}, body: n.Encode, run: s.handlerFor(n)}
	default:
		return task{entry: outcome.Entry{Flow: outcome.Export, Type: knownMessageType(n), EventID: n.ID}, body: n.Encode, run: s.handlerFor(n)}
	}
}

// handlerFor handles one of commercetools' messages.
func (s *Server) handlerFor(n commercetools.Notification) handleFunc {
	ignored := func(reason string) (outcome.Result, error) {
		return outcome.Result{Kind: outcome.Ignored, Reason: reason}, nil
	}
	return func(ctx context.Context, entry *outcome.Entry) (outcome.Result, error) {
		switch {
		case n.ResourceType == "subscription":
			return ignored("test of the subscription")
		case n.ProjectKey != "" && n.ProjectKey != s.opts.ProjectKey:
			return ignored("a message of another project")
		case n.ResourceType != resourceChannel && (n.Kind != "Message" || n.ResourceType != "order" || !isNeededByAnyRule(n)):
			return ignored("not a message that concerns us")
		case !commercetools.IsID(n.ResourceID):
			return ignored("what it names is no id")
		case n.ResourceType == resourceChannel:
			return s.handleChannel(ctx, n)
		case isOurField(n.Field), s.isOnlyCorrection(ctx, n) && !s.waitsForCorrection(ctx, n.ResourceID):
			return outcome.Result{Kind: outcome.Ignored, Reason: "nothing that the order waits for", Quiet: true}, nil
		case !s.mustReadOrder(ctx, n):
			return outcome.Result{Kind: outcome.Ignored, Order: n.ResourceID, Reason: "order state is " + n.OrderState}, nil
		}
		return s.exportOrCancel(ctx, n, export.Hint{
			OrderNumber: n.OrderNumber, Deleted: n.MessageType == commercetools.OrderDeleted, Last: n.Deleted,
			Confirmed: n.OrderState == commercetools.StateConfirmed, Revived: n.OldState == commercetools.StateCancelled,
			Changed: export.TellsChange(n.MessageType), Message: n.MessageType, Insist: entry.Attempt > 1,
		})
	}
}

// exportOrCancel has the order exported or cancelled. A correction that does not suffice is no
// message to be kept: the one that failed first is.
func (s *Server) exportOrCancel(ctx context.Context, n commercetools.Notification, hint export.Hint) (outcome.Result, error) {
	if err := s.errStrangerLimit(ctx); err != nil {
		return outcome.Result{Order: n.ResourceID}, err
	}
	result, err := s.opts.Exporter.Handle(ctx, n.ResourceID, hint)
	if err != nil && !remote.KindOf(err).IsTemporary() && (s.isOnlyCorrection(ctx, n) || hint.Changed && s.waitsForCorrection(ctx, n.ResourceID)) {
		return outcome.Result{Kind: outcome.Ignored, Order: n.ResourceID, Reason: "corrected, but still: " + err.Error()}, nil
	}
	return result, err
}

// isOnlyCorrection reports a message that decides nothing under the shop's rules: it matters
// only to an order that could not be exported.
func (s *Server) isOnlyCorrection(ctx context.Context, n commercetools.Notification) bool {
	if n.MessageType == "" || slices.Contains(alwaysDecisive, n.MessageType) {
		return false
	}
	rules, err := s.opts.Rules(ctx)
	return err == nil && !slices.Contains(export.DecisiveMessages(rules), n.MessageType)
}

var alwaysDecisive = export.DecisiveMessages(config.ExportRules{})

// waitsForCorrection reports whether the order could not be exported and waits to be corrected.
func (s *Server) waitsForCorrection(ctx context.Context, orderID string) bool {
	if s.opts.Waits == nil {
		return false
	}
	waits, err := s.opts.Waits(ctx, orderID)
	return waits || err != nil
}

// isNeededByAnyRule reports whether the message is one that any rule needs. Of one that was too
// large to be read to its type that is not known.
func isNeededByAnyRule(n commercetools.Notification) bool {
	return n.MessageType == "" || export.MayMatter(n.MessageType)
}

// mustReadOrder reports whether the order must be read. What matters without any rules is
// looked into under all of them, and everything is while they cannot be read.
func (s *Server) mustReadOrder(ctx context.Context, n commercetools.Notification) bool {
	if n.MessageType == commercetools.OrderDeleted || export.MustReadOrder(n.OrderState, config.ExportRules{}) {
		return true
	}
	rules, err := s.opts.Rules(ctx)
	return err != nil || export.MustReadOrder(n.OrderState, rules)
}

// isOurField reports a custom field that only we write: a message about it is an echo.
func isOurField(name string) bool { return slices.Contains(ourFields, name) }

var ourFields = func() []string {
	names := append(feedback.Documented.AllNames(), feedback.Legacy.AllNames()...)
	for _, field := range feedback.OptionalFields(config.FeedbackRules{ParcelsField: true}) {
		names = append(names, field.Name)
	}
	return names
}()

// MessageTypes are the labels that metrics may give a flow's messages of interest, and those
// that cannot be read.
func MessageTypes(flow outcome.Flow) []string {
	names := fulfillmenttools.Events
	switch flow {
	case outcome.Export:
		names = export.AllMessages()
	case outcome.Facilities:
		return channelTypes() // one that cannot be read is not known to be about a channel
	}
	return append(slices.Clone(names), ledger.TypeUnreadable, ledger.TypeTooLarge)
}

// knownMessageType is a label for metrics: one of a fixed set.
func knownMessageType(n commercetools.Notification) string {
	switch {
	case export.MayMatter(n.MessageType):
		return n.MessageType
	case n.ResourceType == "subscription":
		return "SubscriptionTest"
	case n.ResourceType == resourceChannel && channelChanges[n.Kind] != "":
		return channelChanges[n.Kind]
	default:
		return "other"
	}
}
