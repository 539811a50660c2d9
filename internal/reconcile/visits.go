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

// VisitDue visits the open orders that are due, each once, and comes to an end when none is
// left, or the context ends. An error is a platform's or the store's; what was not visited
// stays due. Nobody else may do the same meanwhile.
func (r *Reconciler) VisitDue(ctx context.Context) ([]Finding, error) {
	if r.opts.Open == nil {
		return r.visitByModification(ctx)
	}
	var findings []Finding
	visited := map[string]bool{}
	for {
		due, err := r.opts.Open.DueOrders(ctx, pageSize)
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
	_, err := r.runConcurrently(ctx, len(due), func(ctx context.Context, i int) error {
		now, done, finding, err := r.visitOrder(ctx, due[i])
		found[i] = finding
		switch {
		case failsForEveryOrder(err):
			return err
		case err != nil:
			now = due[i]
			now.Next = r.opts.Now().Add(max(remote.WaitOf(err), min(r.opts.RevisitAfter, retryPause)))
			return firstError(r.opts.Open.SaveVisit(ctx, due[i], now), err)
		case done:
			return r.opts.Open.ForgetOrder(ctx, due[i])
		default:
			return r.opts.Open.SaveVisit(ctx, due[i], now)
		}
	})
	return nonNil(found), err
}

// retryPause is before another visit of an order that could not be looked into.
const retryPause = 5 * time.Minute

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func nonNil(found []*Finding) (findings []Finding) {
	for _, finding := range found {
		if finding != nil {
			findings = append(findings, *finding)
		}
	}
	return findings
}

// lateSeen is what the visits of a connector without a store saw.
type lateSeen struct {
	mu     sync.Mutex
	orders map[string]OpenOrder // by id
}

// LateOrders are the late orders that the visits of a connector without a store saw.
func (r *Reconciler) LateOrders() (late []OpenOrder) {
	r.late.mu.Lock()
	defer r.late.mu.Unlock()
	now := r.opts.Now()
	for _, id := range slices.Sorted(maps.Keys(r.late.orders)) {
		if order := r.late.orders[id]; order.Next.After(now) {
			late = append(late, order)
		}
	}
	return late
}

// isUnfinished reports an order that something may still be done about, by what it shows.
func isUnfinished(order commercetools.Snapshot, verdict export.Verdict) bool {
	return verdict != export.Leave && (needsFulfillmenttools(order, verdict) || order.ShipmentState == "Shipped")
}

// Unfinished lists the orders that are not finished by what they show, and where they are,
// until each says that it has enough. Nothing is changed.
func (r *Reconciler) Unfinished(ctx context.Context, each func(OpenOrder) (more bool)) error {
	now := r.opts.Now()
	pages := r.unfinishedPages(commercetools.Unfinished{Since: now.Add(-r.opts.RevisitFor), Shipped: now, Cancelled: now}, "")
	for {
		orders, more, err := pages(ctx)
		if err != nil {
			return err
		}
		for _, order := range orders {
			if verdict, err := r.opts.Exporter.Outlook(ctx, order); err != nil || !isUnfinished(order, verdict) {
				continue
			}
			if err := r.limit.wait(ctx); err != nil {
				return err
			}
			seen, err := r.examine(ctx, order)
			if err != nil {
				return err
			}
			open := OpenOrder{ID: order.ID, Number: order.OrderNumber, Opened: order.CreatedAt, LastActivity: order.LastModifiedAt, State: seen.describeBriefly()}
			if open.Late, open.Since, _ = whyLate(seen, r.opts.LateAfter, now); !each(open) {
				return nil
			}
		}
		if !more {
			return nil
		}
	}
}
