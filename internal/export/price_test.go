package export_test

import (
	"strings"
	"testing"

	"fftconnect/internal/fulfillmenttools"
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

func TestUpstreamDefect17EveryPriceAndDiscountIsCarried(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(line object)
		want   string
	}{
		"no discount": {
			func(object) {},
			"shop.valuePerUnit=19.99 shop.currency=EUR salesPrice.price=19.99 basePrice.valuePerUnit=19.99 finalUnitPrice.valuePerUnit=19.99 " +
				"subtotalBeforeDiscounts.value=39.98 subtotalAfterDiscounts.value=39.98 finalLineItemPrice.value=39.98",
		},
		"the product is reduced": {
			func(line object) {
				part(line, "price")["discounted"] = object{"value": euros(1499), "discount": object{"typeId": "product-discount", "id": "d"}}
				line["totalPrice"] = euros(2998)
			},
			"shop.valuePerUnit=14.99 shop.currency=EUR salesPrice.price=14.99 basePrice.valuePerUnit=19.99 finalUnitPrice.valuePerUnit=14.99 " +
				"subtotalBeforeDiscounts.value=39.98 discount.value=10.00 subtotalAfterDiscounts.value=29.98 finalLineItemPrice.value=29.98",
		},
		"a cart discount for every piece": {
			func(line object) {
				line["discountedPricePerQuantity"], line["totalPrice"] = []any{discounted(2, 1799)}, euros(3598)
			},
			"shop.valuePerUnit=19.99 shop.currency=EUR salesPrice.price=19.99 basePrice.valuePerUnit=19.99 finalUnitPrice.valuePerUnit=17.99 " +
				"subtotalBeforeDiscounts.value=39.98 discount.value=4.00 subtotalAfterDiscounts.value=35.98 finalLineItemPrice.value=35.98",
		},
		"a cart discount for some pieces": {
			func(line object) {
				line["discountedPricePerQuantity"], line["totalPrice"] = []any{discounted(1, 999), discounted(1, 1999)}, euros(2998)
			},
			"shop.valuePerUnit=19.99 shop.currency=EUR salesPrice.price=19.99 basePrice.valuePerUnit=19.99 finalUnitPrice.valuePerUnit=14.99 finalUnitPrice.valuesPerUnit=1 × 9.99, 1 × 19.99 " +
				"subtotalBeforeDiscounts.value=39.98 discount.value=10.00 subtotalAfterDiscounts.value=29.98 finalLineItemPrice.value=29.98",
		},
		"a gift": {
			func(line object) { line["lineItemMode"], line["totalPrice"] = "GiftLineItem", euros(0) },
			"shop.valuePerUnit=19.99 shop.currency=EUR salesPrice.price=19.99 basePrice.valuePerUnit=19.99 finalUnitPrice.valuePerUnit=0.00 " +
				"subtotalBeforeDiscounts.value=39.98 discount.value=39.98 subtotalAfterDiscounts.value=0.00 finalLineItemPrice.value=0.00",
		},
		"the shop's own total": {
			func(line object) {
				line["priceMode"], line["quantity"], line["totalPrice"] = "ExternalTotal", 3, euros(1000)
			},
			"shop.valuePerUnit=3.33 shop.currency=EUR salesPrice.price=3.33 finalUnitPrice.valuePerUnit=3.33 subtotalAfterDiscounts.value=10.00 finalLineItemPrice.value=10.00",
		},
		"tax": {
			func(line object) {
				line["taxedPrice"] = object{"totalNet": euros(3360), "totalGross": euros(3998), "taxPortions": []any{}, "totalTax": euros(638)}
				line["taxRate"] = object{"name": "VAT", "amount": 0.19, "includedInPrice": true, "country": "DE"}
			},
			"shop.valuePerUnit=19.99 shop.currency=EUR salesPrice.price=19.99 basePrice.valuePerUnit=19.99 finalUnitPrice.valuePerUnit=19.99 " +
				"subtotalBeforeDiscounts.value=39.98 subtotalAfterDiscounts.value=39.98 tax.value=6.38 tax.ratePercent=19 finalLineItemPrice.value=39.98",
		},
		"tax on top, its sum not given": {
			func(line object) {
				line["taxedPrice"] = object{"totalNet": euros(3998), "totalGross": euros(4438), "taxPortions": []any{}}
				line["taxRate"] = object{"name": "VAT", "amount": 0.055, "includedInPrice": false, "country": "FR"}
			},
			"shop.valuePerUnit=19.99 shop.currency=EUR salesPrice.price=19.99 basePrice.valuePerUnit=19.99 finalUnitPrice.valuePerUnit=19.99 " +
				"subtotalBeforeDiscounts.value=39.98 subtotalAfterDiscounts.value=39.98 tax.value=4.40 tax.ratePercent=5.5 finalLineItemPrice.value=44.38",
		},
		"high precision": {
			func(line object) {
				part(line, "price")["value"] = object{"type": "highPrecision", "currencyCode": "EUR", "centAmount": 2, "preciseAmount": 15255, "fractionDigits": 6}
				line["quantity"], line["totalPrice"] = 1000, euros(1526)
			},
			"shop.valuePerUnit=0.015255 shop.currency=EUR salesPrice.price=0.015255 basePrice.valuePerUnit=0.015255 finalUnitPrice.valuePerUnit=0.015255 " +
				"subtotalBeforeDiscounts.value=15.26 subtotalAfterDiscounts.value=15.26 finalLineItemPrice.value=15.26",
		},
		"no fraction digits": {
			func(line object) {
				yen := func(amount int) object {
					return object{"type": "centPrecision", "currencyCode": "JPY", "centAmount": amount, "fractionDigits": 0}
				}
				part(line, "price")["value"], line["totalPrice"] = yen(1980), yen(3960)
			},
			"shop.valuePerUnit=1980 shop.currency=JPY salesPrice.price=1980 basePrice.valuePerUnit=1980 finalUnitPrice.valuePerUnit=1980 " +
				"subtotalBeforeDiscounts.value=3960 subtotalAfterDiscounts.value=3960 finalLineItemPrice.value=3960",
		},
	} {
		mapped, notes := changed(func(o object) { test.change(firstLine(o)) }).must(t)
		noted(t, notes)
		same(t, name, test.want, priceTexts(mapped))
	}
}

func TestAmountsAreNumbersAndCurrenciesCodes(t *testing.T) {
	t.Parallel()
	mapped, _ := mapping{}.must(t)
	for _, a := range mapped.OrderLineItems[0].Article.Attributes {
		want := "NUMBER"
		if a.Key == "currency" || a.Category == "salesPrice" {
			want = "CURRENCY"
		}
		same(t, a.Category+"."+a.Key, want, a.Type)
	}
}
