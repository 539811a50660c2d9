package connector_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/testform"
)

// brief keeps a handling and what follows a lost answer short.
func brief() map[string]string {
	return map[string]string{"HANDLE_TIMEOUT": "3s", "FFT_LIST_LAG": "400ms"}
}

func TestInBadWeatherEverythingArrivesExactlyOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := lively(3)
		options.AllowSecondOrder = true
		options.ListLag = 300 * time.Millisecond
		options.Pace = fftsim.Pace{Routing: 30 * time.Millisecond, Picking: 60 * time.Millisecond, Packing: 30 * time.Millisecond, Handover: 30 * time.Millisecond}
		r := newRig(t, rigOptions{world: options, env: brief()})
		weather := simulator.Weather{ErrorRate: 0.2, DropRate: 0.05, LoseRate: 0.1, Latency: time.Millisecond, Jitter: 10 * time.Millisecond}
		r.CTFaults.SetWeather(weather)
		r.FFTFaults.SetWeather(weather)
		disorder := simulator.Disorder{Duplicate: 0.5, Copies: 1, Shuffle: 100 * time.Millisecond}
		r.CT.Courier().SetDisorder(disorder)
		r.FFT.Courier().SetDisorder(disorder)
		r.meddle(2)
		placed := r.place(testform.Of(10, 40, 40))
		r.eventually("half of the orders are there", func() bool { return len(r.FFT.Orders()) >= len(placed)/2 })
		r.CTFaults.Clear()
		r.FFTFaults.Clear()
		r.calm()
		for _, order := range placed {
			r.arrived(order)
		}
		lost := 0
		for _, exchange := range append(r.FFTLog.All(), r.CTLog.All()...) {
			if exchange.Faulted {
				lost++
			}
		}
		if lost < len(placed)/2 {
			t.Errorf("only %d calls met a fault", lost)
		}
	})
}

func TestAfterAnOutageNothingIsMissing(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]func(*rig) []*simulator.Faults{
		"commercetools":    func(r *rig) []*simulator.Faults { return []*simulator.Faults{r.CTFaults} },
		"fulfillmenttools": func(r *rig) []*simulator.Faults { return []*simulator.Faults{r.FFTFaults} },
		"both":             func(r *rig) []*simulator.Faults { return []*simulator.Faults{r.CTFaults, r.FFTFaults} },
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				env := brief()
				env["HANDLE_TIMEOUT"] = "600ms"
				options := quick()
				options.AllowSecondOrder = true
				r := newRig(t, rigOptions{world: options, env: env})
				outage := func(on bool) {
					for _, f := range faults(r) {
						f.SetOutage(on)
					}
				}
				during := func(f func()) {
					outage(true)
					before := len(r.all())
					f()
					r.eventually("messages are deferred", func() bool {
						for _, entry := range r.all()[before:] {
							if entry.Kind == outcome.Returned {
								return true
							}
						}
						return r.Pending() == 0 // no message needed the platform that is out
					})
					outage(false)
					r.settle()
				}
				var placed []placing
				during(func() { placed = r.place(testform.Of(4, 10, 10)) })
				for range stages - 1 {
					during(func() {
						for _, order := range r.FFT.Orders() {
							if order.Stage != fftsim.StageCancelled {
								if _, err := r.FFT.Step(order.ID); err != nil {
									t.Fatal(err)
								}
							}
						}
					})
				}
				for _, order := range placed {
					r.arrived(order)
				}
				deferred := map[outcome.Flow]bool{}
				for _, entry := range r.all() {
					if entry.Kind == outcome.Returned {
						deferred[entry.Flow] = true
						if entry.Reason == "" || entry.Err == nil {
							t.Errorf("deferred without a reason: %+v", entry)
						}
					}
				}
				if len(deferred) < 2 {
					t.Errorf("flows that had to defer: %v, want both", deferred)
				}
			})
		})
	}
}

func TestRevokedTokensAreRenewedAndNothingIsDeferred(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick()})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.settle()
		r.CT.RevokeTokens()
		r.FFT.RevokeTokens()
		r.FFT.BreakRefresh(true)
		signIns := r.FFTLog.Count("signInWithPassword")
		second := r.CT.PlaceOrder(simpleOrder("A-2"))
		r.settle()
		mustBeOne(t, r.FFT.OrdersOf(second), "with a broken refresh")
		if got := r.FFTLog.Count("signInWithPassword") - signIns; got != 1 {
			t.Errorf("%d sign-ins, want 1 after the refused refresh", got)
		}
		r.FFT.BreakRefresh(false)
		for range stages - 1 {
			r.CT.RevokeTokens()
			r.FFT.RevokeTokens()
			r.step()
		}
		if r.shipmentState(id) != "Shipped" || r.field(second, "fft_load_units_amount") == nil {
			t.Errorf("an order did not arrive:%s", describe(r.outcomes(id)))
		}
		for _, entry := range r.all() {
			if entry.Kind != outcome.Applied && entry.Kind != outcome.Unchanged && entry.Kind != outcome.Ignored {
				t.Errorf("%s %s: %s", entry.Type, entry.Kind, entry.Reason)
			}
		}
	})
}

func TestShortLivedTokensAreRenewedInTime(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := quick()
		options.TokenTTL = 2 * time.Second
		r := newRig(t, rigOptions{world: options})
		r.eventually("both tokens are renewed", func() bool {
			r.CT.PlaceOrder(simpleOrder(""))
			r.settle()
			time.Sleep(20 * time.Millisecond)
			return r.FFTLog.Count("/v1/token") > 0 && r.CTLog.Count("oauth") > 0
		})
		for _, log := range []*simulator.Log{r.CTLog, r.FFTLog} {
			for _, exchange := range log.All() {
				if exchange.Status == http.StatusUnauthorized {
					t.Errorf("%s %s with an expired token", exchange.Method, exchange.Path)
				}
			}
		}
	})
}

// conflicting has another system edit the order before each of the first n updates
// that the connector sends.
func conflicting(n int, edit func(orderID string)) func(http.RoundTripper) http.RoundTripper {
	var updates atomic.Int64
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(request *http.Request) (*http.Response, error) {
			if id, ok := strings.CutPrefix(request.URL.Path, "/demo/orders/"); ok && request.Method == http.MethodPost {
				if updates.Add(1) <= int64(n) {
					edit(id)
				}
			}
			return next.RoundTrip(request)
		})
	}
}

func TestConflictsAreDecidedAnew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		conflicts int
		deferred  bool
	}{{"a few", 3, false}, {"a storm", 40, true}} {
		t.Run(c.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				var r *rig
				var edits atomic.Int64
				between := conflicting(c.conflicts, func(id string) {
					state := []string{"Pending", "Paid"}[edits.Add(1)%2]
					if err := r.CT.Edit(id, map[string]any{"action": "changePaymentState", "paymentState": state}); err != nil {
						t.Error(err)
					}
				})
				r = newRig(t, rigOptions{world: quick(), between: between})
				id := r.CT.PlaceOrder(simpleOrder("A-1"))
				r.ship()
				if r.shipmentState(id) != "Shipped" || r.field(id, "fft_load_units_amount") == nil || r.field(id, "fft_order_id") == nil {
					t.Errorf("the order did not arrive:%s", describe(r.outcomes(id)))
				}
				if step := backward(r.CT.History(id)); step != "" {
					t.Error(step)
				}
				deferred := false
				for _, entry := range r.outcomes(id) {
					deferred = deferred || entry.Kind == outcome.Returned
					if entry.Kind == outcome.Rejected {
						t.Errorf("a conflict rejected %s: %s", entry.Type, entry.Reason)
					}
				}
				if deferred != c.deferred || edits.Load() != int64(c.conflicts) {
					t.Errorf("deferred: %v, want %v; %d edits", deferred, c.deferred, edits.Load())
				}
			})
		})
	}
}
