package export_test

import (
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// exporting is an order under the export part of a shop's configuration.
func exporting(t *testing.T, rules string, change func(object)) mapping {
	t.Helper()
	settings := exportRules(t, rules)
	return mapping{change: change, shop: func(s *config.Shop) { s.Export = settings }}
}

// customFields gives the order custom fields.
func customFields(fields object) func(object) {
	return func(o object) { o["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": fields} }
}

func TestAnExpressionNamesTheOrder(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`\"DE-\" + order.orderNumber`: "DE-A-1001",
		`order.custom.fields.name`:    "A-1001",
		`\" \"`:                       "A-1001",
	} {
		mapped, _ := exporting(t, `{"tenantOrderId":"`+expression+`"}`, nil).must(t)
		same(t, expression, want, mapped.TenantOrderID)
	}
}

func TestAHeldOrderIsLocked(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{"Paid": "", "Pending": "LOCKED"} {
		mapped, _ := exporting(t, `{"hold":"order.paymentState != \"Paid\""}`, func(o object) { o["paymentState"] = state }).must(t)
		same(t, state, want, mapped.Status)
	}
}

func TestTagsByExpression(t *testing.T) {
	t.Parallel()
	m := exporting(t, `{"tags":[{"id":"lang","value":"order.locale"},{"id":"zone","value":"order.custom.fields.zones"},
		{"id":"sku","value":"map(order.lineItems, .variant.sku)"},{"id":"gift","value":"order.custom.fields.gift == true"},
		{"id":"none","value":"nil"},{"id":"pieces","value":"sum(map(order.lineItems, .quantity))"},{"id":"odd","value":"order.custom"}]}`,
		customFields(object{"zones": []any{"A", "", "B", "A"}, "gift": false}))
	mapped, notes := m.must(t)
	noted(t, notes, "tags: export.tags[6] results in no plain value")
	same(t, "tags", []fulfillmenttools.Tag{
		{ID: "lang", Value: "de-DE"},
		{ID: "zone", Value: "A"},
		{ID: "zone", Value: "B"},
		{ID: "sku", Value: "LAMP-1"},
		{ID: "pieces", Value: "2"},
	}, mapped.Tags)
}

func TestStickersOfTheOrdersThatGetThem(t *testing.T) {
	t.Parallel()
	m := exporting(t, `{"stickers":[{"key":"all","name":{"en_US":"Hello","de_DE":"Hallo"}},
		{"key":"gift","name":{"en_US":"Gift"},"color":"#19b6b5","priority":7,"when":"order.custom.fields.gift == true"},
		{"key":"rush","name":{"en_US":"Rush"},"when":"order.custom.fields.rush == true"}]}`, customFields(object{"gift": true}))
	mapped, notes := m.must(t)
	noted(t, notes)
	same(t, "stickers", []fulfillmenttools.Sticker{
		{Key: "all", NameLocalized: map[string]string{"en_US": "Hello", "de_DE": "Hallo"}, Priority: 1000},
		{Key: "gift", NameLocalized: map[string]string{"en_US": "Gift"}, Color: "#19b6b5", Priority: 7},
	}, mapped.Stickers)
}

func TestCustomServicesAreOnTheArticlesOfTheirLines(t *testing.T) {
	t.Parallel()
	lines := func(o object) {
		other := lineItem()
		part(other, "variant")["sku"], other["quantity"] = "MUG-1", 1
		o["lineItems"] = []any{lineItem(), other, lineItem()}
	}
	mapped, _ := exporting(t, `{"customServices":[{"tenantCustomServiceId":"wrap","when":"line.variant.sku == \"LAMP-1\""},
		{"tenantCustomServiceId":"card"},{"tenantCustomServiceId":"never","when":"line.quantity > 9"}]}`, lines).must(t)
	service := func(id string, articles ...fulfillmenttools.ArticleItem) fulfillmenttools.CustomService {
		return fulfillmenttools.CustomService{
			Definition: fulfillmenttools.CustomServiceDefinition{TenantCustomServiceID: id}, ArticleItems: articles, Items: []fulfillmenttools.CustomService{},
		}
	}
	lamps, mug := fulfillmenttools.ArticleItem{TenantArticleRef: "LAMP-1", Quantity: 4}, fulfillmenttools.ArticleItem{TenantArticleRef: "MUG-1", Quantity: 1}
	same(t, "services", []fulfillmenttools.CustomService{service("wrap", lamps), service("card", lamps, mug)}, mapped.CustomServices)
}

func TestWhenTheOrderIsWanted(t *testing.T) {
	t.Parallel()
	collected := func(o object) {
		o["shippingInfo"] = method("pickup", "Abholung")
		firstLine(o)["supplyChannel"] = object{"typeId": "channel", "id": "c", "obj": object{"id": "c", "version": 1, "key": "koeln", "roles": []any{}}}
	}
	both := func(changes ...func(object)) func(object) {
		return func(o object) {
			for _, change := range changes {
				change(o)
			}
		}
	}
	const asked, off = `{"desiredDeliveryTimeField":"wanted","provisioningTime":true}`, `{"desiredDeliveryTimeField":"wanted"}`
	for name, test := range map[string]struct {
		rules               string
		change              func(object)
		shipping, provision string
		notes               []string
	}{
		"never":                        {asked, func(object) {}, "", "", nil},
		"a date and time":              {off, customFields(object{"wanted": "2026-03-03T12:00:00.000+01:00"}), "2026-03-03T11:00:00Z", "", nil},
		"a date is until its end":      {off, customFields(object{"wanted": "2026-03-03"}), "2026-03-03T23:59:59Z", "", nil},
		"no date":                      {off, customFields(object{"wanted": "soon"}), "", "", []string{`desired time: custom field "wanted" holds no date`}},
		"collected, by configuration":  {asked, both(customFields(object{"wanted": "2026-03-03"}), collected), "", "2026-03-03T23:59:59Z", nil},
		"collected, not asked for":     {off, both(customFields(object{"wanted": "2026-03-03"}), collected), "", "", []string{"export.provisioningTime sends"}},
		"collected, nothing is wanted": {off, collected, "", "", nil},
	} {
		mapped, notes := exporting(t, test.rules, test.change).must(t)
		noted(t, notes, test.notes...)
		var shipping, provision *time.Time
		if mapped.DeliveryPreferences.Shipping != nil {
			shipping = mapped.DeliveryPreferences.Shipping.DesiredDeliveryTime
		} else {
			provision = mapped.DeliveryPreferences.Collect[0].ProvisioningTime
		}
		same(t, name+", shipping", test.shipping, written(shipping))
		same(t, name+", collect", test.provision, written(provision))
		same(t, name+", target time", "", written(mapped.DeliveryPreferences.TargetTime))
	}
}

func written(when *time.Time) string {
	if when == nil {
		return ""
	}
	return when.UTC().Format(time.RFC3339)
}

func TestTheEstimatedDelivery(t *testing.T) {
	t.Parallel()
	estimated := func(estimate object) func(object) {
		return func(o object) { part(o, "shippingInfo")["estimatedDelivery"] = estimate }
	}
	from, until := "2026-03-02T09:00:00.000Z", "2026-03-04T17:00:00.000Z"
	for name, test := range map[string]struct {
		change func(object)
		want   string
	}{
		"none":    {func(object) {}, ""},
		"until":   {estimated(object{"from": from, "until": until}), "2026-03-04T17:00:00Z"},
		"from":    {estimated(object{"from": from}), "2026-03-02T09:00:00Z"},
		"nothing": {estimated(object{}), ""},
		"of the first of several": {func(o object) {
			estimated(object{"until": until})(o)
			o["shipping"] = []any{
				object{"shippingKey": "s1", "shippingInfo": o["shippingInfo"], "shippingAddress": address()},
			}
			delete(o, "shippingInfo")
		}, "2026-03-04T17:00:00Z"},
	} {
		mapped, notes := changed(test.change).must(t)
		noted(t, notes)
		same(t, name, test.want, written(mapped.DeliveryPreferences.EstimatedDeliveryDate))
	}
}

func TestAnotherAttributeMayHoldTheScannableCodes(t *testing.T) {
	t.Parallel()
	m := attributed("eans", []any{"4000000000013"}, "scannableCodes", "not these")
	m.shop = exporting(t, `{"scannableCodesAttribute":"eans"}`, nil).shop
	mapped, _ := m.must(t)
	same(t, "codes", []string{"4000000000013"}, mapped.OrderLineItems[0].ScannableCodes)
	same(t, "attributes", []fulfillmenttools.Attribute{{Key: "scannableCodes", Value: "not these", Category: "miscellaneous"}}, described(mapped))
}

func TestAnExpressionThatFailsIsAProblem(t *testing.T) {
	t.Parallel()
	fails := `order.lineItems[9].quantity > 1`
	for rules, where := range map[string]string{
		`{"hold":"` + fails + `"}`:                                                           "export.hold: ",
		`{"tags":[{"id":"t","value":"` + fails + `"}]}`:                                      "export.tags[0].value: ",
		`{"stickers":[{"key":"k","name":{"en_US":"K"},"when":"` + fails + `"}]}`:             "export.stickers[0].when: ",
		`{"customServices":[{"tenantCustomServiceId":"s","when":"` + fails + `"}]}`:          "export.customServices[0].when: ",
		`{"set":{"customAttributes.x":"` + fails + `"}}`:                                     "export.set.customAttributes.x: ",
		`{"tenantOrderId":"order.lineItems[9].id"}`:                                          "export.tenantOrderId cannot be told of this order: ",
		`{"set":{"orderLineItems[].quantity":"order.lineItems[9].quantity"}}`:                "export.set.orderLineItems[].quantity: ",
		`{"set":{"deliveryPreferences.targetTime":"order.custom.fields.anything ?? \"x\""}}`: "export.set.deliveryPreferences.targetTime: ",
	} {
		problems := exporting(t, rules, nil).problems(t)
		if len(problems) != 1 || len(problems[0]) < len(where) || problems[0][:len(where)] != where {
			t.Errorf("%s: %q, want %s", rules, problems, where)
		}
	}
}
