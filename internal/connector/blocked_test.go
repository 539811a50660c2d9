package connector_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// readiness is what /readyz says.
type readiness struct {
	Status       string
	Blocked      []remote.Blockage
	Installation []string
	Store        []string
}

func (r *rig) readiness() readiness {
	r.t.Helper()
	status, text := r.get("/readyz")
	var answer readiness
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK {
		r.t.Fatalf("/readyz: %d %s", status, text)
	}
	return answer
}

// TestABlockedMessageWaitsAndResumesByItself takes from the connector what it needs,
// in one way after the other.
func TestABlockedMessageWaitsAndResumesByItself(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation string
		hint      string
		forbid    func(r *rig)
	}{
		"the permission to create orders": {"create order", "permission", func(r *rig) {
			forbid(r.FFTFaults, "POST /api/orders", http.StatusForbidden)
		}},
		"fulfillmenttools' credentials": {"look order up", "FFT_API_PASSWORD", func(r *rig) {
			r.FFT.RevokeTokens()
			r.FFT.BreakRefresh(true)
			forbid(r.FFTFaults, "signInWithPassword", http.StatusUnauthorized)
		}},
		"commercetools' credentials": {"read order", "CTP_CLIENT_SECRET", func(r *rig) {
			r.CT.RevokeTokens()
			forbid(r.CTFaults, "POST /oauth/token", http.StatusUnauthorized)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				r, d := keeping(t)
				warm := r.CT.PlaceOrder(simpleOrder("WARM"))
				r.answered("/event", message(warm), http.StatusOK, "applied")
				c.forbid(r)
				id := r.CT.PlaceOrder(simpleOrder("A-1"))
				r.answered("/event", message(id), http.StatusOK, "deferred")
				r.eventually("it was tried again", func() bool {
					entries := r.outcomes(id)
					return entries[len(entries)-1].Attempt > 1
				})
				time.Sleep(300 * time.Millisecond) // two or three more tries
				event := d.only(t)
				if event.State != ledger.StateDeferred || event.Attempts != 1 || event.Fix == "" {
					t.Errorf("it is %s after %d attempts: %s (%s)", event.State, event.Attempts, event.Reason, event.Fix)
				}
				ready := r.readiness()
				if ready.Status != "degraded" || len(ready.Blocked) == 0 || !strings.Contains(ready.Blocked[0].Hint, c.hint) {
					t.Errorf("readiness: %+v", ready)
				}
				series := `fftconnect_blocked_operations{operation="` + c.operation + `",platform="` + ready.Blocked[0].Platform + `"}`
				if r.metric(series) != 1 {
					t.Errorf("the metric %s is not there: %+v", series, ready.Blocked)
				}
				r.FFTFaults.Clear()
				r.CTFaults.Clear()
				r.FFT.BreakRefresh(false)
				r.empty(d)
				mustBeOne(t, r.FFT.OrdersOf(id), "fixed")
				if ready := r.readiness(); len(ready.Blocked) > 0 || r.metric(series) != 0 {
					t.Errorf("readiness when fixed: %+v", ready)
				}
			})
		})
	}
}

// everyScope is what the README tells to give the API client.
var everyScope = []string{
	"manage_orders", "manage_types", "manage_subscriptions", "view_stores", "view_channels",
	"view_shipping_methods", "view_project_settings", "view_key_value_documents",
}

func scopes(without string) string {
	var kept []string
	for _, scope := range everyScope {
		if scope != without {
			kept = append(kept, scope+":demo")
		}
	}
	return strings.Join(kept, " ")
}

func TestAScopeThatIsMissingBlocksUntilItIsGiven(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := quick()
		options.RequireScopes = true
		d, store := withDepot(t)
		r := newRig(t, rigOptions{world: options, env: hasty("CTP_SCOPE", scopes("")), store: store})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.settle()
		r.restart(hasty("CTP_SCOPE", scopes("manage_orders")+" view_orders:demo"))
		r.step()
		event := d.only(t)
		if event.Flow != outcome.Feedback || !strings.Contains(event.Reason, "403") || !strings.Contains(event.Reason, "manage_orders") || event.Fix == "" {
			t.Errorf("stored: %s (%s)", event.Reason, event.Fix)
		}
		if ready := r.readiness(); ready.Status != "degraded" || !strings.Contains(ready.Blocked[0].Hint, "scope") {
			t.Errorf("readiness: %+v", ready)
		}
		r.restart(hasty("CTP_SCOPE", scopes("")))
		r.empty(d)
		if r.field(id, "fft_pickjob_id") == nil {
			t.Errorf("the event was not applied:%s", describe(r.outcomes(id)))
		}
	})
}

// TestAnOrdersWholeLifeNeedsNoOtherScopes has an order go its way with the scopes
// that the README names, and no others.
func TestAnOrdersWholeLifeNeedsNoOtherScopes(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := lively(3)
		options.RequireScopes = true
		r := newRig(t, rigOptions{world: options, env: map[string]string{"CTP_SCOPE": scopes("")}})
		r.place(20)
		r.calm()
		if len(r.FFT.Orders()) < 15 {
			t.Errorf("only %d orders arrived", len(r.FFT.Orders()))
		}
		for _, e := range r.CTLog.All() {
			if e.Status == http.StatusForbidden || e.Status == http.StatusUnauthorized {
				t.Errorf("%s %s is answered %d", e.Method, e.Path, e.Status)
			}
		}
	})
}
