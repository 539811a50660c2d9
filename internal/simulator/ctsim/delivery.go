package ctsim

import (
	"slices"
)

func deliveryActions() map[string]action {
	return map[string]action{
		"addDelivery":            {nil, addDelivery},
		"removeDelivery":         {nil, removeDelivery},
		"setDeliveryItems":       {[]string{"items"}, setDeliveryItems},
		"setDeliveryAddress":     {nil, setDeliveryAddress},
		"setDeliveryCustomType":  {nil, onDeliveryCustom((*turn).setCustomType)},
		"setDeliveryCustomField": {[]string{"name"}, onDeliveryCustom((*turn).setCustomField)},
		"setEstimatedDelivery":   {nil, setEstimatedDelivery},
	}
}

// shipment is one shipping info of an order: the only one in Single mode, one per
// shipping method in Multiple mode.
type shipment struct {
	key  any // shippingKey; nil in Single mode
	info map[string]any
}

func (s shipment) deliveries() []map[string]any { return objectsIn(s.info["deliveries"]) }

func (t *turn) shipments() []shipment {
	if t.peekValue("shippingMode") != "Multiple" {
		if info, ok := t.get("shippingInfo").(map[string]any); ok {
			return []shipment{{nil, info}}
		}
		return nil
	}
	var all []shipment
	for _, entry := range objectsIn(t.get("shipping")) {
		if info, ok := entry["shippingInfo"].(map[string]any); ok {
			all = append(all, shipment{entry["shippingKey"], info})
		}
	}
	return all
}

// shipment is the one that an action's shippingKey names.
func (t *turn) shipment(a map[string]any) (shipment, *apiError) {
	all := t.shipments()
	if t.peekValue("shippingMode") != "Multiple" {
		if a["shippingKey"] != nil {
			return shipment{}, invalidInput("A shippingKey is only allowed for orders with shipping mode 'Multiple'.")
		}
		if len(all) == 0 {
			return shipment{}, invalidOperation("The order has no shipping info.")
		}
		return all[0], nil
	}
	if a["shippingKey"] == nil {
		return shipment{}, invalidInput("A shippingKey is required for orders with shipping mode 'Multiple'.")
	}
	i := slices.IndexFunc(all, func(s shipment) bool { return s.key == a["shippingKey"] })
	if i < 0 {
		return shipment{}, invalidInput("No shipping method with the key '%v' exists.", a["shippingKey"])
	}
	return all[i], nil
}

func addDelivery(t *turn, a map[string]any) *apiError {
	target, err := t.shipment(a)
	if err != nil {
		return err
	}
	if err := t.checkDeliveryKey(a["deliveryKey"]); err != nil {
		return err
	}
	items, err := t.deliveryItems(a["items"])
	if err != nil {
		return err
	}
	delivery := map[string]any{"id": t.p.ids.next(), "createdAt": t.at, "items": items, "parcels": []any{}}
	if err := t.copyOptional(delivery, a, "order-delivery", map[string]string{"deliveryKey": "key", "address": "address"}); err != nil {
		return err
	}
	list, _ := target.info["deliveries"].([]any)
	target.info["deliveries"] = append(list, delivery)
	t.emitMessage("DeliveryAdded", field{"delivery", delivery}, field{"shippingKey", target.key})
	for _, draft := range objectsIn(a["parcels"]) {
		if err := t.addParcel(target, delivery, draft, "key"); err != nil {
			return err
		}
	}
	return nil
}

// copyOptional copies fields of an action, by their names in the stored part, and the
// custom fields.
func (t *turn) copyOptional(part, a map[string]any, resourceType string, renamed map[string]string) *apiError {
	for from, to := range renamed {
		if a[from] != nil {
			part[to] = a[from]
		}
	}
	draft, ok := a["custom"].(map[string]any)
	if !ok {
		return nil
	}
	custom, err := t.p.customFields(resourceType, draft)
	if err == nil {
		part["custom"] = custom
	}
	return err
}

func (t *turn) checkDeliveryKey(key any) *apiError {
	if key == nil {
		return nil
	}
	for _, s := range t.shipments() {
		for _, d := range s.deliveries() {
			if d["key"] == key {
				return duplicateField("key", key)
			}
		}
	}
	return nil
}

// deliveryItems checks that the items name lines of the order.
func (t *turn) deliveryItems(value any) ([]any, *apiError) {
	items := []any{}
	for _, item := range objectsIn(value) {
		if item["id"] == nil || item["quantity"] == nil {
			return nil, invalidJSON("actions -> items: id and quantity are required")
		}
		if !t.hasLine(item["id"]) {
			return nil, invalidInput("The line item with ID '%v' was not found.", item["id"])
		}
		items = append(items, map[string]any{"id": item["id"], "quantity": item["quantity"]})
	}
	return items, nil
}

func (t *turn) hasLine(id any) bool {
	for _, name := range []string{"lineItems", "customLineItems"} {
		for _, line := range objectsIn(t.peekValue(name)) {
			if line["id"] == id {
				return true
			}
		}
	}
	return false
}

// onDelivery finds the delivery that an action names by id or key.
func (t *turn) onDelivery(a map[string]any, do func(shipment, map[string]any) *apiError) *apiError {
	if a["deliveryId"] == nil && a["deliveryKey"] == nil {
		return invalidJSON("actions -> deliveryId: Missing required value")
	}
	for _, s := range t.shipments() {
		for _, d := range s.deliveries() {
			if isNamedBy(a, "delivery", d) {
				return do(s, d)
			}
		}
	}
	return invalidInput("The delivery '%v' was not found.", valueOr(a["deliveryId"], a["deliveryKey"]))
}

func removeDelivery(t *turn, a map[string]any) *apiError {
	return t.onDelivery(a, func(s shipment, d map[string]any) *apiError {
		list, _ := s.info["deliveries"].([]any)
		s.info["deliveries"] = withoutID(list, d["id"])
		t.emitMessage("DeliveryRemoved", field{"delivery", d}, field{"shippingKey", s.key})
		return nil
	})
}

// withoutID is the list without the part that has the id.
func withoutID(list []any, id any) []any {
	left := []any{}
	for _, entry := range list {
		if o, ok := entry.(map[string]any); !ok || o["id"] != id {
			left = append(left, entry)
		}
	}
	return left
}

func setDeliveryItems(t *turn, a map[string]any) *apiError {
	return t.onDelivery(a, func(s shipment, d map[string]any) *apiError {
		items, err := t.deliveryItems(a["items"])
		if err != nil || sameJSON(items, d["items"]) {
			return err
		}
		old := d["items"]
		d["items"] = items
		t.emitMessage("DeliveryItemsUpdated", field{"deliveryId", d["id"]}, field{"items", items},
			field{"oldItems", old}, field{"shippingKey", s.key})
		return nil
	})
}

func setDeliveryAddress(t *turn, a map[string]any) *apiError {
	return t.onDelivery(a, func(s shipment, d map[string]any) *apiError {
		old := d["address"]
		if sameJSON(old, a["address"]) {
			return nil
		}
		replaceMember(d, "address", a["address"])
		t.emitMessage("DeliveryAddressSet", field{"deliveryId", d["id"]}, field{"address", a["address"]},
			field{"oldAddress", old}, field{"shippingKey", s.key})
		return nil
	})
}

// replaceMember sets a member, or removes it when there is no value.
func replaceMember(part map[string]any, name string, value any) {
	if value == nil {
		delete(part, name)
	} else {
		part[name] = value
	}
}

func onDeliveryCustom(do func(*turn, customized, map[string]any) *apiError) func(*turn, map[string]any) *apiError {
	return func(t *turn, a map[string]any) *apiError {
		return t.onDelivery(a, func(_ shipment, d map[string]any) *apiError {
			return do(t, customizedPart("order-delivery", "Delivery", d, field{"deliveryId", d["id"]}), a)
		})
	}
}

func setEstimatedDelivery(t *turn, a map[string]any) *apiError {
	s, err := t.shipment(a)
	if err != nil || sameJSON(s.info["estimatedDelivery"], a["estimatedDelivery"]) {
		return err
	}
	if estimate, ok := a["estimatedDelivery"].(map[string]any); ok {
		for name, value := range estimate {
			normal, fits := dateTime(value)
			if !fits {
				return invalidField(name, value)
			}
			estimate[name] = normal
		}
	}
	replaceMember(s.info, "estimatedDelivery", a["estimatedDelivery"])
	t.emitMessage("OrderEstimatedDeliverySet", field{"estimatedDelivery", a["estimatedDelivery"]}, field{"shippingKey", s.key})
	return nil
}
