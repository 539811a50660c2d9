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

// pause is how long it is to the next visit after so many of them: RevisitAfter, twice
// that, and so on up to a day.
func (r *Reconciler) pause(visits int) time.Duration {
	pause := r.opts.RevisitAfter
	for range visits {
		if pause *= 2; pause >= longestPause {
			return longestPause
		}
	}
	return min(pause, longestPause)
}

// visit makes an open order right and says how it stands now; done is true when nothing
// will follow any more. An error means that it could not be looked into now.
func (r *Reconciler) visit(ctx context.Context, open OpenOrder) (now OpenOrder, done bool, finding *Finding, err error) {
	order, err := r.opts.Orders.Snapshot(ctx, open.ID)
	if remote.Is(err, remote.NotFound) {
		finding, err = r.deleted(ctx, open)
		if err != nil || finding == nil || finding.Repaired {
			return open, err == nil, finding, err
		}
		return r.goesOn(open), false, finding, nil
	}
	if err != nil {
		return open, false, nil, err
	}
	seen, finding, err := r.right(ctx, order, ByVisit)
	if err != nil {
		return open, false, nil, err
	}
	now, done, abandoned := r.standing(ctx, open, seen, finding)
	if abandoned != nil && finding == nil {
		finding = abandoned
		r.opts.Found(ctx, Found{*finding, ByVisit})
	}
	return now, done, finding, nil
}

// right repairs what differs of one order.
func (r *Reconciler) right(ctx context.Context, order commercetools.Snapshot, by By) (examined, *Finding, error) {
	seen, err := r.examine(ctx, order)
	if err != nil {
		finding, err := r.notExamined(ctx, order, err, by)
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
	finding, err := r.treated(ctx, seen, by)
	return seen, finding, err
}

// deleted sees to it that an order that commercetools does not know any more is not
// fulfilled.
func (r *Reconciler) deleted(ctx context.Context, open OpenOrder) (*Finding, error) {
	finding := Finding{
		OrderID: open.ID, OrderNumber: open.Number, Kind: Alive, At: r.opts.Now(),
		Detail: "the order was deleted in commercetools",
	}
	if r.skips(Alive) || r.opts.ReportOnly {
		return nil, nil
	}
	result, err := r.opts.Exporter.Handle(ctx, open.ID, export.Hint{OrderNumber: open.Number, Deleted: true})
	switch {
	case err != nil && remote.KindOf(err).MayPass():
		return nil, err
	case err != nil:
		finding.Problem, finding.Hint = err.Error(), remote.Hint(err)
	case result.Kind.NeedsAttention():
		finding.Problem, finding.Hint, finding.Refused = result.Reason, result.Hint, result.Kind == outcome.Refused
	case result.Kind == outcome.Applied:
		finding.Repaired = true
	default:
		return nil, nil
	}
	return r.told(ctx, finding, ByVisit), nil
}

// goesOn is how an order stands that was deleted and is fulfilled all the same: nothing
// may come of it any more, and it may yet be possible to cancel it.
func (r *Reconciler) goesOn(now OpenOrder) OpenOrder {
	now.State, now.Agrees = "deleted in commercetools, goes on in fulfillmenttools", false
	now.Late, now.Since = "", time.Time{}
	return r.putOff(now)
}

// putOff has the order visited after a longer pause, or no more when it gave no sign of
// life for RevisitFor.
func (r *Reconciler) putOff(order OpenOrder) OpenOrder {
	at := r.opts.Now()
	if at.Sub(order.Stirred) >= r.opts.RevisitFor {
		order.Next, order.LeftFor = time.Time{}, r.noSignOfLife()
		return order
	}
	order.Visits++
	order.Next = at.Add(r.pause(order.Visits))
	return order
}

func (r *Reconciler) noSignOfLife() string {
	return fmt.Sprintf("no sign of life for %s", days(r.opts.RevisitFor))
}

// standing is how an open order stands after it was looked into, and whether it is done.
func (r *Reconciler) standing(ctx context.Context, open OpenOrder, seen examined, finding *Finding) (now OpenOrder, done bool, abandoned *Finding) {
	now = open
	now.Number, now.State = seen.order.OrderNumber, seen.brief()
	now.Agrees = finding == nil && seen.refused == nil || finding != nil && finding.Repaired
	at := r.opts.Now()
	if finding != nil && finding.Repaired {
		now.Stirred, now.Visits = at, 0 // an event was lost: the next ones may be too
		now.Next = at.Add(r.pause(0))
		now.Late, now.Since = "", time.Time{}
		return now, false, nil
	}
	if finding == nil && r.done(ctx, open, seen) {
		return now, true, nil
	}
	if finding != nil && finding.Kind == Revoked && finding.Hint != "" {
		now.Next, now.LeftFor = time.Time{}, "cancelled in fulfillmenttools"
		return now, false, nil
	}
	if now = r.putOff(now); now.Next.IsZero() {
		return now, false, r.abandoned(seen, now)
	}
	var will time.Time
	now.Late, now.Since, will = lateness(seen, r.opts.LateAfter, at)
	if !will.IsZero() && will.Before(now.Next) {
		now.Next = will
	}
	return now, false, nil
}

func (r *Reconciler) abandoned(seen examined, now OpenOrder) *Finding {
	finding := r.finding(seen.order, Abandoned, now.State+"; "+now.LeftFor)
	if finding != nil {
		finding.Problem = "it is not visited any more"
		finding.Hint = "look the order up in fulfillmenttools; it is visited again after its next event, or by: fftconnect sync " + seen.order.ID
	}
	return finding
}

// done reports whether nothing will follow any more that we could miss.
func (r *Reconciler) done(ctx context.Context, open OpenOrder, seen examined) bool {
	if !seen.exists() || seen.truth.Order.Over() {
		return true // both sides agree
	}
	switch seen.truth.ShipmentState(seen.order) {
	case "Delivered":
		return true
	case "Shipped":
		follows, err := r.opts.Tracks(ctx)
		return err == nil && !(follows && seen.hasParcels()) || r.opts.Now().Sub(open.Stirred) >= r.opts.ShippedFor
	default:
		return false
	}
}

// hasParcels reports whether anything was given to a carrier.
func (e examined) hasParcels() bool {
	for _, job := range e.truth.HandoverJobs {
		if job.Parcel().ParcelRef != "" && !job.Void() {
			return true
		}
	}
	return false
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return d.String()
}
