package catalogue

func (w *writer) lineItems() []any {
	lines := []any{}
	for i := range w.lines {
		n := w.random.IntN(len(w.products))
		if i < len(w.plan.products) {
			n = w.plan.products[i]
		}
		p := w.products[n]
		w.noteTraits(p)
		lines = append(lines, w.lineItem(i, p))
	}
	if w.gift {
		lines = append(lines, w.giftItem(w.products[10]))
	}
	return lines
}

// offer is what one line costs.
type offer struct {
	price      map[string]any
	total      int
	mode       string // of the price
	byQuantity []any
}

func (w *writer) lineItem(i int, p product) map[string]any {
	quantity := 1 + w.random.IntN(3)
	o := w.offer(i, p, quantity)
	line := w.item(quantity, o.total)
	w.describeLine(line, p)
	line["price"], line["priceMode"], line["lineItemMode"] = o.price, o.mode, "Standard"
	if o.byQuantity != nil {
		line["discountedPricePerQuantity"] = o.byQuantity
	}
	if n := w.supplierIndex(i); n >= 0 {
		line["supplyChannel"] = reference("channel", w.shop.channels[n].id)
	}
	if w.store != "" {
		line["distributionChannel"] = reference("channel", w.shop.channels[w.branch].id)
	}
	return line
}

func (w *writer) describeLine(line map[string]any, p product) {
	line["productId"], line["name"], line["variant"] = p.id, p.name, p.variant
	line["productType"] = reference("product-type", productTypeID)
	if p.sku != "" {
		line["productKey"] = p.id[len(p.id)-4:] + "-product"
	}
}

// supplierIndex is the position of the channel that the line names, negative when none.
func (w *writer) supplierIndex(i int) int {
	switch {
	case w.collect == torn:
		return 1 + i%2
	case w.supplied:
		return w.branch
	}
	return -1
}

func (w *writer) offer(i int, p product, quantity int) offer {
	c := w.money()
	unit := c.amountOf(p.cents)
	o := offer{
		price: map[string]any{"id": randomID(w.random), "value": c.money(unit)},
		total: unit * quantity, mode: "Platform",
	}
	switch {
	case w.precise:
		amount := unit*100 + 33
		o.price["value"], o.total = c.preciseMoney(amount), divideRounded(amount*quantity, 100)
	case w.reduced:
		less := unit * 4 / 5
		o.total = less * quantity
		o.price["discounted"] = map[string]any{"value": c.money(less), "discount": reference("product-discount", discountID)}
	case w.byQuantity:
		o.byQuantity, o.total = w.discountedPortions(unit, quantity)
	case w.externalTotal && i == 0:
		o.mode, o.total = "ExternalTotal", unit*quantity*9/10
	}
	return o
}

// discountedPortions takes a tenth off one piece; the others cost what they cost.
func (w *writer) discountedPortions(unit, quantity int) (portions []any, total int) {
	c, off := w.money(), unit/10
	portions = append(portions, portion(1, c.money(unit-off), c.money(off)))
	if quantity > 1 {
		portions = append(portions, portion(quantity-1, c.money(unit), nil))
	}
	return portions, unit*quantity - off
}

func portion(quantity int, value, off map[string]any) map[string]any {
	included := []any{}
	if off != nil {
		included = append(included, map[string]any{"discount": reference("cart-discount", discountID), "discountedAmount": off})
	}
	return map[string]any{
		"quantity": quantity, "discountedPrice": map[string]any{"value": value, "includedDiscounts": included},
	}
}

// giftItem costs nothing and is sent all the same.
func (w *writer) giftItem(p product) map[string]any {
	c := w.money()
	price := c.money(c.amountOf(p.cents))
	line := w.item(1, 0)
	w.describeLine(line, p)
	w.noteTraits(p)
	line["price"] = map[string]any{"id": randomID(w.random), "value": price}
	line["priceMode"], line["lineItemMode"] = "Platform", "GiftLineItem"
	line["discountedPricePerQuantity"] = []any{portion(1, c.money(0), price)}
	if n := w.supplierIndex(0); n >= 0 {
		line["supplyChannel"] = reference("channel", w.shop.channels[n].id)
	}
	return line
}
