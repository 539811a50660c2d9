package rules_test

import (
	"errors"
	"strings"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/rules"
)

// fuzzedOrder has custom fields of every type; their texts must not get into errors.
const fuzzedOrder = `{"id":"o","version":1,"orderNumber":"A-1","createdAt":"2026-09-14T07:31:12.000Z","orderState":"Confirmed",
	"totalPrice":{"type":"centPrecision","currencyCode":"EUR","centAmount":1999,"fractionDigits":2},
	"shippingAddress":{"country":"DE","lastName":"☠Falkenrath"},
	"lineItems":[{"id":"l","productId":"p","name":{"de":"Hemd"},"quantity":2,"variant":{"id":1,"sku":"S-1","attributes":[{"name":"size","value":"M"}]}}],
	"custom":{"type":{"typeId":"type","id":"t"},"fields":{"text":"☠text","number":7,"yes":true,"list":["☠a","b"],"map":{"de":"☠d"},"date":"2026-09-14"}}}`

func FuzzCompile(f *testing.F) {
	for _, source := range []string{
		`order.paymentState == "Paid"`, `order.totalPrice.centAmount >= 20000 ? "high" : "normal"`, `any(order.lineItems, .variant.sku == "S-1")`,
		`order.custom.fields.text`, `order.custom.fields.number / 0`, `order.custom.fields.list[9]`, `order.custom.fields.map?.de`, `order.custom.fields.text.deeper`,
		`line.quantity`, `order.`, `"`, ``, ` `, `1..1000000000`, `map(1..100, map(1..100, # * 2))`, `order.custom.fields.text matches "("`, "order.id ==\n\n  ü",
		`int(order.custom.fields.text)`, `date(order.custom.fields.text)`, `order.custom.fields.text + 1`, `duration(order.custom.fields.text)`, `fromJSON(order.custom.fields.text)`,
		`timezone(order.custom.fields.text)`, `date("2026-01-01", order.custom.fields.text)`, `order.custom.fields[order.custom.fields.text].x`, `-order.custom.fields.text`, `let x = 1; x`,
		`all(1..900, all(1..900, all(1..900, # > 0)))`, `map(1..500, map(1..500, order.custom.fields.text + order.custom.fields.text))`, `any(order.lineItems, len(split(order.custom.fields.text, "")) > 1)`,
		`not order.custom.fields.absent and (order.custom.fields.absent or true) ? 1 : 2`, `uniq(map(1..400, string(order))) == sort(1..9)`, `order == order`, `findLast(1..9, # > 5)`, `$env`, `$spend($budget, 1, 1)`,
		`order.custom.fields.text matches "(a|b)*c{9}"`, `[order, order][0].lineItems[0:1] | filter(.custom.fields.x)`, `if order.custom.fields.absent { 1 } else { 2 }`,
	} {
		f.Add(source)
	}
	order, err := commercetools.DecodeOrder([]byte(fuzzedOrder))
	if err != nil {
		f.Fatal(err)
	}
	scope := rules.OrderScope{Order: rules.OrderOf(order)}
	f.Fuzz(func(t *testing.T, source string) {
		for _, kind := range []rules.Kind{rules.Any, rules.Bool, rules.Text, rules.Number, rules.Time} {
			e := rules.New(source)
			if err := e.Compile(scope, kind); err != nil {
				var wrong *rules.Error
				if !errors.As(err, &wrong) || wrong.Line < 1 || wrong.Column < 1 || wrong.Message == "" {
					t.Fatalf("%s: not where and what is wrong: %v", kind, err)
				}
				continue
			}
			if !e.IsSet() {
				continue
			}
			scope.Budget = new(rules.Budget)
			_, err := e.EvalValue(scope)
			if spent := scope.Budget.Spent(); spent > rules.MaxSteps+1 || spent > rules.MaxSteps && err == nil {
				t.Fatalf("%s: %d steps, %v", kind, spent, err)
			}
			if err != nil && !strings.Contains(source, "☠") && strings.Contains(err.Error(), "☠") {
				t.Fatalf("%s: the error shows what the order holds: %v", kind, err)
			}
		}
	})
}
