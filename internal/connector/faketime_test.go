package connector_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/connector"
)

// inFakeTime runs a test, beside others, in a bubble of testing/synctest: its clock
// moves on when everybody waits, so a minute takes no time, and how fast or busy the
// machine is decides nothing. Connectors, platforms, senders and the store are all
// inside, on a network of their own. The test may sleep; it may not use sockets,
// processes, t.Run or t.Parallel.
func inFakeTime(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	if _, err := migrated(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		// What still ends by itself in the background gets the time to do it.
		t.Cleanup(func() { time.Sleep(time.Minute) })
		test(t)
	})
}

// isRealTime: a bubble's clock begins in the year 2000.
func isRealTime() bool { return time.Now().Year() > 2020 }

// overTheNetwork is how a connector of the rig reaches the platforms: as in production,
// but for the sockets.
func (r *rig) overTheNetwork() http.RoundTripper {
	transport := connector.Transport()
	transport.Proxy = nil
	transport.DialContext = r.opts.world.Network.DialContext
	r.t.Cleanup(transport.CloseIdleConnections)
	return transport
}
