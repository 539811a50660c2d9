package testtime_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/testtime"
)

func TestAnHourTakesNoTime(t *testing.T) {
	if testtime.IsFake() {
		t.Error("real time is taken for fake")
	}
	testtime.Fake(t, func(t *testing.T) {
		if !testtime.IsFake() {
			t.Error("fake time is taken for real")
		}
		var rung atomic.Bool
		time.AfterFunc(50*time.Minute, func() { rung.Store(true) })
		testtime.Pass(t, "the alarm", rung.Load)
	})
}

func TestUntilWaitsForWhatHappens(t *testing.T) {
	t.Parallel()
	looks := 0
	testtime.Until(t, "the third look", func() bool { looks++; return looks == 3 })
	if looks != 3 {
		t.Errorf("looked %d times", looks)
	}
}

func TestASlowMachineIsWaitedForAsLongAsAnythingMoves(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		begin := time.Now()
		steps := func() int { return 3 - int(time.Since(begin)/(7*time.Minute)) }
		if left := testtime.Settles(func() string { return strings.Repeat("x", max(steps(), 0)) }); left != "" {
			t.Errorf("given up with %q left, though it moved", left)
		}
		if left := testtime.Settles(func() string { return "stuck" }); left != "stuck" {
			t.Errorf("what never moves ended with %q", left)
		}
	})
}
