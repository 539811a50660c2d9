package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// examined is an order as it is on both platforms, and what differs.
type examined struct {
	order   commercetools.Snapshot
	verdict export.Verdict
	truth   feedback.Truth // without an order there: it has no counterpart
	twin    fulfillmenttools.Order
	finding *Finding // nil: nothing is to be done by ourselves
	refused *Finding // a change that was refused before and still differs
}

// differs is what somebody who asks is told, and may have tried again.
func (e examined) differs() *Finding { return cmp.Or(e.finding, e.refused) }

// existsThere reports whether the order has a counterpart.
func (e examined) existsThere() bool { return e.truth.Order.ID != "" }

// examine compares one order with its counterpart, whatever states both are in. It changes
// nothing.
func (r *Reconciler) examine(ctx context.Context, order commercetools.Snapshot) (examined, error) {
	seen := examined{order: order}
	var err error
	if seen.verdict, err = r.opts.Exporter.Outlook(ctx, order); err != nil {
		return seen, err
	}
	there, err := r.opts.Exporter.FindCounterpart(ctx, order)
	if err != nil {
		return seen, err
	}
	seen.truth.Order = there
	if there.ID != "" && !r.isDisabled(Double) {
		if seen.twin, err = r.opts.Exporter.FindTwin(ctx, order, there); err != nil {
			return seen, err
		}
		if seen.twin.ID != "" {
			seen.finding = r.newFinding(order, Double, fmt.Sprintf("fulfillmenttools orders %s and %s are both alive", there.ID, seen.twin.ID))
			return seen, nil
		}
	}
	if kind, detail, err := r.compareExistence(ctx, order, seen.verdict, there); err != nil || kind != "" {
		seen.finding = r.newFinding(order, kind, detail)
		return seen, err
	}
	if there.ID == "" {
		return seen, nil
	}
	return seen, r.compareProgress(ctx, &seen)
}

// newFinding is nil for a kind that is left alone.
func (r *Reconciler) newFinding(order commercetools.Snapshot, kind Kind, detail string) *Finding {
	if kind == "" || r.isDisabled(kind) {
		return nil
	}
	return &Finding{OrderID: order.ID, OrderNumber: order.OrderNumber, Kind: kind, Detail: detail, At: r.opts.Now()}
}

// mayBeErased reports whether an exported order that is not there any more says nothing:
// it is neither cancelled, nor to be exported again, nor a reason to call somebody.
func (r *Reconciler) mayBeErased(order commercetools.Snapshot) bool {
	return !order.CreatedAt.IsZero() && r.opts.Now().Sub(order.CreatedAt) > export.ErasedAfter
}

// compareExistence says whether the counterpart lacks, goes on or is held against the order's wish.
func (r *Reconciler) compareExistence(ctx context.Context, order commercetools.Snapshot, verdict export.Verdict, there fulfillmenttools.Order) (Kind, string, error) {
	switch {
	case verdict == export.Cancel && (there.ID == "" || there.IsOver()):
		return "", "", nil
	case verdict == export.Cancel:
		return Alive, fmt.Sprintf("fulfillmenttools order %s is %s", there.ID, there.Status), nil
	case there.ID == "" && verdict == export.Exported && r.mayBeErased(order):
		return "", "", nil
	case there.ID == "" && verdict == export.Exported:
		return Missing, fmt.Sprintf("names fulfillmenttools order %s, which does not exist", order.TextField(export.OrderIDField)), nil
	case there.ID == "" && verdict == export.Create:
		left, err := r.opts.Exporter.IsExcluded(ctx, order)
		if err != nil || left {
			return "", "", err
		}
		return Missing, "its states lead to an export, but there is no order in fulfillmenttools", nil
	case there.ID == "" || r.isDisabled(Held):
		return "", "", nil
	}
	stuck, err := r.opts.Exporter.IsWronglyLocked(ctx, order, there)
	if err != nil || !stuck {
		return "", "", err
	}
	return Held, fmt.Sprintf("fulfillmenttools order %s is %s, but export.hold does not hold it", there.ID, there.Status), nil
}

// compareProgress reads what became of the counterpart, and says what of it the order does
// not show.
func (r *Reconciler) compareProgress(ctx context.Context, seen *examined) (err error) {
	if seen.truth, err = r.opts.Updater.ReadTruth(ctx, seen.order, seen.truth.Order); err != nil {
		return err
	}
	facts := seen.truth.Facts()
	decision, err := r.opts.Updater.Preview(ctx, seen.order, facts)
	if err != nil {
		return err
	}
	onlyRecord := slices.Equal(decision.Changed, []string{feedback.RecordField}) && facts.AreKnownTo(seen.order)
	if len(decision.Actions)+len(decision.OptionalActions) > 0 && !onlyRecord && !r.isDisabled(Behind) {
		seen.finding = r.newFinding(seen.order, Behind, "lacks "+strings.Join(decision.Changed, ", "))
		return nil
	}
	there, exported := seen.truth.Order, seen.verdict == export.Exported || seen.verdict == export.Create
	switch {
	case !exported:
		return nil
	case there.IsOver():
		seen.finding = r.newFinding(seen.order, Revoked, fmt.Sprintf("fulfillmenttools order %s is %s, but the order is %s", there.ID, there.Status, seen.order.OrderState))
		return nil
	case r.isDisabled(Changed):
		return nil
	}
	change, err := r.opts.Exporter.DescribeChanges(ctx, seen.order, there)
	switch {
	case change.Fields == "":
	case change.Told:
		seen.refused = r.newFinding(seen.order, Changed, change.Fields)
	default:
		seen.finding = r.newFinding(seen.order, Changed, change.Fields)
	}
	return err
}

func (r *Reconciler) isDisabled(kind Kind) bool { return slices.Contains(r.opts.Skip, kind) }

// needsFulfillmenttools reports an order that does not show by itself that all is right. One that
// is shipped and names its counterpart should name its jobs too.
func needsFulfillmenttools(order commercetools.Snapshot, verdict export.Verdict) bool {
	switch verdict {
	case export.Leave:
		return false
	case export.Exported:
		return !isFulfilmentOver(order) || !namesJobs(order)
	default:
		return true
	}
}

// namesJobs reports an order that shows a pick job and a handover job, under either
// name of that field.
func namesJobs(order commercetools.Snapshot) bool {
	handover := order.TextField(feedback.Documented.HandoverJobID) + order.TextField(feedback.Legacy.HandoverJobID)
	return order.TextField(feedback.Documented.PickJobID) != "" && handover != ""
}

// isFulfilmentOver reports an order whose fulfilment is over as far as we show it, so that
// asking for it again is not worth a call.
func isFulfilmentOver(order commercetools.Snapshot) bool {
	switch order.ShipmentState {
	case "Shipped", "Delivered", "Canceled":
		return true
	default:
		return false
	}
}
