package export

import (
	"context"
	"fmt"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/rules"
)

// unlockWhenReleased unlocks the counterpart of an exported order that export.hold does not hold any
// longer; else it gives the result back. there is the counterpart as it is now, or as far
// as it is known. It makes no call without export.hold, nor for an order that is known
// to be open.
func (e *Exporter) unlockWhenReleased(ctx context.Context, order commercetools.Order, shop config.Shop, there fulfillmenttools.Order, result outcome.Result) (outcome.Result, error) {
	if !shop.Export.Hold.IsSet() || e.open.Contains(order.ID) {
		return result, nil
	}
	if there.ID == "" {
		known, err := e.opts.Claims.Recall(ctx, order.ID)
		if err != nil {
			return result, fmt.Errorf("order %s: %w", order.ID, err)
		}
		there.ID = firstOf(known.FFTOrderID, order.Snapshot.TextField(OrderIDField))
	}
	if there.ID == "" {
		return result, nil // not exported
	}
	held, err := evaluateRule("export.hold", shop.Export.Hold, ruleScope(order, rules.BudgetOf(ctx)), false)
	if err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	if held {
		return result, nil
	}
	return e.unlockCounterpart(ctx, order.ID, there, result)
}

// unlockCounterpart is harmless when it runs twice: an order that is not locked stays as it is. As
// with a cancellation, a refusal counts only when the order is then found locked at the
// version that was refused.
func (e *Exporter) unlockCounterpart(ctx context.Context, orderID string, there fulfillmenttools.Order, result outcome.Result) (outcome.Result, error) {
	var refusal, err error
	refused := 0 // the version
	for range maxConflicts {
		if there.Status == "" {
			there, err = e.opts.Target.Order(ctx, there.ID)
		}
		switch {
		case remote.Is(err, remote.NotFound):
			return result, nil
		case err != nil:
			return result, fmt.Errorf("unlock order %s: %w", orderID, err)
		case there.Status != fulfillmenttools.OrderLocked:
			e.open.Add(orderID, struct{}{})
			return result, nil
		case refusal != nil && there.Version == refused:
			return result, fmt.Errorf("unlock order %s: %w", orderID, refusal)
		}
		_, failed := e.opts.Target.UnlockOrder(ctx, there.ID, there.Version)
		switch {
		case failed == nil:
			e.open.Add(orderID, struct{}{})
			result.Kind, result.Reason = outcome.Applied, "unlocked in fulfillmenttools"
			return result, nil
		case remote.Is(failed, remote.Rejected):
			refused = there.Version
		case !remote.Is(failed, remote.Conflict) && !remote.Is(failed, remote.NotFound):
			return result, fmt.Errorf("unlock order %s: %w", orderID, failed)
		}
		refusal = failed
		there.Status = "" // to be read again
	}
	return result, fmt.Errorf("unlock order %s: %w", orderID, refusal)
}
