package durable_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

func TestDeadLettersOfOneCauseAreGroupedAndRetriedTogether(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{Actor: "command"}), t.Context()
		for i := range 5 {
			check(t, l.AddDeadLetter(ctx, ledger.Deferred{
				Flow: outcome.Export, Type: "OrderCreated", Order: fmt.Sprint("o-", i), EventID: fmt.Sprint("e-", i),
				Reason: fmt.Sprintf("order o-%d: no street in line %d of A-100%d", i, i, i), Fix: "correct it", Outcome: outcome.Rejected,
			}))
		}
		check(t, l.AddDeadLetter(ctx, ledger.Deferred{Flow: outcome.Export, Type: "OrderCreated", Order: "o-9", EventID: "e-9", Reason: "order o-9: cannot be cancelled", Outcome: outcome.Refused}))
		causes := must[[]ledger.Cause](t)(l.Causes(ctx))
		if len(causes) != 2 || causes[0].Count != 5 || causes[0].Cause != "no street in line … of …" {
			t.Fatalf("%+v", causes)
		}
		at := slices.IndexFunc(causes, func(c ledger.Cause) bool { return c.Class == ledger.ClassRefused })
		if at < 0 || causes[at].Count != 1 || causes[at].Cause != "cannot be cancelled" {
			t.Errorf("%+v", causes)
		}
		filter := ledger.Filter{State: ledger.StateDead, Class: ledger.ClassRefused, Flow: outcome.Export, Cause: "cannot be cancelled"}
		if n := must[int](t)(l.Count(ctx, filter)); n != 1 {
			t.Errorf("%d of this cause", n)
		}
		by := ledger.WithActor(ctx, "olga", "the shop is corrected")
		run := must[int64](t)(l.BeginRetry(by, "dead letters", 6))
		if n := must[int](t)(l.RetryTogether(by, run, ledger.Filter{State: ledger.StateDead})); n != 6 {
			t.Errorf("%d are retried", n)
		}
		now, ok, err := l.RetryRun(ctx, run)
		if check(t, err); !ok || now.By != "olga" || now.Queued != 6 || now.Waiting != 6 || now.Ended.IsZero() || now.Finished() != 0 {
			t.Errorf("%+v", now)
		}
		timeline := must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o-3"))
		if len(timeline) != 1 || timeline[0].Reason != "OrderCreated by olga: the shop is corrected" {
			t.Errorf("%+v", timeline)
		}
		run2 := must[int](t)(l.Discard(ctx, ledger.Filter{Order: "o-3"}))
		if now, _, err = l.RetryRun(ctx, run); err != nil || run2 != 1 || now.Waiting != 5 || now.Finished() != 1 {
			t.Errorf("%+v %v", now, err)
		}
	})
}

func TestEveryCauseOfEveryClassIsCounted(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		want, event := map[string]int{}, 0
		for c, class := range []outcome.Kind{outcome.Rejected, outcome.Refused} {
			for f, flow := range []outcome.Flow{outcome.Export, outcome.Feedback} {
				for n, cause := range []string{"no street", "a state that is not known", "zone"}[c*f:] {
					for range 1 + c + 2*f + n {
						event++
						check(t, l.AddDeadLetter(ctx, ledger.Deferred{
							Flow: flow, Type: "OrderCreated", Order: fmt.Sprint("o-", event), EventID: fmt.Sprint("e-", event), Reason: cause, Outcome: class,
							ReceivedAt: time.Unix(int64(1_000_000-event), 0),
						}))
						want[fmt.Sprint(map[outcome.Kind]ledger.Class{outcome.Rejected: ledger.ClassRejected, outcome.Refused: ledger.ClassRefused}[class], flow, cause)]++
					}
				}
			}
		}
		causes := must[[]ledger.Cause](t)(l.Causes(ctx))
		got := map[string]int{}
		for i, cause := range causes {
			got[fmt.Sprint(cause.Class, cause.Flow, cause.Cause)] = cause.Count
			if i > 0 && cause.Count > causes[i-1].Count {
				t.Errorf("%+v comes after %+v", cause, causes[i-1])
			}
			if cause.Oldest.IsZero() || cause.Reason != cause.Cause {
				t.Errorf("%+v", cause)
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestNamesOfOrdersAreKeptAsLongAsTheJournal(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		now := time.Now()
		l, ctx := s.open(durable.Options{Now: func() time.Time { return now }}), t.Context()
		const id = "11111111-2222-4333-8444-555555555555"
		names := []outcome.Name{{Kind: outcome.OrderNumber, Text: "A-1"}, {Kind: outcome.ShortID, Text: "AS12"}}
		for range 2 { // told again and again
			l.Record(outcome.Entry{Result: outcome.Result{Kind: outcome.Applied, Order: id, Names: names}, At: now, Flow: outcome.Export, Type: "OrderCreated"})
		}
		eventually(t, "the names are there", func() bool {
			found, err := l.FindOrders(ctx, "as12")
			return err == nil && len(found) == 1 && found[0].Order == id && found[0].Kind == outcome.ShortID
		})
		if found := must[[]ledger.Named](t)(l.FindOrders(ctx, id)); len(found) != 1 || found[0].Kind != ledger.CommercetoolsID {
			t.Errorf("by id: %+v", found)
		}
		if found := must[[]ledger.Named](t)(l.FindOrders(ctx, "22222222-2222-4333-8444-555555555555")); len(found) != 0 {
			t.Errorf("nobody: %+v", found)
		}
		check(t, l.SaveNames(ctx, id, []outcome.Name{{Kind: outcome.TrackingNumber, Text: "0034"}}))
		if all := must[[]ledger.Named](t)(l.NamesOf(ctx, id)); len(all) != 3 {
			t.Errorf("%+v", all)
		}
		if numbers := must[map[string]string](t)(l.OrderNumbers(ctx, []string{id, "", "o-2"})); len(numbers) != 1 || numbers[id] != "A-1" {
			t.Errorf("%v", numbers)
		}
		now = now.Add(31 * 24 * time.Hour)
		check(t, l.Sweep(ctx))
		if all := must[[]ledger.Named](t)(l.NamesOf(ctx, id)); len(all) != 0 {
			t.Errorf("left after the journal's time: %+v", all)
		}
	})
}

func TestTheJournalIsCountedByTheHour(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		begin := time.Now().Truncate(time.Hour).Add(-5 * time.Hour)
		record := func(n int, at time.Time, kind outcome.Kind, name string) {
			for range n {
				l.Record(outcome.Entry{Result: outcome.Result{Kind: kind, Order: "o", Reason: "r"}, At: at, Flow: outcome.Export, Type: name})
			}
		}
		record(3, begin.Add(time.Minute), outcome.Applied, "OrderCreated")
		record(2, begin.Add(61*time.Minute), outcome.Rejected, string(reconcile.ByVisit))
		record(1, begin.Add(-time.Minute), outcome.Applied, "OrderCreated")
		var counts []ledger.HourCount
		eventually(t, "the journal is written", func() bool {
			var err error
			var from time.Time
			counts, from, err = l.CountByHour(ctx, begin)
			return err == nil && from.Equal(begin) && len(counts) == 2 && counts[0].Count == 2 && counts[1].Count == 3
		})
		if !counts[0].Hour.Equal(begin.Add(time.Hour)) || counts[0].Outcome != outcome.Rejected || counts[0].Flow != outcome.Export {
			t.Errorf("%+v", counts)
		}
	})
}
