package connector_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/forgery"
)

// forge gives the body of ours with each of its references replaced by the other's.
func forge(t *testing.T, ours, others string) map[string]string {
	t.Helper()
	forged := map[string]string{}
	body := parsed(t, ours)
	var walk func(mine, theirs any, path string)
	walk = func(mine, theirs any, path string) {
		switch mine := mine.(type) {
		case []any:
			theirs, _ := theirs.([]any)
			for i := range min(len(mine), len(theirs)) {
				walk(mine[i], theirs[i], fmt.Sprintf("%s[%d]", path, i))
			}
		case map[string]any:
			theirs, _ := theirs.(map[string]any)
			for name, value := range mine {
				other, there := theirs[name]
				if text, isText := value.(string); !isText {
					walk(value, other, path+"."+name)
				} else if there && other != text && forgery.IsReference(name) {
					mine[name] = other
					forged[path+"."+name] = asJSON(body)
					mine[name] = value
				}
			}
		}
	}
	walk(body["payload"], parsed(t, others)["payload"], "payload")
	return forged
}

func parsed(t *testing.T, text string) (body map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// life are the events of an order that is fulfilled, delivered and sent back, of each kind
// of entity the first one that there is.
var life = []string{
	"ORDER_CREATED", "ROUTING_PLAN_NOT_ROUTABLE", "PICK_JOB_CREATED", "PICK_JOB_PICKING_FINISHED", "SHIPMENT_UPDATED", "HANDOVERJOB_CREATED",
	"PARCEL_CARRIER_ACKNOWLEDGED", "HANDOVERJOB_HANDED_OVER", "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED", "ITEM_RETURN_JOB_UPDATED",
}

// likeness is the event of life whose entity an event is of.
func likeness(event string) string {
	if slices.Contains(life, event) {
		return event
	}
	kind, _, _ := strings.Cut(event, "_")
	return life[slices.IndexFunc(life, func(of string) bool { return strings.HasPrefix(of, kind) })]
}

// lifetime is an order with all events of its life, which nobody was told.
type lifetime struct{ id, there string }

func (r *rig) live(number string) lifetime {
	r.t.Helper()
	order := lifetime{id: r.CT.PlaceOrder(shippedOrder(number))}
	r.post("/event", confirmed(order.id))
	order.there = mustBeOne(r.t, r.FFT.OrdersOf(order.id), number).ID
	step := func(there string) error {
		_, err := r.FFT.Step(there)
		return err
	}
	does := append([]func(string) error{r.FFT.NotRoutable, step, r.FFT.Routable}, slices.Repeat([]func(string) error{step}, stages-1)...)
	does = append(does, r.FFT.TrackDelivered, func(there string) error { return r.FFT.Return(there, fftsim.Returned{TenantArticleID: "MUG-1"}) })
	for _, do := range does {
		if err := do(order.there); err != nil {
			r.t.Fatal(err)
		}
	}
	return order
}

// TestABodyThatNamesAnotherOrdersThingsDoesNothingToEither goes through every event and
// every id in it. The other order stays as it is, and ours shows nothing of it.
func TestABodyThatNamesAnotherOrdersThingsDoesNothingToEither(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		r.CT.PutCustomObject("fft", "configuration", map[string]any{"feedback": map[string]any{"returns": true, "shipments": true}})
		r.install()
		r.dropWebhooks()
		seen := r.watchEvents()
		ours, others := r.live("A-1"), r.live("B-1")
		for _, name := range life {
			r.post("/service", seen.body(t, name, others.there))
		}
		r.settle()
		before, theirs, tried := document(t, r, others.id), seen.ids(t, ours.there, others.there), map[string]int{}
		forged := func(event, path, body string) {
			r.post("/service", body)
			if after := document(t, r, others.id); after != before {
				t.Fatalf("%s with another's %s changed the other order", event, path)
			}
			shown := document(t, r, ours.id)
			for _, id := range theirs {
				if strings.Contains(shown, id) {
					t.Fatalf("%s with another's %s: our order shows %s of it", event, path, id)
				}
			}
			tried[event]++
		}
		for _, name := range life {
			for _, event := range fulfillmenttools.Events {
				if likeness(event) != name {
					continue
				}
				for path, body := range forge(t, seen.body(t, name, ours.there), seen.body(t, name, others.there)) {
					if strings.HasPrefix(path, "payload.itemReturns") {
						continue // pieces that came back: nothing else goes by their ids
					}
					if event != name && path != "payload.id" && !strings.HasSuffix(path, "commercetoolsId") {
						continue // what is said of our own entity is not forged by that
					}
					forged(event, path, strings.Replace(body, fmt.Sprintf("%q", name), fmt.Sprintf("%q", event), 1))
				}
			}
			r.post("/service", seen.body(t, name, ours.there))
		}
		r.settle()
		t.Logf("forged bodies: %v", tried)
		for _, event := range fulfillmenttools.Events {
			if tried[event] < 2 {
				t.Errorf("%d forged bodies of %s", tried[event], event)
			}
		}
		r.wantLived(seen, ours)
		r.wantLived(seen, others)
	})
}

// dropWebhooks leaves it to the test which events come.
func (r *rig) dropWebhooks() {
	r.t.Helper()
	for _, webhook := range r.FFT.Subscriptions() {
		r.does(r.connector.Fulfillmenttools.DeleteSubscription(r.t.Context(), webhook.ID))
	}
}

// ids are those in the events of another order's life that ours do not hold. A shipment
// only says which of an order's own parcels belong together.
func (e *events) ids(t *testing.T, ours, others string) (ids []string) {
	t.Helper()
	var mine string
	for _, name := range life {
		mine += e.body(t, name, ours)
	}
	for _, name := range slices.DeleteFunc(slices.Clone(life), func(event string) bool { return event == "SHIPMENT_UPDATED" }) {
		var walk func(any)
		walk = func(value any) {
			switch value := value.(type) {
			case map[string]any:
				for name, inner := range value {
					if id, isText := inner.(string); isText && forgery.IsReference(name) && name != "shipmentRef" && !strings.Contains(mine, id) {
						ids = append(ids, id)
					}
					walk(inner)
				}
			case []any:
				for _, inner := range value {
					walk(inner)
				}
			}
		}
		walk(parsed(t, e.body(t, name, others)))
	}
	return ids
}

// wantLived wants the order to show its own life, and all of it.
func (r *rig) wantLived(seen *events, order lifetime) {
	r.t.Helper()
	if there := mustBeOne(r.t, r.FFT.OrdersOf(order.id), order.id); there.Status == "CANCELLED" {
		r.t.Errorf("order %s was cancelled", order.id)
	}
	if state := r.shipmentState(order.id); state != "Delivered" {
		r.t.Errorf("order %s is %s:%s", order.id, state, describe(r.outcomes(order.id)))
	}
	for field, event := range map[string]string{"fft_order_id": "ORDER_CREATED", "fft_pickjob_id": "PICK_JOB_CREATED", "fft_handoverjob_id": "HANDOVERJOB_CREATED"} {
		payload := parsed(r.t, seen.body(r.t, event, order.there))["payload"].(map[string]any)
		if got := r.field(order.id, field); got != payload["id"] {
			r.t.Errorf("%s is %v, want %s", field, got, payload["id"])
		}
	}
	deliveries := r.deliveries(order.id)
	result := parsed(r.t, seen.body(r.t, "PARCEL_CARRIER_ACKNOWLEDGED", order.there))["payload"].(map[string]any)["result"].(map[string]any)
	if len(deliveries) != 1 || len(deliveries[0].Parcels) != 1 || deliveries[0].Parcels[0].Tracking.ID != result["carrierTrackingNumber"] {
		r.t.Errorf("deliveries %+v, want one with one parcel of tracking number %s", deliveries, result["carrierTrackingNumber"])
	}
	whole, _ := r.CT.Order(order.id)
	if returns, _ := whole["returnInfo"].([]any); len(returns) != 1 {
		r.t.Errorf("return info %v", whole["returnInfo"])
	}
}

// TestWhatWasBelievedUnreadGoesWithTheFirstDoubt forges the first job of each kind and the
// first parcel.
func TestWhatWasBelievedUnreadGoesWithTheFirstDoubt(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		r.install()
		r.dropWebhooks()
		seen := r.watchEvents()
		order := r.live("A-1")
		time.Sleep(time.Minute) // in fake time: lists have caught up
		forged := func(order lifetime, name string) string {
			body := parsed(t, seen.body(t, name, order.there))
			body["payload"].(map[string]any)["id"] = "made-up-" + name
			return asJSON(body)
		}
		shows := func(what string) bool { return strings.Contains(document(t, r, order.id), "made-up-"+what) }
		tell := func(names ...string) {
			for _, name := range names {
				r.post("/service", seen.body(t, name, order.there))
			}
		}
		r.post("/service", forged(order, "PICK_JOB_CREATED"))
		if !shows("PICK_JOB_CREATED") {
			t.Error("the first pick job is not believed: the normal life costs a call more")
		}
		tell("PICK_JOB_CREATED")
		if shows("PICK_JOB_CREATED") {
			t.Error("a made-up pick job stays although the true one came")
		}
		tell("PICK_JOB_PICKING_FINISHED")
		r.post("/service", forged(order, "PARCEL_CARRIER_ACKNOWLEDGED"))
		tell("HANDOVERJOB_CREATED", "PARCEL_CARRIER_ACKNOWLEDGED")
		if shows("PARCEL_CARRIER_ACKNOWLEDGED") {
			t.Error("a made-up parcel stays although the handover job names another")
		}
		tell("HANDOVERJOB_HANDED_OVER", "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED")
		if state := r.shipmentState(order.id); state != "Delivered" {
			t.Errorf("the order is %s:%s", state, describe(r.outcomes(order.id)))
		}

		other := r.live("B-1")
		r.post("/service", seen.body(t, "PICK_JOB_CREATED", other.there))
		r.post("/service", forged(other, "HANDOVERJOB_CREATED"))
		snapshot, err := r.connector.Commercetools.Snapshot(t.Context(), other.id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.connector.Reconciler.RepairOrder(t.Context(), snapshot, reconcile.ByVisit); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(document(t, r, other.id), "made-up") {
			t.Errorf("a made-up handover job outlives the visit: %s", document(t, r, other.id))
		}
	})
}

// document is the order as commercetools has it.
func document(t *testing.T, r *rig, id string) string {
	t.Helper()
	order, ok := r.CT.Order(id)
	if !ok {
		t.Fatalf("order %s does not exist", id)
	}
	text, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnEventOfAnotherTenantsShopCostsNoCall(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		for name, attributes := range map[string]string{
			"another project":       `{"commercetoolsId":"0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10","commercetoolsProjectKey":"another"}`,
			"another system's keys": `{"shopId":"7","channel":"web"}`,
		} {
			for _, event := range []string{"ORDER_CREATED", "PICK_JOB_CREATED"} {
				body := fmt.Sprintf(`{"event":%q,"eventId":"1","payload":{"id":"e1","version":1,"orderRef":"o1","tenantOrderId":"B-1","customAttributes":%s}}`, event, attributes)
				if ct, fft := r.counted(func() { r.post("/service", body) }); ct+fft != 0 {
					t.Errorf("%s, %s: %d calls:%s", name, event, ct+fft, r.listing())
				}
			}
		}
	})
}

// TestAForgedBodyTakesNoStoredEventsPlace: while commercetools is away, events are stored. What
// somebody makes of one, with its eventId and about the same version of the same order, is stored
// beside it: nothing else tells of an order that no facility has begun.
func TestAForgedBodyTakesNoStoredEventsPlace(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keeping(t)
		seen := r.watchEvents()
		ours, others := r.CT.PlaceOrder(shippedOrder("A-1")), r.CT.PlaceOrder(shippedOrder("B-1"))
		r.post("/event", confirmed(ours))
		r.post("/event", confirmed(others))
		there, elsewhere := mustBeOne(t, r.FFT.OrdersOf(ours), "A-1").ID, mustBeOne(t, r.FFT.OrdersOf(others), "B-1").ID
		before := document(t, r, others)
		r.CTFaults.SetOutage(true)
		r.answered("/service", seen.body(t, "ORDER_CREATED", there), http.StatusOK, "deferred")
		forged := forge(t, seen.body(t, "ORDER_CREATED", there), seen.body(t, "ORDER_CREATED", elsewhere))
		for _, body := range forged {
			r.post("/service", body)
		}
		if n := len(d.stored(t)); n < 3 {
			t.Errorf("%d events are stored of a true and %d forged ones", n, len(forged))
		}
		r.CTFaults.SetOutage(false)
		r.eventually("nothing is deferred", func() bool { depth, err := d.CountStored(t.Context()); return err == nil && depth.Deferred == 0 })
		if got := r.field(ours, "fft_order_id"); got != there {
			t.Errorf("fft_order_id is %v:%s", got, describe(r.outcomes(ours)))
		}
		if document(t, r, others) != before {
			t.Error("the other order was changed")
		}
	})
}
