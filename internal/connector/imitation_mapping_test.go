package connector_test

import "math"

// mapped is the fulfillmenttools order that the existing connector makes of an order
// that ships.
func mapped(order map[string]any) map[string]any {
	name := textAt(order, "orderNumber")
	if name == "" {
		name = textAt(order, "id")
	}
	var addresses, lines []any
	for kind, key := range map[string]string{"POSTAL_ADDRESS": "shippingAddress", "INVOICE_ADDRESS": "billingAddress"} {
		if address, ok := order[key].(map[string]any); ok {
			addresses = append(addresses, mappedAddress(kind, address))
		}
	}
	given, _ := order["lineItems"].([]any)
	for _, line := range given {
		lines = append(lines, mappedLine(line.(map[string]any)))
	}
	return map[string]any{
		"tenantOrderId": name, "orderDate": order["createdAt"],
		"customAttributes": map[string]any{"commercetoolsId": order["id"]},
		"consumer":         map[string]any{"email": textAt(order, "customerEmail"), "addresses": addresses},
		"orderLineItems":   lines, "paymentInfo": map[string]any{"currency": textAt(order, "totalPrice", "currencyCode")},
		"deliveryPreferences": map[string]any{"shipping": map[string]any{"preselectedFacilities": []any{}}},
	}
}

func mappedAddress(kind string, address map[string]any) map[string]any {
	mapped := map[string]any{
		"addressType": kind, "salutation": textAt(address, "salutation"), "firstName": textAt(address, "firstName"),
		"lastName": textAt(address, "lastName"), "street": textAt(address, "streetName"), "houseNumber": textAt(address, "streetNumber"),
		"additionalAddressInfo": textAt(address, "additionalAddressInfo"), "postalCode": textAt(address, "postalCode"),
		"city": textAt(address, "city"), "country": textAt(address, "country"), "companyName": textAt(address, "company"),
	}
	if email := textAt(address, "email"); email != "" {
		mapped["email"] = email
	}
	return mapped
}

func mappedLine(line map[string]any) map[string]any {
	title := " "
	for _, locale := range []string{"en-US", "en-GB", "en-AU", "en-CA", "en", "de-DE", "de-AT", "de-CH", "de"} {
		if text := textAt(line, "name", locale); text != "" {
			title = text
			break
		}
	}
	value, _ := line["price"].(map[string]any)["value"].(map[string]any)
	digits, _ := value["fractionDigits"].(float64)
	cents, _ := value["centAmount"].(float64)
	return map[string]any{
		"article":          map[string]any{"tenantArticleId": textAt(line, "variant", "sku"), "title": title, "attributes": []any{}},
		"quantity":         line["quantity"],
		"shopPrice":        cents / math.Pow(10, digits),
		"customAttributes": map[string]any{"commercetoolsId": line["id"]},
	}
}

// textAt is the text at a path; empty when there is none.
func textAt(document map[string]any, path ...string) string {
	for _, key := range path[:len(path)-1] {
		document, _ = document[key].(map[string]any)
	}
	text, _ := document[path[len(path)-1]].(string)
	return text
}
