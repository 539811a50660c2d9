package durable_test

import (
	"slices"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
)

func event(id string) ledger.Deferred {
	return ledger.Deferred{
		Flow: outcome.Export, Type: "OrderCreated", Order: "o" + id, EventID: id,
		Body: []byte(`{"id":"` + id + "\"}\x00\xff"), Hint: []byte(`{"deleted":true}`),
		Reason: "answered 503", Fix: "wait",
	}
}

func TestAStoredEventIsReadBack(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		received := time.Now().Add(-time.Minute).UTC().Truncate(time.Microsecond)
		d := event("1")
		d.ReceivedAt = received
		check(t, l.Defer(ctx, d, time.Hour))
		listed := must[[]ledger.Event](t)(l.Events(ctx, ledger.Filter{}))
		if len(listed) != 1 || listed[0].Body != nil {
			t.Fatalf("listed: %+v", listed)
		}
		got, ok, err := l.Event(ctx, listed[0].ID)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if got.State != ledger.StateDeferred || got.Attempts != 1 || string(got.Body) != string(d.Body) ||
			string(got.Hint) != string(d.Hint) || got.Fix != d.Fix || !got.ReceivedAt.Equal(received) {
			t.Errorf("read back: %+v", got)
		}
		if wait := time.Until(got.NextAttemptAt); wait < 59*time.Minute || wait > time.Hour {
			t.Errorf("next attempt in %s", wait)
		}
		depth := must[ledger.StoredCounts](t)(l.CountStored(ctx))
		if depth != (ledger.StoredCounts{Deferred: 1, OldestDeferred: received}) {
			t.Errorf("depth: %+v", depth)
		}
		if _, ok, err := l.Event(ctx, got.ID+1); ok || err != nil {
			t.Error("an event that does not exist was found", err)
		}
	})
}

func TestRepetitionsOfAnEventMerge(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		only := func(state ledger.State, attempts int) ledger.Event {
			t.Helper()
			all := must[[]ledger.Event](t)(l.Events(ctx, ledger.Filter{}))
			if len(all) != 1 || all[0].State != state || all[0].Attempts != attempts {
				t.Fatalf("stored: %+v", all)
			}
			return all[0]
		}
		check(t, l.Defer(ctx, event("1"), time.Hour))
		first := only(ledger.StateDeferred, 1)
		check(t, l.Defer(ctx, event("1"), 5*time.Hour))
		if second := only(ledger.StateDeferred, 1); !second.NextAttemptAt.Equal(first.NextAttemptAt) {
			t.Error("a repetition put the next attempt off")
		}
		check(t, l.AddDeadLetter(ctx, event("1")))
		if dead := only(ledger.StateDead, 2); !dead.NextAttemptAt.IsZero() {
			t.Error("a dead letter has a next attempt")
		}
		check(t, l.Defer(ctx, event("1"), time.Minute))
		if only(ledger.StateDeferred, 3).NextAttemptAt.IsZero() {
			t.Error("a deferred event has no next attempt")
		}
	})
}

// TestAnEventThatWasStoredWithoutAHintKeepsNone: the hint is how shadow mode marks what it
// stores, and what was stored before is to be done.
func TestAnEventThatWasStoredWithoutAHintKeepsNone(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		plain, marked := event("1"), event("1")
		plain.Hint = nil
		hint := func() string {
			t.Helper()
			all := must[[]ledger.Event](t)(l.Events(ctx, ledger.Filter{}))
			got, _, err := l.Event(ctx, all[0].ID)
			check(t, err)
			return string(got.Hint)
		}
		check(t, l.Defer(ctx, plain, time.Hour))
		check(t, l.Defer(ctx, marked, time.Hour))
		if got := hint(); got != "" {
			t.Errorf("it was marked afterwards: %s", got)
		}
		check(t, l.AddDeadLetter(ctx, marked))
		if got := hint(); got != "" {
			t.Errorf("the dead letter was marked: %s", got)
		}
		discarded := must[int](t)(l.Discard(ctx, ledger.Filter{}))
		check(t, l.Defer(ctx, marked, time.Hour))
		check(t, l.Defer(ctx, plain, time.Hour))
		if got := hint(); got != "" || discarded != 1 {
			t.Errorf("what is to be done now is still marked: %s", got)
		}
	})
}

func TestEventsWithoutAnIDMergeByTheirBody(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		a, b := event("1"), event("1")
		a.EventID, b.EventID = "", ""
		b.Body = []byte("another")
		for _, d := range []ledger.Deferred{a, b, a, b} {
			check(t, l.Defer(ctx, d, time.Hour))
		}
		c := event("1")
		c.Flow = outcome.Feedback
		check(t, l.Defer(ctx, c, time.Hour))
		if depth := must[ledger.StoredCounts](t)(l.CountStored(ctx)); depth.Deferred != 3 {
			t.Errorf("depth: %+v", depth)
		}
	})
}

func TestAnUnknownFlowIsRefused(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, d := s.open(durable.Options{}), event("1")
		d.Flow = "stock"
		if err := l.Defer(t.Context(), d, 0); err == nil {
			t.Error("an event that nobody would ever attempt was stored")
		}
	})
}

func TestEventsAreFiltered(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		begin := time.Now()
		for i, d := range []ledger.Deferred{event("1"), event("2"), event("3"), event("4"), event("5")} {
			d.ReceivedAt = begin.Add(time.Duration(i) * time.Second)
			if i%2 == 0 {
				check(t, l.AddDeadLetter(ctx, d))
				continue
			}
			d.Flow, d.Type = outcome.Feedback, "HANDOVERJOB_HANDED_OVER"
			check(t, l.Defer(ctx, d, time.Hour))
		}
		all := must[[]ledger.Event](t)(l.Events(ctx, ledger.Filter{}))
		second := all[1].ID
		for name, test := range map[string]struct {
			filter ledger.Filter
			want   []string
		}{
			"all":         {ledger.Filter{}, []string{"1", "2", "3", "4", "5"}},
			"dead":        {ledger.Filter{State: ledger.StateDead}, []string{"1", "3", "5"}},
			"order":       {ledger.Filter{Order: "o4"}, []string{"4"}},
			"type":        {ledger.Filter{Type: "HANDOVERJOB_HANDED_OVER"}, []string{"2", "4"}},
			"flow":        {ledger.Filter{Flow: outcome.Export, Limit: 2}, []string{"1", "3"}},
			"since":       {ledger.Filter{Since: begin.Add(3 * time.Second)}, []string{"4", "5"}},
			"after":       {ledger.Filter{After: second, Limit: 2}, []string{"3", "4"}},
			"newest":      {ledger.Filter{Newest: true, Limit: 2}, []string{"5", "4"}},
			"newest next": {ledger.Filter{Newest: true, After: second}, []string{"1"}},
			"ids":         {ledger.Filter{IDs: []int64{second, all[4].ID}}, []string{"2", "5"}},
			"dead ids":    {ledger.Filter{IDs: []int64{second, all[4].ID}, State: ledger.StateDead}, []string{"5"}},
			"no ids":      {ledger.Filter{IDs: []int64{}}, nil},
		} {
			var got []string
			for _, event := range must[[]ledger.Event](t)(l.Events(ctx, test.filter)) {
				got = append(got, event.EventID)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%s: %v, want %v", name, got, test.want)
			}
		}
		if n := must[int](t)(l.Discard(ctx, ledger.Filter{State: ledger.StateDead, Limit: 2})); n != 2 {
			t.Errorf("%d discarded, want 2", n)
		}
		if n := must[int](t)(l.Discard(ctx, ledger.Filter{Since: begin})); n != 3 {
			t.Errorf("%d discarded, want 3", n)
		}
	})
}
