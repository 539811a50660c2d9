package facilities

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// Project is what the project's settings contribute.
type Project struct {
	Languages []string // the first one is the shop's own
	Countries []string
}

// Names of what a channel can say, in records and reports.
const (
	fieldName         = "name"
	fieldType         = "type"
	fieldLocationType = "locationType"
	fieldServices     = "services"
	fieldStatus       = "status"
	fieldGeo          = "address.resolvedCoordinates"
	fieldPhone        = "address.phone"
	fieldMobile       = "address.mobile"
	fieldEmail        = "address.email"
)

// channelValues is what a channel says of its facility; what it does not say is empty.
type channelValues struct {
	name         string
	kind         string // its type
	locationType string
	services     []string
	parts        []part // of the address, texts only
	phone        string
	mobile       string
	email        string
	geo          *commercetools.Point
}

// part is one part of an address, under fulfillmenttools' name.
type part struct{ key, text string }

func (p part) field() string { return "address." + p.key }

// valuesOf reads a channel. The notes name what it says and cannot be used.
func valuesOf(channel commercetools.Channel, rules config.FacilityRules, project Project) (channelValues, []string) {
	a := channel.Address
	s := channelValues{
		name: nameOf(channel.Name, project.Languages), geo: channel.Geo,
		phone: inOneLine(a.Phone), mobile: inOneLine(a.Mobile), email: inOneLine(a.Email),
		parts: []part{
			{"companyName", inOneLine(a.Company)},
			{"street", inOneLine(a.StreetName)},
			{"houseNumber", inOneLine(a.StreetNumber)},
			{"postalCode", inOneLine(a.PostalCode)},
			{"city", inOneLine(a.City)},
			{"province", firstOf(inOneLine(a.State), inOneLine(a.Region))},
			{"country", countryOf(a.Country)},
			{"additionalAddressInfo", joinNonEmpty(a.AdditionalStreetInfo, a.AdditionalAddressInfo, a.Building)},
		},
	}
	var n notes
	s.kind = n.oneOfAllowed(channel.Fields, rules.TypeField, fulfillmenttools.FacilityTypes)
	s.locationType = n.oneOfAllowed(channel.Fields, rules.LocationTypeField, fulfillmenttools.LocationTypes)
	s.services = n.allOfAllowed(channel.Fields, rules.ServicesField, fulfillmenttools.FacilityServices)
	return s, n
}

// nameOf prefers the project's languages in their order, then any.
func nameOf(names map[string]string, languages []string) string {
	for _, language := range languages {
		if name := inOneLine(names[language]); name != "" {
			return name
		}
	}
	var others []string
	for language := range names {
		others = append(others, language)
	}
	slices.Sort(others)
	for _, language := range others {
		if name := inOneLine(names[language]); name != "" {
			return name
		}
	}
	return ""
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

func countryOf(text string) string {
	if code := strings.ToUpper(strings.TrimSpace(text)); countryCode.MatchString(code) {
		return code
	}
	return ""
}

// notes collects what was done about things that a channel says wrongly or not at all.
type notes []string

func (n *notes) add(format string, args ...any) { *n = append(*n, fmt.Sprintf(format, args...)) }

// oneOfAllowed reads a custom field that must hold one of a few words.
func (n *notes) oneOfAllowed(fields map[string]any, name string, allowed []string) string {
	if found := n.allOfAllowed(fields, name, allowed); len(found) > 0 {
		return found[0]
	}
	return ""
}

// allOfAllowed reads a custom field that may hold a set, or a text of words.
func (n *notes) allOfAllowed(fields map[string]any, name string, allowed []string) []string {
	if name == "" || fields[name] == nil {
		return nil
	}
	var words []string
	switch value := fields[name].(type) {
	case string:
		words = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
	case []any:
		for _, entry := range value {
			words = append(words, fmt.Sprint(entry))
		}
	}
	var found []string
	for _, word := range words {
		switch word = strings.ToUpper(strings.TrimSpace(word)); {
		case !slices.Contains(allowed, word):
			n.add("custom field %s: not one of %s, left out", name, strings.Join(allowed, ", "))
		case !slices.Contains(found, word):
			found = append(found, word)
		}
	}
	slices.Sort(found)
	return found
}

// inOneLine is the text on one line: fulfillmenttools refuses line breaks.
func inOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func joinNonEmpty(texts ...string) string {
	var filled []string
	for _, text := range texts {
		if text = inOneLine(text); text != "" {
			filled = append(filled, text)
		}
	}
	return strings.Join(filled, ", ")
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func degreesText(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

func coordinatesText(point *commercetools.Point) string {
	if point == nil {
		return ""
	}
	return degreesText(point.Lat) + "," + degreesText(point.Lon)
}
