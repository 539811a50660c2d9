package rules_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

func TestTargetsAreThoseOfTheOrdersJSON(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]rules.Kind{
		"status": rules.Text, "orderDate": rules.Time, "consumer.consumerId": rules.Text,
		"deliveryPreferences.targetTime": rules.Time, "deliveryPreferences.shipping.preferredCarriers": rules.List,
		"deliveryPreferences.collect[].paid": rules.Bool, "customAttributes.channel": rules.Any, "customAttributes.a.b": rules.Any,
		"tags": rules.List, "consumer": rules.Object, "deliveryPreferences.shipping": rules.Object, "customAttributes": rules.Object, "consumer.addresses[].email": rules.Text,
		"orderLineItems[].quantity": rules.Number, "orderLineItems[].shopPrice": rules.Number,
		"orderLineItems[].article.attributes[a.b]": rules.Any, "orderLineItems[].article.attributes[colour].priority": rules.Number, "tags[vip]": rules.Any,
		"consumer.addresses[INVOICE_ADDRESS].email": rules.Text, "pricing.discounts": rules.List, "deliveryPreferences.collect[].supplyingFacilitiesConfigurations": rules.List,
		"orderLineItems[].customAttributes.x": rules.Any, "orderLineItems[].article.titleLocalized.de_DE": rules.Text,
	} {
		target, err := rules.TargetOf(path)
		if err != nil || target.Kind != want || target.PerLine != strings.HasPrefix(path, "orderLineItems[].") {
			t.Errorf("%s: got %+v, %v", path, target, err)
		}
	}
	for path, says := range map[string]string{
		"statsu": "did you mean status?", "deliveryPreferences.targetTme": "did you mean deliveryPreferences.targetTime?",
		"orderLineItems[].quantty": "did you mean orderLineItems[].quantity?", "tenantOrderId": "export.tenantOrderId",
		"": "no field", "consumer.": "no field", "status.x": "no field", "orderDate.wall": "no field", "orderLineItems[]": "no field",
		"orderLineItems.quantity": "did you mean orderLineItems[].quantity?", "orderLineItems[x].quantity": "no field",
		"consumer.addresses[POSTAL_ADDRESS]": "no field", "tags[a].valu": "no field", "tags[a": "no field", "tags[]x": "no field", "status[a]": "no field",
	} {
		if target, err := rules.TargetOf(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %+v, %v, want %q", path, target, err, says)
		}
	}
}

func set(t *testing.T, order *fulfillmenttools.OrderForCreation, path string, value any) error {
	t.Helper()
	target, err := rules.TargetOf(path)
	if err != nil {
		t.Fatal(err)
	}
	if target.PerLine {
		return target.SetLine(&order.OrderLineItems[0], value)
	}
	return target.Set(order, value)
}

func TestAResultIsWrittenWhereItsPathSays(t *testing.T) {
	t.Parallel()
	order := fulfillmenttools.OrderForCreation{Status: "OPEN", OrderLineItems: make([]fulfillmenttools.OrderLineItem, 2)}
	order.Consumer.Addresses = make([]fulfillmenttools.ConsumerAddress, 2)
	for path, value := range map[string]any{
		"status": "LOCKED", "deliveryPreferences.targetTime": "2026-03-01T10:00:00+01:00", "orderDate": "2026-03-01",
		"customAttributes.channel": map[string]any{"a": 1}, "deliveryPreferences.shipping.preferredCarriers": []any{"DHL"},
		"tags": []any{map[string]any{"id": "t", "value": "v"}}, "consumer.addresses[].email": "x@example.org",
		"orderLineItems[].quantity": 3.0, "orderLineItems[].shopPrice": 5, "orderLineItems[].customAttributes.x": true,
		"consumer.consumerId": nil, "paymentInfo.currency": nil,
	} {
		if err := set(t, &order, path, value); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	line, delivery := order.OrderLineItems[0], order.DeliveryPreferences
	switch {
	case order.Status != "LOCKED", !delivery.TargetTime.Equal(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)),
		!order.OrderDate.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)),
		order.CustomAttributes["channel"] == nil, delivery.Shipping.PreferredCarriers[0] != "DHL",
		order.Tags[0] != fulfillmenttools.Tag{ID: "t", Value: "v"}, order.Consumer.Addresses[1].Email != "x@example.org",
		line.Quantity != 3, *line.ShopPrice != 5, line.CustomAttributes["x"] != true:
		t.Errorf("got %+v", order)
	case order.OrderLineItems[1].Quantity != 0, order.PaymentInfo != nil:
		t.Error("more was written than was said")
	}
}

func TestAResultOfTheWrongTypeIsRefusedWithoutBeingNamed(t *testing.T) {
	t.Parallel()
	order := fulfillmenttools.OrderForCreation{OrderLineItems: make([]fulfillmenttools.OrderLineItem, 1)}
	for path, value := range map[string]any{
		"status": 71, "deliveryPreferences.targetTime": "hush", "orderDate": 7, "tags": []any{map[string]any{"id": "hush", "secret": 1}},
		"deliveryPreferences.shipping.preferredCarriers": []any{71}, "orderLineItems[].quantity": 1.71,
		"orderLineItems[].shopPrice": "hush", "deliveryPreferences.shipping": "hush",
	} {
		err := set(t, &order, path, value)
		if err == nil || !strings.HasPrefix(err.Error(), "the expression results in ") || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "71") {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if order.Status != "" || order.DeliveryPreferences != nil || order.Tags != nil {
		t.Errorf("something was written: %+v", order)
	}
}

func TestAnEmptyTextLeavesWhatIsDemandedAndTakesAwayTheRest(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	order := fulfillmenttools.OrderForCreation{OrderDate: when, OrderLineItems: make([]fulfillmenttools.OrderLineItem, 1)}
	order.OrderLineItems[0].Article = fulfillmenttools.Article{TenantArticleID: "SKU", Title: "Lamp", ImageURL: "https://x"}
	order.Consumer.Addresses = []fulfillmenttools.ConsumerAddress{{Street: "Am Markt", Email: "a@example.org"}}
	order.DeliveryPreferences = &fulfillmenttools.DeliveryPreferences{TargetTime: &when, Collect: make([]fulfillmenttools.Collect, 1)}
	for _, path := range []string{
		"orderLineItems[].article.tenantArticleId", "orderLineItems[].article.title", "orderLineItems[].article.imageUrl", "consumer.addresses[].street", "consumer.addresses[].email",
		"deliveryPreferences.targetTime", "deliveryPreferences.estimatedDeliveryDate", "deliveryPreferences.collect[].provisioningTime", "deliveryPreferences.shipping.desiredDeliveryTime", "orderDate",
		"orderLineItems[].article.attributes[colour]", "promisesOptions.validUntil",
	} {
		for _, empty := range []string{"", " "} {
			if err := set(t, &order, path, empty); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	article := order.OrderLineItems[0].Article
	if article.TenantArticleID != "SKU" || article.Title != "Lamp" || order.Consumer.Addresses[0].Street != "Am Markt" || !order.OrderDate.Equal(when) {
		t.Errorf("what is demanded was emptied: %+v", order)
	}
	if article.ImageURL != "" || order.Consumer.Addresses[0].Email != "" || order.DeliveryPreferences.TargetTime != nil || article.Attributes != nil || order.DeliveryPreferences.Shipping != nil || order.PromisesOptions != nil {
		t.Errorf("what may be absent is there: %+v", order)
	}
}

func TestOneElementOfAListIsSetByItsName(t *testing.T) {
	t.Parallel()
	order := fulfillmenttools.OrderForCreation{OrderLineItems: make([]fulfillmenttools.OrderLineItem, 1)}
	order.OrderLineItems[0].Article.Attributes = []fulfillmenttools.Attribute{{Key: "size", Value: "M"}, {Key: "colour", Value: "red"}}
	order.Consumer.Addresses = []fulfillmenttools.ConsumerAddress{{AddressType: "POSTAL_ADDRESS", CompanyName: "A"}, {AddressType: "INVOICE_ADDRESS", CompanyName: "B"}}
	for _, given := range []struct {
		path  string
		value any
	}{
		{"orderLineItems[].article.attributes[colour]", "blue"},
		{"orderLineItems[].article.attributes[hsCode]", 6302},
		{"orderLineItems[].article.attributes[hsCode].category", "customs"},
		{"orderLineItems[].article.attributes[absent].category", "customs"},
		{"consumer.addresses[INVOICE_ADDRESS].companyName", "C"},
		{"consumer.addresses[PARCEL_LOCKER].companyName", "D"},
		{"tags[vip]", true},
		{"consumer.addresses[POSTAL_ADDRESS].phoneNumbers[MOBILE]", "0151"},
	} {
		if err := set(t, &order, given.path, given.value); err != nil {
			t.Errorf("%s: %v", given.path, err)
		}
	}
	want := []fulfillmenttools.Attribute{{Key: "size", Value: "M"}, {Key: "colour", Value: "blue"}, {Key: "hsCode", Value: "6302", Category: "customs"}}
	if got := order.OrderLineItems[0].Article.Attributes; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	addresses := order.Consumer.Addresses
	if len(addresses) != 2 || addresses[0].CompanyName != "A" || addresses[1].CompanyName != "C" || len(addresses[0].PhoneNumbers) != 1 || !reflect.DeepEqual(order.Tags, []fulfillmenttools.Tag{{ID: "vip", Value: "true"}}) {
		t.Errorf("got %+v, %+v", addresses, order.Tags)
	}
}

func TestAWrongResultNamesTheKeyInsideAndWhatItWas(t *testing.T) {
	t.Parallel()
	order := fulfillmenttools.OrderForCreation{OrderLineItems: make([]fulfillmenttools.OrderLineItem, 1)}
	for path, test := range map[string]struct {
		value any
		says  string
	}{
		"tags":                            {[]any{map[string]any{"id": "t", "value": 71}}, "results in a list whose value is a number and must be a text, must be a list as fulfillmenttools' API takes it"},
		"pricing":                         {map[string]any{"fees": []any{map[string]any{"value": map[string]any{"value": "hush", "currency": "EUR"}}}}, "an object whose fees.value.value is a text and must be a whole number"},
		"deliveryPreferences":             {map[string]any{"colour": "hush"}, `an object with the key "colour" inside, which fulfillmenttools does not know there`},
		"deliveryPreferences.targetTime":  {"hush", "a text that is no time such as 2026-03-01T10:00:00Z, and no date"},
		"promisesOptions":                 {map[string]any{"validUntil": "hush"}, "an object with a time inside that is not of the form"},
		"orderLineItems[].quantity":       {1.71, "a number with a fraction"},
		"customServices":                  {[]any{map[string]any{"customServiceItems": []any{map[string]any{"articleItems": "hush"}}}}, "a list whose customServiceItems.articleItems is a text and must be a list"},
		"orderLineItems[].article.weight": {"hush", "a text, must be a number"},
	} {
		err := set(t, &order, path, test.value)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "71") {
			t.Errorf("%s: got %v, want %s", path, err, test.says)
		}
	}
}
