package config_test

import (
	"reflect"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

// What YAML makes of a text without a word.
func TestWhatYAMLWouldTurnAroundIsAnError(t *testing.T) {
	t.Parallel()
	for text, wants := range map[string][]string{
		"export: {hold: !order.custom.fields.released}":                       {"1:16: export.hold holds a YAML tag (!order.custom.fields.released), ", "for a negation write: not order.custom.fields.released"},
		"export:\n  when: !order.custom.fields.released\n":                    {"2:9: export.when holds a YAML tag (!order.custom.fields.released)"},
		"export:\n  when: ! order.custom.fields.gift\n":                       {"2:9: export.when holds a YAML tag", "write: not order.custom.fields.gift"},
		"export:\n  when: !(order.a)\n":                                       {"export.when"},
		"export:\n  when: !!order order.id\n":                                 {"2:9: export.when holds a YAML tag"},
		"export:\n  set: {status: !x '\"OPEN\"'}\n":                           {"2:17: export.set.status holds a YAML tag (!x)"},
		"export:\n  !x when: 'true'\n":                                        {"export.when holds a YAML tag (!x)"},
		"storeTagMapping: !store x\n":                                         {"1:18: storeTagMapping holds a YAML tag (!store)"},
		"export: !rules {when: 'true'}\n":                                     {"1:9: export holds a YAML tag (!rules) that means nothing here"},
		"feedback: {ignore: !!set {ORDER_CREATED}}\n":                         {"1:20: feedback.ignore holds a YAML tag"},
		"storeTagMapping: !!binary eA==\n":                                    {"1:18: storeTagMapping holds a YAML tag"},
		"export:\n  when:\n  hold: ''\n":                                      {"export.when is empty: write an expression, or leave the key out", "3:9: export.hold is empty"},
		"export: {tenantOrderId: ~}\n":                                        {"1:25: export.tenantOrderId is empty"},
		"export: {hold: &released }\n":                                        {"1:16: export.hold is empty"},
		"export: {stickers: [{key: a, name: {en_US: b}, when: }]}":            {"export.stickers[0].when is empty"},
		"export: {stickers: [{key: k, name: {de_DE: a}, priority: 010}]}\n":   {"1:58: export.stickers[0].priority is 010, which YAML takes for 8"},
		"export: {stickers: [{key: k, name: {de_DE: a}, priority: 0_100}]}\n": {"export.stickers[0].priority is 0_100, which YAML takes for 64"},
		"export: {set: {customAttributes.a: 007}}\n":                          {"1:36: export.set.customAttributes.a is 007, which YAML takes for 7"},
		"<<: 5\nstoreTagMapping: x\n":                                         {"merges (<<) what has no keys"},
		"export: {<<: [{when: 'true'}, x]}\n":                                 {"1:9: export merges (<<) what has no keys"},
		"x-d: &d {whn: 'true'}\nexport:\n  <<: *d\n":                          {"1:10: export.whn is unknown; did you mean when?"},
		"storeTagMapping: ''\norderCustomTypeKey:\n":                          {"1:18: storeTagMapping is empty: write a text, or leave the key out", "2:20: orderCustomTypeKey is empty"},
		"export: {prices: '', houseNumber: ~}\n":                              {"1:18: export.prices is empty", "1:35: export.houseNumber is empty"},
		"export:\n  hold: order.custom.fields.a ? true : false\n":             {"is not YAML: mapping values are not allowed in this context: a text with \": \" in it, such as a ? b : c, stands in quotes"},
		"Export: {}\n":                      {"1:1: Export is unknown; did you mean export?"},
		"exports: {}\n":                     {"1:1: exports is unknown; did you mean export?"},
		"storeTagMapping: x\nexprt: {}\n":   {"2:1: exprt is unknown; did you mean export?"},
		"x-a: {b: !c d}\nstoreTagMaping: 1": {"2:1: storeTagMaping is unknown"},
		"shippingMethodMapping: {a: {serviceType: SHIPPING, carrier: DHL}}\n": {"1:52: shippingMethodMapping.a.carrier is unknown; did you mean carriers?"},
		"shippingMethodMapping: {a: {serviceType: FLYING}}\n":                 {`1:42: shippingMethodMapping.a.serviceType is "FLYING"`},
	} {
		_, err := config.ReadShop(file(t, "shop.yaml", text))
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v, want %q", text, err, want)
			}
		}
	}
}

func TestMergeKeysAreResolved(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Shop{
		"x-defaults: &d {serviceType: SHIPPING, serviceLevel: DELIVERY}\nshippingMethodMapping:\n  a: {<<: *d, serviceLevel: SAMEDAY}\n  b: *d\n": {
			ShippingMethods: map[string]config.Delivery{"a": {ServiceType: "SHIPPING", ServiceLevel: "SAMEDAY"}, "b": {ServiceType: "SHIPPING", ServiceLevel: "DELIVERY"}},
		},
		"x-a: &a {serviceType: SHIPPING}\nx-b: &b {<<: *a, serviceType: CLICK_AND_COLLECT, carriers: [x]}\nshippingMethodMapping:\n  m: {serviceLevel: SAMEDAY, <<: [*a, *b]}\n": {
			ShippingMethods: map[string]config.Delivery{"m": {ServiceType: "SHIPPING", ServiceLevel: "SAMEDAY", Carriers: []string{"x"}}},
		},
	} {
		got, err := config.ReadShop(file(t, "shop.yaml", text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

func TestNumbersAndNegationsThatYAMLLeavesAloneAreTaken(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"export: {hold: '!order.custom.fields.released'}", "export: {hold: not order.custom.fields.released}", "export: {stickers: [{key: '010', name: {de_DE: a}, priority: 10}]}",
		"export: {set: {customAttributes.a: 0, customAttributes.b: 0.5, customAttributes.c: '\"010\"', customAttributes.d: 1e3}}", "export: {tenantOrderId: !!str order.id, when: !!bool true}",
	} {
		if _, err := config.ReadShop(file(t, "shop.yaml", text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
