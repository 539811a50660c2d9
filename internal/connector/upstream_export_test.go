package connector_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator"
)

// Defects that are provable in the existing connector's export, each with what happens
// here instead.

func TestUpstreamDefect01AnErrorOfTheCreateCallLosesNoOrder(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"refused by a server that is down": {Status: http.StatusServiceUnavailable}, "limited": {Status: http.StatusTooManyRequests},
		"without an answer": {LoseAnswer: true},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				r := newRig(t, rigOptions{world: quick(), env: map[string]string{"FFT_LIST_LAG": "10ms"}})
				r.FFTFaults.PlanFaults("POST /api/orders", 2, fault)
				id := r.CT.PlaceOrder(simpleOrder("A-1"))
				if !r.exports(id) {
					t.Errorf("%s", describe(r.outcomes(id)))
				}
			})
		})
	}
}

func TestUpstreamDefect01AnOrderThatIsRefusedForGoodShows(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick()})
		r.FFTFaults.PlanFaults("POST /api/orders", 99, simulator.Fault{Status: http.StatusBadRequest})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.settle()
		if got := r.last(id); got.Kind != outcome.Rejected || got.Reason == "" {
			t.Errorf("%+v", got.Result)
		}
		if problems := r.problems(); len(problems) != 1 || problems[0].Order != id {
			t.Errorf("problems: %+v", problems)
		}
	})
}

func TestUpstreamDefect02AFailedLookUpIsNoPermissionToCreate(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: doubtful(), env: brief(), bare: true})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.FFTFaults.PlanFaults("GET /api/orders", 99, simulator.Fault{Status: http.StatusServiceUnavailable})
		if response := r.post("/event", confirmed(id)); response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("answered %d", response.StatusCode)
		}
		if n := r.FFTLog.Count("POST /api/orders"); n != 0 {
			t.Errorf("%d create calls without knowing whether it is there", n)
		}
	})
}

func TestUpstreamDefect03LaggingListsAndTwoProcessesDoubleNoOrder(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := doubtful()
		options.ListLag = time.Hour // the list never helps
		env := func() map[string]string { return hasty("DATABASE_URL", "none", "EXPORT_CLAIM", "true") }
		r := newRig(t, rigOptions{world: options, env: env(), bare: true})
		r.CT.PutType(ourType())
		other := r.twin(env(), nil)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		var wait sync.WaitGroup
		for range 5 {
			for _, replica := range []*rig{r, other} {
				wait.Go(func() { replica.post("/event", message(id)) })
			}
		}
		wait.Wait()
		mustBeOne(t, r.FFT.OrdersOf(id), "two processes")
	})
}

func TestUpstreamDefect04ACancellationBesideTheCreateCallReachesTheOrder(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		// The order is cancelled when the create call is on its way: its message finds
		// nothing to cancel yet, in another process.
		var r, other *rig
		var id string
		var once sync.Once
		cancelling := func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(request *http.Request) (*http.Response, error) {
				if isCreate(request) {
					once.Do(func() {
						r.cancel(id)
						other.post("/event", notification("OrderStateChanged", id, map[string]any{"orderState": "Cancelled"}))
					})
				}
				return next.RoundTrip(request)
			})
		}
		r = newRig(t, rigOptions{world: quick(), env: brief(), between: cancelling, bare: true})
		other = r.beside(brief())
		id = r.CT.PlaceOrder(simpleOrder("A-1"))
		r.post("/event", confirmed(id))
		there := mustBeOne(t, r.FFT.OrdersOf(id), "created beside its cancellation")
		r.post("/service", asJSON(map[string]any{"event": "ORDER_CREATED", "eventId": "e-1", "payload": map[string]any{
			"id": there.ID, "tenantOrderId": "A-1", "status": "OPEN",
			"customAttributes": map[string]any{"commercetoolsId": id, "commercetoolsProjectKey": "demo"},
		}}))
		if status := r.status(id); status != "CANCELLED" {
			t.Errorf("it is %s:%s", status, describe(r.outcomes(id)))
		}
	})
}

func TestUpstreamDefect05ANumberSetLaterDoesNotDoubleTheOrder(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for _, restarted := range []bool{false, true} {
			options := quick()
			options.AllowSecondOrder = true
			r := newRig(t, rigOptions{world: options, bare: true})
			id := r.CT.PlaceOrder(simpleOrder(""))
			r.post("/event", confirmed(id))
			if err := r.CT.Edit(id, map[string]any{"action": "setOrderNumber", "orderNumber": "A-1"}); err != nil {
				t.Fatal(err)
			}
			if restarted {
				r.restart(nil)
			}
			r.post("/event", confirmed(id)) // it had no number when it was confirmed
			if there := mustBeOne(t, r.FFT.OrdersOf(id), "numbered later"); there.TenantOrderID != id {
				t.Errorf("named %s", there.TenantOrderID)
			}
			if restarted {
				r.restart(nil)
			}
			r.cancel(id)
			r.post("/event", notification("OrderStateChanged", id, map[string]any{
				"orderState": "Cancelled", "resourceUserProvidedIdentifiers": map[string]any{"orderNumber": "A-1"},
			}))
			if status := r.status(id); status != "CANCELLED" {
				t.Errorf("restarted %v: the cancellation is missed, it is %s", restarted, status)
			}
		}
	})
}

func TestUpstreamDefect06ARefusedCancellationIsShownAndMayBeForced(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for _, force := range []string{"false", "true"} {
			r := newRig(t, rigOptions{world: quick(), env: map[string]string{"FFT_FORCE_CANCEL": force}})
			id := r.CT.PlaceOrder(simpleOrder("A-1"))
			r.settle()
			if err := r.FFT.RefuseCancel(r.FFT.OrdersOf(id)[0].ID); err != nil {
				t.Fatal(err)
			}
			r.cancel(id)
			status, problems := r.status(id), r.problems()
			if force == "true" && (status != "CANCELLED" || len(problems) > 0) {
				t.Errorf("forced: it is %s, problems %+v", status, problems)
			}
			if force == "false" && (status != "OPEN" || len(problems) != 1 || problems[0].Outcome != outcome.Refused || !strings.Contains(problems[0].Hint, "FFT_FORCE_CANCEL")) {
				t.Errorf("not forced: it is %s, problems %+v", status, problems)
			}
		}
	})
}

func TestUpstreamDefect10ImportedAndRecurringOrdersAreExported(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick()})
		for name, id := range map[string]string{
			"imported": r.CT.ImportOrder(simpleOrder("A-1")), "recurring": r.CT.PlaceRecurringOrder(simpleOrder("A-2")),
		} {
			if !r.exports(id) {
				t.Errorf("%s:%s", name, describe(r.outcomes(id)))
			}
		}
	})
}
