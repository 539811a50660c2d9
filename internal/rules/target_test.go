package rules_test

import (
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
		"orderLineItems.quantity": "did you mean orderLineItems[].quantity?",
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
