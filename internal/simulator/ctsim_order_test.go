package simulator_test

import (
	"net/http"
	"testing"

	"fftconnect/internal/simulator/ctsim"
)

// fixture is a shop with one order of two lines that is shipped with one method.
func fixture(t *testing.T) (*shop, string) {
	t.Helper()
	s := newShop(t, ctsim.Options{})
	s.PutType(orderType())
	s.PutChannel(object{"key": "depot", "roles": []any{"InventorySupply"}})
	s.PutChannel(object{"key": "fft", "roles": []any{"OrderExport"}})
	s.PutShippingMethod(object{"key": "dhl", "name": "DHL"})
	s.PlaceOrder(object{"orderNumber": "taken"})
	return s, s.PlaceOrder(object{
		"lineItems":    []any{line("line-1", "S1", 2), line("line-2", "S2", 1)},
		"shippingInfo": object{"shippingMethod": object{"typeId": "shipping-method", "key": "dhl"}},
	})
}

func TestPlacedOrderIsComplete(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	order := s.get("/orders/" + id)
	checks := []struct {
		path []any
		want any
	}{
		{[]any{"version"}, 1.0},
		{[]any{"createdAt"}, "2026-03-01T09:15:00.000Z"},
		{[]any{"orderState"}, "Open"},
		{[]any{"lastMessageSequenceNumber"}, 1.0},
		{[]any{"createdBy", "clientId"}, ctsim.ForeignClientID},
		{[]any{"totalPrice", "centAmount"}, 5997.0},
		{[]any{"lineItems", 0, "price", "value", "fractionDigits"}, 2.0},
		{[]any{"lineItems", 0, "state", 0, "quantity"}, 2.0},
		{[]any{"shippingInfo", "shippingMethodName"}, "DHL"},
		{[]any{"shippingInfo", "shippingMethod", "key"}, nil},
	}
	for _, c := range checks {
		if got := dig(order, c.path...); got != c.want {
			t.Errorf("%v is %v, want %v", c.path, got, c.want)
		}
	}
}

func TestUpdatesAreVersioned(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	after := s.mustUpdate(id, object{"action": "changeShipmentState", "shipmentState": "Ready"})
	if after["version"] != 2.0 || after["shipmentState"] != "Ready" || dig(after, "lastModifiedBy", "clientId") != "demo-client" {
		t.Errorf("%v", after)
	}
	if same := s.mustUpdate(id, object{"action": "changeShipmentState", "shipmentState": "Ready"}); same["version"] != 2.0 {
		t.Errorf("an update that changes nothing makes version %v", same["version"])
	}
	status, body := s.call(http.MethodPost, "/orders/"+id, object{"version": 1, "actions": []any{}})
	if code, current := errorOf(body, "currentVersion"); status != 409 || code != "ConcurrentModification" || current != 2.0 {
		t.Errorf("%d %v", status, body)
	}
	two := s.mustUpdate(id, object{"action": "changeOrderState", "orderState": "Confirmed"}, object{"action": "changePaymentState", "paymentState": "Paid"})
	if two["version"] != 4.0 {
		t.Errorf("two effective actions make version %v", two["version"])
	}
}

func TestUpdatesAreAtomic(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	before, _ := s.Order(id)
	status, body := s.update(id,
		object{"action": "changeOrderState", "orderState": "Confirmed"},
		object{"action": "addDelivery", "items": []any{object{"id": "line-1", "quantity": 1}}},
		object{"action": "setCustomField", "name": "text", "value": "x"})
	if code, _ := errorOf(body, ""); status != 400 || code != "InvalidOperation" {
		t.Fatalf("%d %v", status, body)
	}
	after, _ := s.Order(id)
	if after["version"] != before["version"] || after["orderState"] != "Open" || len(dig(after, "shippingInfo", "deliveries").([]any)) != 0 {
		t.Errorf("%v", after)
	}
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	many := make([]any, 501)
	for i := range many {
		many[i] = object{"action": "changeOrderState", "orderState": "Open"}
	}
	cases := []struct {
		name string
		body any
		code string
	}{
		{"not JSON", "{", "InvalidJsonInput"},
		{"no version", object{"actions": []any{}}, "InvalidJsonInput"},
		{"no actions", object{"version": 1}, "InvalidJsonInput"},
		{"unknown action", object{"version": 1, "actions": []any{object{"action": "explode"}}}, "InvalidJsonInput"},
		{"missing field", object{"version": 1, "actions": []any{object{"action": "changeOrderState"}}}, "InvalidJsonInput"},
		{"wrong state", object{"version": 1, "actions": []any{object{"action": "changeOrderState", "orderState": "Canceled"}}}, "InvalidField"},
		{"wrong shipment state", object{"version": 1, "actions": []any{object{"action": "changeShipmentState", "shipmentState": "Cancelled"}}}, "InvalidField"},
		{"too many", object{"version": 1, "actions": many}, "InvalidInput"},
		{"number taken", object{"version": 1, "actions": []any{object{"action": "setOrderNumber", "orderNumber": "taken"}}}, "DuplicateField"},
		{"no such channel", object{"version": 1, "actions": []any{object{"action": "updateSyncInfo", "channel": object{"key": "nope"}}}}, "ReferencedResourceNotFound"},
		{"channel without role", object{"version": 1, "actions": []any{object{"action": "updateSyncInfo", "channel": object{"key": "depot"}}}}, "InvalidInput"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, body := s.call(http.MethodPost, "/orders/"+id, c.body)
			if code, _ := errorOf(body, ""); status != 400 || code != c.code {
				t.Errorf("%d %v", status, body)
			}
		})
	}
}

func TestOrderNumberIsSetOnce(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	s.mustUpdate(id, object{"action": "setOrderNumber", "orderNumber": "A/1"})
	if found := s.get("/orders/order-number=A%2F1"); found["id"] != id {
		t.Errorf("found %v", found["id"])
	}
	status, body := s.update(id, object{"action": "setOrderNumber", "orderNumber": "A/2"})
	if code, _ := errorOf(body, ""); status != 400 || code != "InvalidOperation" {
		t.Errorf("%d %v", status, body)
	}
}

func TestSyncInfoHasOneEntryPerChannel(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	s.mustUpdate(id, object{"action": "updateSyncInfo", "channel": object{"typeId": "channel", "key": "fft"}, "externalId": "1"})
	after := s.mustUpdate(id, object{"action": "updateSyncInfo", "channel": object{"typeId": "channel", "key": "fft"}, "externalId": "2"})
	if len(after["syncInfo"].([]any)) != 1 || dig(after, "syncInfo", 0, "externalId") != "2" {
		t.Errorf("%v", after["syncInfo"])
	}
}

func TestReturns(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	after := s.mustUpdate(id, object{"action": "addReturnInfo", "returnTrackingId": "R1", "items": []any{
		object{"key": "r-1", "lineItemId": "line-1", "quantity": 1, "shipmentState": "Returned"},
	}})
	item := dig(after, "returnInfo", 0, "items", 0)
	if dig(item, "type") != "LineItemReturnItem" || dig(item, "paymentState") != "Initial" {
		t.Errorf("%v", item)
	}
	after = s.mustUpdate(id, object{"action": "setReturnShipmentState", "returnItemKey": "r-1", "shipmentState": "BackInStock"})
	if dig(after, "returnInfo", 0, "items", 0, "shipmentState") != "BackInStock" {
		t.Errorf("%v", after["returnInfo"])
	}
	for _, refused := range []object{
		{"action": "setReturnShipmentState", "returnItemKey": "r-1", "shipmentState": "Returned"},
		{"action": "addReturnInfo", "items": []any{}},
		{"action": "addReturnInfo", "items": []any{object{"lineItemId": "no", "quantity": 1, "shipmentState": "Returned"}}},
		{"action": "addReturnInfo", "items": []any{object{"key": "r-1", "lineItemId": "line-1", "quantity": 1, "shipmentState": "Returned"}}},
		{"action": "addReturnInfo", "items": []any{object{"lineItemId": "line-1", "quantity": 1, "shipmentState": "Unusable"}}},
	} {
		if status, body := s.update(id, refused); status != 400 {
			t.Errorf("%v: %d %v", refused, status, body)
		}
	}
}

func TestWorkflowStates(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	s.PutState(object{"key": "packed", "type": "OrderState", "initial": false})
	s.PutState(object{"key": "picked", "type": "OrderState", "transitions": []any{object{"typeId": "state", "key": "packed"}}})
	s.PutState(object{"key": "sent", "type": "LineItemState"})
	move := func(key string, force bool) object {
		return object{"action": "transitionState", "force": force, "state": object{"typeId": "state", "key": key}}
	}
	if status, _ := s.update(id, move("packed", false)); status != 400 {
		t.Errorf("a state that is not initial comes first: %d", status)
	}
	s.mustUpdate(id, move("picked", false))
	s.mustUpdate(id, move("packed", false))
	if expanded := s.get("/orders/" + id + "?expand=state"); dig(expanded, "state", "obj", "key") != "packed" {
		t.Errorf("%v", expanded["state"])
	}
	after := s.mustUpdate(id, object{
		"action": "transitionLineItemState", "lineItemId": "line-1", "quantity": 1,
		"fromState": object{"typeId": "state", "key": "Initial"}, "toState": object{"typeId": "state", "key": "sent"},
	})
	if states := dig(after, "lineItems", 0, "state").([]any); len(states) != 2 {
		t.Errorf("%v", states)
	}
	status, body := s.update(id, object{
		"action": "transitionLineItemState", "lineItemId": "line-1", "quantity": 2,
		"fromState": object{"typeId": "state", "key": "Initial"}, "toState": object{"typeId": "state", "key": "sent"},
	})
	if code, _ := errorOf(body, ""); status != 400 || code != "InvalidOperation" {
		t.Errorf("%d %v", status, body)
	}
}

func TestHistoryAndWatchers(t *testing.T) {
	t.Parallel()
	s, _ := fixture(t)
	var seen []ctsim.Revision
	s.OnChange(func(_ string, r ctsim.Revision) { seen = append(seen, r) })
	id := s.PlaceOrder(nil)
	s.mustUpdate(id,
		object{"action": "setCustomType", "type": object{"typeId": "type", "key": "fft-order"}, "fields": object{"text": "x"}},
		object{"action": "changeShipmentState", "shipmentState": "Ready"})
	if err := s.Edit(id, object{"action": "changeOrderState", "orderState": "Cancelled"}); err != nil {
		t.Fatal(err)
	}
	history := s.History(id)
	if len(history) != 3 || len(seen) != 3 {
		t.Fatalf("%d versions, %d seen", len(history), len(seen))
	}
	second := history[1]
	if second.Version != 3 || second.ClientID != "demo-client" || second.TypeKey != "fft-order" ||
		second.CustomFields["text"] != "x" || second.ShipmentState != "Ready" || second.Actions[0] != "setCustomType" {
		t.Errorf("%+v", second)
	}
	if third := history[2]; third.ClientID != ctsim.ForeignClientID || third.OrderState != "Cancelled" || third.TypeKey != "fft-order" {
		t.Errorf("%+v", third)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	if status, _ := s.call(http.MethodDelete, "/orders/"+id+"?version=5", nil); status != 409 {
		t.Errorf("wrong version: %d", status)
	}
	if status, _ := s.call(http.MethodDelete, "/orders/"+id, nil); status != 400 {
		t.Errorf("no version: %d", status)
	}
	if status, body := s.call(http.MethodDelete, "/orders/"+id+"?version=1", nil); status != 200 || body["id"] != id {
		t.Errorf("%d %v", status, body)
	}
	if status, _ := s.call(http.MethodGet, "/orders/"+id, nil); status != 404 {
		t.Errorf("still there: %d", status)
	}
	if err := s.DeleteOrder(id); err == nil {
		t.Error("deleted twice")
	}
	if ids := s.OrderIDs(); len(ids) != 1 {
		t.Errorf("%v", ids)
	}
}

func TestFurtherActions(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	s.mustUpdate(id, object{"action": "addDelivery", "deliveryKey": "d-1", "parcels": []any{object{"key": "p-1"}}})
	items := []any{object{"id": "line-1", "quantity": 1}}
	custom := object{"typeId": "type", "key": "fft-order"}
	cases := []struct {
		action object
		path   []any
		want   any
	}{
		{object{"action": "setShippingAddress", "address": object{"country": "AT"}}, []any{"shippingAddress", "country"}, "AT"},
		{object{"action": "setShippingAddress"}, []any{"shippingAddress"}, nil},
		{object{"action": "setBillingAddress", "address": object{"country": "CH"}}, []any{"billingAddress", "country"}, "CH"},
		{object{"action": "setCustomerEmail", "email": "a@b.c"}, []any{"customerEmail"}, "a@b.c"},
		{object{"action": "setLocale", "locale": "de"}, []any{"locale"}, "de"},
		{
			object{"action": "setDeliveryAddress", "deliveryKey": "d-1", "address": object{"country": "FR"}},
			[]any{"shippingInfo", "deliveries", 0, "address", "country"},
			"FR",
		},
		{
			object{"action": "setDeliveryCustomType", "deliveryKey": "d-1", "type": custom, "fields": object{"text": "t"}},
			[]any{"shippingInfo", "deliveries", 0, "custom", "fields", "text"},
			"t",
		},
		{
			object{"action": "setParcelItems", "parcelKey": "p-1", "items": items},
			[]any{"shippingInfo", "deliveries", 0, "parcels", 0, "items", 0, "id"},
			"line-1",
		},
		{
			object{"action": "addParcelToDelivery", "deliveryKey": "d-1", "parcelKey": "p-2", "items": items},
			[]any{"shippingInfo", "deliveries", 0, "parcels", 1, "items", 0, "id"},
			"line-1",
		},
		{
			object{"action": "setReturnInfo", "items": []any{object{
				"returnDate": "2026-03-01T10:00:00Z",
				"items":      []any{object{"key": "r", "lineItemId": "line-1", "quantity": 1, "shipmentState": "Returned"}},
			}}},
			[]any{"returnInfo", 0, "returnDate"},
			"2026-03-01T10:00:00.000Z",
		},
		{object{"action": "setReturnPaymentState", "returnItemKey": "r", "paymentState": "Refunded"}, []any{"returnInfo", 0, "items", 0, "paymentState"}, "Refunded"},
		{object{"action": "setReturnInfo"}, []any{"returnInfo", 0}, nil},
	}
	for _, c := range cases {
		before, _ := s.Order(id)
		after := s.mustUpdate(id, c.action)
		if got := dig(after, c.path...); got != c.want || after["version"] != before["version"].(float64)+1 {
			t.Errorf("%v: %v is %v, version %v", c.action["action"], c.path, got, after["version"])
		}
		if _, again := s.update(id, c.action); again["version"] != after["version"] && again["errors"] == nil {
			if c.action["action"] != "setReturnInfo" {
				t.Errorf("%v: repeating it makes version %v", c.action["action"], again["version"])
			}
		}
	}
}

func TestConcurrentWritersConflict(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	s.mustUpdate(id, object{"action": "setCustomType", "type": object{"typeId": "type", "key": "fft-order"}})
	const writers = 8
	conflicts := make(chan int, writers)
	for n := range writers {
		go func() {
			lost := 0
			for {
				order, _ := s.Order(id)
				status, _ := s.call(http.MethodPost, "/orders/"+id, object{"version": order["version"], "actions": []any{
					object{"action": "setCustomField", "name": "number", "value": n},
				}})
				if status == http.StatusOK {
					break
				}
				lost++
			}
			conflicts <- lost
		}()
	}
	for range writers {
		<-conflicts
	}
	if order, _ := s.Order(id); order["version"] != float64(writers+2) || len(s.History(id)) != writers+2 {
		t.Errorf("version %v, %d revisions", order["version"], len(s.History(id)))
	}
}
