package export

import (
	"context"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// Find gives the order's counterpart as it is now, found by what is known of it or
// else by its names; the zero Order when there is none. It changes nothing.
func (e *Exporter) Find(ctx context.Context, order commercetools.Snapshot) (fulfillmenttools.Order, error) {
	claim, err := e.opts.Claims.Claim(ctx, order.ID)
	if err != nil {
		return fulfillmenttools.Order{}, err
	}
	id, err := e.counterpart(ctx, order, claim)
	if err != nil || id == "" {
		return fulfillmenttools.Order{}, err
	}
	found, err := e.opts.Target.Order(ctx, id)
	if remote.Is(err, remote.NotFound) {
		return fulfillmenttools.Order{}, nil
	}
	return found, err
}

// Preview maps an order as Handle would, and creates nothing.
func (e *Exporter) Preview(ctx context.Context, orderID string) ([]string, error) {
	order, err := e.opts.Source.Order(ctx, orderID)
	if err != nil {
		return nil, err
	}
	_, notes, err := e.mapped(ctx, order)
	return notes, err
}
