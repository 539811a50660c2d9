package export

import (
	"net/mail"
	"regexp"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/fulfillmenttools"
)

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// noPostalCode stands where a country has none, since fulfillmenttools demands one.
const noPostalCode = "-"

// addressOf maps an address and lists what it lacks that fulfillmenttools demands.
// Parts without a place of their own are kept in the additional information.
func addressOf(kind string, from platform.Address, orderCountry, orderEmail string, n *notes) (fulfillmenttools.ConsumerAddress, []string) {
	name := "shipping address"
	if kind == fulfillmenttools.InvoiceAddress {
		name = "billing address"
	}
	to := fulfillmenttools.ConsumerAddress{
		AddressType:   kind,
		Salutation:    oneLine(from.Salutation),
		PersonalTitle: oneLine(from.Title),
		FirstName:     oneLine(from.FirstName),
		LastName:      oneLine(from.LastName),
		CompanyName:   oneLine(from.Company),
		HouseNumber:   oneLine(from.StreetNumber),
		PostalCode:    oneLine(from.PostalCode),
		City:          oneLine(from.City),
		Province:      firstOf(oneLine(from.State), oneLine(from.Region)),
		Country:       strings.ToUpper(strings.TrimSpace(from.Country)),
		Email:         emailOf(firstOf(oneLine(from.Email), orderEmail), name, n),
		PhoneNumbers:  phonesOf(from),
	}
	extras := []string{
		oneLine(from.AdditionalStreetInfo), oneLine(from.AdditionalAddressInfo), oneLine(from.Department),
		labelled("Building", from.Building), labelled("Apartment", from.Apartment), labelled("PO Box", from.POBox),
	}
	to.Street = oneLine(from.StreetName)
	for i := range extras {
		if to.Street == "" && extras[i] != "" {
			n.add("%s: no street name, another part of the address stands for it", name)
			to.Street, extras[i] = extras[i], ""
		}
	}
	to.AdditionalAddressInfo = joined(extras)
	return completed(to, name, orderCountry, n)
}

// completed fills what can be filled and lists what cannot.
func completed(to fulfillmenttools.ConsumerAddress, name, orderCountry string, n *notes) (fulfillmenttools.ConsumerAddress, []string) {
	if to.City == "" && to.Province != "" {
		n.add("%s: no city, the province stands for it", name)
		to.City = to.Province
	}
	if to.PostalCode == "" {
		n.add("%s: no postal code, %q stands for it", name, noPostalCode)
		to.PostalCode = noPostalCode
	}
	if !countryCode.MatchString(to.Country) && countryCode.MatchString(orderCountry) {
		n.add("%s: no country, the order's or project's stands for it", name)
		to.Country = orderCountry
	}
	var missing []string
	if to.Street == "" {
		missing = append(missing, name+" has no street, building or PO box")
	}
	if to.City == "" {
		missing = append(missing, name+" has no city")
	}
	if !countryCode.MatchString(to.Country) {
		missing = append(missing, name+" has no country")
	}
	return to, missing
}

func phonesOf(from platform.Address) []fulfillmenttools.PhoneNumber {
	var phones []fulfillmenttools.PhoneNumber
	if mobile := oneLine(from.Mobile); mobile != "" {
		phones = append(phones, fulfillmenttools.PhoneNumber{Type: "MOBILE", Value: mobile})
	}
	if phone := oneLine(from.Phone); phone != "" {
		phones = append(phones, fulfillmenttools.PhoneNumber{Type: "PHONE", Value: phone})
	}
	return phones
}

// plainEmail is what every check of the format lets pass: ASCII, with a dot in the
// domain.
var plainEmail = regexp.MustCompile(`^[!-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// emailOf leaves out what is no e-mail address: fulfillmenttools would refuse the order.
func emailOf(text, name string, n *notes) string {
	if text == "" {
		return ""
	}
	if parsed, err := mail.ParseAddress(text); err != nil || parsed.Address != text || !plainEmail.MatchString(text) {
		n.add("%s: the e-mail address is not valid and was left out", name)
		return ""
	}
	return text
}

// oneLine is the text that p points to, on one line: fulfillmenttools refuses line
// breaks in the parts that it demands.
func oneLine(p *string) string {
	return strings.Join(strings.Fields(orEmpty(p)), " ")
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func labelled(label string, value *string) string {
	if text := oneLine(value); text != "" {
		return label + " " + text
	}
	return ""
}

func joined(parts []string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ", ")
}
