package simulator_test

import (
	"net/http"
	"testing"

	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/testtime"
)

// editEverything edits an order in every way.
func (s *shop) editEverything() {
	s.t.Helper()
	id := s.PlaceOrder(object{
		"orderNumber": "E-1", "lineItems": []any{line("l1", "S1", 3), line("l2", "S2", 1)},
		"customLineItems": []any{object{"id": "c1", "slug": "wrap", "name": object{"en": "Wrap"}, "money": object{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 100, "fractionDigits": 2}}},
	})
	edit := s.edit(id,
		object{"action": "changeLineItemQuantity", "lineItemId": "l1", "quantity": 1},
		object{"action": "removeLineItem", "lineItemId": "l2"},
		object{"action": "addLineItem", "sku": "S9", "quantity": 2},
		object{"action": "addCustomLineItem", "slug": "card", "name": object{"en": "Card"}, "quantity": 2, "money": object{"currencyCode": "EUR", "centAmount": 150}},
		object{"action": "changeCustomLineItemQuantity", "customLineItemId": "c1", "quantity": 2},
		object{"action": "setShippingAddress", "address": object{"country": "DE", "city": "Bonn"}})
	s.get("/orders/edits/" + edit["id"].(string))
	s.apply(edit, id)
	s.apply(s.edit(id, object{"action": "removeCustomLineItem", "customLineItemId": "c1"}), id)
}

// edit makes an order edit.
func (s *shop) edit(orderID string, actions ...object) object {
	s.t.Helper()
	staged := make([]any, len(actions))
	for i, a := range actions {
		staged[i] = a
	}
	status, edit := s.call(http.MethodPost, "/orders/edits", object{
		"resource": object{"typeId": "order", "id": orderID}, "stagedActions": staged,
	})
	if status != http.StatusCreated {
		s.t.Fatalf("%d %v", status, edit)
	}
	return edit
}

func (s *shop) apply(edit object, orderID string) object {
	s.t.Helper()
	status, answer := s.call(http.MethodPost, "/orders/edits/"+edit["id"].(string)+"/apply", object{
		"editVersion": edit["version"], "resourceVersion": s.get("/orders/" + orderID)["version"],
	})
	if status != http.StatusOK {
		s.t.Fatalf("%d %v", status, answer)
	}
	return answer
}

func TestAnOrderEditChangesLines(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	before := s.get("/orders/" + id)
	edit := s.edit(id,
		object{"action": "changeLineItemQuantity", "lineItemId": "line-1", "quantity": 1},
		object{"action": "removeLineItem", "lineItemId": "line-2"},
		object{"action": "addLineItem", "sku": "S3", "quantity": 4},
		object{"action": "addLineItem", "sku": "S1", "quantity": 2})
	if dig(edit, "result", "type") != "PreviewSuccess" || len(dig(edit, "result", "messagePayloads").([]any)) != 4 {
		t.Errorf("preview %v", dig(edit, "result"))
	}
	if now := s.get("/orders/" + id); now["version"] != before["version"] {
		t.Error("a preview changes the order")
	}
	applied := s.apply(edit, id)
	order := s.get("/orders/" + id)
	if dig(applied, "result", "type") != "Applied" || dig(applied, "result", "excerptAfterEdit", "version") != order["version"] {
		t.Errorf("%v", dig(applied, "result"))
	}
	if lines := order["lineItems"].([]any); len(lines) != 2 || dig(lines, 0, "quantity") != 3.0 || dig(lines, 0, "state", 0, "quantity") != 3.0 ||
		dig(lines, 1, "variant", "sku") != "S3" || dig(lines, 1, "quantity") != 4.0 {
		t.Errorf("lines %v", lines)
	}
	if order["version"].(float64) <= before["version"].(float64) {
		t.Errorf("version %v", order["version"])
	}
	if status, _ := s.call(http.MethodPost, "/orders/edits/"+edit["id"].(string)+"/apply", object{"editVersion": applied["version"], "resourceVersion": order["version"]}); status != http.StatusBadRequest {
		t.Errorf("an edit is applied twice: %d", status)
	}
}

func TestAnOrderEditMeetsConflictsAndRefusals(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	edit := s.edit(id, object{"action": "changeLineItemQuantity", "lineItemId": "line-1", "quantity": 1})
	s.mustUpdate(id, object{"action": "changeOrderState", "orderState": "Confirmed"})
	for name, body := range map[string]object{
		"the order's version": {"editVersion": edit["version"], "resourceVersion": 1},
		"the edit's version":  {"editVersion": 9, "resourceVersion": s.get("/orders/" + id)["version"]},
	} {
		if status, answer := s.call(http.MethodPost, "/orders/edits/"+edit["id"].(string)+"/apply", body); status != http.StatusConflict {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	wrong := s.edit(id, object{"action": "changeLineItemQuantity", "lineItemId": "nobody", "quantity": 1})
	if dig(wrong, "result", "type") != "PreviewFailure" {
		t.Errorf("%v", wrong["result"])
	}
	status, answer := s.call(http.MethodPost, "/orders/edits/"+wrong["id"].(string)+"/apply",
		object{"editVersion": wrong["version"], "resourceVersion": s.get("/orders/" + id)["version"]})
	if code, _ := errorOf(answer, ""); status != http.StatusBadRequest || code != "EditPreviewFailed" {
		t.Errorf("%d %v", status, answer)
	}
	reserved := s.PlaceOrder(object{"inventoryMode": "ReserveOnOrder", "lineItems": []any{line("l", "S", 1)}})
	if status, _ := s.call(http.MethodPost, "/orders/edits", object{"resource": object{"typeId": "order", "id": reserved}}); status != http.StatusBadRequest {
		t.Errorf("an order with reserved stock: %d", status)
	}
}

func TestOnlyMessagesTellOfAnOrderEdit(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{})
	id := s.PlaceOrder(object{"lineItems": []any{line("l", "S", 2)}})
	s.subscribe(object{"key": "changes", "destination": pubSub(), "changes": []any{object{"resourceTypeId": "order"}}})
	s.subscribe(object{"key": "messages", "destination": pubSub(), "messages": []any{object{"resourceTypeId": "order", "types": []any{"OrderEditApplied"}}}})
	if err := s.EditOrder(id, object{"action": "changeLineItemQuantity", "lineItemId": "l", "quantity": 1.0}); err != nil {
		t.Fatal(err)
	}
	testtime.Until(t, "every notification", func() bool { return s.Courier().Pending() == 0 })
	told := false
	for _, payload := range i.payloads(t) {
		if payload["notificationType"] == "ResourceUpdated" {
			t.Error("a subscription to changes is told of an edit")
		}
		told = told || payload["type"] == "OrderEditApplied"
	}
	if !told {
		t.Error("nobody is told of the edit")
	}
}
