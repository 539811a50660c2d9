package simulator_test

import (
	"net/http"
	"slices"
	"testing"

	"fftconnect/internal/simulator/fftsim"
)

func TestAnOrderThatIsNotRoutableWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	id := b.create()
	b.must(b.NotRoutable(id))
	b.run()
	if got := b.heard(id); !slices.Equal(got, []string{"ORDER_CREATED", "ROUTING_PLAN_NOT_ROUTABLE"}) {
		t.Errorf("heard %v", got)
	}
	plan := b.payload("ROUTING_PLAN_NOT_ROUTABLE")
	if plan["status"] != "NOT_ROUTABLE" || plan["orderRef"] != id || plan["pickJobRef"] != nil {
		t.Errorf("got %v", plan)
	}
	if _, err := b.Step(id); err == nil {
		t.Error("it moves on")
	}
	b.must(b.Routable(id))
	b.run()
	routed := b.payload("ROUTING_PLAN_ROUTED")
	if o := b.order(id); o.Stage != fftsim.StageHandedOver || routed["id"] != plan["id"] || routed["version"] != 2.0 {
		t.Errorf("the order ends at %s with plan %v", o.Stage, routed["version"])
	}
	if b.NotRoutable(id) == nil || b.Routable(id) == nil {
		t.Error("a routed order is routed again")
	}
}

func TestALockedOrderHasARoutingPlanButNoPickJob(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	id := b.create(with("status", "LOCKED"))
	b.run()
	process := b.read("/api/process?orderRef=" + id)
	if len(process["routingPlanRefs"].([]any)) != 1 || len(process["pickJobRefs"].([]any)) != 0 {
		t.Errorf("got %v", process)
	}
	b.want(http.StatusOK, http.MethodPost, "/api/orders/"+id+"/actions", `{"name":"UNLOCK","version":1}`)
	b.run()
	process = b.read("/api/process?orderRef=" + id)
	if len(process["routingPlanRefs"].([]any)) != 1 || len(process["pickJobRefs"].([]any)) != 1 {
		t.Errorf("got %v", process)
	}
}

func TestAnOrderExpires(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	id := b.create()
	b.steps(id, 1)
	b.must(b.Expire(id))
	if got := b.heard(id); !slices.Equal(got[len(got)-2:], []string{"ORDER_CANCELLED_BY_EXPIRY", "PICK_JOB_CANCELED"}) {
		t.Errorf("heard %v", got)
	}
	if o := b.order(id); o.Status != "CANCELLED" || o.PickJobs[0].Status != "CANCELED" {
		t.Errorf("got %s with pick job %s", o.Status, o.PickJobs[0].Status)
	}
	if b.Expire(id) == nil {
		t.Error("an order expires twice")
	}
}

func TestInterventionsComeFromAnotherProcessToo(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	id := b.create()
	b.token = ""
	steer := func(status int, name, body string) {
		t.Helper()
		b.want(status, http.MethodPost, "/_sim/orders/"+id+"/"+name, body)
	}
	steer(http.StatusOK, "not-routable", "")
	steer(http.StatusOK, "routable", "")
	steer(http.StatusOK, "split", "")
	steer(http.StatusOK, "short-pick", `{"article":"SKU-1","picked":1}`)
	b.steps(id, 5)
	steer(http.StatusOK, "track", `{"status":"delivered"}`)
	steer(http.StatusOK, "return", `{"article":"SKU-1","condition":"worn"}`)
	steer(http.StatusBadRequest, "return", `{"article":"SKU-1"}`)
	steer(http.StatusBadRequest, "split", "")
	steer(http.StatusNotFound, "paint", "")
	steer(http.StatusBadRequest, "parcels", "{")
	if o := b.order(id); len(o.PickJobs) != 2 || o.Stage != fftsim.StageHandedOver {
		t.Errorf("it has %d pick jobs and ends at %s", len(o.PickJobs), o.Stage)
	}
}
