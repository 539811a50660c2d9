package reconcile

import (
	"context"
	"fmt"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// longestPause is between two visits of an order at most.
const longestPause = 24 * time.Hour

// pauseAfterVisits is how long it is to the next visit after so many of them: RevisitAfter, twice
// that, and so on up to a day.
func (r *Reconciler) pauseAfterVisits(visits int) time.Duration {
	pause := r.opts.RevisitAfter
	for range visits {
		if pause *= 2; pause >= longestPause {
			return longestPause
		}
	}
	return min(pause, longestPause)
}

// visitOrder makes an open order right and says how it stands now; done is true when nothing
// will follow any more. An error means that it could not be looked into now.
func (r *Reconciler) visitOrder(ctx context.Context, open OpenOrder) (now OpenOrder, done bool, finding *Finding, err error) {
	order, err := r.opts.Orders.Snapshot(ctx, open.ID)
	if remote.Is(err, remote.NotFound) {
		finding, err = r.visitDeleted(ctx, open)
		if err != nil || finding == nil || finding.Repaired {
			return open, err == nil, finding, err
		}
		return r.stillFulfilled(open), false, finding, nil
	}
	if err != nil {
		return open, false, nil, err
	}
	seen, finding, err := r.examineAndRepair(ctx, order, ByVisit)
	if err != nil {
		return open, false, nil, err
	}
	now, done, abandoned := r.stateAfterVisit(ctx, open, seen, finding)
	if abandoned != nil && finding == nil {
		finding = abandoned
		r.opts.Publish(ctx, Published{*finding, ByVisit})
	}
	return now, done, finding, nil
}

// examineAndRepair repairs what differs of one order.
func (r *Reconciler) examineAndRepair(ctx context.Context, order commercetools.Snapshot, by Trigger) (examined, *Finding, error) {
	seen, err := r.examine(ctx, order)
	if err != nil {
		finding, err := r.findingOfFailure(ctx, order, err, by)
		return seen, finding, err
	}
	if by.person() {
		seen.finding = seen.differs()
	}
	if seen.finding == nil {
		if seen.refused == nil {
			r.opts.Agreed(order.ID)
		}
		return seen, nil, nil
	}
	finding, err := r.repairUnlessForbidden(ctx, seen, by)
	return seen, finding, err
}

// visitDeleted sees to it that an order that commercetools does not know any more is not
// fulfilled.
func (r *Reconciler) visitDeleted(ctx context.Context, open OpenOrder) (*Finding, error) {
	finding := Finding{
		OrderID: open.ID, OrderNumber: open.Number, Kind: Alive, At: r.opts.Now(),
		Detail: "the order was deleted in commercetools",
	}
	if r.isDisabled(Alive) || r.opts.ReportOnly {
		return nil, nil
	}
	result, err := r.opts.Exporter.Handle(ctx, open.ID, export.Hint{OrderNumber: open.Number, Deleted: true})
	switch {
	case err != nil && remote.KindOf(err).IsTemporary():
		return nil, err
	case err != nil:
		finding.Problem, finding.Hint = err.Error(), remote.HintOf(err)
	case result.Kind.NeedsAttention():
		finding.Problem, finding.Hint, finding.Refused = result.Reason, result.Hint, result.Kind == outcome.Refused
	case result.Kind == outcome.Applied:
		finding.Repaired = true
	default:
		return nil, nil
	}
	return r.publish(ctx, finding, ByVisit), nil
}

// stillFulfilled is how an order stands that was deleted and is fulfilled all the same: nothing
// may come of it any more, and it may yet be possible to cancel it.
func (r *Reconciler) stillFulfilled(now OpenOrder) OpenOrder {
	now.State, now.InSync = "deleted in commercetools, goes on in fulfillmenttools", false
	now.Late, now.Since = "", time.Time{}
	return r.postpone(now)
}

// postpone has the order visited after a longer pause, or no more when it gave no sign of
// life for RevisitFor.
func (r *Reconciler) postpone(order OpenOrder) OpenOrder {
	at := r.opts.Now()
	if at.Sub(order.LastActivity) >= r.opts.RevisitFor {
		order.Next, order.AbandonedFor = time.Time{}, r.noSignOfLife()
		return order
	}
	order.Visits++
	order.Next = at.Add(r.pauseAfterVisits(order.Visits))
	return order
}

func (r *Reconciler) noSignOfLife() string {
	return fmt.Sprintf("no sign of life for %s", daysText(r.opts.RevisitFor))
}

// stateAfterVisit is how an open order stands after it was looked into, and whether it is done.
func (r *Reconciler) stateAfterVisit(ctx context.Context, open OpenOrder, seen examined, finding *Finding) (now OpenOrder, done bool, abandoned *Finding) {
	now = open
	now.Number, now.State = seen.order.OrderNumber, seen.describeBriefly()
	now.InSync = finding == nil && seen.refused == nil || finding != nil && finding.Repaired
	at := r.opts.Now()
	if finding != nil && finding.Repaired {
		now.LastActivity, now.Visits = at, 0 // an event was lost: the next ones may be too
		now.Next = at.Add(r.pauseAfterVisits(0))
		now.Late, now.Since = "", time.Time{}
		return now, false, nil
	}
	if finding == nil && r.isDone(ctx, open, seen) {
		return now, true, nil
	}
	if finding != nil && finding.Kind == Revoked && finding.Hint != "" {
		now.Next, now.AbandonedFor = time.Time{}, "cancelled in fulfillmenttools"
		return now, false, nil
	}
	if now = r.postpone(now); now.Next.IsZero() {
		return now, false, r.abandonedFinding(seen, now)
	}
	var will time.Time
	now.Late, now.Since, will = whyLate(seen, r.opts.LateAfter, at)
	if !will.IsZero() && will.Before(now.Next) {
		now.Next = will
	}
	return now, false, nil
}

func (r *Reconciler) abandonedFinding(seen examined, now OpenOrder) *Finding {
	finding := r.newFinding(seen.order, Abandoned, now.State+"; "+now.AbandonedFor)
	if finding != nil {
		finding.Problem = "it is not visited any more"
		finding.Hint = "look the order up in fulfillmenttools; it is visited again after its next event, or by: fftconnect sync " + seen.order.ID
	}
	return finding
}

// isDone reports whether nothing will follow any more that we could miss.
func (r *Reconciler) isDone(ctx context.Context, open OpenOrder, seen examined) bool {
	if !seen.existsThere() || seen.truth.Order.IsOver() {
		return true // both sides agree
	}
	switch seen.truth.ShipmentState(seen.order) {
	case "Delivered":
		return true
	case "Shipped":
		follows, err := r.opts.Tracks(ctx)
		return err == nil && !(follows && seen.hasParcels()) || r.opts.Now().Sub(open.LastActivity) >= r.opts.ShippedFor
	default:
		return false
	}
}

// hasParcels reports whether anything was given to a carrier.
func (e examined) hasParcels() bool {
	for _, job := range e.truth.HandoverJobs {
		if job.FirstParcel().ParcelRef != "" && !job.IsVoid() {
			return true
		}
	}
	return false
}

func daysText(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return d.String()
}
