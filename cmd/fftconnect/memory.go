package main

import (
	"os"
	"runtime/debug"
)

// garbagePercent is how much garbage the heap may hold beside what is in use. It is less
// than Go's 100: what handling an order leaves is small, so collecting it more often
// costs little. GOGC in the environment goes before it.
const garbagePercent = 75

func limitGarbage() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}
