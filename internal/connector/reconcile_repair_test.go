package connector_test

import (
	"strings"
	"testing"

	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/testtime"
)

func TestAnOrderThatIsMissingIsExported(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id := b.place("A-1")
		found := b.repairs(1)
		if f := found[0]; f.Kind != reconcile.Missing || f.OrderID != id || f.OrderNumber != "A-1" || f.Detail == "" {
			t.Errorf("%+v", f)
		}
		if there := b.only(id); there.TenantOrderID != "A-1" {
			t.Errorf("exported as %q", there.TenantOrderID)
		}
		// The event of its creation was missed too: the order does not name it yet.
		if f := b.repairs(1)[0]; f.Kind != reconcile.Behind || !strings.Contains(f.Detail, "fft_order_id") {
			t.Errorf("%+v", f)
		}
		b.repairs(0)
	})
}

func TestACancelledOrderThatGoesOnIsCancelled(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id, never := b.place("A-1"), b.place("A-2")
		b.cancel(never)
		b.repairs(1)
		b.cancel(id)
		if f := b.repairs(1)[0]; f.Kind != reconcile.Alive || f.OrderID != id {
			t.Errorf("%+v", f)
		}
		if status := b.only(id).Status; status != "CANCELLED" {
			t.Errorf("it is %s there", status)
		}
		if len(b.FFT.OrdersOf(never)) != 0 {
			t.Error("a cancelled order was exported")
		}
		if f := b.repairs(1)[0]; f.Kind != reconcile.Behind { // the event of the cancellation was missed too
			t.Errorf("%+v", f)
		}
		b.repairs(0)
	})
}

func TestACancellationThatIsRefusedIsShown(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id := b.place("A-1")
		b.repairs(1)
		if err := b.FFT.RefuseCancel(b.only(id).ID); err != nil {
			t.Fatal(err)
		}
		b.cancel(id)
		found := b.run(everything())
		if len(found) != 1 || found[0].Repaired || found[0].Kind != reconcile.Alive || found[0].Hint == "" || !strings.Contains(found[0].Problem, "goes on") {
			t.Errorf("%+v", found)
		}
	})
}

func TestEveryStatusThatDriftedIsBroughtUp(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		steps := []int{0, 1, 2, 3, 4, 5}
		var ids []string
		for range steps {
			ids = append(ids, b.place(""))
		}
		b.repairs(len(ids))
		for i, id := range ids {
			b.step(id, steps[i])
		}
		for _, f := range b.repairs(len(ids)) {
			if f.Kind != reconcile.Behind || !strings.HasPrefix(f.Detail, "lacks ") {
				t.Errorf("%+v", f)
			}
		}
		for i, id := range ids {
			there := b.only(id)
			shipment, fields := b.now(id)
			want := "Pending"
			if len(there.HandoverJobs) > 0 {
				want = "Ready"
			}
			if there.Stage == fftsim.StageHandedOver {
				want = "Shipped"
			}
			if shipment != want || fields["fft_order_id"] != there.ID {
				t.Errorf("after %d steps (%s): shipment %s, want %s; fields %v", steps[i], there.Stage, shipment, want, fields)
			}
			if len(there.PickJobs) > 0 && fields["fft_pickjob_id"] != there.PickJobs[0].ID {
				t.Errorf("after %d steps the pick job is %v", steps[i], fields["fft_pickjob_id"])
			}
			if len(there.HandoverJobs) > 0 && (fields["fft_handoverjob_id"] != there.HandoverJobs[0].ID || fields["fft_load_units_amount"] != float64(there.LoadUnits)) {
				t.Errorf("after %d steps: %v", steps[i], fields)
			}
		}
		b.repairs(0)
	})
}

func TestAStatusThatSomebodySetAheadStays(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id := b.place("A-1")
		b.repairs(1)
		b.step(id, 4)
		b.edit(id, map[string]any{"action": "changeShipmentState", "shipmentState": "Partial"})
		b.repairs(1)
		if shipment, fields := b.now(id); shipment != "Partial" || fields["fft_order_id"] == nil {
			t.Errorf("shipment %s, fields %v", shipment, fields)
		}
	})
}

func TestAnOrderThatNoMappingSavesIsShownWithItsReason(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id := b.CT.PlaceOrder(unmappable("A-1"))
		for _, dry := range []bool{true, false} {
			walk := everything()
			walk.DryRun = dry
			found := b.run(walk)
			if len(found) != 1 || found[0].OrderID != id || found[0].Repaired || found[0].Problem == "" || found[0].Hint == "" {
				t.Errorf("dry run %v: %+v", dry, found)
			}
		}
	})
}

func TestADryRunChangesNothing(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		missing, alive, behind, gone := b.place("A-1"), b.place("A-2"), b.place("A-3"), b.place("A-4")
		b.cancel(missing)
		b.repairs(3)
		b.edit(missing, map[string]any{"action": "changeOrderState", "orderState": "Confirmed"})
		b.cancel(alive)
		b.step(behind, 5)
		b.CT.PlaceOrder(unmappable("A-5"))
		b.forget()
		walk := everything()
		walk.DryRun = true
		kinds := map[reconcile.Kind]int{}
		for _, f := range b.run(walk) {
			kinds[f.Kind]++
			if f.Repaired {
				t.Errorf("a dry run repaired %+v", f)
			}
		}
		if kinds[reconcile.Missing] != 2 || kinds[reconcile.Alive] != 1 || kinds[reconcile.Behind] != 2 {
			t.Errorf("found %v", kinds)
		}
		for _, method := range []string{"POST ", "PUT ", "PATCH ", "DELETE "} {
			if made := b.calls(method); len(made) > 0 {
				t.Errorf("a dry run made calls that change something: %v", made)
			}
		}
		if b.only(alive).Status == "CANCELLED" || b.only(gone).Status == "CANCELLED" {
			t.Error("a dry run cancelled an order")
		}
		if found := b.run(everything()); len(found) != 5 {
			t.Errorf("after the dry run there are %d differences, want the same 5", len(found))
		}
	})
}

func TestSettledOrdersCostNoCall(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		shipped, open, history := b.place("A-1"), b.CT.PlaceOrder(having("orderState", "Open")), b.CT.PlaceOrder(having("shipmentState", "Delivered"))
		b.repairs(1)
		b.step(shipped, 5)
		b.repairs(1)
		b.forget()
		b.repairs(0)
		if made := b.calls(""); len(made) != 1 || len(b.calls("GET /demo/orders?")) != 1 {
			t.Errorf("settled orders cost more than a page: %v", made)
		}
		if len(b.FFT.OrdersOf(history))+len(b.FFT.OrdersOf(open)) > 0 {
			t.Error("an order that was delivered another way, or is not confirmed, was exported")
		}
	})
}

func having(field string, value any) map[string]any {
	draft := numbered("")
	draft[field] = value
	return draft
}

func TestAnOrderWhoseCounterpartVanishedIsShown(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id := b.place("A-1")
		b.repairs(1)
		b.repairs(1)
		b.edit(id, map[string]any{"action": "setCustomField", "name": "fft_order_id", "value": "of-another-tenant"})
		b.start() // what the connector remembers would help
		found := b.run(everything())
		if len(found) != 1 || found[0].Repaired || found[0].Kind != reconcile.Missing || found[0].Problem == "" || found[0].Hint == "" {
			t.Errorf("%+v", found)
		}
		if !strings.Contains(found[0].Detail, "of-another-tenant") {
			t.Errorf("the detail does not name it: %s", found[0].Detail)
		}
		b.only(id)
	})
}

func TestOneOrderThatCannotBeComparedDoesNotHoldTheOthersUp(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		first, second := b.place("A-1"), b.place("A-2")
		b.FFTFaults.PlanFaults("GET /api/orders", 1, simulator.Fault{Status: 400})
		found := b.run(everything())
		kinds := map[reconcile.Kind]reconcile.Finding{}
		for _, f := range found {
			kinds[f.Kind] = f
		}
		if len(found) != 2 || !kinds[reconcile.Missing].Repaired {
			t.Errorf("%+v", found)
		}
		if f := kinds[reconcile.Unclear]; f.Repaired || f.Problem == "" || f.OrderID == "" {
			t.Errorf("%+v", f)
		}
		if len(b.FFT.OrdersOf(first))+len(b.FFT.OrdersOf(second)) != 1 {
			t.Error("want exactly the other one exported")
		}
	})
}

func TestOneOrderIsMadeRightAlone(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id, other := b.place("A-1"), b.place("A-2")
		for _, dry := range []bool{true, false} {
			finding, err := b.connector.Reconciler.ExamineOrder(t.Context(), b.snapshot(id))
			if !dry {
				finding, err = b.connector.Reconciler.RepairOrder(t.Context(), b.snapshot(id), reconcile.BySync)
			}
			if err != nil || finding == nil || finding.Kind != reconcile.Missing || finding.Repaired == dry {
				t.Errorf("dry run %v: %+v, %v", dry, finding, err)
			}
		}
		b.only(id)
		if len(b.FFT.OrdersOf(other)) != 0 {
			t.Error("another order was touched")
		}
		b.FFTFaults.SetOutage(true)
		if finding, err := b.connector.Reconciler.RepairOrder(t.Context(), b.snapshot(other), reconcile.BySync); err == nil || finding != nil {
			t.Errorf("during an outage: %+v, %v", finding, err)
		}
	})
}

func TestOneOrderThatAlwaysFailsDoesNotKeepTheWalkFromTheOthers(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		poisoned := b.place("A-1")
		b.place("A-2")
		b.place("A-3")
		b.CTFaults.PlanFaults("GET /demo/orders/"+poisoned, 1000, simulator.Fault{Status: 500})
		found := b.run(everything())
		repaired := 0
		for _, f := range found {
			switch {
			case f.Repaired:
				repaired++
			case f.Kind != reconcile.Unclear || f.OrderID != poisoned || f.Problem == "":
				t.Errorf("%+v", f)
			}
		}
		if len(found) != 3 || repaired != 2 {
			t.Errorf("%d findings, %d repaired", len(found), repaired)
		}
	})
}

func TestAShippedOrderThatLacksAFieldGetsIt(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id := b.place("A-1")
		b.repairs(1)
		b.step(id, 5)
		b.repairs(1)
		b.edit(id, map[string]any{"action": "setCustomField", "name": "fft_pickjob_id"})
		b.start() // what the connector remembers is out of date
		b.repairs(1)
		b.repairs(0)
	})
}
