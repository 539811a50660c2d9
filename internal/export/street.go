package export

import (
	"regexp"
	"slices"
	"strings"

	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// Countries whose streets are split, by where the house number stands. The examples are
// in docs/mapping.md.
var (
	numberLast  = []string{"AT", "BE", "BR", "CH", "CZ", "DE", "DK", "ES", "FI", "HR", "HU", "IT", "LI", "MX", "NL", "NO", "PL", "PT", "SE", "SI", "SK"}
	numberFirst = []string{"AU", "CA", "FR", "GB", "IE", "LU", "MC", "NZ", "US"}
)

// Parts of the patterns. A number may be 12, 12a, 12 a, 12-14, 12/3/5, 12/B, 123-H or
// 12 A 5; what may follow it is a floor or a flat, told by its words, or anything of
// several letters after a comma.
const (
	lastNumber = `\d{1,5}(?:\s?[-–/]\s?\d{1,5})*(?:\s?\p{L}(?:\s\d{1,4})?)?(?:\s?[-–/]\s?[\p{L}\d]{1,4})*(?:\s?(?:bis|ter|hs))?`
	unit       = `(?i:apt|apto|appt|app|bte|bus|depto|eg|etage|gartenhaus|hinterhaus|hh|int|lgh|lok|m|og|piso|planta|sala|st|stiege|top|tür|tv|vorderhaus|vh|whg|wohnung)\b\.?(?:\s?\S+)?`
	firstOne   = `\d{1,6}(?:\s?[-–/]\s?\d{1,5})?[A-Za-z]?(?:\s?(?:bis|ter|quater)|\s1/2|\s?½)?`
)

var (
	streetThenNumber = regexp.MustCompile(`^(.*?\p{L}.*?)[,\s]\s*(?:(?i:nr|no|núm|nº|n°)\.?\s*)?(` + lastNumber + `)\.?(?:\s*,\s*(.*(?:\p{L}{2,}|[ºª°]).*)|\s+(` + unit + `))?$`)
	numberThenStreet = regexp.MustCompile(`^(` + firstOne + `)[,\s]\s*(\P{N}*\p{L}.*|\d+(?:st|nd|rd|th)\b.*)$`)
	postBox          = regexp.MustCompile(`(?i)^(?:postfach|p\.?\s?o\.?\s?box|bo[iî]te postale|bp|apartado|casella postale|postbus|postboks|postboxs?|box)\b`)
)

// splitStreet tells a house number and what follows it apart from the street, as they are
// written in the country. It reports false when it cannot.
func splitStreet(street, country string) (name, number, rest string, ok bool) {
	if postBox.MatchString(street) {
		return "", "", "", false
	}
	switch {
	case slices.Contains(numberLast, country):
		if parts := streetThenNumber.FindStringSubmatch(street); parts != nil {
			return strings.TrimRight(parts[1], " ,"), parts[2], firstOf(parts[3], parts[4]), true
		}
	case slices.Contains(numberFirst, country):
		if parts := numberThenStreet.FindStringSubmatch(street); parts != nil {
			return parts[2], parts[1], "", true
		}
	}
	return "", "", "", false
}

// splitHouseNumber takes the house number out of the street where the shop wants that,
// and tells of it otherwise: carriers need it apart.
func (m *mapping) splitHouseNumber(from *postal) {
	if from.number != "" || !strings.ContainsAny(from.street, "0123456789") {
		return
	}
	country, _ := m.countryOf(from)
	name, number, rest, ok := splitStreet(from.street, country)
	wanted := m.shop.Export.HouseNumber == config.HouseNumberFromStreet
	switch {
	case ok && wanted:
		from.street, from.number = name, number
		from.extras = append([]string{rest}, from.extras...)
	case ok:
		m.noteOnAddress(from, "the house number is in the street, where carriers miss it; export.houseNumber: fromStreet takes it out")
	case wanted && !postBox.MatchString(from.street):
		m.noteOnAddress(from, "the street may hold the house number, it could not be told apart")
	}
}

var (
	packstation = regexp.MustCompile(`(?i)^(?:dhl[\s-]*)?packstation(?:\s*(?:nr\.?|no\.?)?\s*(\d{1,4}))?$`)
	postnummer  = regexp.MustCompile(`(?i)^(?:(?:dhl[\s-]*)?post[\s-]*(?:nummer|nr\.?|no\.?))?\s*:?\s*(\d{6,10})$`)
)

// movePackstation brings a parcel locker of DHL into the form that fulfillmenttools documents:
// its number as the house number, the receiver's Postnummer as the only additional
// information. Shops write it in many ways.
func (m *mapping) movePackstation(from *postal) {
	if country, _ := m.countryOf(from); country != "DE" {
		return
	}
	street := strings.TrimSpace(from.street + " " + from.number)
	texts := append([]string{street}, append(from.extras, from.company)...)
	station := slices.IndexFunc(texts, packstation.MatchString)
	if station < 0 || station > 0 && street != "" && !postnummer.MatchString(street) {
		return
	}
	number := packstation.FindStringSubmatch(texts[station])[1]
	texts[station] = ""
	receiver := slices.IndexFunc(texts, postnummer.MatchString)
	post := ""
	if receiver >= 0 {
		post, texts[receiver] = postnummer.FindStringSubmatch(texts[receiver])[1], ""
	}
	from.street, from.number, from.extras = "Packstation", number, []string{post}
	from.company = texts[len(texts)-1]
	from.atPackstation = true
	m.notePackstation(from, number == "", post == "", joinNonEmpty(texts[:len(texts)-1]) != "")
}

func (m *mapping) notePackstation(from *postal, noNumber, noPostnummer, more bool) {
	if noNumber {
		m.noteOnAddress(from, "a Packstation without its number")
	}
	if noPostnummer {
		m.noteOnAddress(from, "a Packstation without the receiver's Postnummer")
	}
	if more {
		m.noteOnAddress(from, "of a Packstation only number and Postnummer have a place, the rest is left out")
	}
}

// countryOf is the address's country, else what stands for it and what that is called.
func (m *mapping) countryOf(from *postal) (code, standsIn string) {
	own, orders := upperCase(&from.Country), upperCase(m.order.Country)
	switch {
	case fulfillmenttools.IsValidCountry(own):
		return own, ""
	case fulfillmenttools.IsValidCountry(orders):
		return orders, "the order's"
	case fulfillmenttools.IsValidCountry(m.surroundings.Country):
		return m.surroundings.Country, "the project's first"
	}
	return own, ""
}

func upperCase(text *string) string { return strings.ToUpper(orEmpty(text)) }
