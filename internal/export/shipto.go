package export

import (
	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// destination is one of the places that a line's pieces go to, as the line's custom
// attribute commercetoolsShipTo tells it: fulfillmenttools has one address per order.
type destination struct {
	AddressKey        string                            `json:"addressKey"`
	Quantity          int                               `json:"quantity"`
	ShippingMethodKey string                            `json:"shippingMethodKey,omitempty"`
	Address           *fulfillmenttools.ConsumerAddress `json:"address,omitempty"`
}

func targetsOf(details *platform.ItemShippingDetails) []platform.ItemShippingTarget {
	if details == nil {
		return nil
	}
	return details.Targets
}

// itemAddress is the item shipping address with this key.
func itemAddress(order *commercetools.Order, key string) *platform.Address {
	for i := range order.ItemShippingAddresses {
		if address := &order.ItemShippingAddresses[i]; key != "" && orEmpty(address.Key) == key {
			return address
		}
	}
	return nil
}

// commonAddress is the address that every line item goes to as a whole, if there is one.
func commonAddress(order *commercetools.Order) *platform.Address {
	key := ""
	for i := range order.LineItems {
		targets := targetsOf(order.LineItems[i].ShippingDetails)
		if len(targets) == 0 {
			return nil
		}
		for _, target := range targets {
			if key == "" {
				key = target.AddressKey
			}
			if target.AddressKey != key {
				return nil
			}
		}
	}
	return itemAddress(order, key)
}

// busiestAddress is the address that the most pieces go to; of several the first.
func busiestAddress(order *commercetools.Order) *platform.Address {
	pieces := map[string]int{}
	for i := range order.LineItems {
		for _, target := range targetsOf(order.LineItems[i].ShippingDetails) {
			pieces[target.AddressKey] += target.Quantity
		}
	}
	var busiest *platform.Address
	most := 0
	for i := range order.ItemShippingAddresses {
		if n := pieces[orEmpty(order.ItemShippingAddresses[i].Key)]; n > most {
			busiest, most = &order.ItemShippingAddresses[i], n
		}
	}
	return busiest
}

// shipTo names the line's destinations when one of them is not the order's.
func (m *mapping) shipTo(from *item, to *fulfillmenttools.OrderLineItem) {
	var destinations []destination
	elsewhere := false
	for _, target := range from.targets {
		d := destination{AddressKey: target.AddressKey, Quantity: target.Quantity, ShippingMethodKey: orEmpty(target.ShippingMethodKey)}
		if m.goesElsewhere(target) {
			elsewhere = true
			d.Address = m.destinationAddress(from, target)
		}
		destinations = append(destinations, d)
	}
	if !elsewhere {
		return
	}
	m.note("%s: goes to another address or by another method than the order, its custom attribute %s names it", from.label(), fulfillmenttools.AttributeShipTo)
	put(&to.CustomAttributes, fulfillmenttools.AttributeShipTo, destinations)
	if size, err := fulfillmenttools.SizeOf(to.CustomAttributes); err == nil && size > fulfillmenttools.MaxCustomAttributes {
		m.note("%s: too many addresses for its custom attributes, only their keys are kept", from.label())
		for i := range destinations {
			destinations[i].Address = nil
		}
	}
}

func (m *mapping) goesElsewhere(target platform.ItemShippingTarget) bool {
	if method := orEmpty(target.ShippingMethodKey); method != "" && m.shipment.key != "" && method != m.shipment.key {
		return true
	}
	return m.shipment.address == nil || target.AddressKey != orEmpty(m.shipment.address.Key)
}

func (m *mapping) destinationAddress(from *item, target platform.ItemShippingTarget) *fulfillmenttools.ConsumerAddress {
	address := itemAddress(m.order, target.AddressKey)
	if address == nil {
		return nil
	}
	postal := m.postal("address of "+from.label(), fulfillmenttools.PostalAddress, address)
	var mapped fulfillmenttools.ConsumerAddress
	for _, rule := range addressRules {
		rule.apply(m, &postal, &mapped)
	}
	return &mapped
}
