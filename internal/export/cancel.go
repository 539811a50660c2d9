package export

import (
	"context"
	"fmt"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// maxConflicts bounds how often a cancellation is decided anew when the order
// changes under it.
const maxConflicts = 4

// CancelByID cancels the fulfillmenttools order of an order that commercetools
// says is cancelled, when that order's creation is noticed later than its
// cancellation was.
func (e *Exporter) CancelByID(ctx context.Context, orderID, fftOrderID string) (outcome.Result, error) {
	unlock, err := e.lanes.Lock(ctx, orderID)
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: another message about it is still being handled: %w", orderID, err)
	}
	defer unlock()
	return e.cancelThere(ctx, orderID, fftOrderID)
}

// cancel finds the counterpart of an order that is cancelled or deleted, and
// cancels it.
func (e *Exporter) cancel(ctx context.Context, order commercetools.Snapshot) (outcome.Result, error) {
	result := outcome.Result{Order: order.ID}
	fftOrderID, claim, err := e.counterpart(ctx, order)
	if err != nil {
		return result, fmt.Errorf("cancel order %s: %w", order.ID, err)
	}
	if fftOrderID == "" {
		if wait := e.unsettled(claim); wait > 0 {
			return result, fmt.Errorf("cancel order %s: %w", order.ID, remote.Later(fulfillmenttools.Platform, "cancel order",
				"the order may just have been created there", wait))
		}
		result.Kind, result.Reason = outcome.Unchanged, "never exported, nothing to cancel"
		return result, nil
	}
	return e.cancelThere(ctx, order.ID, fftOrderID)
}

func (e *Exporter) counterpart(ctx context.Context, order commercetools.Snapshot) (string, Claim, error) {
	claim, err := e.opts.Claims.Claim(ctx, order.ID)
	if err != nil {
		return "", claim, err
	}
	if id := firstOf(claim.FFTOrderID, order.Text(OrderIDField)); id != "" {
		return id, claim, nil
	}
	names := []string{TenantOrderID(order.ID, order.OrderNumber)}
	for _, other := range []string{claim.TenantOrderID, order.ID} {
		if other != "" && other != names[0] {
			names = append(names, other)
		}
	}
	for _, name := range names {
		found, err := e.lookUp(ctx, order.ID, name)
		if remote.Is(err, remote.Rejected) {
			continue // an order of another owner
		}
		if err != nil {
			return "", claim, err
		}
		if found.ID != "" {
			return found.ID, claim, nil
		}
	}
	return "", claim, nil
}

// cancelThere is harmless when it runs twice: a cancelled order stays as it is.
func (e *Exporter) cancelThere(ctx context.Context, orderID, fftOrderID string) (outcome.Result, error) {
	result := outcome.Result{Order: orderID}
	var err error
	for range maxConflicts {
		var there fulfillmenttools.Order
		there, err = e.opts.Target.Order(ctx, fftOrderID)
		if remote.Is(err, remote.NotFound) {
			result.Kind, result.Reason = outcome.Unchanged, "no longer in fulfillmenttools"
			return result, nil
		}
		if err != nil {
			return result, fmt.Errorf("cancel order %s: %w", orderID, err)
		}
		if there.Status == fulfillmenttools.OrderCancelled {
			result.Kind, result.Reason = outcome.Unchanged, "cancelled already"
			return result, nil
		}
		_, err = e.opts.Target.CancelOrder(ctx, fftOrderID, there.Version, false)
		if e.opts.ForceCancel && remote.Is(err, remote.Rejected) {
			_, err = e.opts.Target.CancelOrder(ctx, fftOrderID, there.Version, true)
		}
		if err == nil {
			result.Kind, result.Reason = outcome.Applied, "cancelled in fulfillmenttools"
			return result, nil
		}
		if !remote.Is(err, remote.Conflict) {
			break
		}
	}
	if remote.Is(err, remote.Rejected) {
		result.Kind = outcome.Refused
		result.Reason = fmt.Sprintf("fulfillmenttools order %s goes on although the order is cancelled: %v", fftOrderID, err)
		result.Hint = "stop it in fulfillmenttools, or set FFT_FORCE_CANCEL=true"
		return result, nil
	}
	return result, fmt.Errorf("cancel order %s: %w", orderID, err)
}
