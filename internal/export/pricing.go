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
	{"discounts[]", "discountOnTotalPrice, customLineItems[]", (*mapping).mapPricingDiscounts},
	{"fees[]", "shippingInfo, shipping[].shippingInfo, customLineItems[]", (*mapping).mapPricingFees},
	{"taxes[]", "taxedPrice.taxPortions[]", (*mapping).mapPricingTaxes},
}

func (m *mapping) mapPricing(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	switch {
	case m.shop.Export.Pricing:
		var pricing fulfillmenttools.Pricing
		applyRules(m, place{to: "pricing"}, pricingRules, order, &pricing)
		if len(pricing.Discounts)+len(pricing.Fees)+len(pricing.Taxes) > 0 {
			to.Pricing = &pricing
		}
	case order.DiscountOnTotalPrice != nil && !m.arePricesExcluded():
		m.addNote("prices: the discount on the order's total is not carried, export.pricing carries it")
	}
}

// mapPricingDiscounts are those on the order's total, and custom line items that take
// something off and are not exported.
func (m *mapping) mapPricingDiscounts(order *commercetools.Order, to *fulfillmenttools.Pricing) {
	if whole := order.DiscountOnTotalPrice; whole != nil {
		to.Discounts = m.totalDiscounts(order, whole)
	}
	for _, line := range m.excludedCustomLines(order) {
		if total := amountOf(line.TotalPrice); total != nil && total.units < 0 {
			total.units = -total.units
			discount := absoluteDiscount(total)
			discount.Name, discount.NameLocalized = m.customLineName(line)
			to.Discounts = append(to.Discounts, discount)
		}
	}
	to.Discounts = firstAllowed(m, "discounts", to.Discounts)
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
		discount := absoluteDiscount(part)
		m.nameDiscount(&discount, portion.Discount, order)
		parts = append(parts, discount)
	}
	if sum != total.units {
		return []fulfillmenttools.PricingDiscount{absoluteDiscount(total)}
	}
	return parts
}

func absoluteDiscount(off *amount) fulfillmenttools.PricingDiscount {
	return fulfillmenttools.PricingDiscount{Type: fulfillmenttools.DiscountAbsolute, Value: toMonetaryValue(off)}
}

// nameDiscount says what is known of a discount: the name when it is expanded, the code when
// that is.
func (m *mapping) nameDiscount(discount *fulfillmenttools.PricingDiscount, reference platform.Reference, order *commercetools.Order) {
	switch reference := reference.(type) {
	case platform.DirectDiscountReference:
		discount.TenantDiscountID = reference.ID
	case platform.CartDiscountReference:
		discount.TenantDiscountID = reference.ID
		if cart := reference.Obj; cart != nil {
			discount.TenantDiscountID = firstOf(orEmpty(cart.Key), reference.ID)
			discount.Name, _ = m.languages.textIn(cart.Name)
			discount.NameLocalized = withPlatformLocales(cart.Name)
		}
		discount.Code = discountCodeOf(order, reference.ID)
	}
}

// discountCodeOf is the code that brought the order this discount, where codes are expanded.
func discountCodeOf(order *commercetools.Order, cartDiscount string) string {
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

// mapPricingFees are what shipping costs, and custom line items that are not exported.
func (m *mapping) mapPricingFees(order *commercetools.Order, to *fulfillmenttools.Pricing) {
	add := func(name string, fee *amount) {
		if fee != nil && fee.units > 0 {
			to.Fees = append(to.Fees, fulfillmenttools.PricingFee{Name: name, Value: toMonetaryValue(fee)})
		}
	}
	if order.ShippingInfo != nil {
		add(shippingFee, shippingPrice(order.ShippingInfo))
	}
	for i := range order.Shipping {
		add(shippingFee, shippingPrice(&order.Shipping[i].ShippingInfo))
	}
	for _, line := range m.excludedCustomLines(order) {
		name, _ := m.customLineName(line)
		add(name, amountOf(line.TotalPrice))
	}
	to.Fees = firstAllowed(m, "fees", to.Fees)
}

func shippingPrice(info *platform.ShippingInfo) *amount {
	if info.DiscountedPrice != nil {
		return amountOf(info.DiscountedPrice.Value)
	}
	return amountOf(info.Price)
}

// excludedCustomLines are the custom line items that did not become lines.
func (m *mapping) excludedCustomLines(order *commercetools.Order) []*platform.CustomLineItem {
	var left []*platform.CustomLineItem
	for i := range order.CustomLineItems {
		line := &order.CustomLineItems[i]
		if !slices.ContainsFunc(m.items, func(exported item) bool { return exported.custom == line }) {
			left = append(left, line)
		}
	}
	return left
}

func (m *mapping) customLineName(line *platform.CustomLineItem) (string, map[string]string) {
	name, _ := m.languages.textIn(line.Name)
	return firstOf(name, line.Slug), withPlatformLocales(line.Name)
}

// mapPricingTaxes are the order's taxes, one for each rate.
func (m *mapping) mapPricingTaxes(order *commercetools.Order, to *fulfillmenttools.Pricing) {
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
			to.Taxes = append(to.Taxes, fulfillmenttools.PricingTax{RatePercent: &rate, Value: toMonetaryValue(tax)})
		} else {
			sum := to.Taxes[at].Value.Value + tax.units
			if (sum < tax.units) != (to.Taxes[at].Value.Value < 0) {
				m.addProblem("taxes: %s", errTooLarge)
			}
			to.Taxes[at].Value.Value = sum
		}
	}
	slices.SortFunc(to.Taxes, func(a, b fulfillmenttools.PricingTax) int { return cmp.Compare(*a.RatePercent, *b.RatePercent) })
	to.Taxes = firstAllowed(m, "taxes", to.Taxes)
}

func toMonetaryValue(a *amount) *fulfillmenttools.MonetaryValue {
	return &fulfillmenttools.MonetaryValue{Value: a.units, Currency: a.currency, DecimalPlaces: &a.digits}
}

// firstAllowed keeps what fulfillmenttools takes.
func firstAllowed[T any](m *mapping, what string, list []T) []T {
	if n := len(list); n > fulfillmenttools.MaxPricing {
		m.addNote("prices: %d %s left out, fulfillmenttools takes %d", n-fulfillmenttools.MaxPricing, what, fulfillmenttools.MaxPricing)
		return list[:fulfillmenttools.MaxPricing]
	}
	return list
}
