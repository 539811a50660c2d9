package feedback_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// life is an order's whole life, each event once.
func life() []fulfillmenttools.Event {
	return []fulfillmenttools.Event{
		event("ORDER_CREATED", "ord-1", nil), event("PICK_JOB_CREATED", "pj-1", nil), event("PICK_JOB_PICKING_FINISHED", "pj-1", nil),
		event("HANDOVERJOB_CREATED", "hj-1", nil), event("HANDOVERJOB_HANDED_OVER", "hj-1", nil),
	}
}

// hold makes the first update wait until the returned function is called.
func (b *bench) hold() (release func()) {
	gate := make(chan struct{})
	var held atomic.Bool
	b.orders.before = func() {
		if held.CompareAndSwap(false, true) {
			<-gate
		}
	}
	return func() { close(gate) }
}

func TestEventsThatPileUpBecomeOneUpdate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.fulfilment.units["pj-1"] = fulfillmenttools.LoadUnits{Count: 2}
		release := b.hold()
		var deliveries sync.WaitGroup
		deliver := func(e fulfillmenttools.Event) {
			deliveries.Go(func() {
				if got, err := b.Handle(t.Context(), e); err != nil || got.Kind != outcome.Applied {
					t.Errorf("%s: %+v, %v", e.Name, got, err)
				}
			})
		}
		all := life()
		deliver(all[0])
		synctest.Wait()
		for _, e := range all[1:] {
			deliver(e)
			deliver(e)
		}
		synctest.Wait()
		release()
		deliveries.Wait()
		if b.orders.updates != 2 || b.orders.reads != 1 {
			t.Errorf("9 deliveries took %d updates and %d reads, want 2 and 1", b.orders.updates, b.orders.reads)
		}
		order := b.orders.order(orderID)
		if order.ShipmentState != "Shipped" || len(order.Fields) != 9 {
			t.Errorf("order is %+v", order)
		}
	})
}

func TestEventsOfOtherOrdersDoNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		const other = "11111111-7a5e-4d3b-a5f1-3a9d7f5f9e10"
		copied := b.orders.order(orderID)
		copied.ID = other
		b.orders.orders[other] = copied
		defer b.hold()()
		go func() { _, _ = b.Handle(t.Context(), life()[0]) }()
		synctest.Wait()
		got := b.handle(t, event("ORDER_CREATED", "ord-2", func(p *fulfillmenttools.Payload) { p.OrderID = other }))
		if got.Kind != outcome.Applied {
			t.Errorf("%+v", got)
		}
	})
}

func TestASenderThatHangsUpDoesNotEndTheUpdateOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		release := b.hold()
		all := life()
		go func() { _, _ = b.Handle(t.Context(), all[0]) }()
		synctest.Wait()

		leader, hangUp := context.WithCancel(t.Context())
		go func() { _, _ = b.Handle(leader, all[1]) }()
		synctest.Wait()
		var got outcome.Result
		var err error
		done := make(chan struct{})
		go func() {
			got, err = b.Handle(t.Context(), all[3])
			close(done)
		}()
		synctest.Wait()
		hangUp()
		release()
		<-done
		if err != nil || got.Kind != outcome.Applied || b.orders.order(orderID).TextField("fft_pickjob_id") != "pj-1" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestWhoeverWaitsLeavesWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		release := b.hold()
		all := life()
		go func() { _, _ = b.Handle(t.Context(), all[0]) }()
		synctest.Wait()
		// The second waits for the update in flight, the third joins the second's.
		for i, e := range []fulfillmenttools.Event{all[1], all[3]} {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(7-i)*time.Second)
				defer cancel()
				if _, err := b.Handle(ctx, e); !errors.Is(err, context.DeadlineExceeded) || !remote.Is(err, remote.Transient) {
					t.Errorf("%s: %v", e.Name, err)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(8 * time.Second)
		synctest.Wait()
		release()
		synctest.Wait()
		if b.orders.updates != 1 {
			t.Errorf("%d updates", b.orders.updates)
		}
		// What they left behind does not keep the order from going on.
		b.handle(t, all[3])
	})
}

func TestAnUpdateThatPanicsIsNotDoneForThoseWhoWaitForIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		gate := make(chan struct{})
		calls := 0
		b.orders.before = func() {
			calls++
			if calls == 1 {
				<-gate
			}
			if calls == 2 {
				panic("a mistake")
			}
		}
		all := life()
		go func() { _, _ = b.Handle(t.Context(), all[0]) }()
		synctest.Wait()
		go func() {
			defer func() { _ = recover() }()
			_, _ = b.Handle(t.Context(), all[1])
		}()
		synctest.Wait()
		failed := make(chan error)
		go func() {
			_, err := b.Handle(t.Context(), all[3])
			failed <- err
		}()
		synctest.Wait()
		close(gate)
		if err := <-failed; !remote.Is(err, remote.Transient) {
			t.Errorf("whoever waited is told %v, which the sender does not repeat", err)
		}
		b.handle(t, all[3])
	})
}
