package feedback

import (
	"cmp"
	"context"
	"maps"
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
	LoadUnits(ctx context.Context, pickJobID string) (fulfillmenttools.LoadUnits, error)
	Parcel(ctx context.Context, id string) (fulfillmenttools.Payload, error)
	Process(ctx context.Context, id string) (fulfillmenttools.Process, error)
}

// Remembered is what a decision knows of an order besides the facts.
type Remembered struct {
	JobRecord                    // its jobs, and what was carried out for them
	ExportedLines map[string]int // pieces of each line that went to fulfillmenttools; nil: all
	Now           time.Time
}

// completeFacts is what is remembered of the order. Mostly its record tells all. Where there is
// none, or it may not be the whole, fulfillmenttools is asked as a visit asks it, and the
// facts grow.
func (u *Updater) completeFacts(ctx context.Context, order commercetools.Snapshot, shape Shape, facts *Facts) (Remembered, error) {
	record := u.recallRecord(order, shape)
	if err := u.recheckUnread(ctx, order, record, facts); err != nil {
		return Remembered{}, err
	}
	known := Remembered{JobRecord: record.withoutJobs(facts.Foreign), Now: u.opts.Now()}
	var err error
	if known.ExportedLines, err = u.readExportedLines(ctx, order, known.JobRecord, shape, facts); err != nil {
		return known, err
	}
	if told := *facts; mayLackJobs(order, known.JobRecord, shape, told) {
		if err := u.readJobs(ctx, order, known, shape, facts); err != nil {
			return known, err
		}
		if !shape.keepsRecord() {
			known.Done = occurrencesDoneBefore(order, shape, known, told, *facts)
		}
	}
	if err := u.readShippedLines(ctx, known.JobRecord, facts); err != nil {
		return known, err
	}
	if err := u.countLoadUnits(ctx, known.JobRecord, facts); err != nil || shape.keepsRecord() {
		return known, err
	}
	u.records.put(order, known.merge(facts.Jobs))
	return known, nil
}

// recallRecord is the order's record. Of an order that has no place for one, it is what this
// process happens to know: which saves reading what has ended once more.
func (u *Updater) recallRecord(order commercetools.Snapshot, shape Shape) JobRecord {
	if shape.keepsRecord() {
		return JobRecordOf(order)
	}
	known, _ := u.records.get(order.ID)
	return known
}

// endedOrToldOf are the jobs and parcels that need not be read once more: of which the facts tell,
// and, of what this process remembers, those that ended.
func endedOrToldOf(known, told JobRecord) JobRecord {
	known.PickJobs, known.HandoverJobs = maps.Clone(known.PickJobs), maps.Clone(known.HandoverJobs)
	maps.DeleteFunc(known.PickJobs, func(_ string, job PickJobRecord) bool {
		return !fulfillmenttools.IsPickingFinished(job.Status) && !fulfillmenttools.IsPickJobVoid(job.Status)
	})
	maps.DeleteFunc(known.HandoverJobs, func(_ string, job HandoverRecord) bool {
		return job.Status != fulfillmenttools.HandoverHandedOver && !fulfillmenttools.IsHandoverVoid(job.Status)
	})
	return known.merge(told)
}

// mayLackJobs reports whether there may be jobs of the order that neither its record nor the
// facts tell of, or that they tell of wrongly, and it matters now.
func mayLackJobs(order commercetools.Snapshot, known JobRecord, shape Shape, facts Facts) bool {
	merged := known.merge(facts.Jobs)
	state := merged.shipmentState()
	wanted := merged.configuredState(state, shape.Rules)
	switch {
	case facts.Whole:
		return false
	case !shape.keepsRecord():
		return len(facts.Jobs.PickJobs)+len(facts.Jobs.HandoverJobs)+len(facts.Jobs.Parcels) > 0
	case !known.hasAllJobsOf(jobsNamedOnOrder(order, shape.Names).withoutJobs(facts.Foreign)):
		return true
	case shape.Rules.Simple():
		return false
	case order.ShipmentState == known.Shown && shipmentRank[wanted] < shipmentRank[known.Shown]:
		return true // a late event may speak of a job that was given up long since
	default:
		return movesOrderForward(order, merged) && (allShipped(state) && !merged.isComplete(countPieces(order)) || state == shipmentCanceled)
	}
}

// hasAllJobsOf reports whether the record has these jobs.
func (r JobRecord) hasAllJobsOf(jobs JobRecord) bool {
	return len(mergeIDs(sortedIDs(r.PickJobs), jobs.PickJobs)) == len(r.PickJobs) && len(mergeIDs(sortedIDs(r.HandoverJobs), jobs.HandoverJobs)) == len(r.HandoverJobs)
}

// movesOrderForward reports whether the order's jobs take it further than it shows.
func movesOrderForward(order commercetools.Snapshot, merged JobRecord) bool {
	return !merged.Order.Cancelled && shipmentRank[merged.shipmentState()] > shipmentRank[order.ShipmentState]
}

// allShipped reports whether all goods have left in this state.
func allShipped(state string) bool { return state == shipmentShipped || state == shipmentDelivered }

// readJobs has fulfillmenttools itself say which jobs the order has, and how they are.
func (u *Updater) readJobs(ctx context.Context, order commercetools.Snapshot, known Remembered, shape Shape, facts *Facts) error {
	merged := known.merge(facts.Jobs)
	id := cmp.Or(facts.OrderRef, merged.Order.ID, order.TextField(shape.Names.OrderID))
	process, err := u.findProcess(ctx, id, facts.Process)
	if err != nil {
		return err
	}
	there := fulfillmenttools.Order{ID: cmp.Or(id, process.OrderRef)}
	var skip JobRecord
	if !shape.keepsRecord() {
		skip = endedOrToldOf(known.JobRecord, facts.Jobs)
	}
	truth, err := u.readTruth(ctx, order, there, process, facts.Jobs.merge(jobsNamedOnOrder(order, shape.Names)), skip)
	if err != nil {
		return err
	}
	found := truth.Facts()
	if len(facts.Finished) == 0 {
		found.Finished = nil // load units are counted when picking finishes
	}
	*facts = facts.Merge(found)
	all := known.merge(facts.Jobs)
	since := known.Now.Sub(all.HandoverJobs[all.latestHandoverJob().ID].Created)
	if wait := u.opts.ListLag + clockMargin - since; wait > 0 && allShipped(all.shipmentState()) && movesOrderForward(order, all) && !all.isComplete(countPieces(order)) {
		return remote.NewTransient(fulfillmenttools.Platform, "find the order's other jobs", "its process may not name all of them yet", min(wait, u.opts.ListLag))
	}
	return nil
}

// jobsNamedOnOrder are the jobs that the order names.
func jobsNamedOnOrder(order commercetools.Snapshot, names Names) (jobs JobRecord) {
	if id := order.TextField(names.PickJobID); id != "" {
		jobs.PickJobs = map[string]PickJobRecord{id: {}}
	}
	if id := order.TextField(names.HandoverJobID); id != "" {
		jobs.HandoverJobs = map[string]HandoverRecord{id: {}}
	}
	return jobs
}

// occurrencesDoneBefore are the occurrences whose effects need not be carried out any more, for an
// order that does not remember it: those that others told of than these facts.
func occurrencesDoneBefore(order commercetools.Snapshot, shape Shape, known Remembered, told, all Facts) (done []string) {
	names := func(facts Facts) (names []string) {
		d := decider{order: order, shape: shape, facts: facts, known: known, merged: known.merge(facts.Jobs)}
		for _, o := range d.currentOccurrences() {
			if o.holds {
				names = append(names, o.name)
			}
		}
		return names
	}
	now := names(told)
	return slices.DeleteFunc(names(all), func(name string) bool { return slices.Contains(now, name) })
}

// readShippedLines reads the parcels that a shipment names and whose numbers are not known:
// parcels tell them, shipments need not.
func (u *Updater) readShippedLines(ctx context.Context, known JobRecord, facts *Facts) error {
	merged := known.merge(facts.Jobs)
	for _, id := range sortedIDs(facts.Jobs.Parcels) {
		if facts.Jobs.Parcels[id].Version > 0 || merged.Parcels[id].Tracking != "" || merged.Parcels[id].Delivered {
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

// countLoadUnits counts the load units of the jobs whose picking finished, and with them
// those of others that nobody counted.
func (u *Updater) countLoadUnits(ctx context.Context, known JobRecord, facts *Facts) error {
	merged, counted := known.merge(facts.Jobs), map[string]PickJobRecord{}
	due := slices.Clone(facts.Finished)
	for id, job := range merged.currentPickJobs() {
		if len(facts.Finished) > 0 && fulfillmenttools.IsPickingFinished(job.Status) && job.CountedAt == 0 {
			due = mergeFinished(due, []Finished{{ID: id, Version: job.Version}})
		}
	}
	for _, job := range due {
		if there := merged.PickJobs[job.ID]; there.LoadUnits > 0 && there.CountedAt >= job.Version {
			continue
		}
		asked := u.opts.Now() // the list is as old as the question
		units, err := u.opts.Fulfilment.LoadUnits(ctx, job.ID)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return err
		}
		if wait := u.waitForList(job, units, asked); wait > 0 {
			return remote.NewTransient(fulfillmenttools.Platform, "count load units", "the list does not show all of them yet", wait)
		}
		counted[job.ID] = PickJobRecord{LoadUnits: units.Count, CountedAt: job.Version}
	}
	facts.Jobs = facts.Jobs.merge(JobRecord{PickJobs: counted})
	return nil
}

// clockMargin is for the platform's clock, whose milliseconds are cut and which need
// not agree with ours.
const clockMargin = time.Second

// waitForList is how long to wait for a list that may lag behind: it shows no load
// unit, or holds less than was picked, and the job had changed only just before it
// was asked for.
func (u *Updater) waitForList(job Finished, units fulfillmenttools.LoadUnits, asked time.Time) time.Duration {
	complete := units.Count > 0 && (units.Pieces == 0 || units.Pieces >= job.Picked)
	if complete || job.At.IsZero() {
		return 0
	}
	return min(u.opts.ListLag+clockMargin-asked.Sub(job.At), u.opts.ListLag)
}

// countPieces is how many pieces the order has.
func countPieces(order commercetools.Snapshot) int {
	n := 0
	for _, line := range order.Lines {
		n += line.Quantity
	}
	return n
}
