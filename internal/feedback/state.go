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

// isOfCurrentOrder reports whether a job created then is of the order as fulfillmenttools has it
// now. One that was cancelled and placed anew has jobs that are older than it.
func (r JobRecord) isOfCurrentOrder(created time.Time) bool {
	return created.IsZero() || !created.Before(r.Order.Created)
}

// currentPickJobs gives the pick jobs that count, by id. One that supplies another facility does
// not: that facility has a job for the same goods.
func (r JobRecord) currentPickJobs() iter.Seq2[string, PickJobRecord] {
	return func(yield func(string, PickJobRecord) bool) {
		for id, job := range r.PickJobs {
			if !job.Supplies && r.isOfCurrentOrder(job.Created) && !yield(id, job) {
				return
			}
		}
	}
}

// currentHandoverJobs gives the handover jobs that count, by id. Handing over to another facility is
// no delivery to the consumer.
func (r JobRecord) currentHandoverJobs() iter.Seq2[string, HandoverRecord] {
	return func(yield func(string, HandoverRecord) bool) {
		for id, job := range r.HandoverJobs {
			if !job.Supplies && r.isOfCurrentOrder(job.Created) && !yield(id, job) {
				return
			}
		}
	}
}

// handoverCount is how far the handover jobs of an order are.
type handoverCount struct{ open, handed, delivered, canceled int }

func (r JobRecord) countHandovers() (n handoverCount) {
	for _, job := range r.currentHandoverJobs() {
		delivered := r.isDelivered(job)
		switch {
		case job.Status == fulfillmenttools.HandoverHandedOver, delivered && !fulfillmenttools.IsHandoverVoid(job.Status):
			n.handed++
			if delivered {
				n.delivered++
			}
		case job.Status == fulfillmenttools.HandoverCanceled:
			n.canceled++
		case !fulfillmenttools.IsHandoverVoid(job.Status):
			n.open++
		}
	}
	return n
}

// hasPickJobWithoutHandover reports whether a pick job has yet to get its handover job.
func (r JobRecord) hasPickJobWithoutHandover() bool {
	reached, left := map[string]bool{}, 0
	for _, job := range r.currentHandoverJobs() {
		reached[job.PickJob] = true
		if job.PickJob == "" {
			left-- // it is of one of them
		}
	}
	for id, job := range r.currentPickJobs() {
		if !reached[id] && !job.Empty && !fulfillmenttools.IsPickJobVoid(job.Status) {
			left++
		}
	}
	return left > 0
}

// shipmentState is where the whole order is; empty when that is nowhere yet.
func (r JobRecord) shipmentState() string {
	n := r.countHandovers()
	unfinished := !r.Order.Cancelled && (n.open > 0 || r.hasPickJobWithoutHandover())
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
	case n.canceled > 0 && r.hasPickJobWithoutHandover():
		return shipmentReady // it was, and the cancellation of a part is no step back
	case n.canceled > 0:
		return shipmentCanceled
	case r.isNotPicked():
		return shipmentDelayed
	default:
		return ""
	}
}

// isComplete reports whether the record surely knows all parts of an order of so many
// pieces: its pick jobs, or its handover jobs, account for all of them.
func (r JobRecord) isComplete(pieces int) bool {
	pieces = cmp.Or(r.Order.Pieces, pieces)
	picking, handing := 0, 0
	picked := map[string]int{}
	for _, job := range r.currentHandoverJobs() {
		if job.Status != fulfillmenttools.HandoverObsolete {
			handing += job.Pieces
			picked[job.PickJob] += job.Pieces
		}
	}
	whole := true
	for id, job := range r.currentPickJobs() {
		if fulfillmenttools.IsPickJobVoid(job.Status) {
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

// isCollected reports whether the order is collected by its consumer.
func (r JobRecord) isCollected() bool {
	for _, job := range r.currentHandoverJobs() {
		if job.Collect {
			return true
		}
	}
	return false
}

// configuredState is the shipment state that the shop wants in its place.
func (r JobRecord) configuredState(state string, rules config.FeedbackRules) string {
	switch {
	case state == shipmentReady && r.isCollected():
		return cmp.Or(rules.Collect.Ready.ShipmentState, state)
	case state == shipmentShipped && r.isCollected():
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

// mayMove reports whether the order goes to the wanted state. Back it goes only from a
// state that we ourselves set: what a person set stays. That goods left is not taken
// back by a cancellation that knows nothing of it.
func mayMove(current, shown, wanted string) bool {
	if wanted == shipmentCanceled && current != shown && shipmentRank[current] >= shipmentRank[shipmentPartial] {
		return false
	}
	if movesForward(current, wanted) {
		return true
	}
	_, ranked := shipmentRank[current]
	return ranked && wanted != "" && wanted != current && current == shown
}
