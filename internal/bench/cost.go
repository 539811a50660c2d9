package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/simulator/fftsim"
)

// The cost of an order is measured at a rate that leaves the machine idle now and then,
// with pauses between an order's events, so that each of them is an update of its own
// and every order takes all nine calls.
const (
	costOrders   = 600
	costRate     = 60 // orders a second
	costPause    = 50 * time.Millisecond
	warmUpOrders = 60
)

// cost is what orders cost a process.
type cost struct {
	cpu    time.Duration // per order
	memory float64       // MiB, at most
	calls  float64       // per order, on both platforms
	bytes  float64       // per order, in SQLite's files; 0: not known
}

// compare measures the stores in turn with the floor and prints the medians.
func compare(ctx context.Context, binary string, stores []store, rounds int) error {
	costs := make([][]cost, len(stores))
	for range rounds {
		for i, store := range stores {
			c, err := costOf(ctx, binary, store, costOrders)
			if err != nil {
				return fmt.Errorf("store %s: %w", store.name, err)
			}
			costs[i] = append(costs[i], c)
		}
	}
	title("Cost of an order: %d orders at %d a second, whole life; medians of %d, in turn", costOrders, costRate, rounds)
	fmt.Printf("  %-12s %10s %8s %10s %8s %8s %14s\n", "", "CPU", "ratio", "memory", "ratio", "calls", "in the store")
	floor := median(costs[0])
	for i, store := range stores {
		c := median(costs[i])
		fmt.Printf("  %-12s %7.2f ms %7.2fx %6.1f MiB %7.2fx %8.2f %8.0f bytes\n", store.name,
			ms(c.cpu), float64(c.cpu)/float64(floor.cpu), c.memory, c.memory/floor.memory, c.calls, c.bytes)
	}
	return nil
}

// costOf is what so many orders cost a process of their own.
func costOf(ctx context.Context, binary string, store store, orders int) (cost, error) {
	w, p, err := ready(ctx, binary, store)
	if err != nil {
		return cost{}, err
	}
	defer w.Close()
	defer func() { _ = p.stop() }()
	w.FFT.SetPace(fftsim.Pace{Routing: costPause, Picking: costPause, Packing: costPause, Handover: costPause})
	// A process without a store first waits until lists must show what one before it did.
	if _, err := driveOrders(ctx, w, 1, 1, nil); err != nil {
		return cost{}, err
	}
	if _, err := driveAtRate(ctx, w, warmUpOrders, costRate); err != nil { // warm up
		return cost{}, err
	}
	w.CTLog.Reset()
	w.FFTLog.Reset()
	before := p.cpu()
	if _, err := driveAtRate(ctx, w, orders, costRate); err != nil {
		return cost{}, err
	}
	calls := w.CTLog.CountExcept("/oauth/") + w.FFTLog.CountExcept("/v1/")
	c := cost{cpu: (p.cpu() - before) / time.Duration(orders), memory: mib(p.peakRSS()), calls: float64(calls) / float64(orders)}
	if file, ok := strings.CutPrefix(p.database, "sqlite:"); ok {
		if err := p.stop(); err != nil { // which writes the log back into the file
			return cost{}, err
		}
		stat, err := os.Stat(file)
		if err != nil {
			return cost{}, err
		}
		c.bytes = float64(stat.Size()) / float64(orders+warmUpOrders+1)
	}
	return c, nil
}

// median is of each figure by itself.
func median(costs []cost) cost {
	middle := func(figure func(cost) float64) float64 {
		var all []float64
		for _, c := range costs {
			all = append(all, figure(c))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return cost{
		cpu:    time.Duration(middle(func(c cost) float64 { return float64(c.cpu) })),
		memory: middle(func(c cost) float64 { return c.memory }),
		calls:  middle(func(c cost) float64 { return c.calls }),
		bytes:  middle(func(c cost) float64 { return c.bytes }),
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
