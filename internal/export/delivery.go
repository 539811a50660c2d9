package export

import (
	"reflect"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// shipment is how and where the order goes.
type shipment struct {
	info     *platform.ShippingInfo
	address  *platform.Address
	key      string // of the shipping method among several
	delivery config.Delivery
}

// shipmentOf decides by the one shipping method; with several (Multiple mode) by the
// first, since a fulfillmenttools order is delivered in one way. The address is that
// which all lines share, else the order's, else that of the most pieces.
func (m *mapping) shipmentOf(order *commercetools.Order) shipment {
	s := shipment{info: order.ShippingInfo, address: order.ShippingAddress}
	if s.info == nil && len(order.Shipping) > 0 {
		first := &order.Shipping[0]
		s.info, s.address, s.key = &first.ShippingInfo, &first.ShippingAddress, first.ShippingKey
	}
	s.delivery = m.delivery(s.info)
	if s.key != "" && m.differ(order.Shipping[1:], s.delivery) {
		m.note("shipping: %d shipping methods, the first one decides", len(order.Shipping))
	}
	if common := commonAddress(order); common != nil {
		s.address = common
	} else if s.address == nil {
		if s.address = busiestAddress(order); s.address != nil {
			m.note("shipping address: there is none, the one that the most pieces go to stands for it")
		}
	}
	return s
}

// differ reports whether one of the shipping methods would deliver the order otherwise.
func (m *mapping) differ(others []platform.Shipping, delivery config.Delivery) bool {
	return slices.ContainsFunc(others, func(other platform.Shipping) bool {
		configured, _ := m.configured(&other.ShippingInfo)
		return !reflect.DeepEqual(configured, delivery)
	})
}

// delivery is how an order with this shipping method is delivered.
func (m *mapping) delivery(info *platform.ShippingInfo) config.Delivery {
	if info == nil {
		m.note("shipping: the order has no shipping method, it ships")
		return ships
	}
	delivery, ok := m.configured(info)
	if m.unknownKey(info) {
		m.note("shipping method %q is not expanded: its key is unknown, the order ships", info.ShippingMethodName)
	} else if !ok {
		m.note("shipping: method %q is not in shippingMethodMapping, the order ships", methodName(info))
	}
	if delivery.Unusable != "" {
		m.problem("shipping: how method %q is delivered cannot be told: %s", methodName(info), delivery.Unusable)
		return ships
	}
	return delivery
}

// ships is the delivery of an order whose method the shop did not configure.
var ships = config.Delivery{ServiceType: config.ServiceShipping}

// configured is what the shop configured for the shipping method, by its key or else
// its name.
func (m *mapping) configured(info *platform.ShippingInfo) (config.Delivery, bool) {
	if delivery, ok := m.shop.ShippingMethods[methodName(info)]; ok && !m.unknownKey(info) {
		return delivery, true
	}
	return ships, false
}

// unknownKey reports a shipping method that may have a key which nobody looked up. One
// that commercetools itself gave without is gone: its name is all there is.
func (m *mapping) unknownKey(info *platform.ShippingInfo) bool {
	return m.around.Offline && info.ShippingMethod != nil && info.ShippingMethod.Obj == nil
}

func methodName(info *platform.ShippingInfo) string {
	if method := info.ShippingMethod; method != nil && method.Obj != nil && orEmpty(method.Obj.Key) != "" {
		return orEmpty(method.Obj.Key)
	}
	return info.ShippingMethodName
}

// shippingRules fill the preferences of an order that ships.
var shippingRules = []rule[*commercetools.Order, fulfillmenttools.Shipping]{
	{"serviceLevel", "shippingMethodMapping", (*mapping).serviceLevel},
	{"preferredCarriers[]", "shippingMethodMapping", (*mapping).carriers},
	{"preferredCarriersWithProduct[]", "shippingMethodMapping", (*mapping).carriersWithProduct},
	{"carrierProductCategory", "shippingMethodMapping", (*mapping).carrierProductCategory},
	{"desiredDeliveryTime", "custom.fields", (*mapping).desiredDeliveryTime},
	{"preselectedFacilities[]", "store.supplyChannels[]", (*mapping).preselectedFacilities},
}

// collectRules fill those of an order that is collected.
var collectRules = []rule[*commercetools.Order, fulfillmenttools.Collect]{
	{"tenantFacilityId", "custom.fields, lineItems[].supplyChannel", (*mapping).collectFacility},
	{"paid", "paymentState", (*mapping).paid},
	{"provisioningTime", "custom.fields", (*mapping).provisioningTime},
}

func (m *mapping) shipping(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if m.shipment.delivery.ServiceType == config.ServiceClickAndCollect {
		return
	}
	shipping := &fulfillmenttools.Shipping{}
	follow(m, place{to: "deliveryPreferences.shipping"}, shippingRules, order, shipping)
	to.DeliveryPreferences = &fulfillmenttools.DeliveryPreferences{Shipping: shipping}
}

func (m *mapping) collect(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if m.shipment.delivery.ServiceType != config.ServiceClickAndCollect {
		return
	}
	collect := make([]fulfillmenttools.Collect, 1)
	follow(m, place{to: "deliveryPreferences.collect[0]"}, collectRules, order, &collect[0])
	to.DeliveryPreferences = &fulfillmenttools.DeliveryPreferences{Collect: collect}
}

func (m *mapping) serviceLevel(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	to.ServiceLevel = m.shipment.delivery.ServiceLevel
}

func (m *mapping) carriers(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	to.PreferredCarriers = m.shipment.delivery.Carriers
}

func (m *mapping) carriersWithProduct(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	for _, carrier := range m.shipment.delivery.CarriersWithProduct {
		to.PreferredCarriersWithProduct = append(to.PreferredCarriersWithProduct, fulfillmenttools.CarrierWithProduct{
			CarrierKey: carrier.Key, CarrierProduct: carrier.Product, CarrierServices: carrier.Services,
		})
	}
}

func (m *mapping) carrierProductCategory(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	to.CarrierProductCategory = m.shipment.delivery.CarrierProductCategory
}

// preselectedFacilities are the store's supply channels: fulfillmenttools knows them by
// the channels' keys, so nothing is looked up.
func (m *mapping) preselectedFacilities(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	for _, key := range m.around.StoreFacilities {
		to.PreselectedFacilities = append(to.PreselectedFacilities, fulfillmenttools.Facility{TenantFacilityID: key})
	}
}

func (m *mapping) paid(order *commercetools.Order, to *fulfillmenttools.Collect) {
	to.Paid = order.PaymentState != nil && *order.PaymentState == platform.PaymentStatePaid
}
