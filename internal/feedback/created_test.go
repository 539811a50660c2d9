package feedback_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

func created(change func(*fulfillmenttools.Payload)) fulfillmenttools.Event {
	return event("ORDER_CREATED", "ord-1", change)
}

func TestACreatedOrderIsLinked(t *testing.T) {
	t.Parallel()
	b := newBench()
	if got := b.handle(t, created(nil)); got.Kind != outcome.Applied {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{orderID + " ord-1"}, b.counterparts.linked); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if len(b.counterparts.cancelled) != 0 {
		t.Errorf("cancelled %v", b.counterparts.cancelled)
	}
}

func TestALinkThatCannotBeRecordedIsLeftToTheSender(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.counterparts.err = errors.New("disk full")
	if _, err := b.Handle(t.Context(), created(nil)); !errors.Is(err, b.counterparts.err) {
		t.Errorf("%v", err)
	}
}

// gone deletes the order in commercetools.
func gone(b *bench) { delete(b.orders.orders, orderID) }

func cancelled(b *bench) {
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.OrderState = "Cancelled" })
}

func TestACreatedOrderThatNobodyWantsAnyMoreIsCancelled(t *testing.T) {
	t.Parallel()
	unknownProject := func(p *fulfillmenttools.Payload) { p.ProjectKey = "" }
	for name, test := range map[string]struct {
		known   bool // the order is remembered as confirmed
		linked  bool // the event came before
		happens func(*bench)
		change  func(*fulfillmenttools.Payload)
		cancels bool
	}{
		"cancelled":                                {happens: cancelled, cancels: true},
		"cancelled, remembered as confirmed":       {known: true, happens: cancelled, cancels: true},
		"cancelled, the event comes again":         {linked: true, happens: cancelled, cancels: true},
		"cancelled, made by another connector":     {happens: cancelled, change: unknownProject, cancels: true},
		"deleted":                                  {happens: gone, cancels: true},
		"deleted, remembered as confirmed":         {known: true, happens: gone, cancels: true},
		"deleted, the event comes again":           {linked: true, happens: gone, cancels: true},
		"missing, perhaps of another project":      {happens: gone, change: unknownProject},
		"confirmed":                                {happens: func(*bench) {}},
		"confirmed, and the event comes again":     {linked: true, happens: func(*bench) {}},
		"confirmed, remembered as of long ago":     {known: true, happens: func(b *bench) { b.orders.edit(orderID, func(*commercetools.Snapshot) {}) }},
		"complete already when the event is heard": {happens: func(b *bench) { b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.OrderState = "Complete" }) }},
	} {
		b := newBench()
		if test.known {
			b.Seen(b.orders.order(orderID))
		}
		if test.linked {
			b.handle(t, created(test.change))
		}
		test.happens(b)
		got := b.handle(t, created(test.change))
		if cancels := len(b.counterparts.cancelled) == 1 && b.counterparts.cancelled[0] == "ord-1"; cancels != test.cancels {
			t.Errorf("%s: cancels %v, %+v", name, b.counterparts.cancelled, got)
		}
		if test.cancels && got.Reason != "cancelled in fulfillmenttools" {
			t.Errorf("%s: ended as %+v", name, got)
		}
	}
}

func TestACancellationIsNotMissedWhereTheTypeLacksTheField(t *testing.T) {
	t.Parallel()
	b := newBench(ownType(), schemaWith("giftMessage"))
	b.Seen(b.orders.order(orderID))
	cancelled(b)
	b.handle(t, created(nil))
	if len(b.counterparts.cancelled) != 1 || b.orders.calls() != 1 {
		t.Errorf("cancelled %v after %d calls", b.counterparts.cancelled, b.orders.calls())
	}
}

func TestACheckForCancellationThatFailsIsLeftToTheSender(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, created(nil))
	b.orders.faults.next = []fault{unavailable}
	if _, err := b.Handle(t.Context(), created(nil)); !remote.Is(err, remote.Transient) {
		t.Errorf("%v", err)
	}
}

func TestTheLaterOfTwoOrdersOfFulfillmenttoolsStays(t *testing.T) {
	t.Parallel()
	older := created(nil)
	newer := event("ORDER_CREATED", "ord-0", func(p *fulfillmenttools.Payload) { p.Created = tuesday })
	for _, events := range [][]fulfillmenttools.Event{{older, newer}, {newer, older}} {
		b := newBench()
		b.fulfilment.orders["ord-1"] = fulfillmenttools.Order{ID: "ord-1", Created: monday}
		b.fulfilment.orders["ord-0"] = fulfillmenttools.Order{ID: "ord-0", Created: tuesday}
		for _, e := range events {
			b.handle(t, e)
		}
		if got := b.orders.order(orderID).TextField("fft_order_id"); got != "ord-0" {
			t.Errorf("%s came last: the order shows %s", events[1].Payload.ID, got)
		}
	}
}
