package ctsim

import (
	"encoding/json"
	"maps"
	"net/http"
)

// Order edits change what an order consists of after it was placed: they are made with
// staged actions, show what they would lead to, and are applied once.

func editKind() *kind {
	return &kind{
		typeID: "order-edit", path: editsPath, title: "OrderEdit", keyField: "key",
		fields: []string{"resource", "stagedActions", "comment", "dryRun", "result"},
		reads:  []string{"view_order_edits", "manage_order_edits"}, writes: []string{"manage_order_edits"},
		actions: map[string]action{
			"setStagedActions": assign("stagedActions", "stagedActions", "stagedActions"),
			"addStagedAction": {[]string{"stagedAction"}, func(t *turn, a map[string]any) *apiError {
				staged, _ := t.get("stagedActions").([]any)
				t.set("stagedActions", append(staged, a["stagedAction"]))
				return nil
			}},
			"setComment": assign("comment", "comment"),
		},
		complete: completeEdit,
	}
}

const editsPath = "orders/edits"

func completeEdit(p *Platform, draft map[string]any) *apiError {
	if err := require(draft, "resource"); err != nil {
		return err
	}
	resource, _ := draft["resource"].(map[string]any)
	r, err := p.resolve("order", resource)
	if err != nil {
		return err
	}
	if err := editable(r.doc); err != nil {
		return err
	}
	draft["resource"] = map[string]any{"typeId": "order", "id": r.id}
	fillDefaults(draft, map[string]any{"stagedActions": []any{}})
	delete(draft, "dryRun")
	draft["result"] = p.previewOf(r, objectsIn(draft["stagedActions"]))
	return nil
}

// editable reports why an order cannot be edited: stock that is tracked or reserved.
func editable(order document) *apiError {
	modes := []any{order.value("inventoryMode")}
	for _, line := range objectsIn(order.value("lineItems")) {
		modes = append(modes, line["inventoryMode"])
	}
	for _, mode := range modes {
		if mode != nil && mode != "None" {
			return invalidOperation("An order with the inventory mode '%v' cannot be edited.", mode)
		}
	}
	return nil
}

// stagedActions are what an edit may do: what an update may, and more.
func stagedActions(orders *kind) map[string]action {
	all := maps.Clone(orders.actions)
	maps.Copy(all, map[string]action{
		"addLineItem":                  {nil, addLineItem},
		"removeLineItem":               {nil, removeLineItem},
		"changeLineItemQuantity":       {[]string{"quantity"}, changeLineItemQuantity},
		"addCustomLineItem":            {[]string{"money", "name", "slug"}, addCustomLineItem},
		"removeCustomLineItem":         {nil, func(t *turn, a map[string]any) *apiError { return t.customLineQuantity(a, 0) }},
		"changeCustomLineItemQuantity": {[]string{"quantity"}, changeCustomLineItemQuantity},
	})
	return all
}

// applyStaged carries staged actions out on a turn of the order that is stored by nobody yet.
func (p *Platform) applyStaged(order *storedResource, actions []map[string]any) (*turn, *apiError) {
	known := stagedActions(p.orders.kind)
	if err := (&kind{title: "Order", actions: known}).checkActions(actions); err != nil {
		return nil, err
	}
	t := p.newTurn(p.orders, order)
	for _, a := range actions {
		if err := known[a["action"].(string)].apply(t, a); err != nil {
			return nil, err
		}
	}
	t.applyChanges()
	t.set("totalPrice", moneyFromAmount(draftCurrency(t.document().decodeAll(), p.opts.Currencies[0]), sumOfLines(t.document().decodeAll())))
	if t.applyChanges() || len(t.messages) > 0 {
		t.version++
	}
	return t, nil
}

// previewOf is the result of an edit that is not applied.
func (p *Platform) previewOf(order *storedResource, actions []map[string]any) map[string]any {
	if len(actions) == 0 {
		return map[string]any{"type": "NotProcessed"}
	}
	t, err := p.applyStaged(order, actions)
	if err != nil {
		return map[string]any{"type": "PreviewFailure", "errors": err.body()["errors"]}
	}
	payloads := []any{}
	for _, m := range t.messages {
		payloads = append(payloads, object(append([]field{{"type", m.name}}, m.fields...)...))
	}
	return map[string]any{"type": "PreviewSuccess", "preview": json.RawMessage(t.document().text), "messagePayloads": payloads}
}

func (p *Platform) serveEdits(r request) (int, []byte, *apiError) {
	c := p.collections[editsPath]
	scopes := c.kind.reads
	if r.Method != http.MethodGet {
		scopes = c.kind.writes
	}
	if err := p.checkScope(r, scopes); err != nil {
		return 0, nil, err
	}
	r.segments = r.segments[1:]
	switch {
	case len(r.segments) == 3 && r.segments[2] == "apply" && r.Method == http.MethodPost:
		return p.serveApply(r, c)
	case len(r.segments) == 1 && r.Method == http.MethodPost:
		return p.serveCreateEdit(r, c)
	case len(r.segments) == 2 && r.Method == http.MethodPost:
		return p.serveUpdateEdit(r, c)
	}
	return p.serveCollection(r, c)
}

// serveCreateEdit answers a dry run without keeping it.
func (p *Platform) serveCreateEdit(r request, c *collection) (int, []byte, *apiError) {
	draft, err := r.decodeObject()
	if err != nil {
		return 0, nil, err
	}
	dry := draft["dryRun"] == true
	p.mu.Lock()
	defer p.mu.Unlock()
	o, err := p.create(c, c.kind.onlyKnownFields(draft), r.grant.client, "")
	if err != nil {
		return 0, nil, err
	}
	if dry {
		c.remove(c.byID[o.id], p.opts.Clock.Now())
	}
	return http.StatusCreated, o.doc.text, nil
}

func (p *Platform) serveUpdateEdit(r request, c *collection) (int, []byte, *apiError) {
	u, err := r.decodeUpdate(c.kind)
	if err != nil {
		return 0, nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	id, key, named := c.kind.identity(r.segments[1])
	found := c.find(id, key)
	if found == nil {
		return 0, nil, notFound(c.kind.title, named)
	}
	if isApplied(found) {
		return 0, nil, invalidOperation("The order edit '%s' has been applied already.", found.id)
	}
	o, err := p.update(c, found, u, r.grant.client)
	if err != nil {
		return 0, nil, err
	}
	order, err := p.resolve("order", found.doc.value("resource").(map[string]any))
	if err != nil {
		return 0, nil, err
	}
	p.setResult(c, found, p.previewOf(order, objectsIn(found.doc.value("stagedActions"))))
	return http.StatusOK, c.byID[o.id].doc.text, nil
}

func isApplied(edit *storedResource) bool {
	return valueAt(edit.doc.decodeAll(), "result", "type") == "Applied"
}

func (p *Platform) setResult(c *collection, edit *storedResource, result map[string]any) {
	all := edit.doc.decodeAll()
	all["result"] = result
	c.replace(edit, newDocument(all), edit.version, p.opts.Clock.Now())
}

func (p *Platform) serveApply(r request, c *collection) (int, []byte, *apiError) {
	body, err := r.decodeObject()
	if err != nil {
		return 0, nil, err
	}
	if err := require(body, "editVersion", "resourceVersion"); err != nil {
		return 0, nil, err
	}
	editVersion, _ := body["editVersion"].(float64)
	resourceVersion, _ := body["resourceVersion"].(float64)
	p.mu.Lock()
	o, text, err := p.applyEdit(c, r.segments[1], int64(editVersion), int64(resourceVersion), r.grant.client)
	p.mu.Unlock()
	if err != nil {
		return 0, nil, err
	}
	p.announce(o)
	return http.StatusOK, text, nil
}

// applyEdit makes an order what its edit says. Subscribers to changes of orders are not
// told of it, only those to messages. The platform's lock is held.
func (p *Platform) applyEdit(c *collection, id string, editVersion, orderVersion int64, client string) (changeOutcome, []byte, *apiError) {
	edit := c.byID[id]
	if edit == nil {
		return changeOutcome{}, nil, notFound(c.kind.title, "ID '"+id+"'")
	}
	order, err := p.resolve("order", edit.doc.value("resource").(map[string]any))
	switch {
	case err != nil:
		return changeOutcome{}, nil, err
	case edit.version != editVersion:
		return changeOutcome{}, nil, versionConflictError("OrderEdit", id, editVersion, edit.version)
	case order.version != orderVersion:
		return changeOutcome{}, nil, versionConflictError("Order", order.id, orderVersion, order.version)
	case isApplied(edit):
		return changeOutcome{}, nil, invalidOperation("The order edit '%s' has been applied already.", id)
	}
	if err := editable(order.doc); err != nil {
		return changeOutcome{}, nil, err
	}
	actions := objectsIn(edit.doc.value("stagedActions"))
	before := orderExcerpt(order.doc)
	t, failure := p.applyStaged(order, actions)
	if failure != nil || len(actions) == 0 {
		return changeOutcome{}, nil, badRequest("EditPreviewFailed", map[string]any{"result": p.previewOf(order, actions)}, "The order edit cannot be applied.")
	}
	if t.version == order.version {
		t.version++
	}
	after := orderExcerpt(t.document())
	after["version"] = t.version
	result := map[string]any{"type": "Applied", "appliedAt": t.at, "excerptBeforeEdit": before, "excerptAfterEdit": after}
	edit.version++
	all := edit.doc.decodeAll()
	all["result"], all["version"] = result, edit.version
	c.replace(edit, newDocument(all), edit.version, t.now)
	t.emitMessage("OrderEditApplied", field{"edit", json.RawMessage(edit.doc.text)}, field{"result", result})
	for i := range t.messages {
		t.messages[i].version = t.version
	}
	o := p.storeTurn(p.orders, t, updateRequest{actions: actions}.names(), client)
	o.kind = ""
	return o, edit.doc.text, nil
}

func orderExcerpt(order document) map[string]any {
	return map[string]any{"totalPrice": order.value("totalPrice"), "version": order.value("version")}
}

// EditOrder makes an order edit of the staged actions and applies it, as another API
// client than the one under test.
func (p *Platform) EditOrder(orderID string, actions ...map[string]any) error {
	p.mu.Lock()
	c := p.collections[editsPath]
	staged := make([]any, len(actions))
	for i, a := range actions {
		staged[i] = copyOf(a)
	}
	made, err := p.create(c, copyOf(map[string]any{
		"resource": map[string]any{"typeId": "order", "id": orderID}, "stagedActions": staged,
	}), ForeignClientID, "")
	var o changeOutcome
	if err == nil {
		o, _, err = p.applyEdit(c, made.id, made.version, p.orders.byID[orderID].version, ForeignClientID)
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	p.announce(o)
	return nil
}
