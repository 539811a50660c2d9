//go:build slow

package chaos_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/ledger/postgrestest"
	"fftconnect/internal/simulator"
)

// trouble is what goes wrong at a site, until it is told to calm down.
type trouble struct {
	site   *site
	server *postgrestest.Server // nil unless the store is PostgreSQL
	seed   uint64
	round  time.Duration    // how long one round of everything lasts
	kills  [2]time.Duration // least and most time between two

	mu                                     sync.Mutex
	killed, edits, outages, stops, revokes int
	forged, called                         int
	heard                                  [][]byte // events that fulfillmenttools sent
}

// begin lets everything go wrong; calm ends it and fixes what is broken.
func (g *trouble) begin(t *testing.T) (calm func()) {
	weather := simulator.Weather{
		ErrorRate: 0.20, RetryAfter: time.Second, DropRate: 0.03, LoseRate: 0.04, GatewayRate: 0.04,
		Latency: 5 * time.Millisecond, Jitter: 40 * time.Millisecond,
	}
	disorder := simulator.Disorder{Duplicate: 0.7, Copies: 2, Shuffle: 600 * time.Millisecond}
	w := g.site.world
	w.CTFaults.SetWeather(weather)
	w.FFTFaults.SetWeather(weather)
	w.CT.Courier().SetDisorder(disorder)
	w.FFT.Courier().SetDisorder(disorder)
	ctx, cancel := context.WithCancel(context.Background())
	var going sync.WaitGroup
	meddling, killing, forging := rand.New(rand.NewPCG(g.seed, 1)), rand.New(rand.NewPCG(g.seed, 2)), rand.New(rand.NewPCG(g.seed, 3))
	g.listen()
	going.Go(func() { g.meddle(ctx, t, meddling) })
	going.Go(func() { g.kill(ctx, killing) })
	going.Go(func() { g.rounds(ctx, t) })
	going.Go(func() { g.forge(ctx, t, forging) })
	going.Go(func() { g.call(ctx, rand.New(rand.NewPCG(g.seed, 4))) })
	return func() {
		cancel()
		going.Wait()
		w.CTFaults.Clear()
		w.FFTFaults.Clear()
		w.CT.Courier().SetDisorder(simulator.Disorder{})
		w.FFT.Courier().SetDisorder(simulator.Disorder{})
	}
}

func (g *trouble) count(what *int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*what++
}

// meddle is what payment providers and others do to orders meanwhile.
func (g *trouble) meddle(ctx context.Context, t *testing.T, random *rand.Rand) {
	states := []string{"Paid", "Pending", "BalanceDue"}
	for pause(ctx, 30*time.Millisecond) {
		ids := g.site.world.CT.OrderIDs()
		if len(ids) == 0 {
			continue
		}
		id := ids[random.IntN(len(ids))]
		err := g.site.world.CT.Edit(id, map[string]any{"action": "changePaymentState", "paymentState": states[random.IntN(len(states))]})
		if err != nil {
			t.Errorf("edit order %s: %v", id, err)
			return
		}
		g.count(&g.edits)
	}
}

// kill is kill -9 of a random replica every few seconds.
func (g *trouble) kill(ctx context.Context, random *rand.Rand) {
	for pause(ctx, g.kills[0]+time.Duration(random.Int64N(int64(g.kills[1]-g.kills[0])))) {
		if g.site.replicas[random.IntN(len(g.site.replicas))].kill() {
			g.count(&g.killed)
		}
	}
}

// rounds is everything that takes a while, one after the other.
func (g *trouble) rounds(ctx context.Context, t *testing.T) {
	w := g.site.world
	for part, n := g.round/10, g.seed; ; n++ {
		if !pause(ctx, 2*part) {
			return
		}
		w.CT.RevokeTokens()
		w.FFT.RevokeTokens()
		w.FFT.BreakRefresh(true)
		g.count(&g.revokes)
		pause(ctx, part)
		w.FFT.BreakRefresh(false)
		if g.server != nil && !g.stopDatabase(ctx, t, n%2 == 0, 2*part) {
			return
		}
		pause(ctx, part)
		w.CTFaults.SetOutage(true)
		w.FFTFaults.SetOutage(true)
		g.count(&g.outages)
		pause(ctx, 2*part)
		w.CTFaults.SetOutage(false)
		w.FFTFaults.SetOutage(false)
		pause(ctx, 2*part)
	}
}

// stopDatabase stops it for a while, in order or as a crash would.
func (g *trouble) stopDatabase(ctx context.Context, t *testing.T, crash bool, away time.Duration) bool {
	stop := g.server.Stop
	if crash {
		stop = g.server.Kill
	}
	if err := stop(); err != nil {
		t.Errorf("stop PostgreSQL: %v", err)
		return false
	}
	g.count(&g.stops)
	pause(ctx, away)
	if err := g.server.Resume(); err != nil {
		t.Errorf("start PostgreSQL again: %v", err)
		return false
	}
	return true
}

// pause waits, and reports whether ctx goes on.
func pause(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
