package feedback

import (
	"cmp"
	"iter"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// Shipment states.
const (
	shipmentPending   = "Pending"
	shipmentReady     = "Ready"
	shipmentDelayed   = "Delayed"
	shipmentPartial   = "Partial"
	shipmentShipped   = "Shipped"
	shipmentDelivered = "Delivered"
	shipmentCanceled  = "Canceled"
)

// shipmentRank orders shipment states by how far they are. A state that nobody
// ranks is one that a person or another system set on purpose: it stays.
var shipmentRank = map[string]int{
	"":                0,
	shipmentPending:   1,
	"Backorder":       1,
	shipmentReady:     2,
	shipmentDelayed:   2,
	shipmentPartial:   3,
	shipmentShipped:   4,
	shipmentDelivered: 5,
	shipmentCanceled:  6,
}

// present reports whether a job created then is of the order as fulfillmenttools has it
// now. One that was cancelled and placed anew has jobs that are older than it.
func (r Record) present(created time.Time) bool {
	return created.IsZero() || !created.Before(r.Order.Created)
}

// picking gives the pick jobs that count, by id. One that supplies another facility does
// not: that facility has a job for the same goods.
func (r Record) picking() iter.Seq2[string, PickJobRecord] {
	return func(yield func(string, PickJobRecord) bool) {
		for id, job := range r.PickJobs {
			if !job.Supplies && r.present(job.Created) && !yield(id, job) {
				return
			}
		}
	}
}

// handing gives the handover jobs that count, by id. Handing over to another facility is
// no delivery to the consumer.
func (r Record) handing() iter.Seq2[string, HandoverRecord] {
	return func(yield func(string, HandoverRecord) bool) {
		for id, job := range r.HandoverJobs {
			if !job.Supplies && r.present(job.Created) && !yield(id, job) {
				return
			}
		}
	}
}

// count is how far the handover jobs of an order are.
type count struct{ open, handed, delivered, canceled int }

func (r Record) handovers() (n count) {
	for _, job := range r.handing() {
		delivered := r.delivered(job)
		switch {
		case job.Status == fulfillmenttools.HandoverHandedOver, delivered && !fulfillmenttools.HandoverVoid(job.Status):
			n.handed++
			if delivered {
				n.delivered++
			}
		case job.Status == fulfillmenttools.HandoverCanceled:
			n.canceled++
		case !fulfillmenttools.HandoverVoid(job.Status):
			n.open++
		}
	}
	return n
}

// waiting reports whether a pick job has yet to get its handover job.
func (r Record) waiting() bool {
	reached, left := map[string]bool{}, 0
	for _, job := range r.handing() {
		reached[job.PickJob] = true
		if job.PickJob == "" {
			left-- // it is of one of them
		}
	}
	for id, job := range r.picking() {
		if !reached[id] && !job.Empty && !fulfillmenttools.PickJobVoid(job.Status) {
			left++
		}
	}
	return left > 0
}

// shipmentState is where the whole order is; empty when that is nowhere yet.
func (r Record) shipmentState() string {
	n := r.handovers()
	unfinished := !r.Order.Cancelled && (n.open > 0 || r.waiting())
	switch {
	case n.handed > 0 && unfinished:
		return shipmentPartial
	case n.handed > 0 && n.delivered == n.handed:
		return shipmentDelivered
	case n.handed > 0:
		return shipmentShipped
	case r.Order.Cancelled:
		return shipmentCanceled
	case n.open > 0:
		return shipmentReady
	case n.canceled > 0 && r.waiting():
		return shipmentReady // it was, and the cancellation of a part is no step back
	case n.canceled > 0:
		return shipmentCanceled
	case r.notPicked():
		return shipmentDelayed
	default:
		return ""
	}
}

// complete reports whether the record surely knows all parts of an order of so many
// pieces: its pick jobs, or its handover jobs, account for all of them.
func (r Record) complete(pieces int) bool {
	pieces = cmp.Or(r.Order.Pieces, pieces)
	picking, handing := 0, 0
	picked := map[string]int{}
	for _, job := range r.handing() {
		if job.Status != fulfillmenttools.HandoverObsolete {
			handing += job.Pieces
			picked[job.PickJob] += job.Pieces
		}
	}
	whole := true
	for id, job := range r.picking() {
		if fulfillmenttools.PickJobVoid(job.Status) {
			continue
		}
		// Picking finished is not final: what is short may be picked elsewhere.
		picking += job.Pieces - job.Short
		wanted := job.Pieces
		if job.PickedAt > 0 {
			wanted = job.Picked
		}
		if picked[id] < wanted {
			whole = false // it may have another handover job that is not known yet
		}
	}
	return handing >= pieces || picking >= pieces && whole
}

// collects reports whether the order is collected by its consumer.
func (r Record) collects() bool {
	for _, job := range r.handing() {
		if job.Collect {
			return true
		}
	}
	return false
}

// asConfigured is the shipment state that the shop wants in its place.
func (r Record) asConfigured(state string, rules config.FeedbackRules) string {
	switch {
	case state == shipmentReady && r.collects():
		return cmp.Or(rules.Collect.Ready.ShipmentState, state)
	case state == shipmentShipped && r.collects():
		return cmp.Or(rules.Collect.Collected.ShipmentState, state)
	case state == shipmentDelayed:
		return cmp.Or(rules.NotPicked.ShipmentState, state)
	case state == shipmentCanceled && r.Order.Cancelled:
		return cmp.Or(rules.Cancelled.ShipmentState, state)
	default:
		return state
	}
}

func movesForward(current, wanted string) bool {
	if wanted == "" {
		return false
	}
	rank, known := shipmentRank[current]
	return known && shipmentRank[wanted] > rank
}

// moves reports whether the order goes to the wanted state. Back it goes only from a
// state that we ourselves set: what a person set stays. That goods left is not taken
// back by a cancellation that knows nothing of it.
func moves(current, shown, wanted string) bool {
	if wanted == shipmentCanceled && current != shown && shipmentRank[current] >= shipmentRank[shipmentPartial] {
		return false
	}
	if movesForward(current, wanted) {
		return true
	}
	_, ranked := shipmentRank[current]
	return ranked && wanted != "" && wanted != current && current == shown
}
