package connector_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

func (r *rig) cancel(id string) {
	r.t.Helper()
	if err := r.CT.Edit(id, map[string]any{"action": "changeOrderState", "orderState": "Cancelled"}); err != nil {
		r.t.Fatal(err)
	}
}

func TestAnOrderThatIsCancelledRightAfterConfirmationIsCancelledThere(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for _, shuffled := range []bool{false, true} {
			r := newRig(t, rigOptions{world: quick()})
			if shuffled {
				r.CT.Courier().SetDisorder(simulator.Disorder{Duplicate: 1, Copies: 2, Shuffle: 30 * time.Millisecond})
			}
			ids := make([]string, 10)
			for i := range ids {
				draft := simpleOrder("")
				draft["orderState"] = "Open"
				ids[i] = r.CT.PlaceOrder(draft)
				if err := r.CT.Edit(ids[i], map[string]any{"action": "changeOrderState", "orderState": "Confirmed"}); err != nil {
					t.Fatal(err)
				}
				if i%2 == 0 {
					r.settle()
				}
				r.cancel(ids[i])
			}
			r.settle()
			for i, id := range ids {
				there := r.FFT.OrdersOf(id)
				if len(there) > 1 || len(there) == 1 && there[0].Stage != fftsim.StageCancelled || len(there) == 0 && i%2 == 0 {
					t.Errorf("order %d, shuffled %v: %d there:%s", i, shuffled, len(there), describe(r.outcomes(id)))
				}
			}
		}
	})
}

func TestACancellationThatIsRefusedIsVisible(t *testing.T) {
	t.Parallel()
	for name, advance := range map[string]func(*rig, string){
		"picking has begun": func(r *rig, _ string) { r.step(); r.step() },
		"the platform says no": func(r *rig, there string) {
			if err := r.FFT.RefuseCancel(there); err != nil {
				r.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				r := newRig(t, rigOptions{world: quick()})
				id := r.CT.PlaceOrder(simpleOrder("A-1"))
				r.settle()
				there := mustBeOne(t, r.FFT.OrdersOf(id), name)
				advance(r, there.ID)
				r.cancel(id)
				r.settle()
				entry := r.last(id)
				if entry.Kind != outcome.Refused || !strings.Contains(entry.Reason, there.ID) || entry.Hint == "" {
					t.Errorf("%s: %s (%s)", entry.Kind, entry.Reason, entry.Hint)
				}
				if got := r.metric(`fftconnect_messages_total{flow="export",outcome="refused",type="OrderStateChanged"}`); got != 1 {
					t.Errorf("refusals counted: %v", got)
				}
				if problems := r.problems(); len(problems) != 1 || problems[0].Outcome != outcome.Refused || problems[0].Order != id || problems[0].Hint == "" {
					t.Errorf("problems: %+v", problems)
				}
				if !strings.Contains(r.logs.String(), `"level":"ERROR"`) {
					t.Error("no log line is an error")
				}
			})
		})
	}
}

func TestARefusedCancellationIsForcedWhenConfigured(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), env: map[string]string{"FFT_FORCE_CANCEL": "true"}})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.settle()
		r.step()
		r.step()
		r.cancel(id)
		r.settle()
		if there := mustBeOne(t, r.FFT.OrdersOf(id), "forced"); there.Stage != fftsim.StageCancelled {
			t.Errorf("stage %s:%s", there.Stage, describe(r.outcomes(id)))
		}
		if len(r.problems()) > 0 {
			t.Errorf("problems: %+v", r.problems())
		}
	})
}

func TestADeletedOrderIsCancelledThere(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for name, restarted := range map[string]bool{"known from the export": false, "after a restart": true} {
			for _, number := range []string{"A-1", "", "A&B+/#%20"} {
				r := newRig(t, rigOptions{world: quick()})
				id := r.CT.PlaceOrder(simpleOrder(number))
				r.settle()
				if restarted {
					r.restart(nil)
				}
				if err := r.CT.DeleteOrder(id); err != nil {
					t.Fatal(err)
				}
				r.settle()
				if there := mustBeOne(t, r.FFT.OrdersOf(id), name); there.Stage != fftsim.StageCancelled {
					t.Errorf("%s, number %q: stage %s:%s", name, number, there.Stage, describe(r.outcomes(id)))
				}
			}
		}
	})
}

// holding keeps fulfillmenttools' events back until it is opened.
func holding() (gate func(http.Handler) http.Handler, open func()) {
	opened := make(chan struct{})
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-opened:
			default:
				if strings.HasPrefix(r.URL.Path, "/service") {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}, func() { close(opened) }
}

func TestAnOrderThatEndsBeforeItsCreationIsHeardOfEndsCancelled(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*rig, string){
		"cancelled": (*rig).cancel,
		"deleted": func(r *rig, id string) {
			if err := r.CT.DeleteOrder(id); err != nil {
				r.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				gate, open := holding()
				options := doubtful()
				options.ListLag = time.Hour // the list never helps
				r := newRig(t, rigOptions{world: options, env: map[string]string{"FFT_LIST_LAG": "10ms"}, gate: gate})
				r.FFTFaults.PlanFaults("POST /api/orders", 1, simulator.Fault{LoseAnswer: true})
				id := r.CT.PlaceOrder(simpleOrder("A-1"))
				r.eventually("the order is there", func() bool { return len(r.FFT.OrdersOf(id)) == 1 })
				// Restarted, so that nothing is remembered of the attempt.
				if err := r.stop(); err != nil {
					t.Fatal(err)
				}
				end(r, id)
				r.restart(map[string]string{"FFT_LIST_LAG": "10ms"})
				r.eventually("the end was heard of", func() bool { return r.CT.Courier().Pending() == 0 })
				if stage := r.FFT.OrdersOf(id)[0].Stage; stage == fftsim.StageCancelled {
					t.Fatal("it is cancelled already: the test shows nothing")
				}
				open()
				r.settle()
				if there := mustBeOne(t, r.FFT.OrdersOf(id), name); there.Stage != fftsim.StageCancelled {
					t.Errorf("stage %s:%s", there.Stage, describe(r.outcomes(id)))
				}
			})
		})
	}
}
