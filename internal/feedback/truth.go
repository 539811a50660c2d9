package feedback

import (
	"context"
	"fmt"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// FactsOfJobs is what fulfillmenttools itself says of an order, as opposed to what
// its events said: the same facts that all its events together would give.
func FactsOfJobs(order fulfillmenttools.Order, pickJobs, handoverJobs []fulfillmenttools.Job) Facts {
	facts := Facts{Jobs: Record{Order: OrderRecord{
		ID: order.ID, Created: order.Created.UTC(), Pieces: order.OrderLineItems.Pieces(), Cancelled: order.Status == fulfillmenttools.OrderCancelled,
	}}, OrderRef: order.ID, Name: order.TenantOrderID}
	for _, job := range pickJobs {
		if job.PickingFinished() {
			facts = facts.Merge(finishedFacts(job))
		} else {
			facts = facts.Merge(pickJobFacts(job, job.Status))
		}
	}
	for _, job := range handoverJobs {
		shipment := ""
		switch {
		case job.HandedOver():
			shipment = shipmentShipped
		case !job.Void():
			shipment = shipmentReady
		}
		facts = facts.Merge(handoverFacts(job, job.Status, shipment))
	}
	return facts
}

// CatchUp brings an order up to the facts, as their events would have.
func (u *Updater) CatchUp(ctx context.Context, orderID string, facts Facts) (outcome.Result, error) {
	done, err := u.batches.join(ctx, orderID, facts, func(ctx context.Context, facts Facts) (update, error) {
		return u.converge(ctx, orderID, facts)
	})
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, err)
	}
	return done.result(orderID), nil
}

// Preview lists what CatchUp would change on the order as it is given, and changes
// nothing.
func (u *Updater) Preview(ctx context.Context, order commercetools.Snapshot, facts Facts) (Decision, error) {
	shape, err := u.shape(ctx, order)
	if err != nil {
		return Decision{}, err
	}
	gathered, err := u.gather(ctx, order, shape, &facts)
	if err != nil {
		return Decision{}, err
	}
	return Decide(order, shape, facts, gathered), nil
}

// KnownTo reports whether the order's record tells all that the facts say, but for jobs
// that merely go on: no event tells of that, and nobody sees it on the order.
func (f Facts) KnownTo(order commercetools.Snapshot) bool {
	known := recordOf(order)
	return known.outline() == known.merge(f.Jobs).outline()
}

// outline is the record's text without versions, and without states that lie between a
// job's beginning and its end.
func (r Record) outline() string {
	picking, handing := map[string]PickJobRecord{}, map[string]HandoverRecord{}
	for id, job := range r.PickJobs {
		job.Version, job.PickedAt, job.CountedAt = 0, 0, 0
		if !fulfillmenttools.PickingFinished(job.Status) && !fulfillmenttools.PickJobVoid(job.Status) {
			job.Status = ""
		}
		picking[id] = job
	}
	for id, job := range r.HandoverJobs {
		job.Version, job.LinesAt = 0, 0
		if job.Status != fulfillmenttools.HandoverHandedOver && !fulfillmenttools.HandoverVoid(job.Status) {
			job.Status = ""
		}
		handing[id] = job
	}
	r.PickJobs, r.HandoverJobs = picking, handing
	return r.text()
}
