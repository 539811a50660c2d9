// Package reconcile finds what events missed, and repairs it through the same
// decisions that events go through.
//
//	openorder.go  an order that is not finished, and who remembers such
//	examine.go    one order: what differs between the platforms
//	repair.go     one order: bring both sides into agreement
//	visit.go      one open order: repair it, and say when to come again
//	late.go       one open order: whether it is late
//	words.go      one order: where it is, for people
//	visits.go     the open orders that are due
//	rounds.go     the same where nobody remembers them: by when they were modified
//	sweep.go      orders that nobody remembers although they are not finished
//	walk.go       all orders that were modified in a time, page by page
package reconcile

import (
	"context"
	"sync"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// Orders is where orders are listed.
type Orders interface {
	Snapshot(ctx context.Context, id string) (commercetools.Snapshot, error)
	OrdersModified(ctx context.Context, after commercetools.Position, until time.Time, limit int) ([]commercetools.Snapshot, commercetools.Position, error)
	OrdersUnfinished(ctx context.Context, after string, since commercetools.Unfinished, limit int) ([]commercetools.Snapshot, error)
}

// Exporter is the flow to fulfillmenttools.
type Exporter interface {
	Outlook(ctx context.Context, order commercetools.Snapshot) (export.Verdict, error)
	IsExcluded(ctx context.Context, order commercetools.Snapshot) (bool, error)
	DescribeChanges(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (export.Change, error)
	IsWronglyLocked(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (bool, error)
	FindCounterpart(ctx context.Context, order commercetools.Snapshot) (fulfillmenttools.Order, error)
	FindTwin(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (fulfillmenttools.Order, error)
	ResolveTwin(ctx context.Context, orderID string, there, twin fulfillmenttools.Order) (outcome.Result, error)
	PreviewNotes(ctx context.Context, orderID string) (notes []string, err error)
	Resend(ctx context.Context, orderID string) (outcome.Result, error)
	Handle(ctx context.Context, orderID string, hint export.Hint) (outcome.Result, error)
}

// Updater is the flow back.
type Updater interface {
	ReadTruth(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (feedback.Truth, error)
	Preview(ctx context.Context, order commercetools.Snapshot, facts feedback.Facts) (feedback.Decision, error)
	CatchUp(ctx context.Context, orderID string, facts feedback.Facts) (outcome.Result, error)
}

// Options make a Reconciler; all are required unless a default is named.
type Options struct {
	Orders   Orders
	Exporter Exporter
	Updater  Updater
	Open     OpenOrders // nil: nobody remembers, commercetools is asked which orders are due
	Rounds   Rounds     // where nobody remembers open orders; nil: the process remembers
	// Tracks reports whether carriers' news are followed once an order is shipped; nil: they
	// are not.
	Tracks       func(context.Context) (bool, error)
	RevisitAfter time.Duration                               // from a sign of life to the first visit; 15 minutes when zero
	RevisitFor   time.Duration                               // how long an order without a sign of life is visited; 30 days when zero
	ShippedFor   time.Duration                               // how long one that is shipped is, while the carrier has not delivered it; 7 days when zero
	Resends      func(context.Context) (bool, error)         // whether an order that was cancelled there is sent again; nil: it is not
	FacilityName func(ctx context.Context, id string) string // for people; the id when nil
	LateAfter    Thresholds                                  // the defaults where zero
	Rate         float64                                     // orders looked into per second at most; 20 when zero
	Workers      int                                         // orders looked into at once; 4 when zero
	Skip         []Kind                                      // differences that are left alone: their direction is switched off
	ReportOnly   bool                                        // nothing is ever repaired
	Publish      func(context.Context, Published)            // told of every finding; may be nil
	Agreed       func(orderID string)                        // told of every order about which both sides agree; may be nil
	Now          func() time.Time                            // time.Now when nil
}

// Reconciler is safe for concurrent use.
type Reconciler struct {
	opts   Options
	limit  limiter
	rounds sync.Mutex // one at a time
	late   lateSeen
}

// New fills the defaults in.
func New(opts Options) *Reconciler {
	if opts.Rate == 0 {
		opts.Rate = 20
	}
	if opts.Workers == 0 {
		opts.Workers = 4
	}
	if opts.RevisitAfter == 0 {
		opts.RevisitAfter = 15 * time.Minute
	}
	if opts.RevisitFor == 0 {
		opts.RevisitFor = 30 * 24 * time.Hour
	}
	if opts.ShippedFor == 0 {
		opts.ShippedFor = 7 * 24 * time.Hour
	}
	if opts.Tracks == nil {
		opts.Tracks = func(context.Context) (bool, error) { return false, nil }
	}
	if opts.FacilityName == nil {
		opts.FacilityName = func(_ context.Context, id string) string { return id }
	}
	if opts.Resends == nil {
		opts.Resends = func(context.Context) (bool, error) { return false, nil }
	}
	opts.LateAfter = opts.LateAfter.withDefaults()
	if opts.Publish == nil {
		opts.Publish = func(context.Context, Published) {}
	}
	if opts.Agreed == nil {
		opts.Agreed = func(string) {}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Rounds == nil {
		opts.Rounds = &rounds{}
	}
	return &Reconciler{opts: opts, limit: newLimiter(opts.Rate), late: lateSeen{orders: map[string]OpenOrder{}}}
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
	// Double: the order exists twice in fulfillmenttools.
	Double Kind = "exists twice"
	// Behind: the order does not show what fulfillmenttools has done.
	Behind Kind = "status behind"
	// Revoked: the order is confirmed, but cancelled in fulfillmenttools.
	Revoked Kind = "cancelled there"
	// Changed: the order was changed after its export, and its counterpart was not.
	Changed Kind = "changed after export"
	// Abandoned: the order is not finished and shows no sign of life any more.
	Abandoned Kind = "not finished"
	// Unclear: the order cannot be compared, and repeating will not help.
	Unclear Kind = "not compared"
)

// Kinds lists them all.
var Kinds = []Kind{Missing, Alive, Held, Double, Behind, Revoked, Changed, Abandoned, Unclear}

// Trigger is whose look at an order it was.
type Trigger string

// Who looks at orders.
const (
	ByVisit     Trigger = "visit"
	BySweep     Trigger = "sweep"
	BySync      Trigger = "sync"
	ByReconcile Trigger = "reconcile"
)

// person reports whether a person asks: what was refused before is tried again.
func (by Trigger) person() bool { return by == BySync || by == ByReconcile }

// Published is a finding and who found it.
type Published struct {
	Finding
	By Trigger
}

// Finding is one difference, and what became of it.
type Finding struct {
	OrderID     string    `json:"order"`
	OrderNumber string    `json:"order_number,omitempty"`
	Kind        Kind      `json:"kind"`
	Detail      string    `json:"detail"`
	Repaired    bool      `json:"repaired"`
	Refused     bool      `json:"-"`                 // fulfillmenttools did not let us repair it
	Problem     string    `json:"problem,omitempty"` // why it is not repaired
	Hint        string    `json:"advice,omitempty"`
	At          time.Time `json:"at"`
}
