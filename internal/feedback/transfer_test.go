package feedback_test

import (
	"testing"

	"fftconnect/internal/fulfillmenttools"
)

// supplying is the event of a job whose goods go to another facility.
func supplying(e fulfillmenttools.Event) fulfillmenttools.Event {
	e.Payload.Transfers = []fulfillmenttools.Transfer{{Type: fulfillmenttools.TransferSupplier}}
	return e
}

// receiving is the event of a job to which goods of other facilities come.
func receiving(e fulfillmenttools.Event) fulfillmenttools.Event {
	e.Payload.Transfers = []fulfillmenttools.Transfer{{Type: fulfillmenttools.TransferReceiver}}
	return e
}

// TestASuppliersHandOverIsNoDelivery: the goods are in another facility, which hands all of
// them over to the consumer.
func TestASuppliersHandOverIsNoDelivery(t *testing.T) {
	t.Parallel()
	receiver := part{"pj-2", 0, 2, 3}
	supplied := events(
		supplying(allShipped.says("PICK_JOB_CREATED")), receiving(receiver.says("PICK_JOB_CREATED")),
		supplying(allShipped.says("PICK_JOB_PICKING_FINISHED")), supplying(allShipped.hands("HANDOVERJOB_CREATED")), supplying(allShipped.hands("HANDOVERJOB_HANDED_OVER")),
	)
	for _, line := range [][]fulfillmenttools.Event{supplied, events(supplied[4], supplied[2], supplied[1], supplied[3], supplied[0])} {
		b := newBench()
		b.handle(t, line...)
		order := b.orders.order(orderID)
		if order.ShipmentState != "Pending" || order.TextField("fft_handoverjob_id") != "" || order.TextField("fft_pickjob_id") != "pj-2" {
			t.Errorf("%s, handover job %q, pick job %q", order.ShipmentState, order.TextField("fft_handoverjob_id"), order.TextField("fft_pickjob_id"))
		}
		b.delivers(t, "at the other facility", map[string]shownDelivery{})
		b.handle(t, receiving(receiver.hands("HANDOVERJOB_CREATED")))
		if got := b.orders.order(orderID).ShipmentState; got != "Ready" {
			t.Errorf("at the receiver: %s", got)
		}
		b.handle(t, receiving(receiver.hands("HANDOVERJOB_HANDED_OVER")))
		if got := b.orders.order(orderID).ShipmentState; got != "Shipped" {
			t.Errorf("handed over by the receiver: %s", got)
		}
	}
}

func TestAPickJobInWhichNothingWasFoundIsAborted(t *testing.T) {
	t.Parallel()
	zero := allShipped.nothingPicked()
	zero.Payload.Status = "ABORTED"
	for _, line := range permutations(events(allShipped.says("PICK_JOB_CREATED"), zero, right.hands("HANDOVERJOB_HANDED_OVER"))) {
		b := newBench()
		b.handle(t, line...)
		order := b.orders.order(orderID)
		if order.ShipmentState != "Shipped" || order.Fields["fft_load_units_amount"] != nil {
			t.Errorf("%s, load units %v after %s", order.ShipmentState, order.Fields["fft_load_units_amount"], names(line))
		}
	}
}

// TestPickingThatIsFinishedIsNotTheEnd: after a short pick fulfillmenttools may route the rest
// anew, and hand it over elsewhere.
func TestPickingThatIsFinishedIsNotTheEnd(t *testing.T) {
	t.Parallel()
	rest := part{"pj-3", 30, 1, 0}
	rerouted := again(allShipped.fewer(), 9)
	rerouted.Name, rerouted.Payload.Status = "PICK_JOB_REROUTED", "CLOSED"
	fewer := allShipped.hands("HANDOVERJOB_HANDED_OVER")
	fewer.Payload.HandoverJobLineItems[0].Quantity, fewer.Payload.HandoverJobLineItems[0].HandedOver = 1, 1
	told := events(
		allShipped.says("PICK_JOB_CREATED"), right.says("PICK_JOB_CREATED"), allShipped.fewer(), right.says("PICK_JOB_PICKING_FINISHED"),
		rerouted, rest.says("PICK_JOB_CREATED"), right.hands("HANDOVERJOB_HANDED_OVER"), fewer,
	)
	for _, line := range [][]fulfillmenttools.Event{told, events(told[7], told[6], told[5], told[4], told[3], told[2], told[1], told[0])} {
		b := newBench()
		b.handle(t, line...)
		if got := b.orders.order(orderID).ShipmentState; got != "Partial" {
			t.Errorf("the rest is still picked: %s after %s", got, names(line))
		}
		b.handle(t, rest.says("PICK_JOB_PICKING_FINISHED"), rest.hands("HANDOVERJOB_HANDED_OVER"))
		if got := b.orders.order(orderID).ShipmentState; got != "Shipped" {
			t.Errorf("the rest is handed over: %s", got)
		}
	}
}

func TestALineWithASubstituteIsNotShort(t *testing.T) {
	t.Parallel()
	job := fulfillmenttools.JobLines{
		{Quantity: 4, Picked: 1, Substitutes: []fulfillmenttools.Substitute{{Picked: 1}}},
		{Quantity: 4, Picked: 1, Substitutes: []fulfillmenttools.Substitute{{Picked: 0}}},
		{Quantity: 2, Picked: 3},
	}
	if got := []int{job[0].MissingPieces(), job[1].MissingPieces(), job[2].MissingPieces(), job.MissingPieces()}; got[0] != 0 || got[1] != 3 || got[2] != 0 || got[3] != 3 {
		t.Errorf("%v", got)
	}
	e := allShipped.fewer()
	e.Payload.PickLineItems[0].Quantity, e.Payload.PickLineItems[0].Picked = 4, 1
	e.Payload.PickLineItems[0].Substitutes = []fulfillmenttools.Substitute{{Picked: 1}}
	b := newBench()
	b.handle(t, e)
	if got := b.orders.order(orderID).Fields["fft_exceptions"]; len(got.([]any)) != 1 || got.([]any)[0] != "substituted" {
		t.Errorf("%v", got)
	}
}

// TestAHandoverJobMayHandOverSeveralParcels: it names one, or none; those of its shipment
// are its.
func TestAHandoverJobMayHandOverSeveralParcels(t *testing.T) {
	t.Parallel()
	box := func(name, parcel, number string, delivered bool) fulfillmenttools.Event {
		return event(name, parcel, func(p *fulfillmenttools.Payload) {
			p.ParcelInfoBefore.ShipmentRef = "sh-1"
			p.Parcel = fulfillmenttools.ParcelResult{TrackingNumber: number, Delivered: delivered}
		})
	}
	for named, parcel := range map[string]string{"it names one": "parcel-a", "it names none": ""} {
		job := func(name string) fulfillmenttools.Event {
			e := allShipped.hands(name)
			e.Payload.ParcelInfo = fulfillmenttools.ParcelInfo{ShipmentRef: "sh-1", ParcelRef: parcel, CarrierKey: "DHL_V2"}
			return e
		}
		told := events(
			job("HANDOVERJOB_CREATED"), box("PARCEL_CARRIER_ACKNOWLEDGED", "parcel-a", "T-a", false), box("PARCEL_CARRIER_ACKNOWLEDGED", "parcel-b", "T-b", false),
			box("PARCEL_CARRIER_ACKNOWLEDGED", "parcel-c", "T-c", false), job("HANDOVERJOB_HANDED_OVER"),
		)
		for _, line := range permutations(told) {
			b := newBench()
			b.handle(t, line...)
			shown := func(number string) shownParcel { return shownParcel{Tracking: number, Carrier: "DHL_V2"} }
			b.delivers(t, named+" "+names(line)[0], map[string]shownDelivery{"hj-1": {map[string]int{"line-1": 2}, map[string]shownParcel{
				"parcel-a": shown("T-a"), "parcel-b": shown("T-b"), "parcel-c": shown("T-c"),
			}}})
		}
		b := newBench()
		b.handle(t, told...)
		for i, id := range []string{"a", "b", "c"} {
			b.handle(t, again(box("PARCEL_TRACK_AND_TRACE_STATUS_UPDATED", "parcel-"+id, "T-"+id, true), 9))
			want := "Shipped"
			if i == 2 {
				want = "Delivered"
			}
			if got := b.orders.order(orderID).ShipmentState; got != want {
				t.Errorf("%s, %d delivered: %s", named, i+1, got)
			}
		}
	}
}
