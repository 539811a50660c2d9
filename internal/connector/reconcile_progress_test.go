package connector_test

import (
	"strings"
	"testing"

	"fftconnect/internal/feedback"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/testtime"
)

func TestAJobThatOnlyGoesOnIsNoDifference(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id := b.place("A-1")
		b.repairs(1)
		b.step(id, 1)
		if f := b.repairs(1)[0]; f.Kind != reconcile.Behind || !strings.Contains(f.Detail, "fft_pickjob_id") {
			t.Errorf("%+v", f)
		}
		b.step(id, 1) // picking has begun: no event tells of it and the order does not show it
		before := b.snapshot(id).Version
		b.repairs(0)
		if after := b.snapshot(id).Version; after != before {
			t.Errorf("the order went from version %d to %d", before, after)
		}
	})
}

func TestDeliveriesRecordAndSetsAreRepairedToo(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		id := b.CT.PlaceOrder(having("shippingInfo", map[string]any{"shippingMethodName": "Standard"}))
		b.repairs(1)
		b.step(id, 5)
		b.repairs(1)
		there := b.only(id)
		order := b.snapshot(id)
		if len(order.Shipping) != 1 || len(order.Shipping[0].Deliveries) != 1 {
			t.Fatalf("shipping is %+v", order.Shipping)
		}
		delivery := order.Shipping[0].Deliveries[0]
		if delivery.Key != there.HandoverJobs[0].ID || len(delivery.Items) != 1 || len(delivery.Parcels) != 1 {
			t.Errorf("the delivery is %+v", delivery)
		}
		for _, field := range []string{feedback.PickJobsField, feedback.HandoverJobsField} {
			if ids, _ := order.Fields[field].([]any); len(ids) != 1 {
				t.Errorf("%s is %v", field, ids)
			}
		}
		if !strings.Contains(order.TextField(feedback.RecordField), there.PickJobs[0].ID) {
			t.Errorf("the record is %s", order.TextField(feedback.RecordField))
		}
		b.repairs(0)
	})
}

func TestWhatTheShopRefusesForGoodIsNotFoundAgainAndAgain(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		b.CT.PutCustomObject("fft", "configuration", map[string]any{"feedback": map[string]any{"cancelled": map[string]any{"workflowState": "nowhere"}}})
		id := b.place("A-1")
		b.repairs(1)
		if err := b.FFT.CancelByFFT(b.only(id).ID, false); err != nil {
			t.Fatal(err)
		}
		b.repairs(1)
		before := b.snapshot(id)
		if before.ShipmentState != "Canceled" {
			t.Errorf("shipment %s", before.ShipmentState)
		}
		if found := b.run(everything()); len(found) != 1 || found[0].Kind != reconcile.Revoked || found[0].Repaired || found[0].Hint == "" {
			t.Errorf("an order that is cancelled there only: %+v", found)
		}
		if after := b.snapshot(id).Version; after != before.Version {
			t.Errorf("the order went from version %d to %d", before.Version, after)
		}
	})
}
