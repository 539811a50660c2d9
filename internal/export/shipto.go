package export

import (
	"reflect"
	"slices"

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

func shippingTargetsOf(details *platform.ItemShippingDetails) []platform.ItemShippingTarget {
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
		targets := shippingTargetsOf(order.LineItems[i].ShippingDetails)
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
		for _, target := range shippingTargetsOf(order.LineItems[i].ShippingDetails) {
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

// setShipTo names the line's destinations when one of them is not the order's.
func (m *mapping) setShipTo(from *item, to *fulfillmenttools.OrderLineItem) {
	var destinations []destination
	elsewhere := false
	for _, target := range from.targets {
		d := destination{AddressKey: target.AddressKey, Quantity: target.Quantity, ShippingMethodKey: orEmpty(target.ShippingMethodKey)}
		if m.isOtherAddress(target) {
			elsewhere = true
			d.Address = m.destinationAddress(from, target)
		}
		destinations = append(destinations, d)
	}
	if !elsewhere {
		return
	}
	m.addNote("%s: goes to another address or by another method than the order, its custom attribute %s names it", from.lineName(), fulfillmenttools.AttributeShipTo)
	setAttribute(&to.CustomAttributes, fulfillmenttools.AttributeShipTo, destinations)
	if size, err := fulfillmenttools.AttributesSize(to.CustomAttributes); err == nil && size > fulfillmenttools.MaxCustomAttributes {
		m.addNote("%s: too many addresses for its custom attributes, only their keys are kept", from.lineName())
		for i := range destinations {
			destinations[i].Address = nil
		}
	}
}

func (m *mapping) isOtherAddress(target platform.ItemShippingTarget) bool {
	if method := orEmpty(target.ShippingMethodKey); method != "" && m.shipment.key != "" && method != m.shipment.key {
		return true
	}
	to := m.shipment.address
	if to == nil {
		to = m.order.BillingAddress // which stands for it
	}
	if to == nil || target.AddressKey != "" && target.AddressKey == orEmpty(to.Key) {
		return to == nil
	}
	there := itemAddress(m.order, target.AddressKey)
	return there == nil || !sameAddress(*there, *to)
}

// sameAddress reports whether two addresses are the same but for their names.
func sameAddress(a, b platform.Address) bool {
	a.ID, a.Key, a.ExternalId, b.ID, b.Key, b.ExternalId = nil, nil, nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

func (m *mapping) destinationAddress(from *item, target platform.ItemShippingTarget) *fulfillmenttools.ConsumerAddress {
	address := itemAddress(m.order, target.AddressKey)
	if address == nil {
		return nil
	}
	postal := m.newPostal("address of "+from.lineName(), fulfillmenttools.PostalAddress, address)
	var mapped fulfillmenttools.ConsumerAddress
	for _, rule := range addressRules {
		rule.apply(m, &postal, &mapped)
	}
	return &mapped
}

// noteUnusedShippings tells of the addresses of an order in Multiple mode that neither the order
// nor one of its lines names there.
func (m *mapping) noteUnusedShippings() {
	if m.order.ShippingMode != platform.ShippingModeMultiple && len(m.order.Shipping) == 0 {
		return
	}
	var known []platform.Address
	isNew := func(address *platform.Address) bool {
		if address == nil || slices.ContainsFunc(known, func(k platform.Address) bool { return samePlace(k, *address) }) {
			return false
		}
		known = append(known, *address)
		return true
	}
	isNew(m.shipment.address)
	others := make([]*platform.Address, 0, len(m.order.Shipping))
	for i := range m.order.Shipping {
		others = append(others, &m.order.Shipping[i].ShippingAddress)
	}
	targets := 0
	for i := range m.items {
		for _, target := range m.items[i].targets {
			isNew(itemAddress(m.order, target.AddressKey))
			targets++
		}
	}
	for i := range m.order.ItemShippingAddresses {
		if targets == 0 { // else those that no line names are only kept for later
			others = append(others, &m.order.ItemShippingAddresses[i])
		}
	}
	uncarried := 0
	for _, address := range others {
		if isNew(address) {
			uncarried++
		}
	}
	if uncarried > 0 {
		m.addNote("shipping address: the order has %d more that no line names, not carried: fulfillmenttools has one address per order", uncarried)
	}
}

// samePlace compares addresses by what they say, not by what they are called.
func samePlace(a, b platform.Address) bool {
	a.ID, a.Key, a.ExternalId, b.ID, b.Key, b.ExternalId = nil, nil, nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}
