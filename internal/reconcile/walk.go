package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"golang.org/x/sync/errgroup"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
)

// limiter bounds how fast orders are looked into.
type limiter struct {
	permits ratelimiter.RateLimiter[any]
}

func newLimiter(rate float64) limiter {
	return limiter{permits: ratelimiter.NewSmoothWithMaxRate[any](time.Duration(float64(time.Second) / rate))}
}

func (l limiter) wait(ctx context.Context) error { return l.permits.AcquirePermit(ctx) }

// Walk says which orders to look into.
type Walk struct {
	From   commercetools.Position // where to begin; with an id it resumes behind that order
	Until  time.Time              // orders modified later are left to a later walk
	DryRun bool
	// Page is told after each page; an error ends the walk. May be nil.
	Page func(Progress) error
}

// Progress is how far a walk is.
type Progress struct {
	Position commercetools.Position
	Seen     int
	Findings int
	Elapsed  time.Duration
	Part     float64 // of the walk's time, from 0 to 1
}

// Rate is orders per second so far.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Seen) / p.Elapsed.Seconds()
}

// Remaining is the time that the rest will take at this rate.
func (p Progress) Remaining() time.Duration {
	if p.Part <= 0 {
		return 0
	}
	return time.Duration(float64(p.Elapsed) * (1 - p.Part) / p.Part)
}

const pageSize = 100

// WalkAll walks the orders, oldest modification first. When it ends with an error,
// everything up to the last page that was told is done, and a walk from there does
// the rest.
func (r *Reconciler) WalkAll(ctx context.Context, walk Walk) ([]Finding, error) {
	started := r.opts.Now()
	progress := Progress{Position: walk.From}
	var findings []Finding
	size := pageSize
	for {
		orders, next, err := r.opts.Orders.OrdersModified(ctx, progress.Position, walk.Until, size)
		if err != nil && size > 1 && !failsForEveryOrder(err) && ctx.Err() == nil {
			size /= 2
			continue
		}
		if err != nil {
			return findings, err
		}
		found, err := r.examinePage(ctx, orders, walk.DryRun)
		findings = append(findings, found...)
		if err != nil {
			return findings, err
		}
		last := len(orders) < size
		if walk.From.ModifiedAt.IsZero() && len(orders) > 0 {
			walk.From.ModifiedAt = orders[0].LastModifiedAt
		}
		size = min(2*size, pageSize)
		progress.Position, progress.Seen, progress.Findings = next, progress.Seen+len(orders), len(findings)
		progress.Elapsed, progress.Part = r.opts.Now().Sub(started), walk.progressAt(next, last)
		if walk.Page != nil {
			if err := walk.Page(progress); err != nil {
				return findings, err
			}
		}
		if last {
			return findings, nil
		}
	}
}

// progressAt is how much of the walk's time lies behind the position.
func (w Walk) progressAt(at commercetools.Position, last bool) float64 {
	whole := w.Until.Sub(w.From.ModifiedAt)
	if last || whole <= 0 {
		return 1
	}
	return min(1, float64(at.ModifiedAt.Sub(w.From.ModifiedAt))/float64(whole))
}

// examinePage looks into those of the orders that do not show by themselves that all is right, and
// that nobody gave up.
func (r *Reconciler) examinePage(ctx context.Context, orders []commercetools.Snapshot, dryRun bool) ([]Finding, error) {
	discarded, err := r.discarded(ctx, orders)
	if err != nil {
		return nil, err
	}
	var open []commercetools.Snapshot
	for _, order := range orders {
		verdict, err := r.opts.Exporter.Outlook(ctx, order)
		if !discarded[order.ID] && (err != nil || needsFulfillmenttools(order, verdict)) {
			open = append(open, order)
		}
	}
	if dryRun {
		return r.examineOrders(ctx, open, r.ExamineOrder, "")
	}
	return r.examineOrders(ctx, open, func(ctx context.Context, order commercetools.Snapshot) (*Finding, error) {
		return r.RepairOrder(ctx, order, ByReconcile)
	}, ByReconcile)
}

func (r *Reconciler) discarded(ctx context.Context, orders []commercetools.Snapshot) (map[string]bool, error) {
	if r.opts.Open == nil {
		return nil, nil
	}
	ids := make([]string, len(orders))
	for i, order := range orders {
		ids[i] = order.ID
	}
	return r.opts.Open.Discarded(ctx, ids)
}

// examineOrders looks into orders, several at once. The findings are in the order of the
// orders. A few that fail by themselves become findings, and do not keep the walk from
// the orders behind them.
func (r *Reconciler) examineOrders(ctx context.Context, orders []commercetools.Snapshot, look func(context.Context, commercetools.Snapshot) (*Finding, error), by Trigger) ([]Finding, error) {
	found := make([]*Finding, len(orders))
	errs, err := r.runConcurrently(ctx, len(orders), func(ctx context.Context, i int) (err error) {
		found[i], err = retryAfterWait(ctx, func() (*Finding, error) { return look(ctx, orders[i]) })
		return err
	})
	for i, failure := range errs {
		if failure == nil || err != nil {
			continue
		}
		found[i] = r.publish(ctx, r.unclearFinding(orders[i], failure), by)
	}
	return nonNil(found), err
}

// runConcurrently does so many things, some at once and no faster than the rate. A failure that
// the next one would meet too ends it, and so does that most of them fail: that is the
// platform's failure.
func (r *Reconciler) runConcurrently(ctx context.Context, n int, do func(ctx context.Context, i int) error) (errs []error, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.opts.Workers)
	errs = make([]error, n)
	for i := range n {
		group.Go(func() error {
			if err := r.limit.wait(ctx); err != nil {
				return err
			}
			if errs[i] = do(ctx, i); failsForEveryOrder(errs[i]) {
				return errs[i]
			}
			return nil
		})
	}
	err = group.Wait()
	failed := 0
	var last error
	for _, failure := range errs {
		if failure != nil {
			failed, last = failed+1, failure
		}
	}
	if err == nil && failed*2 > n {
		err = last
	}
	return errs, err
}

// failsForEveryOrder reports a failure that the next order would meet too.
func failsForEveryOrder(err error) bool {
	return remote.Is(err, remote.Blocked) || errors.Is(err, remote.ErrCircuitOpen) || errors.Is(err, context.Canceled)
}

const (
	// tries at an order that cannot be looked into or repaired yet.
	tries = 3
	// patience bounds the wait for an order on which somebody else is working, or for
	// what the lists do not show yet. What takes longer ends the walk.
	patience = 30 * time.Second
)

// retryAfterWait waits for an order that says how long to wait, so that one that is being
// worked on does not end the walk.
func retryAfterWait(ctx context.Context, look func() (*Finding, error)) (*Finding, error) {
	for n := 1; ; n++ {
		found, err := look()
		wait := remote.WaitOf(err)
		if wait <= 0 || wait > patience || n == tries {
			return found, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, err
		}
	}
}
