package durable_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
)

// quickly retries after a moment, so that tests need not wait.
func quickly(int, time.Duration) time.Duration { return 10 * time.Millisecond }

func depth(t *testing.T, l *durable.Ledger) ledger.StoredCounts {
	t.Helper()
	return must[ledger.StoredCounts](t)(l.CountStored(t.Context()))
}

func TestADeferredEventIsAttemptedUntilItIsDone(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l := s.open(durable.Options{Retry: quickly, DrainRate: 1000})
		verdicts := []ledger.Verdict{
			{Action: ledger.Again, Reason: "answered 503"},
			{Action: ledger.Wait, Delay: time.Millisecond, Reason: "fulfillmenttools is away"},
			{Action: ledger.Again, Reason: "answered 429"},
			{Action: ledger.Done},
		}
		seen := make(chan ledger.Event, len(verdicts))
		run(t, l, func(_ context.Context, e ledger.Event) ledger.Verdict {
			seen <- e
			return verdicts[len(seen)-1]
		})
		check(t, l.Defer(t.Context(), event("1"), 0))
		eventually(t, "the event is done", func() bool { return depth(t, l).Deferred == 0 && len(seen) == len(verdicts) })
		for i, want := range []struct {
			attempts int
			reason   string
		}{{1, "answered 503"}, {2, "answered 503"}, {2, "fulfillmenttools is away"}, {3, "answered 429"}} {
			got := <-seen
			if got.Attempts != want.attempts || got.Reason != want.reason || string(got.Body) != string(event("1").Body) {
				t.Errorf("attempt %d saw %+v", i, got)
			}
		}
	})
}

func TestADeadLetterIsKeptRetriedAndDiscarded(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{Retry: quickly}), t.Context()
		var fixed atomic.Bool
		run(t, l, func(_ context.Context, e ledger.Event) ledger.Verdict {
			if fixed.Load() {
				return ledger.Verdict{Action: ledger.Done}
			}
			if e.EventID == "2" {
				panic("a mistake")
			}
			return ledger.Verdict{Action: ledger.Dead, Reason: "no such facility", Fix: "map the channel"}
		})
		for _, id := range []string{"1", "2", "3"} {
			check(t, l.Defer(ctx, event(id), 0))
		}
		eventually(t, "all are dead", func() bool { return depth(t, l).Dead == 3 })
		dead := must[[]ledger.Event](t)(l.Events(ctx, ledger.Filter{State: ledger.StateDead}))
		if dead[0].Reason != "no such facility" || dead[0].Fix != "map the channel" || dead[0].Attempts != 2 {
			t.Errorf("dead letter: %+v", dead[0])
		}
		if !strings.Contains(dead[1].Reason, "a mistake in fftconnect") {
			t.Errorf("reason after a panic: %q", dead[1].Reason)
		}
		if n := must[int](t)(l.Discard(ctx, ledger.Filter{IDs: []int64{dead[2].ID}})); n != 1 {
			t.Errorf("%d discarded", n)
		}
		fixed.Store(true)
		if n := must[int](t)(l.Retry(ctx, ledger.Filter{State: ledger.StateDead})); n != 2 {
			t.Errorf("%d retried", n)
		}
		eventually(t, "all are done", func() bool { return depth(t, l) == ledger.StoredCounts{} })
	})
}

func TestRetryDoesNotWaitForAnEventsTime(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{DrainRate: 1000}), t.Context()
		var attempts atomic.Int64
		for i := range 210 {
			check(t, l.Defer(ctx, event(fmt.Sprint(i)), time.Hour))
		}
		run(t, l, func(context.Context, ledger.Event) ledger.Verdict {
			attempts.Add(1)
			return ledger.Verdict{Action: ledger.Done}
		})
		if n := must[int](t)(l.Retry(ctx, ledger.Filter{})); n != 210 {
			t.Errorf("%d retried", n)
		}
		eventually(t, "all are done", func() bool { return depth(t, l).Deferred == 0 })
		if attempts.Load() != 210 {
			t.Errorf("%d attempts", attempts.Load())
		}
	})
}

func TestAnEventThatGoesOnFailingBecomesADeadLetter(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l := s.open(durable.Options{Retry: quickly, MaxAge: 300 * time.Millisecond, DrainRate: 1000})
		run(t, l, func(context.Context, ledger.Event) ledger.Verdict {
			return ledger.Verdict{Action: ledger.Again, Reason: "answered 503"}
		})
		check(t, l.Defer(t.Context(), event("1"), 0))
		eventually(t, "it is dead", func() bool { return depth(t, l).Dead == 1 })
		dead := must[[]ledger.Event](t)(l.Events(t.Context(), ledger.Filter{}))
		if !strings.HasPrefix(dead[0].Reason, "still failing after") || dead[0].Attempts < 2 {
			t.Errorf("dead letter: %+v", dead[0])
		}
	})
}

func TestWaitingDoesNotAgeAnEvent(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l := s.open(durable.Options{MaxAge: time.Millisecond, DrainRate: 1000})
		var waits atomic.Int64
		run(t, l, func(context.Context, ledger.Event) ledger.Verdict {
			if waits.Add(1) == 3 {
				return ledger.Verdict{Action: ledger.Done}
			}
			return ledger.Verdict{Action: ledger.Wait, Delay: 5 * time.Millisecond, Reason: "scope missing"}
		})
		check(t, l.Defer(t.Context(), event("1"), 0))
		eventually(t, "it is done", func() bool { return depth(t, l) == ledger.StoredCounts{} })
	})
}

func TestARestartKeepsWhatIsStored(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		ctx := t.Context()
		first := must[*durable.Ledger](t)(s.tryOpen(durable.Options{Replica: "r", Grace: time.Second}))
		begun := make(chan struct{})
		var once sync.Once
		stop := run(t, first, func(ctx context.Context, _ ledger.Event) ledger.Verdict {
			once.Do(func() { close(begun) })
			<-ctx.Done() // longer than the grace
			return ledger.Verdict{Action: ledger.Again, Reason: "stopped"}
		})
		check(t, first.Defer(ctx, event("1"), 0))
		check(t, first.Defer(ctx, event("2"), time.Second))
		check(t, first.AddDeadLetter(ctx, event("3")))
		<-begun
		stop()
		s.close(first)

		second := s.open(durable.Options{Replica: "r"})
		if got := depth(t, second); got.Deferred != 2 || got.Dead != 1 {
			t.Errorf("after the restart: %+v", got)
		}
		must[int](t)(second.Retry(ctx, ledger.Filter{State: ledger.StateDeferred}))
		run(t, second, func(context.Context, ledger.Event) ledger.Verdict { return ledger.Verdict{Action: ledger.Done} })
		eventually(t, "all are done", func() bool { return depth(t, second).Deferred == 0 })
	})
}

func TestTwoReplicasShareTheWork(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		const events = 60
		var mu sync.Mutex
		attempts := map[string]int{}
		for range 2 {
			run(t, s.open(durable.Options{DrainRate: 1000}), func(_ context.Context, e ledger.Event) ledger.Verdict {
				mu.Lock()
				defer mu.Unlock()
				attempts[e.EventID]++
				return ledger.Verdict{Action: ledger.Done}
			})
		}
		l := s.open(durable.Options{})
		for i := range events {
			check(t, l.Defer(t.Context(), event(fmt.Sprint(i)), 0))
		}
		eventually(t, "all are done", func() bool { return depth(t, l).Deferred == 0 })
		mu.Lock()
		defer mu.Unlock()
		if len(attempts) != events {
			t.Errorf("%d events were attempted", len(attempts))
		}
		for id, n := range attempts {
			if n != 1 {
				t.Errorf("event %s was attempted %d times", id, n)
			}
		}
	})
}

func TestAPeriodicJobRunsOnOneReplica(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		var running, runs atomic.Int64
		job := ledger.Periodic{Name: "probe", Every: 200 * time.Millisecond, AtStart: true, Run: func(context.Context) error {
			if running.Add(1) > 1 {
				t.Error("two replicas run it at once")
			}
			defer running.Add(-1)
			runs.Add(1)
			<-time.After(300 * time.Millisecond) // longer than the period
			return nil
		}}
		for range 2 {
			run(t, s.open(durable.Options{}), nil, job)
		}
		eventually(t, "it ran three times", func() bool { return runs.Load() >= 3 })
	})
}

func TestTheDrainRateIsKept(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l := s.open(durable.Options{DrainRate: 40})
		for i := range 40 {
			check(t, l.Defer(t.Context(), event(fmt.Sprint(i)), 0))
		}
		begin := time.Now() // in real time an attempt may begin later than its turn is
		run(t, l, func(context.Context, ledger.Event) ledger.Verdict { return ledger.Verdict{Action: ledger.Done} })
		eventually(t, "all are done", func() bool { return depth(t, l).Deferred == 0 })
		if took := time.Since(begin); took < 900*time.Millisecond {
			t.Errorf("40 events at 40 a second took %s", took)
		}
	})
}
