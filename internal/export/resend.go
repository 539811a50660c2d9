package export

import (
	"context"
	"fmt"
	"maps"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Resend exports an order again whose counterpart was cancelled in fulfillmenttools, or
// expired there. While the counterpart goes on, nothing is done.
func (e *Exporter) Resend(ctx context.Context, orderID string) (outcome.Result, error) {
	unlock, err := e.lanes.Lock(ctx, orderID)
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: another message about it is still being handled: %w", orderID, err)
	}
	defer unlock()
	order, err := e.opts.Source.Order(ctx, orderID)
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, err)
	}
	return e.createAnew(ctx, order, Hint{forced: true})
}

// createAnew creates a counterpart in place of one that will not be fulfilled. Running it twice
// is harmless: the second run finds the new counterpart alive.
func (e *Exporter) createAnew(ctx context.Context, order commercetools.Order, hint Hint) (outcome.Result, error) {
	result := outcome.Result{Order: order.ID}
	known, err := e.opts.Claims.Recall(ctx, order.ID)
	if err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	before := firstOf(known.FFTOrderID, order.Snapshot.TextField(OrderIDField))
	if before != "" {
		there, err := e.opts.Target.Order(ctx, before)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return result, fmt.Errorf("order %s: %w", order.ID, err)
		}
		if err == nil && isAlive(there) {
			result.Kind, result.Reason = outcome.Unchanged, fmt.Sprintf("fulfillmenttools order %s is %s", there.ID, there.Status)
			return result, nil
		}
	}
	order.Snapshot.Fields = maps.Clone(order.Snapshot.Fields)
	delete(order.Snapshot.Fields, OrderIDField)
	if before != "" && order.Snapshot.ShipmentState == string(platform.ShipmentStateCanceled) {
		order.Snapshot.ShipmentState, order.ShipmentState = "", nil // of the one that is replaced
	}
	shop, decision, err := e.decide(ctx, order)
	if err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	if decision.Verdict != Create {
		result.Kind, result.Reason = outcome.Ignored, firstOf(decision.Reason, "it is cancelled")
		return result, nil
	}
	if err := e.opts.Claims.Release(ctx, order.ID, known.FFTOrderID); err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	hint.replaces = true
	return e.create(ctx, order, shop, hint, nil)
}
