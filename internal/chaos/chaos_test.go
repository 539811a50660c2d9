//go:build slow

package chaos_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/simulator"
	"fftconnect/internal/testtime"
)

// form is how much of it there is.
type form struct {
	orders int
	perSec int
	round  time.Duration
	kills  [2]time.Duration
	// alone is how long the connectors are left to themselves in it. Then, as an
	// operator would who does not want to wait, events retry is called.
	alone time.Duration
}

func theForm() form {
	if os.Getenv("FFTCONNECT_CHAOS") != "" {
		return form{
			orders: 2000, perSec: 20, round: 25 * time.Second, kills: [2]time.Duration{2 * time.Second, 6 * time.Second},
			alone: 4 * time.Minute,
		}
	}
	return form{
		orders: 100, perSec: 11, round: 8 * time.Second, kills: [2]time.Duration{time.Second, 3 * time.Second},
		alone: 3 * time.Second,
	}
}

func long() bool { return os.Getenv("FFTCONNECT_CHAOS") != "" }

func seed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("FFTCONNECT_SEED")
	if text == "" {
		return rand.Uint64N(1_000_000)
	}
	given, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("FFTCONNECT_SEED: %v", err)
	}
	return given
}

func TestEveryOrderEndsRightInChaosOnPostgreSQLWithTwoReplicas(t *testing.T) {
	unlessFast(t)
	parallelUnlessLong(t)
	server := startPostgres(t)
	chaos(t, &trouble{server: server}, createDatabase(t, server, "chaos"), 2)
}

func TestEveryOrderEndsRightInChaosOnSQLite(t *testing.T) {
	unlessFast(t)
	parallelUnlessLong(t)
	chaos(t, &trouble{}, "sqlite:"+filepath.Join(t.TempDir(), "chaos.db"), 1)
}

func TestEveryOrderEndsRightInChaosWithTwoReplicasAndNoStore(t *testing.T) {
	unlessFast(t)
	parallelUnlessLong(t)
	chaos(t, &trouble{}, config.NoDatabase, 2)
}

// parallelUnlessLong gives the long form the machine to itself.
func parallelUnlessLong(t *testing.T) {
	t.Helper()
	if !long() {
		t.Parallel()
	}
}

// chaos places orders while everything goes wrong, calms down, and holds the
// connectors to what must be true then.
func chaos(t *testing.T, g *trouble, database string, replicas int) {
	started, form, seed := time.Now(), theForm(), seed(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d: FFTCONNECT_SEED=%d", seed, seed)
		}
	})
	s := newSite(t, database, quick(seed), nil)
	var deliveries, refused atomic.Int64
	watch := func(d simulator.Delivery) {
		deliveries.Add(1)
		if !d.Done {
			refused.Add(1)
		}
	}
	s.world.CT.Courier().Watch(watch)
	s.world.FFT.Courier().Watch(watch)
	s.open(t, replicas)
	g.site, g.seed, g.round, g.kills = s, seed, form.round, form.kills

	calm := g.begin(t)
	orders := place(s, form)
	troubled := time.Since(started)
	calm()
	testtime.Until(t, "every replica is up again", func() bool { return s.front.replicas() == replicas })
	store := s.store(t)
	calmed := time.Now()
	retried := settle(t, s, store, orders, form)
	drained := time.Since(calmed)

	<-time.After(listLag) // the lists show what was created last
	first, second := repaired(t, s, orders), repaired(t, s, orders)
	complain(t, s, store, orders)
	for _, finding := range second {
		t.Errorf("still differs after a repair: %+v", finding)
	}
	if store != nil {
		for _, event := range left(t, s, orders) {
			t.Errorf("left in the queue: %s of order %s, %s: %s", event.Type, event.Order, event.State, event.Reason)
		}
	}
	s.stop()
	for _, crash := range s.crashes() {
		t.Error(crash)
	}
	starts := 0
	for _, r := range s.replicas {
		n, _ := r.seen()
		starts += n
	}
	t.Logf(`
orders                    %d (seed %d)
replicas                  %d, killed %d times, started %d times
database                  stopped or crashed %d times
both platforms out        %d times
tokens revoked            %d times
foreign edits             %d
messages forged           %d
commands called           %d
API calls                 %d, of which a fault befell %d
messages delivered        %d, of which %d had to be sent again
retried by hand           %d
repaired by reconcile     %d, then %d
time                      %s of trouble, %s until all was right`,
		len(orders), seed, replicas, g.killed, starts, g.stops, g.outages, g.revokes, g.edits, g.forged, g.called,
		len(s.world.CTLog.All())+len(s.world.FFTLog.All()), faulted(s), deliveries.Load(), refused.Load(),
		retried, len(first), len(second), troubled.Round(time.Millisecond), drained.Round(time.Millisecond))
	for _, finding := range first {
		t.Logf("repaired: %+v", finding)
	}
}

// place has customers place the orders at a steady rate.
func place(s *site, form form) []placed {
	ticker := time.NewTicker(time.Second / time.Duration(form.perSec))
	defer ticker.Stop()
	var orders []placed
	for range form.orders {
		<-ticker.C
		order := s.world.NextOrder()
		orders = append(orders, placed{s.world.Place(order), order.Fate, order.Traits})
	}
	return orders
}

// settle waits until all is right. It returns how many events were retried by hand.
func settle(t *testing.T, s *site, store *durable.Ledger, orders []placed, form form) (retried int) {
	next, before := time.Now().Add(form.alone), ""
	problem := testtime.Settles(func() string {
		problem := quiet(t.Context(), s, store, orders)
		if problem != "" && problem == before && store != nil && time.Now().After(next) {
			next = time.Now().Add(3 * time.Second)
			retried += retry(t, s)
		}
		before = problem
		return problem
	})
	if problem != "" {
		t.Errorf("nothing moves any more, and is not right: %s", problem)
		complain(t, s, store, orders) // before reconcile repairs it
	}
	return retried
}

// retry has everything that is deferred handled now.
func retry(t *testing.T, s *site) int {
	t.Helper()
	var report struct{ Events int }
	if err := json.Unmarshal(s.must(t, "events", "retry", "--all", "--state", "deferred", "--json"), &report); err != nil {
		t.Fatal(err)
	}
	return report.Events
}

func faulted(s *site) (n int) {
	for _, log := range []*simulator.Log{s.world.CTLog, s.world.FFTLog} {
		for _, exchange := range log.All() {
			if exchange.Faulted {
				n++
			}
		}
	}
	return n
}
