package connector_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
	"fftconnect/internal/testtime"
)

// open places n orders that are not confirmed.
func (b *bench) open(n int) (ids []string) {
	for range n {
		ids = append(ids, b.CT.PlaceOrder(having("orderState", "Open")))
	}
	return ids
}

// walked lists all orders in pages of the size, with what between does after each.
func (b *bench) walked(size int, until time.Time, between func(page int)) (ids []string) {
	b.t.Helper()
	var at commercetools.Position
	for page := 1; ; page++ {
		orders, next, err := b.connector.Commercetools.OrdersModified(b.t.Context(), at, until, size)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, o := range orders {
			ids = append(ids, o.ID)
		}
		at = next
		if len(orders) < size {
			return ids
		}
		between(page)
	}
}

func TestPagesNeitherSkipNorRepeatOrdersOfTheSameInstant(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		want := b.open(60)
		instants := map[string]int{}
		for _, id := range want {
			o, _ := b.CT.Order(id)
			instants[fmt.Sprint(o["lastModifiedAt"])]++
		}
		if len(instants) == len(want) {
			t.Fatal("no two orders are of the same instant")
		}
		for _, size := range []int{1, 2, 7, 60} {
			got := b.walked(size, time.Time{}, func(int) {})
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("in pages of %d: %d orders, want each of %d once", size, len(got), len(want))
			}
		}
		if made := b.calls("offset"); len(made) > 0 {
			t.Errorf("paged by offset: %v", made[0])
		}
	})
}

func TestOrdersThatChangeMeanwhileMakeThePagesSkipNothing(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		ids := b.open(40)
		time.Sleep(2 * time.Millisecond) // the changes are of a later instant
		until := time.Now()
		time.Sleep(2 * time.Millisecond)
		var mu sync.Mutex
		changed := map[string]bool{}
		seen := b.walked(5, until, func(page int) {
			mu.Lock()
			defer mu.Unlock()
			// One that was seen already and one that comes later: with an offset, the
			// first would make the walk skip one and the second make it repeat one.
			for _, id := range []string{ids[5*page-1], ids[len(ids)-page]} {
				changed[id] = true
				b.edit(id, map[string]any{"action": "setPurchaseOrderNumber", "purchaseOrderNumber": fmt.Sprint(page)})
			}
		})
		count := map[string]int{}
		for _, id := range seen {
			count[id]++
		}
		for _, id := range ids {
			if count[id] > 1 || count[id] == 0 && !changed[id] {
				t.Errorf("order %s was given %d times, changed: %v", id, count[id], changed[id])
			}
		}
	})
}

func TestAWalkTellsItsProgressPageByPage(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		b.CTFaults.SetWeather(simulator.Weather{Latency: 2 * time.Second})
		for range 23 {
			b.open(10)
			time.Sleep(time.Minute)
		}
		id := b.place("LAST")
		walk := everything()
		var told []reconcile.Progress
		walk.Page = func(p reconcile.Progress) error { told = append(told, p); return nil }
		if found := b.run(walk); len(found) != 1 || found[0].OrderID != id {
			t.Errorf("%+v", found)
		}
		if len(told) != 3 || told[0].Seen != 100 || told[1].Seen != 200 || told[2].Seen != 231 || told[2].Findings != 1 {
			t.Fatalf("%+v", told)
		}
		for i, p := range told {
			if p.Elapsed <= 0 || p.Rate() <= 0 || p.Position.ID == "" {
				t.Errorf("page %d: %+v", i, p)
			}
		}
		if told[0].Remaining() <= 0 || told[2].Remaining() != 0 {
			t.Errorf("remaining %v at first and %v at last", told[0].Remaining(), told[2].Remaining())
		}
	})
}

func TestRateAndRemainingTime(t *testing.T) {
	t.Parallel()
	p := reconcile.Progress{Seen: 100, Part: 0.25, Elapsed: 5 * time.Second}
	if p.Rate() != 20 || p.Remaining() != 15*time.Second {
		t.Errorf("rate %v, remaining %v", p.Rate(), p.Remaining())
	}
	for _, p := range []reconcile.Progress{{}, {Seen: 5}, {Seen: 9, Part: 1, Elapsed: time.Second}} {
		if p.Remaining() != 0 {
			t.Errorf("%+v: remaining %v", p, p.Remaining())
		}
	}
}

func TestAnOutageInTheMiddleEndsTheWalkAndTheRestIsDoneFromThere(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		b.open(195)
		var ids []string
		for range 15 { // some on the second page, some on the third
			ids = append(ids, b.place(""))
		}
		b.open(30)
		walk := everything()
		var last reconcile.Progress
		walk.Page = func(p reconcile.Progress) error {
			last = p
			if p.Seen == 200 {
				b.FFTFaults.SetOutage(true)
			}
			return nil
		}
		found, err := b.connector.Reconciler.WalkAll(t.Context(), walk)
		if !remote.Is(err, remote.Transient) || len(found) == 0 || len(found) == 15 || last.Seen != 200 {
			t.Fatalf("%d findings, %d seen: %v", len(found), last.Seen, err)
		}
		b.FFTFaults.SetOutage(false)
		b.start() // the circuit of the one before may be open
		b.forget()
		rest := everything()
		rest.From = last.Position
		if more := b.run(rest); len(found)+len(more) != 15 {
			t.Errorf("%d findings before and %d after, want 15", len(found), len(more))
		}
		for _, id := range ids {
			b.only(id)
		}
		if made := b.calls("GET /demo/orders?"); len(made) != 1 {
			t.Errorf("the rest took %d lists, want a page", len(made))
		}
	})
}

func TestAPageThatCannotBeNotedEndsTheWalk(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		b.open(150)
		walk := everything()
		refuse := errors.New("the store is away")
		walk.Page = func(reconcile.Progress) error { return refuse }
		if _, err := b.connector.Reconciler.WalkAll(t.Context(), walk); !errors.Is(err, refuse) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAWalkEndsWithItsContext(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t, "RECONCILE_RATE", "1")
		for range 5 {
			b.place("")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := b.connector.Reconciler.WalkAll(ctx, everything()); err == nil {
			t.Error("it went on")
		}
	})
}

// shelf is platforms in process: orders that all are missing.
type shelf struct {
	orders []commercetools.Snapshot
	looked []time.Time
	busy   int // so many times the first order is held by somebody else
	mu     sync.Mutex
}

func (s *shelf) OrdersModified(_ context.Context, after commercetools.Position, _ time.Time, _ int) ([]commercetools.Snapshot, commercetools.Position, error) {
	return s.orders, after, nil
}

func (s *shelf) Snapshot(context.Context, string) (commercetools.Snapshot, error) {
	return commercetools.Snapshot{}, errors.New("nobody asks for one")
}

func (s *shelf) OrdersUnfinished(context.Context, string, commercetools.Unfinished, int) ([]commercetools.Snapshot, error) {
	return s.orders, nil
}

func (s *shelf) FindCounterpart(context.Context, commercetools.Snapshot) (fulfillmenttools.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = append(s.looked, time.Now())
	return fulfillmenttools.Order{}, nil
}

func (s *shelf) Outlook(context.Context, commercetools.Snapshot) (export.Verdict, error) {
	return export.Create, nil
}

func (s *shelf) IsExcluded(context.Context, commercetools.Snapshot) (bool, error) { return false, nil }

func (s *shelf) DescribeChanges(context.Context, commercetools.Snapshot, fulfillmenttools.Order) (export.Change, error) {
	return export.Change{}, nil
}

func (s *shelf) IsWronglyLocked(context.Context, commercetools.Snapshot, fulfillmenttools.Order) (bool, error) {
	return false, nil
}

func (s *shelf) FindTwin(context.Context, commercetools.Snapshot, fulfillmenttools.Order) (fulfillmenttools.Order, error) {
	return fulfillmenttools.Order{}, nil
}

func (s *shelf) ResolveTwin(context.Context, string, fulfillmenttools.Order, fulfillmenttools.Order) (outcome.Result, error) {
	return outcome.Result{}, nil
}

func (s *shelf) PreviewNotes(context.Context, string) ([]string, error) { return nil, nil }

func (s *shelf) Handle(_ context.Context, id string, _ export.Hint) (outcome.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy > 0 {
		s.busy--
		return outcome.Result{}, remote.NewTransient("database", "hold order "+id, "another replica is working on it", time.Second)
	}
	return outcome.Result{Order: id, Kind: outcome.Applied}, nil
}

func (s *shelf) Resend(context.Context, string) (outcome.Result, error) {
	return outcome.Result{Kind: outcome.Unchanged}, nil
}

func (s *shelf) reconciler(rate float64) *reconcile.Reconciler {
	return reconcile.New(reconcile.Options{Orders: s, Exporter: s, Rate: rate})
}

func shelved(n int) *shelf {
	s := &shelf{}
	for i := range n {
		s.orders = append(s.orders, commercetools.Snapshot{ID: fmt.Sprint(i), OrderState: commercetools.StateConfirmed})
	}
	return s
}

func TestOrdersAreLookedIntoAtTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := shelved(50)
		began := time.Now()
		if found, err := s.reconciler(10).WalkAll(t.Context(), reconcile.Walk{}); err != nil || len(found) != 50 {
			t.Fatalf("%d findings: %v", len(found), err)
		}
		if took := time.Since(began); took < 4500*time.Millisecond || took > 5500*time.Millisecond {
			t.Errorf("50 orders at 10 a second took %v", took)
		}
		for i := range s.looked[10:] {
			if s.looked[i+10].Sub(s.looked[i]) < 900*time.Millisecond {
				t.Fatalf("more than 10 in a second, from order %d", i)
			}
		}
	})
}

func TestAnOrderOnWhichSomebodyElseWorksIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := shelved(3)
		s.busy = 2
		found, err := s.reconciler(100).WalkAll(t.Context(), reconcile.Walk{})
		if err != nil || len(found) != 3 {
			t.Errorf("%d findings: %v", len(found), err)
		}
		s = shelved(1)
		s.busy = 100
		if _, err := s.reconciler(100).WalkAll(t.Context(), reconcile.Walk{}); !remote.Is(err, remote.Transient) {
			t.Errorf("an order that is never free: %v", err)
		}
	})
}

func TestFindingsAreInTheOrderOfTheWalk(t *testing.T) {
	t.Parallel()
	s := shelved(40)
	found, err := s.reconciler(1e6).WalkAll(t.Context(), reconcile.Walk{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.OrderID)
	}
	var want []string
	for _, o := range s.orders {
		want = append(want, o.ID)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v", got)
	}
}

func TestAFaultThatPassesIsNoFinding(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		b.place("A-1")
		b.FFTFaults.PlanFaults("GET /api/orders", 1, simulator.Fault{Status: 503})
		b.repairs(1) // the call was repeated
	})
}
