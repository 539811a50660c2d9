package export

import (
	"fmt"
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
)

// collectFacility names where the consumer collects: the configured custom field,
// or the one supply channel of the lines.
func collectFacility(order commercetools.Order, shop config.Shop, surroundings Surroundings) (string, error) {
	if key := channelKey(order.Snapshot.Fields[shop.CollectField], surroundings); shop.CollectField != "" && key != "" {
		return key, nil
	}
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
