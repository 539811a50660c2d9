package catalogue

import (
	"maps"
	"slices"
)

// Traits that the products of an order decide.
const (
	attributePrefix = "attribute "
	scannableCodes  = "scannable codes"
	noSKU           = "no SKU"
	noImage         = "no image"
	severalImages   = "several images"
	foreignTitle    = "title lacks the locale"
)

// Traits that only the orders of a fate have.
const (
	cancelled  = "cancelled"
	unmappable = "collected from two places at once"
)

// trait changes a plan. Traits of one group exclude each other.
type trait struct {
	name, group string
	apply       func(*plan)
}

// pickupTrait shows in two ways, of which a shop has one.
const (
	pickupTrait       = "collected, by field"
	pickupByKey       = "collected, field holds a key"
	pickupByReference = "collected, field holds a reference"
)

func (x shopIndex) pickupTrait() string {
	if x.pickupByReference {
		return pickupByReference
	}
	return pickupByKey
}

// Traits are the names of everything that the shop's orders can have; the first 60
// orders between them have all.
func (o *Orders) Traits() []string {
	names := []string{scannableCodes, noSKU, noImage, severalImages, foreignTitle, cancelled, unmappable, o.shop.pickupTrait()}
	for _, t := range o.traits {
		names = append(names, t.name)
	}
	for _, shape := range slices.Sorted(maps.Keys(attributeShapes())) {
		names = append(names, attributePrefix+shape)
	}
	return names
}

func traits() []trait {
	return slices.Concat(placeTraits(), deliveryTraits(), numberTraits(), addressTraits(), lineTraits(), orderTraits())
}

func deliveryTraits() []trait {
	const group = "delivery"
	by := func(method string) func(*plan) { return func(p *plan) { p.method = method } }
	collected := func(c collection, fieldType string) func(*plan) {
		return func(p *plan) {
			p.method, p.collect, p.fieldType, p.fate = pickupMethod, c, fieldType, FateCollected
			p.supplied = c == byLines
		}
	}
	return []trait{
		{"shipped", group, by(standardMethod)},
		{"shipped from a store", group, func(p *plan) { p.method, p.supplied = standardMethod, true }},
		{"order of a store", group, func(p *plan) {
			p.store = pickStore(p.country)
			p.branch = supplyOfStores()[p.store][0]
		}},
		{"same day", group, by(expressMethod)},
		{"unmapped shipping method", group, by(freightMethod)},
		{"shipping method without a key", group, by(keylessMethod)},
		{"custom shipping method", group, by(customMethod)},
		{pickupTrait, group, collected(byField, ConnectorType)},
		{"collected, lines agree", group, collected(byLines, "")},
	}
}

func pickStore(country string) string {
	switch country {
	case "AT":
		return "wien"
	case "FR":
		return "france"
	case "JP":
		return "japan"
	}
	return "germany"
}

func numberTraits() []trait {
	const group = "number"
	number := func(pattern string) func(*plan) { return func(p *plan) { p.number = pattern } }
	return []trait{
		{"order number", group, number("HK-*")},
		{"no order number", group, number("")},
		{"order number with & and +", group, number("A&B+*")},
		{"order number with # and %", group, number("#*%20")},
		{"order number with / and spaces", group, number("2026/DE *")},
		{"order number comes later", group, func(p *plan) { p.number, p.numberLater = "LATE-*", true }},
	}
}

func placeTraits() []trait {
	speaks := func(locale, country string) func(*plan) {
		return func(p *plan) { p.locale, p.country, p.branch = locale, country, branchNumber(country) }
	}
	pays := func(c currency) func(*plan) { return func(p *plan) { p.currency = &c } }
	return []trait{
		{"locale de-DE", "locale", speaks("de-DE", "DE")},
		{"locale en-GB", "locale", speaks("en-GB", "GB")},
		{"locale fr-FR", "locale", speaks("fr-FR", "FR")},
		{"locale ja-JP", "locale", speaks("ja-JP", "JP")},
		{"locale pl-PL", "locale", speaks("pl-PL", "PL")},
		{"no locale", "locale", speaks("", "AT")},
		{"EUR", "currency", pays(eur)},
		{"GBP", "currency", pays(gbp)},
		{"JPY", "currency", pays(jpy)},
		{"KWD", "currency", pays(kwd)},
		{"high-precision price", "price", func(p *plan) { p.precise = true }},
	}
}

func addressTraits() []trait {
	shipping := func(change func(map[string]any)) func(*plan) {
		return func(p *plan) { p.shipping = append(p.shipping, change) }
	}
	return []trait{
		{"no house number", "street", shipping(func(a map[string]any) { delete(a, "streetNumber") })},
		{"PO box", "street", shipping(func(a map[string]any) {
			delete(a, "streetName")
			delete(a, "streetNumber")
			a["pOBox"] = "30 04 55"
		})},
		{"empty strings in the address", "street", shipping(func(a map[string]any) {
			for _, name := range []string{"streetNumber", "company", "salutation", "email", "mobile", "state", "additionalAddressInfo"} {
				a[name] = ""
			}
		})},
		{"company address", "company", shipping(func(a map[string]any) {
			a["company"], a["department"] = "Berg & Söhne GmbH", "Einkauf"
		})},
		{"additional address info", "info", shipping(func(a map[string]any) {
			a["additionalAddressInfo"], a["additionalStreetInfo"] = "Hinterhaus, 3. OG", "Aufgang B"
			a["building"], a["apartment"], a["region"] = "7", "12", "Nord"
		})},
		{"separate billing address", "billing", func(p *plan) { p.billing = "separate" }},
		{"no billing address", "billing", func(p *plan) { p.billing = "none" }},
		{"no e-mail", "email", func(p *plan) { p.noEmail = true }},
		{"customer's e-mail", "email", func(p *plan) { p.noEmail = false }},
	}
}

func lineTraits() []trait {
	return []trait{
		{"gift", "gift", func(p *plan) { p.gift = true }},
		{"fee", "fee", func(p *plan) { p.fee = true }},
		{"gift wrap", "wrap", func(p *plan) { p.wrap = true }},
		{"discounted price", "price", func(p *plan) { p.reduced = true }},
		{"discounted by quantity", "price", func(p *plan) { p.byQuantity = true }},
		{"external total", "price", func(p *plan) { p.externalTotal = true }},
		{"one line", "lines", func(p *plan) { p.lines = 1 }},
		{"twelve lines", "lines", func(p *plan) { p.lines = 12 }},
	}
}

func orderTraits() []trait {
	entry := func(entry, after string) func(*plan) {
		return func(p *plan) { p.entry, p.after = entry, after }
	}
	return []trait{
		{"paid", "payment", func(p *plan) { p.unpaid = false }},
		{"not paid", "payment", func(p *plan) { p.unpaid = true }},
		{"merchant's custom type", "delivery", func(p *plan) { p.fieldType = merchantType }},
		{"merchant's custom type with the connector's fields", "delivery", func(p *plan) { p.fieldType = extendedType }},
		{"open, then confirmed", "entry", entry("created", "confirm")},
		{"confirmed from the start", "entry", entry("created", "confirmed")},
		{"imported", "entry", entry("imported", "confirmed")},
		{"recurring", "entry", entry("recurring", "confirmed")},
	}
}
