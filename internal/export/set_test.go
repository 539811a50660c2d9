package export_test

import (
	"testing"

	"fftconnect/internal/config"
)

func TestExpressionsSetFieldsOverWhatTheRulesMade(t *testing.T) {
	t.Parallel()
	m := exporting(t, `{"set":{
		"customAttributes.channel":"order.custom.fields.channel",
		"customAttributes.absent":"nil",
		"consumer.addresses[].companyName":"\"c/o \" + order.orderNumber",
		"deliveryPreferences.shipping.serviceLevel":"\"SAMEDAY\"",
		"deliveryPreferences.targetTime":"\"2026-03-04T10:00:00Z\"",
		"orderLineItems[].measurementUnitKey":"line.quantity > 1 ? \"pack\" : nil",
		"orderLineItems[].customAttributes.sku":"line.variant.sku",
		"orderLineItems[].allowedSubstitutes":"[]"}}`, func(o object) {
		customFields(object{"channel": "web"})(o)
		single := lineItem()
		single["id"], single["quantity"] = "line-2", 1
		o["lineItems"] = []any{lineItem(), single}
	})
	mapped, notes := m.must(t)
	noted(t, notes)
	same(t, "custom attributes", map[string]any{"commercetoolsId": orderID, "commercetoolsProjectKey": "shop", "channel": "web"}, mapped.CustomAttributes)
	same(t, "company", "c/o A-1001", mapped.Consumer.Addresses[1].CompanyName)
	same(t, "service level", "SAMEDAY", mapped.DeliveryPreferences.Shipping.ServiceLevel)
	same(t, "carriers", []string{"DHL_V2"}, mapped.DeliveryPreferences.Shipping.PreferredCarriers)
	same(t, "target time", 10, mapped.DeliveryPreferences.TargetTime.Hour())
	first, second := mapped.OrderLineItems[0], mapped.OrderLineItems[1]
	same(t, "units", []string{"pack", ""}, []string{first.MeasurementUnitKey, second.MeasurementUnitKey})
	same(t, "line's custom attributes", map[string]any{"commercetoolsId": "line-2", "sku": "LAMP-1"}, second.CustomAttributes)
	if first.AllowedSubstitutes == nil || len(first.AllowedSubstitutes) != 0 {
		t.Errorf("allowed substitutes are %v, want an empty list", first.AllowedSubstitutes)
	}
}

func TestWhatRelatesTheOrdersCannotBeSet(t *testing.T) {
	t.Parallel()
	mapped, _ := exporting(t, `{"set":{"customAttributes.commercetoolsId":"\"x\"","orderLineItems[].customAttributes.commercetoolsId":"\"y\""}}`, nil).must(t)
	same(t, "order", any(orderID), mapped.CustomAttributes["commercetoolsId"])
	same(t, "line", any("line-1"), mapped.OrderLineItems[0].CustomAttributes["commercetoolsId"])
}

func TestTheFacilityOfACollectedOrderMayBeSet(t *testing.T) {
	t.Parallel()
	for rules, facility := range map[string]string{
		`{"set":{"deliveryPreferences.collect[].tenantFacilityId":"\"box-\" + order.country"}}`: "box-DE",
		`{"set":{"deliveryPreferences.collect":"[{\"facilityRef\": \"f-1\"}]"}}`:                "f-1",
	} {
		m := collected(nil, "-")
		settings := exportRules(t, rules)
		m.shop = func(s *config.Shop) { s.Export = settings }
		mapped, _ := m.must(t)
		collect := mapped.DeliveryPreferences.Collect[0]
		same(t, rules, facility, collect.TenantFacilityID+collect.FacilityRef)
	}
	m := collected(nil, "-")
	settings := exportRules(t, `{"set":{"deliveryPreferences.collect[].tenantFacilityId":"nil"}}`)
	m.shop = func(s *config.Shop) { s.Export = settings }
	same(t, "problems", 1, len(m.problems(t)))
}

func TestAnEmptyTextMakesNothing(t *testing.T) {
	t.Parallel()
	mapped, _ := exporting(t, `{"set":{"source.tenantSourceId":"order.store.key","consumer.addresses[].firstName":"order.store.key"}}`, nil).must(t)
	if mapped.Source != nil || mapped.Consumer.Addresses[0].FirstName != "" {
		t.Errorf("source %+v, first name %q, want none", mapped.Source, mapped.Consumer.Addresses[0].FirstName)
	}
}

func TestLinesThatAreSetAsAWholeAreNotTakenForOthers(t *testing.T) {
	t.Parallel()
	mapped, _ := exporting(t, `{"set":{"orderLineItems":"[{\"quantity\":1,\"article\":{\"tenantArticleId\":\"BULB-1\",\"title\":\"b\"}},{\"quantity\":1,\"article\":{\"tenantArticleId\":\"LAMP-1\",\"title\":\"l\"}}]"}}`, func(o object) {
		second := lineItem()
		second["id"] = "line-2"
		o["lineItems"] = []any{lineItem(), second}
	}).must(t)
	same(t, "another article's line", map[string]any(nil), mapped.OrderLineItems[0].CustomAttributes)
	same(t, "its line", map[string]any{"commercetoolsId": "line-2"}, mapped.OrderLineItems[1].CustomAttributes)
}

func TestWhatIsSetIsCheckedToo(t *testing.T) {
	t.Parallel()
	same(t, "problems", []string{"orderLineItems is empty (from export.set.orderLineItems)"}, exporting(t, `{"set":{"orderLineItems":"[]"}}`, nil).problems(t))
	same(t, "problems", []string{"export.set.orderLineItems[].quantity: the expression results in a number with a fraction, or too large a one, must be a whole number"},
		exporting(t, `{"set":{"orderLineItems[].quantity":"line.quantity / 4"}}`, nil).problems(t))
	same(t, "problems", []string{
		"deliveryPreferences.shipping.serviceLevel must be one of DELIVERY, SAMEDAY (from export.set.deliveryPreferences.shipping.serviceLevel)",
	}, exporting(t, `{"set":{"deliveryPreferences.shipping.serviceLevel":"\"YESTERDAY\""}}`, nil).problems(t))
}
