package main

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func address() map[string]any {
	return map[string]any{
		"firstName": "Ada", "lastName": "Berg", "streetName": "Lindenweg", "streetNumber": "7",
		"postalCode": "50667", "city": "Köln", "country": "DE", "email": "ada@example.org",
	}
}

// order is a confirmed order of one line that ships.
func order(number string, addressed bool) map[string]any {
	money := map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 1999, "fractionDigits": 2}
	draft := map[string]any{
		"orderNumber": number, "orderState": "Confirmed", "shipmentState": "Pending", "locale": "de", "totalPrice": money,
		"lineItems": []any{map[string]any{
			"id": "11111111-1111-4111-8111-111111111111", "productId": "22222222-2222-4222-8222-222222222222",
			"name": map[string]any{"en": "Mug", "de": "Becher"}, "quantity": 1, "variant": map[string]any{"id": 1, "sku": "MUG-1"},
			"price": map[string]any{"id": "33333333-3333-4333-8333-333333333333", "value": money}, "totalPrice": money,
		}},
	}
	if addressed {
		draft["shippingAddress"], draft["billingAddress"] = address(), address()
	} else {
		draft["shippingInfo"] = map[string]any{"shippingMethodName": "Standard"} // it ships, nobody knows where to
	}
	return draft
}

// changes reports a call that may change something; signing in does not.
func changes(method, path string) bool {
	return method != http.MethodGet && (strings.HasPrefix(path, "/demo/") || strings.HasPrefix(path, "/api/")) &&
		!strings.Contains(path, "nobody") && !strings.Contains(path, "00000000-")
}

// sum adds up metrics without labels; it is empty when one is not there.
func sum(ts *testscript.TestScript, names ...string) string {
	response, err := http.Get(ts.Getenv("ADMIN") + "/metrics")
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	total, found := 0, 0
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		for _, wanted := range names {
			if n, err := strconv.Atoi(value); name == wanted && err == nil {
				total, found = total+n, found+1
			}
		}
	}
	if found < len(names) {
		return ""
	}
	return strconv.Itoa(total)
}
