package export

import (
	"slices"
	"strconv"
	"strings"

	"fftconnect/internal/fulfillmenttools"
)

// check reports what fulfillmenttools would refuse, and where it came from.
func (m *mapping) check(mapped *fulfillmenttools.OrderForCreation) {
	found := mapped.Problems()
	if len(found) > 0 {
		m.retrace(mapped)
	}
	for _, problem := range found {
		if problem.Field == "orderLineItems" && len(m.items) == 0 {
			continue // it was said why there are none
		}
		if problem.Field == "deliveryPreferences.collect[0]" && m.nowhere != nil {
			m.problem("%s", m.nowhere)
			continue
		}
		m.problem("%s%s%s", m.lineOf(problem.Field), problem, m.sourceOf(problem.Field))
	}
}

// retrace has the trail of what is sent. An order with problems is rare: it is mapped once
// more, and watched.
func (m *mapping) retrace(mapped *fulfillmenttools.OrderForCreation) {
	if m.trail == nil {
		watched := newMapping(*m.order, *m.shop, m.around)
		watched.trail = &trail{rows: map[string]row{}}
		watched.fill()
		m.trail = watched.trail
	}
	m.trail.keep(mapped)
}

// lineOf names the line item that the field is of.
func (m *mapping) lineOf(field string) string {
	rest, ok := strings.CutPrefix(field, "orderLineItems[")
	if !ok {
		return ""
	}
	index, _, _ := strings.Cut(rest, "]")
	if n, err := strconv.Atoi(index); err == nil && n < len(m.items) {
		return m.items[n].label() + ": "
	}
	return ""
}

// sourceOf says where the field was taken from, as the mapping was seen to do it; for one
// that nothing filled, from where the rules would take it.
func (m *mapping) sourceOf(field string) string {
	source := m.trail.sourceOf(field)
	if path := m.setPath(field); path != "" && (source == "" || strings.HasPrefix(source, setOrigin)) {
		source = setOrigin + "." + path
	}
	if source != "" {
		return " (from " + source + ")"
	}
	closest, from := "", ""
	for _, source := range ruleNames() {
		name, _, _ := strings.Cut(source.field, " ")
		if within(anyIndex(field), name) && len(name) > len(closest) {
			closest, from = name, " (from "+source.from+")"
		}
	}
	return from
}

// setPath is the path in export.set that says most closely what fills the field.
func (m *mapping) setPath(field string) (closest string) {
	for path := range m.shop.Export.Set {
		if within(anyIndex(field), anyIndex(path)) && len(path) > len(closest) {
			closest = path
		}
	}
	return closest
}

func within(field, part string) bool {
	rest, ok := strings.CutPrefix(field, strings.TrimSuffix(part, "[]"))
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// ruleName is what a rule fills and where that comes from.
type ruleName struct{ field, from string }

// ruleNames lists all rules.
func ruleNames() []ruleName {
	all := slices.Concat(listedRules("", orderRules), listedRules("", serviceRules))
	all = append(all, listedRules("consumer.addresses[].", addressRules)...)
	all = append(all, listedRules("orderLineItems[].", lineRules)...)
	all = append(all, listedRules("pricing.", pricingRules)...)
	all = append(all, listedRules("deliveryPreferences.shipping.", shippingRules)...)
	return append(all, listedRules("deliveryPreferences.collect[].", collectRules)...)
}

func listedRules[From, To any](place string, rules []rule[From, To]) []ruleName {
	listed := make([]ruleName, len(rules))
	for i, r := range rules {
		listed[i] = ruleName{place + r.field, r.from}
	}
	return listed
}
