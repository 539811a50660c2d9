package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// shippingOf is the shipping information that decides how the order is delivered.
// With several shipping methods (Multiple mode) the first one decides.
func shippingOf(order commercetools.Order, n *notes) (*platform.ShippingInfo, *platform.Address) {
	if order.ShippingInfo == nil && len(order.Shipping) > 0 {
		if len(order.Shipping) > 1 {
			n.add("shipping: %d shipping methods, the first one decides", len(order.Shipping))
		}
		first := order.Shipping[0]
		address := first.ShippingAddress
		return &first.ShippingInfo, &address
	}
	return order.ShippingInfo, order.ShippingAddress
}

// deliveryOf is what the shop configured for the shipping method, by its key or
// else its name. Without any, the order ships.
func deliveryOf(info *platform.ShippingInfo, shop config.Shop, n *notes) config.Delivery {
	ships := config.Delivery{ServiceType: config.ServiceShipping}
	if info == nil {
		n.add("shipping: the order has no shipping method, it ships")
		return ships
	}
	key := info.ShippingMethodName
	if method := info.ShippingMethod; method != nil && method.Obj != nil && orEmpty(method.Obj.Key) != "" {
		key = orEmpty(method.Obj.Key)
	}
	if delivery, ok := shop.ShippingMethods[key]; ok {
		return delivery
	}
	n.add("shipping: method %q is not in shippingMethodMapping, the order ships", key)
	return ships
}

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

func preferences(order commercetools.Order, delivery config.Delivery, shop config.Shop, surroundings Surroundings) (*fulfillmenttools.DeliveryPreferences, error) {
	if delivery.ServiceType == config.ServiceClickAndCollect {
		facility, err := collectFacility(order, shop, surroundings)
		if err != nil {
			return nil, err
		}
		paid := order.PaymentState != nil && *order.PaymentState == platform.PaymentStatePaid
		return &fulfillmenttools.DeliveryPreferences{
			Collect: []fulfillmenttools.Collect{{TenantFacilityID: facility, Paid: paid}},
		}, nil
	}
	shipping := &fulfillmenttools.Shipping{ServiceLevel: delivery.ServiceLevel, PreferredCarriers: delivery.Carriers}
	for _, key := range surroundings.StoreFacilities {
		shipping.PreselectedFacilities = append(shipping.PreselectedFacilities, fulfillmenttools.Facility{TenantFacilityID: key})
	}
	return &fulfillmenttools.DeliveryPreferences{Shipping: shipping}, nil
}
