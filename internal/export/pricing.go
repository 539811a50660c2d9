package export

import (
	"cmp"
	"math"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// pricingRules fill what concerns the price of the whole order, when the shop wants it:
// fulfillmenttools calls it alpha.
var pricingRules = []rule[*commercetools.Order, fulfillmenttools.Pricing]{
	{"discounts[]", "discountOnTotalPrice, customLineItems[]", (*mapping).pricingDiscounts},
	{"fees[]", "shippingInfo, shipping[].shippingInfo, customLineItems[]", (*mapping).pricingFees},
	{"taxes[]", "taxedPrice.taxPortions[]", (*mapping).pricingTaxes},
}

func (m *mapping) pricing(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	switch {
	case m.shop.Export.Pricing:
		var pricing fulfillmenttools.Pricing
		follow(m, place{to: "pricing"}, pricingRules, order, &pricing)
		if len(pricing.Discounts)+len(pricing.Fees)+len(pricing.Taxes) > 0 {
			to.Pricing = &pricing
		}
	case order.DiscountOnTotalPrice != nil && !m.pricesLeftOut():
		m.note("prices: the discount on the order's total is not carried, export.pricing carries it")
	}
}

// pricingDiscounts are those on the order's total, and custom line items that take
// something off and are not exported.
func (m *mapping) pricingDiscounts(order *commercetools.Order, to *fulfillmenttools.Pricing) {
	if whole := order.DiscountOnTotalPrice; whole != nil {
		to.Discounts = m.totalDiscounts(order, whole)
	}
	for _, line := range m.notExported(order) {
		if total := amountOf(line.TotalPrice); total != nil && total.units < 0 {
			total.units = -total.units
			discount := absolute(total)
			discount.Name, discount.NameLocalized = m.nameOf(line)
			to.Discounts = append(to.Discounts, discount)
		}
	}
	to.Discounts = atMost(m, "discounts", to.Discounts)
}

// totalDiscounts are the parts of the discount on the total, or the whole where the
// parts are not all of it.
func (m *mapping) totalDiscounts(order *commercetools.Order, whole *platform.DiscountOnTotalPrice) []fulfillmenttools.PricingDiscount {
	total := amountOf(whole.DiscountedAmount)
	if total == nil || total.units == 0 {
		return nil
	}
	var parts []fulfillmenttools.PricingDiscount
	sum := 0
	for _, portion := range whole.IncludedDiscounts {
		part := amountOf(portion.DiscountedAmount)
		if part == nil {
			continue
		}
		sum += part.units
		discount := absolute(part)
		m.describe(&discount, portion.Discount, order)
		parts = append(parts, discount)
	}
	if sum != total.units {
		return []fulfillmenttools.PricingDiscount{absolute(total)}
	}
	return parts
}

func absolute(off *amount) fulfillmenttools.PricingDiscount {
	return fulfillmenttools.PricingDiscount{Type: fulfillmenttools.DiscountAbsolute, Value: monetary(off)}
}

// describe says what is known of a discount: the name when it is expanded, the code when
// that is.
func (m *mapping) describe(discount *fulfillmenttools.PricingDiscount, reference platform.Reference, order *commercetools.Order) {
	switch reference := reference.(type) {
	case platform.DirectDiscountReference:
		discount.TenantDiscountID = reference.ID
	case platform.CartDiscountReference:
		discount.TenantDiscountID = reference.ID
		if cart := reference.Obj; cart != nil {
			discount.TenantDiscountID = firstOf(orEmpty(cart.Key), reference.ID)
			discount.Name, _ = m.languages.pick(cart.Name)
			discount.NameLocalized = localized(cart.Name)
		}
		discount.Code = codeOf(order, reference.ID)
	}
}

// codeOf is the code that brought the order this discount, where codes are expanded.
func codeOf(order *commercetools.Order, cartDiscount string) string {
	for _, used := range order.DiscountCodes {
		code := used.DiscountCode.Obj
		if code != nil && slices.ContainsFunc(code.CartDiscounts, func(d platform.CartDiscountReference) bool { return d.ID == cartDiscount }) {
			return code.Code
		}
	}
	return ""
}

// shippingFee is the name of the fee for shipping.
const shippingFee = "shipping"

// pricingFees are what shipping costs, and custom line items that are not exported.
func (m *mapping) pricingFees(order *commercetools.Order, to *fulfillmenttools.Pricing) {
	add := func(name string, fee *amount) {
		if fee != nil && fee.units > 0 {
			to.Fees = append(to.Fees, fulfillmenttools.PricingFee{Name: name, Value: monetary(fee)})
		}
	}
	if order.ShippingInfo != nil {
		add(shippingFee, shippingPrice(order.ShippingInfo))
	}
	for i := range order.Shipping {
		add(shippingFee, shippingPrice(&order.Shipping[i].ShippingInfo))
	}
	for _, line := range m.notExported(order) {
		name, _ := m.nameOf(line)
		add(name, amountOf(line.TotalPrice))
	}
	to.Fees = atMost(m, "fees", to.Fees)
}

func shippingPrice(info *platform.ShippingInfo) *amount {
	if info.DiscountedPrice != nil {
		return amountOf(info.DiscountedPrice.Value)
	}
	return amountOf(info.Price)
}

// notExported are the custom line items that did not become lines.
func (m *mapping) notExported(order *commercetools.Order) []*platform.CustomLineItem {
	var left []*platform.CustomLineItem
	for i := range order.CustomLineItems {
		line := &order.CustomLineItems[i]
		if !slices.ContainsFunc(m.items, func(exported item) bool { return exported.custom == line }) {
			left = append(left, line)
		}
	}
	return left
}

func (m *mapping) nameOf(line *platform.CustomLineItem) (string, map[string]string) {
	name, _ := m.languages.pick(line.Name)
	return firstOf(name, line.Slug), localized(line.Name)
}

// pricingTaxes are the order's taxes, one for each rate.
func (m *mapping) pricingTaxes(order *commercetools.Order, to *fulfillmenttools.Pricing) {
	if order.TaxedPrice == nil {
		return
	}
	for _, portion := range order.TaxedPrice.TaxPortions {
		tax := amountOf(portion.Amount)
		if tax == nil {
			continue
		}
		rate := math.Round(portion.Rate*1e8) / 1e6
		at := slices.IndexFunc(to.Taxes, func(t fulfillmenttools.PricingTax) bool { return *t.RatePercent == rate })
		if at < 0 {
			to.Taxes = append(to.Taxes, fulfillmenttools.PricingTax{RatePercent: &rate, Value: monetary(tax)})
		} else {
			sum := to.Taxes[at].Value.Value + tax.units
			if (sum < tax.units) != (to.Taxes[at].Value.Value < 0) {
				m.problem("taxes: %s", errTooLarge)
			}
			to.Taxes[at].Value.Value = sum
		}
	}
	slices.SortFunc(to.Taxes, func(a, b fulfillmenttools.PricingTax) int { return cmp.Compare(*a.RatePercent, *b.RatePercent) })
	to.Taxes = atMost(m, "taxes", to.Taxes)
}

func monetary(a *amount) *fulfillmenttools.MonetaryValue {
	return &fulfillmenttools.MonetaryValue{Value: a.units, Currency: a.currency, DecimalPlaces: &a.digits}
}

// atMost keeps what fulfillmenttools takes.
func atMost[T any](m *mapping, what string, list []T) []T {
	if n := len(list); n > fulfillmenttools.MaxPricing {
		m.note("prices: %d %s left out, fulfillmenttools takes %d", n-fulfillmenttools.MaxPricing, what, fulfillmenttools.MaxPricing)
		return list[:fulfillmenttools.MaxPricing]
	}
	return list
}
