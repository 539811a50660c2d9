package rules_test

import (
	"testing"

	"fftconnect/internal/rules"
)

// BenchmarkRules is what typical rules cost for an order of three lines, and of 500.
func BenchmarkRules(b *testing.B) {
	for _, source := range []string{
		`order.store.key != "outlet"`,
		`not order.custom.fields.released`,
		`any(order.lineItems, .variant.attributes.fragile == true)`,
		`join(uniq(map(order.lineItems, .variant.sku)), ",")`,
		`any(order.lineItems, any(order.lineItems, .key == "x"))`,
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Any)
		if err != nil {
			b.Fatal(err)
		}
		for name, scope := range map[string]rules.OrderScope{"3 lines": bigScope(3, 100), "500 lines": bigScope(500, 100)} {
			b.Run(source+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					scope.Budget = new(rules.Budget)
					if _, err := e.EvalValue(scope); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(scope.Budget.Spent()), "steps")
			})
		}
	}
}
