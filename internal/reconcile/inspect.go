package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// inspection is what differs for one order, and what a repair needs.
type inspection struct {
	finding *Finding // nil: both sides agree
	facts   feedback.Facts
}

// inspect compares one order with its counterpart. It changes nothing.
func (r *Reconciler) inspect(ctx context.Context, order commercetools.Snapshot) (inspection, error) {
	verdict, err := r.opts.Exporter.Outlook(ctx, order)
	if err != nil || !needsCalls(order, verdict) {
		return inspection{}, err
	}
	there, err := r.opts.Exporter.Find(ctx, order)
	if err != nil {
		return inspection{}, err
	}
	found := func(kind Kind, detail string) inspection {
		if r.skips(kind) {
			return inspection{}
		}
		return inspection{finding: &Finding{
			OrderID: order.ID, OrderNumber: order.OrderNumber, Kind: kind, Detail: detail, At: r.opts.Now(),
		}}
	}
	switch {
	case verdict == export.Cancel && (there.ID == "" || there.Status == fulfillmenttools.OrderCancelled):
		return inspection{}, nil
	case verdict == export.Cancel:
		return found(Alive, fmt.Sprintf("fulfillmenttools order %s is %s", there.ID, there.Status)), nil
	case there.ID == "" && verdict == export.Exported:
		return found(Missing, fmt.Sprintf("names fulfillmenttools order %s, which does not exist", order.Text(export.OrderIDField))), nil
	case there.ID == "":
		if left, err := r.opts.Exporter.LeftOut(ctx, order); err != nil || left {
			return inspection{}, err
		}
		return found(Missing, "its states lead to an export, but there is no order in fulfillmenttools"), nil
	}
	if !r.skips(Held) {
		if stuck, err := r.opts.Exporter.Stuck(ctx, order, there); err != nil || stuck {
			return found(Held, fmt.Sprintf("fulfillmenttools order %s is %s, but export.hold does not hold it", there.ID, there.Status)), err
		}
	}
	if r.skips(Behind) {
		return inspection{}, nil
	}
	facts, err := r.truth(ctx, there)
	if err != nil {
		return inspection{}, err
	}
	decision, err := r.opts.Updater.Preview(ctx, order, facts)
	if err != nil {
		return inspection{}, err
	}
	if len(decision.Actions)+len(decision.Further) == 0 {
		return inspection{}, nil
	}
	if slices.Equal(decision.Changed, []string{feedback.RecordField}) && facts.KnownTo(order) {
		return inspection{}, nil
	}
	behind := found(Behind, "lacks "+strings.Join(decision.Changed, ", "))
	behind.facts = facts
	return behind, nil
}

func (r *Reconciler) skips(kind Kind) bool { return slices.Contains(r.opts.Skip, kind) }

// needsCalls reports an order that does not show by itself that all is right. One that
// is shipped and names its counterpart should name its jobs too.
func needsCalls(order commercetools.Snapshot, verdict export.Verdict) bool {
	switch verdict {
	case export.Leave:
		return false
	case export.Exported:
		return !settled(order) || !namesJobs(order)
	default:
		return true
	}
}

// namesJobs reports an order that shows a pick job and a handover job, under either
// name of that field.
func namesJobs(order commercetools.Snapshot) bool {
	handover := order.Text(feedback.Documented.HandoverJobID) + order.Text(feedback.Legacy.HandoverJobID)
	return order.Text(feedback.Documented.PickJobID) != "" && handover != ""
}

// settled reports an order whose fulfilment is over as far as we show it, so that
// asking for it again is not worth a call.
func settled(order commercetools.Snapshot) bool {
	switch order.ShipmentState {
	case "Shipped", "Delivered", "Canceled":
		return true
	default:
		return false
	}
}

// truth asks fulfillmenttools for the order's jobs.
func (r *Reconciler) truth(ctx context.Context, there fulfillmenttools.Order) (feedback.Facts, error) {
	process, err := r.opts.Fulfilment.ProcessOfOrder(ctx, there.ID)
	if err != nil && !remote.Is(err, remote.NotFound) {
		return feedback.Facts{}, err
	}
	pickJobs, err := jobs(ctx, process.PickJobRefs, r.opts.Fulfilment.PickJob)
	if err != nil {
		return feedback.Facts{}, err
	}
	handoverJobs, err := jobs(ctx, process.HandoverJobRefs, r.opts.Fulfilment.HandoverJob)
	if err != nil {
		return feedback.Facts{}, err
	}
	return feedback.FactsOfJobs(there, pickJobs, handoverJobs), nil
}

func jobs(ctx context.Context, ids []string, read func(context.Context, string) (fulfillmenttools.Job, error)) ([]fulfillmenttools.Job, error) {
	var found []fulfillmenttools.Job
	for _, id := range ids {
		job, err := read(ctx, id)
		if remote.Is(err, remote.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, job)
	}
	return found, nil
}
