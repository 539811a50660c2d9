package ctsim

import (
	"encoding/json"
)

// PutShippingMethod stores a shipping method and returns its id. A draft with the
// key of one that exists replaces its fields. Drafts are JSON objects without the
// fields that the platform sets; references may name keys, and mandatory fields
// that are missing get defaults. A draft that the platform refuses is a mistake in
// the test or demo, and panics; so it is with every Put and Place method.
func (p *Platform) PutShippingMethod(draft map[string]any) string {
	return p.put("shipping-methods", draft)
}

// PutChannel stores a channel and returns its id.
func (p *Platform) PutChannel(draft map[string]any) string { return p.put("channels", draft) }

// PutStore stores a store and returns its id. Its channels may be given as plain
// keys.
func (p *Platform) PutStore(draft map[string]any) string { return p.put("stores", draft) }

// PutType stores a custom type and returns its id.
func (p *Platform) PutType(draft map[string]any) string { return p.put("types", draft) }

// PutState stores a workflow state and returns its id.
func (p *Platform) PutState(draft map[string]any) string { return p.put("states", draft) }

// PutCustomerGroup stores a customer group and returns its id.
func (p *Platform) PutCustomerGroup(draft map[string]any) string {
	return p.put("customer-groups", draft)
}

// PutCustomObject stores any JSON value under a container and a key.
func (p *Platform) PutCustomObject(container, key string, value any) {
	p.put("custom-objects", map[string]any{"container": container, "key": key, "value": value})
}

// DeleteCustomObject removes a custom object if it exists.
func (p *Platform) DeleteCustomObject(container, key string) {
	p.mu.Lock()
	c := p.collections["custom-objects"]
	var o changeOutcome
	if r := c.byKey[objectKey(container, key)]; r != nil {
		o, _ = p.delete(c, r, ForeignClientID)
	}
	p.mu.Unlock()
	p.announce(o)
}

func (p *Platform) put(path string, draft map[string]any) string {
	p.mu.Lock()
	c := p.collections[path]
	_, o, err := p.upsert(c, copyOf(draft), nil, ForeignClientID)
	p.mu.Unlock()
	if err != nil {
		panic("ctsim: storing in " + path + ": " + err.Error())
	}
	p.announce(o)
	return o.doc.string("id")
}

// PlaceOrder creates an order as a storefront does and returns its id. The draft is
// the JSON of an order without id, version and timestamps.
func (p *Platform) PlaceOrder(draft map[string]any) (id string) {
	return p.mustPlace(draft, "OrderCreated")
}

// ImportOrder creates an order by import; subscribers hear OrderImported.
func (p *Platform) ImportOrder(draft map[string]any) string {
	return p.mustPlace(draft, "OrderImported")
}

// PlaceRecurringOrder creates an order of a recurring order; subscribers hear
// OrderCreatedFromRecurringOrder.
func (p *Platform) PlaceRecurringOrder(draft map[string]any) string {
	draft = copyOf(draft)
	fillDefaults(draft, map[string]any{
		"origin": "RecurringOrder", "recurringOrder": map[string]any{"typeId": "recurring-order", "id": p.ids.next()},
	})
	return p.mustPlace(draft, "OrderCreatedFromRecurringOrder")
}

func (p *Platform) mustPlace(draft map[string]any, messageName string) string {
	id, err := p.place(draft, messageName)
	if err != nil {
		panic("ctsim: placing an order: " + err.Error())
	}
	return id
}

func (p *Platform) place(draft map[string]any, messageName string) (string, *apiError) {
	p.mu.Lock()
	o, err := p.create(p.orders, copyOf(draft), ForeignClientID, messageName)
	p.mu.Unlock()
	if err != nil {
		return "", err
	}
	p.announce(o)
	return o.id, nil
}

// Edit carries out update actions on an order's current version, as another API
// client than the one under test.
func (p *Platform) Edit(id string, actions ...map[string]any) error {
	return p.edit(p.orders, id, "", actions)
}

// Pay has an order paid.
func (p *Platform) Pay(id string) error {
	return p.Edit(id, map[string]any{"action": "changePaymentState", "paymentState": "Paid"})
}

// Confirm has an order confirmed.
func (p *Platform) Confirm(id string) error {
	return p.Edit(id, map[string]any{"action": "changeOrderState", "orderState": "Confirmed"})
}

// Transition moves an order to a workflow state.
func (p *Platform) Transition(id, stateKey string) error {
	return p.Edit(id, map[string]any{"action": "transitionState", "state": map[string]any{"typeId": "state", "key": stateKey}})
}

// TransitionLine moves a quantity of a line of an order from one state to another.
func (p *Platform) TransitionLine(id, lineItemID string, quantity int, from, to string) error {
	return p.Edit(id, map[string]any{
		"action": "transitionLineItemState", "lineItemId": lineItemID, "quantity": quantity,
		"fromState": map[string]any{"typeId": "state", "key": from}, "toState": map[string]any{"typeId": "state", "key": to},
	})
}

// SetField sets a custom field of an order, and its type before if it has none; nil
// removes the field.
func (p *Platform) SetField(id, typeKey, name string, value any) error {
	if order, ok := p.Order(id); ok && order["custom"] == nil {
		return p.Edit(id, map[string]any{
			"action": "setCustomType", "type": map[string]any{"typeId": "type", "key": typeKey}, "fields": map[string]any{name: value},
		})
	}
	return p.Edit(id, map[string]any{"action": "setCustomField", "name": name, "value": value})
}

// EditChannel carries out update actions on a channel's current version.
func (p *Platform) EditChannel(key string, actions ...map[string]any) error {
	return p.edit(p.collections["channels"], "", key, actions)
}

// DeleteChannel removes a channel.
func (p *Platform) DeleteChannel(key string) error {
	p.mu.Lock()
	c := p.collections["channels"]
	r := c.byKey[key]
	if r == nil {
		p.mu.Unlock()
		return notFound("Channel", "key '"+key+"'")
	}
	o, err := p.delete(c, r, ForeignClientID)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	p.announce(o)
	return nil
}

// Channels are the channels as they are now; the caller owns them.
func (p *Platform) Channels() []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []map[string]any
	for _, r := range p.collections["channels"].all {
		if !r.gone {
			all = append(all, r.doc.decodeAll())
		}
	}
	return all
}

func (p *Platform) edit(c *collection, id, key string, actions []map[string]any) error {
	copied := make([]map[string]any, len(actions))
	for i, a := range actions {
		copied[i] = copyOf(a)
	}
	if err := c.kind.checkActions(copied); err != nil {
		return err
	}
	p.mu.Lock()
	r := c.find(id, key)
	if r == nil {
		p.mu.Unlock()
		return notFound(c.kind.title, "identifier '"+id+key+"'")
	}
	o, err := p.update(c, r, updateRequest{r.version, copied}, ForeignClientID)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	p.announce(o)
	return nil
}

// DeleteOrder removes an order.
func (p *Platform) DeleteOrder(id string) error {
	p.mu.Lock()
	r := p.orders.byID[id]
	if r == nil {
		p.mu.Unlock()
		return notFound("Order", "ID '"+id+"'")
	}
	o, err := p.delete(p.orders, r, ForeignClientID)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	p.announce(o)
	return nil
}

// Order is the order's current state; the caller owns it.
func (p *Platform) Order(id string) (map[string]any, bool) {
	text, ok := p.orderJSON(id)
	if !ok {
		return nil, false
	}
	order, _ := decode(text).(map[string]any)
	return order, true
}

func (p *Platform) orderJSON(id string) (json.RawMessage, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.orders.byID[id]
	if r == nil {
		return nil, false
	}
	return r.doc.text, true
}

// OrderIDs lists the orders in the sequence of their creation.
func (p *Platform) OrderIDs() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := make([]string, 0, len(p.orders.byID))
	for _, r := range p.orders.all {
		if !r.gone {
			ids = append(ids, r.id)
		}
	}
	return ids
}
