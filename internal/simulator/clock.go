package simulator

import (
	"slices"
	"sync"
	"time"
)

// Clock tells a simulated platform the time and wakes it later. Tokens expire,
// orders progress and senders retry by it.
type Clock interface {
	Now() time.Time
	// AfterFunc runs f in its own goroutine once d has passed. The returned stop
	// reports whether it kept f from running.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// RealClock is the machine's clock.
func RealClock() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

// ManualClock stands still until Advance moves it.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*manualTimer
}

type manualTimer struct {
	at time.Time
	f  func()
}

// NewManualClock starts at the given time.
func NewManualClock(start time.Time) *ManualClock { return &ManualClock{now: start} }

// Now is the time that the clock was last moved to.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc registers f; Advance runs it.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := &manualTimer{at: c.now.Add(d), f: f}
	c.timers = append(c.timers, timer)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		i := slices.Index(c.timers, timer)
		if i < 0 {
			return false
		}
		c.timers = slices.Delete(c.timers, i, i+1)
		return true
	}
}

// Advance moves the clock by d and runs what falls due, earliest first, on the
// caller's goroutine. Timers that those functions set are run too when they fall
// within d.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	for {
		i := c.indexOfEarliest()
		if i < 0 || c.timers[i].at.After(end) {
			break
		}
		due := c.timers[i]
		c.timers = slices.Delete(c.timers, i, i+1)
		if due.at.After(c.now) {
			c.now = due.at
		}
		c.mu.Unlock()
		due.f()
		c.mu.Lock()
	}
	c.now = end
	c.mu.Unlock()
}

func (c *ManualClock) indexOfEarliest() int {
	best := -1
	for i, timer := range c.timers {
		if best < 0 || timer.at.Before(c.timers[best].at) {
			best = i
		}
	}
	return best
}
