package feedback_test

import (
	"strings"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

func (b *bench) shipment() string { return b.orders.order(orderID).ShipmentState }

func TestUpstreamDefect07TheShipmentStateIsThatOfTheWholeOrder(t *testing.T) {
	t.Parallel()
	b := carriedBench()
	for _, step := range []struct {
		event fulfillmenttools.Event
		want  string
	}{
		{allShipped.says("PICK_JOB_CREATED"), "Pending"},
		{right.says("PICK_JOB_CREATED"), "Pending"},
		{allShipped.hands("HANDOVERJOB_CREATED"), "Ready"},
		{allShipped.hands("HANDOVERJOB_HANDED_OVER"), "Partial"},
		{right.hands("HANDOVERJOB_CREATED"), "Partial"},
		{right.hands("HANDOVERJOB_HANDED_OVER"), "Shipped"},
		{right.hands("HANDOVERJOB_CREATED"), "Shipped"},
		{allShipped.hands("HANDOVERJOB_HANDED_OVER"), "Shipped"},
		{allShipped.delivered(), "Shipped"},
		{right.delivered(), "Delivered"},
		{allShipped.hands("HANDOVERJOB_CREATED"), "Delivered"},
	} {
		b.handle(t, step.event)
		if got := b.shipment(); got != step.want {
			t.Errorf("after %s of %s: %s, want %s", step.event.Name, step.event.Payload.ID, got, step.want)
		}
	}
	cancelled := newBench()
	cancelled.handle(t, allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_CANCELED"))
	if got := cancelled.shipment(); got != "Canceled" {
		t.Errorf("all cancelled: %s", got)
	}
	collected := newBench()
	collected.rules.Collect.Collected.ShipmentState = "Delivered"
	collected.handle(t, collect("HANDOVERJOB_CREATED"), collect("HANDOVERJOB_HANDED_OVER"))
	if got := collected.shipment(); got != "Delivered" {
		t.Errorf("click and collect: %s", got)
	}
}

func TestUpstreamDefect08IDsOfSplitAndReroutedOrdersAreKept(t *testing.T) {
	t.Parallel()
	own := ownType()
	own.Fields[feedback.ParcelsField] = true
	b := newBench(own)
	third := part{"pj-3", 30, 0, 3}
	b.handle(t, allShipped.says("PICK_JOB_CREATED"), right.says("PICK_JOB_CREATED"), right.says("PICK_JOB_REROUTED"), third.says("PICK_JOB_CREATED"),
		allShipped.hands("HANDOVERJOB_CREATED"), third.hands("HANDOVERJOB_CREATED"), allShipped.delivered(),
		event("PARCEL_CARRIER_ACKNOWLEDGED", "parcel-hj-3", nil), allShipped.says("PICK_JOB_CREATED"))
	order := b.orders.order(orderID)
	for field, want := range map[string]int{feedback.PickJobsField: 3, feedback.HandoverJobsField: 2} {
		if ids, _ := order.Fields[field].([]any); len(ids) != want {
			t.Errorf("%s is %v", field, ids)
		}
	}
	if order.TextField("fft_pickjob_id") != "pj-3" || order.TextField("fft_handoverjob_id") != "hj-3" || order.TextField("fft_facility_id") != "f-pj-3" {
		t.Errorf("the latest do not show: %v", order.Fields)
	}
	if got := order.TextField(feedback.ParcelsField); strings.Count(got, "tracking_number") != 2 {
		t.Errorf("%s is %s", feedback.ParcelsField, got)
	}
}

func TestUpstreamDefect09WhatGoesOtherwiseThanPlannedIsHandled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		events []fulfillmenttools.Event
		holds  func(commercetools.Snapshot) bool
	}{
		"hand-over reverted": {
			events(allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"), allShipped.hands("HANDOVERJOB_REVERTED")),
			func(o commercetools.Snapshot) bool { return o.ShipmentState == "Ready" },
		},
		"hand-over cancelled": {
			events(allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_CANCELED")),
			func(o commercetools.Snapshot) bool {
				return o.ShipmentState == "Canceled" && len(o.Shipping[0].Deliveries) == 0
			},
		},
		"aborted, cancelled, rerouted": {
			events(allShipped.says("PICK_JOB_ABORTED"), part{"pj-8", 1, 1, 1}.says("PICK_JOB_CANCELED"), part{"pj-9", 2, 1, 1}.says("PICK_JOB_REROUTED"), right.hands("HANDOVERJOB_HANDED_OVER")),
			func(o commercetools.Snapshot) bool { return o.ShipmentState == "Shipped" },
		},
		"short-picked":  {events(allShipped.fewer()), excepts("shortPicked")},
		"cancelled":     {events(ordered("ORDER_CANCELLED")), excepts("cancelled")},
		"not routable":  {events(unroutable(5)), excepts("notRoutable")},
		"a piece back":  {events(returned("r-1", "ACCEPTED", "line-1")), func(o commercetools.Snapshot) bool { return len(o.ReturnKeys) == 1 }},
		"parcels":       {events(allShipped.hands("HANDOVERJOB_CREATED")), showsParcel(shownParcel{})},
		"parcels' news": {events(allShipped.hands("HANDOVERJOB_CREATED"), acknowledged), showsParcel(shownParcel{"T-1", "DHL_V2", "https://track.example/T-1", 1200})},
	} {
		b := newBench()
		b.rules.Returns = true
		b.handle(t, test.events...)
		if order := b.orders.order(orderID); !test.holds(order) {
			t.Errorf("%s: %+v", name, order)
		}
	}
}

func excepts(exception string) func(commercetools.Snapshot) bool {
	return func(o commercetools.Snapshot) bool {
		named, _ := o.Fields[feedback.ExceptionsField].([]any)
		return len(named) == 1 && named[0] == exception
	}
}

func showsParcel(want shownParcel) func(commercetools.Snapshot) bool {
	return func(o commercetools.Snapshot) bool { return shows(o).Deliveries["hj-1"].Parcels["parcel-hj-1"] == want }
}

func TestUpstreamDefect12TrackingThatComesLaterIsToldAndItsFailureToo(t *testing.T) {
	t.Parallel()
	own := ownType()
	own.Fields[feedback.ParcelsField] = true
	b := newBench(own)
	old := allShipped.hands("HANDOVERJOB_CREATED") // as it was before November 2024
	old.Payload.ParcelInfoBefore, old.Payload.ParcelInfo = fulfillmenttools.ParcelInfoBefore(old.Payload.ParcelInfo), fulfillmenttools.ParcelInfo{}
	b.handle(t, old)
	b.orders.faults.next = []fault{unavailable}
	if _, err := b.Handle(t.Context(), acknowledged); err == nil {
		t.Errorf("a failure is swallowed")
	}
	b.handle(t, acknowledged)
	order := b.orders.order(orderID)
	if got := order.TextField(feedback.ParcelsField); got != `[{"tracking_number":"T-1","tracking_url":"https://track.example/T-1"}]` {
		t.Errorf("%s is %q", feedback.ParcelsField, got)
	}
	if !showsParcel(shownParcel{"T-1", "DHL_V2", "https://track.example/T-1", 1200})(order) {
		t.Errorf("deliveries are %+v", shows(order).Deliveries)
	}
}

func TestUpstreamDefect13AConflictIsRetriedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.orders.faults.next = []fault{fine, overtaken, fine, overtaken}
	got := b.handle(t, allShipped.hands("HANDOVERJOB_CREATED"))
	if got.Kind != outcome.Applied || b.shipment() != "Ready" || b.orders.updates != 3 {
		t.Errorf("%+v after %d updates: %s", got, b.orders.updates, b.shipment())
	}
}

func TestUpstreamDefect14FieldsDoNotNeedTheOrdersEventFirst(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.TypeID, o.Fields = "", nil })
	b.handle(t, allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"), ordered("ORDER_CREATED"))
	if order := b.orders.order(orderID); order.TextField("fft_pickjob_id") != "pj-1" || order.TextField("fft_handoverjob_id") != "hj-1" || order.TextField("fft_order_id") != "ord-1" {
		t.Errorf("fields are %v", order.Fields)
	}
	other := newBench(ownType(), schemaWith("giftMessage"))
	got := other.handle(t, allShipped.hands("HANDOVERJOB_CREATED"))
	if other.shipment() != "Ready" || len(got.Notes) == 0 || got.Hint == "" {
		t.Errorf("another type: %s, %+v", other.shipment(), got)
	}
}

func TestUpstreamDefect29AnOrderThatIsGoneDoesNotLoop(t *testing.T) {
	t.Parallel()
	b := newBench()
	gone(b)
	for _, name := range telling[1:] {
		if got := b.handle(t, event(name, "x-1", nil)); got.Kind != outcome.Ignored {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestUpstreamDefect34AHandoverNeedsNoLookUp(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.Seen(b.orders.order(orderID))
	b.handle(t, event("HANDOVERJOB_CREATED", "hj-1", nil), event("HANDOVERJOB_HANDED_OVER", "hj-1", nil))
	if b.orders.reads != 0 || len(b.fulfilment.calls) != 0 {
		t.Errorf("%d reads and %v", b.orders.reads, b.fulfilment.calls)
	}
}

func TestUpstreamDefect41BothSpellingsOfFieldNamesAreServed(t *testing.T) {
	t.Parallel()
	for _, names := range []feedback.Names{feedback.Documented, feedback.Legacy} {
		b := newBench(ownType(), schemaWith(names.AllNames()...))
		b.handle(t, allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"))
		if order := b.orders.order(orderID); order.TextField(names.ShortID) != "S-pj-1" || order.TextField(names.HandoverJobID) != "hj-1" {
			t.Errorf("%v", order.Fields)
		}
	}
}
