package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

// The cost of an order is measured at a rate that leaves the machine idle now and then,
// with pauses between an order's events, so that each of them is an update of its own
// and every order takes all nine calls. A shared machine is quicker at one time than at
// another, for seconds or minutes: so all processes run at once, and each gets some orders
// in its turn.
const (
	costTurns    = 6
	turnOrders   = 100
	costRate     = 60 // orders a second
	costPause    = 50 * time.Millisecond
	warmUpOrders = 60
	// afterTurn is waited for what is done a moment later, such as writing the journal.
	afterTurn = time.Second
)

// cost is what orders cost a process.
type cost struct {
	cpu    time.Duration // per order
	memory float64       // MiB, at most
	calls  float64       // per order, on both platforms
	bytes  float64       // per order, in SQLite's files; 0: not known
}

// compare measures the stores in turn with the floor, which is the first, and prints medians.
func compare(ctx context.Context, binary string, stores []store, rounds int) error {
	costs := make([][]cost, len(stores))
	for range rounds {
		round, err := compareOnce(ctx, binary, stores)
		if err != nil {
			return err
		}
		for i, c := range round {
			costs[i] = append(costs[i], c)
		}
	}
	title("Cost of an order: %d orders at %d a second, whole life; medians of %d, in turn", costTurns*turnOrders, costRate, rounds)
	fmt.Printf("  %-12s %10s %8s %10s %8s %8s %14s\n", "", "CPU", "ratio", "memory", "ratio", "calls", "in the store")
	for i, store := range stores {
		middle := func(figure func(c, floor cost) float64) float64 {
			var all []float64
			for round, c := range costs[i] {
				all = append(all, figure(c, costs[0][round]))
			}
			slices.Sort(all)
			return all[len(all)/2]
		}
		fmt.Printf("  %-12s %7.2f ms %7.2fx %6.1f MiB %7.2fx %8.2f %8.0f bytes\n", store.name,
			middle(func(c, _ cost) float64 { return ms(c.cpu) }),
			middle(func(c, floor cost) float64 { return float64(c.cpu) / float64(floor.cpu) }),
			middle(func(c, _ cost) float64 { return c.memory }),
			middle(func(c, floor cost) float64 { return c.memory / floor.memory }),
			middle(func(c, _ cost) float64 { return c.calls }),
			middle(func(c, _ cost) float64 { return c.bytes }))
	}
	return nil
}

// compareOnce is what orders cost each of the stores.
func compareOnce(ctx context.Context, binary string, stores []store) ([]cost, error) {
	var all []*subject
	defer func() {
		for _, s := range all {
			s.close()
		}
	}()
	for _, store := range stores {
		s, err := startSubject(ctx, binary, store)
		if err != nil {
			return nil, fmt.Errorf("store %s: %w", store.name, err)
		}
		all = append(all, s)
	}
	for range costTurns {
		for _, s := range all {
			if err := s.drive(ctx, turnOrders); err != nil {
				return nil, fmt.Errorf("store %s: %w", s.store.name, err)
			}
		}
	}
	var costs []cost
	for _, s := range all {
		c, err := s.cost()
		if err != nil {
			return nil, fmt.Errorf("store %s: %w", s.store.name, err)
		}
		costs = append(costs, c)
	}
	return costs, nil
}

// subject is a process that is measured, with platforms of its own.
type subject struct {
	store  store
	w      *world.World
	p      *process
	orders int
	cpu    time.Duration // of the orders
}

// startSubject starts it and warms it up.
func startSubject(ctx context.Context, binary string, store store) (*subject, error) {
	w, p, err := ready(ctx, binary, store)
	if err != nil {
		return nil, err
	}
	s := &subject{store: store, w: w, p: p}
	w.FFT.SetPace(fftsim.Pace{Routing: costPause, Picking: costPause, Packing: costPause, Handover: costPause})
	// A process without a store first waits until lists must show what one before it did.
	if _, err = driveOrders(ctx, w, 1, 1, nil); err == nil {
		_, err = driveAtRate(ctx, w, warmUpOrders, costRate)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	w.CTLog.Reset()
	w.FFTLog.Reset()
	return s, nil
}

// drive has so many orders live.
func (s *subject) drive(ctx context.Context, orders int) error {
	before := s.p.cpu()
	if _, err := driveAtRate(ctx, s.w, orders, costRate); err != nil {
		return err
	}
	time.Sleep(afterTurn)
	s.cpu += s.p.cpu() - before
	s.orders += orders
	return nil
}

// cost is what an order has cost; the process is stopped.
func (s *subject) cost() (cost, error) {
	calls := s.w.CTLog.CountExcept("/oauth/") + s.w.FFTLog.CountExcept("/v1/")
	c := cost{cpu: s.cpu / time.Duration(s.orders), memory: mib(s.p.peakRSS()), calls: float64(calls) / float64(s.orders)}
	if file, ok := strings.CutPrefix(s.p.database, "sqlite:"); ok {
		if err := s.p.stop(); err != nil { // which writes the log back into the file
			return cost{}, err
		}
		stat, err := os.Stat(file)
		if err != nil {
			return cost{}, err
		}
		c.bytes = float64(stat.Size()) / float64(s.orders+warmUpOrders+1)
	}
	return c, nil
}

func (s *subject) close() {
	_ = s.p.stop()
	s.w.Close()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
