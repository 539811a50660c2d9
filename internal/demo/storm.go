package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/world"
)

// storm lets everything go wrong that the real platforms can do, until the returned
// function is called: a fifth of all answers is 503 or 429, connections are cut
// before or after the request was carried out, everything is slow, every
// notification comes twice and out of turn, and other systems edit the orders.
func storm(ctx context.Context, w *world.World, seed uint64) (calm func()) {
	weather := simulator.Weather{
		ErrorRate: 0.20, RetryAfter: time.Second,
		DropRate: 0.02, LoseRate: 0.02,
		Latency: 5 * time.Millisecond, Jitter: 40 * time.Millisecond,
	}
	w.CTFaults.SetWeather(weather)
	w.FFTFaults.SetWeather(weather)
	disorder := simulator.Disorder{Duplicate: 1, Shuffle: 400 * time.Millisecond}
	w.CT.Courier().SetDisorder(disorder)
	w.FFT.Courier().SetDisorder(disorder)

	ctx, cancel := context.WithCancel(ctx)
	var editing sync.WaitGroup
	editing.Go(func() { causeFaults(ctx, w, rand.New(rand.NewPCG(seed, 0xed17))) })
	var once sync.Once
	return func() {
		once.Do(func() {
			cancel()
			editing.Wait()
			w.CTFaults.Clear()
			w.FFTFaults.Clear()
			w.CT.Courier().SetDisorder(simulator.Disorder{})
			w.FFT.Courier().SetDisorder(simulator.Disorder{})
		})
	}
}

// meddling ends after a while: each change is told to the connector, which looks at those of an order that
// waits to be corrected.
const meddling = 15 * time.Second

// causeFaults is what payment providers and other systems do to orders meanwhile.
func causeFaults(ctx context.Context, w *world.World, random *rand.Rand) {
	ctx, stop := context.WithTimeout(ctx, meddling)
	defer stop()
	ticker := time.NewTicker(40 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ids := w.CT.OrderIDs()
		if len(ids) == 0 {
			continue
		}
		id := ids[random.IntN(len(ids))]
		states := []string{"Paid", "Pending", "BalanceDue"}
		err := w.CT.Edit(id, map[string]any{"action": "changePaymentState", "paymentState": states[random.IntN(len(states))]})
		if err != nil {
			panic(fmt.Sprintf("simulated shop: order %s: %v", id, err))
		}
	}
}
