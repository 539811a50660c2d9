package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"fftconnect/internal/simulator/fftsim"
)

func TestGoodsOfAnotherFacilityAreHandedOverWhereTheOrderIsCollected(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Routing: time.Minute, Picking: time.Minute, Handover: time.Hour}})
	shipped, id := b.create(), b.create(with("tenantOrderId", "A-2"), collect)
	if b.Transfer(shipped) == nil {
		t.Error("an order that is shipped gets a transfer")
	}
	b.token = ""
	b.want(http.StatusOK, http.MethodPost, "/_sim/orders/"+id+"/transfer", "")
	b.signIn()
	b.clock.Advance(30 * time.Minute)
	o := b.order(id)
	if len(o.PickJobs) != 2 || len(o.HandoverJobs) != 1 {
		t.Fatalf("%d pick jobs, %d handover jobs before the goods come", len(o.PickJobs), len(o.HandoverJobs))
	}
	b.clock.Advance(10 * time.Hour)
	b.signIn()
	o = b.order(id)
	if len(o.HandoverJobs) != 2 || o.Stage != fftsim.StageHandedOver {
		t.Fatalf("%d handover jobs, at %s", len(o.HandoverJobs), o.Stage)
	}
	for i, side := range []string{"SUPPLIER", "RECEIVER"} {
		for _, path := range []string{"/api/pickjobs/" + o.PickJobs[i].ID, "/api/handoverjobs/" + o.HandoverJobs[i].ID} {
			transfers, _ := b.read(path)["transfers"].([]any)
			if len(transfers) != 1 || transfers[0].(map[string]any)["type"] != side {
				t.Errorf("%s: %v, want %s", path, transfers, side)
			}
		}
	}
	brought := b.read("/api/handoverjobs/" + o.HandoverJobs[0].ID)
	handed := b.read("/api/handoverjobs/" + o.HandoverJobs[1].ID)
	if brought["channel"] != "DELIVERY" || handed["channel"] != "COLLECT" || len(handed["handoverJobLineItems"].([]any)) != 2 {
		t.Errorf("brought by %v, handed over by %v with %v", brought["channel"], handed["channel"], handed["handoverJobLineItems"])
	}
}

func TestAPickJobClosedWithNothingPickedIsAborted(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	id := b.create()
	for _, article := range []string{"SKU-1", "SKU-2"} {
		if err := b.ShortPick(id, article, 0); err != nil {
			t.Fatal(err)
		}
	}
	b.steps(id, 3)
	o := b.order(id)
	if job := b.read("/api/pickjobs/" + o.PickJobs[0].ID); job["status"] != "ABORTED" || job["subStatus"] != "ZERO_PICKED" || o.Stage != fftsim.StageAborted {
		t.Errorf("%v %v at %s", job["status"], job["subStatus"], o.Stage)
	}
}
