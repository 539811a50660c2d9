package connector_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testform"
)

// lively lets orders run through their stages by themselves.
func lively(seed uint64) world.Options {
	return world.Options{Seed: seed, Backoff: soon}
}

// calm waits until every order is at its end and nothing is left to deliver.
func (r *rig) calm() {
	r.t.Helper()
	r.eventually("all orders have ended", func() bool {
		if r.Pending() > 0 {
			return false
		}
		for _, order := range r.FFT.Orders() {
			if order.Stage != fftsim.StageHandedOver && order.Stage != fftsim.StageCancelled {
				return false
			}
		}
		return r.Pending() == 0
	})
}

func TestWhatComesThriceAndShuffledWhileOthersEditArrivesOnceAndNeverBackwards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seed          uint64
		split, orders int
	}{{1, 0, 25}, {2, 3, 15}} {
		c.orders = testform.Of(8, c.orders, 60)
		t.Run(fmt.Sprintf("seed %d, every %d split", c.seed, c.split), func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				options := lively(c.seed)
				options.SplitEvery = c.split
				r := newRig(t, rigOptions{world: options})
				disorder := simulator.Disorder{Duplicate: 1, Copies: 2, Shuffle: 150 * time.Millisecond}
				r.CT.Courier().SetDisorder(disorder)
				r.FFT.Courier().SetDisorder(disorder)
				r.meddle(20)
				placed := r.place(c.orders)
				r.calm()
				for _, order := range placed {
					r.arrived(order)
				}
				conflicts := 0
				for _, exchange := range r.CTLog.All() {
					if exchange.Status == http.StatusConflict {
						conflicts++
					}
				}
				if sent := r.FFT.Stats().WebhookAttempts; conflicts == 0 || sent < int64(3*5*c.orders*8/10) {
					t.Errorf("%d conflicts and %d webhooks: there was no disorder", conflicts, sent)
				}
			})
		})
	}
}

func TestAStateThatAPersonSetAheadStays(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for _, state := range []string{"Delivered", "Shipped", "Partial", "Canceled"} {
			r := newRig(t, rigOptions{world: quick()})
			id := r.CT.PlaceOrder(simpleOrder("A-1"))
			r.settle()
			if err := r.CT.Edit(id, map[string]any{"action": "changeShipmentState", "shipmentState": state}); err != nil {
				t.Fatal(err)
			}
			r.ship()
			want := state
			if state == "Partial" {
				want = "Shipped"
			}
			if got := r.shipmentState(id); got != want {
				t.Errorf("set to %s by a person: it became %s", state, got)
			}
			if r.field(id, "fft_handoverjob_id") == nil {
				t.Errorf("set to %s by a person: the fields were not kept up", state)
			}
		}
	})
}
