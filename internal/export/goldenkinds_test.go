package export_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

// has reports whether something with this path is in the order: names, with [] for any
// entry of a list.
func has(node any, path string) bool {
	if path == "" {
		return node != nil
	}
	name, rest, _ := strings.Cut(path, ".")
	name, list := strings.CutSuffix(name, "[]")
	holder, _ := node.(object)
	below := holder[name]
	if !list {
		return below != nil && has(below, rest)
	}
	entries, _ := below.([]any)
	for _, entry := range entries {
		if has(entry, rest) {
			return true
		}
	}
	return false
}

func hasAll(paths ...string) func(object) bool {
	return func(order object) bool {
		for _, path := range paths {
			if !has(order, path) {
				return false
			}
		}
		return true
	}
}

// anyLine reports whether one of the lines or custom lines is such a one.
func anyLine(list string, is func(line object) bool) func(object) bool {
	return func(order object) bool {
		lines, _ := order[list].([]any)
		for _, line := range lines {
			if is(line.(object)) {
				return true
			}
		}
		return false
	}
}

func countryOnly(order object) bool {
	for _, name := range []string{"shippingAddress", "billingAddress"} {
		if address, ok := order[name].(object); ok && len(address) == 1 && address["country"] != nil {
			return true
		}
	}
	return false
}

func nonLatin(order object) bool {
	address, _ := order["shippingAddress"].(object)
	name, _ := address["lastName"].(string)
	return strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}

// TestGoldenOrdersHaveWhatRealOrdersHave demands two orders or more of every kind that
// orders of other shops were seen to be.
func TestGoldenOrdersHaveWhatRealOrdersHave(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(object) bool{
		"taxed everywhere": hasAll("taxedPrice.taxPortions[].amount", "lineItems[].taxedPrice.taxPortions[].amount", "shippingInfo.taxedPrice.taxPortions[].amount"),
		"neither number nor locale": func(o object) bool {
			return o["orderNumber"] == nil && o["locale"] == nil
		},
		"an address with a country only":      countryOnly,
		"a price of a channel and a group":    hasAll("lineItems[].price.channel", "lineItems[].price.customerGroup", "lineItems[].price.validFrom", "lineItems[].price.validUntil"),
		"an expanded discount code":           hasAll("discountCodes[].discountCode.obj"),
		"a direct discount":                   hasAll("directDiscounts[].id"),
		"a discount on the total":             hasAll("discountOnTotalPrice.includedDiscounts[].discount"),
		"shipping with tax":                   hasAll("shippingInfo.taxRate", "shippingInfo.taxedPrice"),
		"shipping with a discount":            hasAll("shippingInfo.discountedPrice", "shippingInfo.shippingRate.freeAbove", "shippingInfo.shippingRate.tiers[].price"),
		"delivered and returned already":      hasAll("shippingInfo.deliveries[].parcels[].trackingData", "returnInfo[].items[].shipmentState"),
		"an expanded payment":                 hasAll("paymentInfo.payments[].obj.amountPlanned"),
		"custom fields of address":            hasAll("shippingAddress.custom.fields"),
		"custom fields of shipping":           hasAll("shippingCustomFields.fields"),
		"a recurring order":                   hasAll("recurringOrder"),
		"an order of a business unit":         hasAll("businessUnit"),
		"a taxed custom line":                 hasAll("customLineItems[].taxedPrice", "customLineItems[].taxRate"),
		"a name that is not in Latin letters": nonLatin,
		"a negative custom line": anyLine("customLineItems", func(line object) bool {
			money, _ := line["totalPrice"].(object)
			cents, _ := money["centAmount"].(float64)
			return cents < 0
		}),
		"an attribute of kilobytes": anyLine("lineItems", func(line object) bool {
			text, err := json.Marshal(part(line, "variant")["attributes"])
			return err == nil && len(text) > 4096
		}),
		"a high-precision price of a line": anyLine("lineItems", func(line object) bool {
			return has(line, "price.value.preciseAmount")
		}),
	}
	seen := map[string]int{}
	for _, g := range catalogued(t) {
		var order object
		if err := json.Unmarshal(g.text, &order); err != nil {
			t.Fatal(err)
		}
		for kind, is := range kinds {
			if is(order) {
				seen[kind]++
			}
		}
	}
	for kind := range kinds {
		if seen[kind] < 2 {
			t.Errorf("%d golden orders are: %s", seen[kind], kind)
		}
	}
}
