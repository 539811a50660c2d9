package export

// rule fills one field of the fulfillmenttools order. The tables of rules are those of
// docs/mapping.md.
type rule[From, To any] struct {
	field string // by fulfillmenttools' names; [] stands for an entry of a list
	from  string // where commercetools, or the shop's configuration, has it
	apply func(m *mapping, from From, to *To)
}

// place is where rules fill something in, and from what: paths such as
// orderLineItems[0] and mapLineItems[0]. It is only known when the mapping is explained.
type place struct{ to, from string }

// applyRules applies the rules in their order.
func applyRules[From, To any](m *mapping, at place, rules []rule[From, To], from From, to *To) {
	for i := range rules {
		if m.trail == nil {
			rules[i].apply(m, from, to)
			continue
		}
		m.origin = ""
		done := m.trail.watchRule(m, at, rules[i].field, rules[i].from, to)
		rules[i].apply(m, from, to)
		done()
	}
}
