package export_test

import (
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/testform"
)

func TestWhatFulfillmenttoolsWouldRefuseIsReportedWithItsSource(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mapping mapping
		want    string
	}{
		"a carrier service": {
			mapping{shop: func(s *config.Shop) {
				s.ShippingMethods = map[string]config.Delivery{"standard": {
					ServiceType: config.ServiceShipping, CarriersWithProduct: []config.Carrier{{Key: "DHL_V2", Services: []string{"BY_HORSE"}}},
				}}
			}},
			"deliveryPreferences.shipping.preferredCarriersWithProduct[0].carrierServices must be one of",
		},
		"a sticker's name": {
			mapping{shop: func(s *config.Shop) {
				s.Export.Stickers = []config.StickerRule{{Key: "k", Name: map[string]string{"en_US": "fifteen letters"}}}
			}},
			"stickers[0].nameLocalized is longer than 14 characters (from export.stickers)",
		},
		"custom attributes": {
			exporting(t, `{"set":{"orderLineItems[].customAttributes.note":"order.custom.fields.note"}}`, customFields(object{"note": strings.Repeat("x", 15361)})),
			"line 1: orderLineItems[0].customAttributes have 15",
		},
		"a creation date": {
			changed(func(o object) { o["createdAt"] = "0001-01-01T00:00:00Z" }),
			"orderDate is missing (from createdAt)",
		},
	} {
		problems := test.mapping.problems(t)
		if len(problems) != 1 || !strings.HasPrefix(problems[0], test.want) || !strings.Contains(problems[0], "(from ") {
			t.Errorf("%s: %q, want %q", name, problems, test.want)
		}
	}
}

func TestAnExplanationNamesTheRuleOfEveryField(t *testing.T) {
	t.Parallel()
	order := baseOrder()
	customFields(object{"channel": "web"})(order)
	delete(part(firstLine(order), "variant"), "sku")
	shop := shopConfig()
	shop.Export = exportRules(t, `{"set":{"customAttributes.channel":"order.custom.fields.channel","deliveryPreferences.shipping.serviceLevel":"\"SAMEDAY\""}}`)
	explained := export.Explain(decoded(t, order), shop, surroundings())
	fields := map[string]export.Explained{}
	for _, field := range explained.Fields {
		if field.Rule == "" || field.From == "" {
			t.Errorf("%s has no rule: %+v", field.Field, field)
		}
		fields[field.Field] = field
	}
	noSKU := []string{"line 1: the variant has no SKU, the product id stands for it"}
	for _, want := range []export.Explained{
		{Field: "tenantOrderId", Value: "A-1001", Rule: "tenantOrderId", From: "export.tenantOrderId, orderNumber, id"},
		{Field: "customAttributes.channel", Value: "web", Rule: "customAttributes.channel", From: "export.set: order.custom.fields.channel"},
		{Field: "deliveryPreferences.shipping.serviceLevel", Value: "SAMEDAY", Rule: "deliveryPreferences.shipping.serviceLevel", From: `export.set: "SAMEDAY"`},
		{Field: "consumer.addresses[1].street", Value: "Lindenweg", Rule: "consumer.addresses[].street", From: "streetName", Of: "billing address"},
		{
			Field: "orderLineItems[0].article.tenantArticleId", Value: "product-1", Rule: "orderLineItems[].article.tenantArticleId",
			From: "variant.sku, productId; key, slug", Of: "lineItems[0]", Notes: noSKU,
		},
		{Field: "orderLineItems[0].quantity", Value: "2", Rule: "orderLineItems[].quantity", From: "quantity", Of: "lineItems[0]"},
	} {
		same(t, want.Field, want, fields[want.Field])
	}
	same(t, "notes", noSKU, explained.Notes)
	same(t, "problems", []string{}, explained.Problems)
}

func TestAnExplanationTellsTheSameAsTheMapping(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	all, err := markets()
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		draft, _, err := all[n%2].read(n)
		if err != nil {
			t.Fatal(err)
		}
		order := decoded(t, draft)
		mapped, notes, err := export.Map(order, all[n%2].settings, all[n%2].surroundings(order))
		explained := export.Explain(order, all[n%2].settings, all[n%2].surroundings(order))
		if err == nil {
			same(t, "order", mapped, explained.Order)
		}
		same(t, "notes", append([]string{}, notes...), explained.Notes)
		if (err != nil) != (len(explained.Problems) > 0) {
			t.Errorf("order %d: %v, but explained %v", n, err, explained.Problems)
		}
	}
}

func exportRules(t *testing.T, rules string) config.ExportRules {
	t.Helper()
	settings, err := config.ParseShop([]byte(`{"export":` + rules + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return settings.Export
}
