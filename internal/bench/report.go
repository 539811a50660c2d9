package main

import (
	"fmt"
	"slices"
	"time"

	"fftconnect/internal/simulator/world"
)

func title(format string, args ...any) { fmt.Printf("\n"+format+"\n", args...) }

func row(name, format string, args ...any) {
	fmt.Printf("  %-40s %s\n", name, fmt.Sprintf(format, args...))
}

// spreadText is the median and the 95th percentile.
func spreadText(times []time.Duration) string {
	if len(times) == 0 {
		return "none measured"
	}
	sorted := slices.Sorted(slices.Values(times))
	return fmt.Sprintf("p50 %.1f ms, p95 %.1f ms", ms(percentile(sorted, 50)), ms(percentile(sorted, 95)))
}

// slowestText is the median, the 99th percentile and the last of all.
func slowestText(times []time.Duration) string {
	if len(times) == 0 {
		return "none measured"
	}
	sorted := slices.Sorted(slices.Values(times))
	return fmt.Sprintf("p50 %.2f s, p99 %.1f s, last of %d %.1f s",
		percentile(sorted, 50).Seconds(), percentile(sorted, 99).Seconds(), len(sorted), sorted[len(sorted)-1].Seconds())
}

func percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func mib(bytes int) float64 { return float64(bytes) / (1 << 20) }

var rank = map[string]int{"": 0, "Pending": 0, "Ready": 1, "Partial": 2, "Shipped": 3, "Delivered": 4}

// auditOrders waits until everything is delivered and counts orders whose shipment state
// stepped back, that lack a field, or that exist more than once.
func auditOrders(w *world.World, ids []string) (back, incomplete, doubled int) {
	for deadline := time.Now().Add(30 * time.Second); w.Pending() > 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	for _, id := range ids {
		history := w.CT.History(id)
		for i := 1; i < len(history); i++ {
			if rank[history[i].ShipmentState] < rank[history[i-1].ShipmentState] {
				back++
				break
			}
		}
		last := history[len(history)-1]
		// The catalogue's merchant type has no place for our fields.
		if last.TypeKey != "shop-order" {
			for _, field := range []string{"fft_order_id", "fft_pickjob_id", "fft_facility_id", "fft_load_units_amount"} {
				if last.CustomFields[field] == nil {
					incomplete++
					break
				}
			}
		}
		if len(w.FFT.OrdersOf(id)) != 1 {
			doubled++
		}
	}
	return back, incomplete, doubled
}
