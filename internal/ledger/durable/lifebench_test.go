//go:build unix

package durable_test

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
)

// BenchmarkOrderLife is what the store adds to the whole life of an order, at a rate that
// leaves it idle now and then: the processor time of everything that it does, the kernel's
// share included.
func BenchmarkOrderLife(b *testing.B) {
	const rate = 100 // orders a second
	onEachStoreBench(b, func(b *testing.B, l *durable.Ledger) {
		var living sync.WaitGroup
		ticker := time.NewTicker(time.Second / rate)
		defer ticker.Stop()
		before := processorTime(b)
		for i := 0; b.Loop(); i++ {
			<-ticker.C
			living.Go(func() { liveOrder(b, l, fmt.Sprintf("00000000-0000-4000-8000-%012d", i)) })
		}
		living.Wait()
		b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/order")
	})
}

// liveOrder does what the store is asked for while an order is exported, picked and shipped.
func liveOrder(tb testing.TB, l *durable.Ledger, id string) {
	number, there := "N-"+id[24:], "fft-"+id
	recall := func(times int) {
		for range times {
			if _, err := l.RecallClaim(tb.Context(), id); err != nil {
				tb.Error(err)
			}
		}
	}
	message := func(flow outcome.Flow, kind string, names ...outcome.Name) {
		e := entry(id, time.Now())
		e.Flow, e.Type, e.Names, e.Sent, e.EventID = flow, kind, names, "0123456789abcdef", id+kind
		l.Record(e)
	}
	name := func(kind outcome.NameKind, text string) outcome.Name { return outcome.Name{Kind: kind, Text: text} }
	recall(2)
	state, opened, err := l.OpenClaim(tb.Context(), claim.Order{ID: id}, claim.State{Names: []string{number}, InFlight: time.Minute})
	if err != nil || !opened {
		tb.Error(opened, err)
	}
	state.FFTOrderID, state.InFlight = there, 0
	if err := l.UpdateClaim(tb.Context(), id, state); err != nil {
		tb.Error(err)
	}
	if _, err := l.HasWaitingEvents(tb.Context(), id); err != nil {
		tb.Error(err)
	}
	message(outcome.Export, "OrderStateChanged", name(outcome.OrderNumber, number), name(outcome.FFTOrderID, there))
	for i, kind := range []string{"ORDER_CREATED", "PICK_JOB_CREATED", "PICK_JOB_PICKING_FINISHED", "PACK_JOB_CREATED", "HANDOVERJOB_CREATED", "HANDOVERJOB_HANDED_OVER"} {
		recall(i % 2)
		recall(i / 5)
		message(outcome.Feedback, kind, name(outcome.OrderNumber, number), name(outcome.FFTOrderID, there), name(outcome.PickJobID, fmt.Sprint(kind, id)))
	}
}

// processorTime is what this process has used.
func processorTime(tb testing.TB) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
