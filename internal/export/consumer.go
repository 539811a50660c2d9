package export

import (
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

func (m *mapping) setConsumerID(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	to.Consumer.ConsumerID = orEmpty(order.CustomerId)
}

// setPostalAddress is where the order goes. A shipped order must have a complete one; of
// one that is collected it is left out when it is not, since fulfillmenttools would
// refuse the order because of it. That needs no note: nobody goes there.
func (m *mapping) setPostalAddress(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	ships := m.isShipped()
	from := m.shipment.address
	if from == nil && ships {
		if order.BillingAddress == nil {
			m.addProblem("the order ships but has neither a shipping nor a billing address")
			return
		}
		m.addNote("shipping address: there is none, the billing address stands for it")
		from = order.BillingAddress
	}
	if from == nil {
		return
	}
	noted := len(m.notes)
	postal := m.newPostal("shipping address", fulfillmenttools.PostalAddress, from)
	if from == order.BillingAddress {
		postal.origin = "billing address"
	}
	missing := m.addAddress(postal, to)
	switch {
	case ships:
		m.problems = append(m.problems, missing...)
	case len(missing) > 0:
		m.notes = m.notes[:noted]
	}
}

// isShipped reports an order that is not collected.
func (m *mapping) isShipped() bool {
	return m.shipment.delivery.ServiceType != config.ServiceClickAndCollect
}

// setInvoiceAddress is left out when it is incomplete.
func (m *mapping) setInvoiceAddress(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if order.BillingAddress == nil {
		return
	}
	if missing := m.addAddress(m.newPostal("billing address", fulfillmenttools.InvoiceAddress, order.BillingAddress), to); len(missing) > 0 {
		m.addNote("left out: %s", strings.Join(missing, ", "))
	}
}

// addAddress adds the address when it is complete, and lists what it lacks otherwise.
func (m *mapping) addAddress(from postal, to *fulfillmenttools.OrderForCreation) []string {
	var mapped fulfillmenttools.ConsumerAddress
	applyRules(m, m.listPlace("consumer.addresses", len(to.Consumer.Addresses), firstOf(from.origin, from.name)), addressRules, &from, &mapped)
	missing := missingAddressParts(mapped, from.name)
	if len(missing) == 0 {
		to.Consumer.Addresses = append(to.Consumer.Addresses, mapped)
	}
	return missing
}
