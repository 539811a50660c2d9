package simulator_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"fftconnect/internal/simulator/fftsim"
)

func TestShippedOrderRunsThrough(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Routing: time.Minute, Picking: 10 * time.Minute, Packing: time.Minute, Handover: time.Minute}})
	id := b.create()
	for _, c := range []struct {
		wait   time.Duration
		stage  string
		events []string
	}{
		{0, fftsim.StageCreated, []string{"ORDER_CREATED"}},
		{time.Minute, fftsim.StageRouted, []string{"ROUTING_PLAN_ROUTED", "PICK_JOB_CREATED"}},
		{5 * time.Minute, fftsim.StagePicking, []string{"PICK_JOB_PICKING_COMMENCED"}},
		{4 * time.Minute, fftsim.StagePicking, nil},
		{time.Minute, fftsim.StagePicked, []string{"PICK_JOB_PICKING_FINISHED", "PICK_JOB_PICK_LINE_PICKED", "PICK_JOB_PICK_LINE_PICKED"}},
		{time.Minute, fftsim.StagePacked, []string{
			"SHIPMENT_CREATED", "PARCEL_CARRIER_CREATED", "PARCEL_CARRIER_REQUESTED", "PARCEL_CARRIER_ACKNOWLEDGED",
			"SHIPMENT_UPDATED", "HANDOVERJOB_CREATED",
		}},
		{time.Minute, fftsim.StageHandedOver, []string{"HANDOVERJOB_HANDED_OVER", "SHIPMENT_UPDATED"}},
		{time.Hour, fftsim.StageHandedOver, nil},
	} {
		before := len(b.heard(id))
		if c.wait == 0 {
			before = 0
		}
		b.clock.Advance(c.wait)
		if got := b.order(id).Stage; got != c.stage {
			t.Errorf("the stage is %s, want %s", got, c.stage)
		}
		if got := b.heard(id)[before:]; !slices.Equal(got, c.events) {
			t.Errorf("at %s: got %v, want %v", c.stage, got, c.events)
		}
	}
	if o := b.order(id); o.Status != "OPEN" || o.Version != 2 {
		t.Errorf("a finished order is %s with version %d, want OPEN with 2", o.Status, o.Version)
	}
}

func TestJobsInheritFromTheOrder(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{LoadUnits: 2})
	id := b.create()
	b.run()
	o := b.order(id)
	job := b.read("/api/pickjobs/" + o.PickJobs[0].ID)
	handover := b.read("/api/handoverjobs/" + o.HandoverJobs[0].ID)
	shipment := b.read("/api/shipments/" + o.Shipments[0].ID)
	parcel := b.read("/api/parcels/" + o.Parcels[0].ID)
	for name, entity := range map[string]object{"pick job": job, "handover job": handover, "shipment": shipment, "parcel": parcel} {
		attributes, _ := entity["customAttributes"].(object)
		if attributes["commercetoolsId"] != "ct-1" || entity["tenantOrderId"] != "A-1001" || entity["facilityRef"] != "fac-berlin" {
			t.Errorf("the %s does not inherit: %v", name, entity)
		}
	}
	pickLine := job["pickLineItems"].([]any)[1].(object)
	handoverLine := handover["handoverJobLineItems"].([]any)[1].(object)
	item := parcel["items"].([]any)[1].(object)
	for name, line := range map[string]object{"pick": pickLine, "handover": handoverLine, "parcel": item} {
		if line["customAttributes"].(object)["commercetoolsId"] != "line-2" || line["globalLineItemId"] != pickLine["globalLineItemId"] {
			t.Errorf("the %s line does not inherit: %v", name, line)
		}
	}
	info := handover["handoverJobParcelInfo"].(object)
	result := parcel["result"].(object)
	if info["carrierTrackingNumber"] != result["carrierTrackingNumber"] || info["carrierKey"] != "GLS" || handover["channel"] != "DELIVERY" {
		t.Errorf("the handover job has %v, the parcel %v", info, result)
	}
	if handoverLine["handedOverQuantity"] != 1.0 || handover["status"] != "HANDED_OVER" || shipment["status"] != "COMPLETED" {
		t.Errorf("it is not handed over: %v", handover)
	}

	units := b.read("/api/loadunits?pickJobRef=" + o.PickJobs[0].ID)
	if units["total"] != 2.0 || len(parcel["loadUnitRefs"].([]any)) != 2 {
		t.Errorf("got %v load units and %v in the parcel", units["total"], parcel["loadUnitRefs"])
	}
	for _, query := range []string{"tenantOrderId=A-1001", "orderRef=" + id, "pickJobRef=" + o.PickJobs[0].ID, "handoverJobRef=" + o.HandoverJobs[0].ID, "shipmentRef=" + o.Shipments[0].ID} {
		found := b.read("/api/process?" + query)
		if found["id"] != o.ProcessID || found["status"] != "FINISHED" || found["orderRef"] != id {
			t.Errorf("%s finds %v", query, found)
		}
	}
	b.want(http.StatusNotFound, http.MethodGet, "/api/process?tenantOrderId=x", "")
	b.want(http.StatusBadRequest, http.MethodGet, "/api/process", "")
}

func TestListsOfJobs(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{LoadUnits: 30})
	id := b.create()
	other := b.create(with("tenantOrderId", "A-2"), collect)
	b.run()
	pick := b.order(id).PickJobs[0].ID
	for path, want := range map[string]float64{
		"/api/pickjobs":                                        2,
		"/api/pickjobs?orderRef=" + id:                         1,
		"/api/pickjobs?tenantOrderId=A-2&status=CLOSED":        1,
		"/api/pickjobs?status=OPEN&status=IN_PROGRESS":         0,
		"/api/pickjobs?channel=COLLECT":                        1,
		"/api/handoverjobs?pickJobRef=" + pick:                 1,
		"/api/handoverjobs?tenantOrderId=A-2&channel=DELIVERY": 0,
		"/api/handoverjobs?facilityRef=fac-munich":             1,
		"/api/shipments?tenantOrderId=A-1001":                  1,
		"/api/shipments?pickJobRef=" + pick:                    1,
		"/api/shipments?tenantOrderId=A-2":                     0,
		"/api/parcels":                                         1,
		"/api/loadunits?pickJobRef=" + pick:                    30,
		"/api/loadunits?statuses=OBSOLETE":                     0,
		"/api/facilities?tenantFacilityId=store-berlin":        1,
		"/api/facilities":                                      3,
	} {
		if got := b.read(path)["total"]; got != want {
			t.Errorf("%s lists %v, want %v", path, got, want)
		}
	}
	b.want(http.StatusBadRequest, http.MethodGet, "/api/pickjobs?searchTerm=x", "")
	first := b.read("/api/loadunits?pickJobRef=" + pick)["loadUnits"].([]any)
	rest := b.read("/api/loadunits?pickJobRef=" + pick + "&startAfterId=" + first[24].(object)["id"].(string))["loadUnits"].([]any)
	if len(first) != 25 || len(rest) != 5 {
		t.Errorf("pages of %d and %d load units, want 25 and 5", len(first), len(rest))
	}
	if o := b.order(other); len(o.Shipments) != 0 || len(o.Parcels) != 0 || o.Stage != fftsim.StageHandedOver {
		t.Errorf("a collected order has %d shipments and is at %s", len(o.Shipments), o.Stage)
	}
}

func TestLockedOrderWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	id := b.create(with("status", "LOCKED"))
	b.run()
	if o := b.order(id); o.Stage != fftsim.StageCreated || o.Status != "LOCKED" {
		t.Fatalf("a locked order is at %s", o.Stage)
	}
	if _, err := b.Step(id); err == nil {
		t.Error("a locked order can be stepped")
	}
	b.want(http.StatusOK, http.MethodPost, "/api/orders/"+id+"/actions", `{"name":"UNLOCK","version":1}`)
	b.run()
	if o := b.order(id); o.Stage != fftsim.StageHandedOver || o.Status != "OPEN" || b.heard(id)[1] != "ORDER_UNLOCKED" {
		t.Errorf("the unlocked order is at %s after %v", o.Stage, b.heard(id))
	}
}

func TestSplitOrder(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}, AllowSecondOrder: true})
	id := b.create()
	if err := b.Split(id); err != nil {
		t.Fatal(err)
	}
	b.Step(id)
	o := b.order(id)
	if len(o.PickJobs) != 2 || o.PickJobs[0].FacilityRef != "fac-berlin" || o.PickJobs[1].FacilityRef == "fac-berlin" {
		t.Fatalf("got %d pick jobs", len(o.PickJobs))
	}
	for range 4 {
		if _, err := b.StepPickJob(o.PickJobs[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.StepPickJob(o.PickJobs[0].ID); err == nil {
		t.Error("a part that is handed over moves on")
	}
	o = b.order(id)
	if o.Stage != fftsim.StageRouted || len(o.HandoverJobs) != 1 || o.PickJobs[1].Status != "OPEN" {
		t.Errorf("the second part moved with the first: %s", o.Stage)
	}
	if status := b.read("/api/process?orderRef=" + id)["status"]; status != "IN_PROGRESS" {
		t.Errorf("the process is %v", status)
	}
	for range 4 {
		b.Step(id)
	}
	if o = b.order(id); o.Stage != fftsim.StageHandedOver || len(o.HandoverJobs) != 2 || len(o.Parcels) != 2 {
		t.Errorf("the split order ends at %s", o.Stage)
	}
	if err := b.Split(id); err == nil {
		t.Error("an order is split after routing")
	}

	single := b.create(with("orderLineItems", []any{object{"quantity": 3, "article": object{"tenantArticleId": "S", "title": "T"}}}))
	b.Split(single)
	b.Step(single)
	var quantities []float64
	for _, job := range b.order(single).PickJobs {
		line := b.read("/api/pickjobs/" + job.ID)["pickLineItems"].([]any)[0].(object)
		quantities = append(quantities, line["quantity"].(float64))
	}
	if !slices.Equal(quantities, []float64{2, 1}) {
		t.Errorf("a line of 3 is split into %v", quantities)
	}
}

func TestEveryNthOrderIsSplit(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{SplitEvery: 2, AllowSecondOrder: true})
	for range 4 {
		b.create()
	}
	b.run()
	var jobs []int
	for _, o := range b.Orders() {
		jobs = append(jobs, len(o.HandoverJobs))
	}
	if !slices.Equal(jobs, []int{1, 2, 1, 2}) {
		t.Errorf("the orders have %v handover jobs", jobs)
	}
}

func TestReroute(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Picking: time.Minute}})
	id := b.create()
	b.clock.Advance(0)
	if err := b.Reroute(id); err != nil {
		t.Fatal(err)
	}
	o := b.order(id)
	if len(o.PickJobs) != 2 || o.PickJobs[0].Status != "REROUTED" || o.PickJobs[1].Status != "OPEN" || o.PickJobs[1].FacilityRef == o.PickJobs[0].FacilityRef {
		t.Fatalf("got %+v", o.PickJobs)
	}
	b.run()
	o = b.order(id)
	if o.Stage != fftsim.StageHandedOver || o.PickJobs[0].Status != "REROUTED" || len(o.HandoverJobs) != 1 {
		t.Errorf("the rerouted order ends at %s", o.Stage)
	}
	if err := b.Reroute(id); err == nil {
		t.Error("a finished order is rerouted")
	}
}

func TestAbort(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Picking: time.Minute}})
	id := b.create()
	b.clock.Advance(0)
	if err := b.Abort(id); err != nil {
		t.Fatal(err)
	}
	b.run()
	if o := b.order(id); o.PickJobs[0].Status != "ABORTED" || o.Stage != fftsim.StageAborted || len(o.HandoverJobs) != 0 {
		t.Errorf("got %+v", o)
	}
}

func TestShortPick(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{AllowSecondOrder: true})
	short, substituted, zero := b.create(), b.create(), b.create()
	b.ShortPick(short, "SKU-1", 1)
	b.Substitute(substituted, "SKU-1", 1, "SKU-1B", 1)
	b.ShortPick(zero, "SKU-1", 0)
	b.ShortPick(zero, "SKU-2", 0)
	b.run()

	o := b.order(short)
	job := b.read("/api/pickjobs/" + o.PickJobs[0].ID)
	line := job["pickLineItems"].([]any)[0].(object)
	if job["subStatus"] != "SHORT_PICKED" || line["picked"] != 1.0 || line["status"] != "CLOSED" || line["shortPickReason"] == nil {
		t.Errorf("got %v", job)
	}
	handover := b.read("/api/handoverjobs/" + o.HandoverJobs[0].ID)
	if missing := handover["missingHandoverJobLineItems"].([]any); missing[0].(object)["quantity"] != 1.0 {
		t.Errorf("missing are %v", missing)
	}

	o = b.order(substituted)
	line = b.read("/api/handoverjobs/" + o.HandoverJobs[0].ID)["handoverJobLineItems"].([]any)[0].(object)
	other := line["substituteLineItems"].([]any)[0].(object)
	if line["quantity"] != 2.0 || line["handedOverQuantity"] != 1.0 || other["handedOverQuantity"] != 1.0 {
		t.Errorf("got %v", line)
	}

	o = b.order(zero)
	if job := b.read("/api/pickjobs/" + o.PickJobs[0].ID); job["subStatus"] != "ZERO_PICKED" || len(o.HandoverJobs) != 0 {
		t.Errorf("got %v and %d handover jobs", job["subStatus"], len(o.HandoverJobs))
	}
}

func TestAfterHandover(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Handover: time.Minute}})
	id := b.create()
	b.clock.Advance(time.Minute)
	if err := b.TrackDelivered(id); err != nil {
		t.Fatal(err)
	}
	if status := b.payload("PARCEL_TRACK_AND_TRACE_STATUS_UPDATED")["result"].(object)["trackingStatus"]; status != "delivered" {
		t.Errorf("the parcel is %v", status)
	}
	if err := b.RevertHandover(id); err != nil {
		t.Fatal(err)
	}
	job := b.payload("HANDOVERJOB_REVERTED")
	if line := job["handoverJobLineItems"].([]any)[0].(object); job["status"] != "OPEN" || line["handedOverQuantity"] != 0.0 || line["status"] != "OPEN" {
		t.Errorf("got %v", job)
	}
	b.clock.Advance(time.Minute)
	if stage := b.order(id).Stage; stage != fftsim.StageHandedOver {
		t.Errorf("the reverted order ends at %s", stage)
	}
	b.want(http.StatusBadRequest, http.MethodPost, "/api/orders/"+id+"/actions", `{"name":"FORCE_CANCEL","version":2}`)
}

func TestCancelInThePlatform(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Handover: time.Minute}})
	id := b.create()
	b.clock.Advance(0)
	if err := b.CancelByFFT(id, false); err == nil {
		t.Error("a picked order is cancelled without force")
	}
	if err := b.CancelByFFT(id, true); err != nil {
		t.Fatal(err)
	}
	b.run()
	o := b.order(id)
	if o.Stage != fftsim.StageCancelled || o.HandoverJobs[0].Status != "CANCELED" || o.Shipments[0].Status != "CANCELED" || o.PickJobs[0].Status != "CLOSED" {
		t.Errorf("got %+v", o)
	}
	if b.payload("HANDOVERJOB_CANCELED")["cancelReason"] != "ORDER_CANCELED" {
		t.Error("the handover job does not say why it was cancelled")
	}
	if status := b.read("/api/process?orderRef=" + id)["status"]; status != "CANCELED" {
		t.Errorf("the process is %v", status)
	}

	missed := b.create(collect)
	b.clock.Advance(0)
	if err := b.CancelHandover(missed, "CONSUMER_NO_SHOW"); err != nil {
		t.Fatal(err)
	}
	if o := b.order(missed); o.Status != "OPEN" || o.HandoverJobs[0].Status != "CANCELED" {
		t.Errorf("got %+v", o)
	}
}
