package export

import (
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/fulfillmenttools"
)

// addressRules fill an address. Parts without a place of their own are kept in the
// additional information.
var addressRules = []rule[*postal, fulfillmenttools.ConsumerAddress]{
	{"addressType", "which address it is", (*mapping).setAddressType},
	{"salutation", "salutation", (*mapping).setSalutation},
	{"personalTitle", "title", (*mapping).setPersonalTitle},
	{"firstName", "firstName", (*mapping).setFirstName},
	{"lastName", "lastName", (*mapping).setLastName},
	{"street", "streetName", (*mapping).setStreet},
	{"houseNumber", "streetNumber, export.houseNumber", (*mapping).setHouseNumber},
	{"companyName", "company", (*mapping).setCompanyName},
	{"additionalAddressInfo", "additionalStreetInfo, additionalAddressInfo, department, building, apartment, pOBox, region", (*mapping).setAdditionalInfo},
	{"postalCode", "postalCode", (*mapping).setPostalCode},
	{"city", "city", (*mapping).setCity},
	{"province", "state, region", (*mapping).setProvince},
	{"country", "country", (*mapping).setCountry},
	{"email", "email, export.email", (*mapping).setAddressEmail},
	{"phoneNumbers[]", "mobile, phone", (*mapping).setPhoneNumbers},
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

func (m *mapping) newPostal(name, kind string, from *platform.Address) postal {
	return postal{Address: from, name: name, kind: kind, street: trimmedLine(from.StreetName), number: trimmedLine(from.StreetNumber), company: trimmedLine(from.Company), extras: []string{
		trimmedLine(from.AdditionalStreetInfo), trimmedLine(from.AdditionalAddressInfo), trimmedLine(from.Department),
		withLabel("Building", from.Building), withLabel("Apartment", from.Apartment), withLabel("PO Box", from.POBox),
	}}
}

// noteOnAddress tells what carriers lack in an address; nothing of one where nobody goes.
func (m *mapping) noteOnAddress(from *postal, format string, args ...any) {
	if m.isShipped() || from.kind != fulfillmenttools.PostalAddress {
		m.addNote(from.name+": "+format, args...)
	}
}

func (m *mapping) setAddressType(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.AddressType = from.kind
}

func (m *mapping) setSalutation(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.Salutation = trimmedLine(from.Salutation)
}

func (m *mapping) setPersonalTitle(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.PersonalTitle = trimmedLine(from.Title)
}

func (m *mapping) setFirstName(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.FirstName = trimmedLine(from.FirstName)
}

func (m *mapping) setLastName(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.LastName = trimmedLine(from.LastName)
}

func (m *mapping) setStreet(from *postal, to *fulfillmenttools.ConsumerAddress) {
	m.movePackstation(from)
	for i := range from.extras {
		if from.street == "" && from.extras[i] != "" {
			m.noteOnAddress(from, "no street name, another part of the address stands for it")
			from.street, from.extras[i] = from.extras[i], ""
		}
	}
	m.splitHouseNumber(from)
	to.Street = from.street
}

func (m *mapping) setHouseNumber(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.HouseNumber = from.number
}

func (m *mapping) setCompanyName(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.CompanyName = from.company
}

func (m *mapping) setAdditionalInfo(from *postal, to *fulfillmenttools.ConsumerAddress) {
	region := trimmedLine(from.Region)
	if region == provinceOf(from) || from.atPackstation {
		region = "" // it has a place of its own, or none
	}
	to.AdditionalAddressInfo = joinNonEmpty(append(from.extras, region))
}

// noPostalCode stands where a country has none, since fulfillmenttools demands one.
const noPostalCode = "-"

func (m *mapping) setPostalCode(from *postal, to *fulfillmenttools.ConsumerAddress) {
	if to.PostalCode = trimmedLine(from.PostalCode); to.PostalCode != "" {
		return
	}
	to.PostalCode = noPostalCode
	m.noteOnAddress(from, "no postal code, %q stands for it", noPostalCode)
}

func (m *mapping) setCity(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.City = trimmedLine(from.City)
	if province := provinceOf(from); to.City == "" && province != "" {
		m.noteOnAddress(from, "no city, the province stands for it")
		to.City = province
	}
}

func (m *mapping) setProvince(from *postal, to *fulfillmenttools.ConsumerAddress) {
	to.Province = provinceOf(from)
}

func provinceOf(from *postal) string {
	return firstOf(trimmedLine(from.State), trimmedLine(from.Region))
}

func (m *mapping) setCountry(from *postal, to *fulfillmenttools.ConsumerAddress) {
	code, standsIn := m.countryOf(from)
	if standsIn != "" {
		m.noteOnAddress(from, "no country, %s stands for it", standsIn)
		m.noteOrigin(standsIn + " country")
	}
	to.Country = code
}

func (m *mapping) setPhoneNumbers(from *postal, to *fulfillmenttools.ConsumerAddress) {
	if mobile := trimmedLine(from.Mobile); mobile != "" {
		to.PhoneNumbers = append(to.PhoneNumbers, fulfillmenttools.PhoneNumber{Type: "MOBILE", Value: mobile})
	}
	if phone := trimmedLine(from.Phone); phone != "" {
		to.PhoneNumbers = append(to.PhoneNumbers, fulfillmenttools.PhoneNumber{Type: "PHONE", Value: phone})
	}
}

// missingAddressParts lists what an address lacks that fulfillmenttools demands and that nothing
// could stand for.
func missingAddressParts(to fulfillmenttools.ConsumerAddress, name string) []string {
	var missing []string
	if to.Street == "" {
		missing = append(missing, name+" has no street, building or PO box")
	}
	if to.City == "" {
		missing = append(missing, name+" has no city")
	}
	if !fulfillmenttools.IsValidCountry(to.Country) {
		missing = append(missing, name+" has no country")
	}
	return missing
}

func withLabel(label string, value *string) string {
	if text := trimmedLine(value); text != "" {
		return label + " " + text
	}
	return ""
}

func joinNonEmpty(parts []string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ", ")
}
