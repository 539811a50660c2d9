package export

import (
	"strings"

	"golang.org/x/net/idna"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// emailFromExpression is what export.email gives in place of every e-mail address of the
// order; ok is false when the shop leaves them as they are. fulfillmenttools passes them
// on to carriers, which not every consumer agreed to.
func (m *mapping) emailFromExpression(whose string) (text string, ok bool) {
	if !m.shop.Export.Email.IsSet() {
		return "", false
	}
	if m.ownEmail == nil {
		text, err := m.shop.Export.Email.EvalText(m.orderScope())
		if err != nil {
			m.addProblem("export.email: %s", err)
		}
		text = strings.TrimSpace(text)
		m.ownEmail = &text
	}
	return m.validEmailOrNote(*m.ownEmail, whose), true
}

// setConsumerEmail is what the carriers read, although the field is deprecated in favour of
// the addresses'. Both are sent.
func (m *mapping) setConsumerEmail(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if text, ok := m.emailFromExpression("customer"); ok {
		m.noteOrigin("export.email")
		to.Consumer.Email = text
		return
	}
	to.Consumer.Email = m.validEmailOrNote(trimmedEmail(order.CustomerEmail), "customer")
	for i := range to.Consumer.Addresses {
		to.Consumer.Email = firstOf(to.Consumer.Email, to.Consumer.Addresses[i].Email)
	}
}

func (m *mapping) setAddressEmail(from *postal, to *fulfillmenttools.ConsumerAddress) {
	if text, ok := m.emailFromExpression(from.name); ok {
		m.noteOrigin("export.email")
		to.Email = text
		return
	}
	own, customers := trimmedEmail(from.Email), trimmedEmail(m.order.CustomerEmail)
	if own != "" && !fulfillmenttools.IsValidEmail(own) && fulfillmenttools.IsValidEmail(customers) {
		m.addNote("%s: the e-mail address is not valid, the customer's stands for it", from.name)
		own = ""
	}
	if own == "" {
		m.noteOrigin("customerEmail")
	}
	to.Email = m.validEmailOrNote(firstOf(own, customers), from.name)
}

// trimmedEmail is the address with a domain of ASCII, as mail servers take it: bücher.example
// is xn--bcher-kva.example.
func trimmedEmail(text *string) string {
	address := trimmedLine(text)
	local, domain, found := strings.Cut(address, "@")
	if !found || fulfillmenttools.IsValidEmail(address) {
		return address
	}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		return local + "@" + ascii
	}
	return address
}

// validEmailOrNote leaves out what is no e-mail address: fulfillmenttools would refuse the order.
func (m *mapping) validEmailOrNote(text, whose string) string {
	if text != "" && !fulfillmenttools.IsValidEmail(text) {
		m.addNote("%s: the e-mail address is not valid and was left out", whose)
		return ""
	}
	return text
}
