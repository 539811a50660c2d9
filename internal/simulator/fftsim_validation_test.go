package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"fftconnect/internal/simulator/fftsim"
)

func TestOrderValidation(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{Pace: fftsim.Pace{Manual: true}, StrictFacilities: true, AllowSecondOrder: true})
	b.AddTag("store", "eu")
	line := func(key string, value any) func(object) { return with("orderLineItems.0."+key, value) }
	attribute := func(key string, value any) func(object) {
		return with("orderLineItems.0.article.attributes.0."+key, value)
	}
	address := func(key string, value any) func(object) { return with("consumer.addresses.0."+key, value) }
	priced := func(category, key, value, kind string) func(object) {
		a := object{"category": category, "key": key, "value": value}
		if kind != "" {
			a["type"] = kind
		}
		return line("article.attributes", []any{a})
	}
	room := 15360 - len(`{"a":""}`)
	many := make([]any, 501)
	for i := range many {
		many[i] = object{"quantity": 1, "article": object{"tenantArticleId": "S", "title": "T"}}
	}

	for _, c := range []struct {
		edit  func(object)
		field string // that the error names; "" when the order is accepted
	}{
		{with("status", "LOCKED"), ""},
		{with("tags", []any{object{"id": "store", "value": "eu"}}), ""},
		{with("stickers", []any{object{"key": "gift", "nameLocalized": object{"en_US": "Gift"}, "priority": 1}}), ""},
		{collect, ""},
		{without("tenantOrderId"), ""},
		{without("deliveryPreferences"), ""},
		{address("somethingElse", "addresses may have other keys"), ""},
		{with("orderLineItems", many[:500]), ""},
		// Custom attributes are counted as JavaScript writes them, in UTF-16.
		{with("customAttributes", object{"a": strings.Repeat("&", room)}), ""},
		{with("customAttributes", object{"a": strings.Repeat("&", room+1)}), "customAttributes: must not be longer than 15360"},
		{with("customAttributes", object{"a": strings.Repeat("😀", room/2)}), ""},
		{with("customAttributes", object{"a": strings.Repeat("😀", room/2+1)}), "customAttributes: must not be longer than 15360"},

		{with("orderNumber", "1"), "orderNumber: is not allowed"},
		{line("sku", "1"), "orderLineItems[0].sku: is not allowed"},
		{with("deliveryPreferences.shippingMethod", "1"), "deliveryPreferences.shippingMethod: is not allowed"},
		{with("paymentInfo.method", "card"), "paymentInfo.method: is not allowed"},
		{without("orderDate"), "orderDate: is required"},
		{with("orderDate", "yesterday"), "orderDate: must be a date-time"},
		{without("consumer"), "consumer: is required"},
		{without("orderLineItems"), "orderLineItems: is required"},
		{with("orderLineItems", many), "orderLineItems: must have at most 500"},
		{with("orderLineItems", []any{}), "orderLineItems: must have at least 1"},
		{line("quantity", 0), "orderLineItems[0].quantity: must be at least 1"},
		{line("quantity", 1.5), "orderLineItems[0].quantity: must be an integer"},
		{without("orderLineItems.0.article.title"), "orderLineItems[0].article.title: is required"},
		{line("article.tenantArticleId", 7), "article.tenantArticleId: must be a string"},
		{attribute("value", ""), "attributes[0].value: must be at least 1"},
		{attribute("key", ""), "attributes[0].key: must be at least 1"},
		{attribute("category", "price"), "attributes[0].category: must be one of"},
		{attribute("type", "string"), "attributes[0].type: must be one of"},
		{priced("basePrice", "value", "1999", ""), ""},
		{priced("shop", "valuePerUnit", "1999", "NUMBER"), ""},
		{priced("salesPrice", "numberOfDecimalPlaces", "2", "NUMBER"), ""},
		{priced("customs", "hsCode", "6109.10", "STRING"), ""},
		{priced("shop", "valuePerUnit", "19.99", "NUMBER"), "attributes[0].value: must be a number without separators"},
		{priced("basePrice", "value", "19,99", ""), "attributes[0].value: must be a number without separators"},
		{priced("tax", "percentage", "5.5", ""), "attributes[0].value: must be a number without separators"},
		{priced("dimensions", "height", "1.000", "NUMBER"), "attributes[0].value: must be a number without separators"},
		{priced("discount", "amount", "1.5", "NUMBER"), "attributes[0].value: must be a number without separators"},
		{priced("salesPrice", "price", "19.99", "CURRENCY"), "attributes[0].key: must be one of valuePerUnit"},
		{priced("basePrice", "currency", "19.99", "CURRENCY"), "attributes[0].value: must be the code of a currency"},
		{priced("miscellaneous", "worth", "1999", "CURRENCY"), "attributes[0].value: must be the code of a currency"},
		{priced("shop", "valuePerUnit", "1999", ""), "attributes[0].type: is required by the category shop"},
		{attribute("priority", 1002), "attributes[0].priority: must be at most 1001"},
		{address("street", ""), "consumer.addresses[0].street: must match"},
		{address("houseNumber", ""), "consumer.addresses[0].houseNumber: must match"},
		{address("country", "Germany"), "consumer.addresses[0].country: must match"},
		{address("country", "de"), "consumer.addresses[0].country: must match"},
		{address("email", ""), "consumer.addresses[0].email: must be an e-mail"},
		{address("addressType", "SHIPPING"), "consumer.addresses[0].addressType: must be one of"},
		{without("consumer.addresses.0.postalCode"), "consumer.addresses[0].postalCode: is required"},
		{with("deliveryPreferences.shipping.serviceLevel", "NEXTDAY"), "shipping.serviceLevel: must be one of"},
		{with("deliveryPreferences.shipping.preselectedFacilities", []any{object{}}), "preselectedFacilities[0]: must have one of"},
		{with("deliveryPreferences.shipping.preselectedFacilities", []any{object{"tenantFacilityId": "x"}}), `facility "x" does not exist`},
		{with("deliveryPreferences.collect", []any{object{"paid": true}}), "collect[0]: must have one of"},
		{with("deliveryPreferences.collect", []any{object{}, object{}}), "collect: must have at most 1"},
		{with("tags", []any{}), "tags: must have at least 1"},
		{with("tags", []any{object{"id": "brand", "value": "eu"}}), `tag "brand" does not exist`},
		{with("tags", []any{object{"id": "store", "value": "us"}}), `"us" is not a value of tag "store"`},
		{line("tags", []any{object{"id": "brand", "value": "eu"}}), "orderLineItems[0].tags"},
		{with("stickers", []any{object{"key": "k", "nameLocalized": object{}, "priority": 1}}), "stickers[0].nameLocalized: must have at least 1"},
		{with("stickers", []any{object{"key": "k", "nameLocalized": object{"en_US": "longer than fourteen"}, "priority": 1}}), "nameLocalized.en_US: must be at most 14"},
		{with("customAttributes.text", strings.Repeat("x", 15361)), "customAttributes: must not be longer"},
		{with("customAttributes", object{"$key": 1}), "customAttributes.$key: must not start with $"},
		{line("customAttributes", object{"a.b": 1}), "orderLineItems[0].customAttributes.a.b: must not"},
		{with("status", "NEW"), "status: must be one of"},
		{with("promisesOptions", object{"validUntil": "2026-03-01T10:00:00Z"}), "promisesOptions.validUntil"},
		{with("source", object{}), "source: must have one of"},
		{with("pricing", object{"fees": []any{object{"value": object{"value": 1, "currency": "EURO"}}}}), "pricing.fees[0].value.currency"},
	} {
		status, answer := b.post("/api/orders", orderBody(c.edit))
		if c.field == "" {
			if status != http.StatusCreated {
				t.Errorf("got %d %v, want the order accepted", status, answer)
			}
			continue
		}
		if status != http.StatusBadRequest || !describes(answer, c.field) {
			t.Errorf("got %d %v, want 400 that says %q", status, answer, c.field)
		}
	}
}

func describes(answer any, part string) bool {
	for _, e := range answer.([]any) {
		if strings.Contains(e.(object)["description"].(string), part) && e.(object)["summary"] != "" {
			return true
		}
	}
	return false
}

func TestEveryMistakeIsReported(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	status, answer := b.post("/api/orders", `{"tenantOrderId":1,"extra":true,"orderLineItems":{}}`)
	if status != http.StatusBadRequest || len(answer.([]any)) != 5 {
		t.Errorf("got %d %v, want 400 with five mistakes", status, answer)
	}
	if status, answer := b.post("/api/orders", `{"tenantOrderId"`); status != http.StatusBadRequest || !describes(answer, "is not JSON") {
		t.Errorf("got %d %v, want 400 for what is not JSON", status, answer)
	}
}
