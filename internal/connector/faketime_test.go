package connector_test

import (
	"net/http"
	"testing"

	"fftconnect/internal/ledger/durable/durabletest"
	"fftconnect/internal/platforms"
	"fftconnect/internal/testtime"
)

// inFakeTime runs a test in fake time. Connectors, platforms, senders and the store are
// all inside, on a network of their own.
func inFakeTime(t *testing.T, test func(*testing.T)) {
	t.Helper()
	if _, err := durabletest.Migrated(); err != nil {
		t.Fatal(err)
	}
	testtime.Fake(t, test)
}

// overTheNetwork is how a connector of the rig reaches the platforms: as in production,
// but for the sockets.
func (r *rig) overTheNetwork() http.RoundTripper {
	transport := platforms.Transport()
	transport.Proxy = nil
	transport.DialContext = r.opts.world.Network.DialContext
	r.t.Cleanup(transport.CloseIdleConnections)
	return transport
}
