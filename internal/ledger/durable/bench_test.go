package durable_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/testform"
)

// FFTCONNECT_FSYNC=1 lets the PostgreSQL of the tests write through to the disk, as
// a real one does; without it figures of PostgreSQL flatter.

func onEachStoreBench(b *testing.B, bench func(*testing.B, *durable.Ledger)) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) { bench(b, newStore(b, kind).open(durable.Options{})) })
	}
}

// BenchmarkExportPath is what the store adds to the export of one order.
func BenchmarkExportPath(b *testing.B) {
	steps := map[string]func(context.Context, *durable.Ledger, string) error{
		"recall": func(ctx context.Context, l *durable.Ledger, order string) error {
			_, err := l.RecallClaim(ctx, order)
			return err
		},
		"begin": func(ctx context.Context, l *durable.Ledger, order string) error {
			_, _, err := l.OpenClaim(ctx, claim.Order{ID: order}, claim.State{Names: []string{order}, InFlight: time.Minute})
			return err
		},
		"settle": func(ctx context.Context, l *durable.Ledger, order string) error {
			return l.UpdateClaim(ctx, order, claim.State{Names: []string{order}, FFTOrderID: "fft-" + order, Version: 1})
		},
	}
	names := []string{"recall", "begin", "settle"}
	onEachStoreBench(b, func(b *testing.B, l *durable.Ledger) {
		for _, name := range names {
			b.Run(name, func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					if err := steps[name](b.Context(), l, fmt.Sprint(i)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run("all", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				for _, name := range names {
					if err := steps[name](b.Context(), l, fmt.Sprint("order", i)); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
		b.Run("all parallel", func(b *testing.B) {
			var n atomic.Int64
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					order := fmt.Sprint("parallel", b.N, "/", n.Add(1))
					for _, name := range names {
						if err := steps[name](b.Context(), l, order); err != nil {
							b.Error(err)
						}
					}
				}
			})
		})
	})
}

// BenchmarkRecord is what the journal adds to the handling of one message; dropped
// shows when they come faster than they are written.
func BenchmarkRecord(b *testing.B) {
	onEachStoreBench(b, func(b *testing.B, l *durable.Ledger) {
		for i := 0; b.Loop(); i++ {
			l.Record(entry(fmt.Sprint(i), time.Now()))
		}
		b.ReportMetric(float64(l.JournalDropped())/float64(b.N), "dropped/op")
	})
}

// BenchmarkJournal is how fast the journal is written.
func BenchmarkJournal(b *testing.B) {
	onEachStoreBench(b, func(b *testing.B, l *durable.Ledger) {
		rows := 0
		for b.Loop() {
			rows += 2048
			for i := range 2048 {
				l.Record(entry(fmt.Sprint(rows-i), time.Now()))
			}
			for last := fmt.Sprint(rows - 2047); ; {
				if written, _ := l.Timeline(b.Context(), last); len(written) > 0 {
					break
				}
			}
		}
		b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	})
}

func BenchmarkDefer(b *testing.B) {
	onEachStoreBench(b, func(b *testing.B, l *durable.Ledger) {
		for i := 0; b.Loop(); i++ {
			if err := l.Defer(b.Context(), event(fmt.Sprint(i)), time.Hour); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDrain works deferred events off without a limit.
func BenchmarkDrain(b *testing.B) {
	const events = 2000
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				l := newStore(b, kind).open(durable.Options{DrainRate: 1e6, Workers: 32})
				for i := range events {
					if err := l.Defer(b.Context(), event(fmt.Sprint(i)), 0); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				drain(b, l, events)
			}
			b.ReportMetric(events*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// drain works so many deferred events off and returns when each thousand was done.
func drain(tb testing.TB, l *durable.Ledger, events int) (thousands []time.Time) {
	ctx, cancel := context.WithCancel(tb.Context())
	defer cancel()
	var done atomic.Int64
	marks := make(chan time.Time, events/1000+1)
	err := l.Run(ctx, func(context.Context, ledger.Event) ledger.Verdict {
		n := done.Add(1)
		if n%1000 == 0 {
			marks <- time.Now()
		}
		if n == int64(events) {
			cancel()
		}
		return ledger.Verdict{Action: ledger.Done}
	})
	if err != nil {
		tb.Fatal(err)
	}
	close(marks)
	for mark := range marks {
		thousands = append(thousands, mark)
	}
	return thousands
}

func slow(t *testing.T) {
	t.Helper()
	testform.InSlow(t)
}

// TestALongQueueDrainsEvenly checks memory and cost on 100,000 deferred events.
func TestALongQueueDrainsEvenly(t *testing.T) {
	slow(t)
	const events = 100_000
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			l := newStore(t, kind).open(durable.Options{DrainRate: 1e6, Workers: 32})
			begin := time.Now()
			for i := range events {
				check(t, l.Defer(t.Context(), event(fmt.Sprint(i)), 0))
			}
			t.Logf("stored %d events in %s", events, time.Since(begin).Round(time.Millisecond))
			heap := watchHeap(t)
			begin = time.Now()
			marks := drain(t, l, events)
			took := time.Since(begin)
			first, last := marks[9].Sub(begin), marks[len(marks)-1].Sub(marks[len(marks)-11])
			t.Logf("drained %d events in %s, %.0f/s; first 10,000 %s, last 10,000 %s; heap at most %d MB",
				events, took.Round(time.Millisecond), events/took.Seconds(), first.Round(time.Millisecond),
				last.Round(time.Millisecond), heap()>>20)
			if last > 2*first {
				t.Errorf("the last events cost more than the first: %s and %s", last, first)
			}
			if heap() > 100<<20 {
				t.Errorf("heap grew to %d MB", heap()>>20)
			}
			if left := depth(t, l); left.Deferred > 32 {
				t.Errorf("left over: %+v", left)
			}
		})
	}
}

// watchHeap returns a function that tells the largest heap seen since.
func watchHeap(t *testing.T) func() uint64 {
	runtime.GC()
	var largest atomic.Uint64
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	go func() {
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			largest.Store(max(largest.Load(), now.HeapAlloc))
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return largest.Load
}

// TestALongJournalDoesNotSlowHandling compares an empty journal with 1,000,000 rows.
func TestALongJournalDoesNotSlowHandling(t *testing.T) {
	slow(t)
	const rows = 1_000_000
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			l, ctx := newStore(t, kind).open(durable.Options{}), t.Context()
			handle := func(name string) time.Duration {
				begin := time.Now()
				for i := range 1000 {
					order := fmt.Sprint(name, i)
					attempt, _, err := claim.New(l, time.Second, nil).Begin(ctx, claim.Order{ID: order, Name: order})
					check(t, err)
					check(t, attempt.LinkExisting(ctx, order, "f"+order))
					l.Record(entry(order, time.Now()))
				}
				return time.Since(begin) / 1000
			}
			empty := handle("empty")
			begin := time.Now()
			for i := range rows {
				l.Record(entry(fmt.Sprint(i/10), begin.Add(time.Duration(i)*time.Millisecond)))
				if i%4000 == 3999 { // as fast as they are written
					order := fmt.Sprint(i / 10)
					eventually(t, "rows are written", func() bool {
						return len(must[[]ledger.JournalRow](t)(l.Timeline(ctx, order))) == 10
					})
				}
			}
			t.Logf("wrote %d rows in %s, %d dropped", rows, time.Since(begin).Round(time.Millisecond), l.JournalDropped())
			full := handle("full")
			begin = time.Now()
			must[[]ledger.JournalRow](t)(l.Timeline(ctx, "5000"))
			timeline := time.Since(begin)
			begin = time.Now()
			_, err := l.LastSeen(ctx)
			check(t, err)
			t.Logf("handling: %s with an empty journal, %s with %d rows; timeline %s, last seen %s",
				empty, full, rows, timeline, time.Since(begin))
			if full > 3*empty {
				t.Error("a long journal slows handling")
			}
		})
	}
}
