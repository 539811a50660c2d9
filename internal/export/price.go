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
		p.unit = p.total.dividedBy(line.Quantity) // the total alone counts
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

// discountPerPiece is what the discounts of product and cart take off the line; nil when nothing.
func (p prices) discountPerPiece(quantity int) (*amount, error) {
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

func addAttribute(to *fulfillmenttools.OrderLineItem, category, key, value, kind string) {
	to.Article.Attributes = append(to.Article.Attributes, fulfillmenttools.Attribute{Key: key, Value: value, Category: category, Type: kind})
}

// arePricesExcluded reports whether the shop wants no prices sent.
func (m *mapping) arePricesExcluded() bool { return m.shop.Export.Prices == config.PricesNone }

// setShopPrice is deprecated there, but what the existing connector sends.
func (m *mapping) setShopPrice(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.prices.unit != nil && !m.arePricesExcluded() {
		major := from.prices.unit.major()
		to.ShopPrice = &major
	}
}

// addShopPrices are what the customer pays for one piece. There is no key for the digits, so
// they are the currency's own.
func (m *mapping) addShopPrices(from *item, to *fulfillmenttools.OrderLineItem) {
	unit := from.prices.unit
	if unit == nil || m.arePricesExcluded() {
		return
	}
	rounded, fits := unit.times(1, from.prices.digits())
	if !fits {
		m.addProblem("%s: %s", from.lineName(), errTooLarge)
		return
	}
	if exact, _ := rounded.times(1, unit.digits); exact != *unit {
		m.addNoteOnce("prices: a price is more precise than its currency, the category shop has it rounded")
	}
	addAttribute(to, fulfillmenttools.CategoryShop, keyValuePerUnit, strconv.Itoa(rounded.units), fulfillmenttools.TypeNumber)
	addAttribute(to, fulfillmenttools.CategoryShop, keyCurrency, unit.currency, fulfillmenttools.TypeCurrency)
}

// addBasePrice is exact: its digits are an attribute of their own.
func (m *mapping) addBasePrice(from *item, to *fulfillmenttools.OrderLineItem) {
	base := from.prices.base
	if base == nil || m.arePricesExcluded() {
		return
	}
	addAttribute(to, fulfillmenttools.CategoryBasePrice, keyValue, strconv.Itoa(base.units), "")
	addAttribute(to, fulfillmenttools.CategoryBasePrice, keyCurrency, base.currency, fulfillmenttools.TypeCurrency)
	addAttribute(to, fulfillmenttools.CategoryBasePrice, keyDecimalPlaces, strconv.Itoa(base.digits), "")
}

// addDiscount is sent in the unit that the shop knows fulfillmenttools to read.
func (m *mapping) addDiscount(from *item, to *fulfillmenttools.OrderLineItem) {
	off, err := from.prices.discountPerPiece(from.amount)
	if err != nil && !m.arePricesExcluded() {
		m.addProblem("%s: %s", from.lineName(), err)
	}
	if off == nil || m.arePricesExcluded() {
		return
	}
	switch m.shop.Export.Discount {
	case config.DiscountPerLine:
	case config.DiscountPerUnit:
		whole := *off
		off = off.dividedBy(from.amount)
		if all, _ := off.times(from.amount, off.digits); all != whole {
			m.addNoteOnce("prices: a discount is not the same for each piece, by the piece it is rounded")
		}
	default:
		m.addNoteOnce("prices: discounts on lines are not carried, export.discount carries them")
		return
	}
	addAttribute(to, fulfillmenttools.CategoryDiscount, keyValue, strconv.Itoa(off.units), "")
}

// addTax is a whole number of per cent: fulfillmenttools documents no other.
func (m *mapping) addTax(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.prices.rate == nil || m.arePricesExcluded() {
		return
	}
	rate := percentText(from.prices.rate.Amount)
	if strings.Contains(rate, ".") {
		m.addNoteOnce("prices: a tax rate of %s %% is left out, fulfillmenttools takes whole ones", rate)
		return
	}
	addAttribute(to, fulfillmenttools.CategoryTax, keyPercentage, rate, "")
}
