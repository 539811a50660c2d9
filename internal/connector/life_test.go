package connector_test

import "testing"

func TestAnOrderTravelsThereAndBack(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick()})
		id := r.CT.PlaceOrder(simpleOrder("A-1001"))
		r.settle()
		there := mustBeOne(t, r.FFT.OrdersOf(id), "after confirmation")
		if there.TenantOrderID != "A-1001" {
			t.Errorf("tenantOrderId is %q", there.TenantOrderID)
		}
		r.ship()
		if got := r.field(id, "fft_order_id"); got != there.ID {
			t.Errorf("fft_order_id is %v, want %s%s\n%s", got, there.ID, describe(r.outcomes(id)), r.logs.String())
		}
		there = mustBeOne(t, r.FFT.OrdersOf(id), "at the end")
		if got := r.field(id, "fft_pickjob_id"); got != there.PickJobs[0].ID {
			t.Errorf("fft_pickjob_id is %v", got)
		}
		if got := r.field(id, "fft_facility_id"); got != there.PickJobs[0].FacilityRef {
			t.Errorf("fft_facility_id is %v", got)
		}
		if got := r.field(id, "fft_load_units_amount"); got != float64(there.LoadUnits) {
			t.Errorf("fft_load_units_amount is %v, want %d", got, there.LoadUnits)
		}
		if got := r.field(id, "fft_handoverjob_id"); got != there.HandoverJobs[0].ID {
			t.Errorf("fft_handoverjob_id is %v", got)
		}
		if got := r.shipmentState(id); got != "Shipped" {
			t.Errorf("shipment state is %q", got)
		}
	})
}
