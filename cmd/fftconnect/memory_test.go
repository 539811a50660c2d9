package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// A small heap grows to leastHeap, a large one by garbagePercent.
func TestSmallHeapsAreCollectedRarely(t *testing.T) {
	for _, live := range []uint64{1, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20, 50 << 20} {
		percent := percentFor(live)
		goal := max(int64(live)*int64(100+percent)/100, int64(4<<20)*int64(percent)/100)
		if most := max(leastHeap, int64(live)*(100+garbagePercent)/100); goal > most || goal < most*3/4 {
			t.Errorf("%d bytes in use: the heap grows to %d, want about %d", live, goal, most)
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
	adjustCollection(0)
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
