package export

import (
	"context"
	"fmt"
	"sync"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// lookup is what a look-up brought.
type lookup struct {
	name    string
	found   fulfillmenttools.Order
	foreign string
	err     error
}

// lookAhead looks a confirmed order up while it is being read: both take one call,
// and neither needs the other. It gives nil when that is not worth a call; the answer
// has no name when it turned out so later.
func (e *Exporter) lookAhead(ctx context.Context, orderID string, hint Hint) func() lookup {
	if !hint.Confirmed {
		return nil
	}
	if known, err := e.opts.Claims.Recall(ctx, orderID); err != nil || known.Version != 0 {
		return nil
	}
	result := make(chan lookup, 1)
	go func() {
		var l lookup
		defer func() {
			if recover() != nil {
				l = lookup{} // it is asked again where a panic is told of
			}
			result <- l
		}()
		if shop, err := e.opts.Shop.Configuration(ctx); err != nil || !isEveryConfirmedOrderExported(shop.Export) {
			return
		}
		l.name = TenantOrderID(orderID, hint.OrderNumber)
		l.found, l.foreign, l.err = e.lookUp(ctx, orderID, l.name)
	}()
	return sync.OnceValue(func() lookup { return <-result })
}

// isEveryConfirmedOrderExported reports whether every confirmed order is exported.
func isEveryConfirmedOrderExported(shop config.ExportRules) bool {
	trigger := config.Trigger{OrderState: commercetools.StateConfirmed}
	return (shop.Trigger == trigger || shop.Trigger == (config.Trigger{})) && !shop.When.IsSet()
}

// lookUpOrTakeAhead takes the answer that was asked for ahead when it is of this name.
func (e *Exporter) lookUpOrTakeAhead(ctx context.Context, orderID, name string, ahead func() lookup) (fulfillmenttools.Order, string, error) {
	if ahead != nil {
		if l := ahead(); l.name == name {
			return l.found, l.foreign, l.err
		}
	}
	return e.lookUp(ctx, orderID, name)
}

// lookUp finds the order's counterpart by name, the one that is still alive if there
// are several. foreign is the id of a living order of the same name that belongs to
// another.
func (e *Exporter) lookUp(ctx context.Context, orderID, tenantOrderID string) (ours fulfillmenttools.Order, foreign string, err error) {
	all, foreign, err := e.lookUpAll(ctx, orderID, tenantOrderID)
	for _, found := range all {
		if ours = found; isAlive(found) {
			return ours, "", err
		}
	}
	return ours, foreign, err
}

// lookUpAll finds all orders of ours by name.
func (e *Exporter) lookUpAll(ctx context.Context, orderID, tenantOrderID string) (ours []fulfillmenttools.Order, foreign string, err error) {
	rows, err := e.opts.Target.OrdersByTenantOrderID(ctx, tenantOrderID)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		// The list's rows do not say whose they are.
		found, err := e.opts.Target.Order(ctx, row.ID)
		switch {
		case remote.Is(err, remote.NotFound):
		case err != nil:
			return nil, "", err
		case e.belongsTo(orderID, found):
			ours = append(ours, found)
		case isAlive(found):
			foreign = found.ID
		}
	}
	return ours, foreign, nil
}

// errNameTaken is the error of an order whose name another one has: creating ours would be
// refused. It is nil when ours was found or the name is free.
func errNameTaken(ours fulfillmenttools.Order, foreign string) error {
	if ours.ID != "" || foreign == "" {
		return nil
	}
	return &remote.Error{
		Platform: fulfillmenttools.Platform, Operation: "look order up", Kind: remote.Rejected,
		Message: fmt.Sprintf("order %s there has the tenantOrderId of this order but belongs to another", foreign),
		Hint:    "give one of them another order number, or cancel the other one",
	}
}

// isAlive reports whether fulfillmenttools keeps other orders from having its name.
func isAlive(order fulfillmenttools.Order) bool {
	switch order.Status {
	case fulfillmenttools.OrderCancelled, obsolete:
		return false
	default:
		return true
	}
}

// obsolete is the state of an order that another one replaced.
const obsolete = "OBSOLETE"
