package fulfillmenttools_test

import (
	"math"
	"net/mail"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// complete is an order that fulfillmenttools takes.
func complete() fulfillmenttools.OrderForCreation {
	return fulfillmenttools.OrderForCreation{
		TenantOrderID: "A-1", OrderDate: time.Date(2026, 3, 1, 9, 14, 58, 0, time.UTC),
		Consumer: fulfillmenttools.Consumer{Addresses: []fulfillmenttools.ConsumerAddress{{
			AddressType: fulfillmenttools.PostalAddress, Street: "Lindenweg", PostalCode: "50667", City: "Köln", Country: "DE",
			PhoneNumbers: []fulfillmenttools.PhoneNumber{{Type: "MOBILE", Value: "1"}},
		}}},
		OrderLineItems: []fulfillmenttools.OrderLineItem{{
			Article: fulfillmenttools.Article{
				TenantArticleID: "MUG-1", Title: "Becher",
				Attributes: []fulfillmenttools.Attribute{{Key: "colour", Value: "blue", Category: "miscellaneous"}},
			},
			Quantity: 1, CustomAttributes: map[string]any{"commercetoolsId": "line-1"},
		}},
		DeliveryPreferences: &fulfillmenttools.DeliveryPreferences{Shipping: &fulfillmenttools.Shipping{}},
	}
}

func TestACompleteOrderHasNoProblems(t *testing.T) {
	t.Parallel()
	if found := complete().Problems(); found != nil {
		t.Errorf("%v", found)
	}
}

func TestWhatFulfillmenttoolsRefuses(t *testing.T) {
	t.Parallel()
	type order = fulfillmenttools.OrderForCreation
	address := func(o *order) *fulfillmenttools.ConsumerAddress { return &o.Consumer.Addresses[0] }
	line := func(o *order) *fulfillmenttools.OrderLineItem { return &o.OrderLineItems[0] }
	article := func(o *order) *fulfillmenttools.Attribute { return &o.OrderLineItems[0].Article.Attributes[0] }
	pricing := func(o *order) *fulfillmenttools.Pricing {
		o.Pricing = &fulfillmenttools.Pricing{}
		return o.Pricing
	}
	negative, infinite, minus := -1.0, math.Inf(1), -1
	for want, spoil := range map[string]func(*order){
		"orderDate is missing":                                  func(o *order) { o.OrderDate = time.Time{} },
		"status must be one of":                                 func(o *order) { o.Status = "HELD" },
		"orderLineItems is empty":                               func(o *order) { o.OrderLineItems = nil },
		"orderLineItems has 501 entries":                        func(o *order) { o.OrderLineItems = repeated(o.OrderLineItems[0], 501) },
		"tags has 501 entries":                                  func(o *order) { o.Tags = repeated(fulfillmenttools.Tag{ID: "a", Value: "b"}, 501) },
		"tags[0] must have":                                     func(o *order) { o.Tags = []fulfillmenttools.Tag{{ID: "a"}} },
		"consumer.addresses[0].street is empty":                 func(o *order) { address(o).Street = "" },
		"consumer.addresses[0].city has a line":                 func(o *order) { address(o).City = "Köln\nMitte" },
		"consumer.addresses[0].postalCode is":                   func(o *order) { address(o).PostalCode = "" },
		"consumer.addresses[0].province has a":                  func(o *order) { address(o).Province = "N\u2028RW" },
		"consumer.addresses[0].houseNumber has":                 func(o *order) { address(o).HouseNumber = "7\r" },
		"consumer.addresses[0].country is not":                  func(o *order) { address(o).Country = "de" },
		"consumer.addresses[0].email is no":                     func(o *order) { address(o).Email = "nobody" },
		"consumer.email is no":                                  func(o *order) { o.Consumer.Email = "nobody" },
		"consumer.addresses[0].addressType must":                func(o *order) { address(o).AddressType = "HOME" },
		"consumer.addresses[0].phoneNumbers[0]":                 func(o *order) { address(o).PhoneNumbers[0].Type = "FAX" },
		"orderLineItems[0].quantity must":                       func(o *order) { line(o).Quantity = 0 },
		"orderLineItems[0].article.title is":                    func(o *order) { line(o).Article.Title = "" },
		"orderLineItems[0].article.tenantArticleId is":          func(o *order) { line(o).Article.TenantArticleID = "" },
		"orderLineItems[0].article.weight must":                 func(o *order) { line(o).Article.Weight = &negative },
		"orderLineItems[0].article.attributes has 501":          func(o *order) { line(o).Article.Attributes = repeated(*article(o), 501) },
		"orderLineItems[0].article.attributes[0].key is":        func(o *order) { article(o).Key = "" },
		"orderLineItems[0].article.attributes[0].value is":      func(o *order) { article(o).Value = "" },
		"orderLineItems[0].article.attributes[0].category must": func(o *order) { article(o).Category = "other" },
		"orderLineItems[0].article.attributes[0].type must":     func(o *order) { article(o).Type = "DATE" },
		"orderLineItems[0].article.attributes[0].priority must": func(o *order) { article(o).Priority = 1002 },
		"orderLineItems[0].article.attributes[0].valueLocalized is for": func(o *order) {
			article(o).ValueLocalized = map[string]string{"en_US": "blue"}
		},
		"pricing.discounts[0].value is missing":      func(o *order) { pricing(o).Discounts = []fulfillmenttools.PricingDiscount{{Type: "ABSOLUTE"}} },
		"pricing.discounts[0].percentage is missing": func(o *order) { pricing(o).Discounts = []fulfillmenttools.PricingDiscount{{Type: "PERCENTAGE"}} },
		"pricing.discounts[0].type must be one of":   func(o *order) { pricing(o).Discounts = []fulfillmenttools.PricingDiscount{{Type: "FREE"}} },
		"pricing.fees[0].value.currency is no": func(o *order) {
			pricing(o).Fees = []fulfillmenttools.PricingFee{{Value: &fulfillmenttools.MonetaryValue{}}}
		},
		"pricing.fees has 101 entries":             func(o *order) { pricing(o).Fees = make([]fulfillmenttools.PricingFee, 101) },
		"pricing.taxes[0].value is missing":        func(o *order) { pricing(o).Taxes = make([]fulfillmenttools.PricingTax, 1) },
		"orderLineItems[0].shopPrice is not":       func(o *order) { line(o).ShopPrice = &infinite },
		"orderLineItems[0].secondaryQuantity must": func(o *order) { line(o).SecondaryQuantity = &minus },
		"orderLineItems[0].scannableCodes has 501": func(o *order) { line(o).ScannableCodes = make([]string, 501) },
		"orderLineItems[0].allowedSubstitutes[0].title is": func(o *order) {
			line(o).AllowedSubstitutes = []fulfillmenttools.AllowedSubstitute{{TenantArticleID: "x"}}
		},
		"orderLineItems[0].measurementValidation.overPickHardTolerancePercentage is": func(o *order) {
			line(o).MeasurementValidation = &fulfillmenttools.MeasurementValidation{OverPickHard: &negative}
		},
		"orderLineItems[0].customAttributes has a name": func(o *order) { line(o).CustomAttributes["a.b"] = 1 },
		"customAttributes has a name": func(o *order) {
			o.CustomAttributes = map[string]any{"a": map[string]any{"b": []any{map[string]any{"$c": 1}}}}
		},
		"customAttributes have 15361 characters": func(o *order) { o.CustomAttributes = map[string]any{"a": strings.Repeat("ü", 15361-len(`{"a":""}`))} },
		"customAttributes cannot be written":     func(o *order) { o.CustomAttributes = map[string]any{"a": func() {}} },
		"deliveryPreferences.collect has 2": func(o *order) {
			o.DeliveryPreferences.Collect = repeated(fulfillmenttools.Collect{TenantFacilityID: "x"}, 2)
		},
		"deliveryPreferences.collect[0] names no": func(o *order) { o.DeliveryPreferences.Collect = make([]fulfillmenttools.Collect, 1) },
		"deliveryPreferences.reservationPreferences.mode is": func(o *order) {
			o.DeliveryPreferences.ReservationPreferences = &fulfillmenttools.ReservationPreferences{}
		},
		"deliveryPreferences.shipping.serviceLevel must":           func(o *order) { o.DeliveryPreferences.Shipping.ServiceLevel = "SOON" },
		"deliveryPreferences.shipping.carrierProductCategory must": func(o *order) { o.DeliveryPreferences.Shipping.CarrierProductCategory = "FAST" },
		"deliveryPreferences.shipping.preferredCarriersWithProduct[0].carrierKey is": func(o *order) {
			o.DeliveryPreferences.Shipping.PreferredCarriersWithProduct = make([]fulfillmenttools.CarrierWithProduct, 1)
		},
		"deliveryPreferences.shipping.preselectedFacilities[0] names no": func(o *order) {
			o.DeliveryPreferences.Shipping.PreselectedFacilities = make([]fulfillmenttools.Facility, 1)
		},
		"stickers has 101 entries": func(o *order) { o.Stickers = repeated(sticker("Gift", 1), 101) },
		"stickers[0].nameLocalized is longer": func(o *order) {
			o.Stickers = []fulfillmenttools.Sticker{sticker("fifteen letters", 1)}
		},
		"stickers[0].priority must":               func(o *order) { o.Stickers = []fulfillmenttools.Sticker{sticker("Gift", 10001)} },
		"customServices[0].customServiceItems is": func(o *order) { o.CustomServices = []fulfillmenttools.CustomService{service(nil)} },
		"customServices[0].articleItems[0] must name": func(o *order) {
			o.CustomServices = []fulfillmenttools.CustomService{service([]fulfillmenttools.CustomService{})}
		},
		"source must have either sourceRef or tenant": func(o *order) { o.Source = &fulfillmenttools.OrderSource{} },
	} {
		spoilt := complete()
		spoil(&spoilt)
		found := spoilt.Problems()
		if len(found) != 1 && !strings.HasPrefix(want, "customServices") || len(found) == 0 || !strings.HasPrefix(found[0].String(), want) {
			t.Errorf("%v, want %s", found, want)
		}
	}
}

func sticker(name string, priority int) fulfillmenttools.Sticker {
	return fulfillmenttools.Sticker{Key: "k", NameLocalized: map[string]string{"en_US": name}, Priority: priority}
}

func service(items []fulfillmenttools.CustomService) fulfillmenttools.CustomService {
	return fulfillmenttools.CustomService{
		Definition:   fulfillmenttools.CustomServiceDefinition{TenantCustomServiceID: "wrap"},
		ArticleItems: []fulfillmenttools.ArticleItem{{TenantArticleRef: "MUG-1", Quantity: 0.5}}, Items: items,
	}
}

func repeated[T any](entry T, n int) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = entry
	}
	return list
}

func TestTheSizeOfCustomAttributesIsCountedInCharacters(t *testing.T) {
	t.Parallel()
	order := complete()
	order.CustomAttributes = map[string]any{"a": strings.Repeat("ü", 15360-len(`{"a":""}`))}
	if found := order.Problems(); found != nil {
		t.Errorf("%v", found)
	}
}

func TestTheSizeIsThatOfTheTextThatThePlatformGets(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{
		"<a & b>": 7, "\u2028\u2029": 2, "😀": 2, "\"\\\n\t": 8, "\x00": 6, "ü": 1, "\xff": 1, `\u2028`: 7, "\b\f": 4,
	} {
		size, err := fulfillmenttools.AttributesSize(map[string]any{"a": value})
		if got := size - len(`{"a":""}`); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", value, got, err, want)
		}
	}
}

func TestWhichEMailAddressesAreTaken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"ada@example.org": true, "m+shop.x-y_z@mail.example.co.uk": true, "o'brien/2@x-1.de": true,
		"": false, "@": false, "ada": false, "ada@example": false, "@example.org": false, "ada@": false, "ada@.org": false, "ada@example.": false,
		"ada@exa mple.org": false, "ada..b@example.org": false, ".ada@example.org": false, "ada.@example.org": false, "ada@b@example.org": false,
		"Ada <ada@example.org>": false, "ada@example.org ": false, "ädä@example.org": false, "ada@exämple.org": false, `"a b"@example.org`: false,
		"ada@[127.0.0.1]": false, "a(b)@example.org": false, "a,b@example.org": false, "ada@ex_ample.org": false, "ada@-example.org": false, "ada@example-.org": false, "ada@example.-org": false, "ada@a--b.org": true, "ada@example.org\n": false,
	} {
		if got := fulfillmenttools.IsValidEmail(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
		if parsed, err := mail.ParseAddress(text); want && (err != nil || parsed.Address != text) {
			t.Errorf("%q: the standard library would refuse it", text)
		}
	}
}

func TestPricesAreRefusedThatFulfillmenttoolsDocumentsOtherwise(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ category, key, value, kind, want string }{
		{"shop", "valuePerUnit", "1999", "NUMBER", ""},
		{"basePrice", "value", "-5", "", ""},
		{"customs", "hsCode", "6109.10", "STRING", ""},
		{"miscellaneous", "weight", "1.5", "NUMBER", ""},
		{"shop", "currency", "JPY", "CURRENCY", ""},
		{"shop", "valuePerUnit", "19.99", "NUMBER", "value must be a whole number"},
		{"basePrice", "value", "1,999", "", "value must be a whole number"},
		{"basePrice", "value", "-", "", "value must be a whole number"},
		{"tax", "percentage", "5.5", "", "value must be a whole number"},
		{"dimensions", "height", "1 000", "NUMBER", "value must be a whole number"},
		{"insurance", "worth", "5.00", "NUMBER", "value must be a whole number"},
		{"miscellaneous", "worth", "1999", "CURRENCY", "value must be an ISO 4217 code"},
		{"basePrice", "currency", "D A", "", "value must be an ISO 4217 code"},
		{"shop", "valuePerUnit", "1999", "", "type is missing"},
		{"salesPrice", "valuePerUnit", "1999", "NUMBER", "category salesPrice is of listings"},
		{"salesPrice", "price", "1999", "NUMBER", "category salesPrice is of listings"},
		{"finalUnitPrice", "value", "1999", "NUMBER", "category finalUnitPrice is computed"},
		{"subtotalAfterDiscounts", "value", "1999", "NUMBER", "category subtotalAfterDiscounts is computed"},
	} {
		order := complete()
		order.OrderLineItems[0].Article.Attributes = []fulfillmenttools.Attribute{{Category: test.category, Key: test.key, Value: test.value, Type: test.kind}}
		found := order.Problems()
		switch {
		case test.want == "" && len(found) == 0:
		case len(found) != 1 || test.want == "" || !strings.HasPrefix(found[0].String(), "orderLineItems[0].article.attributes[0]."+test.want):
			t.Errorf("%+v: %v", test, found)
		}
	}
}
