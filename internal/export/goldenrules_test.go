package export_test

import (
	"strings"
	"testing"

	"fftconnect/internal/export"
	"fftconnect/internal/testform"
)

// fills reports whether the rule filled the field, or what the field is a part of.
func fills(rule [2]string, field export.Explained) bool {
	switch rule[0] {
	case "consumer.addresses[] POSTAL_ADDRESS":
		return field.Of == "shipping address"
	case "consumer.addresses[] INVOICE_ADDRESS":
		return field.Of == "billing address"
	case "orderLineItems[]":
		return strings.HasPrefix(field.Of, strings.TrimSuffix(rule[1], "]"))
	case "deliveryPreferences.shipping", "deliveryPreferences.collect[]", "pricing":
		return strings.HasPrefix(field.Rule, rule[0])
	}
	from, more, _ := strings.Cut(field.From, rule[1]) // and perhaps which of them
	return field.Rule == rule[0] && from == "" && (more == "" || more[0] == '.' || more[0] == '[')
}

// TestGoldenOrdersHitEveryRuleTwice demands two orders or more for each rule, told by
// what it fills and from where.
func TestGoldenOrdersHitEveryRuleTwice(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	rules := export.RuleNames()
	hits := map[[2]string]int{}
	for _, g := range catalogued(t) {
		fields := export.Explain(g.order, g.shop, g.surroundings).Fields
		for _, rule := range rules {
			for _, field := range fields {
				if fills(rule, field) {
					hits[rule]++
					break
				}
			}
		}
		for _, field := range fields {
			if field.Rule == "" || field.From == "" {
				t.Errorf("%s: nobody knows what filled %s", g.name(), field.Field)
			}
		}
	}
	if len(rules) < 30 {
		t.Errorf("there are %d rules: are that all?", len(rules))
	}
	for _, rule := range rules {
		if hits[rule] < 2 {
			t.Errorf("%s from %s is hit by %d golden orders", rule[0], rule[1], hits[rule])
		}
	}
}
