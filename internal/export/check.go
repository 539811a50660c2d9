package export

import (
	"slices"
	"strconv"
	"strings"

	"fftconnect/internal/fulfillmenttools"
)

// checkMapped reports what fulfillmenttools would refuse, and where it came from.
func (m *mapping) checkMapped(mapped *fulfillmenttools.OrderForCreation) {
	found := mapped.Problems()
	if len(found) > 0 {
		m.traceAgain(mapped)
	}
	for _, problem := range found {
		if problem.Field == "orderLineItems" && len(m.items) == 0 {
			continue // it was said why there are none
		}
		if problem.Field == "deliveryPreferences.collect[0]" && m.collectProblem != nil {
			m.addProblem("%s", m.collectProblem)
			continue
		}
		m.addProblem("%s%s%s", m.lineLabelOf(problem.Field), problem, m.sourceOf(problem.Field))
	}
}

// traceAgain has the trail of what is sent. An order with problems is rare: it is mapped once
// more, and watched.
func (m *mapping) traceAgain(mapped *fulfillmenttools.OrderForCreation) {
	if m.trail == nil {
		watched := newMapping(*m.order, *m.shop, m.surroundings)
		watched.trail = &trail{rows: map[string]row{}}
		watched.fillOrder()
		m.trail = watched.trail
	}
	m.trail.dropUnsent(mapped)
}

// lineLabelOf names the line item that the field is of.
func (m *mapping) lineLabelOf(field string) string {
	rest, ok := strings.CutPrefix(field, "orderLineItems[")
	if !ok {
		return ""
	}
	index, _, _ := strings.Cut(rest, "]")
	if n, err := strconv.Atoi(index); err == nil && n < len(m.items) {
		return m.items[n].lineName() + ": "
	}
	return ""
}

// sourceOf says where the field was taken from, as the mapping was seen to do it; for one
// that nothing filled, from where the rules would take it.
func (m *mapping) sourceOf(field string) string {
	source := m.trail.sourceOf(field)
	if path := m.settingFor(field); path != "" && (source == "" || strings.HasPrefix(source, setOrigin)) {
		source = setOrigin + "." + path
	}
	if source != "" {
		return " (from " + source + ")"
	}
	closest, from := "", ""
	for _, source := range ruleNames() {
		name, _, _ := strings.Cut(source.field, " ")
		if isWithinPath(withoutIndexes(field), name) && len(name) > len(closest) {
			closest, from = name, " (from "+source.from+")"
		}
	}
	return from
}

// settingFor is the path in export.set that says most closely what fills the field.
func (m *mapping) settingFor(field string) (closest string) {
	for path := range m.shop.Export.Set {
		if isWithinPath(withoutIndexes(field), withoutIndexes(path)) && len(path) > len(closest) {
			closest = path
		}
	}
	return closest
}

func isWithinPath(field, part string) bool {
	rest, ok := strings.CutPrefix(field, strings.TrimSuffix(part, "[]"))
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// ruleName is what a rule fills and where that comes from.
type ruleName struct{ field, from string }

// ruleNames lists all rules.
func ruleNames() []ruleName {
	all := slices.Concat(namesOfRules("", orderRules), namesOfRules("", serviceRules))
	all = append(all, namesOfRules("consumer.addresses[].", addressRules)...)
	all = append(all, namesOfRules("orderLineItems[].", lineRules)...)
	all = append(all, namesOfRules("pricing.", pricingRules)...)
	all = append(all, namesOfRules("deliveryPreferences.shipping.", shippingRules)...)
	return append(all, namesOfRules("deliveryPreferences.collect[].", collectRules)...)
}

func namesOfRules[From, To any](place string, rules []rule[From, To]) []ruleName {
	listed := make([]ruleName, len(rules))
	for i, r := range rules {
		listed[i] = ruleName{place + r.field, r.from}
	}
	return listed
}
