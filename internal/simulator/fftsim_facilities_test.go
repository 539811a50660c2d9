package simulator_test

import (
	"net/http"
	"testing"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

const urn = "urn:fft:facility:tenantFacilityId:"

func TestFacilities(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	address := `"address":{"companyName":"Shop","street":"Weg","city":"Bonn","postalCode":"53111","country":"DE"}`
	made := b.want(http.StatusCreated, http.MethodPost, "/api/facilities",
		`{"name":"Shop","tenantFacilityId":"store/1",`+address+`,"customAttributes":{"commercetoolsId":"ch-1"}}`).(object)
	if made["status"] != "ONLINE" || made["version"] != 1.0 || made["locationType"] != "STORE" {
		t.Errorf("got %v", made)
	}
	path := "/api/facilities/" + urn + "store%2F1"
	if found := b.read(path); found["id"] != made["id"] {
		t.Errorf("the tenantFacilityId finds %v", found)
	}
	b.want(http.StatusBadRequest, http.MethodPost, "/api/facilities", `{"name":"Shop","tenantFacilityId":"store/1",`+address+`}`)
	b.want(http.StatusBadRequest, http.MethodPost, "/api/facilities", `{"name":"Shop"}`)

	patch := func(status int, body string) any { t.Helper(); return b.want(status, http.MethodPatch, path, body) }
	patch(http.StatusBadRequest, `{"version":1,"name":"New"}`)
	patch(http.StatusBadRequest, `{"version":1,"type":"MANAGED_FACILITY","title":"New"}`)
	patch(http.StatusConflict, `{"version":7,"type":"MANAGED_FACILITY","name":"New"}`)
	changed := patch(http.StatusOK, `{"version":1,"type":"MANAGED_FACILITY","name":"New","customAttributes":null,"status":"OFFLINE"}`).(object)
	if changed["version"] != 2.0 || changed["name"] != "New" || changed["customAttributes"] != nil || changed["status"] != "OFFLINE" {
		t.Errorf("got %v", changed)
	}
	patch(http.StatusOK, `{"version":2,"actions":[{"action":"ModifyFacility","status":"ONLINE"}]}`)
	if b.payload("FACILITY_WENT_ONLINE")["version"] != 3.0 || b.payload("FACILITY_WENT_OFFLINE")["version"] != 2.0 {
		t.Error("the events carry other versions")
	}
	b.want(http.StatusNotFound, http.MethodPatch, "/api/facilities/none", `{"version":1,"type":"MANAGED_FACILITY"}`)
}

func TestTags(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	b.want(http.StatusCreated, http.MethodPost, "/api/tags", `{"id":"store","allowedValues":["eu"]}`)
	b.want(http.StatusBadRequest, http.MethodPost, "/api/tags", `{"id":"store","allowedValues":["eu"]}`)
	b.want(http.StatusBadRequest, http.MethodPost, "/api/tags", `{"id":"brand","allowedValues":[]}`)
	add := `{"version":1,"actions":[{"action":"AddAllowedValueToTag","allowedValue":"us"}]}`
	b.want(http.StatusOK, http.MethodPatch, "/api/tags/store", add)
	b.want(http.StatusConflict, http.MethodPatch, "/api/tags/store", add)
	b.want(http.StatusNotFound, http.MethodPatch, "/api/tags/none", add)
	if found := b.read("/api/tags/store"); len(found["allowedValues"].([]any)) != 2 || found["version"] != 2.0 {
		t.Errorf("got %v", found)
	}
	if list := b.read("/api/tags"); list["total"] != 1.0 {
		t.Errorf("got %v", list)
	}
	b.create(with("tags", []any{object{"id": "store", "value": "us"}}))
}

func TestServiceEndpoints(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	if b.read("/api/health")["status"] != "UP" || len(b.read("/api/supportedevents")["supportedEvents"].([]any)) < 40 {
		t.Error("health or supported events are wrong")
	}
	b.want(http.StatusNotFound, http.MethodGet, "/api/unheard-of", "")
	b.token = "none"
	b.read("/api/status")
	b.want(http.StatusUnauthorized, http.MethodGet, "/api/health", "")
}

func TestControlInterface(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}, Faults: simulator.NewFaults(1)})
	id := b.create()
	b.token = ""
	if stage := b.want(http.StatusOK, http.MethodPost, "/_sim/orders/"+id+"/step", "").(object)["stage"]; stage != fftsim.StageRouted {
		t.Errorf("stepped to %v", stage)
	}
	stats := b.read("/_sim/stats")
	if stats["orders"] != 1.0 || stats["apiCalls"] != 1.0 || stats["signIns"] != 1.0 || stats["stages"].(object)[fftsim.StageRouted] != 1.0 {
		t.Errorf("got %v", stats)
	}
	orders := b.want(http.StatusOK, http.MethodGet, "/_sim/orders?commercetoolsId=ct-1", "").([]any)
	if len(orders) != 1 || orders[0].(object)["ID"] != id {
		t.Errorf("got %v", orders)
	}
	b.want(http.StatusOK, http.MethodPost, "/_sim/faults", `{"outage":true,"latency":"1ms"}`)
	b.want(http.StatusServiceUnavailable, http.MethodGet, "/api/status", "")
	b.want(http.StatusOK, http.MethodPost, "/_sim/faults", `{}`)
	b.read("/api/status")
	b.want(http.StatusOK, http.MethodPost, "/_sim/pace", `{"picking":"1m"}`)
	b.want(http.StatusBadRequest, http.MethodPost, "/_sim/pace", `{"picking":1}`)
	b.want(http.StatusOK, http.MethodPost, "/_sim/orders/"+id+"/step", "")
	b.run()
	if stage := b.order(id).Stage; stage != fftsim.StageHandedOver {
		t.Errorf("at the new pace it ends at %s", stage)
	}
}
