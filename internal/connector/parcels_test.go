package connector_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/connector"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

// TestOneHandOverOfSeveralParcelsIsOneDeliveryWithAllOfThem: fulfillmenttools does not say
// that every parcel has a handover job of its own.
func TestOneHandOverOfSeveralParcelsIsOneDeliveryWithAllOfThem(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := quick()
		w.Parcels, w.OneHandover = 2, true
		r := configuredIn(t, w, map[string]any{})
		id, there := r.exported(shippedOrder("A-1"))
		r.ship()
		r.wantShipment(id, "Shipped", "handed over")
		order := mustBeOne(t, r.FFT.OrdersOf(id), "shipped")
		if len(order.HandoverJobs) != 1 || len(order.Parcels) != 2 {
			t.Fatalf("%d handover jobs of %d parcels", len(order.HandoverJobs), len(order.Parcels))
		}
		r.does(r.FFT.TrackParcel(order.Parcels[0].ID, "DELIVERED"))
		r.wantShipment(id, "Shipped", "one parcel is delivered")
		r.does(r.FFT.Track(there, "delivered"))
		r.wantShipment(id, "Delivered", "both are")
		deliveries := r.deliveries(id)
		if len(deliveries) != 1 || len(deliveries[0].Items) != 1 || deliveries[0].Items[0].Quantity != 2 || len(deliveries[0].Parcels) != 2 {
			t.Fatalf("deliveries %+v", deliveries)
		}
		numbers := map[string]bool{}
		for _, parcel := range deliveries[0].Parcels {
			numbers[parcel.Tracking.ID] = true
		}
		for _, parcel := range order.Parcels {
			var body struct {
				Result struct{ CarrierTrackingNumber string }
			}
			if err := json.Unmarshal(parcel.Body, &body); err != nil || !numbers[body.Result.CarrierTrackingNumber] {
				t.Errorf("%v: %s is not in %v", err, body.Result.CarrierTrackingNumber, numbers)
			}
		}
	})
}

// TestJobsWithoutCustomAttributesFindTheirOrder: nothing proves that fulfillmenttools gives
// handover jobs, parcels and return jobs the order's.
func TestJobsWithoutCustomAttributesFindTheirOrder(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := quick()
		w.Parcels, w.BareJobs = 2, true
		r := configuredIn(t, w, map[string]any{"feedback": map[string]any{"returns": true}})
		for _, number := range []string{"A-1", ""} { // by number, and by id
			id, there := r.exported(shippedOrder(number))
			r.ship()
			r.wantShipment(id, "Shipped", "handed over")
			deliveries := r.deliveries(id)
			if len(deliveries) != 2 || len(deliveries[0].Items) != 1 || len(deliveries[1].Parcels) != 1 || deliveries[1].Parcels[0].Tracking.ID == "" {
				t.Errorf("%q: deliveries %+v", number, deliveries)
			}
			r.does(r.FFT.Track(there, "delivered"))
			r.wantShipment(id, "Delivered", "delivered")
			r.does(r.FFT.Return(there, fftsim.Returned{TenantArticleID: "MUG-1", Quantity: 1}))
			order, _ := r.CT.Order(id)
			if returns, _ := order["returnInfo"].([]any); len(returns) != 1 {
				t.Errorf("%q: returns %v:%s", number, returns, describe(r.outcomes(id)))
			}
		}
		for _, entry := range r.entries {
			if entry.Kind.NeedsAttention() {
				t.Errorf("%+v", entry)
			}
		}
	})
}

// TestAnErasedOrderIsNeitherCancelledNorExportedAgain: fulfillmenttools anonymises orders
// after 30 days and deletes them 180 days later.
func TestAnErasedOrderIsNeitherCancelledNorExportedAgain(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := quick()
		w.Erase = true
		r := newRig(t, rigOptions{world: w})
		id, there := r.exported(shippedOrder("A-1"))
		r.ship()
		r.does(r.FFT.Track(there, "delivered"))
		time.Sleep(fftsim.AnonymisedAfter + time.Hour)
		r.settle()
		if order := mustBeOne(t, r.FFT.OrdersOf(id), "anonymised"); !strings.Contains(string(order.Body), `"anonymized":true`) || strings.Contains(string(order.Body), "Lindenweg") {
			t.Errorf("%s", order.Body)
		}
		time.Sleep(fftsim.DeletedAfter)
		if left := r.FFT.OrdersOf(id); len(left) != 0 {
			t.Fatalf("%d orders are left", len(left))
		}
		before, _ := r.CT.Order(id)
		address := map[string]any{"action": "setBillingAddress", "address": map[string]any{"country": "DE", "city": "Bonn"}}
		r.does(r.CT.Edit(id, address))
		findings, err := r.connector.Reconciler.WalkAll(t.Context(), reconcile.Walk{Until: time.Now().Add(time.Minute)})
		if err != nil || len(findings) > 0 {
			t.Errorf("%+v, %v", findings, err)
		}
		after, _ := r.CT.Order(id)
		if len(r.FFT.OrdersOf(id)) != 0 || after["orderState"] != before["orderState"] || after["shipmentState"] != "Delivered" {
			t.Errorf("%d orders, order state %v, shipment state %v", len(r.FFT.OrdersOf(id)), after["orderState"], after["shipmentState"])
		}
	})
}

// TestWithoutAStoreWhatWentToTheWrongEndpointIsHandledAfterAll: a wrong routing in the
// broker must not cost orders.
func TestWithoutAStoreWhatWentToTheWrongEndpointIsHandledAfterAll(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true}) // nothing routes its messages
		r.CT.PutType(ourType())
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		for _, body := range []string{confirmed(id), "nonsense"} {
			if answer := r.post("/service", body); answer.StatusCode != http.StatusOK {
				t.Fatalf("answered %d", answer.StatusCode)
			}
		}
		if listed := r.unreadable("list", `{"type":"unreadable"}`); len(listed.Events) != 2 || listed.Events[0].Body != nil {
			t.Fatalf("%+v", listed)
		}
		answer := r.unreadable("retry", `{}`)
		if answer.Done != 1 || len(answer.Events) != 1 || answer.Events[0].Attempts != 2 || answer.Events[0].Reason == "" {
			t.Errorf("%+v", answer)
		}
		mustBeOne(t, r.FFT.OrdersOf(id), "handled after all")
		if got := r.outcomes(id); len(got) != 1 || got[0].Kind != outcome.Applied {
			t.Errorf("outcomes:%s", describe(got))
		}
		// It may take longer than other answers of this listener.
		r.FFTFaults.SetWeather(simulator.Weather{Latency: 2 * time.Second})
		for _, number := range []string{"A-2", "A-3", "A-4", "A-5", "A-6"} {
			r.post("/service", confirmed(r.CT.PlaceOrder(simpleOrder(number))))
		}
		began := time.Now()
		if answer := r.unreadable("retry", `{"type":"unreadable"}`); answer.Done != 5 || time.Since(began) < 16*time.Second {
			t.Errorf("in %v: %+v", time.Since(began), answer)
		}
		service, err := r.tokenFor("/service").Sign()
		if err != nil {
			t.Fatal(err)
		}
		for _, authorization := range []string{"", "Bearer " + service} { // bodies may hold personal data
			for _, what := range []string{"list", "retry", "discard"} {
				if answer := r.askAs(authorization, "application/json", what, "{}"); answer.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s as %q: %s", what, authorization, answer.Status)
				}
			}
		}
		if status, _ := r.get(connector.UnreadablePath + "/2"); status != http.StatusUnauthorized {
			t.Errorf("a body without a token: %d", status)
		}
		if answer := r.unreadable("discard", `{"ids":[2]}`); answer.Done != 1 {
			t.Errorf("%+v", answer)
		}
		for name, answer := range map[string]*http.Response{
			"no JSON":       r.ask("text/plain", "retry", "{}"),
			"no filter":     r.ask("application/json", "retry", "[]"),
			"unknown names": r.ask("application/json", "discard", `{"id":[2]}`),
		} {
			if answer.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %s", name, answer.Status)
			}
		}
	})
}

func (r *rig) unreadable(what, filter string) (answer connector.UnreadableAnswer) {
	r.t.Helper()
	response := r.ask("application/json", what, filter)
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %s, %v", what, response.Status, err)
	}
	return answer
}

// ask posts to the admin listener.
func (r *rig) ask(contentType, what, body string) *http.Response {
	r.t.Helper()
	token, err := r.token().ForEndpoint(connector.UnreadablePath).Sign()
	if err != nil {
		r.t.Fatal(err)
	}
	return r.askAs("Bearer "+token, contentType, what, body)
}

func (r *rig) askAs(authorization, contentType, what, body string) *http.Response {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.adminURL+connector.UnreadablePath+"/"+what, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", authorization)
	response, err := r.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}
