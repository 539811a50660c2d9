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
	s.delivery = m.deliveryFor(s.info)
	if s.key != "" && m.isAnyDeliveryDifferent(order.Shipping[1:], s.delivery) {
		m.addNote("shipping: %d shipping methods, the first one decides", len(order.Shipping))
	}
	if common := commonAddress(order); common != nil {
		s.address = common
	} else if s.address == nil {
		if s.address = busiestAddress(order); s.address != nil {
			m.addNote("shipping address: there is none, the one that the most pieces go to stands for it")
		}
	}
	return s
}

// isAnyDeliveryDifferent reports whether one of the shipping methods would deliver the order otherwise.
func (m *mapping) isAnyDeliveryDifferent(others []platform.Shipping, delivery config.Delivery) bool {
	return slices.ContainsFunc(others, func(other platform.Shipping) bool {
		configured, _ := m.configuredDelivery(&other.ShippingInfo)
		return !reflect.DeepEqual(configured, delivery)
	})
}

// deliveryFor is how an order with this shipping method is delivered.
func (m *mapping) deliveryFor(info *platform.ShippingInfo) config.Delivery {
	if info == nil {
		m.addNote("shipping: the order has no shipping method, it ships")
		return ships
	}
	delivery, ok := m.configuredDelivery(info)
	if m.isMethodKeyUnknown(info) {
		m.addNote("shipping method %q is not expanded: its key is unknown, the order ships", info.ShippingMethodName)
	} else if !ok {
		m.addNote("shipping: method %q is not in shippingMethodMapping, the order ships", methodName(info))
	}
	if delivery.Unusable != "" {
		m.addProblem("shipping: how method %q is delivered cannot be told: %s", methodName(info), delivery.Unusable)
		return ships
	}
	return delivery
}

// ships is the delivery of an order whose method the shop did not configure.
var ships = config.Delivery{ServiceType: config.ServiceShipping}

// configuredDelivery is what the shop configured for the shipping method, by its key or else
// its name.
func (m *mapping) configuredDelivery(info *platform.ShippingInfo) (config.Delivery, bool) {
	if delivery, ok := m.shop.ShippingMethods[methodName(info)]; ok && !m.isMethodKeyUnknown(info) {
		return delivery, true
	}
	return ships, false
}

// isMethodKeyUnknown reports a shipping method that may have a key which nobody looked up. One
// that commercetools itself gave without is gone: its name is all there is.
func (m *mapping) isMethodKeyUnknown(info *platform.ShippingInfo) bool {
	return m.surroundings.Offline && info.ShippingMethod != nil && info.ShippingMethod.Obj == nil
}

func methodName(info *platform.ShippingInfo) string {
	if method := info.ShippingMethod; method != nil && method.Obj != nil && orEmpty(method.Obj.Key) != "" {
		return orEmpty(method.Obj.Key)
	}
	return info.ShippingMethodName
}

// shippingRules fill the preferences of an order that ships.
var shippingRules = []rule[*commercetools.Order, fulfillmenttools.Shipping]{
	{"serviceLevel", "shippingMethodMapping", (*mapping).setServiceLevel},
	{"preferredCarriers[]", "shippingMethodMapping", (*mapping).setCarriers},
	{"preferredCarriersWithProduct[]", "shippingMethodMapping", (*mapping).setCarriersWithProduct},
	{"carrierProductCategory", "shippingMethodMapping", (*mapping).setCarrierProductCategory},
	{"desiredDeliveryTime", "custom.fields", (*mapping).setDesiredDeliveryTime},
	{"preselectedFacilities[]", "store.supplyChannels[]", (*mapping).setPreselectedFacilities},
}

// collectRules fill those of an order that is collected.
var collectRules = []rule[*commercetools.Order, fulfillmenttools.Collect]{
	{"tenantFacilityId", "custom.fields, lineItems[].supplyChannel", (*mapping).setCollectFacility},
	{"paid", "paymentState", (*mapping).setPaid},
	{"provisioningTime", "custom.fields", (*mapping).setProvisioningTime},
}

func (m *mapping) mapShipping(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if m.shipment.delivery.ServiceType == config.ServiceClickAndCollect {
		return
	}
	shipping := &fulfillmenttools.Shipping{}
	applyRules(m, place{to: "deliveryPreferences.shipping"}, shippingRules, order, shipping)
	to.DeliveryPreferences = &fulfillmenttools.DeliveryPreferences{Shipping: shipping}
}

func (m *mapping) mapCollect(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if m.shipment.delivery.ServiceType != config.ServiceClickAndCollect {
		return
	}
	collect := make([]fulfillmenttools.Collect, 1)
	applyRules(m, place{to: "deliveryPreferences.collect[0]"}, collectRules, order, &collect[0])
	to.DeliveryPreferences = &fulfillmenttools.DeliveryPreferences{Collect: collect}
}

func (m *mapping) setServiceLevel(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	to.ServiceLevel = m.shipment.delivery.ServiceLevel
}

func (m *mapping) setCarriers(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	to.PreferredCarriers = m.shipment.delivery.Carriers
}

func (m *mapping) setCarriersWithProduct(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	for _, carrier := range m.shipment.delivery.CarriersWithProduct {
		to.PreferredCarriersWithProduct = append(to.PreferredCarriersWithProduct, fulfillmenttools.CarrierWithProduct{
			CarrierKey: carrier.Key, CarrierProduct: carrier.Product, CarrierServices: carrier.Services,
		})
	}
}

func (m *mapping) setCarrierProductCategory(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	to.CarrierProductCategory = m.shipment.delivery.CarrierProductCategory
}

// setPreselectedFacilities are the store's supply channels: fulfillmenttools knows them by
// the channels' keys, so nothing is looked up.
func (m *mapping) setPreselectedFacilities(_ *commercetools.Order, to *fulfillmenttools.Shipping) {
	for _, key := range m.surroundings.StoreFacilities {
		to.PreselectedFacilities = append(to.PreselectedFacilities, fulfillmenttools.Facility{TenantFacilityID: key})
	}
}

func (m *mapping) setPaid(order *commercetools.Order, to *fulfillmenttools.Collect) {
	to.Paid = order.PaymentState != nil && *order.PaymentState == platform.PaymentStatePaid
}
