package durable_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
)

func entry(order string, at time.Time) outcome.Entry {
	return outcome.Entry{
		Result: outcome.Result{Kind: outcome.Applied, Order: order, Reason: "exported"},
		At:     at, Flow: outcome.Export, Type: "OrderCreated", EventID: "e1",
		Duration: 1500 * time.Microsecond, Calls: 3, Correlation: "commercetools shop/1",
	}
}

func TestTheJournalIsWrittenAMomentLater(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{ProjectKey: "shop"}), t.Context()
		start := time.Now().UTC().Truncate(time.Microsecond)
		for i := range 300 {
			l.Record(entry(fmt.Sprintf("o%d", i%3), start.Add(time.Duration(i)*time.Second)))
		}
		l.RecordAttempt(entry("o2", start.Add(time.Hour)), 2)
		var rows []ledger.JournalRow
		eventually(t, "the rows are there", func() bool {
			rows = must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o1"))
			return len(rows) == 100
		})
		want := ledger.JournalRow{
			At: start.Add(time.Second), Flow: outcome.Export, Type: "OrderCreated", Order: "o1", EventID: "e1",
			Outcome: outcome.Applied, Reason: "exported", Attempt: 1, Duration: 1500 * time.Microsecond, Calls: 3, ProjectKey: "shop",
			Correlation: "commercetools shop/1",
		}
		if !reflect.DeepEqual(rows[0], want) {
			t.Errorf("row is %+v, want %+v", rows[0], want)
		}
		last, err := l.LastSeen(ctx)
		check(t, err)
		if len(last) != 1 || !last[outcome.Export].Equal(start.Add(299*time.Second)) {
			t.Errorf("last seen: %v", last)
		}
		if l.JournalDropped() != 0 {
			t.Errorf("%d rows dropped", l.JournalDropped())
		}
	})
}

func TestTheJournalNeitherWaitsNorFails(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l := must[*durable.Ledger](t)(s.tryOpen(durable.Options{}))
		l.Record(entry("o1", time.Now()))
		s.close(l)
		for range 10 {
			l.Record(entry("o1", time.Now()))
		}
		if dropped := l.JournalDropped(); dropped != 10 {
			t.Errorf("%d rows dropped, want 10", dropped)
		}
		again := s.open(durable.Options{})
		if rows := must[[]ledger.JournalRow](t)(again.Timeline(t.Context(), "o1")); len(rows) != 1 {
			t.Errorf("the row from before the close: %v", rows)
		}
	})
}

func TestWhatIsOldIsDeleted(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		ctx := t.Context()
		later := time.Now().Add(31 * 24 * time.Hour)
		l, afterAMonth := s.open(durable.Options{}), s.open(durable.Options{Now: func() time.Time { return later }})
		afterAYear := s.open(durable.Options{Now: func() time.Time { return later.Add(365 * 24 * time.Hour) }})
		for i := range 2500 {
			l.Record(entry("o1", time.Now().Add(time.Duration(-i)*time.Microsecond)))
		}
		l.Record(entry("o2", later))
		check(t, l.AddDeadLetter(ctx, event("dead")))
		check(t, l.Defer(ctx, event("deferred"), time.Hour))
		eventually(t, "the journal is written", func() bool {
			return len(must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o2"))) == 1
		})
		check(t, afterAMonth.Sweep(ctx))
		if old := must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o1")); len(old) != 0 {
			t.Errorf("%d old rows are left", len(old))
		}
		if young := must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o2")); len(young) != 1 {
			t.Error("a young row was deleted")
		}
		if depth := must[ledger.StoredCounts](t)(l.CountStored(ctx)); depth.Dead != 1 || depth.Deferred != 1 {
			t.Errorf("after a month: %+v", depth)
		}
		check(t, afterAYear.Sweep(ctx))
		if depth := must[ledger.StoredCounts](t)(l.CountStored(ctx)); depth.Dead != 0 || depth.Deferred != 1 {
			t.Errorf("after a year: %+v", depth)
		}
	})
}
