// Package reconcile finds what events missed, and repairs it through the same
// decisions that events go through.
//
//	inspect.go  one order: what differs between the platforms
//	repair.go   one order: bring both sides into agreement
//	walk.go     all orders that were modified in a time, page by page
package reconcile

import (
	"context"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// Orders is where orders are listed.
type Orders interface {
	OrdersModified(ctx context.Context, after commercetools.Position, until time.Time, limit int) ([]commercetools.Snapshot, commercetools.Position, error)
	CountOrdersModified(ctx context.Context, after commercetools.Position, until time.Time) (int, error)
}

// Exporter is the flow to fulfillmenttools.
type Exporter interface {
	Outlook(ctx context.Context, order commercetools.Snapshot) (export.Verdict, error)
	LeftOut(ctx context.Context, order commercetools.Snapshot) (bool, error)
	Stuck(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (bool, error)
	Find(ctx context.Context, order commercetools.Snapshot) (fulfillmenttools.Order, error)
	Preview(ctx context.Context, orderID string) (notes []string, err error)
	Handle(ctx context.Context, orderID string, hint export.Hint) (outcome.Result, error)
}

// Updater is the flow back.
type Updater interface {
	Preview(ctx context.Context, order commercetools.Snapshot, facts feedback.Facts) (feedback.Decision, error)
	CatchUp(ctx context.Context, orderID string, facts feedback.Facts) (outcome.Result, error)
}

// Fulfilment is what fulfillmenttools itself says of an order.
type Fulfilment interface {
	ProcessOfOrder(ctx context.Context, orderID string) (fulfillmenttools.Process, error)
	PickJob(ctx context.Context, id string) (fulfillmenttools.Job, error)
	HandoverJob(ctx context.Context, id string) (fulfillmenttools.Job, error)
}

// Options make a Reconciler; all are required unless a default is named.
type Options struct {
	Orders     Orders
	Exporter   Exporter
	Updater    Updater
	Fulfilment Fulfilment
	Rate       float64          // orders looked into per second at most; 20 when zero
	Workers    int              // orders looked into at once; 4 when zero
	Skip       []Kind           // differences that are left alone: their direction is switched off
	ReportOnly bool             // nothing is ever repaired
	Found      func(Finding)    // told of every finding; may be nil
	Now        func() time.Time // time.Now when nil
}

// Reconciler is safe for concurrent use.
type Reconciler struct {
	opts  Options
	limit limiter
}

// New fills the defaults in.
func New(opts Options) *Reconciler {
	if opts.Rate == 0 {
		opts.Rate = 20
	}
	if opts.Workers == 0 {
		opts.Workers = 4
	}
	if opts.Found == nil {
		opts.Found = func(Finding) {}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Reconciler{opts: opts, limit: newLimiter(opts.Rate)}
}

// Kind is a kind of difference between the platforms.
type Kind string

const (
	// Missing: the order is to be exported but not in fulfillmenttools.
	Missing Kind = "not exported"
	// Alive: the order is cancelled but goes on in fulfillmenttools.
	Alive Kind = "not cancelled"
	// Held: the order is locked in fulfillmenttools although the shop holds it no longer.
	Held Kind = "not unlocked"
	// Behind: the order does not show what fulfillmenttools has done.
	Behind Kind = "status behind"
	// Unclear: the order cannot be compared, and repeating will not help.
	Unclear Kind = "not compared"
)

// Kinds lists them all.
var Kinds = []Kind{Missing, Alive, Held, Behind, Unclear}

// Finding is one difference, and what became of it.
type Finding struct {
	OrderID     string    `json:"order"`
	OrderNumber string    `json:"order_number,omitempty"`
	Kind        Kind      `json:"kind"`
	Detail      string    `json:"detail"`
	Repaired    bool      `json:"repaired"`
	Problem     string    `json:"problem,omitempty"` // why it is not repaired
	Hint        string    `json:"hint,omitempty"`
	At          time.Time `json:"at"`
}
