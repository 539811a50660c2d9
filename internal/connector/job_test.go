package connector_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable/durabletest"
	"fftconnect/internal/testform"
	"fftconnect/internal/testtime"
)

// past is the machine's clock, put back. Orders of such a shop have settled.
type past struct{ back time.Duration }

func (p past) Now() time.Time { return time.Now().Add(-p.back) }

func (p past) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

// jobbing is a rig in whose commercetools it is earlier by that much.
func jobbing(t *testing.T, back time.Duration, env map[string]string, store storeOpener) *rig {
	t.Helper()
	options := quick()
	options.CTClock = past{back}
	r := newRig(t, rigOptions{world: options, env: env, bare: true, store: store})
	r.CT.PutType(ourType())
	return r
}

// withIdleDepot is a store on which nothing but the job works.
func withIdleDepot(t *testing.T) func(*rig) connector.Store {
	d, store := withDepot(t)
	return func(r *rig) connector.Store { store(r); return idle{d} }
}

func TestTheJobMustBeCalledWithAToken(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := jobbing(t, 10*time.Minute, hasty("REVISIT_AFTER", "3s"), withIdleDepot(t))
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		for name, authorization := range badTokens(t) {
			if response := r.post("/job", "", authorization); response.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s: %d", name, response.StatusCode)
			}
		}
		if response := r.post("/job", "", ""); response.StatusCode != http.StatusUnauthorized || len(r.FFT.Orders()) > 0 {
			t.Errorf("without a token: %d, %d orders", response.StatusCode, len(r.FFT.Orders()))
		}
		r.answered("/job", "", http.StatusOK, "1 differences")
		mustBeOne(t, r.FFT.OrdersOf(id), "after the job")
		r.answered("/job", "", http.StatusOK, "0 differences") // its event may be under way
		time.Sleep(4 * time.Second)
		r.answered("/job", "", http.StatusOK, "1 differences") // it does not name its counterpart yet
		r.answered("/job", "", http.StatusOK, "0 differences")
		if r.metric(`fftconnect_reconcile_findings_total{kind="not exported",repaired="yes"}`) != 1 {
			t.Error("the finding is not counted")
		}
		if at := r.metric("fftconnect_reconcile_last_success_timestamp_seconds"); time.Since(time.Unix(int64(at), 0)) > time.Minute {
			t.Errorf("it last went through at %v", at)
		}
	})
}

func TestOrdersThatChangedJustNowAreLeftToTheirMessages(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		_, store := withDepot(t)
		r := jobbing(t, 0, hasty(), store)
		r.CT.PlaceOrder(simpleOrder("A-1"))
		r.answered("/job", "", http.StatusOK, "0 differences")
		if len(r.FFT.Orders()) != 0 {
			t.Error("it was exported")
		}
	})
}

func TestTheJobDoesNotOverlap(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		store := withIdleDepot(t)
		r := jobbing(t, 10*time.Minute, hasty("REVISIT_AFTER", "3s"), store)
		r.CT.PlaceOrder(simpleOrder("A-1"))
		between, arrived, release := slow()
		r.opts.between = between
		r.restart(hasty("REVISIT_AFTER", "3s"))
		other := r.twin(hasty("REVISIT_AFTER", "3s"), store)
		first := make(chan int, 1)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.publicURL+"/job", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		token, err := r.tokenFor("/job").Sign()
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		go func() {
			response, err := r.Client().Do(request)
			if err != nil {
				first <- 0
				return
			}
			_ = response.Body.Close()
			first <- response.StatusCode
		}()
		<-arrived // it is at work
		for _, replica := range []*rig{r, other} {
			replica.answered("/job", "", http.StatusServiceUnavailable, "already running")
		}
		release <- struct{}{}
		if status := <-first; status != http.StatusOK {
			t.Errorf("the first job: %d", status)
		}
		other.answered("/job", "", http.StatusOK, "0 differences")
		time.Sleep(4 * time.Second)
		other.answered("/job", "", http.StatusOK, "1 differences")
	})
}

func TestWithoutAStoreTheJobSweepsOldClaims(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		env := hasty("DATABASE_URL", "none")
		r := jobbing(t, 9*24*time.Hour, env, nil)
		for range 3 {
			r.answered("/event", message(r.CT.PlaceOrder(simpleOrder(""))), http.StatusOK, "applied")
		}
		r.CTLog.Reset()
		r.answered("/job", "", http.StatusOK, "3 differences") // they do not name their counterparts
		if n := r.CTLog.Count("DELETE /demo/custom-objects/fftconnect-claims/"); n != 3 {
			t.Errorf("%d claims were deleted, want 3:%s", n, r.listing())
		}
		r.CTLog.Reset()
		r.answered("/job", "", http.StatusOK, "0 differences")
		if n := r.CTLog.Count("DELETE"); n != 0 {
			t.Errorf("%d calls delete what is gone", n)
		}
	})
}

func TestWithoutAStoreYoungClaimsStay(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := jobbing(t, 20*time.Minute, hasty("DATABASE_URL", "none"), nil)
		r.answered("/event", message(r.CT.PlaceOrder(simpleOrder(""))), http.StatusOK, "applied")
		r.answered("/job", "", http.StatusOK, "1 differences")
		if n := r.CTLog.Count("DELETE"); n != 0 {
			t.Errorf("%d claims were deleted", n)
		}
	})
}

func TestServeVisitsAndSweepsByItself(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := jobbing(t, 10*time.Minute, hasty("REVISIT_AFTER", "3s"), store)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		time.Sleep(40 * time.Second)
		mustBeOne(t, r.FFT.OrdersOf(id), "after the first sweep")
		time.Sleep(40 * time.Second)
		if r.field(id, "fft_order_id") == nil {
			t.Error("the first visit did not find that the order does not name its counterpart")
		}
		if stored, err := d.Events(t.Context(), ledger.Filter{}); err != nil || len(stored) > 0 {
			t.Errorf("stored: %v, %v", stored, err)
		}
		timeline, err := d.database.Timeline(t.Context(), id)
		if err != nil || len(timeline) < 2 || timeline[0].Type != "sweep" || timeline[1].Type != "visit" || timeline[1].Attempt != 0 {
			t.Errorf("the journal: %+v, %v", timeline, err)
		}
	})
}

// TestWithoutAStoreAJobAsksOnlyForWhatIsDueAlsoAfterARestart counts calls: how far the visits
// are is kept in commercetools.
func TestWithoutAStoreAJobAsksOnlyForWhatIsDueAlsoAfterARestart(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		env := hasty("DATABASE_URL", "none", "REVISIT_AFTER", "1m")
		r := jobbing(t, 0, env, nil)
		const orders = 120
		for n := range orders {
			r.CT.PlaceOrder(simpleOrder(fmt.Sprintf("A-%d", n)))
		}
		r.install()
		r.answered("/job", "", http.StatusOK, "0 differences")
		time.Sleep(61 * time.Second)
		r.answered("/job", "", http.StatusOK, "120 differences") // none was exported
		r.settle()
		// job is a call of the job, and the lists of orders and calls to fulfillmenttools that it makes.
		job := func() (lists, fft int) {
			r.CTLog.Reset()
			r.FFTLog.Reset()
			r.answered("/job", "", http.StatusOK, "0 differences")
			for _, exchange := range r.CTLog.All() {
				if exchange.Method == http.MethodGet && exchange.Path == "/demo/orders" {
					lists++
				}
			}
			return lists, len(r.FFTLog.All())
		}
		job()
		r.restart(env)
		time.Sleep(5 * time.Second) // in fake time
		if lists, fft := job(); lists != 4 || fft > 20 {
			t.Errorf("after a restart, when nothing is due: %d lists, %d calls to fulfillmenttools:%s", lists, fft, r.listing())
		}
		time.Sleep(62 * time.Second)
		if lists, fft := job(); lists != 5 || fft < orders {
			t.Errorf("when all are due: %d lists, %d calls to fulfillmenttools", lists, fft)
		}
	})
}

// TestTheDailySweepFindsWhatNamesNoCounterpart although it was modified long before the last sweep.
func TestTheDailySweepFindsWhatNamesNoCounterpart(t *testing.T) {
	for name, whole := range map[string]time.Duration{"a day later": 25 * time.Hour, "the same day": 2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				store := withIdleDepot(t)
				r := jobbing(t, 5*24*time.Hour, hasty("REVISIT_AFTER", "3s"), store)
				now := time.Now()
				note := fmt.Sprintf(`{"whole":%q,"until":%q}`, now.Add(-whole).Format(time.RFC3339), now.Add(-time.Hour).Format(time.RFC3339))
				if err := store(r).SaveCheckpoint(t.Context(), "sweep", note); err != nil {
					t.Fatal(err)
				}
				lost := r.CT.PlaceOrder(simpleOrder("A-1"))
				named := simpleOrder("A-2")
				named["custom"] = map[string]any{"type": map[string]any{"typeId": "type", "key": config.DefaultOrderType}, "fields": map[string]any{"fft_order_id": "elsewhere"}}
				r.CT.PlaceOrder(named)
				r.post("/job", "")
				if found := len(r.FFT.OrdersOf(lost)) == 1; found != (whole > 24*time.Hour) {
					t.Errorf("exported: %t", found)
				}
				if n := r.FFTLog.Count("GET /api/orders/elsewhere"); n > 0 {
					t.Error("what names a counterpart was looked at")
				}
			})
		})
	}
}

// TestOrdersOfALargeSizeDoNotEndAWalk: a list of them is larger than what is read of an answer.
func TestOrdersOfALargeSizeDoNotEndAWalk(t *testing.T) {
	testform.InSlow(t)
	t.Parallel()
	if _, err := durabletest.Migrated(); err != nil {
		t.Fatal(err)
	}
	for name, withStore := range map[string]bool{"sweep": true, "visits without a store": false} {
		t.Run(name, func(t *testing.T) {
			testtime.FakeInTurn(t, func(t *testing.T) {
				var store func(*rig) connector.Store
				env := hasty("REVISIT_AFTER", "1m")
				if withStore {
					store = withIdleDepot(t)
				} else {
					env["DATABASE_URL"] = config.NoDatabase
				}
				r := jobbing(t, 10*time.Minute, env, store)
				r.CT.PutType(ourType("gift"))
				const orders = 20 // 17 MiB
				for n := range orders {
					order := simpleOrder(fmt.Sprintf("A-%d", n))
					order["custom"] = map[string]any{
						"type": map[string]any{"typeId": "type", "key": config.DefaultOrderType}, "fields": map[string]any{"gift": strings.Repeat("x", 860<<10)},
					}
					r.CT.PlaceOrder(order)
				}
				r.answered("/job", "", http.StatusOK, fmt.Sprintf("%d differences", orders))
				if got := len(r.FFT.Orders()); got != orders {
					t.Errorf("%d of %d orders are exported", got, orders)
				}
			})
		})
	}
}
