package feedback

import (
	"context"
	"sync"
	"time"

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
	members int
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
	// later is after how long the facts must come again, and why; 0: they need not.
	later time.Duration
	why   string
}

// errComeBackLater is the error that makes the facts come again; nil when they need not.
func (d update) errComeBackLater() error {
	if d.later == 0 {
		return nil
	}
	return remote.NewTransient(commercetools.Platform, "update order", d.why, d.later)
}

// errAbandoned is for those who wait for an update that panicked: whoever ran it
// takes the blame, they come again.
var errAbandoned = remote.NewTransient(commercetools.Platform, "update order", "an update of the order was abandoned", 0)

// updateTogether adds the facts to the order's next update and waits for it. The first to
// join runs it, within its own time; whoever comes later leaves when its own time
// ends. When what several share can never be done, each tries its own alone, so that one
// event that is refused takes no other along.
func (b *batches) updateTogether(ctx context.Context, orderID string, facts Facts, run func(context.Context, Facts) (update, error)) (update, error) {
	done, shared, err := b.joinOrStart(ctx, orderID, facts, run)
	if err == nil || !shared || remote.KindOf(err).IsTemporary() {
		return done, err
	}
	return b.runAlone(ctx, orderID, run, func() Facts { return facts })
}

// joinOrStart is join with whoever else joins; shared reports whether anybody did.
func (b *batches) joinOrStart(ctx context.Context, orderID string, facts Facts, run func(context.Context, Facts) (update, error)) (done update, shared bool, err error) {
	b.mu.Lock()
	if next := b.open[orderID]; next != nil {
		next.facts = next.facts.Merge(facts)
		next.members++
		b.mu.Unlock()
		select {
		case <-next.done:
			return next.update, true, next.failure
		case <-ctx.Done():
			return update{}, false, ctx.Err()
		}
	}
	if b.open == nil {
		b.open = map[string]*batch{}
	}
	next := &batch{facts: facts, members: 1, done: make(chan struct{}), failure: errAbandoned}
	b.open[orderID] = next
	b.mu.Unlock()
	defer close(next.done)

	// Others may depend on this update, so it does not end because one sender hung up.
	all := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		all, cancel = context.WithDeadline(all, deadline)
		defer cancel()
	}
	next.update, next.failure = b.runAlone(all, orderID, run, func() Facts {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.open, orderID)
		return next.facts
	})
	return next.update, next.members > 1, next.failure
}

// runAlone runs an update of the order when no other one runs. The facts are asked for when
// its turn has come, or will not come.
func (b *batches) runAlone(ctx context.Context, orderID string, run func(context.Context, Facts) (update, error), facts func() Facts) (update, error) {
	unlock, err := b.lanes.Lock(ctx, orderID)
	now := facts()
	if err != nil {
		return update{}, err
	}
	defer unlock()
	return run(ctx, now)
}
