package reconcile

import (
	"context"
	"time"
)

// OpenOrder is an order that was exported and whose fulfilment is not finished.
type OpenOrder struct {
	ID           string    `json:"order"`
	Number       string    `json:"order_number,omitempty"`
	Opened       time.Time `json:"opened"`              // when it was first known to be open
	LastActivity time.Time `json:"last_activity"`       // the last sign of life: an export, an event, a repair
	Visits       int       `json:"visits"`              // since then
	Next         time.Time `json:"next_visit,omitzero"` // zero: it is left
	State        string    `json:"state,omitempty"`     // where the last visit saw it, in words
	Late         Late      `json:"late,omitempty"`
	Since        time.Time `json:"late_since,omitzero"`
	InSync       bool      `json:"-"`                       // the last visit found or made both sides agree
	AbandonedFor string    `json:"abandoned_for,omitempty"` // why it is not visited any more
}

// OpenOrders remembers which orders are open.
type OpenOrders interface {
	// DueOrders are open orders whose next visit is due, the longest due first.
	DueOrders(ctx context.Context, limit int) ([]OpenOrder, error)
	// TrackOrders makes orders known that are not known yet; of known ones nothing changes.
	TrackOrders(ctx context.Context, orders []OpenOrder) error
	// TrackedOrders are those of the orders that are known, left ones included.
	TrackedOrders(ctx context.Context, ids []string) (map[string]bool, error)
	// Discarded are those that are left because somebody gave them up.
	Discarded(ctx context.Context, ids []string) (map[string]bool, error)
	// SaveVisit notes how a visit ended, unless there was a sign of life since the order
	// was read.
	SaveVisit(ctx context.Context, seen, now OpenOrder) error
	// ForgetOrder forgets the order, unless there was a sign of life since it was read.
	ForgetOrder(ctx context.Context, seen OpenOrder) error
}
