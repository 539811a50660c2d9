package export

import (
	"context"
	"fmt"

	"fftconnect/internal/claim"
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
	return e.cancelInFulfillmenttools(ctx, orderID, fftOrderID, e.opts.ForceCancel)
}

// cancel finds the counterpart of an order that is cancelled or deleted, and
// cancels it.
func (e *Exporter) cancel(ctx context.Context, order commercetools.Order) (outcome.Result, error) {
	result := outcome.Result{Order: order.ID}
	// Before the look-up, not after it: the list is as old as the question.
	kept, err := e.opts.Claims.Read(ctx, order.ID)
	if err != nil {
		return result, fmt.Errorf("cancel order %s: %w", order.ID, err)
	}
	whole := func(context.Context) (commercetools.Order, error) { return order, nil }
	fftOrderID, err := e.findCounterpartID(ctx, order.Snapshot, kept, whole)
	switch {
	case err != nil:
		return result, fmt.Errorf("cancel order %s: %w", order.ID, err)
	case fftOrderID != "":
		return e.cancelInFulfillmenttools(ctx, order.ID, fftOrderID, e.opts.ForceCancel)
	case kept.InFlight > 0:
		return result, fmt.Errorf("cancel order %s: %w", order.ID, remote.NewTransient(fulfillmenttools.Platform, "cancel order",
			"the order may just have been created there", kept.InFlight))
	}
	result.Kind, result.Reason = outcome.Unchanged, "never exported, nothing to cancel"
	return result, nil
}

// deletedOrder is what is known of a deleted order. The message is only believed about the
// order's name: whose the order of that name is, is looked into.
func deletedOrder(orderID string, hint Hint) commercetools.Order {
	order, err := commercetools.DecodeOrder([]byte(hint.Last))
	if err != nil || order.ID != orderID {
		order = commercetools.Order{}
	}
	order.ID, order.Snapshot.ID = orderID, orderID
	order.Snapshot.OrderNumber = firstOf(hint.OrderNumber, order.Snapshot.OrderNumber)
	delete(order.Snapshot.Fields, OrderIDField)
	return order
}

// findCounterpartID is the id of the order's counterpart; empty when none is known. whole
// reads the order in full.
func (e *Exporter) findCounterpartID(ctx context.Context, order commercetools.Snapshot, kept claim.State, whole func(context.Context) (commercetools.Order, error)) (string, error) {
	if id := firstOf(kept.FFTOrderID, order.TextField(OrderIDField)); id != "" {
		return id, nil
	}
	configured, nameless := "", error(nil)
	if len(kept.Names) == 0 {
		configured, nameless = e.configuredName(ctx, whole)
	}
	names := append([]string{configured, TenantOrderID(order.ID, order.OrderNumber)}, kept.Names...)
	for _, name := range withoutDuplicates(append(names, order.ID)...) {
		found, _, err := e.lookUp(ctx, order.ID, name)
		if err != nil {
			return "", err
		}
		if found.ID != "" {
			return found.ID, nil
		}
	}
	return "", nameless
}

// cancelInFulfillmenttools is harmless when it runs twice: a cancelled order stays as it is. A
// refusal counts only when the order is then found alive at the version that was
// refused: the answer to a cancellation that worked may have been lost. An order of
// another is not touched, whoever says that it is this one's.
func (e *Exporter) cancelInFulfillmenttools(ctx context.Context, orderID, fftOrderID string, force bool) (outcome.Result, error) {
	result := outcome.Result{Order: orderID}
	var refusal, err error
	refused := 0 // the version
	for range maxConflicts {
		var there fulfillmenttools.Order
		there, err = e.opts.Target.Order(ctx, fftOrderID)
		switch {
		case remote.Is(err, remote.NotFound):
			result.Kind, result.Reason = outcome.Unchanged, "no longer in fulfillmenttools"
			return result, nil
		case err != nil:
			return result, fmt.Errorf("cancel order %s: %w", orderID, err)
		case !e.belongsTo(orderID, there):
			return notOurOrder(orderID, "fulfillmenttools order %s is not of this order", fftOrderID), nil
		case there.Status == fulfillmenttools.OrderCancelled:
			result.Kind, result.Reason = outcome.Unchanged, "cancelled already"
			return result, nil
		case refusal != nil && there.Version == refused:
			return e.cancellationRefused(result, fftOrderID, refusal), nil
		}
		err = e.tryCancel(ctx, there, force)
		switch {
		case err == nil:
			result.Kind, result.Reason = outcome.Applied, "cancelled in fulfillmenttools"
			return result, nil
		case remote.Is(err, remote.Rejected):
			refusal, refused = err, there.Version
		case !remote.Is(err, remote.Conflict) && !remote.Is(err, remote.NotFound):
			return result, fmt.Errorf("cancel order %s: %w", orderID, err)
		}
	}
	if remote.Is(err, remote.Rejected) {
		return e.cancellationRefused(result, fftOrderID, err), nil
	}
	return result, fmt.Errorf("cancel order %s: %w", orderID, err)
}

func (e *Exporter) tryCancel(ctx context.Context, there fulfillmenttools.Order, force bool) error {
	_, err := e.opts.Target.CancelOrder(ctx, there.ID, there.Version, false)
	if force && remote.Is(err, remote.Rejected) {
		_, err = e.opts.Target.CancelOrder(ctx, there.ID, there.Version, true)
	}
	return err
}

// cancellationRefused makes visible what goes on although it was cancelled.
func (e *Exporter) cancellationRefused(result outcome.Result, fftOrderID string, refusal error) outcome.Result {
	result.Kind = outcome.Refused
	result.Reason = fmt.Sprintf("fulfillmenttools order %s goes on although the order is cancelled: %v", fftOrderID, refusal)
	result.Hint = "stop it in fulfillmenttools by hand, then discard this; with FFT_FORCE_CANCEL=true also what is being picked is cancelled"
	if e.opts.ForceCancel {
		result.Hint = "stop it in fulfillmenttools by hand, then discard this"
	}
	return result
}
