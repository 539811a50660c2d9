package feedback

import (
	"fmt"
	"testing"

	"fftconnect/internal/commercetools"
)

// Of shipped orders a few are remembered, of the others many, of each the newest snapshot.
func TestFewShippedOrdersAreRemembered(t *testing.T) {
	m := newOrderMemory()
	id := func(i int) string { return fmt.Sprint("o", i) }
	for i := range rememberedOrders {
		m.put(commercetools.Snapshot{ID: id(i), Version: 1, ShipmentState: shipmentReady})
	}
	for i := range rememberedOrders / 2 {
		m.put(commercetools.Snapshot{ID: id(i), Version: 2, ShipmentState: shipmentShipped})
	}
	versions := map[int]int{}
	for i := range rememberedOrders {
		if order, ok := m.get(id(i)); ok {
			versions[order.Version]++
		}
	}
	if versions[1] != rememberedOrders/2 || versions[2] != rememberedShipped {
		t.Errorf("remembered: %d before and %d after shipping", versions[1], versions[2])
	}
	last := id(rememberedOrders/2 - 1)
	m.put(commercetools.Snapshot{ID: last, Version: 3, ShipmentState: shipmentReady}) // taken back
	if order, _ := m.get(last); order.Version != 3 {
		t.Errorf("version %d, want the newest", order.Version)
	}
	m.drop(last)
	if _, ok := m.get(last); ok {
		t.Error("it was dropped")
	}
}
