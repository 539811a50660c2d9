package export

import (
	"context"
	"slices"
	"strings"

	"fftconnect/internal/claim"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/rules"
)

// TenantOrderID is the name that an order has in fulfillmenttools unless the shop
// configured another: its order number as it is, else its id.
func TenantOrderID(id, orderNumber string) string {
	if strings.TrimSpace(orderNumber) != "" {
		return orderNumber
	}
	return id
}

// tenantOrderIDFor is the name that the order has in fulfillmenttools: what the shop's expression
// results in, else TenantOrderID. The error is *Undecided.
func tenantOrderIDFor(scope func() rules.OrderScope, order commercetools.Order, shop config.Shop) (string, error) {
	if shop.Export.TenantOrderID.IsSet() {
		name, err := shop.Export.TenantOrderID.EvalText(scope())
		if err != nil {
			return "", &Undecided{Rule: "export.tenantOrderId", Err: err}
		}
		if strings.TrimSpace(name) != "" {
			return name, nil
		}
	}
	return TenantOrderID(order.ID, order.Snapshot.OrderNumber), nil
}

// configuredName is the name by the shop's expression; empty when there is none, or the
// order is not known in full. An expression that fails at an order that export.when
// leaves out is no error: nobody exported it.
func (e *Exporter) configuredName(ctx context.Context, whole func(context.Context) (commercetools.Order, error)) (string, error) {
	shop, err := e.opts.Shop.Configuration(ctx)
	if err != nil || !shop.Export.TenantOrderID.IsSet() {
		return "", err
	}
	order, err := whole(ctx)
	if err != nil || order.Raw == nil {
		return "", ignoreNotFound(err)
	}
	scope := ruleScope(order, rules.BudgetOf(ctx))
	name, err := tenantOrderIDFor(scope, order, shop)
	if err != nil {
		if due, whenErr := evaluateRule("export.when", shop.Export.When, scope, true); whenErr == nil && !due {
			return "", nil
		}
	}
	return name, err
}

// possibleNames are those that an order may have there, most likely first: its own, the
// one from before the shop configured names, and the one from before it had its number.
func possibleNames(order commercetools.Order, attempt *claim.Attempt, hint Hint) []string {
	before, first := "", ""
	if attempt.First() {
		before = TenantOrderID(order.ID, order.Snapshot.OrderNumber)
	}
	if hint.OrderNumber == "" {
		first = order.ID
	}
	return withoutDuplicates(append(slices.Clone(attempt.Names()), before, first)...)
}

// withoutDuplicates are the names without empty ones and repetitions.
func withoutDuplicates(names ...string) (kept []string) {
	for _, name := range names {
		if name != "" && !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}
