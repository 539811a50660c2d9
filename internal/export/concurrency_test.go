package export_test

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

func TestMessagesAboutOneOrderAtTheSameTimeCreateItOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.target.doubles = true
		b.options.Target = slow{b.target}
		b.Exporter = export.New(b.options)
		var deliveries sync.WaitGroup
		for range 20 {
			deliveries.Go(func() {
				if _, err := b.Handle(t.Context(), orderID, export.Hint{OrderNumber: "A-1001", Confirmed: true}); err != nil {
					t.Error(err)
				}
			})
		}
		deliveries.Wait()
		if got := b.target.count("create"); got != 1 {
			t.Errorf("%d create calls", got)
		}
	})
}

// slow takes its time to create an order.
type slow struct{ *target }

func (s slow) CreateOrder(ctx context.Context, order fulfillmenttools.OrderForCreation) (fulfillmenttools.Order, error) {
	time.Sleep(time.Second)
	return s.target.CreateOrder(ctx, order)
}

func TestWhoeverWaitsForAnotherMessageLeavesWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.options.Target = slow{b.target}
		b.Exporter = export.New(b.options)
		first := make(chan error)
		go func() {
			_, err := b.Handle(t.Context(), orderID, known)
			first <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, handled := b.Handle(ctx, orderID, known)
		_, cancelled := b.CancelByID(ctx, orderID, "ord-1")
		for _, err := range []error{handled, cancelled} {
			if !errors.Is(err, context.DeadlineExceeded) || !remote.Is(err, remote.Transient) {
				t.Errorf("%v", err)
			}
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
	})
}

func TestALookUpFromBeforeAnotherProcessWorkedOnTheOrderDoesNotCount(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.doubles = true
	b.options.Claims = &meanwhile{b.options.Claims.(*export.MemoryClaims), func() {
		for b.target.count("look up") == 0 {
			runtime.Gosched()
		}
		b.target.put(owned("A-1001", orderID))
		_ = b.options.Claims.Attempt(t.Context(), orderID, "A-1001", b.clock.Now().Add(-time.Hour))
	}}
	b.Exporter = export.New(b.options)
	got := b.handle(t, export.Hint{OrderNumber: "A-1001", Confirmed: true})
	if got.Reason != "found in fulfillmenttools" || b.target.count("create") != 0 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
}

// meanwhile is Claims of several processes: another one works while we wait.
type meanwhile struct {
	*export.MemoryClaims
	work func()
}

func (m *meanwhile) Hold(ctx context.Context, id string) (func(context.Context) error, error) {
	m.work()
	return m.MemoryClaims.Hold(ctx, id)
}

func TestAnOrderThatAnotherProcessHoldsIsLeftToTheSender(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"Confirmed", "Cancelled"} {
		b := newBench()
		b.state(state)
		b.options.Claims = &brokenClaims{MemoryClaims: export.NewMemoryClaims(), hold: failing(remote.Transient, false)}
		b.Exporter = export.New(b.options)
		if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) || len(b.target.calls) != 0 {
			t.Errorf("%s: %v after %v", state, err, b.target.calls)
		}
	}
}

// brokenClaims fail when they are told to, and when the caller has gone.
type brokenClaims struct {
	*export.MemoryClaims
	hold, claim, attempt, settle, link error
}

func (c *brokenClaims) Claim(ctx context.Context, id string) (export.Claim, error) {
	claim, err := c.MemoryClaims.Claim(ctx, id)
	return claim, cmp.Or(c.claim, err)
}

func (c *brokenClaims) Settle(ctx context.Context, id string) error {
	return cmp.Or(c.settle, c.MemoryClaims.Settle(ctx, id))
}

func (c *brokenClaims) Hold(ctx context.Context, id string) (func(context.Context) error, error) {
	if c.hold != nil {
		return nil, c.hold
	}
	return c.MemoryClaims.Hold(ctx, id)
}

func (c *brokenClaims) Attempt(ctx context.Context, id, name string, at time.Time) error {
	return errors.Join(c.attempt, c.MemoryClaims.Attempt(ctx, id, name, at))
}

func (c *brokenClaims) Link(ctx context.Context, id, name, fftID string) error {
	if err := cmp.Or(c.link, ctx.Err()); err != nil {
		return err
	}
	return c.MemoryClaims.Link(ctx, id, name, fftID)
}
