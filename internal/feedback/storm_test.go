package feedback_test

import (
	"slices"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// unrecorded is carriedBench's world around an order that carries no record.
func unrecorded(t *testing.T) *bench {
	t.Helper()
	carried, b := carriedBench(), newBench(plainType(), plainType())
	b.fulfilment.picks, b.fulfilment.hands, b.fulfilment.units = carried.fulfilment.picks, carried.fulfilment.hands, carried.fulfilment.units
	return b
}

func TestWithoutARecordPartsThatShareAnUpdateAreShipped(t *testing.T) {
	t.Parallel()
	b := unrecorded(t)
	other := b.fulfilment.hands["hj-2"]
	delete(b.fulfilment.hands, "hj-2")
	b.handle(t, allShipped.says("PICK_JOB_PICKING_FINISHED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"))
	if got := b.orders.order(orderID).ShipmentState; got != "Partial" {
		t.Errorf("shipment state %s before the second part", got)
	}
	b.fulfilment.hands["hj-2"] = other
	var together feedback.Facts
	for _, e := range []fulfillmenttools.Event{
		right.says("PICK_JOB_PICKING_FINISHED"), right.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_HANDED_OVER"),
	} {
		facts, _, _ := feedback.FactsOf(e, config.FeedbackRules{})
		together = together.Merge(facts)
	}
	if _, err := b.CatchUp(t.Context(), orderID, together); err != nil {
		t.Fatal(err)
	}
	if got := b.orders.order(orderID).ShipmentState; got != "Shipped" {
		t.Errorf("shipment state %s", got)
	}
}

func TestAParcelDeliveredAheadOfItsHandOverDoesNotFinishASplitOrder(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.fulfilment.picks["pj-2"] = right.says("PICK_JOB_CREATED").Payload.Job
	b.handle(t, ordered("ORDER_CREATED"), allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"), allShipped.delivered())
	if got := b.orders.order(orderID).ShipmentState; got != "Partial" {
		t.Errorf("shipment state %s while the other part was not even picked", got)
	}
}

func TestALateEventOfAJobThatWasGivenUpIsNoStepBack(t *testing.T) {
	t.Parallel()
	b := newBench()
	given := allShipped.says("PICK_JOB_CREATED")
	gone := given.Payload.Job
	gone.Status, gone.Version = "REROUTED", 4
	b.fulfilment.picks[gone.ID] = gone
	b.handle(t, event("HANDOVERJOB_HANDED_OVER", "hj-9", func(p *fulfillmenttools.Payload) { p.PickJobRef = "pj-9" }), given)
	if got := b.orders.order(orderID).ShipmentState; got != "Shipped" {
		t.Errorf("shipment state %s", got)
	}
}

func TestWithoutARecordAParcelIsReadWithItsHandoverJob(t *testing.T) {
	t.Parallel()
	b := unrecorded(t)
	acknowledged := allShipped.parcel("PARCEL_CARRIER_ACKNOWLEDGED", fulfillmenttools.ParcelResult{TrackingNumber: "T-1", TrackingURL: "https://t.example/T-1"})
	b.counterparts.known = "ord-1"
	b.fulfilment.have(allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"))
	b.fulfilment.parcels = map[string]fulfillmenttools.Payload{acknowledged.Payload.ID: acknowledged.Payload}
	b.handle(t, acknowledged, allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"))
	parcels := slices.DeleteFunc(parcelsOf(b.orders.order(orderID)), func(p commercetools.Parcel) bool { return p.Key != "parcel-hj-1" })
	if len(parcels) != 1 || parcels[0].Tracking.ID != "T-1" || parcels[0].TextField(feedback.TrackingURLField) != "https://t.example/T-1" {
		t.Errorf("parcels %+v", parcels)
	}
}

func parcelsOf(order commercetools.Snapshot) (parcels []commercetools.Parcel) {
	for _, shipping := range order.Shipping {
		for _, delivery := range shipping.Deliveries {
			parcels = append(parcels, delivery.Parcels...)
		}
	}
	return parcels
}
