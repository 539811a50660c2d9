package commercetools_test

import (
	"encoding/json"
	"maps"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/simulator/ctsim"
)

func TestWhatIsNotExpandedCanBeLookedUp(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	orders := r.furnish()
	methods, channels := 0, 0
	group := r.ct.PutCustomerGroup(map[string]any{"key": "vip", "groupName": "VIP"})
	for n := range 40 {
		draft := maps.Clone(orders.At(n).Draft)
		draft["customerGroup"] = map[string]any{"typeId": "customer-group", "id": group}
		id := r.ct.PlaceOrder(draft)
		want, err := r.Order(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		stored, _ := r.ct.Order(id)
		text, err := json.Marshal(stored)
		if err != nil {
			t.Fatal(err)
		}
		order, err := commercetools.DecodeOrder(text)
		if err != nil {
			t.Fatal(err)
		}
		if missing := order.UnexpandedReferences(); len(want.UnexpandedReferences()) != 0 || len(missing) == 0 && len(shippingInfos(order)) > 0 && shippingInfos(order)[0].ShippingMethod != nil {
			t.Errorf("order %d: unexpanded are %q, of the expanded one %q", n, missing, want.UnexpandedReferences())
		}
		if err := r.ExpandReferences(t.Context(), &order); err != nil {
			t.Fatal(err)
		}
		if obj := order.CustomerGroup.Obj; obj == nil || textOf(obj.Key) != "vip" || textOf(want.CustomerGroup.Obj.Key) != "vip" {
			t.Errorf("order %d: customer group is %+v", n, obj)
		}
		for i, info := range shippingInfos(order) {
			if info.ShippingMethod == nil {
				continue
			}
			methods++
			expanded := shippingInfos(want)[i].ShippingMethod.Obj
			if got := info.ShippingMethod.Obj; got == nil || got.Name != expanded.Name || textOf(got.Key) != textOf(expanded.Key) {
				t.Errorf("order %d: shipping method is %+v", n, got)
			}
		}
		for i, line := range order.LineItems {
			if line.SupplyChannel == nil {
				continue
			}
			channels++
			if got := line.SupplyChannel.Obj; got == nil || got.Key != want.LineItems[i].SupplyChannel.Obj.Key {
				t.Errorf("order %d: supply channel is %+v", n, got)
			}
		}
	}
	if methods == 0 || channels == 0 {
		t.Errorf("%d methods and %d channels", methods, channels)
	}
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
