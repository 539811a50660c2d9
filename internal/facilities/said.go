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

// said is what a channel says of its facility; what it does not say is empty.
type said struct {
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

// sayings reads a channel. The notes name what it says and cannot be used.
func sayings(channel commercetools.Channel, rules config.FacilityRules, project Project) (said, []string) {
	a := channel.Address
	s := said{
		name: nameOf(channel.Name, project.Languages), geo: channel.Geo,
		phone: oneLine(a.Phone), mobile: oneLine(a.Mobile), email: oneLine(a.Email),
		parts: []part{
			{"companyName", oneLine(a.Company)},
			{"street", oneLine(a.StreetName)},
			{"houseNumber", oneLine(a.StreetNumber)},
			{"postalCode", oneLine(a.PostalCode)},
			{"city", oneLine(a.City)},
			{"province", firstOf(oneLine(a.State), oneLine(a.Region))},
			{"country", countryOf(a.Country)},
			{"additionalAddressInfo", joined(a.AdditionalStreetInfo, a.AdditionalAddressInfo, a.Building)},
		},
	}
	var n notes
	s.kind = n.choice(channel.Fields, rules.TypeField, fulfillmenttools.FacilityTypes)
	s.locationType = n.choice(channel.Fields, rules.LocationTypeField, fulfillmenttools.LocationTypes)
	s.services = n.choices(channel.Fields, rules.ServicesField, fulfillmenttools.FacilityServices)
	return s, n
}

// nameOf prefers the project's languages in their order, then any.
func nameOf(names map[string]string, languages []string) string {
	for _, language := range languages {
		if name := oneLine(names[language]); name != "" {
			return name
		}
	}
	var others []string
	for language := range names {
		others = append(others, language)
	}
	slices.Sort(others)
	for _, language := range others {
		if name := oneLine(names[language]); name != "" {
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

// choice reads a custom field that must hold one of a few words.
func (n *notes) choice(fields map[string]any, name string, allowed []string) string {
	if found := n.choices(fields, name, allowed); len(found) > 0 {
		return found[0]
	}
	return ""
}

// choices reads a custom field that may hold a set, or a text of words.
func (n *notes) choices(fields map[string]any, name string, allowed []string) []string {
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

// oneLine is the text on one line: fulfillmenttools refuses line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func joined(texts ...string) string {
	var filled []string
	for _, text := range texts {
		if text = oneLine(text); text != "" {
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

func degrees(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

func place(point *commercetools.Point) string {
	if point == nil {
		return ""
	}
	return degrees(point.Lat) + "," + degrees(point.Lon)
}
