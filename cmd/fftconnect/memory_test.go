package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// A small heap grows to leastHeap, a large one by garbagePercent.
func TestSmallHeapsAreCollectedRarely(t *testing.T) {
	for _, c := range []collection{{least: leastHeap}, {least: leastHeapBesideSQLite}} {
		for _, live := range []int64{1, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20, 50 << 20} {
			percent := int64(c.percentFor(live))
			goal := max(live*(100+percent)/100, (4<<20)*percent/100)
			if most := max(c.least, live*(100+garbagePercent)/100); goal > most || goal < most*3/4 {
				t.Errorf("%d bytes in use: the heap grows to %d, want about %d", live, goal, most)
			}
		}
	}
}

// What is set follows what is in use, collection after collection.
func TestTheNextCollectionIsAdjustedAfterEach(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	set := func() uint64 {
		percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(percent)
		return percent[0].Value.Uint64()
	}
	adjustCollection(collection{least: leastHeap})
	used := make([][]byte, 100)
	for i := range used {
		used[i] = make([]byte, 1<<20)
	}
	for set() != garbagePercent { // cleanups have a goroutine of their own
		runtime.GC()
		runtime.Gosched()
	}
	runtime.KeepAlive(used)
}
