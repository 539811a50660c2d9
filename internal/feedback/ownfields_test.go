package feedback_test

import (
	"strings"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/outcome"
)

func TestTheShopsOwnFieldsDoNotHoldTheRestBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expression, note string
		typed            bool
	}{
		"a value that the field does not take":                      {`payload.facilityRef`, "commercetools refused warehouse", true},
		"a value that the field of a type that comes does not take": {`payload.facilityRef`, "commercetools refused warehouse", false},
		"an expression that fails":                                  {`payload.customAttributes["warehouse"].name`, "field warehouse", true},
	} {
		own := ownType()
		own.Fields["warehouse"] = true
		b := newBench(own)
		if !test.typed {
			b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.TypeID, o.Fields = "", nil })
		}
		b.rules = fieldRules(t, "HANDOVERJOB_HANDED_OVER", "warehouse", test.expression)
		b.orders.refuses = []string{"warehouse"}
		got, err := b.Handle(t.Context(), event("HANDOVERJOB_HANDED_OVER", "hj-1", nil))
		if err != nil || got.Kind != outcome.Applied || b.shipment() != "Shipped" || b.orders.order(orderID).TextField("fft_handoverjob_id") != "hj-1" {
			t.Errorf("%s: %+v, %v, %s", name, got, err, b.shipment())
		}
		if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], test.note) {
			t.Errorf("%s: notes %q", name, got.Notes)
		}
	}
}
