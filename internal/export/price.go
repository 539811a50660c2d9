package export

import (
	"errors"
	"strconv"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// prices are what a line costs.
type prices struct {
	base, unit *amount // of one piece, before and after the product's own discount
	total      *amount // of the line, after every discount
	rate       *platform.TaxRate
}

func pricesOf(line *platform.LineItem) prices {
	p := prices{base: amountOf(line.Price.Value), total: amountOf(line.TotalPrice), rate: rateOf(line.TaxRate, line.PerMethodTaxRate)}
	p.unit = p.base
	if line.Price.Discounted != nil {
		p.unit = amountOf(line.Price.Discounted.Value)
	}
	if line.PriceMode == platform.LineItemPriceModeExternalTotal {
		p.unit = p.total.over(line.Quantity) // the total alone counts
		p.base = p.unit
	}
	return p
}

func customPricesOf(line *platform.CustomLineItem) prices {
	money := amountOf(line.Money)
	return prices{base: money, unit: money, total: amountOf(line.TotalPrice), rate: rateOf(line.TaxRate, line.PerMethodTaxRate)}
}

// rateOf is the line's tax rate; with several shipping methods (Multiple mode) the one
// that they all have.
func rateOf(rate *platform.TaxRate, byMethod []platform.MethodTaxRate) *platform.TaxRate {
	if rate != nil || len(byMethod) == 0 {
		return rate
	}
	for _, method := range byMethod {
		if method.TaxRate == nil || method.TaxRate.Amount != byMethod[0].TaxRate.Amount {
			return nil
		}
	}
	return byMethod[0].TaxRate
}

// digits are those of the currency's smallest unit, which a line's total has.
func (p prices) digits() int {
	if p.total != nil {
		return p.total.digits
	}
	return p.unit.digits
}

// errTooLarge is an amount that nobody could read there.
var errTooLarge = errors.New("a price leaves what fits in 64 bits")

// discount is what the discounts of product and cart take off the line; nil when nothing.
func (p prices) discount(quantity int) (*amount, error) {
	if p.base == nil || p.total == nil {
		return nil, nil
	}
	off, fits := p.base.times(quantity, p.total.digits)
	less := off.units - p.total.units
	if fits = fits && (less < off.units) == (p.total.units > 0); !fits {
		return nil, errTooLarge
	}
	if off.units = less; less <= 0 {
		return nil, nil
	}
	return &off, nil
}

// Keys of price attributes. Every number is whole: amounts are in smallest units.
const (
	keyValue         = "value"
	keyValuePerUnit  = "valuePerUnit"
	keyCurrency      = "currency"
	keyDecimalPlaces = "decimalPlaces"
	keyPercentage    = "percentage"
)

func attribute(to *fulfillmenttools.OrderLineItem, category, key, value, kind string) {
	to.Article.Attributes = append(to.Article.Attributes, fulfillmenttools.Attribute{Key: key, Value: value, Category: category, Type: kind})
}

// pricesLeftOut reports whether the shop wants no prices sent.
func (m *mapping) pricesLeftOut() bool { return m.shop.Export.Prices == config.PricesNone }

// shopPrice is deprecated there, but what the existing connector sends.
func (m *mapping) shopPrice(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.prices.unit != nil && !m.pricesLeftOut() {
		major := from.prices.unit.major()
		to.ShopPrice = &major
	}
}

// shopPrices are what the customer pays for one piece. There is no key for the digits, so
// they are the currency's own.
func (m *mapping) shopPrices(from *item, to *fulfillmenttools.OrderLineItem) {
	unit := from.prices.unit
	if unit == nil || m.pricesLeftOut() {
		return
	}
	rounded, fits := unit.times(1, from.prices.digits())
	if !fits {
		m.problem("%s: %s", from.label(), errTooLarge)
		return
	}
	if exact, _ := rounded.times(1, unit.digits); exact != *unit {
		m.noteOnce("prices: a price is more precise than its currency, the category shop has it rounded")
	}
	attribute(to, fulfillmenttools.CategoryShop, keyValuePerUnit, strconv.Itoa(rounded.units), fulfillmenttools.TypeNumber)
	attribute(to, fulfillmenttools.CategoryShop, keyCurrency, unit.currency, fulfillmenttools.TypeCurrency)
}

// basePrice is exact: its digits are an attribute of their own.
func (m *mapping) basePrice(from *item, to *fulfillmenttools.OrderLineItem) {
	base := from.prices.base
	if base == nil || m.pricesLeftOut() {
		return
	}
	attribute(to, fulfillmenttools.CategoryBasePrice, keyValue, strconv.Itoa(base.units), "")
	attribute(to, fulfillmenttools.CategoryBasePrice, keyCurrency, base.currency, fulfillmenttools.TypeCurrency)
	attribute(to, fulfillmenttools.CategoryBasePrice, keyDecimalPlaces, strconv.Itoa(base.digits), "")
}

// discount is sent in the unit that the shop knows fulfillmenttools to read.
func (m *mapping) discount(from *item, to *fulfillmenttools.OrderLineItem) {
	off, err := from.prices.discount(from.amount)
	if err != nil && !m.pricesLeftOut() {
		m.problem("%s: %s", from.label(), err)
	}
	if off == nil || m.pricesLeftOut() {
		return
	}
	switch m.shop.Export.Discount {
	case config.DiscountPerLine:
	case config.DiscountPerUnit:
		whole := *off
		off = off.over(from.amount)
		if all, _ := off.times(from.amount, off.digits); all != whole {
			m.noteOnce("prices: a discount is not the same for each piece, by the piece it is rounded")
		}
	default:
		m.noteOnce("prices: discounts on lines are not carried, export.discount carries them")
		return
	}
	attribute(to, fulfillmenttools.CategoryDiscount, keyValue, strconv.Itoa(off.units), "")
}

// tax is a whole number of per cent: fulfillmenttools documents no other.
func (m *mapping) tax(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.prices.rate == nil || m.pricesLeftOut() {
		return
	}
	rate := percent(from.prices.rate.Amount)
	if strings.Contains(rate, ".") {
		m.noteOnce("prices: a tax rate of %s %% is left out, fulfillmenttools takes whole ones", rate)
		return
	}
	attribute(to, fulfillmenttools.CategoryTax, keyPercentage, rate, "")
}
