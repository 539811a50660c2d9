package connector_test

import (
	"fmt"
	"testing"
	"time"

	"fftconnect/internal/connector"
	"fftconnect/internal/simulator/fftsim"
)

// TestShippedWaitsForTheCarriersNumber and no longer than that, with a store, which keeps the
// event, and without one, where fulfillmenttools does.
func TestShippedWaitsForTheCarriersNumber(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with a store", "without a store"} {
		for _, comes := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, the number comes %t", name, comes), func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					var store func(*rig) connector.Store
					if name == "with a store" {
						_, store = withDepot(t)
					}
					shippedWaits(t, store, comes)
				})
			})
		}
	}
}

// shippedWaits hands an order over before its label is there, in fake time.
func shippedWaits(t *testing.T, store func(*rig) connector.Store, comes bool) {
	t.Helper()
	r := newRig(t, rigOptions{world: quick(), bare: true, store: store, env: hasty("REVISIT_AFTER", "1h")})
	r.CT.PutCustomObject("fft", "configuration", map[string]any{"feedback": map[string]any{"shipped": map[string]any{"waitForTracking": "10m"}}})
	r.install()
	id, there := r.exported(shippedOrder("A-1"))
	r.fails(r.FFT.HoldLabel(there))
	for mustBeOne(t, r.FFT.OrdersOf(id), "exported").Stage != fftsim.StageHandedOver {
		_, err := r.FFT.Step(there)
		r.fails(err)
		time.Sleep(2 * time.Second) // not until all is delivered: the last event waits
	}
	handed := time.Now()
	time.Sleep(5 * time.Minute)
	if state := r.shipmentState(id); state != "Ready" {
		t.Fatalf("five minutes after the hand-over: %q:%s", state, describe(r.outcomes(id)))
	}
	if n := len(r.deliveries(id)); n != 1 {
		t.Errorf("%d deliveries while it waits, want 1", n)
	}
	if comes {
		r.fails(r.FFT.AcknowledgeLabel(there))
	}
	r.eventually("it is shipped", func() bool { return r.shipmentState(id) == "Shipped" })
	took := time.Since(handed)
	parcels := r.deliveries(id)[0].Parcels
	switch numbered := len(parcels) == 1 && parcels[0].Tracking.ID != ""; {
	case comes && (took > 6*time.Minute || !numbered):
		t.Errorf("the number came after five minutes, shipped after %s with %+v", took, parcels)
	case !comes && (took < 9*time.Minute || took > 21*time.Minute || numbered): // a sender repeats every ten minutes at most
		t.Errorf("no number came, shipped after %s with %+v", took, parcels)
	}
}
