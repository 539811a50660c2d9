package export_test

import (
	"strings"
	"testing"

	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
)

// shippedTo is the base order with this shipping address and no billing address.
func shippedTo(parts object) mapping {
	return changed(func(o object) {
		o["shippingAddress"] = parts
		delete(o, "billingAddress")
		delete(o, "customerEmail")
	})
}

func with(parts object, more object) object {
	whole := object{}
	for _, source := range []object{parts, more} {
		for name, value := range source {
			if value == nil {
				delete(whole, name)
			} else {
				whole[name] = value
			}
		}
	}
	return whole
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	lindenweg := object{"country": "DE", "streetName": "Lindenweg", "streetNumber": "7", "postalCode": "50667", "city": "Köln"}
	mapped := fulfillmenttools.ConsumerAddress{
		AddressType: "POSTAL_ADDRESS", Street: "Lindenweg", HouseNumber: "7", PostalCode: "50667", City: "Köln", Country: "DE",
	}
	type expected = func(a *fulfillmenttools.ConsumerAddress)
	for name, test := range map[string]struct {
		more  object
		want  expected
		notes []string
	}{
		"complete": {object{}, func(*fulfillmenttools.ConsumerAddress) {}, nil},
		"every part has a place": {
			object{
				"title": "Dr.", "salutation": "Frau", "firstName": "Ada", "lastName": "Berg", "company": "Berg & Söhne", "department": "Einkauf",
				"additionalStreetInfo": "Aufgang B", "additionalAddressInfo": "3. OG", "building": "7", "apartment": "12", "pOBox": "30 04",
				"state": "NRW", "region": "Rheinland", "phone": "+49 221 1", "mobile": "+49 151 2", "email": "ada@example.org", "fax": "+49 221 9",
			},
			func(a *fulfillmenttools.ConsumerAddress) {
				a.PersonalTitle, a.Salutation, a.FirstName, a.LastName, a.CompanyName = "Dr.", "Frau", "Ada", "Berg", "Berg & Söhne"
				a.AdditionalAddressInfo = "Aufgang B, 3. OG, Einkauf, Building 7, Apartment 12, PO Box 30 04, Rheinland"
				a.Province, a.Email = "NRW", "ada@example.org"
				a.PhoneNumbers = []fulfillmenttools.PhoneNumber{{Type: "MOBILE", Value: "+49 151 2"}, {Type: "PHONE", Value: "+49 221 1"}}
			}, nil,
		},
		"empty strings are left out": {
			object{"streetNumber": "", "state": " ", "region": "", "company": "", "email": "", "phone": "", "mobile": " ", "additionalAddressInfo": ""},
			func(a *fulfillmenttools.ConsumerAddress) { a.HouseNumber = "" }, nil,
		},
		"state and region alike": {object{"state": "NRW", "region": "NRW"}, func(a *fulfillmenttools.ConsumerAddress) { a.Province = "NRW" }, nil},
		"no state, but a region": {object{"region": "Rheinland"}, func(a *fulfillmenttools.ConsumerAddress) { a.Province = "Rheinland" }, nil},
		"line breaks": {
			object{"streetName": " Linden\r\nweg", "city": "Köln\nMitte", "state": "N\nRW"},
			func(a *fulfillmenttools.ConsumerAddress) {
				a.Street, a.City, a.Province = "Linden weg", "Köln Mitte", "N RW"
			}, nil,
		},
		"country in small letters": {object{"country": " de "}, func(*fulfillmenttools.ConsumerAddress) {}, nil},
		"PO box": {
			object{"streetName": nil, "streetNumber": nil, "pOBox": "30 04 55"},
			func(a *fulfillmenttools.ConsumerAddress) { a.Street, a.HouseNumber = "PO Box 30 04 55", "" },
			[]string{"shipping address: no street name"},
		},
		"building": {
			object{"streetName": "", "building": "Turm 3", "apartment": "9"},
			func(a *fulfillmenttools.ConsumerAddress) {
				a.Street, a.AdditionalAddressInfo = "Building Turm 3", "Apartment 9"
			},
			[]string{"shipping address: no street name"},
		},
		"no city, but a state": {
			object{"city": nil, "state": "Berlin"},
			func(a *fulfillmenttools.ConsumerAddress) { a.City, a.Province = "Berlin", "Berlin" },
			[]string{"shipping address: no city, the province"},
		},
		"no postal code": {
			object{"postalCode": ""},
			func(a *fulfillmenttools.ConsumerAddress) { a.PostalCode = "-" },
			[]string{"shipping address: no postal code"},
		},
		"no country":      {object{"country": ""}, func(*fulfillmenttools.ConsumerAddress) {}, []string{"shipping address: no country"}},
		"a wrong country": {object{"country": "Germany"}, func(*fulfillmenttools.ConsumerAddress) {}, []string{"shipping address: no country"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := mapped
			test.want(&want)
			got, notes := shippedTo(with(lindenweg, test.more)).must(t)
			same(t, "addresses", []fulfillmenttools.ConsumerAddress{want}, got.Consumer.Addresses)
			noted(t, notes, test.notes...)
		})
	}
}

func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	const left = "shipping address: the e-mail address is not valid"
	for _, test := range []struct {
		own, customers any
		want, note     string
	}{
		{"ada@example.org", "shop@example.org", "ada@example.org", ""},
		{nil, "m+shop.x-y@mail.example.co.uk", "m+shop.x-y@mail.example.co.uk", ""},
		{" ", " ada@example.org ", "ada@example.org", ""},
		{nil, nil, "", ""},
		{"ada", nil, "", left},
		{"ada@", nil, "", left},
		{"Ada <ada@example.org>", nil, "", left},
		{"ada@example.org, berg@example.org", nil, "", left},
		{"ada@localhost", nil, "", left},
		{"zoë@example.org", nil, "", left},
		{"ada@exämple.org", nil, "ada@xn--exmple-cua.org", ""},
		{"ada@-exämple.org", nil, "", left},
		{"ada..berg@example.org", nil, "", left},
	} {
		mapped, notes := changed(func(o object) {
			part(o, "shippingAddress")["email"], o["customerEmail"] = test.own, test.customers
			delete(o, "billingAddress")
		}).must(t)
		if got := mapped.Consumer.Addresses[0].Email; got != test.want {
			t.Errorf("%v, %v: %q, want %q", test.own, test.customers, got, test.want)
		}
		if test.note == "" {
			noted(t, notes)
		} else {
			noted(t, notes, test.note)
		}
	}
}

func TestAMissingCountryIsTheOrdersOrElseTheProjects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ order, project, want string }{
		{"FR", "DE", "FR"}, {"fr", "DE", "FR"}, {"", "DE", "DE"},
	} {
		m := mapping{
			change: func(o object) {
				part(o, "shippingAddress")["country"], o["country"] = "", test.order
				delete(o, "billingAddress")
			},
			surroundings: func(a *export.Surroundings) { a.Country = test.project },
		}
		mapped, _ := m.must(t)
		same(t, "country", test.want, mapped.Consumer.Addresses[0].Country)
	}
}

func TestWhatIsMissingFromTheAddressToShipTo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(object)
		want   []string
	}{
		"street":      {func(o object) { part(o, "shippingAddress")["streetName"] = " " }, []string{"shipping address has no street, building or PO box"}},
		"city":        {func(o object) { delete(part(o, "shippingAddress"), "city") }, []string{"shipping address has no city"}},
		"both":        {func(o object) { o["shippingAddress"] = object{"country": "DE"} }, []string{"shipping address has no street, building or PO box", "shipping address has no city"}},
		"the address": {func(o object) { delete(o, "shippingAddress"); delete(o, "billingAddress") }, []string{"the order ships but has neither a shipping nor a billing address"}},
	} {
		same(t, name, test.want, changed(test.change).problems(t))
	}
}

func TestTheBillingAddressStandsForAMissingShippingAddress(t *testing.T) {
	t.Parallel()
	mapped, notes := changed(func(o object) { delete(o, "shippingAddress") }).must(t)
	noted(t, notes, "shipping address: there is none, the billing address")
	var kinds []string
	for _, a := range mapped.Consumer.Addresses {
		kinds = append(kinds, a.AddressType)
	}
	same(t, "addresses", []string{"POSTAL_ADDRESS", "INVOICE_ADDRESS"}, kinds)
}

func TestAnIncompleteBillingAddressIsLeftOut(t *testing.T) {
	t.Parallel()
	mapped, notes := changed(func(o object) { o["billingAddress"] = object{"country": "DE", "city": "Köln", "postalCode": "1"} }).must(t)
	noted(t, notes, "left out: billing address has no street")
	if len(mapped.Consumer.Addresses) != 1 {
		t.Errorf("%v", mapped.Consumer.Addresses)
	}
}

func TestTheConsumerIsTheCustomer(t *testing.T) {
	t.Parallel()
	mapped, _ := changed(func(o object) { o["customerId"] = "customer-1" }).must(t)
	same(t, "consumer", "customer-1", mapped.Consumer.ConsumerID)
}

func TestTheEmailOfACollectedOrderWithoutAddressesIsTheConsumers(t *testing.T) {
	t.Parallel()
	m := collected("berlin", "-")
	change := m.change
	m.change = func(o object) {
		change(o)
		delete(o, "shippingAddress")
		delete(o, "billingAddress")
	}
	mapped, _ := m.must(t)
	same(t, "e-mail", "mechthild@example.org", mapped.Consumer.Email)
}

// TestNotesOnTheAddressOfACollectedOrderAreOfWhatIsSent: what is left out needs none, and
// nobody goes where a postal code is missing.
func TestNotesOnTheAddressOfACollectedOrderAreOfWhatIsSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		address object
		sent    bool
		notes   int
	}{
		"left out":              {object{"country": "DE", "streetName": "", "pOBox": "12", "email": "nobody"}, false, 0},
		"without a postal code": {object{"country": "DE", "streetName": "Hohe Str. 1", "city": "Bonn"}, true, 0},
		"without a street":      {object{"country": "DE", "pOBox": "12", "city": "Bonn"}, true, 0},
		"a wrong e-mail":        {object{"country": "DE", "pOBox": "12", "city": "Bonn", "email": "nobody"}, true, 1},
	} {
		m := collected("berlin", "-")
		change := m.change
		m.change = func(o object) {
			change(o)
			o["shippingAddress"] = test.address
			delete(o, "billingAddress")
		}
		mapped, notes := m.must(t)
		var about []string
		for _, note := range notes {
			if strings.HasPrefix(note, "shipping address:") {
				about = append(about, note)
			}
		}
		if len(about) != test.notes || (len(mapped.Consumer.Addresses) == 1) != test.sent {
			t.Errorf("%s: notes %q, addresses %+v", name, about, mapped.Consumer.Addresses)
		}
	}
}
