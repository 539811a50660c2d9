package connector_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"fftconnect/internal/setup"
)

// Defects that are provable in the existing connector's feedback and its look-ups, each
// with what happens here instead.

// onlyTyped has the order type installed, so that no message comes but those of the test.
func onlyTyped(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, rigOptions{world: quick(), bare: true})
	installer := r.installer()
	installer.Only = []setup.Part{setup.Type}
	plan, err := installer.Install(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(t.Context(), func(setup.Step, error) {}); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestUpstreamDefect20EventsAreAnswered200(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := onlyTyped(t)
		seen := r.watchEvents()
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.post("/event", confirmed(id))
		created := seen.body(t, "ORDER_CREATED", mustBeOne(t, r.FFT.OrdersOf(id), "exported").ID)
		for _, event := range []struct{ name, body string }{
			{"applied", created},
			{"repeated", created},
			{"of no use", strings.Replace(created, "ORDER_CREATED", "ORDER_UNLOCKED", 1)},
			{"of another order", strings.ReplaceAll(created, id, "0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10")},
		} {
			if response := r.post("/service", event.body); response.StatusCode != http.StatusOK {
				t.Errorf("%s: answered %d", event.name, response.StatusCode)
			}
		}
	})
}

func TestUpstreamDefect36OrdersCreatedAtOnceDoNotRaceOnTheType(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := onlyTyped(t)
		seen := r.watchEvents()
		var ids, events []string
		for _, number := range []string{"A-1", "A-2", "A-3", "A-4"} {
			id := r.CT.PlaceOrder(simpleOrder(number))
			r.post("/event", confirmed(id))
			ids = append(ids, id)
			events = append(events, seen.body(t, "ORDER_CREATED", mustBeOne(t, r.FFT.OrdersOf(id), number).ID))
		}
		before := r.CTLog.Count("POST /demo/types")
		var posted sync.WaitGroup
		for _, event := range events {
			posted.Go(func() {
				if response := r.post("/service", event); response.StatusCode != http.StatusOK {
					t.Errorf("answered %d", response.StatusCode)
				}
			})
		}
		posted.Wait()
		for _, id := range ids {
			if r.field(id, "fft_order_id") == nil {
				t.Errorf("order %s does not name its counterpart:%s", id, describe(r.outcomes(id)))
			}
		}
		if n := r.CTLog.Count("POST /demo/types") - before; n != 0 {
			t.Errorf("%d changes of types", n)
		}
	})
}

func TestUpstreamDefect42OrdersOfAnyNumberAreFound(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for _, number := range []string{"A&B", "A+B", "100%", "A%2BB #1/ä"} {
			r := onlyTyped(t)
			seen := r.watchEvents()
			id := r.CT.PlaceOrder(simpleOrder(number))
			r.post("/event", confirmed(id))
			there := mustBeOne(t, r.FFT.OrdersOf(id), number)
			if there.TenantOrderID != number {
				t.Errorf("%q is exported as %q", number, there.TenantOrderID)
			}
			r.restart(nil) // what is remembered would help
			r.post("/event", confirmed(id))
			mustBeOne(t, r.FFT.OrdersOf(id), number+" after a restart")
			if r.field(id, "fft_order_id") != nil {
				t.Fatal("an event came by itself")
			}
			event := strings.ReplaceAll(seen.body(t, "ORDER_CREATED", there.ID), "customAttributes", "formerAttributes") // only the number tells
			if response := r.post("/service", event); response.StatusCode != http.StatusOK || r.field(id, "fft_order_id") != there.ID {
				t.Errorf("%q: answered %d:%s", number, response.StatusCode, describe(r.outcomes(id)))
			}
		}
	})
}
