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
	mapped := m.run()
	if len(m.problems) > 0 {
		return fulfillmenttools.OrderForCreation{}, m.notes, &Unmappable{Problems: m.problems}
	}
	return mapped, m.notes, nil
}

// orderRules fill the order.
var orderRules = []rule[*commercetools.Order, fulfillmenttools.OrderForCreation]{
	{"tenantOrderId", "export.tenantOrderId, orderNumber, id", (*mapping).tenantOrderID},
	{"orderDate", "createdAt", (*mapping).orderDate},
	{"status", "export.hold", (*mapping).status},
	relations[0],
	relations[1],
	{"paymentInfo.currency", "totalPrice.currencyCode", (*mapping).currency},
	{"consumer.consumerId", "customerId", (*mapping).consumerID},
	{"consumer.addresses[] POSTAL_ADDRESS", "shippingAddress, itemShippingAddresses[], shipping[].shippingAddress", (*mapping).postalAddress},
	{"consumer.addresses[] INVOICE_ADDRESS", "billingAddress", (*mapping).invoiceAddress},
	{"consumer.email", "customerEmail, export.email", (*mapping).consumerEmail},
	{"orderLineItems[]", "lineItems[]", (*mapping).lineItems},
	{"orderLineItems[]", "customLineItems[]", (*mapping).customLineItems},
	{"pricing", "export.pricing", (*mapping).pricing},
	{"deliveryPreferences.shipping", "shippingInfo, shipping[].shippingInfo", (*mapping).shipping},
	{"deliveryPreferences.collect[]", "shippingInfo, shipping[].shippingInfo", (*mapping).collect},
	{"deliveryPreferences.estimatedDeliveryDate", "shippingInfo.estimatedDelivery", (*mapping).estimatedDelivery},
	{"tags[]", "store.key", (*mapping).storeTag},
	{"tags[]", "custom.fields", (*mapping).fieldTags},
	{"tags[]", "export.tags", (*mapping).ruleTags},
	{"stickers[]", "export.stickers", (*mapping).stickers},
}

// serviceRules come after the lines are set: services are on what is sent.
var serviceRules = []rule[*commercetools.Order, fulfillmenttools.OrderForCreation]{
	{"customServices[]", "export.customServices", (*mapping).customServices},
}

// relations are what events find their order by.
var relations = []rule[*commercetools.Order, fulfillmenttools.OrderForCreation]{
	{"customAttributes.commercetoolsId", "id", (*mapping).orderID},
	{"customAttributes.commercetoolsProjectKey", "the project's key", (*mapping).projectKey},
}

// mapping is one order on its way.
type mapping struct {
	order     *commercetools.Order
	shop      *config.Shop
	around    Surroundings
	languages languages
	shipment  shipment
	selected  selection         // which lines go
	items     []item            // that became the lines, in their order
	nameless  bool              // an item has no number to go by
	nowhere   error             // why no rule found the facility to collect at
	ownEmail  *string           // the shop's in place of the order's, once it was asked for
	scope     *rules.OrderScope // of expressions, once there was one
	notes     []string
	problems  []string
	origin    string // of what the rule at work fills, where it is not the one that the rule names
	trail     *trail // nil unless the mapping is to be explained
}

func newMapping(order commercetools.Order, shop config.Shop, surroundings Surroundings) *mapping {
	return &mapping{
		order: &order, shop: &shop, around: surroundings,
		languages: languagesOf(orEmpty(order.Locale), surroundings.Languages),
	}
}

func (m *mapping) run() fulfillmenttools.OrderForCreation {
	mapped := m.fill()
	m.check(&mapped)
	return mapped
}

// fill applies all rules.
func (m *mapping) fill() fulfillmenttools.OrderForCreation {
	var mapped fulfillmenttools.OrderForCreation
	m.shipment = m.shipmentOf(m.order)
	m.selectLines()
	follow(m, place{}, orderRules, m.order, &mapped)
	m.noteUncarried()
	m.setLines(&mapped)
	follow(m, place{}, serviceRules, m.order, &mapped)
	m.setOthers(&mapped)
	return mapped
}

// note tells of a fallback: the field and what was done, never a value that concerns a
// person.
func (m *mapping) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}

// noteOnce is note for what may concern many lines.
func (m *mapping) noteOnce(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(m.notes, note) {
		m.notes = append(m.notes, note)
	}
}

// problem tells why fulfillmenttools cannot have the order. Of rules that are not evaluated
// since another one used the budget up, that one is the problem.
func (m *mapping) problem(format string, args ...any) {
	for _, arg := range args {
		if err, ok := arg.(error); ok && errors.Is(err, rules.ErrSpent) && len(m.problems) > 0 {
			return
		}
	}
	if problem := fmt.Sprintf(format, args...); !slices.Contains(m.problems, problem) {
		m.problems = append(m.problems, problem)
	}
}

// takenFrom tells that the rule at work takes the field from elsewhere in the order than it
// says.
func (m *mapping) takenFrom(origin string) { m.origin = origin }

// place is an entry of a list, and where it comes from.
func (m *mapping) place(list string, index int, from string) place {
	if m.trail == nil {
		return place{}
	}
	return place{to: fmt.Sprintf("%s[%d]", list, index), from: from}
}

// orderScope is what expressions about the order read, and the budget that they share. It
// is made for the first one.
func (m *mapping) orderScope() rules.OrderScope {
	if m.scope == nil {
		m.scope = &rules.OrderScope{Order: rules.OrderOf(*m.order), Budget: cmp.Or(m.around.Budget, new(rules.Budget))}
	}
	return *m.scope
}

func (m *mapping) tenantOrderID(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	name, err := nameIn(m.orderScope, *order, *m.shop)
	if err != nil {
		m.problem("%s", err)
	}
	to.TenantOrderID = name
}

func (m *mapping) orderDate(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	to.OrderDate = order.CreatedAt
}

func (m *mapping) orderID(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	put(&to.CustomAttributes, fulfillmenttools.AttributeOrderID, order.ID)
}

func (m *mapping) projectKey(_ *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	put(&to.CustomAttributes, fulfillmenttools.AttributeProjectKey, m.around.ProjectKey)
}

func (m *mapping) currency(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if code := order.TotalPrice.CurrencyCode; code != "" {
		to.PaymentInfo = &fulfillmenttools.PaymentInfo{Currency: code}
	}
}

// put sets a custom attribute.
func put(attributes *map[string]any, name string, value any) {
	if *attributes == nil {
		*attributes = map[string]any{}
	}
	(*attributes)[name] = value
}
