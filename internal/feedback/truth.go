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
	facts := Facts{Order: Ref{ID: order.ID, Created: order.Created}}
	for _, job := range pickJobs {
		facts = facts.Merge(Facts{PickJob: PickJob{Ref: Ref{ID: job.ID, Created: job.Created}, ShortID: job.ShortID, Facility: job.FacilityRef}})
		if job.PickingFinished() {
			facts = facts.Merge(Facts{Finished: []Finished{{ID: job.ID, Picked: job.PickLineItems.Picked(), At: job.LastModified}}, OrderRef: order.ID})
		}
	}
	for _, job := range handoverJobs {
		facts = facts.Merge(Facts{HandoverJob: Ref{ID: job.ID, Created: job.Created}})
		switch {
		case job.HandedOver():
			facts = facts.Merge(Facts{Shipment: shipmentShipped})
		case !job.Void():
			facts = facts.Merge(Facts{Shipment: shipmentReady})
		}
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
	schema, err := u.schema(ctx, order)
	if err != nil {
		return Decision{}, err
	}
	names := u.opts.FieldNames.For(schema.Fields)
	gathered, err := u.gather(ctx, order, names, facts)
	if err != nil {
		return Decision{}, err
	}
	return Decide(order, schema, names, facts, gathered), nil
}
