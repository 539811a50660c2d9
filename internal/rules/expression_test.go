package rules_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/rules"
)

const fullOrder = `{"id":"o-1","version":7,"orderNumber":"A-1","createdAt":"2026-03-01T09:14:58Z","lastModifiedAt":"2026-03-01T09:14:58Z",
 "orderState":"Confirmed","paymentState":"Paid","shipmentState":"Pending","state":{"typeId":"state","id":"st-1","obj":{"id":"st-1","key":"released"}},
 "store":{"typeId":"store","key":"berlin"},"customerEmail":"ada@example.org","customerGroup":{"typeId":"customer-group","id":"vip"},
 "country":"DE","locale":"de","origin":"Customer","totalPrice":{"type":"centPrecision","currencyCode":"EUR","centAmount":1999,"fractionDigits":2},
 "shippingMode":"Single","shippingInfo":{"shippingMethodName":"Express","shippingMethod":{"typeId":"shipping-method","id":"m-1","obj":{"id":"m-1","key":"express"}}},
 "shippingAddress":{"country":"DE","city":"Köln","pOBox":"17"},"custom":{"type":{"typeId":"type","id":"t"},"fields":{"gift":true,"note":"hush","n":3}},
 "lineItems":[{"id":"l-1","productId":"p","name":{"de":"Becher"},"quantity":2,"lineItemMode":"Standard","priceMode":"Platform",
  "supplyChannel":{"typeId":"channel","id":"c-1","obj":{"id":"c-1","key":"store-1"}},
  "variant":{"id":1,"sku":"MUG-1","attributes":[{"name":"weight","value":1.5}]},
  "price":{"id":"x","value":{"type":"highPrecision","currencyCode":"EUR","centAmount":1999,"preciseAmount":199950,"fractionDigits":4}},
  "totalPrice":{"type":"centPrecision","currencyCode":"EUR","centAmount":3998,"fractionDigits":2}}],
 "customLineItems":[{"id":"cl-1","slug":"gift-wrap","name":{"en":"Wrap"},"quantity":1,"money":{"type":"centPrecision","currencyCode":"EUR","centAmount":100,"fractionDigits":2},
  "totalPrice":{"type":"centPrecision","currencyCode":"EUR","centAmount":100,"fractionDigits":2}}]}`

func scope(t *testing.T, text string) rules.OrderScope {
	t.Helper()
	order, err := commercetools.DecodeOrder([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return rules.OrderScope{Order: rules.OrderOf(order)}
}

func TestAnExpressionReadsTheOrderByCommercetoolsNames(t *testing.T) {
	t.Parallel()
	order := scope(t, fullOrder)
	for _, source := range []string{
		`order.id == "o-1" && order.orderNumber == "A-1" && order.version == 7`,
		`order.orderState == "Confirmed" and order.paymentState == "Paid" and order.shipmentState == "Pending"`,
		`order.state.key == "released" && order.state.id == "st-1"`,
		`order.store.key in ["berlin", "hamburg"]`,
		`order.customerGroup.id == "vip" && order.customerEmail endsWith "@example.org"`,
		`order.totalPrice.centAmount >= 1999 && order.totalPrice.currencyCode == "EUR" && order.totalPrice.fractionDigits == 2`,
		`order.shippingMethod.key == "express" && order.shippingMethod.name == "Express" && order.shippingMode == "Single"`,
		`order.shippingAddress.pOBox == "17" && order.billingAddress.city == ""`,
		`order.custom.fields.gift`,
		`order.custom.fields.absent`, // nil stands for false
		`order.custom.fields.absent?.id == nil`,
		`any(order.lineItems, .variant.sku startsWith "MUG" && .supplyChannel.key == "store-1")`,
		`order.lineItems[0].variant.attributes.weight > 1 && order.lineItems[0].price.preciseAmount == 199950`,
		`order.lineItems[0].name.de == "Becher" && !order.lineItems[0].isCustom`,
		`order.customLineItems[0].slug == "gift-wrap" && order.customLineItems[0].isCustom && order.customLineItems[0].price.centAmount == 100`,
		`date(order.createdAt).Year() == 2026`,
		`join(map(order.lineItems, .variant.sku), "+") == "MUG-1" && replace(order.orderNumber, "A-", "B-") == "B-1"`,
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Bool)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		holds, err := e.EvalBool(order)
		if want := !strings.HasSuffix(source, "fields.absent"); err != nil || holds != want {
			t.Errorf("%s: %v, %v", source, holds, err)
		}
	}
}

func TestAnOrderWithNothingIsReadWithoutHarm(t *testing.T) {
	t.Parallel()
	order := scope(t, `{"id":"o-2","version":1}`)
	for _, source := range []string{
		`order.state.key + order.store.key + order.shippingMethod.key + order.shippingAddress.city + order.createdAt`,
		`order.custom.fields.note`, `len(order.lineItems) == 0 ? "" : "x"`,
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Text)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := e.EvalText(order); text != "" || err != nil {
			t.Errorf("%s: %q, %v", source, text, err)
		}
	}
}

func TestAWrongExpressionIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]struct {
		kind         rules.Kind
		line, column int
		says         string
	}{
		`order.orderStat == "Open"`:                       {rules.Bool, 1, 7, "there is no orderStat here; did you mean orderState?"},
		"order.orderState == \"Open\" &&\n  ordr.id == 1": {rules.Bool, 2, 3, "unknown name ordr; did you mean order?"},
		`order.version + 1`:                               {rules.Bool, 1, 1, "results in a number, must be true or false"},
		`order.lineItems`:                                 {rules.Text, 1, 1, "results in a list, must be a text"},
		`order.orderNumber`:                               {rules.Number, 1, 1, "results in a text, must be a number"},
		`order.version`:                                   {rules.Time, 1, 1, "results in a number, must be a time"},
		`order.version == "7"`:                            {rules.Bool, 1, 15, "does not go with a number and a text"},
		`order.orderState ==`:                             {rules.Bool, 1, 19, "ends too early"},
		`now().Year() > 2020`:                             {rules.Bool, 1, 1, "now"},
		`let a = order.id; a + a`:                         {rules.Text, 1, 5, "let is not available"},
		`repeat("x", 1000)`:                               {rules.Text, 1, 1, "repeat"},
		`reduce(1..100, #acc + #acc, 1)`:                  {rules.Any, 1, 1, "reduce"},
		`order.id matches order.orderNumber`:              {rules.Bool, 1, 24, "the pattern of matches must be written out"},
		`string($env)`:                                    {rules.Text, 1, 8, "$env is not available"},
		`$budget`:                                         {rules.Any, 1, 1, "$budget is not available"},
		`$spend($budget, 1, 1)`:                           {rules.Any, 1, 1, "not available"},
		`not order.orderState`:                            {rules.Bool, 1, 1, "not takes true or false"},
	} {
		_, err := rules.Compiled(source, rules.OrderScope{}, want.kind)
		var wrong *rules.Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: got %v", source, err)
			continue
		}
		if wrong.Line != want.line || wrong.Column != want.column || !strings.Contains(wrong.Message, want.says) {
			t.Errorf("%s: got %v, want line %d, column %d: %s", source, wrong, want.line, want.column, want.says)
		}
	}
	if _, err := rules.Compiled(strings.Repeat("1 + ", 600)+"1", rules.OrderScope{}, rules.Number); err == nil {
		t.Error("an endless expression is compiled")
	}
}

func TestAFailureNeverQuotesTheOrder(t *testing.T) {
	t.Parallel()
	order := scope(t, fullOrder)
	for source, says := range map[string]string{
		`int(order.custom.fields.note) == 1`:                    "failed at line 1, column 1",
		`date(order.custom.fields.note).Year() == 1`:            "cannot be evaluated",
		`order.custom.fields.absent.deep == 1`:                  "reads a field of something that has none",
		`order.lineItems[order.custom.fields.n].id == ""`:       "beyond the end of a list",
		`order.custom.fields.note - 1 > 0`:                      "wrong types",
		`order.custom.fields.note`:                              "results in a text, must be true or false",
		`fromJSON(order.custom.fields.note).x == 1`:             "cannot be evaluated",
		`not order.custom.fields.note`:                          "something else stands where true or false is wanted",
		`order.custom.fields.note and true`:                     "failed at line 1, column 21: something else",
		`order.custom.fields[order.custom.fields.note].x == ""`: "",
		`timezone(order.custom.fields.note) == nil`:             "",
		`len(1..order.version * 100000) == 1`:                   "too long a list",
		`replace(order.id, "", replace(order.id, "", replace(order.id, "", replace(order.id, "", replace(order.id, "", replace(order.id, "", replace(order.id, "", replace(order.id, "", order.id)))))))) == ""`: "",
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Bool)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		_, err = e.EvalBool(order)
		if says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: got %v, want %q", source, err, says)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s quotes the order: %v", source, err)
		}
	}
}

func TestTextsAndListsStayWithinBounds(t *testing.T) {
	t.Parallel()
	long := rules.OrderScope{Order: rules.Order{ID: strings.Repeat("x", 1000)}}
	for _, source := range []string{
		`replace(order.id, "", order.id)`, `join(map(1..1000, order.id), order.id)`,
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.EvalText(long); err == nil || !strings.Contains(err.Error(), "too long a text") {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestResultsArePlainAndByCommercetoolsNames(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]any{
		`order.totalPrice`:               map[string]any{"centAmount": 1999, "preciseAmount": 0, "currencyCode": "EUR", "fractionDigits": 2},
		`map(order.lineItems, .name)`:    []any{map[string]any{"de": "Becher"}},
		`order.custom.fields`:            map[string]any{"gift": true, "note": "hush", "n": 3.0},
		`order.custom.fields.absent`:     nil,
		`order.lineItems[0].quantity`:    2,
		`date("2026-03-01")`:             time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		`order.lineItems[:1] | map(.id)`: []any{"l-1"},
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Any)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := e.EvalValue(scope(t, fullOrder)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v", source, got, err)
		}
	}
}

func TestAnExpressionThatWasNotCompiledFails(t *testing.T) {
	t.Parallel()
	if _, err := rules.New("true").EvalBool(rules.OrderScope{}); err == nil {
		t.Error("it was evaluated")
	}
	if (rules.Expression{}).IsSet() || !rules.New("true").IsSet() {
		t.Error("given is wrong")
	}
}

func TestNamesAndValuesOfAnObjectHaveAnOrder(t *testing.T) {
	t.Parallel()
	scope := rules.OrderScope{Order: rules.Order{Custom: rules.Custom{Fields: map[string]any{"c": 1, "a": 2, "d": map[string]any{"z": 5, "y": 6}, "b": 4}}}}
	for source, want := range map[string]string{
		`join(keys(order.custom.fields))`:                                             "abcd",
		`join(keys(order.custom.fields.d))`:                                           "yz",
		`join(map(values(order.custom.fields.d), string(#)))`:                         "65",
		`join(keys(order.lineItems[0].name)) + join(values(order.lineItems[0].name))`: "deenTischTable",
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Text)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		scope.Order.LineItems = []*rules.Line{{Name: map[string]string{"en": "Table", "de": "Tisch"}}}
		for range 20 {
			if got, err := e.EvalText(scope); err != nil || got != want {
				t.Fatalf("%s: got %q, %v, want %q", source, got, err, want)
			}
		}
	}
	e, err := rules.Compiled(`keys(order.custom.fields.a)`, rules.OrderScope{}, rules.List)
	if _, failed := e.EvalValue(scope); err != nil || failed == nil {
		t.Errorf("names of a number: %v, %v", err, failed)
	}
}
