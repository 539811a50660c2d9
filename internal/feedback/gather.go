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
	PickJob(ctx context.Context, id string) (fulfillmenttools.Job, error)
	HandoverJob(ctx context.Context, id string) (fulfillmenttools.Job, error)
	PickJobsOfOrder(ctx context.Context, orderID string) ([]fulfillmenttools.Job, error)
	LoadUnits(ctx context.Context, pickJobID string) (fulfillmenttools.LoadUnits, error)
}

// gather asks for what the decision needs. An order with one pick job and one
// handover job needs nothing but its load units, when picking has finished. Only
// when the order names another job than the event is their age asked for, so that
// the later one stays, in whatever order the events come.
func (u *Updater) gather(ctx context.Context, order commercetools.Snapshot, names Names, facts Facts) (Gathered, error) {
	gathered := Gathered{Created: map[string]time.Time{}}
	ages := []struct {
		field, fact string
		created     func(context.Context, string) (time.Time, error)
	}{
		{names.OrderID, facts.Order.ID, u.orderCreated},
		{names.PickJobID, facts.PickJob.ID, u.pickJobCreated},
		{names.HandoverJobID, facts.HandoverJob.ID, u.handoverJobCreated},
	}
	for _, age := range ages {
		current := order.Text(age.field)
		if age.fact == "" || current == "" || current == age.fact {
			continue
		}
		created, err := age.created(ctx, current)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return gathered, err
		}
		gathered.Created[current] = created
	}
	var err error
	gathered.LoadUnits, err = u.loadUnits(ctx, order, names, facts)
	return gathered, err
}

// loadUnits counts the load units of all the order's pick jobs. That there are
// several shows when the order names another pick job, or has an amount already.
func (u *Updater) loadUnits(ctx context.Context, order commercetools.Snapshot, names Names, facts Facts) (int, error) {
	if len(facts.Finished) == 0 {
		return 0, nil
	}
	total := 0
	for _, job := range facts.Finished {
		asked := u.opts.Now() // the list is as old as the question
		units, err := u.opts.Fulfilment.LoadUnits(ctx, job.ID)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return 0, err
		}
		if wait := u.unlisted(job, units, asked); wait > 0 {
			return 0, remote.Later(fulfillmenttools.Platform, "count load units", "the list does not show all of them yet", wait)
		}
		total += units.Count
	}
	siblings, err := u.siblings(ctx, order, names, facts)
	if err != nil {
		return 0, err
	}
	for _, job := range siblings {
		units, err := u.opts.Fulfilment.LoadUnits(ctx, job)
		if err != nil && !remote.Is(err, remote.NotFound) {
			return 0, err
		}
		total += units.Count
	}
	return total, nil
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

// siblings are the order's pick jobs besides the finished ones.
func (u *Updater) siblings(ctx context.Context, order commercetools.Snapshot, names Names, facts Facts) ([]string, error) {
	current := order.Text(names.PickJobID)
	_, counted := order.Fields[names.LoadUnits]
	if !counted && len(facts.Finished) == 1 && (current == "" || current == facts.Finished[0].ID) {
		return nil, nil
	}
	var jobs []string
	add := func(id string) {
		finished := slices.ContainsFunc(facts.Finished, func(f Finished) bool { return f.ID == id })
		if id != "" && !finished && !slices.Contains(jobs, id) {
			jobs = append(jobs, id)
		}
	}
	add(current)
	if ref := cmp.Or(facts.OrderRef, order.Text(names.OrderID)); ref != "" {
		listed, err := u.opts.Fulfilment.PickJobsOfOrder(ctx, ref)
		if err != nil {
			return nil, err
		}
		for _, job := range listed {
			add(job.ID)
		}
	}
	return jobs, nil
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
