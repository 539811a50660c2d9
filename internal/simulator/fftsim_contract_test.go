package simulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/testform"
)

// schemaOf names the vendor's schema of an event.
func schemaOf(event string) string {
	for prefix, schema := range map[string]string{
		"ORDER_CREATED": "OrderCreatedWebHookEvent", "ORDER_MODIFIED": "OrderModifiedWebHookEvent", "ORDER_UNLOCKED": "OrderUnlockedWebHookEvent",
		"ORDER_FORCE_CANCELLED": "OrderForceCancelledWebHookEvent", "ORDER_CANCELLED": "OrderCancelledWebHookEvent",
		"ROUTING_PLAN_ROUTED": "RoutingPlanRoutedWebHookEvent", "ROUTING_PLAN_NOT_ROUTABLE": "RoutingPlanNotRoutableWebHookEvent",
		"PICK_JOB_PICK_LINE_PICKED": "PickjobPickLinePickedWebHookEvent",
	} {
		if event == prefix {
			return schema
		}
	}
	for prefix, schema := range map[string]string{
		"PICK_JOB_": "PickjobWebHookEvent", "HANDOVERJOB_": "HandoverJobWebHookEvent", "SHIPMENT_": "ShipmentWebHookEvent",
		"PARCEL_": "ParcelWebHookEvent", "ITEM_RETURN_JOB_": "ItemReturnJobWebHookEvent", "ORDER_": "OrderCancelledWebHookEvent",
	} {
		if strings.HasPrefix(event, prefix) {
			return schema
		}
	}
	return ""
}

// TestEverythingThatCanHappenKeepsToTheVendorsContract brings about every event that
// is about an order and reads every kind of entity, and holds all of it against the
// vendor's description.
func TestEverythingThatCanHappenKeepsToTheVendorsContract(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	validator := shared(t)
	opts := manual()
	opts.Log = simulator.NewLog(true)
	b := setup(t, opts)
	seen := map[string]bool{}
	b.OnEvent(func(event, _ string, body []byte) {
		seen[event] = true
		// The vendor's cancellation schema lists only its own event's name.
		if event == "ORDER_CANCELLED_BY_EXPIRY" {
			body = []byte(strings.Replace(string(body), event, "ORDER_CANCELLED", 1))
		}
		if err := validator.Schema(contract.Fulfillmenttools, schemaOf(event), body); err != nil {
			t.Errorf("%s: %v\n%s", event, err, body)
		}
	})
	b.eventful()
	for _, event := range strings.Fields(`ORDER_CREATED ORDER_MODIFIED ORDER_UNLOCKED ORDER_CANCELLED ORDER_FORCE_CANCELLED
		ORDER_CANCELLED_BY_EXPIRY ROUTING_PLAN_ROUTED ROUTING_PLAN_NOT_ROUTABLE PICK_JOB_CREATED PICK_JOB_PICKING_COMMENCED
		PICK_JOB_PICKING_FINISHED PICK_JOB_PICK_LINE_PICKED PICK_JOB_ABORTED PICK_JOB_CANCELED PICK_JOB_REROUTED
		HANDOVERJOB_CREATED HANDOVERJOB_HANDED_OVER HANDOVERJOB_REVERTED HANDOVERJOB_CANCELED SHIPMENT_CREATED SHIPMENT_UPDATED
		PARCEL_CARRIER_CREATED PARCEL_CARRIER_REQUESTED PARCEL_CARRIER_ACKNOWLEDGED PARCEL_CARRIER_FAILED
		PARCEL_TRACK_AND_TRACE_STATUS_UPDATED ITEM_RETURN_JOB_CREATED ITEM_RETURN_JOB_UPDATED`) {
		if !seen[event] {
			t.Errorf("%s did not happen", event)
		}
	}
	for _, exchange := range opts.Log.All() {
		if err := validator.Exchange(exchange); err != nil {
			t.Errorf("%s %s: %v", exchange.Method, exchange.Path, err)
		}
	}
}

// eventful lives through everything that can happen to orders.
func (b *bundle) eventful() {
	lived := b.create()
	b.must(b.Split(lived))
	b.must(b.SetParcels(lived, 2))
	b.must(b.FailLabel(lived))
	b.must(b.Substitute(lived, "SKU-1", 1, "SKU-1B", 1))
	b.steps(lived, 1)
	b.must(b.Reroute(lived))
	b.steps(lived, 3)
	b.must(b.AcknowledgeLabel(lived))
	b.steps(lived, 1)
	b.must(b.RevertHandover(lived))
	b.steps(lived, 1)
	b.must(b.Track(lived, "transit"))
	b.must(b.TrackDelivered(lived))
	b.must(b.Return(lived, fftsim.Returned{TenantArticleID: "SKU-2", Condition: "worn", Reason: "too small", Rejected: true}))

	unroutable := b.create(with("tenantOrderId", "A-2"))
	b.must(b.NotRoutable(unroutable))
	b.steps(unroutable, 1)
	b.must(b.Expire(unroutable))
	locked := b.create(with("status", "LOCKED"))
	b.want(http.StatusOK, http.MethodPost, "/api/orders/"+locked+"/actions", `{"name":"UNLOCK","version":1,"targetTime":"2026-03-02T12:00:00.000Z"}`)
	b.steps(locked, 1)
	b.must(b.CancelByFFT(locked, false))
	aborted, missed, forced := b.create(), b.create(collect), b.create()
	b.steps(aborted, 1)
	b.must(b.Abort(aborted))
	b.steps(missed, 4)
	b.must(b.CancelHandover(missed, "CONSUMER_NO_SHOW"))
	b.steps(forced, 4)
	b.must(b.CancelByFFT(forced, true))
	changed := b.create(with("tenantOrderId", "A-3"))
	b.steps(changed, 1)
	b.modifyAll(changed)
	b.readAll(lived)
}

// readAll reads whatever there is of an order, one by one and in lists.
func (b *bundle) readAll(orderID string) {
	o := b.order(orderID)
	for path, jobs := range map[string][]fftsim.Job{
		"pickjobs": o.PickJobs, "handoverjobs": o.HandoverJobs, "shipments": o.Shipments, "parcels": o.Parcels,
	} {
		for _, job := range jobs {
			b.read("/api/" + path + "/" + job.ID)
		}
	}
	for _, path := range []string{
		"/api/orders/" + orderID, "/api/pickjobs?orderRef=" + orderID + "&status=CLOSED", "/api/handoverjobs?tenantOrderId=A-1001&status=HANDED_OVER",
		"/api/shipments?tenantOrderId=A-1001", "/api/process?orderRef=" + orderID, "/api/itemreturnjobs",
		"/api/loadunits?pickJobRef=" + o.PickJobs[0].ID,
	} {
		b.read(path)
	}
	var process struct{ ItemReturnJobsRef []string }
	text, _ := json.Marshal(b.read("/api/process?handoverJobRef=" + o.HandoverJobs[0].ID))
	if err := json.Unmarshal(text, &process); err != nil {
		b.t.Fatal(err)
	}
	b.read("/api/itemreturnjobs/" + process.ItemReturnJobsRef[0])
}
