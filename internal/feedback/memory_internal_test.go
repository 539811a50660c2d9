package feedback

import (
	"fmt"
	"testing"

	"fftconnect/internal/commercetools"
)

// Of orders that have ended a few are remembered, of the others many, of each the newest snapshot.
func TestFewEndedOrdersAreRemembered(t *testing.T) {
	for name, ended := range map[string]commercetools.Snapshot{
		"shipped":   {Version: 2, ShipmentState: shipmentShipped},
		"delivered": {Version: 2, ShipmentState: shipmentDelivered},
		"canceled":  {Version: 2, ShipmentState: shipmentCanceled},
		"cancelled": {Version: 2, ShipmentState: shipmentReady, OrderState: commercetools.StateCancelled},
	} {
		m, kept := newOrderMemory[int](), newOrderMemory[string]()
		order := func(like commercetools.Snapshot, i int) commercetools.Snapshot {
			like.ID = fmt.Sprint("o", i)
			return like
		}
		ready := commercetools.Snapshot{Version: 1, ShipmentState: shipmentReady}
		for i := range rememberedOrders {
			m.put(order(ready, i), 1)
			kept.put(order(ready, i), "as it was")
		}
		for i := range rememberedOrders / 2 {
			m.put(order(ended, i), 2)
			kept.seen(order(ended, i))
		}
		versions, still := map[int]int{}, 0
		for i := range rememberedOrders {
			if version, ok := m.get(order(ready, i).ID); ok {
				versions[version]++
			}
			if text, _ := kept.get(order(ready, i).ID); text == "as it was" {
				still++
			}
		}
		if versions[1] != rememberedOrders/2 || versions[2] != rememberedEnded || still != rememberedOrders/2+rememberedEnded {
			t.Errorf("%s: remembered are %d before and %d after their end, and of %d what there was", name, versions[1], versions[2], still)
		}
		last := order(ready, rememberedOrders/2-1)
		m.put(last, 3) // taken back
		if version, _ := m.get(last.ID); version != 3 {
			t.Errorf("%s: version %d, want the newest", name, version)
		}
		m.drop(last.ID)
		if _, ok := m.get(last.ID); ok {
			t.Errorf("%s: it was dropped", name)
		}
		kept.seen(order(ended, rememberedOrders)) // never heard of
		if _, ok := kept.get(order(ended, rememberedOrders).ID); ok {
			t.Errorf("%s: remembered of nothing", name)
		}
	}
}
