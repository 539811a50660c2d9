package ctsim

import "maps"

func orderKind() *kind {
	actions := customActions()
	maps.Copy(actions, orderActions())
	maps.Copy(actions, deliveryActions())
	maps.Copy(actions, parcelActions())
	maps.Copy(actions, returnActions())
	maps.Copy(actions, lineItemActions())
	return &kind{
		typeID: "order", path: "orders", title: "Order", keyField: "orderNumber",
		fields: []string{
			"orderNumber", "purchaseOrderNumber", "customerId", "customerEmail", "customerGroup", "anonymousId",
			"businessUnit", "store", "lineItems", "customLineItems", "totalPrice", "taxedPrice", "taxedShippingPrice",
			"discountOnTotalPrice", "priceRoundingMode", "taxMode", "taxRoundingMode", "taxCalculationMode",
			"inventoryMode", "billingAddress", "shippingAddress", "shippingMode", "shippingKey", "shippingInfo",
			"shippingRateInput", "shippingCustomFields", "shipping", "itemShippingAddresses", "discountCodes",
			"directDiscounts", "refusedGifts", "paymentInfo", "country", "locale", "origin", "cart", "quote",
			"recurringOrder", "orderState", "shipmentState", "paymentState", "state", "syncInfo", "returnInfo",
			"discountTypeCombination", "lastMessageSequenceNumber", "completedAt",
		},
		reads: []string{"view_orders", "manage_orders"}, writes: []string{"manage_orders"},
		actions: actions, messages: true, complete: completeOrder,
	}
}

// completeOrder gives a sparse draft everything that an order always has.
func completeOrder(p *Platform, draft map[string]any) *apiError {
	completeMoney(draft)
	currency := draftCurrency(draft, p.opts.Currencies[0])
	fillDefaults(draft, map[string]any{
		"lineItems": []any{}, "customLineItems": []any{}, "refusedGifts": []any{}, "shipping": []any{},
		"syncInfo": []any{}, "returnInfo": []any{}, "discountCodes": []any{}, "directDiscounts": []any{},
		"itemShippingAddresses": []any{}, "shippingMode": "Single", "origin": "Customer", "orderState": "Open",
		"taxMode": "Platform", "taxRoundingMode": "HalfEven", "taxCalculationMode": "LineItemLevel",
		"priceRoundingMode": "HalfEven", "inventoryMode": "None",
	})
	for _, line := range objectsIn(draft["lineItems"]) {
		p.completeLine(line, currency)
	}
	for _, line := range objectsIn(draft["customLineItems"]) {
		p.completeCustomLine(line, currency)
	}
	p.completeShipping(draft, currency)
	if draft["totalPrice"] == nil {
		draft["totalPrice"] = moneyFromAmount(currency, sumOfLines(draft))
	}
	if err := p.completeReturns(draft); err != nil {
		return err
	}
	for _, line := range objectsIn(draft["lineItems"]) {
		if err := p.completeParts(line, "line-item"); err != nil {
			return err
		}
	}
	return p.completeParts(draft, "order")
}

func moneyFromAmount(currency string, amount float64) map[string]any {
	return map[string]any{
		"type": "centPrecision", "currencyCode": currency, "centAmount": amount,
		"fractionDigits": fractionDigits(currency),
	}
}

// draftCurrency is the first currency that the draft mentions where it counts.
func draftCurrency(draft map[string]any, missing string) string {
	if code, ok := valueAt(draft, "totalPrice", "currencyCode").(string); ok {
		return code
	}
	for _, line := range objectsIn(draft["lineItems"]) {
		if code, ok := valueAt(line, "price", "value", "currencyCode").(string); ok {
			return code
		}
	}
	return missing
}

func (p *Platform) completeLine(line map[string]any, currency string) {
	fillDefaults(line, map[string]any{
		"id": p.ids.next(), "quantity": 1.0, "name": map[string]any{p.opts.Languages[0]: "Product"},
		"productId": p.ids.next(), "productType": map[string]any{"typeId": "product-type", "id": p.ids.next()},
		"variant": map[string]any{}, "price": map[string]any{},
		"discountedPricePerQuantity": []any{}, "taxedPricePortions": []any{}, "perMethodTaxRate": []any{},
		"priceMode": "Platform", "lineItemMode": "Standard",
	})
	if variant, ok := line["variant"].(map[string]any); ok {
		fillDefaults(variant, map[string]any{"id": 1.0, "attributes": []any{}, "images": []any{}, "prices": []any{}, "assets": []any{}})
	}
	quantity, _ := line["quantity"].(float64)
	if price, ok := line["price"].(map[string]any); ok {
		fillDefaults(price, map[string]any{"id": p.ids.next(), "value": moneyFromAmount(currency, 1000)})
		line["totalPrice"] = valueOr(line["totalPrice"], moneyFromAmount(currency, quantity*unitPrice(price)))
	}
	fillDefaults(line, map[string]any{"state": p.initialState(quantity)})
}

func valueOr(value, other any) any {
	if value == nil {
		return other
	}
	return value
}

func unitPrice(price map[string]any) float64 {
	amount, ok := valueAt(price, "discounted", "value", "centAmount").(float64)
	if !ok {
		amount, _ = valueAt(price, "value", "centAmount").(float64)
	}
	return amount
}

// initialState puts the whole quantity into the built-in first state.
func (p *Platform) initialState(quantity float64) []any {
	return []any{map[string]any{
		"quantity": quantity,
		"state":    map[string]any{"typeId": "state", "id": p.collections["states"].byKey["Initial"].id},
	}}
}

func (p *Platform) completeCustomLine(line map[string]any, currency string) {
	fillDefaults(line, map[string]any{
		"id": p.ids.next(), "quantity": 1.0, "name": map[string]any{p.opts.Languages[0]: "Fee"}, "slug": "fee",
		"money": moneyFromAmount(currency, 0), "discountedPricePerQuantity": []any{}, "taxedPricePortions": []any{},
		"perMethodTaxRate": []any{}, "priceMode": "Standard",
	})
	quantity, _ := line["quantity"].(float64)
	amount, _ := valueAt(line, "money", "centAmount").(float64)
	fillDefaults(line, map[string]any{"state": p.initialState(quantity), "totalPrice": moneyFromAmount(currency, quantity*amount)})
}

func (p *Platform) completeShipping(draft map[string]any, currency string) {
	if info, ok := draft["shippingInfo"].(map[string]any); ok {
		p.completeShippingInfo(info, currency)
	}
	for _, entry := range objectsIn(draft["shipping"]) {
		fillDefaults(entry, map[string]any{
			"shippingKey": p.ids.next(), "shippingInfo": map[string]any{},
			"shippingAddress": map[string]any{"country": p.opts.Countries[0]},
		})
		if info, ok := entry["shippingInfo"].(map[string]any); ok {
			p.completeShippingInfo(info, currency)
		}
	}
}

func (p *Platform) completeShippingInfo(info map[string]any, currency string) {
	if reference, ok := info["shippingMethod"].(map[string]any); ok && info["shippingMethodName"] == nil {
		reference["typeId"] = "shipping-method"
		if method, err := p.resolve("shipping-method", reference); err == nil {
			info["shippingMethodName"] = method.doc.string("name")
		}
	}
	fillDefaults(info, map[string]any{
		"shippingMethodName": "Shipping", "price": moneyFromAmount(currency, 0), "deliveries": []any{},
		"shippingMethodState": "MatchesCart",
	})
	fillDefaults(info, map[string]any{"shippingRate": map[string]any{"price": info["price"], "tiers": []any{}}})
	now := stamp(p.opts.Clock.Now())
	for _, delivery := range objectsIn(info["deliveries"]) {
		fillDefaults(delivery, map[string]any{"id": p.ids.next(), "createdAt": now, "items": []any{}, "parcels": []any{}})
		for _, parcel := range objectsIn(delivery["parcels"]) {
			fillDefaults(parcel, map[string]any{"id": p.ids.next(), "createdAt": now})
		}
	}
}

func (p *Platform) completeReturns(draft map[string]any) *apiError {
	for _, info := range objectsIn(draft["returnInfo"]) {
		for _, item := range objectsIn(info["items"]) {
			if err := p.completeReturnItem(item, stamp(p.opts.Clock.Now())); err != nil {
				return err
			}
		}
	}
	return nil
}

func sumOfLines(draft map[string]any) float64 {
	var sum float64
	for _, name := range []string{"lineItems", "customLineItems"} {
		for _, line := range objectsIn(draft[name]) {
			amount, _ := valueAt(line, "totalPrice", "centAmount").(float64)
			sum += amount
		}
	}
	shipping, _ := valueAt(draft, "shippingInfo", "price", "centAmount").(float64)
	sum += shipping
	for _, entry := range objectsIn(draft["shipping"]) {
		amount, _ := valueAt(entry, "shippingInfo", "price", "centAmount").(float64)
		sum += amount
	}
	return sum
}
