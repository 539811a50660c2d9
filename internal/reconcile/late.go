package reconcile

import (
	"time"

	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// Late is why an open order is late; empty when it is not.
type Late string

// Why an order is late, the most pressing first.
const (
	LateNotRoutable   Late = "not routable"
	LatePastTarget    Late = "past its target time"
	LateNotHandedOver Late = "picked, not handed over"
	LateNoPickJob     Late = "no pick job"
)

// Lates lists them all.
var Lates = []Late{LateNotRoutable, LatePastTarget, LateNotHandedOver, LateNoPickJob}

// Advice is what to do about it.
func (l Late) Advice() string {
	switch l {
	case LateNotRoutable:
		return "look in fulfillmenttools why no facility takes it: stock, capacity, carriers and opening hours; then route it there again, or cancel it in the shop"
	case LatePastTarget:
		return "ask the facility that has the pick job; it can be rerouted in fulfillmenttools"
	case LateNotHandedOver:
		return "ask the facility whether the parcel has left; if it has, close the handover job in fulfillmenttools"
	case LateNoPickJob:
		return "look in fulfillmenttools whether the order is locked, or waits for its release; if it is neither, its routing is stuck: ask fulfillmenttools"
	}
	return ""
}

// Thresholds are how long something may take.
type Thresholds struct {
	PickJob  time.Duration // from the export to a pick job; 2 hours when zero
	Handover time.Duration // from the end of picking to the hand-over; 24 hours when zero
	Target   time.Duration // beyond the target time; a minute when zero
}

func (t Thresholds) withDefaults() Thresholds {
	if t.PickJob == 0 {
		t.PickJob = 2 * time.Hour
	}
	if t.Handover == 0 {
		t.Handover = 24 * time.Hour
	}
	if t.Target == 0 {
		t.Target = time.Minute
	}
	return t
}

// whyLate says since when the order is late, and why; and else, when it will be if
// nothing happens.
func whyLate(seen examined, after Thresholds, now time.Time) (why Late, since, will time.Time) {
	there := seen.truth.Order
	state := seen.truth.ShipmentState(seen.order)
	if !seen.existsThere() || there.IsOver() || there.Status == fulfillmenttools.OrderLocked || hasLeft(state) {
		return "", time.Time{}, time.Time{}
	}
	if at := feedback.NotRoutableSince(seen.order); !at.IsZero() {
		return LateNotRoutable, at, time.Time{}
	}
	due := map[Late]time.Time{}
	if target := there.TargetTime(); !target.IsZero() {
		due[LatePastTarget] = target.Add(after.Target)
	}
	if at := seen.waitsForHandoverSince(); !at.IsZero() {
		due[LateNotHandedOver] = at.Add(after.Handover)
	}
	if at := seen.waitsForPickJobSince(); !at.IsZero() {
		due[LateNoPickJob] = at.Add(after.PickJob)
	}
	for _, why := range Lates {
		at, counts := due[why]
		switch {
		case counts && !at.After(now):
			return why, at, time.Time{}
		case counts && (will.IsZero() || at.Before(will)):
			will = at
		}
	}
	return "", time.Time{}, will
}

// hasLeft reports a state after which nothing is late.
func hasLeft(shipmentState string) bool {
	return shipmentState == "Shipped" || shipmentState == "Delivered" || shipmentState == "Canceled"
}

// waitsForPickJobSince is since when the order has no pick job that somebody works on; zero
// when it has one.
func (e examined) waitsForPickJobSince() time.Time {
	since := e.truth.Order.Created
	for _, job := range e.truth.PickJobs {
		if !fulfillmenttools.IsPickJobVoid(job.Status) {
			return time.Time{}
		}
		if job.LastModified.After(since) {
			since = job.LastModified
		}
	}
	return since
}

// waitsForHandoverSince is since when something is picked that was not handed over; zero when
// nothing is.
func (e examined) waitsForHandoverSince() (since time.Time) {
	for _, job := range e.truth.PickJobs {
		if !job.IsPickingFinished() || e.isHandedOver(job.ID) {
			continue
		}
		if since.IsZero() || job.LastModified.Before(since) {
			since = job.LastModified
		}
	}
	return since
}

func (e examined) isHandedOver(pickJob string) bool {
	for _, job := range e.truth.HandoverJobs {
		if job.PickJobRef == pickJob && job.IsHandedOver() {
			return true
		}
	}
	return false
}
