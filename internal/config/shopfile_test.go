package config_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v4"

	"fftconnect/internal/config"
	"fftconnect/internal/rules"
)

const exampleFile = "../../docs/example-configuration.yaml"

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheExampleIsRightAndUsesEveryKey(t *testing.T) {
	t.Parallel()
	report := config.CheckShopFile(exampleFile)
	if len(report.Problems)+len(report.Warnings) > 0 {
		t.Fatalf("%+v %+v", report.Problems, report.Warnings)
	}
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	var look func(reflect.Type, string)
	look = func(at reflect.Type, path string) {
		for at.Kind() == reflect.Pointer || at.Kind() == reflect.Slice || at.Kind() == reflect.Map {
			at = at.Elem()
		}
		if at.Kind() != reflect.Struct || at == reflect.TypeFor[rules.Expression]() {
			return
		}
		for i := range at.NumField() {
			key, _, _ := strings.Cut(at.Field(i).Tag.Get("json"), ",")
			if key != "-" && !strings.Contains(string(text), key+":") {
				t.Errorf("%s does not show %s.%s", exampleFile, path, key)
			}
			look(at.Field(i).Type, path+"."+key)
		}
	}
	look(reflect.TypeFor[config.Shop](), "")
	if summary := report.Shop.Summary(); strings.Contains(summary, "\n") || !strings.Contains(summary, "held while order.custom") {
		t.Errorf("summary: %s", summary)
	}
}

func TestAFileMayBeJSONOrYAML(t *testing.T) {
	t.Parallel()
	want, err := config.ParseShop([]byte(`{"storeTagMapping":"s","export":{"trigger":{"orderState":"Open"},"stickers":[{"key":"k","name":{"en_US":"Gift"},"priority":5}]},"feedback":{"deliveries":false}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a.json": "\ufeff" + `{"$schema":"x","storeTagMapping":"s","export":{"trigger":{"orderState":"Open"},"stickers":[{"key":"k","name":{"en_US":"Gift"},"priority":5}]},"feedback":{"deliveries":false}}`,
		"a.yaml": "storeTagMapping: s\nexport:\n  trigger: {orderState: Open}\n  stickers:\n  - {key: k, name: {en_US: Gift}, priority: 5}\nfeedback:\n  deliveries: false\n",
		"b.yaml": `{"storeTagMapping":"s","export":{"trigger":{"orderState":"Open"},"stickers":[{"key":"k","name":{"en_US":"Gift"},"priority":5}]},"feedback":{"deliveries":false}}`,
		"c.yml":  "x-trigger: &t {orderState: Open}\nstoreTagMapping: s\nexport:\n  trigger: *t\n  stickers: [{key: k, name: {en_US: Gift}, priority: 5}]\nfeedback: {deliveries: false}\nfacilities:\n",
	} {
		if got, err := config.ReadShop(file(t, name, text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	for _, empty := range []string{"", "\n", "# nothing\n", "---\n", "null\n"} {
		if got, err := config.ReadShop(file(t, "empty.yaml", empty)); err != nil || !reflect.DeepEqual(got, config.Shop{}) {
			t.Errorf("%q: got %+v, %v", empty, got, err)
		}
	}
	if _, err := config.ReadShop(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.HasSuffix(err.Error(), "none.yaml: cannot be read: no such file or directory") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestEveryMistakeInAFileIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text  string
		wants []string
	}{
		"all.yaml": {`storeTagMapping: 5
orderCustomTypKey: x
shippingMethodMapping:
  a: {serviceType: FLYING, carriers: [DHL, ""]}
export:
  wehn: "true"
  trigger:
    orderState: Confirmd
  when: order.orderStat == "Open"
  hold: |
    order.orderState == "Open" &&
      order.totl > 1
  tenantOrderId: order.version
  tags:
    - value: 'order.custom.fields.it + ''s'' + ordr.id'
  stickers:
    - key: k
      name: {en: "An overlong name"}
      priority: 10001
    - {key: k, name: {de_DE: ok}}
  customLineItems: {slugs: [""]}
  set:
    statsu: '"OPEN"'
    tenantOrderId: order.id
    deliveryPreferences.targetTime: 5
    status: line.id
    customAttributes: order.custom.fields
    customAttributes.x: order.id
feedback:
  ignore: [PICK_JOB_CREATD, ORDER_CREATED]
  fields:
    - {event: ORDER_CREATED, field: f, value: payload.statu}
  deliveries: sometimes
`, []string{
			"1:18: storeTagMapping holds the wrong type (number), must be a text",
			"2:1: orderCustomTypKey is unknown; did you mean orderCustomTypeKey?",
			`4:20: shippingMethodMapping.a.serviceType is "FLYING", must be SHIPPING or CLICK_AND_COLLECT`,
			"4:44: shippingMethodMapping.a.carriers[1] is empty",
			"6:3: export.wehn is unknown; did you mean when?",
			`8:17: export.trigger.orderState is "Confirmd", must be Open, Confirmed or Complete`,
			"9:15: export.when: line 1, column 7: ", "orderStat",
			"12:13: export.hold: line 2, column 9: ",
			"13:18: export.tenantOrderId: line 1, column 1: results in a number, must be a text",
			"15:7: export.tags[0].id is missing",
			"15:48: export.tags[0].value: line 1, column 32: ",
			"18:18: export.stickers[0].name.en is no locale such as en_US",
			"18:18: export.stickers[0].name.en has 16 letters, must have from 1 to 14",
			"19:17: export.stickers[0].priority is 10001, must be from 1 to 10000",
			"20:13: export.stickers[1].key is that of another sticker too",
			"21:29: export.customLineItems.slugs[0] is empty",
			"23:5: export.set.statsu: the fulfillmenttools order has no field statsu; did you mean status?",
			"24:5: export.set.tenantOrderId: tenantOrderId is set by export.tenantOrderId",
			"25:37: export.set.deliveryPreferences.targetTime: line 1, column 1: results in a number, must be a time",
			"26:13: export.set.status: line 1, column 1: line is known only to what is evaluated for each line",
			"28:5: export.set.customAttributes.x is in customAttributes, which is set too",
			`30:12: feedback.ignore[0] is "PICK_JOB_CREATD", which is unknown; did you mean PICK_JOB_CREATED?`,
			"32:15: feedback.fields[0].event is ignored: feedback.ignore names ORDER_CREATED",
			"32:55: feedback.fields[0].value: line 1, column 9: ",
			"33:15: feedback.deliveries holds the wrong type (string), must be true or false",
		}},
		"when.json":   {"{\n \"export\": {\"when\": \"order.id == \\\"\\u00e4\\\" && ordr.id\"},\n \"facilities\": {\"services\": [\"\"]}}", []string{"2:48: export.when: line 1, column 20: unknown name ordr; did you mean order?", "3:30: facilities.services[0] is empty"}},
		"broken.json": {"{\n \"a\": 1,\n}", []string{"3:1: is not JSON: invalid character '}'"}},
		"broken.yaml": {"a:\n - b\n c: d\n", []string{"is not YAML"}},
		"list.yaml":   {"- a\n", []string{"1:1: must be a JSON object, not array"}},
		"twice.json":  {`{"export":{"when":"true","when":"false"}}`, []string{"1:26: export.when is given twice"}},
		"folded.yaml": {"export:\n  when: >\n    true &&\n    ordr\n", []string{"4:5: export.when: line 1, column 9: "}},
		"cycle.yaml":  {"export: &a\n  set: *a\n", []string{"nested too deeply"}},
		"two.yaml":    {"a: 1\n---\nb: 2\n", []string{"is not YAML"}},
	} {
		_, err := config.ReadShop(file(t, name, test.text))
		var wrong *config.ShopError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		lacking := slices.DeleteFunc(slices.Clone(test.wants), func(want string) bool { return strings.Contains(err.Error(), want) })
		if len(lacking) > 0 {
			t.Errorf("%s: lacks %q:\n%v", name, lacking, err)
		}
		if name == "all.yaml" && len(wrong.Problems) != len(test.wants)-1 {
			t.Errorf("%d problems, want %d:\n%v", len(wrong.Problems), len(test.wants)-1, err)
		}
	}
}

func TestUnknownKeysAreWarnedOfWhereOthersMayKeepTheirs(t *testing.T) {
	t.Parallel()
	report := config.CheckShop([]byte(`{"orderCustomTypKey":"x","$schema":"y","shippingMethodMapping":{"a":{"serviceType":"SHIPPING","carrier":"DHL"}}}`))
	want := []config.ShopProblem{
		{Path: "orderCustomTypKey", Message: "orderCustomTypKey is unknown; did you mean orderCustomTypeKey?"},
		{Path: "shippingMethodMapping.a.carrier", Message: "shippingMethodMapping.a.carrier is unknown; did you mean carriers?"},
	}
	if len(report.Problems) > 0 || !reflect.DeepEqual(report.Warnings, want) {
		t.Errorf("got %+v", report)
	}
	_, err := config.ParseShop([]byte(`{"export":{"wen":"true","when":"order.x"}}`))
	if err == nil || err.Error() != "custom object fft/configuration: export.wen is unknown; did you mean when?; export.when: line 1, column 7: there is no x here" {
		t.Errorf("got %v", err)
	}
}

func TestTheSchemaTakesWhatIsRightAndRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	var schema jsonschema.Schema
	if err := json.Unmarshal(config.ShopSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text []byte) error {
		var value any
		if err := yaml.Load(text, &value); err != nil {
			t.Fatal(err)
		}
		return resolved.Validate(value)
	}
	example, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range []string{
		string(example), `{}`, `{"$schema": "x", "x-somebody": {"else": 1}}`, `{"export": {"when": true, "set": {"customAttributes.a": 5}}}`,
	} {
		if err := validate([]byte(right)); err != nil {
			t.Errorf("%.60s: %v", right, err)
		}
	}
	for _, wrong := range []string{
		`[]`, `{"storeTagMapping": 5}`, `{"Export": {}}`, `{"exports": {}}`, `{"exprt": {}}`, `{"shippingMethodMapping": {"a": {"serviceType": "SHIPPING", "carrier": "DHL"}}}`,
		`{"export": {"when": null}}`, `{"export": {"hold": ""}}`, `{"export": {"tenantOrderId": ""}}`, `{"shippingMethodMapping": {"a": {}}}`, `{"shippingMethodMapping": {"a": {"serviceType": "FLYING"}}}`,
		`{"export": {"wehn": "true"}}`, `{"export": {"trigger": {"orderState": "Confirmd"}}}`, `{"export": {"set": {"statsu": "order.id"}}}`,
		`{"export": {"set": {"tenantOrderId": "order.id"}}}`, `{"export": {"tags": [{"id": "x"}]}}`, `{"export": {"stickers": [{"key": "k", "name": {"en_US": "a"}, "priority": 10001}]}}`,
		`{"export": {"set": {"customAttributes.a.b": "1"}}}`, `{"export": {"set": {"orderLineItems[].customAttributes.$a": "1"}}}`,
		`{"export": {"set": {"customAttributes.a": ""}}}`, `{"feedback": {"ignore": ["PICK_JOB_CREATD"]}}`, `{"feedback": {"deliveries": "sometimes"}}`, `{"facilities": {"services": [""]}}`, `{"export": {"when": []}}`,
	} {
		if err := validate([]byte(wrong)); err == nil {
			t.Errorf("the schema takes %s", wrong)
		}
		if _, err := config.ReadShop(file(t, "shop.json", wrong)); err == nil {
			t.Errorf("the code takes %s", wrong)
		}
	}
}

func TestWhatIsMissingIsSaidOnce(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"export":{"tags":[{"id":"x"}]}}`, `{"feedback":{"fields":[{"event":"ORDER_CREATED","field":"f"}]}}`} {
		if report := config.CheckShop([]byte(text)); len(report.Problems) != 1 || !strings.HasSuffix(report.Problems[0].Message, "value is missing") {
			t.Errorf("%s: got %+v", text, report.Problems)
		}
	}
}

func TestWhatIsRequiredMayNotBeNull(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"shippingMethodMapping":{"a":null}}`:                        `shippingMethodMapping.a.serviceType is ""`,
		`{"export":{"tags":[null]}}`:                                  "export.tags[0].id is missing",
		`{"export":{"tags":[{"id":null,"value":"order.id"}]}}`:        "export.tags[0].id is missing",
		`{"export":{"set":{"status":null}}}`:                          "export.set.status is empty",
		`{"export":{"set":{"status":""}}}`:                            "export.set.status is empty",
		`{"export":{"set":{"customAttributes.a.b":"1"}}}`:             "export.set.customAttributes.a.b names a custom attribute",
		`{"export":{"set":{"consumer.customAttributes.$a":"1"}}}`:     "export.set.consumer.customAttributes.$a names a custom attribute",
		`{"export":{"set":{"customAttributes.":"1"}}}`:                "the fulfillmenttools order has no field customAttributes.",
		`{"export":{"set":{"stickers":5}}}`:                           "results in a number, must be a list",
		`{"export":{"set":{"consumer":"order.id"}}}`:                  "results in a text, must be an object",
		`{"export":{"set":{"tags":"order.shippingAddress"}}}`:         "results in an object, must be a list",
		`{"export":{"customLineItems":{"keys":[null]}}}`:              "export.customLineItems.keys[0] is empty",
		`{"feedback":{"fields":[{"event":"ORDER_CREATED"}]}}`:         "feedback.fields[0].field is missing",
		`{"export":{"stickers":[{"key":"k","name":{"en_US":null}}]}}`: "export.stickers[0].name.en_US has 0 letters",
	} {
		if _, err := config.ReadShop(file(t, "shop.json", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
