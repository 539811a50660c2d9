package export_test

import (
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
)

func TestTheShippingMethodDecidesTheDelivery(t *testing.T) {
	t.Parallel()
	standard := &fulfillmenttools.Shipping{ServiceLevel: "DELIVERY", PreferredCarriers: []string{"DHL_V2"}}
	for name, test := range map[string]struct {
		change func(object)
		want   *fulfillmenttools.Shipping
		notes  []string
	}{
		"by key":                     {func(object) {}, standard, nil},
		"by name when it has no key": {func(o object) { o["shippingInfo"] = method("", "Pigeon by us") }, &fulfillmenttools.Shipping{ServiceLevel: "SAMEDAY"}, nil},
		"by name when it is custom": {func(o object) {
			o["shippingInfo"] = method("", "Pigeon by us")
			delete(part(o, "shippingInfo"), "shippingMethod")
		}, &fulfillmenttools.Shipping{ServiceLevel: "SAMEDAY"}, nil},
		"by name when it cannot be read": {func(o object) {
			delete(part(o, "shippingInfo", "shippingMethod"), "obj")
		}, &fulfillmenttools.Shipping{}, []string{`method "DHL Paket" is not in shippingMethodMapping`}},
		"a method with a key is not looked for by its name": {
			func(o object) { o["shippingInfo"] = method("pigeon", "Pigeon by us") },
			&fulfillmenttools.Shipping{},
			[]string{`method "pigeon" is not in shippingMethodMapping`},
		},
		"no method": {func(o object) { delete(o, "shippingInfo") }, &fulfillmenttools.Shipping{}, []string{"the order has no shipping method"}},
	} {
		mapped, notes := changed(test.change).must(t)
		same(t, name, &fulfillmenttools.DeliveryPreferences{Shipping: test.want}, mapped.DeliveryPreferences)
		noted(t, notes, test.notes...)
	}
}

func TestCarriersMayComeWithProductsAndACategory(t *testing.T) {
	t.Parallel()
	mapped, notes := mapping{shop: func(s *config.Shop) {
		s.ShippingMethods = map[string]config.Delivery{"standard": {
			ServiceType: config.ServiceShipping, CarrierProductCategory: "EXPRESS", Carriers: []string{"GLS"},
			CarriersWithProduct: []config.Carrier{{Key: "DHL_V2", Product: "V01PAK", Services: []string{"SIGNATURE"}}, {Key: "UPS"}},
		}}
	}}.must(t)
	noted(t, notes)
	same(t, "shipping", &fulfillmenttools.Shipping{
		PreferredCarriers: []string{"GLS"}, CarrierProductCategory: "EXPRESS",
		PreferredCarriersWithProduct: []fulfillmenttools.CarrierWithProduct{
			{CarrierKey: "DHL_V2", CarrierProduct: "V01PAK", CarrierServices: []string{"SIGNATURE"}}, {CarrierKey: "UPS"},
		},
	}, mapped.DeliveryPreferences.Shipping)
}

func TestWithoutConfigurationAnOrderShips(t *testing.T) {
	t.Parallel()
	mapped, _ := mapping{shop: func(s *config.Shop) { *s = config.Shop{} }}.must(t)
	same(t, "delivery", &fulfillmenttools.DeliveryPreferences{Shipping: &fulfillmenttools.Shipping{}}, mapped.DeliveryPreferences)
}

func TestAStoresSupplyChannelsAreItsFacilities(t *testing.T) {
	t.Parallel()
	mapped, _ := mapping{surroundings: func(a *export.Surroundings) { a.StoreFacilities = []string{"berlin", "potsdam"} }}.must(t)
	same(t, "facilities", []fulfillmenttools.Facility{{TenantFacilityID: "berlin"}, {TenantFacilityID: "potsdam"}},
		mapped.DeliveryPreferences.Shipping.PreselectedFacilities)
}

func TestTheFirstOfSeveralShippingMethodsDecides(t *testing.T) {
	t.Parallel()
	several := func(n int) mapping {
		return changed(func(o object) {
			delete(o, "shippingInfo")
			delete(o, "billingAddress")
			other := address()
			other["city"] = "Bonn"
			o["shippingMode"] = "Multiple"
			o["shipping"] = []any{
				object{"shippingKey": "s1", "shippingInfo": method("standard", "DHL Paket"), "shippingAddress": other},
				object{"shippingKey": "s2", "shippingInfo": method("pickup", "Collect"), "shippingAddress": address()},
			}[:n]
		})
	}
	mapped, notes := several(2).must(t)
	noted(t, notes, "2 shipping methods, the first one decides", "the order has 1 more that no line names")
	if mapped.DeliveryPreferences.Shipping == nil || mapped.Consumer.Addresses[0].City != "Bonn" {
		t.Errorf("%+v to %+v", mapped.DeliveryPreferences, mapped.Consumer.Addresses)
	}
	_, notes = several(1).must(t)
	noted(t, notes)
}

// supplied sets the lines' supply channels: keys; "" for one without a key, "-" for none,
// "?" for one that cannot be read.
func supplied(o object, keys ...string) {
	var lines []any
	for _, key := range keys {
		line := lineItem()
		channel := object{"typeId": "channel", "id": "c-" + key}
		if key != "?" {
			channel["obj"] = object{"id": "c-" + key, "version": 1, "key": key, "roles": []any{"InventorySupply"}}
		}
		if key != "-" {
			line["supplyChannel"] = channel
		}
		lines = append(lines, line)
	}
	o["lineItems"] = lines
}

// collected is an order to be collected; field is the value of the field that may
// name the facility, nil for none.
func collected(field any, channels ...string) mapping {
	return mapping{
		change: func(o object) {
			o["shippingInfo"] = method("pickup", "Collect in store")
			supplied(o, channels...)
			if field != nil {
				o["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"facility": field}}
			}
		},
		shop:         func(s *config.Shop) { s.CollectField = "facility" },
		surroundings: func(a *export.Surroundings) { a.ChannelKeys = map[string]string{"channel-1": "berlin"} },
	}
}

func TestWhereAnOrderIsCollected(t *testing.T) {
	t.Parallel()
	reference := func(id string, target object) object {
		r := object{"typeId": "channel", "id": id}
		if target != nil {
			r["obj"] = target
		}
		return r
	}
	const unknown = `collect: custom field "facility" names no channel that is known`
	for name, test := range map[string]struct {
		mapping mapping
		want    string
		notes   []string
	}{
		"the field holds a key":                {collected(" berlin ", "-"), "berlin", nil},
		"the field holds a reference":          {collected(reference("channel-1", nil), "-"), "berlin", nil},
		"the field holds an expanded one":      {collected(reference("channel-2", object{"key": "potsdam"}), "-"), "potsdam", nil},
		"the field goes before the lines":      {collected("berlin", "potsdam"), "berlin", nil},
		"the field is blank":                   {collected(" ", "potsdam"), "potsdam", nil},
		"the field refers to what is gone":     {collected(reference("channel-9", nil), "potsdam"), "potsdam", []string{unknown}},
		"the field holds something else":       {collected(7, "potsdam"), "potsdam", []string{unknown}},
		"the lines agree":                      {collected(nil, "potsdam", "potsdam"), "potsdam", nil},
		"some lines name it":                   {collected(nil, "-", "potsdam", "-"), "potsdam", nil},
		"a channel without a key says nothing": {collected(nil, "", "potsdam"), "potsdam", nil},
	} {
		mapped, notes := test.mapping.must(t)
		noted(t, notes, test.notes...)
		same(t, name, &fulfillmenttools.DeliveryPreferences{
			Collect: []fulfillmenttools.Collect{{TenantFacilityID: test.want, Paid: true}},
		}, mapped.DeliveryPreferences)
	}
}

func TestWithoutASettingTheFieldIsNotRead(t *testing.T) {
	t.Parallel()
	m := collected("berlin", "potsdam")
	m.shop = nil
	mapped, _ := m.must(t)
	same(t, "facility", "potsdam", mapped.DeliveryPreferences.Collect[0].TenantFacilityID)
}

func TestAnOrderIsCollectedFromOneFacility(t *testing.T) {
	t.Parallel()
	const none = `click and collect without a facility: set the custom field that collectChannelReferenceFieldName names, or a supply channel on the lines`
	for name, test := range map[string]struct {
		channels []string
		want     string
	}{
		"no channel":                 {[]string{"-"}, none},
		"a channel without a key":    {[]string{""}, none},
		"a channel that is not read": {[]string{"?"}, none},
		"two channels":               {[]string{"potsdam", "berlin", "potsdam"}, "click and collect with 2 facilities (berlin, potsdam): the lines must share one supply channel, or a custom field must name it"},
	} {
		same(t, name, []string{test.want}, collected(nil, test.channels...).problems(t))
	}
}

func TestACollectedOrderIsPaidWhenCommercetoolsSaysSo(t *testing.T) {
	t.Parallel()
	for state, want := range map[any]bool{"Paid": true, "Pending": false, "BalanceDue": false, "CreditOwed": false, "Failed": false, nil: false} {
		m := collected("berlin", "-")
		change := m.change
		m.change = func(o object) {
			change(o)
			o["paymentState"] = state
		}
		mapped, _ := m.must(t)
		same(t, "paid", want, mapped.DeliveryPreferences.Collect[0].Paid)
	}
}

func TestACollectedOrderNeedsNoAddress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(object)
		kinds  int
	}{
		"none":       {func(o object) { delete(o, "shippingAddress"); delete(o, "billingAddress") }, 0},
		"billing":    {func(o object) { delete(o, "shippingAddress") }, 1},
		"both":       {func(object) {}, 2},
		"incomplete": {func(o object) { o["shippingAddress"] = object{"country": "DE"} }, 1},
		"without a street": {func(o object) {
			o["shippingAddress"] = object{"country": "DE", "city": "Ulm", "state": "BW", "building": "3"}
		}, 2},
		"without a postal code": {func(o object) { delete(part(o, "shippingAddress"), "postalCode") }, 2},
	} {
		m := collected("berlin", "-")
		change := m.change
		m.change = func(o object) {
			change(o)
			test.change(o)
		}
		mapped, notes := m.must(t)
		if got := mapped.Consumer.Addresses; len(got) != test.kinds {
			t.Errorf("%s: %+v", name, got)
		}
		noted(t, notes)
	}
}

func TestTheChannelOfTheCollectFieldIsAskedForWhenItIsAReference(t *testing.T) {
	t.Parallel()
	shop := config.Shop{CollectField: "facility"}
	for name, test := range map[string]struct {
		field any
		want  string
	}{
		"reference": {object{"typeId": "channel", "id": "channel-1"}, "channel-1"},
		"key":       {"berlin", ""},
		"nothing":   {nil, ""},
	} {
		order := baseOrder()
		if test.field != nil {
			order["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"facility": test.field}}
		}
		same(t, name, test.want, export.ChannelReference(decoded(t, order), shop))
	}
}
