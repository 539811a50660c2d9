package fulfillmenttools

import (
	"slices"
	"strings"
)

// Keys whose values are numbers in the categories that carry prices and measures, by
// category.
var numericKeys = map[string][]string{
	CategoryBasePrice: {"value", "decimalPlaces"},
	CategoryDiscount:  {"value", "percentage"},
	categorySurcharge: {"value", "percentage"},
	CategoryTax:       {"percentage"},
	CategoryShop:      {"valuePerUnit"},
	categoryCustoms:   {"valuePerUnit"},
	categoryInsurance: {"valuePerUnit"},
	categoryDimension: {"weightPerUnit", "height", "width", "length"},
}

// typedCategories demand a type of each attribute.
var typedCategories = []string{CategoryShop, categoryCustoms, categoryInsurance, categoryDimension}

// computedCategories are what fulfillmenttools works out itself.
var computedCategories = []string{categoryBeforeDiscounts, categoryAfterDiscounts, categoryFinalUnitPrice, categoryFinalLinePrice}

// checkPrices checks what fulfillmenttools documents of prices and measures beyond the
// schema of attributes.
func (p *problems) checkPrices(a Attribute) {
	keys, priced := numericKeys[a.Category]
	switch {
	case a.Category == categorySalesPrice:
		p.add("category", "salesPrice is of listings, not of an order's lines")
	case slices.Contains(computedCategories, a.Category):
		p.add("category", a.Category+" is computed by fulfillmenttools")
	}
	if priced && (a.Type == TypeNumber || slices.Contains(keys, a.Key)) {
		p.require(isWholeNumber(a.Value), "value", "must be a whole number without separators")
	}
	if a.Type == TypeCurrency || priced && a.Key == "currency" {
		p.require(IsValidCurrency(a.Value), "value", "must be an ISO 4217 code, as a currency is never an amount")
	}
	p.require(a.Type != "" || !slices.Contains(typedCategories, a.Category), "type", "is missing, which the category demands")
}

func isWholeNumber(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// IsValidCurrency reports whether fulfillmenttools knows the currency.
func IsValidCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && strings.Contains(currencies, code)
}

// currencies are those of ISO 4217 that fulfillmenttools lists.
const currencies = `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
	CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
	GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
	LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD
	OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
	SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA
	XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWL`
