package export

import (
	"strconv"
	"strings"

	"fftconnect/internal/fulfillmenttools"
)

// check reports what fulfillmenttools would refuse, and where it came from.
func (m *mapping) check(mapped *fulfillmenttools.OrderForCreation) {
	for _, problem := range mapped.Problems() {
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

// sourceOf says where the field was taken from: of the rules that fill it or what it is
// part of, the one that says so most closely.
func (m *mapping) sourceOf(field string) string {
	field = anyIndex(field)
	closest, from := "", ""
	for path := range m.shop.Export.Set {
		if within(field, path) && len(path) > len(closest) {
			closest, from = path, " (from export.set."+path+")"
		}
	}
	if from != "" {
		return from
	}
	for _, source := range ruleNames() {
		name, _, _ := strings.Cut(source.field, " ")
		if within(field, name) && len(name) > len(closest) {
			closest, from = name, " (from "+source.from+")"
		}
	}
	return from
}

func within(field, part string) bool {
	rest, ok := strings.CutPrefix(field, strings.TrimSuffix(part, "[]"))
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// ruleName is what a rule fills and where that comes from.
type ruleName struct{ field, from string }

// ruleNames lists all rules.
func ruleNames() []ruleName {
	all := listedRules("", orderRules)
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
