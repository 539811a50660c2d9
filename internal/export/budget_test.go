package export_test

import (
	"errors"
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/rules"
	"fftconnect/internal/testform"
)

// What one rule for each line may cost grows with the square of the lines, and more.
func TestARuleThatTakesTooMuchIsAProblemOfTheOrder(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	raw := baseOrder()
	for len(raw["lineItems"].([]any)) < 500 {
		raw["lineItems"] = append(raw["lineItems"].([]any), lineItem())
	}
	raw["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"t": strings.Repeat("a,", 5000)}}
	order := decoded(t, raw)
	shop := config.Shop{Export: exportRules(t, `{"set":{"orderLineItems[].customAttributes.a":"any(order.lineItems, any(order.lineItems, .quantity == 100))","customAttributes.b":"order.id"}}`)}
	_, _, err := export.Map(order, shop, export.Surroundings{})
	if err == nil || !strings.Contains(err.Error(), "export.set.orderLineItems[].customAttributes.a: ") || !strings.Contains(err.Error(), rules.ErrBudget.Error()) {
		t.Errorf("got %v", err)
	}
	for _, rule := range []string{
		`{"when":"len(uniq(split(order.custom.fields.t, \",\"))) == 1"}`,
		`{"hold":"len(uniq(split(order.custom.fields.t, \",\"))) == 1"}`,
		`{"tenantOrderId":"len(uniq(split(order.custom.fields.t, \",\"))) == 1 ? \"a\" : \"b\""}`,
	} {
		shop := config.Shop{Export: exportRules(t, rule)}
		_, err := export.Decide(order, shop, new(rules.Budget))
		if err == nil {
			_, _, err = export.Map(order, shop, export.Surroundings{})
		}
		if err == nil || !strings.Contains(err.Error(), rules.ErrBudget.Error()) {
			t.Errorf("%s: got %v", rule, err)
		}
	}
}

// TestDecisionAndMappingShareTheBudget: what each of them could pay for alone is too much
// for one order.
func TestDecisionAndMappingShareTheBudget(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	raw := baseOrder()
	for len(raw["lineItems"].([]any)) < 450 {
		raw["lineItems"] = append(raw["lineItems"].([]any), lineItem())
	}
	order := decoded(t, raw)
	costly := `all(order.lineItems, all(order.lineItems, .quantity > 0 and .variant.sku != \"x\" and .variant.sku != \"y\"))`
	shop := config.Shop{Export: exportRules(t, `{"when":"`+costly+`","hold":"`+costly+` == false","tenantOrderId":"`+costly+` ? \"a\" : \"b\"",
		"set":{"customAttributes.b":"order.id"}}`)}
	alone := new(rules.Budget)
	if _, err := export.Decide(order, shop, alone); err != nil || alone.Spent() < rules.MaxSteps/5 {
		t.Fatalf("the decision takes %d steps, %v", alone.Spent(), err)
	}
	_, _, err := export.Map(order, shop, export.Surroundings{Budget: alone})
	var unmappable *export.Unmappable
	if !errors.As(err, &unmappable) || len(unmappable.Problems) != 1 || !strings.Contains(unmappable.Problems[0], rules.ErrBudget.Error()) {
		t.Fatalf("after %d steps: %v", alone.Spent(), err)
	}
	t.Log(unmappable.Problems[0])
}

func TestAnOrderWhoseShippingMethodIsUnusableIsNotShippedByChance(t *testing.T) {
	t.Parallel()
	shop := func(s *config.Shop) {
		parsed, err := config.ParseShop([]byte(`{"shippingMethodMapping":{"standard":{"serviceType":"PIGEON"},"dhl":{"serviceType":"SHIPPING"}}}`))
		if err != nil {
			t.Fatal(err)
		}
		*s = parsed
	}
	_, _, err := mapping{shop: shop}.mapOrder(t)
	if err == nil || !strings.Contains(err.Error(), `shipping: how method "standard" is delivered cannot be told: shippingMethodMapping.standard.serviceType is "PIGEON"`) {
		t.Errorf("got %v", err)
	}
	if _, _, err := (mapping{shop: shop, change: func(o object) { o["shippingInfo"] = method("dhl", "DHL") }}).mapOrder(t); err != nil {
		t.Errorf("another order: %v", err)
	}
}
