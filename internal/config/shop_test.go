package config_test

import (
	"reflect"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

func TestAShopIsReadFromItsObject(t *testing.T) {
	t.Parallel()
	full := config.Shop{
		OrderTypeKey: "my-order", CollectField: "pickup", StoreTag: "store",
		FieldTags: map[string]string{"brand": "brand-tag"},
		ShippingMethods: map[string]config.Delivery{
			"standard": {ServiceType: config.ServiceShipping, ServiceLevel: "DELIVERY", Carriers: []string{"DHL_V2", "GLS"}},
			"pickup":   {ServiceType: config.ServiceClickAndCollect},
		},
	}
	for text, want := range map[string]config.Shop{
		``:                           {},
		"  \n":                       {},
		`null`:                       {},
		`{}`:                         {},
		`{"somebody":"else's key"}`:  {},
		`{"orderCustomTypeKey":"x"}`: {OrderTypeKey: "x"},
		`{"orderCustomTypeKey":"my-order","collectChannelReferenceFieldName":"pickup","storeTagMapping":"store",
		  "customFieldTagMapping":{"brand":"brand-tag"},"shippingMethodMapping":{
		   "standard":{"serviceType":"SHIPPING","serviceLevel":"DELIVERY","carriers":["DHL_V2","GLS"]},
		   "pickup":{"serviceType":"CLICK_AND_COLLECT"}}}`: full,
		`{"shippingMethodMapping":{"x":{"serviceType":"SHIPPING","serviceLevel":"SAMEDAY","carriers":[]}}}`: {
			ShippingMethods: map[string]config.Delivery{"x": {ServiceType: "SHIPPING", ServiceLevel: "SAMEDAY", Carriers: []string{}}},
		},
	} {
		if got, err := config.ParseShop([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	if (config.Shop{}).TypeKey() != config.DefaultOrderType || full.TypeKey() != "my-order" {
		t.Errorf("got %s and %s", config.Shop{}.TypeKey(), full.TypeKey())
	}
}

func TestEverythingThatIsWrongWithAShopIsNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{`:                                      {"is not JSON"},
		`"text"`:                                 {"must be a JSON object, not string"},
		`[]`:                                     {"must be a JSON object, not array"},
		`{"orderCustomTypeKey":5}`:               {"orderCustomTypeKey holds the wrong type (number)"},
		`{"shippingMethodMapping":["standard"]}`: {"shippingMethodMapping holds the wrong type (array)"},
		`{"customFieldTagMapping":"brand"}`:      {"customFieldTagMapping holds the wrong type (string)"},
	} {
		got, err := config.ParseShop([]byte(text))
		if err == nil || !reflect.DeepEqual(got, config.Shop{}) {
			t.Errorf("%s: got %+v, %v", text, got, err)
			continue
		}
		for _, part := range append(want, "custom object fft/configuration: ") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v lacks %q", text, err, part)
			}
		}
		if strings.Contains(err.Error(), "Go struct") {
			t.Errorf("%s: speaks of Go: %v", text, err)
		}
	}
}

// The existing connector's users have entries that it never minded.
func TestOneUnusableEntryOfTheObjectLeavesTheOthersInForce(t *testing.T) {
	t.Parallel()
	report := config.CheckShop([]byte(`{"storeTagMapping":"store","customFieldTagMapping":{"brand":"","gift":"gift-tag","n":5},"shippingMethodMapping":{
		"good":{"serviceType":"SHIPPING"},"a":{},"b.c":{"serviceType":"PICKUP","serviceLevel":"EXPRESS","carriers":["DHL",""]},"d":null,"e":{"serviceType":"SHIPPING","carriers":"DHL"}}}`))
	if len(report.Problems) > 0 || report.Err() != nil || report.Shop.StoreTag != "store" {
		t.Fatalf("all of it is refused: %+v", report)
	}
	for _, want := range []string{
		`shippingMethodMapping.a.serviceType is "", must be SHIPPING or CLICK_AND_COLLECT`,
		`shippingMethodMapping.b.c.serviceType is "PICKUP", must be SHIPPING or CLICK_AND_COLLECT`,
		`shippingMethodMapping.b.c.serviceLevel is "EXPRESS", must be DELIVERY or SAMEDAY`,
		`shippingMethodMapping.b.c.carriers[1] is empty`,
		`shippingMethodMapping.d.serviceType is ""`, "shippingMethodMapping.e.carriers holds the wrong type (string)",
		`customFieldTagMapping.brand names no tag`, "customFieldTagMapping.n holds the wrong type (number)",
	} {
		if err := report.UnusableErr(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported: %v", want, err)
		}
	}
	for method, unusable := range map[string]bool{"good": false, "a": true, "b.c": true, "d": true, "e": true} {
		if delivery, ok := report.Shop.ShippingMethods[method]; !ok || (delivery.Unusable != "") != unusable {
			t.Errorf("%s: got %+v", method, delivery)
		}
	}
	if want := map[string]string{"gift": "gift-tag"}; !reflect.DeepEqual(report.Shop.FieldTags, want) {
		t.Errorf("got %v", report.Shop.FieldTags)
	}
	if report := config.CheckShop([]byte(`{"shippingMethodMapping":{"a":{}},"export":{"whn":"true"}}`)); len(report.Problems) != 1 || len(report.Unusable) != 1 {
		t.Errorf("got %+v", report)
	}
}
