package rules_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"fftconnect/internal/rules"
	"fftconnect/internal/testform"
)

// bigScope is an order of so many lines, with a custom field of so many bytes.
func bigScope(lines, bytes int) rules.OrderScope {
	order := rules.Order{ID: "o-1", Custom: rules.Custom{Fields: map[string]any{"t": strings.Repeat("a,", bytes/2), "list": []any{"a", "b"}}}}
	for range lines {
		order.LineItems = append(order.LineItems, &rules.Line{Quantity: 1, Variant: rules.Variant{SKU: "S", Attributes: map[string]any{"a": "b"}}})
	}
	return rules.OrderScope{Order: order, Budget: new(rules.Budget)}
}

// What took seconds to minutes, or gigabytes, in the process that serves all orders.
var tooMuch = map[string]rules.OrderScope{
	`all(order.lineItems, all(order.lineItems, all(order.lineItems, .quantity == 1)))`:                                bigScope(500, 0),
	`any(order.lineItems, any(order.lineItems, len(split(order.custom.fields.t, ",")) == 1))`:                         bigScope(500, 100_000),
	`map(order.lineItems, map(order.lineItems, order.custom.fields.t + order.custom.fields.t))`:                       bigScope(500, 6_000),
	`all(order.lineItems, all(order.lineItems, len(order.custom.fields.t) > 1))`:                                      bigScope(500, 100_000),
	`all(order.lineItems, all(order.lineItems, order == order))`:                                                      bigScope(500, 0),
	`all(order.lineItems, all(order.lineItems, [order] == [order]))`:                                                  bigScope(500, 0),
	`all(order.lineItems, string(order.lineItems) != "")`:                                                             bigScope(500, 0),
	`all(order.lineItems, len(uniq(map(order.lineItems, .variant))) == 1)`:                                            bigScope(500, 0),
	`all(order.lineItems, order.custom.fields.t matches "^((a|,)*){20}$")`:                                            bigScope(500, 100_000),
	`all(order.lineItems, upper(order.custom.fields.t) contains "A,")`:                                                bigScope(500, 1_000_000),
	`all(order.lineItems, not(order.custom.fields.t + "b" in [order.custom.fields.t]))`:                               bigScope(500, 1_000_000),
	`all(order.lineItems, len(sort(split(order.custom.fields.t, ","))) > 1)`:                                          bigScope(500, 100_000),
	`all(order.lineItems, sum(1..100000) > 1)`:                                                                        bigScope(500, 0),
	`all(order.lineItems, order.custom.fields.t[1:] != order.custom.fields.t)`:                                        bigScope(500, 1_000_000),
	`any(order.lineItems, len(fromJSON("[" + trimSuffix(replace(order.custom.fields.t, "a", "0"), ",") + "]")) == 1)`: bigScope(500, 40_000),
}

func TestARuleThatTakesTooMuchEndsOnItsBudget(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	for source, scope := range tooMuch {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Any)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		scope.Budget = rules.AlmostSpent()
		_, err = e.EvalValue(scope)
		if err == nil || !strings.Contains(err.Error(), rules.ErrBudget.Error()) && !strings.Contains(err.Error(), "too long a list") {
			t.Errorf("%s: %v after %d steps", source, err, scope.Budget.Spent())
		}
	}
}

func TestTheRulesOfAnOrderShareOneBudget(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	e, err := rules.Compiled(`all(order.lineItems, all(order.lineItems, .quantity == 1))`, rules.OrderScope{}, rules.Bool)
	if err != nil {
		t.Fatal(err)
	}
	scope, times := bigScope(500, 0), 0
	for err == nil && times < 1000 {
		_, err = e.EvalBool(scope)
		times++
	}
	if err == nil || !strings.Contains(err.Error(), rules.ErrBudget.Error()) || times < 3 {
		t.Errorf("ended after %d times: %v", times, err)
	}
	scope.Budget = nil
	if holds, err := e.EvalBool(scope); err != nil || !holds {
		t.Errorf("another order's: %v, %v", holds, err)
	}
}

func TestAResultIsPaidForToo(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	e, err := rules.Compiled(`{"all": order}`, rules.OrderScope{}, rules.Object)
	if err != nil {
		t.Fatal(err)
	}
	scope := bigScope(500, 0)
	scope.Budget = rules.AlmostSpent()
	for range 1000 {
		if _, err = e.EvalValue(scope); err != nil {
			break
		}
	}
	if !errors.Is(err, rules.ErrBudget) {
		t.Errorf("got %v", err)
	}
}

func TestOrdinaryRulesAreFarFromTheBudget(t *testing.T) {
	t.Parallel()
	scope := bigScope(500, 1000)
	for _, source := range []string{
		`order.store.key != "outlet"`, `any(order.lineItems, .variant.attributes.fragile == true)`, `order.custom.fields.gift and not order.custom.fields.held`,
		`join(uniq(map(order.lineItems, .variant.sku)), ",") != ""`, `sum(order.lineItems, .quantity) > 3`, `any(order.lineItems, .variant.sku in ["a", "b"])`,
		`all(order.lineItems, any(order.lineItems, .key == ""))`,
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Bool)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.EvalBool(scope); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
	if spent := scope.Budget.Spent(); spent > rules.MaxSteps/2 {
		t.Errorf("they take %d steps", spent)
	}
}

// TestAfterTheBudgetIsUsedUpNoRuleIsEvaluated: the one that ended it is the one to name.
func TestAfterTheBudgetIsUsedUpNoRuleIsEvaluated(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	scope := bigScope(500, 0)
	costly, err := rules.Compiled(`all(order.lineItems, all(order.lineItems, all(order.lineItems, .quantity == 1)))`, rules.OrderScope{}, rules.Bool)
	if err != nil {
		t.Fatal(err)
	}
	cheap, err := rules.Compiled(`order.id`, rules.OrderScope{}, rules.Text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := costly.EvalBool(scope); err == nil || !strings.Contains(err.Error(), rules.ErrBudget.Error()) {
		t.Errorf("the costly one: %v", err)
	}
	if _, err := cheap.EvalText(scope); !errors.Is(err, rules.ErrSpent) {
		t.Errorf("the cheap one: %v", err)
	}
	ctx := rules.WithBudget(t.Context())
	first, again := rules.BudgetOf(ctx), rules.BudgetOf(ctx)
	one, other := rules.BudgetOf(t.Context()), rules.BudgetOf(t.Context())
	if first != again || one == other {
		t.Error("a context has one budget, and none has a new one each time")
	}
}

// TestLookingAtLinesCopiesNone: a nested look at 500 lines of 500 took 100 MB.
func TestLookingAtLinesCopiesNone(t *testing.T) {
	e, err := rules.Compiled(`any(order.lineItems, any(order.lineItems, .key == "x"))`, rules.OrderScope{}, rules.Bool)
	if err != nil {
		t.Fatal(err)
	}
	scope := bigScope(100, 0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := e.EvalBool(scope); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 2_000_000 { // copies took 4,000,000
		t.Errorf("%d bytes for 10,000 looks", bytes)
	}
}
