package durable_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// unreadable is a body that could not be read.
func unreadable(i int, size int) ledger.Deferred {
	return ledger.Deferred{Flow: outcome.Export, Type: ledger.TypeUnreadable, Body: fmt.Appendf(nil, "%d%s", i, strings.Repeat("x", size)), Reason: "not JSON"}
}

// TestDeadLettersAreBounded in number and bytes, each kind by itself: beyond them the sender
// keeps what it has.
func TestDeadLettersAreBounded(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{Logger: silent(), Bounds: durable.Bounds{Dead: 3, Unreadable: 2, DeadBytes: 100_000, UnreadableBytes: 50_000}}), t.Context()
		refused := func(d ledger.Deferred, setting string) {
			t.Helper()
			before := depth(t, l)
			err := l.AddDeadLetter(ctx, d)
			if !remote.Is(err, remote.Transient) || !strings.Contains(err.Error(), setting) || !strings.Contains(remote.HintOf(err), "fftconnect events list") {
				t.Errorf("%v", err)
			}
			if after := depth(t, l); after != before {
				t.Errorf("stored all the same: %+v", after)
			}
			if err := l.CheckRoom(ctx); err == nil {
				t.Error("there is said to be room")
			}
		}
		check(t, l.CheckRoom(ctx))
		for i := range 3 {
			check(t, l.AddDeadLetter(ctx, event(fmt.Sprint(i))))
		}
		refused(event("3"), "MAX_DEAD_LETTERS")
		check(t, l.AddDeadLetter(ctx, event("1")))    // a repetition
		check(t, l.Defer(ctx, event("4"), time.Hour)) // what waits is no dead letter
		for i := range 2 {
			check(t, l.AddDeadLetter(ctx, unreadable(i, 10)))
		}
		refused(unreadable(2, 10), "MAX_UNREADABLE")
		if n := must[int](t)(l.Discard(ctx, ledger.Filter{State: ledger.StateDead})); n != 5 {
			t.Errorf("%d discarded", n)
		}
		check(t, l.CheckRoom(ctx))

		large := event("large")
		large.Body = []byte(strings.Repeat("x", 60_000))
		check(t, l.AddDeadLetter(ctx, large))
		large.EventID = "another"
		refusedBySize := l.AddDeadLetter(ctx, large)
		if !remote.Is(refusedBySize, remote.Transient) || !strings.Contains(refusedBySize.Error(), "MAX_DEAD_LETTERS_MIB") {
			t.Errorf("%v", refusedBySize)
		}
		check(t, l.AddDeadLetter(ctx, unreadable(3, 40_000)))
		if err := l.AddDeadLetter(ctx, unreadable(4, 40_000)); err == nil || !strings.Contains(err.Error(), "MAX_UNREADABLE_MIB") {
			t.Errorf("%v", err)
		}
	})
}

// TestALargeDeadLetterRefersToItsOrder: its body is not kept, also when it was deferred first.
func TestALargeDeadLetterRefersToItsOrder(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{Logger: silent()}), t.Context()
		large := event("1")
		large.Body = []byte(strings.Repeat("x", ledger.MaxDeadBody+1))
		check(t, l.AddDeadLetter(ctx, large))
		large.EventID, large.Order = "2", "o2"
		check(t, l.Defer(ctx, large, 0))
		run(t, l, func(_ context.Context, e ledger.Event) ledger.Verdict {
			if len(e.Body) != len(large.Body) {
				t.Errorf("a deferred body has %d bytes", len(e.Body))
			}
			return ledger.Verdict{Action: ledger.Dead, Reason: "no"}
		})
		eventually(t, "both are dead", func() bool { return depth(t, l).Dead == 2 })
		for _, listed := range must[[]ledger.Event](t)(l.Events(ctx, ledger.Filter{})) {
			eventually(t, "its body is gone", func() bool {
				e, _, err := l.Event(ctx, listed.ID)
				return err == nil && e.IsOrderOnly() && strings.Contains(e.Fix, "64 KiB is not kept")
			})
		}
		nobodys := large
		nobodys.EventID, nobodys.Order = "3", ""
		if err := l.AddDeadLetter(ctx, nobodys); !remote.Is(err, remote.Transient) || depth(t, l).Dead != 2 {
			t.Errorf("of no order: %v", err)
		}
		whole := event("4")
		whole.Body = large.Body[:ledger.MaxDeadBody]
		check(t, l.AddDeadLetter(ctx, whole))
		if events := must[[]ledger.Event](t)(l.Events(ctx, ledger.Filter{Order: "o4"})); len(events) != 1 {
			t.Errorf("%d events", len(events))
		} else if e, _, err := l.Event(ctx, events[0].ID); err != nil || len(e.Body) != ledger.MaxDeadBody || e.IsOrderOnly() {
			t.Errorf("%d bytes, %v", len(e.Body), err)
		}
	})
}

// TestTheJournalIsBounded in rows and bytes; the newest rows stay.
func TestTheJournalIsBounded(t *testing.T) {
	for name, bounds := range map[string]durable.Bounds{
		"rows":  {Journal: 20},
		"bytes": {JournalBytes: 20 * 1200},
	} {
		t.Run(name, func(t *testing.T) {
			onEachStore(t, func(t *testing.T, s store) {
				l, ctx := s.open(durable.Options{Logger: silent(), Bounds: bounds}), t.Context()
				for i := range 100 {
					e := entry("o1", time.Now().Add(time.Duration(i)*time.Second))
					e.Reason = strings.Repeat("r", 1000)
					l.Record(e)
				}
				eventually(t, "all are written", func() bool { return len(must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o1"))) == 100 })
				check(t, l.Sweep(ctx))
				left := must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o1"))
				if len(left) < 15 || len(left) > 25 {
					t.Errorf("%d rows are left", len(left))
				}
				if newest := left[len(left)-1].At; time.Until(newest) < 90*time.Second-time.Minute {
					t.Errorf("the newest left is of %s", newest)
				}
				check(t, l.Sweep(ctx))
				if n := len(must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o1"))); n != len(left) {
					t.Errorf("%d rows after the next sweep", n)
				}
			})
		})
	}
}

// TestWordsAreBounded: a reason may be as long as what it speaks of.
func TestWordsAreBounded(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		d := event("1")
		d.Reason, d.Fix = strings.Repeat("ü", 100_000), strings.Repeat("ü", 100_000)
		check(t, l.AddDeadLetter(ctx, d))
		e := must[[]ledger.Event](t)(l.Events(ctx, ledger.Filter{}))[0]
		if len(e.Reason) > 5000 || len(e.Fix) > 5000 || !strings.HasSuffix(e.Reason, "ü…") {
			t.Errorf("%d and %d bytes", len(e.Reason), len(e.Fix))
		}
	})
}
