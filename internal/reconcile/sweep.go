package reconcile

import (
	"context"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
)

// SweptFor is how far back a whole sweep looks.
const SweptFor = 14 * 24 * time.Hour

// Sweep looks at the orders that were modified since then and are not finished by what
// they show, and of which nobody knows: those without a counterpart are exported, the
// others are visited from now on. settled leaves alone what was modified later: its
// messages may still be under way.
// unnamed leaves out those that name a counterpart.
func (r *Reconciler) Sweep(ctx context.Context, since, settled time.Time, unnamed bool) ([]Finding, error) {
	if r.opts.Open == nil {
		return nil, nil // the visits look at all of them
	}
	var findings []Finding
	which := commercetools.Unfinished{Since: since, Until: settled, Shipped: settled, Cancelled: settled}
	if unnamed {
		which.Without = export.OrderIDField
	}
	pages := r.unfinishedPages(which, "")
	for {
		orders, more, err := pages(ctx)
		if err != nil {
			return findings, err
		}
		found, err := r.sweepPage(ctx, orders)
		findings = append(findings, found...)
		if err != nil || !more {
			return findings, err
		}
	}
}

func (r *Reconciler) sweepPage(ctx context.Context, orders []commercetools.Snapshot) ([]Finding, error) {
	ids := make([]string, len(orders))
	for i, order := range orders {
		ids[i] = order.ID
	}
	known, err := r.opts.Open.TrackedOrders(ctx, ids)
	if err != nil {
		return nil, err
	}
	var lost []OpenOrder
	var missing []commercetools.Snapshot
	for _, order := range orders {
		verdict, err := r.opts.Exporter.Outlook(ctx, order)
		switch {
		case known[order.ID] || err == nil && verdict == export.Leave:
		case order.TextField(export.OrderIDField) != "":
			lost = append(lost, OpenOrder{
				ID: order.ID, Number: order.OrderNumber, Opened: order.CreatedAt, LastActivity: order.LastModifiedAt, Next: r.opts.Now(),
			})
		case err == nil && verdict == export.Cancel:
		default:
			missing = append(missing, order)
		}
	}
	if err := r.opts.Open.TrackOrders(ctx, lost); err != nil {
		return nil, err
	}
	return r.examineOrders(ctx, missing, func(ctx context.Context, order commercetools.Snapshot) (*Finding, error) {
		return r.RepairOrder(ctx, order, BySweep)
	}, BySweep)
}

// unfinishedPages gives page after page of unfinished orders, and whether there are more. A page that
// does not get through is asked for again with half as many orders: some shops' orders are
// very large.
func (r *Reconciler) unfinishedPages(which commercetools.Unfinished, after string) func(ctx context.Context) ([]commercetools.Snapshot, bool, error) {
	size := pageSize
	return func(ctx context.Context) ([]commercetools.Snapshot, bool, error) {
		for {
			orders, err := r.opts.Orders.OrdersUnfinished(ctx, after, which, size)
			if err != nil && size > 1 && !failsForEveryOrder(err) && ctx.Err() == nil {
				size /= 2
				continue
			}
			if err != nil {
				return nil, false, err
			}
			more := len(orders) == size
			if len(orders) > 0 {
				after = orders[len(orders)-1].ID
			}
			size = min(2*size, pageSize)
			return orders, more, nil
		}
	}
}
