package simulator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/testform"
	"fftconnect/internal/testtime"
)

// TestEverythingSaidKeepsToTheVendorsContract carries out every action on orders and
// channels that a connector may use, in both shipping modes, and holds requests,
// answers and notifications against the vendor's description.
func TestEverythingSaidKeepsToTheVendorsContract(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	validator := shared(t)
	log := simulator.NewLog(true)
	s, i := newSubscribedShop(t, ctsim.Options{Log: log})
	s.subscribe(object{
		"key": "orders", "destination": pubSub(),
		"messages": []any{object{"resourceTypeId": "order", "types": []any{}}}, "changes": []any{object{"resourceTypeId": "channel"}},
	})
	s.eventful()
	testtime.Until(t, "every notification", func() bool { return s.Courier().Pending() == 0 })

	seen := map[string]bool{}
	for _, payload := range i.payloads(t) {
		name, _ := payload["type"].(string)
		seen[name] = true
		text, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		if err := validator.Schema(contract.Commercetools, "SubscriptionNotification", text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	for _, name := range strings.Fields(`OrderCreated OrderStateChanged OrderPaymentStateChanged OrderShipmentStateChanged
		OrderStateTransition LineItemStateTransition OrderCustomTypeSet OrderCustomFieldAdded OrderCustomFieldChanged
		OrderCustomFieldRemoved OrderCustomTypeRemoved DeliveryAdded DeliveryItemsUpdated DeliveryAddressSet DeliveryRemoved
		DeliveryCustomTypeSet DeliveryCustomFieldChanged ParcelAddedToDelivery ParcelTrackingDataUpdated ParcelMeasurementsUpdated
		ParcelItemsUpdated ParcelRemovedFromDelivery ReturnInfoAdded OrderReturnShipmentStateChanged OrderEstimatedDeliverySet
		OrderDeleted OrderEditApplied OrderLineItemAdded OrderLineItemRemoved OrderCustomLineItemAdded OrderCustomLineItemRemoved
		OrderCustomLineItemQuantityChanged OrderShippingAddressSet`) {
		if !seen[name] {
			t.Errorf("no %s was delivered", name)
		}
	}
	for _, exchange := range log.All() {
		if err := validator.Exchange(exchange); err != nil {
			t.Errorf("%s %s: %v", exchange.Method, exchange.Path, err)
		}
	}
}

// eventful lives through everything that can happen to orders.
func (s *shop) eventful() {
	s.PutState(object{"key": "paid", "type": "OrderState"})
	s.PutState(object{"key": "picked", "type": "LineItemState"})
	s.PutChannel(object{"key": "store", "geoLocation": object{"type": "Point", "coordinates": []any{6.9, 50.9}}, "address": object{"country": "DE"}})
	must := func(err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
	}
	must(s.EditChannel("store", object{"action": "removeRoles", "roles": []any{"InventorySupply"}}))

	single := s.PlaceOrder(object{
		"orderNumber": "A-1", "shippingInfo": object{"estimatedDelivery": object{"from": "2026-03-02T10:00:00.000Z"}},
		"shippingAddress": object{"country": "DE"}, "lineItems": []any{line("l1", "S1", 3)},
	})
	must(s.Confirm(single))
	must(s.Pay(single))
	must(s.Transition(single, "paid"))
	must(s.TransitionLine(single, "l1", 2, "Initial", "picked"))
	must(s.SetField(single, "fft-order", "text", "x"))
	must(s.SetField(single, "fft-order", "text", "y"))
	must(s.SetField(single, "fft-order", "list", []any{"a", "b"}))
	must(s.SetField(single, "fft-order", "list", nil))
	s.sendOff(single, nil)
	s.mustUpdate(single,
		object{"action": "addReturnInfo", "returnTrackingId": "R", "returnDate": "2026-03-09T10:00:00.000Z", "items": []any{
			object{"key": "r-1", "lineItemId": "l1", "quantity": 1, "comment": "worn", "shipmentState": "Returned"},
		}},
		object{"action": "setReturnShipmentState", "returnItemKey": "r-1", "shipmentState": "BackInStock"},
		object{"action": "setReturnPaymentState", "returnItemKey": "r-1", "paymentState": "Refunded"})
	s.get("/orders/" + single + "?expand=state&expand=lineItems[*].state[*].state&expand=custom.type")
	s.mustUpdate(single, object{"action": "setCustomType"})

	several := s.PlaceOrder(object{
		"shippingMode": "Multiple", "lineItems": []any{line("l1", "S1", 1)},
		"shipping": []any{object{"shippingKey": "s1", "shippingInfo": object{}}},
	})
	s.sendOff(several, "s1")
	must(s.DeleteOrder(several))
	s.editEverything()
	s.get("/states/key=picked")
	s.get("/states?where=" + "key%20in%20(%22picked%22)")
	s.get("/channels/key=store")
}

// sendOff adds deliveries and parcels and changes them in every way.
func (s *shop) sendOff(id string, shippingKey any) {
	s.t.Helper()
	items := []any{object{"id": "l1", "quantity": 1}}
	custom := object{"typeId": "type", "key": "fft-order"}
	with := func(action object) object {
		if shippingKey != nil {
			action["shippingKey"] = shippingKey
		}
		return action
	}
	s.mustUpdate(id,
		object{"action": "changeShipmentState", "shipmentState": "Partial"},
		with(object{"action": "setEstimatedDelivery", "estimatedDelivery": object{"until": "2026-03-03T10:00:00.000Z"}}),
		with(object{
			"action": "addDelivery", "deliveryKey": "d-1", "items": items, "address": object{"country": "DE"},
			"custom": object{"type": custom, "fields": object{"text": "x"}},
			"parcels": []any{object{
				"key": "p-1", "trackingData": object{"trackingId": "T1", "carrier": "DHL"}, "items": items,
				"measurements": object{"heightInMillimeter": 100, "weightInGram": 900},
				"custom":       object{"type": custom, "fields": object{"text": "https://track.example/T1"}},
			}},
		}),
		object{"action": "addParcelToDelivery", "deliveryKey": "d-1", "parcelKey": "p-2"},
		object{"action": "setParcelTrackingData", "parcelKey": "p-2", "trackingData": object{"trackingId": "T2", "isReturn": false}},
		object{"action": "setParcelMeasurements", "parcelKey": "p-2", "measurements": object{"weightInGram": 950}},
		object{"action": "setParcelItems", "parcelKey": "p-2", "items": items},
		object{"action": "setParcelCustomType", "parcelKey": "p-2", "type": custom, "fields": object{"text": "x"}},
		object{"action": "setParcelCustomField", "parcelKey": "p-2", "name": "text", "value": "y"},
		object{"action": "setDeliveryItems", "deliveryKey": "d-1", "items": []any{}},
		object{"action": "setDeliveryAddress", "deliveryKey": "d-1", "address": object{"country": "AT"}},
		object{"action": "setDeliveryCustomType", "deliveryKey": "d-1", "type": custom, "fields": object{"text": "z"}},
		object{"action": "setDeliveryCustomField", "deliveryKey": "d-1", "name": "text", "value": "y"},
		object{"action": "removeParcelFromDelivery", "parcelKey": "p-1"},
		with(object{"action": "addDelivery", "deliveryKey": "d-2"}),
		object{"action": "removeDelivery", "deliveryKey": "d-2"})
}

func TestALineMovesOnlyWhereItsStateAllows(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	s.PutState(object{"key": "sent", "type": "LineItemState", "transitions": []any{}})
	s.PutState(object{"key": "packed", "type": "LineItemState", "transitions": []any{object{"typeId": "state", "key": "sent"}}})
	for _, c := range []struct {
		from, to string
		quantity int
		allowed  bool
	}{
		{"Initial", "packed", 2, true},
		{"packed", "sent", 1, true},
		{"packed", "Initial", 1, false},
		{"sent", "packed", 1, false},
		{"packed", "sent", 5, false},
	} {
		if err := s.TransitionLine(id, "line-1", c.quantity, c.from, c.to); (err == nil) != c.allowed {
			t.Errorf("%d from %s to %s: %v", c.quantity, c.from, c.to, err)
		}
	}
}

func TestSetFieldsHoldOnlyTheirElements(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	for _, c := range []struct {
		value any
		fits  bool
	}{{[]any{"a", "b", "a"}, true}, {[]any{}, true}, {"a", false}, {[]any{1}, false}, {[]any{object{}}, false}} {
		if err := s.SetField(id, "fft-order", "list", c.value); (err == nil) != c.fits {
			t.Errorf("%v: %v", c.value, err)
		}
	}
	status, body := s.call("POST", "/types", object{
		"key": "other", "name": object{"en": "Other"}, "resourceTypeIds": []any{"order"},
		"fieldDefinitions": []any{object{
			"name": "list", "label": object{"en": "List"}, "type": object{"name": "Set", "elementType": object{"name": "Number"}},
		}},
	})
	if code, _ := errorOf(body, ""); status != 400 || code != "InvalidInput" {
		t.Errorf("a set of another element type: %d %v", status, body)
	}
}
