// Package orders is what people do with one order: find it by any of its names, see where
// it is, put it right. The command line and the console share it.
//
//	find.go   by order number, ids of either platform, short id, pick job, tracking number
//	ask.go    the questions that the platforms are asked when the store does not know
//	sync.go   where an order is, what differs, and the repair
package orders

import (
	"context"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

// Store is what is known of orders without asking a platform; *durable.Ledger is one.
type Store interface {
	FindOrders(ctx context.Context, text string) ([]ledger.Named, error)
	SaveNames(ctx context.Context, orderID string, names []outcome.Name) error
	// ResolveEvents forgets the order's dead letters: both platforms agree about it.
	ResolveEvents(ctx context.Context, orderID string) error
}

// Commercetools is what is asked of it.
type Commercetools interface {
	Snapshot(ctx context.Context, id string) (commercetools.Snapshot, error)
	SnapshotByNumber(ctx context.Context, number string) (commercetools.Snapshot, error)
	OrdersByTrackingNumber(ctx context.Context, number string, limit int) ([]commercetools.Snapshot, error)
}

// Fulfillmenttools is what is asked of it.
type Fulfillmenttools interface {
	Order(ctx context.Context, id string) (fulfillmenttools.Order, error)
	OrdersByTenantOrderID(ctx context.Context, tenantOrderID string) ([]fulfillmenttools.Order, error)
	PickJob(ctx context.Context, id string) (fulfillmenttools.Job, error)
	HandoverJob(ctx context.Context, id string) (fulfillmenttools.Job, error)
	PickJobsByShortID(ctx context.Context, shortID string) ([]fulfillmenttools.Job, error)
}

// Exporter is the flow to fulfillmenttools.
type Exporter interface {
	DecisionNow(ctx context.Context, orderID string) (export.Decision, error)
	Resend(ctx context.Context, orderID string) (outcome.Result, error)
}

// Reconciler compares both platforms.
type Reconciler interface {
	Report(ctx context.Context, order commercetools.Snapshot, dryRun bool) (reconcile.Report, error)
}

// Orders is safe for concurrent use.
type Orders struct {
	Store            Store // nil: none
	Commercetools    Commercetools
	Fulfillmenttools Fulfillmenttools
	Exporter         Exporter
	Reconciler       Reconciler
}
