package export_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/claim"
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

// CreateOrder takes a second, in fake time.
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
	b.store.opening = func() {
		b.store.opening = nil
		for b.target.count("look up") == 0 {
			runtime.Gosched()
		}
		b.target.put(owned("A-1001", orderID))
		_, _, _ = b.store.OpenClaim(t.Context(), claim.Order{ID: orderID}, claim.State{Names: []string{"A-1001"}})
	}
	got := b.handle(t, export.Hint{OrderNumber: "A-1001", Confirmed: true})
	if got.Reason != "found in fulfillmenttools" || b.target.count("create") != 0 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
}

func TestAnOrderThatAnotherProcessIsCreatingIsLeftToTheSender(t *testing.T) {
	t.Parallel()
	b := newBench()
	if _, _, err := b.options.Claims.Begin(t.Context(), claim.Order{ID: orderID, Name: "A-1001"}); err != nil {
		t.Fatal(err)
	}
	_, err := b.Handle(t.Context(), orderID, known)
	if !remote.Is(err, remote.Transient) || remote.WaitOf(err) != 15*time.Second+abandoned+lag || len(b.target.calls) != 0 {
		t.Errorf("%v after %v", err, b.target.calls)
	}
}
