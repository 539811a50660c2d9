package feedback

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Truth is what fulfillmenttools itself says of an order, as opposed to what its events
// said.
type Truth struct {
	Order        fulfillmenttools.Order
	PickJobs     []fulfillmenttools.Job
	HandoverJobs []fulfillmenttools.Job
	Parcels      []fulfillmenttools.Payload // as far as the shop follows them, and they are not delivered yet
	ForeignJobs  []string                   // jobs that the order shows and that are not its own
}

// ReadTruth reads all that belongs to the fulfilment of an order: its process, each of its
// jobs by id, each parcel whose news are followed and not over, and whatever else the order
// shows.
func (u *Updater) ReadTruth(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (Truth, error) {
	process, err := u.findProcess(ctx, there.ID, there.ProcessID)
	if err != nil {
		return Truth{Order: there}, err
	}
	truth, err := u.readTruth(ctx, order, there, process, JobRecord{}, JobRecord{})
	if err == nil {
		truth.ForeignJobs, err = u.findForeignJobs(ctx, order, truth)
	}
	return truth, err
}

// findProcess is the order's process: the one that somebody named, if it is of the order, and
// else the one that is found by the order; the zero Process when there is none.
func (u *Updater) findProcess(ctx context.Context, orderID, named string) (fulfillmenttools.Process, error) {
	if named != "" {
		process, err := u.opts.Fulfilment.Process(ctx, named)
		if err == nil && (orderID == "" || process.OrderRef == orderID) || err != nil && !remote.Is(err, remote.NotFound) {
			return process, err
		}
	}
	if orderID == "" {
		return fulfillmenttools.Process{}, nil
	}
	process, err := u.opts.Fulfilment.ProcessOfOrder(ctx, orderID)
	if remote.Is(err, remote.NotFound) {
		return fulfillmenttools.Process{}, nil
	}
	return process, err
}

// readTruth is Truth, and includes those of the told jobs that are of the order though its
// process does not name them: it may lag behind. It leaves out those to skip.
func (u *Updater) readTruth(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order, process fulfillmenttools.Process, told, skip JobRecord) (Truth, error) {
	truth := Truth{Order: there}
	rules, err := u.opts.Rules(ctx)
	if err != nil {
		return truth, err
	}
	if truth.PickJobs, err = readEach(ctx, withoutIDs(mergeIDs(process.PickJobRefs, told.PickJobs), skip.PickJobs), u.opts.Fulfilment.PickJob); err != nil {
		return truth, err
	}
	truth.PickJobs = slices.DeleteFunc(truth.PickJobs, func(job fulfillmenttools.Job) bool {
		return job.OrderRef != "" && there.ID != "" && job.OrderRef != there.ID
	})
	if truth.HandoverJobs, err = readEach(ctx, withoutIDs(mergeIDs(process.HandoverJobRefs, told.HandoverJobs), skip.HandoverJobs), u.opts.Fulfilment.HandoverJob); err != nil {
		return truth, err
	}
	truth.HandoverJobs = slices.DeleteFunc(truth.HandoverJobs, func(job fulfillmenttools.Job) bool {
		_, known := skip.PickJobs[job.PickJobRef]
		return job.PickJobRef != "" && !slices.Contains(process.HandoverJobRefs, job.ID) && !known &&
			!slices.ContainsFunc(truth.PickJobs, func(pick fulfillmenttools.Job) bool { return pick.ID == job.PickJobRef })
	})
	if !rules.WritesDeliveries() || !rules.WritesTracking() {
		return truth, nil
	}
	truth.Parcels, err = readEach(ctx, withoutIDs(truth.undeliveredParcels(JobRecordOf(order), skip), skip.Parcels), u.opts.Fulfilment.Parcel)
	return truth, err
}

// undeliveredParcels are the parcels of the jobs, and of those that were skipped, as far as
// nobody knows that they were delivered.
func (t Truth) undeliveredParcels(known, skipped JobRecord) (parcels []string) {
	jobs := maps.Clone(skipped.HandoverJobs)
	if jobs == nil {
		jobs = map[string]HandoverRecord{}
	}
	for _, job := range t.HandoverJobs {
		jobs[job.ID] = handoverFacts(job, job.Status, "").Jobs.HandoverJobs[job.ID]
	}
	for _, id := range sortedIDs(jobs) {
		job := jobs[id]
		over := fulfillmenttools.IsHandoverVoid(job.Status) || job.Collect || known.Parcels[job.Parcel].Delivered
		if job.Parcel != "" && !over && !slices.Contains(parcels, job.Parcel) {
			parcels = append(parcels, job.Parcel)
		}
	}
	return parcels
}

// mergeIDs is the ids and those of the jobs that are not among them.
func mergeIDs[V any](named []string, jobs map[string]V) []string {
	return append(named, slices.DeleteFunc(sortedIDs(jobs), func(id string) bool { return slices.Contains(named, id) })...)
}

// withoutIDs is the ids without those of these jobs.
func withoutIDs[V any](named []string, jobs map[string]V) []string {
	return slices.DeleteFunc(slices.Clone(named), func(id string) bool {
		_, skipped := jobs[id]
		return skipped
	})
}

// readEach reads what these ids name; what is gone is left out.
func readEach[V any](ctx context.Context, ids []string, read func(context.Context, string) (V, error)) ([]V, error) {
	var found []V
	for _, id := range ids {
		value, err := read(ctx, id)
		if remote.Is(err, remote.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	return found, nil
}

// Facts are those that all events together would give.
func (t Truth) Facts() Facts {
	facts := Facts{Jobs: JobRecord{Order: OrderRecord{
		ID: t.Order.ID, Created: t.Order.Created.UTC(), Pieces: t.Order.OrderLineItems.Pieces(),
		Cancelled: t.Order.IsOver(),
	}}, OrderRef: t.Order.ID, Whole: true, Foreign: t.ForeignJobs}
	for _, job := range t.PickJobs {
		if job.IsPickingFinished() {
			facts = facts.Merge(pickingFinishedFacts(job))
		} else {
			facts = facts.Merge(pickJobFacts(job, job.Status))
		}
	}
	for _, job := range t.HandoverJobs {
		shipment := ""
		switch {
		case job.IsHandedOver():
			shipment = shipmentShipped
		case !job.IsVoid():
			shipment = shipmentReady
		}
		facts = facts.Merge(handoverFacts(job, job.Status, shipment))
	}
	for _, parcel := range t.Parcels {
		if told, ok := parcelFacts(parcel); ok {
			facts = facts.Merge(told)
		}
	}
	return facts
}

// ShipmentState is where the whole order is; empty when that is nowhere yet.
func (t Truth) ShipmentState(order commercetools.Snapshot) string {
	return JobRecordOf(order).withoutJobs(t.ForeignJobs).merge(t.Facts().Jobs).shipmentState()
}

// CatchUp brings an order up to the facts, as their events would have.
func (u *Updater) CatchUp(ctx context.Context, orderID string, facts Facts) (outcome.Result, error) {
	done, err := u.batches.updateTogether(ctx, orderID, facts, func(ctx context.Context, facts Facts) (update, error) {
		return u.updateOrder(ctx, orderID, facts)
	})
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, err)
	}
	return done.toResult(orderID), nil
}

// Preview lists what CatchUp would change on the order as it is given, and changes
// nothing.
func (u *Updater) Preview(ctx context.Context, order commercetools.Snapshot, facts Facts) (Decision, error) {
	shape, err := u.loadShape(ctx, order)
	if err != nil {
		return Decision{}, err
	}
	known, err := u.completeFacts(ctx, order, shape, &facts)
	if err != nil {
		return Decision{}, err
	}
	return Decide(order, shape, known, facts), nil
}

// AreKnownTo reports whether the order's record tells all that the facts say, but for jobs
// that merely go on: no event tells of that, and nobody sees it on the order.
func (f Facts) AreKnownTo(order commercetools.Snapshot) bool {
	known := JobRecordOf(order)
	return known.comparableText() == known.withoutJobs(f.Foreign).merge(f.Jobs).comparableText()
}

// comparableText is the record's text without versions, and without states that lie between a
// job's beginning and its end.
func (r JobRecord) comparableText() string {
	picking, handing := map[string]PickJobRecord{}, map[string]HandoverRecord{}
	for id, job := range r.PickJobs {
		job.Version, job.PickedAt, job.CountedAt = 0, 0, 0
		if !fulfillmenttools.IsPickingFinished(job.Status) && !fulfillmenttools.IsPickJobVoid(job.Status) {
			job.Status = ""
		}
		picking[id] = job
	}
	for id, job := range r.HandoverJobs {
		job.Version, job.LinesAt = 0, 0
		if job.Status != fulfillmenttools.HandoverHandedOver && !fulfillmenttools.IsHandoverVoid(job.Status) {
			job.Status = ""
		}
		handing[id] = job
	}
	r.PickJobs, r.HandoverJobs = picking, handing
	return r.encode()
}

// NotRoutableSince is when no facility was found for the order, as far as it shows; zero
// when one was.
func NotRoutableSince(order commercetools.Snapshot) time.Time {
	record := JobRecordOf(order)
	if !record.isNotRoutable() {
		return time.Time{}
	}
	return record.Unroutable
}
