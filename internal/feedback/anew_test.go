package feedback_test

import (
	"testing"

	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// secondOrder is the creation of another fulfillmenttools order for the same order, after
// the first one was cancelled.
func secondOrder() fulfillmenttools.Event {
	return event("ORDER_CREATED", "ord-2", func(p *fulfillmenttools.Payload) { p.Created = at(60) })
}

// anew is the only part of the second order.
var anew = part{"pj-5", 70, 2, 3}

func TestAnOrderThatIsFulfilledAnewForgetsItsFormerJobs(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.fulfilment.units["pj-1"], b.fulfilment.units["pj-5"] = fulfillmenttools.LoadUnits{Count: 2}, fulfillmenttools.LoadUnits{Count: 1}
	b.handle(t, ordered("ORDER_CREATED"), allShipped.says("PICK_JOB_CREATED"), allShipped.fewer(), allShipped.hands("HANDOVERJOB_CREATED"), unroutable(25), ordered("ORDER_FORCE_CANCELLED"))
	if got := b.shipment(); got != "Canceled" {
		t.Fatalf("cancelled: %s", got)
	}
	b.handle(t, secondOrder(), anew.says("PICK_JOB_CREATED"), anew.says("PICK_JOB_PICKING_FINISHED"))
	order := b.orders.order(orderID)
	if order.ShipmentState != "Canceled" || order.Fields["fft_load_units_amount"] != float64(1) || order.Fields[feedback.ExceptionsField] != nil {
		t.Errorf("picked anew: %s, %v", order.ShipmentState, order.Fields)
	}
	b.handle(t, anew.hands("HANDOVERJOB_CREATED"))
	if got := b.shipment(); got != "Ready" {
		t.Errorf("ready anew: %s", got)
	}
	b.handle(t, anew.hands("HANDOVERJOB_HANDED_OVER"), allShipped.says("PICK_JOB_CREATED"))
	if got := b.shipment(); got != "Shipped" {
		t.Errorf("handed over anew: %s", got)
	}
	if ids, _ := b.orders.order(orderID).Fields[feedback.PickJobsField].([]any); len(ids) != 2 {
		t.Errorf("%s is %v", feedback.PickJobsField, ids)
	}
}

func TestAJobWhoseShortPiecesAreReroutedCounts(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.fulfilment.units["pj-1"] = fulfillmenttools.LoadUnits{Count: 2}
	rerouted := again(allShipped.says("PICK_JOB_REROUTED"), 5)
	rerouted.Payload.Status, rerouted.Payload.PickLineItems = "CLOSED", allShipped.fewer().Payload.PickLineItems
	b.handle(t, allShipped.says("PICK_JOB_CREATED"), allShipped.fewer(), rerouted)
	if got := b.orders.order(orderID).Fields["fft_load_units_amount"]; got != float64(2) {
		t.Errorf("load units: %v", got)
	}
}

func TestTheFormerJobsOfAnOrderAreForgottenInWhateverOrderEventsCome(t *testing.T) {
	t.Parallel()
	for _, line := range permutations(events(allShipped.hands("HANDOVERJOB_CREATED"), ordered("ORDER_CANCELLED"), secondOrder(), anew.says("PICK_JOB_CREATED"), anew.hands("HANDOVERJOB_HANDED_OVER"))) {
		b := newBench()
		b.handle(t, line...)
		if got := b.shipment(); got != "Shipped" {
			t.Fatalf("%s after %v", got, names(line))
		}
	}
}
