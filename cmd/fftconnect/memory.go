package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// garbagePercent is by how much the heap grows over what is in use until garbage is
	// collected. It is less than Go's 100: what handling an order leaves is small. GOGC in the
	// environment goes before it.
	garbagePercent = 66
	// leastHeap is how many bytes it may grow to in any case: a heap of 3 MB would be
	// collected ten times a second while orders come in.
	leastHeap = 8 << 20
)

// limitGarbage has garbage collected as the constants say.
func limitGarbage() {
	if os.Getenv("GOGC") == "" {
		adjustCollection(0)
	}
}

// adjustCollection says after every collection when the next one begins. Go takes a percentage
// only, so it depends on what is in use; percent is the one that is set.
func adjustCollection(percent int) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if wanted := percentFor(live[0].Value.Uint64()); wanted != percent {
		percent = wanted
		debug.SetGCPercent(percent) // stops the program for some microseconds
	}
	runtime.AddCleanup(new([64]byte), adjustCollection, percent) // runs after the next collection
}

// percentFor is by how much a heap may grow of which so many bytes are in use, in a few steps.
func percentFor(live uint64) int {
	const (
		most = 100 * leastHeap / (4 << 20) // at 100 percent Go lets any heap grow to 4 MiB
		step = garbagePercent / 3
	)
	grows := 100 * (leastHeap - int64(live)) / max(int64(live), 1)
	return int(max(min(grows, most)/step*step, garbagePercent))
}
