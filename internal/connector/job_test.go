package connector_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/simulator"
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

func TestTheJobMustBeCalledWithAToken(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		_, store := withDepot(t)
		r := jobbing(t, 10*time.Minute, hasty(), store)
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
		_, store := withDepot(t)
		r := jobbing(t, 10*time.Minute, hasty(), store)
		r.CT.PlaceOrder(simpleOrder("A-1"))
		between, arrived, release := slow()
		r.opts.between = between
		r.restart(hasty())
		other := r.twin(hasty(), store)
		first := make(chan int, 1)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.publicURL+"/job", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		token, err := r.token().Sign()
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
			replica.answered("/job", "", http.StatusServiceUnavailable, "not finished")
		}
		release <- struct{}{}
		if status := <-first; status != http.StatusOK {
			t.Errorf("the first job: %d", status)
		}
		other.answered("/job", "", http.StatusOK, "1 differences")
	})
}

func TestTheJobGoesOnWhereItWasCutOff(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		r := jobbing(t, 10*time.Minute, hasty("RECONCILE_RATE", "1000", "RECONCILE_EVERY", "5m", "RECONCILE_WINDOW", "5m"), store)
		ids := make([]string, 0, 104)
		for range cap(ids) {
			ids = append(ids, r.CT.PlaceOrder(simpleOrder("")))
		}
		r.answered("/job", "", http.StatusOK, "0 differences") // they are older than the window
		position, err := json.Marshal(commercetools.Position{ModifiedAt: time.Now().Add(-time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.SaveCheckpoint(t.Context(), "job", string(position)); err != nil {
			t.Fatal(err)
		}
		r.FFTFaults.Plan("POST /api/orders", 100, simulator.Fault{})
		forbid(r.FFTFaults, "POST /api/orders", http.StatusForbidden)
		r.answered("/job", "", http.StatusServiceUnavailable, "not finished")
		if n := len(r.FFT.Orders()); n != 100 {
			t.Errorf("%d orders are there, want those of the first page", n)
		}
		text, _, ok, err := d.Checkpoint(t.Context(), "job")
		if err != nil || !ok || text == string(position) {
			t.Errorf("the checkpoint is %q, %v, %v", text, ok, err)
		}
		r.FFTFaults.Clear()
		r.FFTLog.Reset()
		r.answered("/job", "", http.StatusOK, "4 differences")
		if n := r.FFTLog.Count("POST /api/orders"); n != 4 {
			t.Errorf("the rest took %d create calls", n)
		}
		for _, id := range ids {
			mustBeOne(t, r.FFT.OrdersOf(id), "after both jobs")
		}
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
		r.answered("/job", "", http.StatusOK, "0 differences")
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
		r := jobbing(t, 10*time.Minute, hasty("DATABASE_URL", "none"), nil)
		r.answered("/event", message(r.CT.PlaceOrder(simpleOrder(""))), http.StatusOK, "applied")
		r.answered("/job", "", http.StatusOK, "1 differences")
		if n := r.CTLog.Count("DELETE"); n != 0 {
			t.Errorf("%d claims were deleted", n)
		}
	})
}

func TestServeComparesFromTimeToTime(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		r := jobbing(t, 10*time.Minute, hasty("RECONCILE_EVERY", "1s"), store)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.eventually("the missing order is exported", func() bool { return len(r.FFT.OrdersOf(id)) == 1 })
		r.eventually("the order names it", func() bool { return r.field(id, "fft_order_id") != nil })
		if stored, err := d.Events(t.Context(), ledger.Filter{}); err != nil || len(stored) > 0 {
			t.Errorf("stored: %v, %v", stored, err)
		}
		if !strings.Contains(r.logs.String(), "platforms differed") {
			t.Error("the log does not tell")
		}
	})
}

// comparedUntil notes in the store that the regular comparison came so far.
func (d *depot) comparedUntil(t *testing.T, ago time.Duration) {
	t.Helper()
	position, err := json.Marshal(commercetools.Position{ModifiedAt: time.Now().Add(-ago), ID: "ffffffff"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SaveCheckpoint(t.Context(), "reconcile", string(position)); err != nil {
		t.Fatal(err)
	}
}

func TestAfterAnOutageTheRegularComparisonGoesOnWhereItWas(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		r := jobbing(t, 3*time.Hour, hasty("RECONCILE_EVERY", "1s", "RECONCILE_WINDOW", "1h"), store)
		d.comparedUntil(t, 4*time.Hour)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.eventually("the order is found", func() bool { return len(r.FFT.OrdersOf(id)) == 1 })
	})
}

func TestTheRegularComparisonGoesBackAWeekAtMost(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		r := jobbing(t, 8*24*time.Hour, hasty("RECONCILE_EVERY", "1s", "RECONCILE_WINDOW", "1h"), store)
		d.comparedUntil(t, 30*24*time.Hour)
		r.CT.PlaceOrder(simpleOrder("A-1"))
		before := d.periodic.Load()
		r.eventually("it compares twice", func() bool { return d.periodic.Load() > before+1 })
		if len(r.FFT.Orders()) > 0 {
			t.Error("an order of last week was exported")
		}
	})
}
