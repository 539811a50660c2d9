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
	Total    int // as counted at the start
	Findings int
	Elapsed  time.Duration
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
	rate := p.Rate()
	if rate == 0 || p.Total <= p.Seen {
		return 0
	}
	return time.Duration(float64(p.Total-p.Seen) / rate * float64(time.Second))
}

const pageSize = 100

// Run walks the orders, oldest modification first. When it ends with an error,
// everything up to the last page that was told is done, and a walk from there does
// the rest.
func (r *Reconciler) Run(ctx context.Context, walk Walk) ([]Finding, error) {
	started := r.opts.Now()
	progress := Progress{Position: walk.From}
	var err error
	if progress.Total, err = r.opts.Orders.CountOrdersModified(ctx, walk.From, walk.Until); err != nil {
		return nil, err
	}
	var findings []Finding
	for {
		orders, next, err := r.opts.Orders.OrdersModified(ctx, progress.Position, walk.Until, pageSize)
		if err != nil {
			return findings, err
		}
		found, err := r.page(ctx, orders, walk.DryRun)
		findings = append(findings, found...)
		if err != nil {
			return findings, err
		}
		progress.Position, progress.Seen, progress.Findings = next, progress.Seen+len(orders), len(findings)
		progress.Elapsed = r.opts.Now().Sub(started)
		if walk.Page != nil {
			if err := walk.Page(progress); err != nil {
				return findings, err
			}
		}
		if len(orders) < pageSize {
			return findings, nil
		}
	}
}

// page looks into the orders of one page, several at once. The findings are in the
// order of the page. When most orders fail, that is the platform's failure and ends
// the walk; a few that fail by themselves become findings, and do not keep the walk
// from the orders behind them.
func (r *Reconciler) page(ctx context.Context, orders []commercetools.Snapshot, dryRun bool) ([]Finding, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.opts.Workers)
	found, failures := make([]*Finding, len(orders)), make([]error, len(orders))
	looked := 0
	for i, order := range orders {
		if verdict, err := r.opts.Exporter.Outlook(ctx, order); err == nil && !needsCalls(order, verdict) {
			continue
		}
		looked++
		group.Go(func() error {
			if err := r.limit.wait(ctx); err != nil {
				return err
			}
			found[i], failures[i] = r.patiently(ctx, order, dryRun)
			if everyOrders(failures[i]) {
				return failures[i]
			}
			return nil
		})
	}
	err := group.Wait()
	failed := 0
	for _, failure := range failures {
		if failure != nil {
			failed++
		}
	}
	var findings []Finding
	for i, finding := range found {
		if err == nil && failures[i] != nil && failed*2 > looked {
			err = failures[i]
		}
		if err == nil && failures[i] != nil {
			finding = r.told(r.unclear(orders[i], failures[i]), dryRun)
		}
		if finding != nil {
			findings = append(findings, *finding)
		}
	}
	return findings, err
}

// everyOrders reports a failure that the next order would meet too.
func everyOrders(err error) bool {
	return remote.Is(err, remote.Blocked) || errors.Is(err, remote.ErrCircuitOpen) || errors.Is(err, context.Canceled)
}

const (
	// tries at an order that cannot be looked into or repaired yet.
	tries = 3
	// patience bounds the wait for an order on which somebody else is working, or for
	// what the lists do not show yet. What takes longer ends the walk.
	patience = 30 * time.Second
)

// patiently waits for an order that says how long to wait, so that one that is being
// worked on does not end the walk.
func (r *Reconciler) patiently(ctx context.Context, order commercetools.Snapshot, dryRun bool) (*Finding, error) {
	for n := 1; ; n++ {
		found, err := r.Order(ctx, order, dryRun)
		wait := remote.Wait(err)
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
