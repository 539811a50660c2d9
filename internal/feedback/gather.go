package feedback

import (
	"cmp"
	"context"
	"slices"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// Fulfilment is what is asked of fulfillmenttools.
type Fulfilment interface {
	Order(ctx context.Context, id string) (fulfillmenttools.Order, error)
	ProcessOfOrder(ctx context.Context, orderID string) (fulfillmenttools.Process, error)
	PickJob(ctx context.Context, id string) (fulfillmenttools.Job, error)
	HandoverJob(ctx context.Context, id string) (fulfillmenttools.Job, error)
	PickJobsOfOrder(ctx context.Context, orderID string) ([]fulfillmenttools.Job, error)
	PickJobsNamed(ctx context.Context, tenantOrderID string) ([]fulfillmenttools.Job, error)
	HandoverJobsNamed(ctx context.Context, tenantOrderID string) ([]fulfillmenttools.Job, error)
	LoadUnits(ctx context.Context, pickJobID string) (fulfillmenttools.LoadUnits, error)
	Parcel(ctx context.Context, id string) (fulfillmenttools.Payload, error)
	Process(ctx context.Context, id string) (fulfillmenttools.Process, error)
}

// gather asks for what the decision needs, and adds it to the facts. An order with
// one pick job and one handover job needs nothing but its load units, when picking
// has finished.
func (u *Updater) gather(ctx context.Context, order commercetools.Snapshot, shape Shape, facts *Facts) (Gathered, error) {
	known := recordOf(order).without(facts.Foreign)
	if err := u.countLoadUnits(ctx, order, known, shape, facts); err != nil {
		return Gathered{}, err
	}
	went, err := u.readWent(ctx, order, known, shape, facts)
	if err != nil {
		return Gathered{}, err
	}
	if err := u.findParts(ctx, order, known, shape, facts); err != nil {
		return Gathered{}, err
	}
	if err := u.lookBack(ctx, order, known, shape, facts); err != nil {
		return Gathered{}, err
	}
	if err := u.readParcels(ctx, order, shape, facts); err != nil {
		return Gathered{}, err
	}
	if err := u.readShipped(ctx, known, facts); err != nil {
		return Gathered{}, err
	}
	gathered, err := u.ages(ctx, order, known.merge(facts.Jobs), shape)
	gathered.Went = went
	return gathered, err
}

// readParcels reads the parcels of the event's handover jobs for an order that carries no
// record: what the carrier said before the handover job came was not remembered.
func (u *Updater) readParcels(ctx context.Context, order commercetools.Snapshot, shape Shape, facts *Facts) error {
	if shape.Order.Fields[RecordField] || shape.Parcel.Key == "" || len(order.Shipping) == 0 {
		return nil
	}
	for _, id := range ids(facts.Jobs.HandoverJobs) {
		job := facts.Jobs.HandoverJobs[id]
		if job.Parcel == "" || job.Collect || fulfillmenttools.HandoverVoid(job.Status) || followed(order, keyOf(job.Parcel)) {
			continue
		}
		parcel, err := u.opts.Fulfilment.Parcel(ctx, job.Parcel)
		if remote.Is(err, remote.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if told, ok := parcelFacts(parcel); ok {
			*facts = facts.Merge(told)
		}
	}
	return nil
}

// readShipped reads the parcels that a shipment names and whose numbers are not known:
// parcels tell them, shipments need not.
func (u *Updater) readShipped(ctx context.Context, known Record, facts *Facts) error {
	merged := known.merge(facts.Jobs)
	for _, id := range ids(facts.Jobs.Parcels) {
		if facts.Jobs.Parcels[id].Version > 0 || merged.Parcels[id].Tracking != "" {
			continue
		}
		parcel, err := u.opts.Fulfilment.Parcel(ctx, id)
		if remote.Is(err, remote.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if told, ok := parcelFacts(parcel); ok {
			*facts = facts.Merge(told)
		}
	}
	return nil
}

// followed reports whether the order's parcel of this key shows where to follow it.
func followed(order commercetools.Snapshot, key string) bool {
	for _, shipping := range order.Shipping {
		for _, delivery := range shipping.Deliveries {
			for _, parcel := range delivery.Parcels {
				if parcel.Key == key && parcel.Text(TrackingURLField) != "" {
					return true
				}
			}
		}
	}
	return false
}

// ages asks how old the things are which the order names, but no record tells of. Of
// several the one created last shows, in whatever order the events come.
func (u *Updater) ages(ctx context.Context, order commercetools.Snapshot, merged Record, shape Shape) (Gathered, error) {
	gathered := Gathered{Created: map[string]time.Time{}}
	known := map[string]time.Time{merged.Order.ID: merged.Order.Created}
	for id, job := range merged.PickJobs {
		known[id] = job.Created
	}
	for id, job := range merged.HandoverJobs {
		known[id] = job.Created
	}
	for _, age := range []struct {
		field   string
		latest  Ref
		created func(context.Context, string) (time.Time, error)
	}{
		{shape.Names.OrderID, merged.Order.ref(), u.orderCreated},
		{shape.Names.PickJobID, merged.latestPickJob(), u.pickJobCreated},
		{shape.Names.HandoverJobID, merged.latestHandoverJob(), u.handoverJobCreated},
	} {
		current := order.Text(age.field)
		if age.latest.ID == "" || current == "" || current == age.latest.ID {
			continue
		}
		created, told := known[current]
		if !told {
			var err error
			if created, err = age.created(ctx, current); err != nil && !remote.Is(err, remote.NotFound) {
				return gathered, err
			}
		}
		gathered.Created[current] = created
	}
	return gathered, nil
}

// countLoadUnits counts the load units of the jobs whose picking finished, and of the
// order's other pick jobs when no record tells how many those have.
func (u *Updater) countLoadUnits(ctx context.Context, order commercetools.Snapshot, known Record, shape Shape, facts *Facts) error {
	if len(facts.Finished) == 0 {
		return nil
	}
	counted := map[string]PickJobRecord{}
	for _, job := range facts.Finished {
		if there := known.PickJobs[job.ID]; there.LoadUnits > 0 && there.CountedAt >= job.Version {
			continue
		}
		asked := u.opts.Now() // the list is as old as the question
		units, err := u.opts.Fulfilment.LoadUnits(ctx, job.ID)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return err
		}
		if wait := u.unlisted(job, units, asked); wait > 0 {
			return remote.Later(fulfillmenttools.Platform, "count load units", "the list does not show all of them yet", wait)
		}
		counted[job.ID] = PickJobRecord{LoadUnits: units.Count, CountedAt: job.Version}
	}
	siblings, err := u.siblings(ctx, order, shape, *facts, known)
	if err != nil {
		return err
	}
	for id, job := range siblings {
		units, err := u.opts.Fulfilment.LoadUnits(ctx, id)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return err
		}
		job.LoadUnits, job.CountedAt = units.Count, job.Version
		counted[id] = job
	}
	facts.Jobs = facts.Jobs.merge(Record{PickJobs: counted})
	return nil
}

// clockMargin is for the platform's clock, whose milliseconds are cut and which need
// not agree with ours.
const clockMargin = time.Second

// unlisted is how long to wait for a list that may lag behind: it shows no load
// unit, or holds less than was picked, and the job had changed only just before it
// was asked for.
func (u *Updater) unlisted(job Finished, units fulfillmenttools.LoadUnits, asked time.Time) time.Duration {
	complete := units.Count > 0 && (units.Pieces == 0 || units.Pieces >= job.Picked)
	if complete || job.At.IsZero() {
		return 0
	}
	return min(u.opts.ListLag+clockMargin-asked.Sub(job.At), u.opts.ListLag)
}

// siblings are the order's pick jobs besides the finished ones and those on record.
// That there are any shows when the order names another pick job, or has an amount
// already.
func (u *Updater) siblings(ctx context.Context, order commercetools.Snapshot, shape Shape, facts Facts, known Record) (map[string]PickJobRecord, error) {
	current := order.Text(shape.Names.PickJobID)
	_, amount := order.Fields[shape.Names.LoadUnits]
	_, recorded := known.PickJobs[current]
	alone := len(facts.Finished) == 1 && (current == "" || current == facts.Finished[0].ID)
	if recorded && (!amount || known.loadUnits() > 0) || alone && !amount {
		return nil, nil
	}
	jobs := map[string]PickJobRecord{}
	add := func(id string, job PickJobRecord) {
		finished := slices.ContainsFunc(facts.Finished, func(f Finished) bool { return f.ID == id })
		if _, counted := known.PickJobs[id]; id != "" && !finished && !counted {
			jobs[id] = job
		}
	}
	add(current, PickJobRecord{})
	if ref := cmp.Or(facts.OrderRef, order.Text(shape.Names.OrderID)); ref != "" {
		listed, err := u.opts.Fulfilment.PickJobsOfOrder(ctx, ref)
		if err != nil {
			return nil, err
		}
		for _, job := range listed {
			add(job.ID, listedPickJob(job))
		}
	}
	return jobs, nil
}

// listedPickJob is a pick job as lists show it, without its lines.
func listedPickJob(job fulfillmenttools.Job) PickJobRecord {
	return PickJobRecord{Version: job.Version, Created: job.Created.UTC(), Status: job.Status, ShortID: job.ShortID, Facility: job.FacilityRef}
}

// findParts asks for the order's jobs when it may have parts whose events have not come
// yet, or are not remembered.
func (u *Updater) findParts(ctx context.Context, order commercetools.Snapshot, known Record, shape Shape, facts *Facts) error {
	merged := known.merge(facts.Jobs)
	if facts.Name == "" || shape.Rules.Simple() || !mayHaveParts(order, merged, shape, *facts) {
		return nil
	}
	asked := u.opts.Now() // the lists are as old as the question
	pickJobs, err := u.opts.Fulfilment.PickJobsNamed(ctx, facts.Name)
	if err != nil {
		return err
	}
	handoverJobs, err := u.opts.Fulfilment.HandoverJobsNamed(ctx, facts.Name)
	if err != nil {
		return err
	}
	found := Record{PickJobs: map[string]PickJobRecord{}, HandoverJobs: map[string]HandoverRecord{}}
	for _, job := range pickJobs {
		if job.OrderRef != "" && facts.OrderRef != "" && job.OrderRef != facts.OrderRef {
			continue // of another order with this name
		}
		found.PickJobs[job.ID] = listedPickJob(job)
	}
	for _, job := range handoverJobs {
		listed := handoverFacts(job, job.Status, "").Jobs.HandoverJobs[job.ID]
		listed.LinesAt = 0
		found.HandoverJobs[job.ID] = listed
	}
	facts.Jobs = facts.Jobs.merge(found)
	latest := merged.latestHandoverJob()
	if wait := u.opts.ListLag + clockMargin - asked.Sub(latest.Created); wait > 0 && left(merged.merge(facts.Jobs).shipmentState()) {
		return remote.Later(fulfillmenttools.Platform, "find the order's other jobs", "the lists may not show all of them yet", min(wait, u.opts.ListLag))
	}
	return nil
}

// mayHaveParts reports whether the order goes on to be shipped while the known jobs do
// not account for all of it; or whether, without a record, what was handed over is not
// all that this event's facts know of.
func mayHaveParts(order commercetools.Snapshot, merged Record, shape Shape, facts Facts) bool {
	state := merged.shipmentState()
	if left(state) {
		return !merged.Order.Cancelled && shipmentRank[state] > shipmentRank[order.ShipmentState] && !merged.complete(pieces(order))
	}
	return state == shipmentPartial && facts.Shipment == shipmentShipped && !shape.Order.Fields[RecordField]
}

// left reports whether all goods have left in this state.
func left(state string) bool { return state == shipmentShipped || state == shipmentDelivered }

// lookBack asks how the event's jobs are now, before the shipment state would go back
// because of them: a late event may speak of a job that was given up long since.
func (u *Updater) lookBack(ctx context.Context, order commercetools.Snapshot, known Record, shape Shape, facts *Facts) error {
	merged := known.merge(facts.Jobs)
	wanted := merged.asConfigured(merged.shipmentState(), shape.Rules)
	if shape.Rules.Simple() || order.ShipmentState != known.Shown || shipmentRank[wanted] >= shipmentRank[known.Shown] {
		return nil
	}
	for _, id := range ids(facts.Jobs.PickJobs) {
		job, err := u.opts.Fulfilment.PickJob(ctx, id)
		if err == nil {
			*facts = facts.Merge(pickJobFacts(job, job.Status))
		} else if !remote.Is(err, remote.NotFound) {
			return err
		}
	}
	for _, id := range ids(facts.Jobs.HandoverJobs) {
		job, err := u.opts.Fulfilment.HandoverJob(ctx, id)
		if err == nil {
			*facts = facts.Merge(handoverFacts(job, job.Status, ""))
		} else if !remote.Is(err, remote.NotFound) {
			return err
		}
	}
	return nil
}

// pieces is how many pieces the order has.
func pieces(order commercetools.Snapshot) int {
	n := 0
	for _, line := range order.Lines {
		n += line.Quantity
	}
	return n
}

func (u *Updater) orderCreated(ctx context.Context, id string) (time.Time, error) {
	order, err := u.opts.Fulfilment.Order(ctx, id)
	return order.Created, err
}

func (u *Updater) pickJobCreated(ctx context.Context, id string) (time.Time, error) {
	job, err := u.opts.Fulfilment.PickJob(ctx, id)
	return job.Created, err
}

func (u *Updater) handoverJobCreated(ctx context.Context, id string) (time.Time, error) {
	job, err := u.opts.Fulfilment.HandoverJob(ctx, id)
	return job.Created, err
}
