package config_test

import (
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

const namesFields = `collectChannelReferenceFieldName: pickup_facility
customFieldTagMapping: {gift: gift-wrap, oversize: large}
shippingMethodMapping: {pickup: {serviceType: CLICK_AND_COLLECT}}
export:
  when: order.custom.fields.relased == true and order.custom.fields["gift"]
  hold: |
    any(order.lineItems, .custom.fields.fragil) or
      order.shippingAddress.custom?.fields?.doorcode == "x"
  lines: line.custom.fields.wrap != true and order.lineItems[0].custom.fields.fragile
  desiredDeliveryTimeField: wanted
  set:
    customAttributes.a: map(order.customLineItems, .custom.fields.engraving)
feedback:
  fields:
    - {event: PICK_JOB_CREATED, field: facilty, value: payload.facilityRef}
facilities: {typeField: facility_type}
`

// TestCustomFieldsThatNoTypeHasAreFound: a misspelt field is nil for every order, and the
// rule never holds.
func TestCustomFieldsThatNoTypeHasAreFound(t *testing.T) {
	t.Parallel()
	report := config.CheckShopFile(file(t, "shop.yaml", namesFields))
	if len(report.Problems)+len(report.Warnings) > 0 {
		t.Fatalf("%+v", report)
	}
	report.CompareFields(map[string][]string{
		"order": {"released", "gift", "facility", "pickup_facility"}, "line-item": {"fragile", "wrap"}, "custom-line-item": {"engraving"},
		"address": {"doorCode"}, "customer": {"wanted", "oversize", "facility_type"},
	})
	var got []string
	for _, warning := range report.Warnings {
		got = append(got, strings.TrimPrefix(warning.In(report.Source), report.Source+":"))
	}
	want := []string{
		`2:52: customFieldTagMapping.oversize: no type of orders has the custom field "oversize"`,
		`5:29: export.when: no type of orders has the custom field "relased"; did you mean released?`,
		`7:41: export.hold: no type of lines has the custom field "fragil"; did you mean fragile?`,
		`8:45: export.hold: no type of addresses has the custom field "doorcode"; did you mean doorCode?`,
		`10:29: export.desiredDeliveryTimeField: no type of orders has the custom field "wanted"`,
		`15:40: feedback.fields[0].field: no type of orders has the custom field "facilty"; did you mean facility?`,
		`16:25: facilities.typeField: no type of channels has the custom field "facility_type"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	object := config.CheckShop([]byte(`{"export":{"when":"order.custom.fields.relased"}}`))
	object.CompareFields(nil)
	if len(object.Warnings) != 1 || object.Warnings[0].Line != 0 {
		t.Errorf("of a custom object: %+v", object.Warnings)
	}
}

func TestATabInYAMLIsSaidInWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"export:\n\twhen: 'true'\n":       "2:1: is not YAML: a tab stands where the line is indented, and YAML takes only blanks there",
		"export:\n  \twhen: 'true'\n x:1": "2:3: is not YAML: a tab ",
		"export:\n  when: [\n":            "is not YAML: ",
	} {
		if _, err := config.ReadShop(file(t, "shop.yaml", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	// Where YAML takes tabs they are no mistake.
	shop, err := config.ReadShop(file(t, "shop.yaml", "export:\n  when:\t'true'\t# always\n\t\n"))
	if err != nil || shop.Export.When.String() != "true" {
		t.Errorf("%v, %v", shop.Export.When, err)
	}
}
