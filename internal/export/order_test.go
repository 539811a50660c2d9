package export_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
)

type object = map[string]any

const orderID = "0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10"

func euros(cents int) object {
	return object{"type": "centPrecision", "currencyCode": "EUR", "centAmount": cents, "fractionDigits": 2}
}

func lineItem() object {
	return object{
		"id": "line-1", "productId": "product-1", "name": object{"de-DE": "Stehlampe", "en-GB": "Floor lamp"},
		"productType": object{"typeId": "product-type", "id": "lamp"},
		"variant":     object{"id": 1, "sku": "LAMP-1", "attributes": []any{}, "images": []any{}},
		"price":       object{"id": "price-1", "value": euros(1999)}, "quantity": 2, "totalPrice": euros(3998),
		"priceMode": "Platform", "lineItemMode": "Standard", "state": []any{},
		"discountedPricePerQuantity": []any{}, "taxedPricePortions": []any{}, "perMethodTaxRate": []any{},
	}
}

func address() object {
	return object{
		"country": "DE", "firstName": "Mechthild", "lastName": "Öztürk", "streetName": "Lindenweg", "streetNumber": "7",
		"postalCode": "50667", "city": "Köln",
	}
}

// baseOrder is an order that takes no fallback at all.
func baseOrder() object {
	return object{
		"id": orderID, "version": 4, "createdAt": "2026-03-01T09:14:58.000Z", "lastModifiedAt": "2026-03-01T09:15:00.000Z",
		"orderNumber": "A-1001", "orderState": "Confirmed", "paymentState": "Paid", "origin": "Customer", "locale": "de-DE", "country": "DE",
		"customerEmail": "mechthild@example.org", "totalPrice": euros(4493), "shippingMode": "Single", "shipping": []any{},
		"lineItems": []any{lineItem()}, "customLineItems": []any{}, "syncInfo": []any{}, "returnInfo": []any{},
		"taxMode": "Platform", "taxRoundingMode": "HalfEven", "taxCalculationMode": "LineItemLevel", "inventoryMode": "None",
		"shippingAddress": address(), "billingAddress": address(),
		"shippingInfo": method("standard", "DHL Paket"),
	}
}

// method is a shipping method; without a key it has only a name.
func method(key, name string) object {
	info := object{
		"shippingMethodName": name, "price": euros(495), "shippingRate": object{"price": euros(495), "tiers": []any{}},
		"shippingMethodState": "MatchesCart", "deliveries": []any{},
	}
	target := object{"id": "method-1", "version": 1, "name": name, "active": true, "isDefault": true, "zoneRates": []any{}}
	if key != "" {
		target["key"] = key
	}
	info["shippingMethod"] = object{"typeId": "shipping-method", "id": "method-1", "obj": target}
	return info
}

func decoded(t *testing.T, order object) commercetools.Order {
	t.Helper()
	text, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	read, err := commercetools.DecodeOrder(text)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// part finds a part of an order by the way to it: keys, and positions in lists.
func part(node any, way ...any) object {
	for _, step := range way {
		switch step := step.(type) {
		case string:
			node = node.(object)[step]
		case int:
			node = node.([]any)[step]
		}
	}
	return node.(object)
}

func firstLine(order object) object { return part(order, "lineItems", 0) }

func shopConfig() config.Shop {
	return config.Shop{ShippingMethods: map[string]config.Delivery{
		"standard":     {ServiceType: config.ServiceShipping, ServiceLevel: "DELIVERY", Carriers: []string{"DHL_V2"}},
		"pickup":       {ServiceType: config.ServiceClickAndCollect},
		"Pigeon by us": {ServiceType: config.ServiceShipping, ServiceLevel: "SAMEDAY"},
	}}
}

func surroundings() export.Surroundings {
	return export.Surroundings{ProjectKey: "shop", Languages: []string{"de-DE", "en-GB", "fr"}, Country: "AT"}
}

// mapping is one order and how it is mapped; the parts that are nil are the usual ones.
type mapping struct {
	change       func(order object)
	shop         func(*config.Shop)
	surroundings func(*export.Surroundings)
}

func (m mapping) mapOrder(t *testing.T) (fulfillmenttools.OrderForCreation, []string, error) {
	t.Helper()
	order, shop, surroundings := baseOrder(), shopConfig(), surroundings()
	if m.change != nil {
		m.change(order)
	}
	if m.shop != nil {
		m.shop(&shop)
	}
	if m.surroundings != nil {
		m.surroundings(&surroundings)
	}
	return export.Map(decoded(t, order), shop, surroundings)
}

// must maps an order that can be mapped.
func (m mapping) must(t *testing.T) (fulfillmenttools.OrderForCreation, []string) {
	t.Helper()
	mapped, notes, err := m.mapOrder(t)
	if err != nil {
		t.Fatal(err)
	}
	return mapped, notes
}

func changed(change func(order object)) mapping { return mapping{change: change} }

// problems maps an order that cannot be mapped.
func (m mapping) problems(t *testing.T) []string {
	t.Helper()
	_, _, err := m.mapOrder(t)
	var unmappable *export.Unmappable
	if !errors.As(err, &unmappable) {
		t.Fatalf("the order can be mapped: %v", err)
	}
	return unmappable.Problems
}

// noted reports whether the notes are exactly those that hold the words.
func noted(t *testing.T, notes []string, words ...string) {
	t.Helper()
	if len(notes) != len(words) {
		t.Errorf("notes are %q, want %d", notes, len(words))
		return
	}
	for i, note := range notes {
		if !strings.Contains(note, words[i]) {
			t.Errorf("note %q says nothing of %q", note, words[i])
		}
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
