package feedback

import (
	"cmp"
	"slices"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// Facts is what events say about the fulfilment of one order.
type Facts struct {
	Order       Ref        // the fulfillmenttools order
	PickJob     PickJob    // the latest known
	HandoverJob Ref        // the latest known
	Finished    []Finished // pick jobs whose picking is finished, sorted by id
	OrderRef    string     // the fulfillmenttools order that the finished jobs belong to
	Shipment    string     // shipment state that was reached; empty: none
}

// Ref names something in fulfillmenttools. Of two, the one created later is the
// latest; the id decides when both were created at once.
type Ref struct {
	ID      string
	Created time.Time
}

// PickJob is what the order shows of a pick job.
type PickJob struct {
	Ref
	ShortID  string
	Facility string
}

// Finished is a pick job whose picking is finished.
type Finished struct {
	ID     string
	Picked int       // pieces
	At     time.Time // when it was last changed
}

// Shipment states that events lead to, and those around them.
const (
	shipmentReady   = "Ready"
	shipmentShipped = "Shipped"
)

// shipmentRank orders shipment states by how far they are. A state that nobody
// ranks is one that a person or another system set on purpose: it stays.
var shipmentRank = map[string]int{
	"":              0,
	"Pending":       1,
	"Backorder":     1,
	shipmentReady:   2,
	"Delayed":       2,
	"Partial":       3,
	shipmentShipped: 4,
	"Delivered":     5,
	"Canceled":      6,
}

// FactsOf reads an event; ok is false for an event that changes nothing on the order.
func FactsOf(event fulfillmenttools.Event) (facts Facts, ok bool) {
	payload := event.Payload
	ref := Ref{ID: payload.ID, Created: payload.Created}
	switch event.Name {
	case fulfillmenttools.OrderCreatedEvent:
		return Facts{Order: ref}, true
	case fulfillmenttools.PickJobCreatedEvent:
		return Facts{PickJob: PickJob{Ref: ref, ShortID: payload.ShortID, Facility: payload.FacilityRef}}, true
	case fulfillmenttools.PickJobPickingFinishedEvent:
		return Facts{Finished: []Finished{{ID: payload.ID, Picked: payload.Picked, At: payload.LastModified}}, OrderRef: payload.OrderRef}, true
	case fulfillmenttools.HandoverJobCreatedEvent:
		return Facts{HandoverJob: ref, Shipment: shipmentReady}, true
	case fulfillmenttools.HandoverJobHandedOverEvent:
		return Facts{Shipment: shipmentShipped}, true
	default:
		return Facts{}, false
	}
}

// needFields reports whether the facts go to custom fields, and so concern the
// order's type.
func (f Facts) needFields() bool {
	return f.Order.ID != "" || f.PickJob.ID != "" || f.HandoverJob.ID != "" || len(f.Finished) > 0
}

// Merge is what both together say. The order in which facts are merged, and how
// often, makes no difference.
func (f Facts) Merge(other Facts) Facts {
	f.Order = latest(f.Order, other.Order)
	f.HandoverJob = latest(f.HandoverJob, other.HandoverJob)
	if other.PickJob.after(f.PickJob.Ref) {
		f.PickJob = other.PickJob
	}
	f.Finished = mergeFinished(f.Finished, other.Finished)
	f.OrderRef = max(f.OrderRef, other.OrderRef)
	if shipmentRank[other.Shipment] > shipmentRank[f.Shipment] {
		f.Shipment = other.Shipment
	}
	return f
}

// mergeFinished keeps the latest word on each job.
func mergeFinished(a, b []Finished) []Finished {
	merged := append(slices.Clone(a), b...)
	slices.SortFunc(merged, func(x, y Finished) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), y.At.Compare(x.At), cmp.Compare(y.Picked, x.Picked))
	})
	return slices.CompactFunc(merged, func(x, y Finished) bool { return x.ID == y.ID })
}

func latest(a, b Ref) Ref {
	if b.after(a) {
		return b
	}
	return a
}

// after reports whether r is the later of the two; nothing is after itself.
func (r Ref) after(other Ref) bool {
	switch {
	case r.ID == "":
		return false
	case other.ID == "":
		return true
	case !r.Created.Equal(other.Created):
		return r.Created.After(other.Created)
	default:
		return r.ID > other.ID
	}
}
