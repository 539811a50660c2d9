package reconcile

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/remote"
)

// Visits visits the open orders that are due, each once, and comes to an end when none is
// left, or the context ends. An error is a platform's or the store's; what was not visited
// stays due. Nobody else may do the same meanwhile.
func (r *Reconciler) Visits(ctx context.Context) ([]Finding, error) {
	if r.opts.Open == nil {
		return r.visitUnfinished(ctx)
	}
	var findings []Finding
	visited := map[string]bool{}
	for {
		due, err := r.opts.Open.Due(ctx, pageSize)
		// What is due again at once waits for the next call, whatever made it so.
		due = slices.DeleteFunc(due, func(open OpenOrder) bool { return visited[open.ID] })
		if err != nil || len(due) == 0 {
			return findings, err
		}
		for _, open := range due {
			visited[open.ID] = true
		}
		found, err := r.visitPage(ctx, due)
		findings = append(findings, found...)
		if err != nil {
			return findings, err
		}
	}
}

func (r *Reconciler) visitPage(ctx context.Context, due []OpenOrder) ([]Finding, error) {
	found := make([]*Finding, len(due))
	_, err := r.several(ctx, len(due), func(ctx context.Context, i int) error {
		now, done, finding, err := r.visit(ctx, due[i])
		found[i] = finding
		switch {
		case everyOrders(err):
			return err
		case err != nil:
			now = due[i]
			now.Next = r.opts.Now().Add(max(remote.Wait(err), min(r.opts.RevisitAfter, retryPause)))
			return firstOf(r.opts.Open.Visited(ctx, due[i], now), err)
		case done:
			return r.opts.Open.Finished(ctx, due[i])
		default:
			return r.opts.Open.Visited(ctx, due[i], now)
		}
	})
	return given(found), err
}

// retryPause is before another visit of an order that could not be looked into.
const retryPause = 5 * time.Minute

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func given(found []*Finding) (findings []Finding) {
	for _, finding := range found {
		if finding != nil {
			findings = append(findings, *finding)
		}
	}
	return findings
}

// walkState is where the visits of a connector without a store are.
type walkState struct {
	mu    sync.Mutex
	at    string    // id of the last order; empty: a round begins
	since time.Time // when the last whole round began
	seen  sync.Mutex
	late  map[string]OpenOrder // late orders that were seen
}

// LateSeen are the late orders that the visits of a connector without a store saw.
func (r *Reconciler) LateSeen() (late []OpenOrder) {
	r.visits.seen.Lock()
	defer r.visits.seen.Unlock()
	now := r.opts.Now()
	for _, id := range slices.Sorted(maps.Keys(r.visits.late)) {
		if order := r.visits.late[id]; order.Next.After(now) {
			late = append(late, order)
		}
	}
	return late
}

// cancelledFor is how long cancelled orders are looked into when nobody remembers which of
// them went on.
const cancelledFor = 24 * time.Hour

// visitUnfinished visits the orders that are not finished by what they show. Which visits
// are due follows from when an order was modified last: RevisitAfter later, twice that
// later, and so on. A round that is cut off is gone on with.
func (r *Reconciler) visitUnfinished(ctx context.Context) ([]Finding, error) {
	r.visits.mu.Lock()
	defer r.visits.mu.Unlock()
	w, began := &r.visits, r.opts.Now()
	pages := r.pages(commercetools.Unfinished{
		Since: began.Add(-r.opts.RevisitFor), Shipped: began.Add(-r.opts.ShippedFor), Cancelled: began.Add(-cancelledFor),
	}, w.at)
	var findings []Finding
	for {
		orders, more, err := pages(ctx)
		if err != nil {
			return findings, err
		}
		found, err := r.visitListed(ctx, orders, w.since, began)
		findings = append(findings, found...)
		if err != nil {
			return findings, err
		}
		if !more {
			w.at, w.since = "", began
			return findings, nil
		}
		w.at = orders[len(orders)-1].ID
	}
}

// visitListed visits those of the orders that are due.
func (r *Reconciler) visitListed(ctx context.Context, orders []commercetools.Snapshot, since, until time.Time) ([]Finding, error) {
	var due []commercetools.Snapshot
	for _, order := range orders {
		verdict, err := r.opts.Exporter.Outlook(ctx, order)
		if r.dueWithin(order.LastModifiedAt, since, until) && (err != nil || unfinished(order, verdict)) {
			due = append(due, order)
		}
	}
	found, late := make([]*Finding, len(due)), make([]OpenOrder, len(due))
	errs, err := r.several(ctx, len(due), func(ctx context.Context, i int) error {
		order := due[i]
		seen, finding, err := r.right(ctx, order, ByVisit)
		if err != nil {
			return err
		}
		found[i] = finding
		late[i] = OpenOrder{ID: order.ID, Number: order.OrderNumber, Opened: order.CreatedAt, Stirred: order.LastModifiedAt, State: seen.brief()}
		late[i].Next = r.opts.Now().Add(longestPause + r.opts.RevisitAfter) // by then it was looked into again
		late[i].Late, late[i].Since, _ = lateness(seen, r.opts.LateAfter, r.opts.Now())
		return nil
	})
	r.visits.seen.Lock()
	defer r.visits.seen.Unlock()
	for i, order := range late {
		if order.Late != "" {
			if r.visits.late == nil {
				r.visits.late = map[string]OpenOrder{}
			}
			r.visits.late[order.ID] = order
		} else {
			delete(r.visits.late, due[i].ID)
		}
		if errs[i] != nil && err == nil {
			found[i] = r.told(ctx, r.unclear(due[i], errs[i]), ByVisit)
		}
	}
	return given(found), err
}

// dueWithin reports whether one of the visits of an order that was modified then falls
// into the time.
func (r *Reconciler) dueWithin(modified, since, until time.Time) bool {
	at := modified
	for visits := 0; ; visits++ {
		at = at.Add(r.pause(visits))
		if at.After(until) {
			return false
		}
		if at.After(since) {
			return true
		}
	}
}

// unfinished reports an order that something may still be done about, by what it shows.
func unfinished(order commercetools.Snapshot, verdict export.Verdict) bool {
	return verdict != export.Leave && (needsCalls(order, verdict) || order.ShipmentState == "Shipped")
}

// Unfinished lists the orders that are not finished by what they show, and where they are,
// until each says that it has enough. Nothing is changed.
func (r *Reconciler) Unfinished(ctx context.Context, each func(OpenOrder) (more bool)) error {
	now := r.opts.Now()
	pages := r.pages(commercetools.Unfinished{Since: now.Add(-r.opts.RevisitFor), Shipped: now, Cancelled: now}, "")
	for {
		orders, more, err := pages(ctx)
		if err != nil {
			return err
		}
		for _, order := range orders {
			if verdict, err := r.opts.Exporter.Outlook(ctx, order); err != nil || !unfinished(order, verdict) {
				continue
			}
			if err := r.limit.wait(ctx); err != nil {
				return err
			}
			seen, err := r.examine(ctx, order)
			if err != nil {
				return err
			}
			open := OpenOrder{ID: order.ID, Number: order.OrderNumber, Opened: order.CreatedAt, Stirred: order.LastModifiedAt, State: seen.brief()}
			if open.Late, open.Since, _ = lateness(seen, r.opts.LateAfter, now); !each(open) {
				return nil
			}
		}
		if !more {
			return nil
		}
	}
}
