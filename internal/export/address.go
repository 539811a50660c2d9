package export

import (
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/fulfillmenttools"
)

// addressRules fill an address. Parts without a place of their own are kept in the
// additional information.
var addressRules = []rule[*postal, fulfillmenttools.ConsumerAddress]{
	{"addressType", "which address it is", (*mapping).addressType},
	{"salutation", "salutation", (*mapping).salutation},
	{"personalTitle", "title", (*mapping).personalTitle},
	{"firstName", "firstName", (*mapping).firstName},
	{"lastName", "lastName", (*mapping).lastName},
	{"street", "streetName", (*mapping).street},
	{"houseNumber", "streetNumber, export.houseNumber", (*mapping).houseNumber},
	{"companyName", "company", (*mapping).companyName},
	{"additionalAddressInfo", "additionalStreetInfo, additionalAddressInfo, department, building, apartment, pOBox, region", (*mapping).additionalInfo},
	{"postalCode", "postalCode", (*mapping).postalCode},
	{"city", "city", (*mapping).city},
	{"province", "state, region", (*mapping).province},
	{"country", "country", (*mapping).country},
	{"email", "email, export.email", (*mapping).addressEmail},
	{"phoneNumbers[]", "mobile, phone", (*mapping).phoneNumbers},
}

// postal is an address of the order.
type postal struct {
	*platform.Address
	name                    string // in notes and problems
	origin                  string // where another one stands in
	kind                    string
	street, number, company string
	extras                  []string // parts without a place of their own
	atPackstation           bool
}

func (m *mapping) postal(name, kind string, from *platform.Address) postal {
	return postal{Address: from, name: name, kind: kind, street: oneLine(from.StreetName), number: oneLine(from.StreetNumber), company: oneLine(from.Company), extras: []string{
		oneLine(from.AdditionalStreetInfo), oneLine(from.AdditionalAddressInfo), oneLine(from.Department),
		labelled("Building", from.Building), labelled("Apartment", from.Apartment), labelled("PO Box", from.POBox),
	}}
}

// noteOn tells what carriers lack in an address; nothing of one where nobody goes.
func (m *mapping) noteOn(from *postal, format string, args ...any) {
	if m.ships() || from.kind != fulfillmenttools.PostalAddress {
		m.note(from.name+": "+format, args...)
	}
}

func (m *mapping) addressType(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.AddressType = from.kind
}

func (m *mapping) salutation(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.Salutation = oneLine(from.Salutation)
}

func (m *mapping) personalTitle(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.PersonalTitle = oneLine(from.Title)
}

func (m *mapping) firstName(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.FirstName = oneLine(from.FirstName)
}

func (m *mapping) lastName(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.LastName = oneLine(from.LastName)
}

func (m *mapping) street(from *postal, to *fulfillmenttools.ConsumerAddress) {
	m.packstation(from)
	for i := range from.extras {
		if from.street == "" && from.extras[i] != "" {
			m.noteOn(from, "no street name, another part of the address stands for it")
			from.street, from.extras[i] = from.extras[i], ""
		}
	}
	m.splitHouseNumber(from)
	to.Street = from.street
}

func (m *mapping) houseNumber(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.HouseNumber = from.number
}

func (m *mapping) companyName(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.CompanyName = from.company
}

func (m *mapping) additionalInfo(from *postal, to *fulfillmenttools.ConsumerAddress) {
	region := oneLine(from.Region)
	if region == provinceOf(from) || from.atPackstation {
		region = "" // it has a place of its own, or none
	}
	to.AdditionalAddressInfo = joined(append(from.extras, region))
}

// noPostalCode stands where a country has none, since fulfillmenttools demands one.
const noPostalCode = "-"

func (m *mapping) postalCode(from *postal, to *fulfillmenttools.ConsumerAddress) {
	if to.PostalCode = oneLine(from.PostalCode); to.PostalCode != "" {
		return
	}
	to.PostalCode = noPostalCode
	m.noteOn(from, "no postal code, %q stands for it", noPostalCode)
}

func (m *mapping) city(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.City = oneLine(from.City)
	if province := provinceOf(from); to.City == "" && province != "" {
		m.noteOn(from, "no city, the province stands for it")
		to.City = province
	}
}

func (m *mapping) province(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.Province = provinceOf(from)
}

func provinceOf(from *postal) string { return firstOf(oneLine(from.State), oneLine(from.Region)) }

func (m *mapping) country(from *postal, to *fulfillmenttools.ConsumerAddress) {
	code, standsIn := m.countryOf(from)
	if standsIn != "" {
		m.noteOn(from, "no country, %s stands for it", standsIn)
		m.takenFrom(standsIn + " country")
	}
	to.Country = code
}

func (m *mapping) phoneNumbers(from *postal, to *fulfillmenttools.ConsumerAddress) {
	if mobile := oneLine(from.Mobile); mobile != "" {
		to.PhoneNumbers = append(to.PhoneNumbers, fulfillmenttools.PhoneNumber{Type: "MOBILE", Value: mobile})
	}
	if phone := oneLine(from.Phone); phone != "" {
		to.PhoneNumbers = append(to.PhoneNumbers, fulfillmenttools.PhoneNumber{Type: "PHONE", Value: phone})
	}
}

// lacking lists what an address lacks that fulfillmenttools demands and that nothing
// could stand for.
func lacking(to fulfillmenttools.ConsumerAddress, name string) []string {
	var missing []string
	if to.Street == "" {
		missing = append(missing, name+" has no street, building or PO box")
	}
	if to.City == "" {
		missing = append(missing, name+" has no city")
	}
	if !fulfillmenttools.ValidCountry(to.Country) {
		missing = append(missing, name+" has no country")
	}
	return missing
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
