package durable

import (
	"testing"
	"time"

	"fftconnect/internal/ledger"
)

func TestThePaceSlowsDownWhileNothingButWaitingComesOfIt(t *testing.T) {
	t.Parallel()
	p, now := newPace(50), time.Now()
	gap := func() time.Duration {
		p.nextTurn(now)
		wait := p.nextTurn(now)
		now = now.Add(time.Hour)
		return wait
	}
	if got := gap(); got != 20*time.Millisecond {
		t.Errorf("a gap is %s at 50 a second", got)
	}
	for range 10 {
		p.noteEnd(true)
	}
	if got := gap(); got != probeInterval {
		t.Errorf("a gap is %s in an outage", got)
	}
	for range 30 {
		p.nextTurn(now)
	}
	p.noteEnd(false)
	if got := p.nextTurn(now); got > 0 {
		t.Errorf("the first attempt after an outage waits %s", got)
	}
	if got := p.nextTurn(now); got != 20*time.Millisecond {
		t.Errorf("a gap is %s after an outage", got)
	}
}

func TestASlowPaceIsNotMadeFasterByAnOutage(t *testing.T) {
	t.Parallel()
	p := newPace(0.1)
	p.noteEnd(true)
	if p.current != 10*time.Second {
		t.Errorf("a gap is %s", p.current)
	}
}

func TestBackoffGrowsAndKeepsToWhatWasAsked(t *testing.T) {
	t.Parallel()
	for attempt, about := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 5: 16 * time.Second, 11: 10 * time.Minute, 5000: 10 * time.Minute,
	} {
		for range 100 {
			if got := ledger.Backoff(attempt, 0); got < about*8/10 || got > about*12/10 {
				t.Fatalf("attempt %d waits %s, want about %s", attempt, got, about)
			}
			if got := ledger.Backoff(attempt, time.Hour); got < time.Hour || got > time.Hour+2*time.Second {
				t.Fatalf("attempt %d waits %s when an hour was asked", attempt, got)
			}
		}
	}
}
