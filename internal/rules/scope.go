package rules

import (
	"cmp"
	"context"
)

type budgetKey struct{}

// WithBudget makes a whole budget that all that is done with the context shares: the
// rules of one order, while it is handled.
func WithBudget(ctx context.Context) context.Context {
	return context.WithValue(ctx, budgetKey{}, new(Budget))
}

// BudgetOf is the context's; a whole one where it has none.
func BudgetOf(ctx context.Context) *Budget {
	budget, _ := ctx.Value(budgetKey{}).(*Budget)
	return cmp.Or(budget, new(Budget))
}

// withBudget is the scope with a budget, a whole one where it had none.
func withBudget(scope any) (any, *Budget) {
	switch s := scope.(type) {
	case OrderScope:
		s.Budget = cmp.Or(s.Budget, new(Budget))
		return s, s.Budget
	case LineScope:
		s.Budget = cmp.Or(s.Budget, new(Budget))
		return s, s.Budget
	case EventScope:
		s.Budget = cmp.Or(s.Budget, new(Budget))
		return s, s.Budget
	}
	return scope, new(Budget)
}

// OrderScope is what expressions about an order read.
type OrderScope struct {
	Order  Order   `expr:"order"`
	Budget *Budget `expr:"$budget"` // that the rules share; nil is one for each
}

// LineScope is what expressions about one line of an order read.
type LineScope struct {
	Order  Order   `expr:"order"`
	Line   *Line   `expr:"line"`
	Budget *Budget `expr:"$budget"` // that the rules share; nil is one for each
}

// EventScope is what expressions about an event of fulfillmenttools read.
type EventScope struct {
	Event   string  `expr:"event"`
	Payload Payload `expr:"payload"`
	Budget  *Budget `expr:"$budget"` // that the rules share; nil is one for each
}

// Payload is the order, pick job or handover job that an event speaks of, by
// fulfillmenttools' names.
type Payload struct {
	ID               string         `expr:"id"`
	Status           string         `expr:"status"`
	ShortID          string         `expr:"shortId"`
	FacilityRef      string         `expr:"facilityRef"`
	TenantOrderID    string         `expr:"tenantOrderId"`
	Channel          string         `expr:"channel"`
	Created          string         `expr:"created"`      // RFC 3339
	LastModified     string         `expr:"lastModified"` // RFC 3339
	CarrierKey       string         `expr:"carrierKey"`
	TrackingNumber   string         `expr:"trackingNumber"`
	TrackingURL      string         `expr:"trackingUrl"`
	CustomAttributes map[string]any `expr:"customAttributes"`
}
