package lane

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func enter(t *testing.T, locks *Locks, key string) func() {
	t.Helper()
	unlock, err := locks.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return unlock
}

func TestALaneHoldsOneAtATime(t *testing.T) {
	t.Parallel()
	var locks Locks
	var inside atomic.Int32
	var everybody sync.WaitGroup
	total := 0
	for range 50 {
		everybody.Go(func() {
			for range 20 {
				unlock, err := locks.Lock(t.Context(), "order")
				if err != nil {
					t.Error(err)
					return
				}
				if n := inside.Add(1); n != 1 {
					t.Errorf("%d are inside", n)
				}
				total++ // the race detector watches
				inside.Add(-1)
				unlock()
			}
		})
	}
	everybody.Wait()
	if total != 1000 || len(locks.lanes) != 0 {
		t.Errorf("%d passed and %d lanes are left, want 1000 and none", total, len(locks.lanes))
	}
}

func TestDifferentOrdersPassEachOther(t *testing.T) {
	t.Parallel()
	var locks Locks
	leaveSlow := enter(t, &locks, "slow")
	for i := range 100 {
		enter(t, &locks, fmt.Sprint(i))()
	}
	leaveSlow()
	if len(locks.lanes) != 0 {
		t.Errorf("%d lanes are left", len(locks.lanes))
	}
}

func TestSomeWaitUntilTheLaneIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var locks Locks
		var everybody sync.WaitGroup
		start := time.Now()
		for range 5 {
			everybody.Go(func() {
				unlock := enter(t, &locks, "order")
				defer unlock()
				time.Sleep(time.Second)
			})
		}
		everybody.Wait()
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("five seconds of work, one after the other, took %v", took)
		}
	})
}

func TestWhoseTimeEndsLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var locks Locks
		leave := enter(t, &locks, "order")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		unlock, err := locks.Lock(ctx, "order")
		if unlock != nil || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		// The lane is still held, by the first.
		patient, giveUp := context.WithTimeout(t.Context(), time.Second)
		defer giveUp()
		if _, err := locks.Lock(patient, "order"); err == nil {
			t.Error("two are inside")
		}
		leave()
		enter(t, &locks, "order")()
		if len(locks.lanes) != 0 {
			t.Errorf("%d lanes are left", len(locks.lanes))
		}
	})
}

func TestManyWhoLeaveEarlyLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var locks Locks
		var everybody sync.WaitGroup
		var passed atomic.Int32
		for i := range 100 {
			everybody.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Millisecond+time.Millisecond)
				defer cancel()
				unlock, err := locks.Lock(ctx, fmt.Sprint("order-", i%3))
				if err != nil {
					return
				}
				passed.Add(1)
				time.Sleep(700 * time.Millisecond)
				unlock()
			})
		}
		everybody.Wait()
		if n := passed.Load(); n < 10 || n > 99 || len(locks.lanes) != 0 {
			t.Errorf("%d passed and %d lanes are left", n, len(locks.lanes))
		}
	})
}
