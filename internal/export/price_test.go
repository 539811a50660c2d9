package export_test

import (
	"strings"
	"testing"

	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/testform"
)

func TestThePriceIsThatOfOnePiece(t *testing.T) {
	t.Parallel()
	money := func(currency string, amount, digits int) object {
		return object{"type": "centPrecision", "currencyCode": currency, "centAmount": amount, "fractionDigits": digits}
	}
	precise := func(amount, digits int) object {
		return object{"type": "highPrecision", "currencyCode": "EUR", "centAmount": 20, "preciseAmount": amount, "fractionDigits": digits}
	}
	price := func(value any) func(object) {
		return func(line object) { line["price"] = object{"id": "p", "value": value} }
	}
	for name, test := range map[string]struct {
		change func(line object)
		want   float64
	}{
		"two digits":    {price(money("EUR", 1999, 2)), 19.99},
		"no digits":     {price(money("JPY", 1980, 0)), 1980},
		"three digits":  {price(money("KWD", 1234, 3)), 1.234},
		"high":          {price(precise(199933, 4)), 19.9933},
		"nothing to it": {price(money("EUR", 0, 2)), 0},
		"reduced": {func(line object) {
			line["price"] = object{"id": "p", "value": money("EUR", 1999, 2), "discounted": object{
				"value": money("EUR", 1499, 2), "discount": object{"typeId": "product-discount", "id": "d"},
			}}
		}, 14.99},
		"reduced to a high precision": {func(line object) {
			line["price"] = object{"id": "p", "value": money("EUR", 1999, 2), "discounted": object{
				"value": precise(149950, 4), "discount": object{"typeId": "product-discount", "id": "d"},
			}}
		}, 14.995},
		"the shop's own total": {func(line object) {
			line["priceMode"], line["quantity"], line["totalPrice"] = "ExternalTotal", 3, money("EUR", 1000, 2)
		}, 3.33},
		"the shop's own total in yen": {func(line object) {
			line["priceMode"], line["quantity"], line["totalPrice"] = "ExternalTotal", 2, money("JPY", 999, 0)
		}, 500},
		"a gift shows its worth": {func(line object) {
			line["lineItemMode"], line["totalPrice"] = "GiftLineItem", money("EUR", 0, 2)
		}, 19.99},
	} {
		mapped, _ := changed(func(o object) { test.change(firstLine(o)) }).must(t)
		if got := mapped.OrderLineItems[0].ShopPrice; got == nil || *got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	mapped, _ := changed(func(o object) { firstLine(o)["price"] = object{"id": "p"} }).must(t)
	if got := mapped.OrderLineItems[0].ShopPrice; got != nil {
		t.Errorf("no price: %v", *got)
	}
}

// priceTexts are the price attributes of the first line, as category.key=value.
func priceTexts(order fulfillmenttools.OrderForCreation) string {
	var texts []string
	for _, a := range order.OrderLineItems[0].Article.Attributes {
		if a.Category != "miscellaneous" {
			texts = append(texts, a.Category+"."+a.Key+"="+a.Value)
		}
	}
	return strings.Join(texts, " ")
}

func discounted(quantity, cents int) object {
	return object{"quantity": quantity, "discountedPrice": object{"value": euros(cents), "includedDiscounts": []any{}}}
}

const (
	full          = "shop.valuePerUnit=1999 shop.currency=EUR basePrice.value=1999 basePrice.currency=EUR basePrice.decimalPlaces=2"
	reduced       = "shop.valuePerUnit=1499 shop.currency=EUR basePrice.value=1999 basePrice.currency=EUR basePrice.decimalPlaces=2"
	notCarried    = "discounts on lines are not carried"
	notWhole      = "a tax rate of 5.5 % is left out"
	divideRounded = "a price is more precise than its currency"
	notTheSame    = "a discount is not the same for each piece"
	totalsStays   = "the discount on the order's total is not carried"
)

func TestUpstreamDefect17PricesAreWhatTheVendorComputesTotalsFrom(t *testing.T) {
	t.Parallel()
	money := func(currency string, units, digits int) object {
		return object{"type": "centPrecision", "currencyCode": currency, "centAmount": units, "fractionDigits": digits}
	}
	precise := func(units, digits int) object {
		return object{"type": "highPrecision", "currencyCode": "EUR", "centAmount": 2, "preciseAmount": units, "fractionDigits": digits}
	}
	someCheaper := func(line object) {
		line["discountedPricePerQuantity"], line["totalPrice"] = []any{discounted(1, 999), discounted(1, 1999)}, euros(2998)
	}
	for name, test := range map[string]struct {
		change func(line object)
		export string
		want   string
		notes  []string
	}{
		"no discount":   {func(object) {}, `{}`, full, nil},
		"nothing of it": {someCheaper, `{"prices":"none"}`, "", nil},
		"the product is reduced": {
			func(line object) {
				part(line, "price")["discounted"] = object{"value": euros(1499), "discount": object{"typeId": "product-discount", "id": "d"}}
				line["totalPrice"] = euros(2998)
			}, `{}`, reduced, []string{notCarried},
		},
		"a discount for some pieces":           {someCheaper, `{"prices":"inputs"}`, full, []string{notCarried}},
		"a discount for some pieces, per line": {someCheaper, `{"discount":"perLine"}`, full + " discount.value=1000", nil},
		"a discount for some pieces, per unit": {someCheaper, `{"discount":"perUnit"}`, full + " discount.value=500", nil},
		"a discount that does not divide": {
			func(line object) {
				line["discountedPricePerQuantity"], line["totalPrice"] = []any{discounted(1, 998), discounted(1, 1999)}, euros(2997)
			}, `{"discount":"perUnit"}`, full + " discount.value=501", []string{notTheSame},
		},
		"a gift": {func(line object) { line["lineItemMode"], line["totalPrice"] = "GiftLineItem", euros(0) }, `{"discount":"perLine"}`, full + " discount.value=3998", nil},
		"the shop's own total": {
			func(line object) {
				line["priceMode"], line["quantity"], line["totalPrice"] = "ExternalTotal", 3, euros(1000)
			}, `{}`, "shop.valuePerUnit=333 shop.currency=EUR basePrice.value=333 basePrice.currency=EUR basePrice.decimalPlaces=2", nil,
		},
		"tax": {
			func(line object) {
				line["taxedPrice"] = object{"totalNet": euros(3360), "totalGross": euros(3998), "taxPortions": []any{}, "totalTax": euros(638)}
				line["taxRate"] = object{"name": "VAT", "amount": 0.19, "includedInPrice": true, "country": "DE"}
			}, `{}`, full + " tax.percentage=19", nil,
		},
		"a tax with a fraction": {
			func(line object) {
				line["taxRate"] = object{"name": "VAT", "amount": 0.055, "includedInPrice": false, "country": "FR"}
			}, `{}`, full, []string{notWhole},
		},
		"a tax of every shipping method": {
			func(line object) { line["perMethodTaxRate"] = []any{methodTax("a", 0.07), methodTax("b", 0.07)} }, `{}`, full + " tax.percentage=7", nil,
		},
		"taxes that differ by shipping method": {
			func(line object) { line["perMethodTaxRate"] = []any{methodTax("a", 0.07), methodTax("b", 0.19)} }, `{}`, full, nil,
		},
		"high precision": {
			func(line object) {
				part(line, "price")["value"], line["quantity"], line["totalPrice"] = precise(15255, 6), 1000, euros(1526)
			}, `{}`, "shop.valuePerUnit=2 shop.currency=EUR basePrice.value=15255 basePrice.currency=EUR basePrice.decimalPlaces=6", []string{divideRounded},
		},
		"high precision that is none": {
			func(line object) { part(line, "price")["value"] = precise(199900, 4) },
			`{}`, "shop.valuePerUnit=1999 shop.currency=EUR basePrice.value=199900 basePrice.currency=EUR basePrice.decimalPlaces=4", nil,
		},
		"no fraction digits": {
			func(line object) {
				part(line, "price")["value"], line["totalPrice"] = money("JPY", 1980, 0), money("JPY", 3960, 0)
			},
			`{}`, "shop.valuePerUnit=1980 shop.currency=JPY basePrice.value=1980 basePrice.currency=JPY basePrice.decimalPlaces=0", nil,
		},
		"three fraction digits": {
			func(line object) {
				part(line, "price")["value"], line["totalPrice"] = money("KWD", 1234, 3), money("KWD", 2468, 3)
			},
			`{}`, "shop.valuePerUnit=1234 shop.currency=KWD basePrice.value=1234 basePrice.currency=KWD basePrice.decimalPlaces=3", nil,
		},
	} {
		mapped, notes := exporting(t, test.export, func(o object) { test.change(firstLine(o)) }).must(t)
		noted(t, notes, test.notes...)
		same(t, name, test.want, priceTexts(mapped))
		if price := mapped.OrderLineItems[0].ShopPrice; (price == nil) != (test.want == "") {
			t.Errorf("%s: shopPrice is %v", name, price)
		}
		if mapped.Pricing != nil {
			t.Errorf("%s: pricing %+v was not asked for", name, mapped.Pricing)
		}
	}
}

func methodTax(key string, rate float64) object {
	return object{"shippingMethodKey": key, "taxRate": object{"name": "VAT", "amount": rate, "includedInPrice": true, "country": "DE"}}
}

// TestPricesKeepToTheVendorsKeysAndTypes holds every order of the golden catalogue
// against what fulfillmenttools documents.
func TestPricesKeepToTheVendorsKeysAndTypes(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	kinds := map[string]string{
		"shop.valuePerUnit": "NUMBER", "shop.currency": "CURRENCY", "basePrice.value": "", "basePrice.currency": "CURRENCY",
		"basePrice.decimalPlaces": "", "discount.value": "", "tax.percentage": "",
	}
	seen := map[string]bool{}
	for _, g := range catalogued(t) {
		mapped, _, err := export.Map(g.order, g.shop, g.surroundings)
		if err != nil {
			continue
		}
		for _, line := range mapped.OrderLineItems {
			for _, a := range line.Article.Attributes {
				name := a.Category + "." + a.Key
				kind, known := kinds[name]
				switch {
				case a.Category == "miscellaneous":
				case !known || a.Type != kind:
					t.Errorf("%s: %s of type %q", g.name(), name, a.Type)
				case a.Type != "CURRENCY" && strings.Trim(a.Value, "0123456789") != "":
					t.Errorf("%s: %s is %q", g.name(), name, a.Value)
				}
				seen[name] = true
			}
		}
	}
	for name := range kinds {
		if !seen[name] {
			t.Errorf("no golden order has %s", name)
		}
	}
}
