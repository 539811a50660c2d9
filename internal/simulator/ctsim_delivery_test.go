package simulator_test

import (
	"testing"
)

func TestDeliveriesAndParcels(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	after := s.mustUpdate(id, object{
		"action": "addDelivery", "deliveryKey": "d-1", "items": []any{object{"id": "line-1", "quantity": 1}},
		"parcels": []any{object{
			"key": "p-1", "trackingData": object{"trackingId": "T1"},
			"custom": object{"type": object{"typeId": "type", "key": "fft-order"}, "fields": object{"text": "url"}},
		}},
	})
	if after["version"] != 2.0 || after["lastMessageSequenceNumber"] != 3.0 ||
		dig(after, "shippingInfo", "deliveries", 0, "parcels", 0, "custom", "fields", "text") != "url" {
		t.Errorf("%v", after)
	}
	s.mustUpdate(id, object{"action": "addParcelToDelivery", "deliveryKey": "d-1", "parcelKey": "p-2", "measurements": object{"weightInGram": 900}})
	s.mustUpdate(id, object{"action": "setParcelTrackingData", "parcelKey": "p-2", "trackingData": object{"trackingId": "T2", "carrier": "DHL"}})
	s.mustUpdate(id, object{"action": "setParcelMeasurements", "parcelKey": "p-2", "measurements": object{"weightInGram": 950}})
	s.mustUpdate(id, object{"action": "setParcelCustomField", "parcelKey": "p-1", "name": "text"})
	s.mustUpdate(id, object{"action": "setDeliveryItems", "deliveryKey": "d-1", "items": []any{object{"id": "line-2", "quantity": 1}}})
	s.mustUpdate(id, object{"action": "setEstimatedDelivery", "estimatedDelivery": object{"from": "2026-03-02T10:00:00Z"}})
	after = s.mustUpdate(id, object{"action": "removeParcelFromDelivery", "parcelKey": "p-1"})
	delivery := dig(after, "shippingInfo", "deliveries", 0)
	if dig(delivery, "items", 0, "id") != "line-2" || dig(delivery, "parcels", 0, "trackingData", "trackingId") != "T2" ||
		dig(delivery, "parcels", 0, "measurements", "weightInGram") != 950.0 || dig(delivery, "parcels", 1) != nil {
		t.Errorf("%v", delivery)
	}
	if from := dig(after, "shippingInfo", "estimatedDelivery", "from"); from != "2026-03-02T10:00:00.000Z" {
		t.Errorf("estimated from %v", from)
	}
	after = s.mustUpdate(id, object{"action": "removeDelivery", "deliveryKey": "d-1"})
	if dig(after, "shippingInfo", "deliveries", 0) != nil {
		t.Errorf("%v", after["shippingInfo"])
	}
}

func TestRefusedDeliveries(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	s.mustUpdate(id, object{"action": "addDelivery", "deliveryKey": "d-1", "parcels": []any{object{"key": "p-1"}}})
	bare := s.PlaceOrder(nil)
	cases := []struct {
		name, order string
		action      object
		code        string
	}{
		{"same delivery key", id, object{"action": "addDelivery", "deliveryKey": "d-1"}, "DuplicateField"},
		{"same parcel key", id, object{"action": "addDelivery", "parcels": []any{object{"key": "p-1"}}}, "DuplicateField"},
		{"same parcel key later", id, object{"action": "addParcelToDelivery", "deliveryKey": "d-1", "parcelKey": "p-1"}, "DuplicateField"},
		{"no such line", id, object{"action": "addDelivery", "items": []any{object{"id": "no", "quantity": 1}}}, "InvalidInput"},
		{"shipping key in Single", id, object{"action": "addDelivery", "shippingKey": "s"}, "InvalidInput"},
		{"no shipping info", bare, object{"action": "addDelivery"}, "InvalidOperation"},
		{"no such delivery", id, object{"action": "removeDelivery", "deliveryKey": "no"}, "InvalidInput"},
		{"no such parcel", id, object{"action": "setParcelTrackingData", "parcelKey": "no"}, "InvalidInput"},
		{"fraction of a gram", id, object{"action": "setParcelMeasurements", "parcelKey": "p-1", "measurements": object{"weightInGram": 0.5}}, "InvalidJsonInput"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, body := s.update(c.order, c.action)
			if code, _ := errorOf(body, ""); status != 400 || code != c.code {
				t.Errorf("%d %v", status, body)
			}
		})
	}
}

func TestMultipleShipping(t *testing.T) {
	t.Parallel()
	s, _ := fixture(t)
	id := s.PlaceOrder(object{
		"shippingMode": "Multiple", "lineItems": []any{line("line-9", "S9", 1)},
		"shipping": []any{
			object{"shippingKey": "s1", "shippingInfo": object{"shippingMethod": object{"typeId": "shipping-method", "key": "dhl"}}},
			object{"shippingKey": "s2"},
		},
	})
	items := []any{object{"id": "line-9", "quantity": 1}}
	for _, key := range []any{nil, "s9"} {
		if status, _ := s.update(id, object{"action": "addDelivery", "shippingKey": key, "items": items}); status != 400 {
			t.Errorf("shipping key %v: %d", key, status)
		}
	}
	after := s.mustUpdate(id, object{"action": "addDelivery", "shippingKey": "s2", "deliveryKey": "d", "items": items})
	if dig(after, "shipping", 1, "shippingInfo", "deliveries", 0, "key") != "d" || dig(after, "shipping", 0, "shippingInfo", "deliveries", 0) != nil {
		t.Errorf("%v", after["shipping"])
	}
	if status, _ := s.update(id, object{"action": "addDelivery", "shippingKey": "s1", "deliveryKey": "d"}); status != 400 {
		t.Errorf("the key may be used twice: %d", status)
	}
	expanded := s.get("/orders/" + id + "?expand=shipping[*].shippingInfo.shippingMethod")
	if dig(expanded, "shipping", 0, "shippingInfo", "shippingMethod", "obj", "key") != "dhl" {
		t.Errorf("%v", expanded["shipping"])
	}
}
