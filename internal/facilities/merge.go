package facilities

import (
	"maps"
	"slices"

	"fftconnect/internal/commercetools"
)

// addressMerge puts what a channel says into an address, and notes in the record that it did.
type addressMerge struct {
	digests     channelDigests
	address     map[string]any
	readdressed bool     // the address must be sent
	fields      []string // what changed
}

// mustWrite reports whether what the channel says must be written: it is news, and not
// there yet.
func (m *addressMerge) mustWrite(field, says, has string) bool {
	if !m.digests.isNews(field, says) || says == has {
		return false
	}
	m.fields = append(m.fields, field)
	return true
}

// mergeAddress merges everything that concerns the address.
func (m *addressMerge) mergeAddress(s channelValues) {
	moved, elsewhere, abroad := false, false, false
	for _, p := range s.parts {
		if !m.mustWrite(p.field(), p.text, text(m.address, p.key)) {
			continue
		}
		m.address[p.key] = p.text
		m.readdressed = true
		moved = moved || p.key != "companyName" && p.key != "additionalAddressInfo"
		elsewhere = elsewhere || p.key == "street" || p.key == "city"
		abroad = abroad || p.key == "country" || p.key == "province"
	}
	if elsewhere {
		m.dropFormerParts(s.parts)
	}
	// fulfillmenttools finds place and time zone of the new address by itself, unless
	// it is given those of the old one.
	if moved && s.geo == nil {
		delete(m.address, "resolvedCoordinates")
	}
	if abroad {
		delete(m.address, "resolvedTimeZone")
	}
	m.mergeCoordinates(s.geo)
	m.mergeListEntry(fieldMobile, "phoneNumbers", s.mobile, map[string]any{"type": "MOBILE"})
	m.mergeListEntry(fieldPhone, "phoneNumbers", s.phone, map[string]any{"type": "PHONE"})
	m.mergeListEntry(fieldEmail, "emailAddresses", s.email, map[string]any{})
}

// ofThePlace are the parts of an address that belong to its street or city, and need not
// be there.
var ofThePlace = []string{"houseNumber", "additionalAddressInfo", "province"}

// dropFormerParts removes what belonged to the street or city before, and the channel says no
// longer. What people changed since stays.
func (m *addressMerge) dropFormerParts(says []part) {
	for _, p := range says {
		there := text(m.address, p.key)
		if p.text != "" || there == "" || !slices.Contains(ofThePlace, p.key) || m.digests[p.field()] != digestOf(there) {
			continue
		}
		delete(m.address, p.key)
		delete(m.digests, p.field())
		m.fields = append(m.fields, p.field())
	}
}

func (m *addressMerge) mergeCoordinates(says *commercetools.Point) {
	if !m.mustWrite(fieldGeo, coordinatesText(says), coordinatesText(pointOf(m.address["resolvedCoordinates"]))) {
		return
	}
	m.address["resolvedCoordinates"] = map[string]any{"lat": says.Lat, "lon": says.Lon}
	m.readdressed = true
}

func pointOf(value any) *commercetools.Point {
	there, _ := value.(map[string]any)
	lat, ok := there["lat"].(float64)
	lon, also := there["lon"].(float64)
	if !ok || !also {
		return nil
	}
	return &commercetools.Point{Lat: lat, Lon: lon}
}

// mergeListEntry puts a number or address of the channel into a list: in the place of the one
// that it said before, or of an empty one, else at the end. Other entries stay.
func (m *addressMerge) mergeListEntry(field, list, says string, like map[string]any) {
	before := m.digests[field]
	if !m.digests.isNews(field, says) {
		return
	}
	stored, _ := m.address[list].([]any)
	entries := make([]any, 0, len(stored)+1)
	at := -1
	for i, value := range stored {
		there, _ := value.(map[string]any)
		entries = append(entries, maps.Clone(there))
		if kind := like["type"]; kind != nil && there["type"] != kind {
			continue
		}
		switch number := text(there, "value"); {
		case number == says:
			return
		case at < 0 && (number == "" || digestOf(number) == before):
			at = i
		}
	}
	if at < 0 {
		at = len(entries)
		entries = append(entries, maps.Clone(like))
	}
	entries[at].(map[string]any)["value"] = says
	m.address[list] = entries
	m.readdressed = true
	m.fields = append(m.fields, field)
}

// sendableAddress is an address as it was read, in the form in which it may be sent: of the
// time zone only the id.
func sendableAddress(address map[string]any) map[string]any {
	all := maps.Clone(address)
	if all == nil {
		return map[string]any{}
	}
	if zone, ok := all["resolvedTimeZone"].(map[string]any); ok {
		all["resolvedTimeZone"] = map[string]any{"timeZoneId": zone["timeZoneId"]}
	}
	return all
}
