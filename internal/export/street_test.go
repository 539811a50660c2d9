package export_test

import (
	"testing"

	"fftconnect/internal/config"
)

// fromStreet is mapped with house numbers taken out of streets.
func fromStreet(m mapping) mapping {
	m.shop = func(shop *config.Shop) { shop.Export.HouseNumber = config.HouseNumberFromStreet }
	return m
}

func TestAHouseNumberInTheStreetIsNotedOrTakenOut(t *testing.T) {
	t.Parallel()
	at := func(country, street, number string) mapping {
		return shippedTo(object{"country": country, "streetName": street, "streetNumber": number, "additionalAddressInfo": "Hof", "postalCode": "1", "city": "C"})
	}
	for name, test := range map[string]struct {
		m                    mapping
		street, number, info string
		notes                []string
	}{
		"noted":                            {at("DE", "Torstraße 49", ""), "Torstraße 49", "", "Hof", []string{"shipping address: the house number is in the street"}},
		"taken out":                        {fromStreet(at("DE", "Torstraße 49, 2. OG", "")), "Torstraße", "49", "2. OG, Hof", nil},
		"apart already":                    {fromStreet(at("DE", "Straße 12", "7")), "Straße 12", "7", "Hof", nil},
		"without any":                      {fromStreet(at("IE", "The Old Mill", "")), "The Old Mill", "", "Hof", nil},
		"of another country, noted":        {fromStreet(at("JP", "本町通2丁目3-5", "")), "本町通2丁目3-5", "", "Hof", []string{"it could not be told apart"}},
		"of another country, not asked":    {at("JP", "本町通2丁目3-5", ""), "本町通2丁目3-5", "", "Hof", nil},
		"a post office box":                {fromStreet(at("DE", "Postfach 12 34", "")), "Postfach 12 34", "", "Hof", nil},
		"the number first":                 {fromStreet(at("us", "350 5th Avenue", "")), "5th Avenue", "350", "Hof", nil},
		"the country is that of the order": {fromStreet(at("", "Torstraße 49", "")), "Torstraße", "49", "Hof", []string{"no country, the order's"}},
	} {
		mapped, notes := test.m.must(t)
		noted(t, notes, test.notes...)
		got := mapped.Consumer.Addresses[0]
		same(t, name, [3]string{test.street, test.number, test.info}, [3]string{got.Street, got.HouseNumber, got.AdditionalAddressInfo})
	}
}

func TestAPackstationTakesTheVendorsForm(t *testing.T) {
	t.Parallel()
	type form = [4]string // street, house number, additional information, company
	station := form{"Packstation", "145", "12345678", ""}
	const noNumber, noPostnummer, more = "without its number", "without the receiver's Postnummer", "the rest is left out"
	for name, test := range map[string]struct {
		parts object
		want  form
		notes []string
	}{
		"as it should be":            {object{"streetName": "Packstation", "streetNumber": "145", "additionalAddressInfo": "12345678"}, station, nil},
		"in one field":               {object{"streetName": "Packstation 145", "additionalStreetInfo": "Postnummer 12345678"}, station, nil},
		"of DHL":                     {object{"streetName": "DHL-Packstation Nr. 145", "additionalAddressInfo": "Post-Nr.: 12345678"}, station, nil},
		"the Postnummer as street":   {object{"streetName": "12345678", "additionalStreetInfo": "PACKSTATION 145"}, station, nil},
		"the Postnummer as number":   {object{"streetName": "Postnummer", "streetNumber": "12345678", "additionalStreetInfo": "Packstation 145"}, station, nil},
		"the Postnummer as company":  {object{"company": "12345678", "streetName": "Packstation", "streetNumber": "145"}, station, nil},
		"no street":                  {object{"additionalStreetInfo": "Packstation 145", "additionalAddressInfo": "12345678"}, station, nil},
		"a company stays":            {object{"company": "Berg GmbH", "streetName": "Packstation 145", "additionalAddressInfo": "12345678"}, form{"Packstation", "145", "12345678", "Berg GmbH"}, nil},
		"more than has a place":      {object{"streetName": "Packstation 145", "additionalAddressInfo": "12345678", "department": "Einkauf", "region": "NRW", "state": "NW"}, station, []string{more}},
		"no Postnummer":              {object{"streetName": "Packstation 145"}, form{"Packstation", "145", "", ""}, []string{noPostnummer}},
		"no number":                  {object{"streetName": "Packstation", "additionalAddressInfo": "12345678"}, form{"Packstation", "", "12345678", ""}, []string{noNumber}},
		"a street beside it":         {object{"streetName": "Lindenweg", "streetNumber": "7", "additionalAddressInfo": "Packstation 145"}, form{"Lindenweg", "7", "Packstation 145", ""}, nil},
		"a street that is called so": {object{"streetName": "An der Packstation", "streetNumber": "7"}, form{"An der Packstation", "7", "", ""}, nil},
		"in another country":         {object{"country": "FR", "streetName": "Packstation 145"}, form{"Packstation 145", "", "", ""}, nil},
	} {
		parts := with(object{"country": "DE", "postalCode": "50667", "city": "Köln"}, test.parts)
		mapped, notes := shippedTo(parts).must(t)
		noted(t, notes, test.notes...)
		got := mapped.Consumer.Addresses[0]
		same(t, name, test.want, form{got.Street, got.HouseNumber, got.AdditionalAddressInfo, got.CompanyName})
		same(t, name+", type", "POSTAL_ADDRESS", got.AddressType)
	}
}
