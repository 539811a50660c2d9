package testtime_test

import (
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
