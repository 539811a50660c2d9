package export

import (
	"fmt"
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

// setCollectFacility is where the consumer collects: by the configured custom field, else
// by the one supply channel of the lines. Without any the order cannot be mapped, unless
// export.set names one.
func (m *mapping) setCollectFacility(order *commercetools.Order, to *fulfillmenttools.Collect) {
	if to.TenantFacilityID = m.facilityFromField(order); to.TenantFacilityID == "" {
		to.TenantFacilityID, m.collectProblem = facilityFromLines(order)
	}
}

func (m *mapping) facilityFromField(order *commercetools.Order) string {
	field := m.shop.CollectField
	if field == "" {
		return ""
	}
	value := order.Snapshot.Fields[field]
	key := channelKey(value, m.surroundings)
	if text, plain := rules.PlainText(value); key == "" && (!plain || strings.TrimSpace(text) != "") {
		m.addNote("collect: custom field %q names no channel that is known", field)
	}
	return key
}

func facilityFromLines(order *commercetools.Order) (string, error) {
	var keys []string
	for _, line := range order.LineItems {
		if line.SupplyChannel == nil || line.SupplyChannel.Obj == nil {
			continue
		}
		if key := strings.TrimSpace(line.SupplyChannel.Obj.Key); key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	switch len(keys) {
	case 1:
		return keys[0], nil
	case 0:
		return "", fmt.Errorf("click and collect without a facility: set the custom field that %s names, or a supply channel on the lines", "collectChannelReferenceFieldName")
	default:
		slices.Sort(keys)
		return "", fmt.Errorf("click and collect with %d facilities (%s): the lines must share one supply channel, or a custom field must name it", len(keys), strings.Join(keys, ", "))
	}
}

// channelKey reads a custom field that names a channel: its key, or a reference.
func channelKey(value any, surroundings Surroundings) string {
	switch value := value.(type) {
	case string:
		return strings.TrimSpace(value)
	case map[string]any:
		if target, ok := value["obj"].(map[string]any); ok {
			key, _ := target["key"].(string)
			return key
		}
		id, _ := value["id"].(string)
		return surroundings.ChannelKeys[id]
	default:
		return ""
	}
}

// ChannelReference is the id of the channel that the order's collect field refers
// to, when it holds a reference rather than a key.
func ChannelReference(order commercetools.Order, shop config.Shop) string {
	reference, _ := order.Snapshot.Fields[shop.CollectField].(map[string]any)
	id, _ := reference["id"].(string)
	return id
}
