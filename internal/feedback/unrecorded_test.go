package feedback_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
)

// rank is how far a shipment state is.
var rank = map[string]int{"": 0, "Pending": 1, "Backorder": 1, "Ready": 2, "Delayed": 2, "Partial": 3, "Shipped": 4, "Delivered": 5, "Canceled": 6}

// drawUnrecorded draws an order whose type has no place for a record.
func drawUnrecorded(t *rapid.T) (b *bench, schema feedback.Schema) {
	shop := func(fields ...string) feedback.Schema { return schemaWith(append(fields, "giftMessage")...) }
	own := plainType()
	own.TypeID, own.Key = "type-own", "fft-order"
	switch rapid.SampledFrom([]string{"none", "documented", "legacy", "strange"}).Draw(t, "type") {
	case "none":
		b, schema = newBench(own), own
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.TypeID, o.Fields = "", nil })
		return b, schema
	case "documented":
		schema = shop(feedback.Documented.AllNames()...)
	case "legacy":
		schema = shop(feedback.Legacy.AllNames()...)
	default:
		schema = shop()
	}
	return newBench(own, schema), schema
}

// single are the fields of one value as this type names them.
func (w shown) single(schema feedback.Schema) map[string]any {
	names, fields := feedback.NamesAuto.NamesFor(schema.Fields), map[string]any{}
	for i, documented := range feedback.Documented.AllNames() {
		if value, ok := w.Fields[documented]; ok && schema.Fields[names.AllNames()[i]] {
			fields[names.AllNames()[i]] = value
		}
	}
	return fields
}

func (h *history) happened(name string) int {
	n := 0
	for _, e := range h.events {
		if e.Name == name {
			n++
		}
	}
	return n
}

// admits reports whether an order without a record may end in the state: at least as
// far as its events say one by one.
func (h *history) admits(state string) bool {
	handed, cancelled := h.happened("HANDOVERJOB_HANDED_OVER"), h.told.cancelled
	switch {
	case cancelled:
		return slices.Contains([]string{"Canceled", "Partial", "Shipped", "Delivered"}, state)
	case len(h.hands) == 0:
		return state == "Pending"
	case handed == 0 && h.happened("HANDOVERJOB_CANCELED") == len(h.hands):
		return state == "Pending" || state == "Ready" // what was cancelled when we asked was never ready
	case handed == 0 && h.happened("PARCEL_TRACK_AND_TRACE_STATUS_UPDATED") == 0:
		return state == "Ready"
	case h.happened("HANDOVERJOB_REVERTED") > 0 && state == "Ready":
		return true // lists show it already
	case len(h.picks) == 1 && len(h.hands) == 1:
		return state == "Shipped" || state == "Delivered"
	default:
		return rank[state] >= rank["Partial"] && state != "Canceled"
	}
}

func TestWithoutARecordAnyDeliveryMovesForwardAndLosesNoID(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := drawHistory(rt)
		b, schema := drawUnrecorded(rt)
		h.on(b)
		b.fulfilment.unlisted = nil // what a process names late is found by a visit
		b.orders.faults.next = drawFaults(rt)
		deliver(rt, t, shuffled(rt, h.events), drawReplicas(rt, b), func(int) {})
		order := b.orders.order(orderID)
		if diff := cmp.Diff(h.want().single(schema), shows(order).Fields, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("fields (-want +got):\n%s", diff)
		}
		if !h.admits(order.ShipmentState) {
			rt.Fatalf("ended as %s", order.ShipmentState)
		}
		for _, move := range b.orders.moves {
			if rank[move[1]] <= rank[move[0]] {
				rt.Fatalf("the shipment state stepped back: %v", b.orders.moves)
			}
		}
		for key := range h.want().Deliveries {
			if _, there := shows(order).Deliveries[key]; !there {
				rt.Fatalf("no delivery of %s", key)
			}
		}
	})
}
