package export_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
)

// The numbers are those of the defects of the connector that this one takes over from.

func TestUpstreamDefect11NoEmptyTextReachesAPattern(t *testing.T) {
	t.Parallel()
	blank := object{"country": "", "streetName": "", "streetNumber": "", "postalCode": "", "city": "", "state": "", "additionalStreetInfo": "Hof 3", "region": "Bayern"}
	mapped, _ := changed(func(o object) { o["shippingAddress"], o["billingAddress"] = blank, blank }).must(t)
	if found := mapped.Problems(); len(found) > 0 {
		t.Errorf("fulfillmenttools would refuse it: %v", found)
	}
	same(t, "street", "Hof 3", mapped.Consumer.Addresses[0].Street)
	text, err := json.Marshal(mapped)
	if err != nil || strings.Contains(string(text), `""`) {
		t.Errorf("%v: %s", err, text)
	}
}

func TestUpstreamDefect11AnOrderThatWouldBeRefusedIsReported(t *testing.T) {
	t.Parallel()
	problems := changed(func(o object) { o["shippingAddress"] = object{"country": "DE", "streetName": "", "city": ""} }).problems(t)
	same(t, "problems", []string{"shipping address has no street, building or PO box", "shipping address has no city"}, problems)
}

func TestUpstreamDefect18TitlesAreNeverBlank(t *testing.T) {
	t.Parallel()
	for _, names := range []object{
		{"pl-PL": "Lampa"}, {"ja": "ランプ"}, {"en": " ", "tr-TR": "Lamba"}, {"de-DE": "", "en": ""}, {},
	} {
		mapped, _ := mapping{
			change:       func(o object) { firstLine(o)["name"] = names },
			surroundings: func(a *export.Surroundings) { a.Languages = nil },
		}.must(t)
		if strings.TrimSpace(mapped.OrderLineItems[0].Article.Title) == "" {
			t.Errorf("%v gives a blank title", names)
		}
	}
}

func TestUpstreamDefect18TheOrdersLocaleGoesBeforeTheProjectsLanguages(t *testing.T) {
	t.Parallel()
	names := object{"en": "Lamp", "en-AU": "Lamp (AU)", "de-DE": "Lampe", "fr-FR": "Lampe (fr)"}
	for locale, want := range map[string]string{
		"en-GB": "Lamp", "en-AU": "Lamp (AU)", "en": "Lamp", "fr": "Lampe (fr)", "fr-CH": "Lampe (fr)", "it": "Lampe", "": "Lampe",
	} {
		mapped, _ := changed(func(o object) { firstLine(o)["name"], o["locale"] = names, locale }).must(t)
		same(t, locale, want, mapped.OrderLineItems[0].Article.Title)
	}
}

func TestUpstreamDefect19NoAttributeWithAValueIsDropped(t *testing.T) {
	t.Parallel()
	label := object{"key": "k", "label": object{"de-DE": "Wort"}}
	for _, value := range []any{
		[]any{"a", "b"},
		[]any{label, label},
		label, euros(100),
		[]any{euros(100)},
		object{"typeId": "category", "id": "c"},
		[]any{object{"typeId": "category", "id": "c"}},
		[]any{object{"name": "w", "value": 3}},
		[]any{[]any{object{"name": "w", "value": 3}}},
		false, 0,
	} {
		mapped, _ := attributed("thing", value, "scannableCodes", "4006381333931").must(t)
		if got := described(mapped); len(got) != 1 || got[0].Value == "" {
			t.Errorf("%v becomes %v", value, got)
		}
		same(t, "codes", []string{"4006381333931"}, mapped.OrderLineItems[0].ScannableCodes)
	}
}

func TestUpstreamDefect34FacilitiesAreNamedByTheirOwnKeys(t *testing.T) {
	t.Parallel()
	mapped, _ := mapping{surroundings: func(a *export.Surroundings) { a.StoreFacilities = []string{"berlin"} }}.must(t)
	same(t, "facilities", []fulfillmenttools.Facility{{TenantFacilityID: "berlin"}}, mapped.DeliveryPreferences.Shipping.PreselectedFacilities)
	collect, _ := collected("berlin", "-").must(t)
	same(t, "collect", "berlin", collect.DeliveryPreferences.Collect[0].TenantFacilityID)
}

func TestUpstreamDefect37ACollectFieldMayHoldAReference(t *testing.T) {
	t.Parallel()
	mapped, _ := collected(object{"typeId": "channel", "id": "channel-1"}, "-").must(t)
	same(t, "facility", "berlin", mapped.DeliveryPreferences.Collect[0].TenantFacilityID)
}

func TestUpstreamDefect37TagValuesAreTexts(t *testing.T) {
	t.Parallel()
	fields := object{"level": 3, "vip": true, "zones": []any{"A", "B"}, "store": object{"typeId": "store", "key": "s"}, "none": nil}
	mapped, notes := mapping{
		change: customFields(fields),
		shop: func(s *config.Shop) {
			s.FieldTags = map[string]string{"level": "level", "vip": "vip", "zones": "zone", "store": "store", "none": "none"}
		},
	}.must(t)
	same(t, "tags", []fulfillmenttools.Tag{{ID: "level", Value: "3"}, {ID: "vip", Value: "true"}, {ID: "zone", Value: "A"}, {ID: "zone", Value: "B"}}, mapped.Tags)
	noted(t, notes, `custom field "store" holds no plain value`)
}
