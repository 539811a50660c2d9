package feedback

import (
	"context"
	"sync"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/lane"
	"fftconnect/internal/remote"
)

// batches lets one update at a time run for an order. Events that arrive meanwhile
// are merged and share the next one.
type batches struct {
	lanes lane.Locks
	mu    sync.Mutex
	open  map[string]*batch
}

// batch is one update and those who wait for it. Its results are written before
// done is closed.
type batch struct {
	facts   Facts
	done    chan struct{}
	update  update
	failure error
}

// update is how an update ended.
type update struct {
	order   commercetools.Snapshot // as it is now
	changed []string
	missing []string
	notes   []string
	typeKey string // of the order's custom type, when fields are missing
	gone    bool   // the order does not exist
	// unchecked: nothing had to change, so commercetools was not asked whether the
	// order as it is remembered is the order as it is.
	unchecked bool
}

// errAbandoned is for those who wait for an update that panicked: whoever ran it
// takes the blame, they come again.
var errAbandoned = remote.Later(commercetools.Platform, "update order", "an update of the order was abandoned", 0)

// join adds the facts to the order's next update and waits for it. The first to
// join runs it, within its own time; whoever comes later leaves when its own time
// ends.
func (b *batches) join(ctx context.Context, orderID string, facts Facts, run func(context.Context, Facts) (update, error)) (update, error) {
	b.mu.Lock()
	if next := b.open[orderID]; next != nil {
		next.facts = next.facts.Merge(facts)
		b.mu.Unlock()
		select {
		case <-next.done:
			return next.update, next.failure
		case <-ctx.Done():
			return update{}, ctx.Err()
		}
	}
	if b.open == nil {
		b.open = map[string]*batch{}
	}
	next := &batch{facts: facts, done: make(chan struct{}), failure: errAbandoned}
	b.open[orderID] = next
	b.mu.Unlock()
	defer close(next.done)

	// Others may depend on this update, so it does not end because one sender hung up.
	shared := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		shared, cancel = context.WithDeadline(shared, deadline)
		defer cancel()
	}
	unlock, err := b.lanes.Lock(shared, orderID)
	b.mu.Lock()
	delete(b.open, orderID)
	facts = next.facts
	b.mu.Unlock()
	if err != nil {
		next.failure = err
		return update{}, err
	}
	defer unlock()
	next.update, next.failure = run(shared, facts)
	return next.update, next.failure
}
