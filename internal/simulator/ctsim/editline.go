package ctsim

import "slices"

func addLineItem(t *turn, a map[string]any) *apiError {
	quantity := number(a["quantity"], 1)
	lines, _ := t.get("lineItems").([]any)
	sku, _ := a["sku"].(string)
	if sku == "" {
		return invalidInput("The line item to add names no sku, and this platform has no products.")
	}
	for _, line := range objectsIn(lines) {
		if valueAt(line, "variant", "sku") == sku && a["key"] == nil {
			return t.lineQuantity(line, number(line["quantity"], 1)+quantity)
		}
	}
	line := map[string]any{"quantity": quantity, "variant": map[string]any{"sku": sku}}
	for _, name := range []string{"key", "supplyChannel", "distributionChannel", "custom", "shippingDetails", "inventoryMode"} {
		if a[name] != nil {
			line[name] = a[name]
		}
	}
	if price, ok := a["externalPrice"].(map[string]any); ok {
		amount, _ := price["centAmount"].(float64)
		code, _ := price["currencyCode"].(string)
		line["price"] = map[string]any{"value": moneyFromAmount(code, amount)}
	}
	t.p.completeLine(line, draftCurrency(t.document().decodeAll(), t.p.opts.Currencies[0]))
	if err := t.p.completeParts(line, "line-item"); err != nil {
		return err
	}
	t.set("lineItems", append(lines, line))
	t.emitMessage("OrderLineItemAdded", field{"lineItem", line}, field{"addedQuantity", quantity})
	return nil
}

func removeLineItem(t *turn, a map[string]any) *apiError {
	return t.onLine("lineItem", a, func(line map[string]any) *apiError {
		return t.lineQuantity(line, number(line["quantity"], 0)-number(a["quantity"], number(line["quantity"], 0)))
	})
}

func changeLineItemQuantity(t *turn, a map[string]any) *apiError {
	return t.onLine("lineItem", a, func(line map[string]any) *apiError { return t.lineQuantity(line, number(a["quantity"], 0)) })
}

func number(value any, missing float64) float64 {
	if n, ok := value.(float64); ok {
		return n
	}
	return missing
}

// lineQuantity changes how many pieces a line has; one that has none is removed.
func (t *turn) lineQuantity(line map[string]any, quantity float64) *apiError {
	old := number(line["quantity"], 0)
	quantity = max(quantity, 0)
	if quantity == old {
		return nil
	}
	price, _ := line["price"].(map[string]any)
	total, _ := line["totalPrice"].(map[string]any)
	code, _ := total["currencyCode"].(string)
	line["quantity"], line["totalPrice"] = quantity, moneyFromAmount(code, quantity*unitPrice(price))
	line["state"] = statesOf(line["state"], quantity-old)
	if quantity > old {
		t.emitMessage("OrderLineItemAdded", field{"lineItem", line}, field{"addedQuantity", quantity - old})
		return nil
	}
	if quantity == 0 {
		lines, _ := t.get("lineItems").([]any)
		t.set("lineItems", slices.DeleteFunc(slices.Clone(lines), func(l any) bool { return l.(map[string]any)["id"] == line["id"] }))
	}
	t.emitMessage("OrderLineItemRemoved", field{"lineItemId", line["id"]}, field{"removedQuantity", old - quantity}, field{"newQuantity", quantity},
		field{"newState", line["state"]}, field{"newTotalPrice", line["totalPrice"]}, field{"newPrice", price})
	return nil
}

// statesOf gives or takes pieces where most of them are: in the first state.
func statesOf(states any, more float64) []any {
	left := []any{}
	for _, state := range objectsIn(states) {
		n := max(number(state["quantity"], 0)+more, 0)
		more = min(more+number(state["quantity"], 0)-n, 0)
		if n > 0 {
			left = append(left, map[string]any{"quantity": n, "state": state["state"]})
		}
	}
	return left
}

func addCustomLineItem(t *turn, a map[string]any) *apiError {
	line := copyOf(a)
	delete(line, "action")
	money, _ := line["money"].(map[string]any)
	code, _ := money["currencyCode"].(string)
	line["money"] = moneyFromAmount(code, number(money["centAmount"], 0))
	t.p.completeCustomLine(line, code)
	lines, _ := t.get("customLineItems").([]any)
	t.set("customLineItems", append(lines, line))
	t.emitMessage("OrderCustomLineItemAdded", field{"customLineItem", line})
	return nil
}

func changeCustomLineItemQuantity(t *turn, a map[string]any) *apiError {
	return t.customLineQuantity(a, number(a["quantity"], 0))
}

func (t *turn) customLineQuantity(a map[string]any, quantity float64) *apiError {
	return t.onLine("customLineItem", a, func(line map[string]any) *apiError {
		old := number(line["quantity"], 0)
		money, _ := line["money"].(map[string]any)
		code, _ := money["currencyCode"].(string)
		if quantity == 0 {
			lines, _ := t.get("customLineItems").([]any)
			t.set("customLineItems", slices.DeleteFunc(slices.Clone(lines), func(l any) bool { return l.(map[string]any)["id"] == line["id"] }))
			t.emitMessage("OrderCustomLineItemRemoved", field{"customLineItemId", line["id"]}, field{"customLineItem", line})
			return nil
		}
		line["quantity"], line["state"] = quantity, statesOf(line["state"], quantity-old)
		line["totalPrice"] = moneyFromAmount(code, quantity*number(money["centAmount"], 0))
		t.emitMessage("OrderCustomLineItemQuantityChanged", field{"customLineItemId", line["id"]}, field{"quantity", quantity}, field{"oldQuantity", old})
		return nil
	})
}
