package export

import (
	"fmt"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/fulfillmenttools"
)

// prices are what a line costs.
type prices struct {
	base, unit  *amount // of one piece, before and after the product's own discount
	total       *amount // of the line, after cart discounts
	perQuantity []platform.DiscountedLineItemPriceForQuantity
	taxed       *platform.TaxedItemPrice
	rate        *platform.TaxRate
}

func pricesOf(line *platform.LineItem) prices {
	p := prices{
		base: amountOf(line.Price.Value), total: amountOf(line.TotalPrice),
		perQuantity: line.DiscountedPricePerQuantity, taxed: line.TaxedPrice, rate: line.TaxRate,
	}
	p.unit = p.base
	if line.Price.Discounted != nil {
		p.unit = amountOf(line.Price.Discounted.Value)
	}
	if line.PriceMode == platform.LineItemPriceModeExternalTotal {
		// The total alone counts, so there is no price before discounts.
		p.base, p.unit, p.perQuantity = nil, p.total.over(line.Quantity), nil
	}
	return p
}

func customPricesOf(line *platform.CustomLineItem) prices {
	money := amountOf(line.Money)
	return prices{
		base: money, unit: money, total: amountOf(line.TotalPrice),
		perQuantity: line.DiscountedPricePerQuantity, taxed: line.TaxedPrice, rate: line.TaxRate,
	}
}

// final is the price of one piece after every discount; when the pieces differ it is
// their average.
func (p prices) final(quantity int) *amount {
	if p.total == nil || p.unit == nil {
		return p.unit
	}
	if len(p.perQuantity) == 1 {
		if price := amountOf(p.perQuantity[0].DiscountedPrice.Value); price != nil {
			return price
		}
	}
	if p.unit.times(quantity).in(p.total.digits) == *p.total {
		return p.unit
	}
	return p.total.over(quantity)
}

// before is the line's price before any discount.
func (p prices) before(quantity int) *amount {
	if p.base == nil || p.total == nil {
		return nil
	}
	whole := p.base.times(quantity).in(p.total.digits)
	return &whole
}

// The price attributes. fulfillmenttools takes an amount as a number, and the currency
// as an attribute of its own; salesPrice is the exception.
const (
	perUnit      = "valuePerUnit"
	whole        = "value"
	currencyCode = "currency"
)

func priceAttribute(to *fulfillmenttools.OrderLineItem, category, key string, price *amount) {
	if price != nil {
		attribute(to, category, key, price.text(), fulfillmenttools.TypeNumber)
	}
}

func attribute(to *fulfillmenttools.OrderLineItem, category, key, value, kind string) {
	to.Article.Attributes = append(to.Article.Attributes, fulfillmenttools.Attribute{Key: key, Value: value, Category: category, Type: kind})
}

// shopPrice is deprecated there, but what the existing connector sends.
func (m *mapping) shopPrice(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.prices.unit != nil {
		major := from.prices.unit.major()
		to.ShopPrice = &major
	}
}

func (m *mapping) shopPrices(from *item, to *fulfillmenttools.OrderLineItem) {
	priceAttribute(to, fulfillmenttools.CategoryShop, perUnit, from.prices.unit)
	if from.prices.unit != nil && from.prices.unit.currency != "" {
		attribute(to, fulfillmenttools.CategoryShop, currencyCode, from.prices.unit.currency, fulfillmenttools.TypeCurrency)
	}
}

// salesPrice is the amount once more, as one attribute that clients show as a price.
func (m *mapping) salesPrice(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.prices.unit != nil {
		attribute(to, fulfillmenttools.CategorySalesPrice, "price", from.prices.unit.text(), fulfillmenttools.TypeCurrency)
	}
}

func (m *mapping) basePrice(from *item, to *fulfillmenttools.OrderLineItem) {
	priceAttribute(to, fulfillmenttools.CategoryBasePrice, perUnit, from.prices.base)
}

func (m *mapping) finalUnitPrice(from *item, to *fulfillmenttools.OrderLineItem) {
	priceAttribute(to, fulfillmenttools.CategoryFinalUnitPrice, perUnit, from.prices.final(from.amount))
	if len(from.prices.perQuantity) < 2 {
		return
	}
	var each []string
	for _, part := range from.prices.perQuantity {
		if price := amountOf(part.DiscountedPrice.Value); price != nil {
			each = append(each, fmt.Sprintf("%d × %s", part.Quantity, price.text()))
		}
	}
	if len(each) > 0 {
		attribute(to, fulfillmenttools.CategoryFinalUnitPrice, "valuesPerUnit", strings.Join(each, ", "), "")
	}
}

func (m *mapping) beforeDiscounts(from *item, to *fulfillmenttools.OrderLineItem) {
	priceAttribute(to, fulfillmenttools.CategoryBeforeDiscounts, whole, from.prices.before(from.amount))
}

func (m *mapping) discount(from *item, to *fulfillmenttools.OrderLineItem) {
	if before := from.prices.before(from.amount); before != nil && before.units > from.prices.total.units {
		before.units -= from.prices.total.units
		priceAttribute(to, fulfillmenttools.CategoryDiscount, whole, before)
	}
}

func (m *mapping) afterDiscounts(from *item, to *fulfillmenttools.OrderLineItem) {
	priceAttribute(to, fulfillmenttools.CategoryAfterDiscounts, whole, from.prices.total)
}

func (m *mapping) tax(from *item, to *fulfillmenttools.OrderLineItem) {
	if taxed := from.prices.taxed; taxed != nil {
		tax := amountOf(taxed.TotalGross)
		if net := amountOf(taxed.TotalNet); tax != nil && net != nil {
			tax.units -= net.units
		}
		if taxed.TotalTax != nil {
			tax = amountOf(*taxed.TotalTax)
		}
		priceAttribute(to, fulfillmenttools.CategoryTax, whole, tax)
	}
	if rate := from.prices.rate; rate != nil {
		attribute(to, fulfillmenttools.CategoryTax, "ratePercent", percent(rate.Amount), fulfillmenttools.TypeNumber)
	}
}

func (m *mapping) finalLinePrice(from *item, to *fulfillmenttools.OrderLineItem) {
	price := from.prices.total
	if taxed := from.prices.taxed; taxed != nil {
		price = amountOf(taxed.TotalGross)
	}
	priceAttribute(to, fulfillmenttools.CategoryFinalLinePrice, whole, price)
}
