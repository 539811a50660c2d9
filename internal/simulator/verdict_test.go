package simulator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/verdict"
	"fftconnect/internal/simulator/world"
)

// stage is a world without a connector: the test itself writes on the order what a
// connector should.
type stage struct {
	*world.World
	t     *testing.T
	id    string // of the commercetools order
	there string // of the fulfillmenttools order
}

func newStage(t *testing.T) *stage {
	t.Helper()
	w, err := world.Start(world.Options{Pace: fftsim.Pace{Manual: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	s := &stage{World: w, t: t}
	w.CT.PutType(object{
		"key": "parcel", "name": object{"en": "Parcel"}, "resourceTypeIds": []any{"order-parcel"},
		"fieldDefinitions": []any{object{"name": "fft_tracking_url", "label": object{"en": "URL"}, "type": object{"name": "String"}}},
	})
	s.id = w.CT.PlaceOrder(object{
		"orderNumber": "V-1", "shippingInfo": object{}, "lineItems": []any{object{"id": "line-1", "quantity": 2, "variant": object{"sku": "S"}}},
		"custom": object{"type": object{"typeId": "type", "key": "shop-order"}, "fields": object{}},
	})
	s.there = s.export()
	for range 5 {
		if _, err := w.FFT.Step(s.there); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// export creates the order in fulfillmenttools.
func (s *stage) export() string {
	s.t.Helper()
	var signedIn struct{ IDToken string }
	s.post("/v1/accounts:signInWithPassword?key=demo-api-key", "", `{"email":"connector@demo.example","password":"demo-password"}`, &signedIn)
	var order struct{ ID string }
	s.post("/api/orders", signedIn.IDToken, `{"tenantOrderId":"V-1","orderDate":"2026-03-01T09:00:00.000Z",
		"customAttributes":{"commercetoolsId":"`+s.id+`"},
		"consumer":{"addresses":[{"street":"Lindenweg","city":"Köln","postalCode":"50667","country":"DE"}]},
		"orderLineItems":[{"quantity":2,"article":{"tenantArticleId":"S","title":"T"},"customAttributes":{"commercetoolsId":"line-1"}}]}`, &order)
	return order.ID
}

func (s *stage) post(path, token, body string, into any) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 3*time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.FFTURL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode >= 300 {
		s.t.Fatalf("%s: %d %v", path, answer.StatusCode, err)
	}
}

func (s *stage) edit(actions ...object) {
	s.t.Helper()
	if err := s.CT.Edit(s.id, actions...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) state(state string) {
	s.edit(object{"action": "changeShipmentState", "shipmentState": state})
}

// delivery is what a connector should add for the handover job, with changes.
func (s *stage) delivery(quantity int, tracking, url string) object {
	job := s.FFT.OrdersOf(s.id)[0].HandoverJobs[0]
	return object{
		"action": "addDelivery", "deliveryKey": job.ID, "items": []any{object{"id": "line-1", "quantity": quantity}},
		"parcels": []any{object{
			"trackingData": object{"trackingId": tracking},
			"custom":       object{"type": object{"typeId": "type", "key": "parcel"}, "fields": object{"fft_tracking_url": url}},
		}},
	}
}

func (s *stage) result() (tracking, url string) {
	s.t.Helper()
	var parcel struct {
		Result struct{ CarrierTrackingNumber, TrackingURL string }
	}
	if err := json.Unmarshal(s.FFT.OrdersOf(s.id)[0].Parcels[0].Body, &parcel); err != nil {
		s.t.Fatal(err)
	}
	return parcel.Result.CarrierTrackingNumber, parcel.Result.TrackingURL
}

func TestAnOrderIsRightOnlyInItsLastState(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	expect := func(part string) {
		t.Helper()
		got := verdict.WhatIsWrong(s.World, s.id, catalogue.FateShipped)
		if part == "" && got != "" || !strings.Contains(got, part) {
			t.Errorf("got %q, want %q", got, part)
		}
	}
	expect(`is "", not "Shipped"`)
	s.state("Partial")
	if !verdict.WasPartial(s.World, s.id) {
		t.Error("it was Partial")
	}
	s.state("Shipped")
	expect("")
	if err := s.FFT.TrackDelivered(s.there); err != nil {
		t.Fatal(err)
	}
	expect("") // the merchant's type carries no record
	s.state("Ready")
	expect("went back from Shipped to Ready")
}

func TestAHandoverJobIsRightOnlyAsADelivery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		add        func(s *stage, tracking, url string)
	}{
		{"none", "has no delivery", func(*stage, string, string) {}},
		{"right", "", func(s *stage, tracking, url string) { s.edit(s.delivery(2, tracking, url)) }},
		{"too few pieces", "has lines", func(s *stage, tracking, url string) { s.edit(s.delivery(1, tracking, url)) }},
		{"another number", "lacks tracking", func(s *stage, _, url string) { s.edit(s.delivery(2, "other", url)) }},
		{"no address", "lacks tracking", func(s *stage, tracking, _ string) { s.edit(s.delivery(2, tracking, "")) }},
		{"one too many", "2 deliveries", func(s *stage, tracking, url string) {
			s.edit(s.delivery(2, tracking, url), object{"action": "addDelivery", "deliveryKey": "another"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			tracking, url := s.result()
			c.add(s, tracking, url)
			if _, got := verdict.WrongDelivery(s.World, s.id); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestASupplyChannelIsRightOnlyWithItsFacility(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	right, wrong := verdict.CheckFacilities(s.World)
	if right != 0 || len(wrong) != 9 {
		t.Errorf("%d are right, wrong are %q", right, wrong)
	}
	address := object{"streetName": "Hohe Straße", "postalCode": "50667", "city": "Köln", "country": "DE"}
	if err := s.CT.EditChannel("store-berlin", object{"action": "setAddress", "address": address}); err != nil {
		t.Fatal(err)
	}
	if right, _ := verdict.CheckFacilities(s.World); right != 1 {
		t.Errorf("%d are right", right)
	}
	if !verdict.TakesOrders(s.World, "store-berlin") || verdict.TakesOrders(s.World, "store-paris") {
		t.Error("only store-berlin has a facility")
	}
}
