package export

import (
	"context"
	"fmt"
	"maps"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// MappedWithoutSending is what Handle would do about an order that nobody has exported yet.
type MappedWithoutSending struct {
	Decision
	Order fulfillmenttools.OrderForCreation // when the verdict is to create it
	Notes []string
}

// MapWithoutSending decides and maps as Handle would, as if the order had no counterpart, and
// changes nothing.
func (e *Exporter) MapWithoutSending(ctx context.Context, order commercetools.Order) (MappedWithoutSending, error) {
	order.Snapshot.Fields = maps.Clone(order.Snapshot.Fields)
	delete(order.Snapshot.Fields, OrderIDField)
	var intention MappedWithoutSending
	shop, decision, err := e.decide(ctx, order)
	if intention.Decision = decision; err == nil && decision.Verdict == Create {
		intention.Order, intention.Notes, err = e.mapOrder(ctx, order, shop)
	}
	if err != nil {
		return intention, fmt.Errorf("order %s: %w", order.ID, err)
	}
	return intention, nil
}
