// Package testtime is how tests wait. In fake time they sleep, and it takes no time;
// for processes, real databases and sockets they wait until something has happened, and
// how long that takes decides nothing. docs/decisions/0020 says why. It is for tests only.
package testtime

import (
	"testing"
	"testing/synctest"
	"time"
)

// Fake runs a test, beside others, in a bubble of testing/synctest: its clock moves on
// when everybody waits, so a minute takes no time, and how fast or busy the machine is
// decides nothing. What the test starts may go on in the background for a minute. The
// test may not use sockets, processes, t.Run or t.Parallel; for a network without
// sockets see simulator/network.
func Fake(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	FakeInTurn(t, test)
}

// FakeInTurn is Fake for a subtest that takes too much memory to run beside its siblings.
func FakeInTurn(t *testing.T, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) })
		test(t)
	})
}

// IsFake reports whether this is in a bubble: its clock begins in the year 2000.
func IsFake() bool { return time.Now().Year() < 2020 }

// Pass lets time pass, in a bubble, until something holds; the test fails when that
// takes more than an hour. It looks often at first: what is there for a moment only is
// seen when it comes soon.
func Pass(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Hour)
	for pause := 2 * time.Millisecond; !holds(); pause = min(2*pause, time.Second) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen within an hour: %s", what)
		}
		time.Sleep(pause) // in fake time
	}
}

// patience is so long that no machine is too slow for it.
const patience = 8 * time.Minute

// pollMost is how often something that nobody tells of is looked at once it takes
// long: looking costs, and may start a process.
const pollMost = 250 * time.Millisecond

// Holds waits in real time until something holds, which nobody tells of. It reports
// false when it never does.
func Holds(holds func() bool) bool {
	return Settles(func() string {
		if holds() {
			return ""
		}
		return "not yet"
	}) == ""
}

// Settles waits in real time until there is nothing left to wait for, and returns what
// is left when that has stopped changing: a slow machine is waited for as long as
// anything moves.
func Settles(remaining func() string) string {
	deadline, last := time.Now().Add(patience), ""
	for pause := 5 * time.Millisecond; ; pause = min(pause+pause/2, pollMost) {
		now := remaining()
		if now == "" {
			return ""
		}
		if now != last {
			deadline, last = time.Now().Add(patience), now
		}
		if time.Now().After(deadline) {
			return now
		}
		<-time.After(pause)
	}
}

// Until waits in real time until something holds, and fails the test when it never
// does.
func Until(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, what string, holds func() bool,
) {
	t.Helper()
	if !Holds(holds) {
		t.Fatalf("did not happen: %s", what)
	}
}
