package export_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// mark is in every text of an arbitrary order that concerns a person, so that it is
// found wherever it must not be.
const mark = "☠"

// order draws any order that commercetools' schema allows, though few shops have one
// like it: whatever may be left out, empty, blank, of an odd kind or very long is so
// at times.
func arbitraryOrder(t *rapid.T) object {
	d := draw{t}
	order := object{
		"id": d.id(), "version": d.int(1, 1000), "createdAt": d.date(), "lastModifiedAt": d.date(),
		"lineItems": d.list(0, 4, d.line), "customLineItems": d.list(0, 2, d.customLine),
		"totalPrice": d.cents(), "orderState": d.of("Open", "Confirmed", "Complete", "Cancelled"),
		"origin":       d.of("Customer", "Merchant", "Quote", "RecurringOrder"),
		"refusedGifts": []any{}, "syncInfo": []any{}, "shipping": []any{}, "shippingMode": "Single",
	}
	d.maybe(order, "orderNumber", d.text)
	d.maybe(order, "customerId", func() any { return d.id() })
	d.maybe(order, "customerEmail", d.email)
	d.maybe(order, "store", func() any { return object{"typeId": "store", "key": d.of("north", "south")} })
	d.maybe(order, "country", func() any { return d.of(countries...) })
	d.maybe(order, "locale", func() any { return d.of(locales...) })
	d.maybe(order, "shippingAddress", d.address)
	d.maybe(order, "billingAddress", d.address)
	d.maybe(order, "paymentState", func() any { return d.of("BalanceDue", "Pending", "Failed", "CreditOwed", "Paid") })
	d.maybe(order, "shipmentState", func() any {
		return d.of("Shipped", "Delivered", "Ready", "Pending", "Delayed", "Partial", "Backorder", "Canceled")
	})
	d.maybe(order, "itemShippingAddresses", func() any { return d.list(0, 3, d.address) })
	d.maybe(order, "custom", d.custom)
	d.maybe(order, "taxMode", func() any { return d.of("Platform", "External", "ExternalAmount", "Disabled") })
	d.maybe(order, "discountOnTotalPrice", func() any {
		return object{"discountedAmount": d.cents(), "includedDiscounts": []any{}}
	})
	d.ships(order)
	return order
}

var (
	countries  = []string{"DE", "GB", "JP", "KW", "US", "CH", "", "de", "D", "DEU", " "}
	locales    = []string{"de-DE", "en", "en-GB", "ja-JP", "zh-Hans-CN", "ar-KW", "x", "", "de_AT", "-"}
	currencies = []string{"EUR", "JPY", "KWD", "CHF", "CLF"}
)

type draw struct{ t *rapid.T }

func (d draw) int(from, to int) int         { return rapid.IntRange(from, to).Draw(d.t, "int") }
func (d draw) of(texts ...string) string    { return rapid.SampledFrom(texts).Draw(d.t, "of") }
func (d draw) chance(one int) bool          { return d.int(1, one) == 1 }
func (d draw) id() string                   { return fmt.Sprintf("00000000-0000-4000-8000-%012d", d.int(0, 9999)) }
func (d draw) reference(kind string) object { return object{"typeId": kind, "id": d.id()} }

func (d draw) maybe(into object, key string, value func() any) {
	if !d.chance(3) {
		into[key] = value()
	}
}

func (d draw) list(from, to int, one func() any) []any {
	all := make([]any, d.int(from, to))
	for i := range all {
		all[i] = one()
	}
	return all
}

// text is anything a text field may hold.
func (d draw) text() any {
	return d.of("plain", "zwei Worte", "", " ", "\n", "  rand \t ", "zwei\nZeilen", "zwei\r\nZeilen", "名前", "🦀👨‍👩‍👧", "\u200b", "\u00a0", "\u0000", "\u202e",
		"null", "{}", "$", "a.b", "a/b&c=d?#%", strings.Repeat("lang ", 60), strings.Repeat("ü", 4000))
}

// personal is a text that concerns a person.
func (d draw) personal() any {
	if text := d.text().(string); strings.TrimSpace(text) != "" {
		return mark + text
	}
	return d.of("", " ", "\n")
}

func (d draw) email() any {
	return d.of("", " ", mark+"@example.org", "a"+mark, "dom@"+mark+".example", "quoted <"+mark+"@example.org>", mark, "a@b\n"+mark, strings.Repeat("x", 300)+mark+"@example.org")
}

func (d draw) date() string {
	return d.of("2026-03-01T09:14:58.000Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-10-25T02:30:00.123+02:00")
}

func (d draw) localized() any {
	texts := object{}
	for range d.int(0, 3) {
		texts[d.of("de-DE", "de", "en", "en-GB", "ja-JP", "zh-Hans-CN", "fr", "ar")] = d.text()
	}
	return texts
}

func (d draw) cents() any {
	return object{"type": "centPrecision", "currencyCode": d.of(currencies...), "centAmount": d.amount(), "fractionDigits": d.int(0, 4)}
}

func (d draw) money() any {
	if d.chance(3) {
		digits := d.int(1, 20)
		return object{"type": "highPrecision", "currencyCode": d.of(currencies...), "centAmount": d.amount(), "preciseAmount": d.amount(), "fractionDigits": digits}
	}
	return d.cents()
}

func (d draw) amount() int {
	return rapid.SampledFrom([]int{0, 1, 5, 99, 1999, 33333, 123456789, -1, -250, 9007199254740991, -9007199254740991}).Draw(d.t, "amount")
}

func (d draw) address() any {
	a := object{"country": d.of(countries...)}
	for _, part := range []string{
		"title", "salutation", "firstName", "lastName", "streetName", "streetNumber", "additionalStreetInfo", "postalCode", "city", "region", "state",
		"company", "department", "building", "apartment", "pOBox", "phone", "mobile", "fax", "additionalAddressInfo", "externalId",
	} {
		d.maybe(a, part, d.personal)
	}
	d.maybe(a, "email", d.email)
	d.maybe(a, "key", func() any { return d.of("home", "office") })
	return a
}

func (d draw) line() any {
	quantity := d.int(0, 5)
	line := object{
		"id": d.id(), "productId": d.id(), "name": d.localized(), "productType": d.reference("product-type"), "variant": d.variant(),
		"price": d.price(), "quantity": quantity, "totalPrice": d.cents(), "discountedPricePerQuantity": []any{},
		"taxedPricePortions": []any{}, "perMethodTaxRate": []any{}, "state": []any{},
		"priceMode": d.of("Platform", "ExternalPrice", "ExternalTotal"), "lineItemMode": d.of("Standard", "GiftLineItem"),
	}
	if quantity > 0 && d.chance(2) {
		line["discountedPricePerQuantity"] = d.shares(quantity)
	}
	d.maybe(line, "key", d.text)
	d.maybe(line, "supplyChannel", d.channel)
	d.maybe(line, "custom", d.custom)
	d.maybe(line, "shippingDetails", func() any { return d.details(quantity) })
	d.maybe(line, "taxedPrice", func() any {
		return object{"totalNet": d.cents(), "totalGross": d.cents(), "taxPortions": []any{}, "totalTax": d.cents()}
	})
	d.maybe(line, "taxRate", func() any {
		return object{"name": d.text(), "amount": rapid.Float64Range(0, 1).Draw(d.t, "rate"), "includedInPrice": d.chance(2), "country": "DE"}
	})
	return line
}

// shares are discounted prices whose quantities make up the line's.
func (d draw) shares(quantity int) []any {
	share := func(n int) any {
		return object{"quantity": n, "discountedPrice": object{"value": d.money(), "includedDiscounts": []any{
			object{"discount": d.reference("cart-discount"), "discountedAmount": d.money()},
		}}}
	}
	if first := d.int(1, quantity); first < quantity {
		return []any{share(first), share(quantity - first)}
	}
	return []any{share(quantity)}
}

func (d draw) price() any {
	price := object{"id": d.id(), "value": d.money()}
	d.maybe(price, "discounted", func() any { return object{"value": d.money(), "discount": d.reference("product-discount")} })
	return price
}

func (d draw) customLine() any {
	line := object{
		"id": d.id(), "name": d.localized(), "slug": d.of("gift-wrap", "fee", "Ünsinn"), "money": d.money(), "quantity": d.int(0, 3), "totalPrice": d.cents(),
		"state": []any{}, "discountedPricePerQuantity": []any{}, "taxedPricePortions": []any{}, "perMethodTaxRate": []any{}, "priceMode": d.of("Standard", "External"),
	}
	d.maybe(line, "key", func() any { return d.of("gift-1", "fee-1") })
	d.maybe(line, "custom", d.custom)
	return line
}

func (d draw) channel() any {
	reference := d.reference("channel")
	d.maybe(reference, "obj", func() any {
		return object{"id": reference["id"], "version": 1, "createdAt": d.date(), "lastModifiedAt": d.date(), "key": d.of("berlin", "ulm"), "roles": []any{"InventorySupply"}}
	})
	return reference
}
