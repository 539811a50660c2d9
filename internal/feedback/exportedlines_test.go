package feedback_test

import (
	"context"
	"slices"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// withLineThatStays is a bench whose second line never went to fulfillmenttools.
func withLineThatStays(stays bool) *bench {
	b := newBench()
	b.options.LinesStay = func(context.Context) (bool, error) { return stays, nil }
	b.Updater = feedback.New(b.options)
	b.fulfilment.orders["ord-1"] = fulfillmenttools.Order{ID: "ord-1", TenantOrderID: "A-1", Created: monday, OrderLineItems: lines(2, 0)}
	return b
}

func TestLinesThatStayedAwayGoToNoState(t *testing.T) {
	t.Parallel()
	for stays, want := range map[bool]int{true: 0, false: 3} {
		b := withLineThatStays(stays)
		b.rules.Cancelled.LineItemState = "returned"
		b.handle(t, ordered("ORDER_CANCELLED"), ordered("ORDER_CANCELLED"))
		order := b.orders.order(orderID)
		if inState(order, 0, "returned") != 2 || inState(order, 1, "returned") != want || b.orders.rejected > 0 {
			t.Errorf("lines stay: %v: %+v", stays, order.Lines)
		}
		if asked := len(b.fulfilment.calls); asked != map[bool]int{true: 1}[stays] {
			t.Errorf("lines stay: %v: calls %v", stays, b.fulfilment.calls)
		}
	}
}

func TestLinesThatStayedAwayAreNotLookedFor(t *testing.T) {
	t.Parallel()
	handed := func(name string) fulfillmenttools.Event {
		return event(name, "hj-1", func(p *fulfillmenttools.Payload) { p.HandoverJobLineItems = lines(2, 0) })
	}
	for stays, want := range map[bool][]string{true: {"order"}, false: {"process", "handover job"}} {
		b := withLineThatStays(stays)
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.Fields["fft_order_id"] = "ord-1" })
		b.handle(t, handed("HANDOVERJOB_HANDED_OVER"))
		if got := b.orders.order(orderID).ShipmentState; got != "Shipped" || !slices.Equal(b.fulfilment.calls, want) {
			t.Errorf("lines stay: %v: shipment state %s after %v, want %v", stays, got, b.fulfilment.calls, want)
		}
	}
}
