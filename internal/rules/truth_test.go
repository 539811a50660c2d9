package rules_test

import (
	"testing"

	"fftconnect/internal/rules"
)

// The docs say that nil is false where true or false is wanted, wherever that is.
func TestNilIsFalseWhereverTrueOrFalseIsWanted(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{
		`order.custom.fields.absent`:                                              false,
		`not order.custom.fields.absent`:                                          true,
		`!order.custom.fields.absent`:                                             true,
		`not not order.custom.fields.absent`:                                      false,
		`order.custom.fields.absent and true`:                                     false,
		`true && order.custom.fields.absent`:                                      false,
		`order.custom.fields.absent or true`:                                      true,
		`false || order.custom.fields.absent`:                                     false,
		`order.custom.fields.absent or order.custom.fields.gift`:                  true,
		`order.custom.fields.absent ? false : true`:                               true,
		`(order.custom.fields.absent or order.custom.fields.none) ? false : true`: true,
		`if order.custom.fields.absent { false } else { true }`:                   true,
		`any(order.lineItems, .custom.fields.absent)`:                             false,
		`none(order.lineItems, .custom.fields.absent)`:                            true,
		`all(order.lineItems, .variant.attributes.absent)`:                        false,
		`one(order.lineItems, .custom.fields.absent)`:                             false,
		`len(filter(order.lineItems, .custom.fields.absent)) == 0`:                true,
		`count(order.lineItems, .custom.fields.absent) == 0`:                      true,
		`find(order.lineItems, .custom.fields.absent) == nil`:                     true,
		`findIndex(order.lineItems, .custom.fields.absent) == nil`:                true,
		`findLast(order.lineItems, .custom.fields.absent) == nil`:                 true,
		`any(order.lineItems, not .custom.fields.absent)`:                         true,
		`order.custom.fields.absent?.deep.deeper and true`:                        false,
		`order.custom.fields.gift and not order.custom.fields.absent`:             true,
	} {
		e, err := rules.Compiled(source, rules.OrderScope{}, rules.Bool)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if holds, err := e.EvalBool(scope(t, fullOrder)); err != nil || holds != want {
			t.Errorf("%s: %v, %v", source, holds, err)
		}
	}
}
