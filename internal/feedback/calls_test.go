package feedback_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// splitLife is a split order's whole life.
func splitLife() []fulfillmenttools.Event {
	return events(
		ordered("ORDER_CREATED"), allShipped.says("PICK_JOB_CREATED"), right.says("PICK_JOB_CREATED"),
		allShipped.says("PICK_JOB_PICKING_FINISHED"), allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"),
		right.says("PICK_JOB_PICKING_FINISHED"), right.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_HANDED_OVER"),
		allShipped.delivered(), right.delivered(),
	)
}

// carriedBench is a bench whose lists show both parts, handed over, with load units.
func carriedBench() *bench {
	b := newBench()
	b.counterparts.known = "ord-1"
	for _, p := range []part{allShipped, right} {
		pick, hand := p.says("PICK_JOB_PICKING_FINISHED").Payload.Job, p.hands("HANDOVERJOB_HANDED_OVER").Payload.Job
		hand.Status = "HANDED_OVER"
		b.fulfilment.picks[pick.ID], b.fulfilment.hands[hand.ID] = pick, hand
		b.fulfilment.units[pick.ID] = fulfillmenttools.LoadUnits{Count: 1}
	}
	return b
}

func TestAnUnsplitOrderCostsOneUpdateAnEventAndTheCountOfItsLoadUnits(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.fulfilment.units["pj-1"] = fulfillmenttools.LoadUnits{Count: 2}
	b.handle(t, append(life(), event("PARCEL_CARRIER_ACKNOWLEDGED", "pa-1", nil))...)
	if b.orders.reads != 1 || b.orders.updates != 6 || !slices.Equal(b.fulfilment.calls, []string{"load units"}) {
		t.Errorf("%d reads, %d updates and %v", b.orders.reads, b.orders.updates, b.fulfilment.calls)
	}
}

func TestASplitOrderAsksNothingMoreWhenItsEventsComeInOrder(t *testing.T) {
	t.Parallel()
	b := carriedBench()
	b.handle(t, splitLife()...)
	if diff := cmp.Diff([]string{"load units", "load units"}, b.fulfilment.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if b.orders.reads != 1 || b.orders.updates != len(splitLife()) {
		t.Errorf("%d reads and %d updates of %d events", b.orders.reads, b.orders.updates, len(splitLife()))
	}
}

func TestAHandOverAsksOnceAndOnlyWhenPartsMayBeUnknown(t *testing.T) {
	t.Parallel()
	unsplit, split := event("HANDOVERJOB_HANDED_OVER", "hj-1", nil), allShipped.hands("HANDOVERJOB_HANDED_OVER")
	short := event("PICK_JOB_PICKING_FINISHED", "pj-1", func(p *fulfillmenttools.Payload) { p.PickLineItems[1].Picked = 1 })
	shortHanded := event("HANDOVERJOB_HANDED_OVER", "hj-1", func(p *fulfillmenttools.Payload) { p.HandoverJobLineItems = lines(2, 1) })
	all := []string{"process", "pick job", "pick job", "handover job", "handover job", "parcel", "parcel"}
	for name, test := range map[string]struct {
		before []fulfillmenttools.Event
		event  fulfillmenttools.Event
		want   []string
		state  string
	}{
		"all pieces at once":               {nil, unsplit, nil, "Shipped"},
		"a part of the order":              {nil, split, all, "Shipped"},
		"the other part is waiting":        {events(right.says("PICK_JOB_CREATED")), split, nil, "Partial"},
		"the other part is packed":         {events(right.hands("HANDOVERJOB_CREATED")), split, nil, "Partial"},
		"the last part":                    {events(right.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_HANDED_OVER")), split, nil, "Shipped"},
		"short-picked: the rest may go on": {events(short), shortHanded, all, "Shipped"},
		"short-picked, which is not known": {events(event("PICK_JOB_CREATED", "pj-1", nil)), shortHanded, all, "Shipped"},
		"created only":                     {nil, allShipped.hands("HANDOVERJOB_CREATED"), nil, "Ready"},
		"cancelled":                        {nil, allShipped.hands("HANDOVERJOB_CANCELED"), all, "Shipped"},
	} {
		b := carriedBench()
		b.handle(t, test.before...)
		b.fulfilment.calls = nil
		b.handle(t, test.event)
		if diff := cmp.Diff(test.want, b.fulfilment.calls, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", name, diff)
		}
		if got := b.orders.order(orderID).ShipmentState; got != test.state {
			t.Errorf("%s: %s, want %s", name, got, test.state)
		}
		b.fulfilment.calls = nil
		if b.handle(t, test.event); len(b.fulfilment.calls) > 0 {
			t.Errorf("%s, again: %v", name, b.fulfilment.calls)
		}
	}
}

func TestAHandOverFindsThePartsThatNoEventToldOfYet(t *testing.T) {
	t.Parallel()
	b := carriedBench()
	other := b.fulfilment.hands["hj-2"]
	other.Status = "OPEN"
	b.fulfilment.hands["hj-2"] = other
	b.handle(t, allShipped.hands("HANDOVERJOB_HANDED_OVER"))
	order := b.orders.order(orderID)
	if order.ShipmentState != "Partial" || order.TextField("fft_pickjob_id") != "pj-2" {
		t.Errorf("%s, %v", order.ShipmentState, order.Fields)
	}
}

func TestAHandOverWaitsWhileTheProcessMayLag(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		since time.Duration // the handover job's creation
		waits time.Duration
	}{
		"just created": {time.Second, 10 * time.Second}, "a while ago": {4 * time.Second, 7 * time.Second}, "long ago": {12 * time.Second, 0},
		"the clocks differ": {-time.Hour, 10 * time.Second},
	} {
		b := newBench()
		b.options.Now = func() time.Time { return at(15).Add(test.since) }
		_, err := b.replica().Handle(t.Context(), allShipped.hands("HANDOVERJOB_HANDED_OVER"))
		if remote.WaitOf(err) != test.waits || (err != nil) != (test.waits > 0) || err != nil && !remote.Is(err, remote.Transient) {
			t.Errorf("%s: %v, waits %v, want %v", name, err, remote.WaitOf(err), test.waits)
		}
	}
}

func TestALateEventOfAJobGivenUpLongSinceIsNoStepBack(t *testing.T) {
	t.Parallel()
	gone := part{"pj-0", 1, 1, 1}
	b := newBench()
	pick, hand := gone.says("PICK_JOB_REROUTED").Payload.Job, gone.hands("HANDOVERJOB_CANCELED").Payload.Job
	pick.Status, hand.Status = "REROUTED", "CANCELED"
	b.fulfilment.picks[pick.ID], b.fulfilment.hands[hand.ID] = pick, hand
	b.handle(t, append(life(), gone.says("PICK_JOB_CREATED"), gone.hands("HANDOVERJOB_CREATED"))...)
	if b.shipment() != "Shipped" || len(b.orders.moves) != 2 {
		t.Errorf("%s by %v", b.shipment(), b.orders.moves)
	}
	if diff := cmp.Diff([]string{"load units", "process", "pick job", "pick job", "handover job", "handover job"}, b.fulfilment.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	b.orders.faults.next = []fault{unavailable}
	if _, err := b.Handle(t.Context(), part{"pj-9", 1, 1, 1}.says("PICK_JOB_CREATED")); !remote.Is(err, remote.Transient) {
		t.Errorf("a failure: %v", err)
	}
}

func TestNobodyIsAskedForAStateThatTheShopConfigured(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.rules.Collect.Collected.ShipmentState = "Delivered"
	b.handle(t, collect("HANDOVERJOB_CREATED"), collect("HANDOVERJOB_HANDED_OVER"), event("PICK_JOB_CREATED", "pj-1", nil), collect("HANDOVERJOB_CREATED"))
	if b.shipment() != "Delivered" || len(b.fulfilment.calls) != 0 {
		t.Errorf("%s after %v", b.shipment(), b.fulfilment.calls)
	}
}

func TestAQuestionThatFailsIsLeftToTheSender(t *testing.T) {
	t.Parallel()
	for failing := range 5 {
		b := carriedBench()
		b.orders.faults.next = append(slices.Repeat([]fault{fine}, 1+failing), unavailable)
		if _, err := b.Handle(t.Context(), allShipped.hands("HANDOVERJOB_HANDED_OVER")); !remote.Is(err, remote.Transient) || b.orders.updates > 0 {
			t.Errorf("question %d: %v after %d updates", failing, err, b.orders.updates)
		}
	}
}
