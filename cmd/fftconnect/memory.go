package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
)

const (
	// garbagePercent is by how much the heap grows over what is in use until garbage is
	// collected. It is less than Go's 100: what handling an order leaves is small. GOGC in the
	// environment goes before it.
	garbagePercent = 66
	// leastHeap is how many bytes it may grow to in any case: a heap of 3 MB would be
	// collected ten times a second while orders come in.
	leastHeap = 14 << 20
	// leastHeapBesideSQLite leaves room for the database that is part of the process.
	leastHeapBesideSQLite = 9 << 20
)

// limitGarbage has garbage collected as the constants say.
func limitGarbage(databaseURL string) {
	least := int64(leastHeap)
	if strings.HasPrefix(databaseURL, "sqlite:") {
		least = leastHeapBesideSQLite
	}
	if os.Getenv("GOGC") == "" {
		adjustCollection(collection{least: least})
	}
}

// collection is when garbage is collected.
type collection struct {
	least   int64 // bytes that the heap may grow to in any case
	percent int   // that is set
}

// adjustCollection says after every collection when the next one begins. Go takes a percentage
// only, so it depends on what is in use.
func adjustCollection(c collection) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if percent := c.percentFor(int64(live[0].Value.Uint64())); percent != c.percent {
		c.percent = percent
		debug.SetGCPercent(percent) // stops the program for some microseconds
	}
	runtime.AddCleanup(new([64]byte), adjustCollection, c) // runs after the next collection
}

// percentFor is by how much a heap may grow of which so many bytes are in use, in a few steps.
func (c collection) percentFor(live int64) int {
	const step = garbagePercent / 3
	most := 100 * c.least / (4 << 20) // at 100 percent Go lets any heap grow to 4 MiB
	grows := 100 * (c.least - live) / max(live, 1)
	return int(max(min(grows, most)/step*step, garbagePercent))
}
