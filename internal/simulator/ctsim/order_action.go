package ctsim

import (
	"encoding/json"
	"slices"
)

// The states are those that the platform defines. It accepts any of them after any
// other.
func orderStates() []string { return []string{"Open", "Confirmed", "Complete", "Cancelled"} }

func shipmentStates() []string {
	return []string{"Shipped", "Delivered", "Ready", "Pending", "Delayed", "Partial", "Backorder", "Canceled"}
}

func paymentStates() []string {
	return []string{"BalanceDue", "Failed", "Pending", "CreditOwed", "Paid"}
}

func orderActions() map[string]action {
	return map[string]action{
		"changeOrderState":    changeState("orderState", "OrderStateChanged", "oldOrderState", orderStates()),
		"changeShipmentState": changeState("shipmentState", "OrderShipmentStateChanged", "oldShipmentState", shipmentStates()),
		"changePaymentState":  changeState("paymentState", "OrderPaymentStateChanged", "oldPaymentState", paymentStates()),
		"transitionState":     {[]string{"state"}, transitionState},
		"setOrderNumber":      {[]string{"orderNumber"}, setOrderNumber},
		"setPurchaseOrderNumber": setWithMessage("purchaseOrderNumber", "OrderPurchaseOrderNumberSet",
			"purchaseOrderNumber", "oldPurchaseOrderNumber"),
		"setCustomerEmail":   setFromField("email", "customerEmail", "OrderCustomerEmailSet", "email", "oldEmail"),
		"setShippingAddress": setFromField("address", "shippingAddress", "OrderShippingAddressSet", "address", "oldAddress"),
		"setBillingAddress":  setFromField("address", "billingAddress", "OrderBillingAddressSet", "address", "oldAddress"),
		"setLocale":          assign("locale", "locale"),
		"updateSyncInfo":     {[]string{"channel"}, updateSyncInfo},
	}
}

func changeState(name, messageName, old string, allowed []string) action {
	return action{[]string{name}, func(t *turn, a map[string]any) *apiError {
		state, _ := a[name].(string)
		if !slices.Contains(allowed, state) {
			return invalidField(name, a[name], allowed...)
		}
		previous := t.peekValue(name)
		if previous == state {
			return nil
		}
		t.set(name, state)
		t.emitMessage(messageName, field{name, state}, field{old, previous})
		return nil
	}}
}

func setWithMessage(name, messageName, new, old string) action {
	return setFromField(name, name, messageName, new, old)
}

// setFromField is an action that replaces a field with one of its own and tells both.
func setFromField(from, to, messageName, new, old string) action {
	return action{nil, func(t *turn, a map[string]any) *apiError {
		previous := t.peekValue(to)
		if address, ok := a[from].(map[string]any); ok && address["country"] == nil {
			return invalidJSON("actions -> %s -> country: Missing required value", from)
		}
		if sameJSON(previous, a[from]) {
			return nil
		}
		t.set(to, a[from])
		t.emitMessage(messageName, field{new, a[from]}, field{old, previous})
		return nil
	}}
}

func setOrderNumber(t *turn, a map[string]any) *apiError {
	number, ok := a["orderNumber"].(string)
	if !ok || number == "" {
		return invalidJSON("actions -> orderNumber: a string is required")
	}
	current := t.peekValue("orderNumber")
	if current == number {
		return nil
	}
	if current != nil {
		return invalidOperation("The order number is already set and can not be changed.")
	}
	if err := t.checkKeyFree(number); err != nil {
		return err
	}
	t.set("orderNumber", number)
	return nil
}

func transitionState(t *turn, a map[string]any) *apiError {
	reference, _ := a["state"].(map[string]any)
	r, err := t.p.resolve("state", reference)
	if err != nil {
		return err
	}
	if r.doc.string("type") != "OrderState" {
		return invalidInput("The state '%s' is not an 'OrderState'.", r.id)
	}
	old, _ := t.peekValue("state").(map[string]any)
	oldID, _ := old["id"].(string)
	force := a["force"] == true
	if oldID == r.id {
		return nil
	}
	if !force && !t.p.mayFollow(oldID, r) {
		return invalidOperation("The transition from state '%s' to state '%s' is not allowed.", oldID, r.id)
	}
	next := map[string]any{"typeId": "state", "id": r.id}
	t.set("state", next)
	var previous any
	if old != nil {
		previous = old
	}
	t.emitMessage("OrderStateTransition", field{"state", next}, field{"oldState", previous}, field{"force", force})
	return nil
}

// mayFollow reports whether the state machine allows the step. A state without
// transitions allows every step; without a current state only initial states do.
func (p *Platform) mayFollow(currentID string, next *storedResource) bool {
	current := p.collections["states"].byID[currentID]
	if current == nil {
		return next.doc.value("initial") == true
	}
	transitions, limited := current.doc.value("transitions").([]any)
	return !limited || slices.ContainsFunc(objectsIn(transitions), func(o map[string]any) bool { return o["id"] == next.id })
}

func updateSyncInfo(t *turn, a map[string]any) *apiError {
	reference, _ := a["channel"].(map[string]any)
	r, err := t.p.resolve("channel", reference)
	if err != nil {
		return err
	}
	roles := textsIn(r.doc.value("roles"))
	if !slices.Contains(roles, "OrderExport") && !slices.Contains(roles, "OrderImport") {
		return invalidInput("The channel '%s' needs the role 'OrderExport' or 'OrderImport'.", r.id)
	}
	entry := map[string]any{"channel": map[string]any{"typeId": "channel", "id": r.id}, "syncedAt": t.at}
	if a["externalId"] != nil {
		entry["externalId"] = a["externalId"]
	}
	if a["syncedAt"] != nil {
		syncedAt, ok := dateTime(a["syncedAt"])
		if !ok {
			return invalidJSON("actions -> syncedAt: not a date and time")
		}
		entry["syncedAt"] = syncedAt
	}
	list, _ := t.get("syncInfo").([]any)
	i := slices.IndexFunc(list, func(e any) bool { o, _ := e.(map[string]any); return valueAt(o, "channel", "id") == r.id })
	if i < 0 {
		t.set("syncInfo", append(list, entry))
	} else {
		list[i] = entry
	}
	return nil
}

func lineItemActions() map[string]action {
	return map[string]action{
		"transitionLineItemState":       {[]string{"quantity", "fromState", "toState"}, transitionLine("lineItem", "LineItem")},
		"transitionCustomLineItemState": {[]string{"quantity", "fromState", "toState"}, transitionLine("customLineItem", "CustomLineItem")},
		"setLineItemCustomType": {nil, func(t *turn, a map[string]any) *apiError {
			return t.onLine("lineItem", a, func(line map[string]any) *apiError {
				return t.setCustomType(customizedPart("line-item", "", line), a)
			})
		}},
		"setLineItemCustomField": {[]string{"name"}, func(t *turn, a map[string]any) *apiError {
			return t.onLine("lineItem", a, func(line map[string]any) *apiError {
				return t.setCustomField(customizedPart("line-item", "", line), a)
			})
		}},
	}
}

// onLine finds the line that an action names by id or key.
func (t *turn) onLine(kind string, a map[string]any, do func(line map[string]any) *apiError) *apiError {
	for _, line := range objectsIn(t.get(kind + "s")) {
		if isNamedBy(a, kind, line) {
			return do(line)
		}
	}
	return invalidInput("The %s was not found in the order.", kind)
}

// isNamedBy reports whether an action's …Id or …Key field names the part.
func isNamedBy(a map[string]any, kind string, part map[string]any) bool {
	if id := a[kind+"Id"]; id != nil {
		return part["id"] == id
	}
	return a[kind+"Key"] != nil && part["key"] == a[kind+"Key"]
}

func transitionLine(kind, messagePrefix string) func(*turn, map[string]any) *apiError {
	return func(t *turn, a map[string]any) *apiError {
		from, err := t.lineState(a["fromState"])
		if err != nil {
			return err
		}
		to, err := t.lineState(a["toState"])
		if err != nil {
			return err
		}
		quantity, _ := a["quantity"].(float64)
		if !t.p.mayFollow(from.id, to) {
			return invalidOperation("The transition from state '%s' to state '%s' is not allowed.", from.id, to.id)
		}
		return t.onLine(kind, a, func(line map[string]any) *apiError {
			states, moved := moveQuantity(line["state"], quantity, from.id, to.id)
			if !moved {
				return invalidOperation("The quantity %v is not available in state '%s'.", quantity, from.id)
			}
			line["state"] = states
			t.emitMessage(messagePrefix+"StateTransition",
				field{kind + "Id", line["id"]}, field{kind + "Key", line["key"]},
				field{"transitionDate", valueOr(a["actualTransitionDate"], t.at)}, field{"quantity", quantity},
				field{"fromState", stateReference(from)}, field{"toState", stateReference(to)})
			return nil
		})
	}
}

func stateReference(r *storedResource) json.RawMessage {
	return object(field{"typeId", "state"}, field{"id", r.id})
}

func (t *turn) lineState(value any) (*storedResource, *apiError) {
	reference, _ := value.(map[string]any)
	r, err := t.p.resolve("state", reference)
	if err == nil && r.doc.string("type") != "LineItemState" {
		return nil, invalidInput("The state '%s' is not a 'LineItemState'.", r.id)
	}
	return r, err
}

// moveQuantity moves a quantity between the states of a line.
func moveQuantity(value any, quantity float64, from, to string) ([]any, bool) {
	var states []any
	taken, added := false, false
	for _, entry := range objectsIn(value) {
		amount, _ := entry["quantity"].(float64)
		switch id := valueAt(entry, "state", "id"); {
		case id == from && amount >= quantity && quantity > 0:
			amount -= quantity
			taken = true
		case id == to:
			amount += quantity
			added = true
		}
		if amount > 0 {
			states = append(states, map[string]any{"quantity": amount, "state": entry["state"]})
		}
	}
	if !added {
		states = append(states, map[string]any{"quantity": quantity, "state": map[string]any{"typeId": "state", "id": to}})
	}
	return states, taken
}
