package export

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

// Surroundings is what a mapping knows beside the order.
type Surroundings struct {
	ProjectKey      string
	Languages       []string          // of the project, in its order
	Country         string            // of the project; stands for a missing one
	StoreFacilities []string          // keys of the order's store's supply channels
	ChannelKeys     map[string]string // channel id to key, for references in custom fields
	Offline         bool              // nothing was looked up: of what is not expanded nothing is known
	Budget          *rules.Budget     // what the order's rules share; a whole one when nil
}

// Map turns a commercetools order into a fulfillmenttools order. It reads only its
// arguments. The notes name every fallback that it took; the error is *Unmappable.
func Map(order commercetools.Order, shop config.Shop, surroundings Surroundings) (fulfillmenttools.OrderForCreation, []string, error) {
	m := newMapping(order, shop, surroundings)
	mapped := m.mapOrder()
	if len(m.problems) > 0 {
		return fulfillmenttools.OrderForCreation{}, m.notes, &Unmappable{Problems: m.problems}
	}
	return mapped, m.notes, nil
}

// orderRules fill the order.
var orderRules = []rule[*commercetools.Order, fulfillmenttools.OrderForCreation]{
	{"tenantOrderId", "export.tenantOrderId, orderNumber, id", (*mapping).setTenantOrderID},
	{"orderDate", "createdAt", (*mapping).setOrderDate},
	{"status", "export.hold", (*mapping).setStatus},
	relations[0],
	relations[1],
	{"paymentInfo.currency", "totalPrice.currencyCode", (*mapping).setCurrency},
	{"consumer.consumerId", "customerId", (*mapping).setConsumerID},
	{"consumer.addresses[] POSTAL_ADDRESS", "shippingAddress, itemShippingAddresses[], shipping[].shippingAddress", (*mapping).setPostalAddress},
	{"consumer.addresses[] INVOICE_ADDRESS", "billingAddress", (*mapping).setInvoiceAddress},
	{"consumer.email", "customerEmail, export.email", (*mapping).setConsumerEmail},
	{"orderLineItems[]", "lineItems[]", (*mapping).mapLineItems},
	{"orderLineItems[]", "customLineItems[]", (*mapping).mapCustomLineItems},
	{"pricing", "export.pricing", (*mapping).mapPricing},
	{"deliveryPreferences.shipping", "shippingInfo, shipping[].shippingInfo", (*mapping).mapShipping},
	{"deliveryPreferences.collect[]", "shippingInfo, shipping[].shippingInfo", (*mapping).mapCollect},
	{"deliveryPreferences.estimatedDeliveryDate", "shippingInfo.estimatedDelivery", (*mapping).setEstimatedDelivery},
	{"tags[]", "store.key", (*mapping).setStoreTag},
	{"tags[]", "custom.fields", (*mapping).setFieldTags},
	{"tags[]", "export.tags", (*mapping).setRuleTags},
	{"stickers[]", "export.stickers", (*mapping).setStickers},
}

// serviceRules come after the lines are set: services are on what is sent.
var serviceRules = []rule[*commercetools.Order, fulfillmenttools.OrderForCreation]{
	{"customServices[]", "export.customServices", (*mapping).setCustomServices},
}

// relations are what events find their order by.
var relations = []rule[*commercetools.Order, fulfillmenttools.OrderForCreation]{
	{"customAttributes.commercetoolsId", "id", (*mapping).setOrderID},
	{"customAttributes.commercetoolsProjectKey", "the project's key", (*mapping).setProjectKey},
}

// mapping is one order on its way.
type mapping struct {
	order          *commercetools.Order
	shop           *config.Shop
	surroundings   Surroundings
	languages      languages
	shipment       shipment
	selected       selection         // which lines go
	items          []item            // that became the lines, in their order
	nameless       bool              // an item has no number to go by
	collectProblem error             // why no rule found the facility to collect at
	ownEmail       *string           // the shop's in place of the order's, once it was asked for
	scope          *rules.OrderScope // of expressions, once there was one
	notes          []string
	problems       []string
	origin         string // of what the rule at work fills, where it is not the one that the rule names
	trail          *trail // nil unless the mapping is to be explained
}

func newMapping(order commercetools.Order, shop config.Shop, surroundings Surroundings) *mapping {
	return &mapping{
		order: &order, shop: &shop, surroundings: surroundings,
		languages: languagesOf(orEmpty(order.Locale), surroundings.Languages),
	}
}

func (m *mapping) mapOrder() fulfillmenttools.OrderForCreation {
	mapped := m.fillOrder()
	m.checkMapped(&mapped)
	return mapped
}

// fillOrder applies all rules.
func (m *mapping) fillOrder() fulfillmenttools.OrderForCreation {
	var mapped fulfillmenttools.OrderForCreation
	m.shipment = m.shipmentOf(m.order)
	m.selectLines()
	applyRules(m, place{}, orderRules, m.order, &mapped)
	m.noteUnusedShippings()
	m.applyLineSettings(&mapped)
	applyRules(m, place{}, serviceRules, m.order, &mapped)
	m.applyOrderSettings(&mapped)
	return mapped
}

// addNote tells of a fallback: the field and what was done, never a value that concerns a
// person.
func (m *mapping) addNote(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}

// addNoteOnce is note for what may concern many lines.
func (m *mapping) addNoteOnce(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(m.notes, note) {
		m.notes = append(m.notes, note)
	}
}

// addProblem tells why fulfillmenttools cannot have the order. Of rules that are not evaluated
// since another one used the budget up, that one is the problem.
func (m *mapping) addProblem(format string, args ...any) {
	for _, arg := range args {
		if err, ok := arg.(error); ok && errors.Is(err, rules.ErrSpent) && len(m.problems) > 0 {
			return
		}
	}
	if problem := fmt.Sprintf(format, args...); !slices.Contains(m.problems, problem) {
		m.problems = append(m.problems, problem)
	}
}

// noteOrigin tells that the rule at work takes the field from elsewhere in the order than it
// says.
func (m *mapping) noteOrigin(origin string) { m.origin = origin }

// listPlace is an entry of a list, and where it comes from.
func (m *mapping) listPlace(list string, index int, from string) place {
	if m.trail == nil {
		return place{}
	}
	return place{to: fmt.Sprintf("%s[%d]", list, index), from: from}
}

// orderScope is what expressions about the order read, and the budget that they share. It
// is made for the first one.
func (m *mapping) orderScope() rules.OrderScope {
	if m.scope == nil {
		m.scope = &rules.OrderScope{Order: rules.OrderOf(*m.order), Budget: cmp.Or(m.surroundings.Budget, new(rules.Budget))}
	}
	return *m.scope
}

func (m *mapping) setTenantOrderID(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	name, err := tenantOrderIDFor(m.orderScope, *order, *m.shop)
	if err != nil {
		m.addProblem("%s", err)
	}
	to.TenantOrderID = name
}

func (m *mapping) setOrderDate(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	to.OrderDate = order.CreatedAt
}

func (m *mapping) setOrderID(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	setAttribute(&to.CustomAttributes, fulfillmenttools.AttributeOrderID, order.ID)
}

func (m *mapping) setProjectKey(_ *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	setAttribute(&to.CustomAttributes, fulfillmenttools.AttributeProjectKey, m.surroundings.ProjectKey)
}

func (m *mapping) setCurrency(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if code := order.TotalPrice.CurrencyCode; code != "" {
		to.PaymentInfo = &fulfillmenttools.PaymentInfo{Currency: code}
	}
}

// setAttribute sets a custom attribute.
func setAttribute(attributes *map[string]any, name string, value any) {
	if *attributes == nil {
		*attributes = map[string]any{}
	}
	(*attributes)[name] = value
}
