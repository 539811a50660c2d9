package export

import (
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// mapCustomLineItems exports those whose key or slug the shop named, unless they are vouchers.
func (m *mapping) mapCustomLineItems(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if n := m.selected.countExcluded(notNamed); n > 0 {
		m.addNote("custom line items: %d not exported", n)
	}
	if n := m.selected.countExcluded(negativePrice); n > 0 {
		m.addNote("custom line items: %d with a negative price not exported", n)
	}
	for _, i := range m.selected.customs {
		line := &order.CustomLineItems[i]
		m.mapLine(item{
			custom: line, index: i, id: line.ID, article: firstOf(orEmpty(line.Key), strings.TrimSpace(line.Slug)),
			names: line.Name, amount: line.Quantity, prices: customPricesOf(line), targets: shippingTargetsOf(line.ShippingDetails),
		}, to)
	}
	if len(to.OrderLineItems) == 0 && !m.nameless {
		m.addProblem("the order has no line item to fulfil")
	}
}

// matchesAny reports whether one of the patterns is that of the text; * stands for any
// text. No pattern is that of an empty text.
func matchesAny(patterns []string, text string) bool {
	return text != "" && slices.ContainsFunc(patterns, func(pattern string) bool { return matchesPattern(pattern, text) })
}

func matchesPattern(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(text, parts[0])
	if len(parts) == 1 || !ok {
		return ok && rest == ""
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, last)
}
