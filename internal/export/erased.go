package export

import (
	"context"
	"fmt"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// ErasedAfter is the age from which fulfillmenttools anonymises orders, and deletes them
// later, unless a tenant says otherwise (its configuration gdpr: 30 days, then 180 more).
const ErasedAfter = 30 * 24 * time.Hour

// errMayBeErased is an error for an order so old that fulfillmenttools may have erased its
// counterpart, of which neither the order nor a claim nor fulfillmenttools knows anything:
// whether it was ever exported cannot be told, and exporting it could ship it twice. It is
// nil when somebody asks for the export.
func (e *Exporter) errMayBeErased(ctx context.Context, order commercetools.Order, trigger config.Trigger, hint Hint) error {
	age := e.opts.Now().Sub(order.Snapshot.CreatedAt)
	if order.Snapshot.CreatedAt.IsZero() || age <= ErasedAfter || hint.asksForExport(trigger) {
		return nil
	}
	kept, err := e.opts.Claims.Read(ctx, order.ID)
	if err != nil || kept.Version != 0 {
		return err
	}
	there, err := e.FindCounterpart(ctx, order.Snapshot)
	if err != nil || there.ID != "" {
		return err
	}
	return &remote.Error{
		Platform: fulfillmenttools.Platform, Operation: "create order", Kind: remote.Rejected,
		Message: fmt.Sprintf("the order was placed %d days ago, and fulfillmenttools erases orders: whether it was exported before cannot be told", age/(24*time.Hour)),
		Hint:    "if it still is to be fulfilled: fftconnect orders resend " + order.ID,
	}
}

// asksForExport reports whether the export was asked for: by a person, or by a message that says
// that the order has just come into a state that leads to it.
func (h Hint) asksForExport(trigger config.Trigger) bool {
	switch h.Message {
	case commercetools.OrderPaymentStateChanged:
		return trigger.PaymentState != ""
	case commercetools.OrderStateTransition:
		return trigger.WorkflowState != ""
	case commercetools.OrderShipmentStateChanged:
		return trigger.ShipmentState != ""
	case commercetools.OrderStateChanged:
		return true
	}
	return h.forced || h.Confirmed
}
