package export_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/testform"
)

func TestACompleteOrderIsMappedWithoutANote(t *testing.T) {
	t.Parallel()
	mapped, notes := mapping{}.must(t)
	noted(t, notes)
	price := 19.99
	home := fulfillmenttools.ConsumerAddress{
		AddressType: "POSTAL_ADDRESS", FirstName: "Mechthild", LastName: "Öztürk", Street: "Lindenweg", HouseNumber: "7",
		PostalCode: "50667", City: "Köln", Country: "DE", Email: "mechthild@example.org",
	}
	invoice := home
	invoice.AddressType = "INVOICE_ADDRESS"
	same(t, "order", fulfillmenttools.OrderForCreation{
		TenantOrderID:    "A-1001",
		OrderDate:        time.Date(2026, 3, 1, 9, 14, 58, 0, time.UTC),
		CustomAttributes: map[string]any{"commercetoolsId": orderID, "commercetoolsProjectKey": "shop"},
		Consumer:         fulfillmenttools.Consumer{Email: "mechthild@example.org", Addresses: []fulfillmenttools.ConsumerAddress{home, invoice}},
		OrderLineItems: []fulfillmenttools.OrderLineItem{{
			Article: fulfillmenttools.Article{
				TenantArticleID: "LAMP-1", Title: "Stehlampe", TitleLocalized: map[string]string{"de_DE": "Stehlampe", "en_US": "Floor lamp"},
				Attributes: []fulfillmenttools.Attribute{
					{Category: "shop", Key: "valuePerUnit", Value: "1999", Type: "NUMBER"},
					{Category: "shop", Key: "currency", Value: "EUR", Type: "CURRENCY"},
					{Category: "basePrice", Key: "value", Value: "1999"},
					{Category: "basePrice", Key: "currency", Value: "EUR", Type: "CURRENCY"},
					{Category: "basePrice", Key: "decimalPlaces", Value: "2"},
				},
			},
			Quantity: 2, ShopPrice: &price, CustomAttributes: map[string]any{"commercetoolsId": "line-1"},
		}},
		DeliveryPreferences: &fulfillmenttools.DeliveryPreferences{
			Shipping: &fulfillmenttools.Shipping{ServiceLevel: "DELIVERY", PreferredCarriers: []string{"DHL_V2"}},
		},
		PaymentInfo: &fulfillmenttools.PaymentInfo{Currency: "EUR"},
	}, mapped)
}

func TestTheNameIsTheOrderNumberAsItIsOrElseTheID(t *testing.T) {
	t.Parallel()
	for number, want := range map[any]string{"A&B+1 #%20/ä": "A&B+1 #%20/ä", " 7 ": " 7 ", "": orderID, "  ": orderID, nil: orderID} {
		mapped, _ := changed(func(o object) { o["orderNumber"] = number }).must(t)
		same(t, fmt.Sprintf("name of order number %q", number), want, mapped.TenantOrderID)
	}
}

func TestTitlesFallBackUntilThereIsOne(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		names  object
		locale any
		want   string
		note   string
	}{
		"the order's locale":          {object{"de-DE": "Lampe", "en-GB": "Lamp"}, "en-GB", "Lamp", ""},
		"the same language":           {object{"de-DE": "Lampe", "en": "Lamp"}, "en-GB", "Lamp", "line 1: no title in en-GB, the one in en stands for it"},
		"a variant of the language":   {object{"de-AT": "Lampe", "fr": "Lampe (fr)"}, "de", "Lampe", "line 1: no title in de, the one in de-AT stands for it"},
		"the project's languages":     {object{"fr": "Lampadaire", "en-GB": "Lamp"}, "pl-PL", "Lamp", "line 1: no title in pl-PL, the one in en-GB stands for it"},
		"any language":                {object{"sv-SE": "Lampa", "zh": "灯"}, "pl-PL", "Lampa", "line 1: no title in pl-PL, the one in sv-SE stands for it"},
		"no locale: the project's":    {object{"de-DE": "Lampe", "en-GB": "Lamp"}, nil, "Lampe", ""},
		"blank texts do not count":    {object{"de-DE": "  ", "en-GB": " Lamp "}, "de-DE", "Lamp", "line 1: no title in de-DE, the one in en-GB stands for it"},
		"no text: the article number": {object{"de-DE": ""}, "de-DE", "LAMP-1", "line 1: no title in any language"},
		"no texts at all":             {object{}, "de-DE", "LAMP-1", "line 1: no title in any language"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mapped, notes := changed(func(o object) {
				firstLine(o)["name"] = test.names
				o["locale"] = test.locale
			}).must(t)
			same(t, "title", test.want, mapped.OrderLineItems[0].Article.Title)
			if test.note == "" {
				noted(t, notes)
			} else {
				noted(t, notes, test.note)
			}
		})
	}
}

func TestLocalizedTitlesLeaveBlankOnesOut(t *testing.T) {
	t.Parallel()
	mapped, _ := changed(func(o object) {
		firstLine(o)["name"] = object{"de-DE": "Lampe", "en": " ", "zh-Hans-CN": "灯"}
	}).must(t)
	same(t, "titles", map[string]string{"de_DE": "Lampe"}, mapped.OrderLineItems[0].Article.TitleLocalized)
	mapped, _ = changed(func(o object) { firstLine(o)["name"] = object{} }).must(t)
	if got := mapped.OrderLineItems[0].Article.TitleLocalized; got != nil {
		t.Errorf("no texts give %v", got)
	}
}

func TestTheArticleIsTheSKUOrElseTheProduct(t *testing.T) {
	t.Parallel()
	mapped, notes := changed(func(o object) { delete(part(firstLine(o), "variant"), "sku") }).must(t)
	same(t, "article", "product-1", mapped.OrderLineItems[0].Article.TenantArticleID)
	noted(t, notes, "line 1: the variant has no SKU")
	same(t, "problems", []string{"line 1 has neither a SKU nor a product id"}, changed(func(o object) {
		part(firstLine(o), "variant")["sku"] = " "
		firstLine(o)["productId"] = ""
	}).problems(t))
}

func TestTheFirstImageIsTakenWhenItIsAnAddress(t *testing.T) {
	t.Parallel()
	image := func(url string) object { return object{"url": url, "dimensions": object{"w": 1, "h": 1}} }
	for _, test := range []struct {
		images []any
		want   string
	}{
		{nil, ""},
		{[]any{image("https://example.com/1.jpg"), image("https://example.com/2.jpg")}, "https://example.com/1.jpg"},
		{[]any{image("http://example.com/1.jpg")}, "http://example.com/1.jpg"},
		{[]any{image("//example.com/1.jpg")}, "https://example.com/1.jpg"},
		{[]any{image("")}, ""},
	} {
		mapped, _ := changed(func(o object) { part(firstLine(o), "variant")["images"] = test.images }).must(t)
		same(t, fmt.Sprintf("image of %v", test.images), test.want, mapped.OrderLineItems[0].Article.ImageURL)
	}
}

func TestLinesThatCannotBePickedAreLeftOut(t *testing.T) {
	t.Parallel()
	mapped, notes := changed(func(o object) {
		none := lineItem()
		none["quantity"] = 0
		gift := lineItem()
		gift["id"], gift["lineItemMode"], gift["quantity"] = "gift", "GiftLineItem", 1
		o["lineItems"] = []any{none, lineItem(), gift}
		o["customLineItems"] = []any{object{
			"id": "fee", "name": object{"en": "Fee"}, "slug": "fee", "money": euros(1), "totalPrice": euros(1), "quantity": 1,
			"state": []any{}, "discountedPricePerQuantity": []any{}, "taxedPricePortions": []any{}, "perMethodTaxRate": []any{}, "priceMode": "Standard",
		}}
	}).must(t)
	noted(t, notes, "line 1: quantity 0, left out", "custom line items: 1 not exported")
	var lines []any
	for _, line := range mapped.OrderLineItems {
		lines = append(lines, line.CustomAttributes["commercetoolsId"])
	}
	same(t, "lines", []any{"line-1", "gift"}, lines)
}

func TestAnOrderNeedsOneToFiveHundredLines(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	with := func(n int) mapping {
		return changed(func(o object) {
			lines := make([]any, n)
			for i := range lines {
				lines[i] = lineItem()
			}
			o["lineItems"] = lines
		})
	}
	same(t, "no line", []string{"the order has no line item to fulfil"}, with(0).problems(t))
	same(t, "501 lines", []string{"orderLineItems has 501 entries, fulfillmenttools takes 500 (from lineItems[])"}, with(501).problems(t))
	if mapped, _ := with(500).must(t); len(mapped.OrderLineItems) != 500 {
		t.Errorf("%d lines of 500", len(mapped.OrderLineItems))
	}
}

func TestTagsComeFromTheStoreAndFromCustomFields(t *testing.T) {
	t.Parallel()
	m := mapping{
		change: func(o object) {
			o["store"] = object{"typeId": "store", "key": "berlin"}
			o["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{
				"gift": true, "express": false, "tier": "gold", "zones": []any{"A", "", "B"}, "weight": 2.5, "level": 0,
				"channel": object{"typeId": "channel", "id": "c"}, "blank": " ",
			}}
		},
		shop: func(s *config.Shop) {
			s.StoreTag = "store"
			s.FieldTags = map[string]string{
				"gift": "is-gift", "express": "is-express", "tier": "tier", "zones": "zone", "weight": "weight",
				"channel": "channel", "blank": "blank", "absent": "absent", "level": "level",
			}
		},
	}
	mapped, notes := m.must(t)
	same(t, "tags", []fulfillmenttools.Tag{
		{ID: "store", Value: "berlin"},
		{ID: "is-gift", Value: "true"},
		{ID: "tier", Value: "gold"},
		{ID: "weight", Value: "2.5"},
		{ID: "zone", Value: "A"},
		{ID: "zone", Value: "B"},
	}, mapped.Tags)
	noted(t, notes, `tags: custom field "channel" holds no plain value`)
	if mapped, _ := (mapping{change: m.change}).must(t); mapped.Tags != nil {
		t.Errorf("without configuration there are tags: %v", mapped.Tags)
	}
}

func TestEveryProblemIsListedAtOnceAndNothingOfThePerson(t *testing.T) {
	t.Parallel()
	m := mapping{
		change: func(o object) {
			for _, name := range []string{"shippingAddress", "billingAddress"} {
				person := part(o, name)
				delete(person, "streetName")
				delete(person, "streetNumber")
				delete(person, "city")
				person["country"] = "Germany"
				person["phone"], person["email"] = "+49 151 5551234", "not an address"
			}
			delete(o, "country")
			firstLine(o)["productId"], part(firstLine(o), "variant")["sku"] = "", ""
		},
		surroundings: func(a *export.Surroundings) { a.Country = "" },
	}
	_, notes, err := m.mapOrder(t)
	same(t, "problems", []string{
		"shipping address has no street, building or PO box", "shipping address has no city", "shipping address has no country",
		"line 1 has neither a SKU nor a product id",
	}, m.problems(t))
	said := err.Error() + strings.Join(notes, " ")
	for _, secret := range []string{"Mechthild", "Öztürk", "50667", "5551234", "Germany", "not an address", "mechthild@"} {
		if strings.Contains(said, secret) {
			t.Errorf("%q shows %q", said, secret)
		}
	}
}

func TestNothingEmptyIsSent(t *testing.T) {
	t.Parallel()
	mapped, _ := changed(func(o object) {
		o["shippingAddress"] = object{"country": "DE", "streetName": "Lindenweg", "city": "Köln", "postalCode": "1", "state": "", "company": " ", "email": "", "phone": ""}
		delete(o, "billingAddress")
		delete(o, "customerEmail")
		o["customerId"] = ""
	}).must(t)
	text, err := json.Marshal(mapped)
	if err != nil {
		t.Fatal(err)
	}
	for _, empty := range []string{`""`, `null`, `[]`} {
		if strings.Contains(string(text), empty) {
			t.Errorf("%s holds %s", text, empty)
		}
	}
}
