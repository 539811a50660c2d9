package ledger

import (
	"context"
	"time"
)

// Periodic is a job that runs now and then, on one replica at a time: while one run
// lasts, no other begins.
type Periodic struct {
	Name    string
	Every   time.Duration
	Timeout time.Duration // of one run; 10 minutes when zero
	// AtStart also runs it when a replica takes the lead, as at the start of the
	// only one. Otherwise the first run is after Every.
	AtStart bool
	Run     func(ctx context.Context) error // an error is logged
}

// Lease is a named right that one holder at a time has, in all replicas together.
type Lease interface {
	// Renew makes the lease last ttl from now. It reports false when the lease ran out
	// and somebody else has taken it.
	Renew(ctx context.Context, ttl time.Duration) (bool, error)
	// Release gives the lease up; one that somebody else has taken stays theirs.
	Release(ctx context.Context) error
}
