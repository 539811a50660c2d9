// Package testform says in which form the tests run: quick, as go test does; slow, with
// more of the same and what takes long; or under the race detector, where what is
// concurrent runs and the rest, which it says nothing new about, does not. Which test
// leaves out what is in docs/decisions/0041. It is for tests only.
package testform

import (
	"os"
	"runtime/debug"
	"testing"
)

// Programs of tests live shortly: garbage is collected late, and sooner when the worlds of
// several tests come together: each stays below 400 MiB. The race detector needs twice the
// heap for itself.
func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(Of(50, 400, 400))
	}
	debug.SetMemoryLimit(Of[int64](100, 280, 280) << 20)
}

// Slow is the form that FFTCONNECT_SLOW=1 asks for.
var Slow = os.Getenv("FFTCONNECT_SLOW") != ""

// Race is the form under the race detector, unless the slow one is asked for.
var Race = Raced && !Slow

// InSlow leaves a test to the slow form.
func InSlow(t testing.TB) {
	t.Helper()
	if !Slow {
		t.Skip("in the slow form: set FFTCONNECT_SLOW=1")
	}
}

// NotInRace leaves a test out of the form under the race detector: it is one goroutine's
// work, or others do the same things at the same time.
func NotInRace(t testing.TB) {
	t.Helper()
	if Race {
		t.Skip("no concurrency that other tests do not have: without the race detector, or with FFTCONNECT_SLOW=1")
	}
}

// Of is how many orders, draws or rounds a test has in each form.
func Of[T any](race, quick, slow T) T {
	switch {
	case Slow:
		return slow
	case Race:
		return race
	}
	return quick
}
