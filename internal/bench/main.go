// Command bench measures a connector process against the simulated platforms, which
// run in this process, over loopback. It prints figures and asserts nothing.
//
//	main.go     the runs
//	process.go  the connector as a process: start, CPU, memory, metrics
//	stores.go   none, SQLite, and PostgreSQL where it is installed
//	load.go     orders through their whole life, so many at a time
//	report.go   the table
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

func main() {
	binary := flag.String("binary", "bin/fftconnect", "the connector to measure")
	orders := flag.Int("orders", 5000, "orders of the saturated run")
	rounds := flag.Int("rounds", 3, "how often each store is compared with the floor; medians are shown")
	only := flag.String("only", "", "run only: start, cost, saturated, unloaded or trouble; or profile: a store's orders alone")
	floor := flag.String("floor", "bin/floor", "the yardstick")
	limit := flag.Duration("limit", 20*time.Minute, "stop after this time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	if err := run(ctx, *binary, *floor, *orders, *rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary, floor string, orders, rounds int, only string) error {
	wanted := func(part string) bool { return only == "" || only == part }
	if wanted("start") {
		if err := startUp(ctx, binary); err != nil {
			return err
		}
	}
	stores, closeStores, err := stores()
	if err != nil {
		return err
	}
	defer closeStores()
	if wanted("cost") {
		if err := compare(ctx, binary, append([]store{{name: "floor", fresh: noStore.fresh, floor: floor}}, stores...), rounds); err != nil {
			return err
		}
	}
	if only == "profile" {
		s, err := startSubject(ctx, binary, stores[1])
		if err != nil {
			return err
		}
		defer s.close()
		return s.drive(ctx, 3*costTurns*turnOrders)
	}
	for _, store := range stores[1:2] {
		if !wanted("saturated") {
			break
		}
		if err := saturated(ctx, binary, store, orders); err != nil {
			return err
		}
	}
	if wanted("unloaded") {
		if err := unloaded(ctx, binary, stores[1]); err != nil {
			return err
		}
	}
	if wanted("trouble") {
		return troubled(ctx, binary, stores[1])
	}
	return nil
}

// startUp measures from the start of the process to its first answer.
func startUp(ctx context.Context, binary string) error {
	const starts = 11
	w, err := newWorld()
	if err != nil {
		return err
	}
	defer w.Close()
	var times []time.Duration
	for range starts {
		p, err := startConnector(ctx, binary, w, noStore)
		if err != nil {
			return err
		}
		times = append(times, p.startedIn)
		if err := p.stop(); err != nil {
			return err
		}
	}
	title("Start-up (%d times)", starts)
	row("process start to first 200", "%s", spreadText(times))
	return nil
}

// resident is a process's memory after so many orders: the mean while the last hundred of them
// end, since a heap is now full of garbage and now just collected.
type resident struct{ until, sum, readings int }

func (r *resident) read(p *process, done int) {
	if done > r.until-100 && done <= r.until {
		r.sum += p.rss()
		r.readings++
	}
}

func (r *resident) mean() int { return r.sum / max(r.readings, 1) }

// saturated runs 16 orders at a time as fast as they go.
func saturated(ctx context.Context, binary string, store store, orders int) error {
	w, p, err := ready(ctx, binary, store)
	if err != nil {
		return err
	}
	defer w.Close()
	defer func() { _ = p.stop() }()
	const atOnce = 16
	if _, err := driveOrders(ctx, w, 100, atOnce, nil); err != nil { // warm up
		return err
	}
	w.CTLog.Reset()
	w.FFTLog.Reset()
	early, late := resident{until: min(1000, orders/2)}, resident{until: orders}
	cpu, before := p.cpu(), p.metrics(ctx)
	result, err := driveOrders(ctx, w, orders, atOnce, func(done int) {
		early.read(p, done)
		late.read(p, done)
	})
	if err != nil {
		return err
	}
	used, after := p.cpu()-cpu, p.metrics(ctx)
	messages := after.messages - before.messages
	own := (after.handling - before.handling) - (after.calling - before.calling)
	title("Saturated, store %s: %d orders, whole life, %d at a time", store.name, orders, atOnce)
	row("messages per second", "%.0f", float64(messages)/result.took.Seconds())
	row("orders per second", "%.0f", float64(orders)/result.took.Seconds())
	row("CPU per order, connector", "%.2f ms  (%.2f s per 1,000)", used.Seconds()*1000/float64(orders), used.Seconds()*1000/float64(orders))
	row("peak RSS", "%.1f MiB", mib(p.peakRSS()))
	row("RSS after the first 1,000, the last, ratio", "%.1f MiB, %.1f MiB, %.2f", mib(early.mean()), mib(late.mean()), float64(late.mean())/float64(max(early.mean(), 1)))
	row("CT calls per order", "%.2f", float64(w.CTLog.CountExcept("/oauth/"))/float64(orders))
	row("FFT calls per order", "%.2f", float64(w.FFTLog.CountExcept("/v1/"))/float64(orders))
	row("added latency per message, mean", "%s", own/time.Duration(max(messages, 1)))
	return nil
}

// unloaded sends one order at a time while every API call takes 20 ms.
func unloaded(ctx context.Context, binary string, store store) error {
	const orders = 60
	w, p, err := ready(ctx, binary, store)
	if err != nil {
		return err
	}
	defer w.Close()
	defer func() { _ = p.stop() }()
	if _, err := driveOrders(ctx, w, 10, 1, nil); err != nil { // warm up
		return err
	}
	// Each event comes when the one before it is long done.
	pause := 80 * time.Millisecond
	w.FFT.SetPace(fftsim.Pace{Routing: pause, Picking: pause, Packing: pause, Handover: pause})
	slow := simulator.Weather{Latency: 20 * time.Millisecond}
	w.CTFaults.SetWeather(slow)
	w.FFTFaults.SetWeather(slow)
	result, err := driveOrders(ctx, w, orders, 1, nil)
	if err != nil {
		return err
	}
	title("Unloaded, store %s: 20 ms per API call, %d orders, one at a time", store.name, orders)
	row("push → order in fulfillmenttools", "%s", spreadText(result.spans[spanExport]))
	row("PICK_JOB_CREATED → field", "%s", spreadText(result.spans[spanPickJob]))
	row("HANDOVERJOB_HANDED_OVER → Shipped", "%s", spreadText(result.spans[spanShipped]))
	return nil
}

// troubled runs orders while things go wrong, and counts what became of them.
func troubled(ctx context.Context, binary string, store store) error {
	threeTimes := simulator.Disorder{Duplicate: 1, Copies: 2, Shuffle: 300 * time.Millisecond}
	failing := simulator.Weather{ErrorRate: 0.2, RetryAfter: time.Second}
	for _, trouble := range []struct {
		name     string
		disorder simulator.Disorder
		weather  simulator.Weather
		outage   time.Duration
	}{
		{"everything delivered three times and shuffled", threeTimes, simulator.Weather{}, 0},
		{"a fifth of fulfillmenttools' answers 503 or 429", simulator.Disorder{}, failing, 0},
		{"the same, every message three times", threeTimes, failing, 0},
		{"5 s outage of fulfillmenttools", simulator.Disorder{}, simulator.Weather{}, 5 * time.Second},
	} {
		const orders = 300
		w, p, err := ready(ctx, binary, store)
		if err != nil {
			return err
		}
		for _, courier := range []*simulator.Courier{w.CT.Courier(), w.FFT.Courier()} {
			courier.SetDisorder(trouble.disorder)
		}
		w.FFTFaults.SetWeather(trouble.weather)
		if trouble.outage > 0 {
			time.AfterFunc(2*time.Second, func() { w.FFTFaults.SetOutage(true) })
			time.AfterFunc(2*time.Second+trouble.outage, func() { w.FFTFaults.SetOutage(false) })
		}
		result, err := driveAtRate(ctx, w, orders, 30)
		if err != nil {
			return err
		}
		back, incomplete, doubled := auditOrders(w, result.ids)
		title("Trouble, store %s: %d orders at 30 a second, %s", store.name, orders, trouble.name)
		row("lost or incomplete", "%d", incomplete)
		row("doubled", "%d", doubled)
		row("with a backward step", "%d", back)
		row("push → order in fulfillmenttools", "%s", slowestText(result.spans[spanExport]))
		row("until all were shipped", "%s", result.took.Round(100*time.Millisecond))
		_ = p.stop()
		w.Close()
	}
	return nil
}

func newWorld() (*world.World, error) {
	return world.Start(world.Options{
		Seed: 1, Backoff: func(int) time.Duration { return 100 * time.Millisecond }, AllowSecondOrder: true,
	})
}

// ready is a world with an installed connector process.
func ready(ctx context.Context, binary string, store store) (*world.World, *process, error) {
	w, err := newWorld()
	if err != nil {
		return nil, nil, err
	}
	// Tracking numbers are a tenth call; the floor makes the nine of the five events.
	w.CT.PutCustomObject("fft", "configuration", map[string]any{"feedback": map[string]any{"tracking": false}})
	p, err := startConnector(ctx, binary, w, store)
	if err == nil {
		err = p.install(ctx, w)
	}
	if err != nil {
		w.Close()
		return nil, nil, err
	}
	return w, p, nil
}
