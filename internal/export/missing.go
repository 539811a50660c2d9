package export

import (
	"context"
	"fmt"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// secondLook is how much longer than the lists lag a missing order is looked at again.
const secondLook = time.Second

// errUntilMissingForCertain is nil once the order was missing before, so long ago that the lists
// show by now what was created just before. What commercetools says only once is not
// enough to cancel what people may be working on.
func (e *Exporter) errUntilMissingForCertain(orderID string) error {
	now := e.opts.Now()
	since, before := e.missing.Get(orderID)
	if !before {
		since = now
		e.missing.Add(orderID, since)
	}
	if wait := e.opts.ListLag + secondLook - now.Sub(since); wait > 0 {
		return remote.NewTransient(fulfillmenttools.Platform, "cancel order", "the order is missing in commercetools, which is looked at a second time", wait)
	}
	return nil
}

// CancelMissing cancels the counterpart of an order that commercetools says does not
// exist, once it has said so twice.
func (e *Exporter) CancelMissing(ctx context.Context, orderID, fftOrderID string) (outcome.Result, error) {
	if err := e.errUntilMissingForCertain(orderID); err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, err)
	}
	return e.CancelByID(ctx, orderID, fftOrderID)
}
