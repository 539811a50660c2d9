package connector_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fftconnect/internal/connector"
)

// TestAWantedTimeAndAttributesOfTheShopsOwnFollow when the shop wants them to: messages of
// custom fields tell of the change.
func TestAWantedTimeAndAttributesOfTheShopsOwnFollow(t *testing.T) {
	for _, what := range []string{"follow", "ignore"} {
		t.Run(what, func(t *testing.T) { inFakeTime(t, func(t *testing.T) { wantedTimeChanges(t, what) }) })
	}
}

func wantedTimeChanges(t *testing.T, what string) {
	t.Helper()
	var store func(*rig) connector.Store
	_, store = withDepot(t)
	r := newRig(t, rigOptions{world: quick(), bare: true, store: store})
	r.CT.PutCustomObject("fft", "configuration", map[string]any{"export": map[string]any{
		"desiredDeliveryTimeField": "wanted_at", "set": map[string]any{"customAttributes.gift": "order.custom.fields.gift"},
		"changes": map[string]any{"deliveryTime": what, "customAttributes": what},
	}})
	r.install()
	own := ourType("gift")
	own["key"] = "shop-order"
	own["fieldDefinitions"] = append(own["fieldDefinitions"].([]any), map[string]any{
		"name": "wanted_at", "label": map[string]any{"en": "Wanted"}, "type": map[string]any{"name": "DateTime"}, "required": false,
	})
	typeID := r.CT.PutType(own)
	order := mugAndBowl("C-1")
	order["shippingInfo"] = map[string]any{"shippingMethodName": "Standard"}
	order["custom"] = map[string]any{
		"type":   map[string]any{"typeId": "type", "id": typeID},
		"fields": map[string]any{"gift": "red", "wanted_at": "2000-03-01T10:00:00.000Z"},
	}
	id := r.CT.PlaceOrder(order)
	r.settle()
	r.settle() // the journal is written
	there := mustBeOne(t, r.FFT.Orders(), "exported").ID
	shown := func() string {
		document, err := r.connector.Fulfillmenttools.OrderDocument(t.Context(), there)
		r.does(err)
		text, _ := json.Marshal(document)
		return string(text)
	}
	if first := shown(); !strings.Contains(first, `"gift":"red"`) || !strings.Contains(first, "2000-03-01T10:00:00") {
		t.Fatalf("%s: exported as %s", what, first)
	}
	r.updated(id, map[string]any{"action": "setCustomField", "name": "gift", "value": "blue"},
		map[string]any{"action": "setCustomField", "name": "wanted_at", "value": "2000-04-01T10:00:00.000Z"})
	then := shown()
	followed := strings.Contains(then, `"gift":"blue"`) && strings.Contains(then, "2000-04-01T10:00:00")
	if followed != (what == "follow") {
		t.Errorf("%s: it is now %s; %s", what, then, describe(r.outcomes(id)))
	}
}
