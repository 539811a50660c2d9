package catalogue

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// writer writes out one order.
type writer struct {
	*plan
	shop     shopIndex
	products []product
	random   *rand.Rand
	index    int
	country  region

	gross, net    int // of everything, in the currency's smallest units
	productTraits []string
}

func (w *writer) order(number string) map[string]any {
	lines, custom := w.lineItems(), w.customLines()
	draft := map[string]any{
		"lineItems": lines, "customLineItems": custom,
		"orderState": "Open", "paymentState": "Paid", "origin": "Customer", "country": w.plan.country,
		"shippingMode": "Single", "shipping": []any{}, "syncInfo": []any{}, "returnInfo": []any{},
		"refusedGifts": []any{}, "discountCodes": []any{}, "directDiscounts": []any{}, "itemShippingAddresses": []any{},
		"taxMode": "Platform", "taxRoundingMode": "HalfEven", "taxCalculationMode": "LineItemLevel", "inventoryMode": "None",
	}
	w.setShippingInfo(draft)
	draft["totalPrice"] = w.money().money(w.gross)
	draft["taxedPrice"] = w.money().taxedPrice(w.gross, w.net, w.plan.country)
	w.setPayment(draft)
	w.setPeople(draft)
	w.setCustomFields(draft)
	w.setOrigin(draft)
	if number != "" && !w.numberLater {
		draft["orderNumber"] = number
	}
	if w.locale != "" {
		draft["locale"] = w.locale
	}
	if w.store != "" {
		draft["store"] = map[string]any{"typeId": "store", "key": w.store}
	}
	return draft
}

func (w *writer) setOrigin(draft map[string]any) {
	if w.after == "confirmed" {
		draft["orderState"] = "Confirmed"
	}
	switch w.entry {
	case "imported":
		draft["origin"] = "Merchant"
	case "recurring":
		draft["origin"] = "RecurringOrder"
		draft["recurringOrder"] = reference("recurring-order", randomID(w.random))
	default:
		draft["cart"] = reference("cart", randomID(w.random))
	}
}

func (w *writer) setPayment(draft map[string]any) {
	if w.unpaid {
		draft["paymentState"] = "Pending"
		return
	}
	draft["paymentInfo"] = map[string]any{"payments": []any{reference("payment", randomID(w.random))}}
}

func (w *writer) setPeople(draft map[string]any) {
	if w.nobody {
		return
	}
	shipTo := w.country.address(w.random)
	for _, change := range w.shipping {
		change(shipTo)
	}
	switch w.billing {
	case "same":
		draft["billingAddress"] = shipTo
	case "separate":
		billing := w.country.address(w.random)
		billing["company"], billing["pOBox"] = "Rechnungsstelle GmbH", "10 20 30"
		draft["billingAddress"] = billing
	}
	if !w.isCollected() || w.billing == "none" || w.random.IntN(2) == 0 {
		draft["shippingAddress"] = shipTo
	}
	if !w.noEmail {
		draft["customerEmail"] = email(w.random, w.index)
	}
	if w.random.IntN(2) == 0 {
		draft["customerId"] = randomID(w.random)
	} else {
		draft["anonymousId"] = randomID(w.random)
	}
}

func (w *writer) setCustomFields(draft map[string]any) {
	if w.fieldType == "" {
		return
	}
	fields := map[string]any{}
	switch w.fieldType {
	case merchantType, extendedType:
		fields["giftMessage"], fields["newsletter"], fields["loyaltyTier"] = "Alles Gute! 🎁", true, "gold"
	case ConnectorType:
		fields[PickupField] = w.pickupField()
	}
	draft["custom"] = map[string]any{"type": reference("type", w.shop.ids["type "+w.fieldType]), "fields": fields}
}

func (w *writer) pickupField() any {
	branch := w.shop.channels[w.branch]
	if w.shop.pickupByReference {
		return reference("channel", branch.id)
	}
	return branch.key
}

func (w *writer) setShippingInfo(draft map[string]any) {
	m, known := w.shop.methods[w.method]
	if !known {
		m = method{name: "Courier by arrangement", cents: 990}
	}
	c, country := w.money(), w.plan.country
	amount := c.amountOf(m.cents)
	price, taxed := c.money(amount), w.addToTotal(amount)
	info := map[string]any{
		"shippingMethodName": m.name, "shippingMethodState": "MatchesCart", "price": price, "shippingRate": shippingRate(price),
		"taxedPrice": taxed, "taxRate": w.shop.rates[country], "taxCategory": reference("tax-category", taxCategoryID), "deliveries": []any{},
	}
	if known {
		info["shippingMethod"] = reference("shipping-method", w.shop.ids["shipping-method "+m.key])
	}
	draft["shippingInfo"], draft["taxedShippingPrice"] = info, taxed
}

// addToTotal adds an amount to the order's totals and takes its tax apart.
func (w *writer) addToTotal(gross int) map[string]any {
	_, rate := taxName(w.plan.country)
	without := netAmount(gross, rate)
	w.gross += gross
	w.net += without
	return w.money().taxedPrice(gross, without, w.plan.country)
}

// noteTraits remembers what a product brings to the order.
func (w *writer) noteTraits(p product) {
	found := p.traits
	if w.locale != "" && !slices.Contains(p.languages, w.locale) {
		found = append(slices.Clip(found), foreignTitle)
	}
	for _, name := range found {
		if !slices.Contains(w.productTraits, name) {
			w.productTraits = append(w.productTraits, name)
		}
	}
}

// customLines are fees and services; nobody picks them from a shelf.
func (w *writer) customLines() []any {
	lines := []any{}
	if w.fee {
		lines = append(lines, w.customLine("handling-fee", localized("de-DE", "Bearbeitung", "en-GB", "Handling"), 250, 1))
	}
	if w.wrap {
		lines = append(lines, w.customLine("gift-wrap", localized("de-DE", "Geschenkpapier", "en-GB", "Gift wrap"), 199, 2))
	}
	return lines
}

func (w *writer) customLine(slug string, name map[string]any, cents, quantity int) map[string]any {
	c := w.money()
	unit := c.amountOf(cents)
	line := w.item(quantity, unit*quantity)
	maps.Copy(line, map[string]any{
		"key": slug, "slug": slug, "name": name, "money": c.money(unit), "priceMode": "Standard",
		"taxCategory": reference("tax-category", taxCategoryID),
	})
	return line
}

// item is what lines of goods and custom lines have in common.
func (w *writer) item(quantity, total int) map[string]any {
	return map[string]any{
		"id": randomID(w.random), "quantity": quantity, "totalPrice": w.money().money(total),
		"taxedPrice": w.addToTotal(total), "taxRate": w.shop.rates[w.plan.country],
		"discountedPricePerQuantity": []any{}, "taxedPricePortions": []any{}, "perMethodTaxRate": []any{},
		"state": []any{map[string]any{"quantity": quantity, "state": reference("state", stateID)}},
	}
}
