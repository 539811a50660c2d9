package connector_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestComparingLeavesADirectionThatIsSwitchedOffAlone(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		store := withIdleDepot(t)
		off := hasty("FEAT_ORDERSYNC_ACTIVE", "false", "FEAT_STATUSUPDATES_ACTIVE", "false", "REVISIT_AFTER", "3s")
		r := jobbing(t, 10*time.Minute, off, store)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.answered("/job", "", http.StatusOK, "0 differences")
		if n := len(r.FFT.Orders()); n > 0 {
			t.Errorf("%d orders were exported", n)
		}
		exporting := r.twin(hasty("FEAT_STATUSUPDATES_ACTIVE", "false", "REVISIT_AFTER", "3s"), store)
		exporting.answered("/job", "", http.StatusOK, "1 differences")
		mustBeOne(t, r.FFT.OrdersOf(id), "once orders are exported again")
		time.Sleep(4 * time.Second)
		exporting.answered("/job", "", http.StatusOK, "0 differences")
		if field := r.field(id, "fft_order_id"); field != nil {
			t.Errorf("the order was updated: %v", field)
		}
		time.Sleep(8 * time.Second)
		r.twin(hasty("REVISIT_AFTER", "3s"), store).answered("/job", "", http.StatusOK, "1 differences")
		if r.field(id, "fft_order_id") == nil {
			t.Error("the order was not updated once it may be")
		}
	})
}

func TestWithoutAStoreTheJobKeepsTheInstallationAlive(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		env := hasty("DATABASE_URL", "none")
		r := newRig(t, rigOptions{world: quick(), env: env})
		for _, s := range r.FFT.Subscriptions() {
			if s.Event == "PICK_JOB_CREATED" {
				if err := r.connector.Fulfillmenttools.DeleteSubscription(t.Context(), s.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		r.answered("/job", "", http.StatusOK, "0 differences")
		if n := len(r.webhooks()["PICK_JOB_CREATED"]); n != 1 {
			t.Errorf("%d webhooks for the event whose webhook was deleted", n)
		}
		forbid(r.FFTFaults, "GET /api/subscriptions", http.StatusForbidden)
		r.answered("/job", "", http.StatusOK, "0 differences")
		if ready := r.readiness(); ready.Status != "degraded" || len(ready.Installation) == 0 {
			t.Errorf("it could not be looked at, but %+v", ready)
		}
		if !strings.Contains(r.logs.String(), "the installation needs attention") {
			t.Error("the log does not tell")
		}
	})
}

func TestDifferencesAreCountedFromZero(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), env: hasty(), bare: true})
		_, metrics := r.get("/metrics")
		for _, kind := range []string{"not exported", "not cancelled", "status behind", "not compared"} {
			if want := `fftconnect_reconcile_findings_total{kind="` + kind + `",repaired="no"} 0`; !strings.Contains(metrics, want) {
				t.Errorf("no %s", want)
			}
		}
	})
}
