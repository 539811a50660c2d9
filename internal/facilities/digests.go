package facilities

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"fftconnect/internal/fulfillmenttools"
)

// Custom attributes that a facility carries for us, besides the channel's id and
// project.
const (
	// AttributeRecord holds, by field, a digest of what the channel said last.
	AttributeRecord = "commercetoolsRecord"
	// AttributeOfflineFrom is the state that we set the facility offline from; empty
	// when it is not us who did.
	AttributeOfflineFrom = "commercetoolsOfflineFrom"
)

// channelDigests is what the channel said when its facility was last looked at, as digests.
// A field whose digest is the same needs no look: whoever changed the facility's
// since, meant it.
type channelDigests map[string]string

func storedDigests(facility fulfillmenttools.ManagedFacility) channelDigests {
	kept := channelDigests{}
	stored, _ := facility.CustomAttributes[AttributeRecord].(map[string]any)
	for key, value := range stored {
		if digest, ok := value.(string); ok {
			kept[strings.ReplaceAll(key, "_", ".")] = digest
		}
	}
	return kept
}

// asAttribute is the record as a custom attribute, whose keys must hold no dot.
func (r channelDigests) asAttribute() map[string]any {
	stored := map[string]any{}
	for key, digest := range r {
		stored[strings.ReplaceAll(key, ".", "_")] = digest
	}
	return stored
}

// isNews notes what the channel says and reports whether that is news. Nothing said is
// never news, and does not make it forget what was said before.
func (r channelDigests) isNews(field, says string) bool {
	if says == "" || r[field] == digestOf(says) {
		return false
	}
	r[field] = digestOf(says)
	return true
}

// digestOf tells texts apart; it is not meant to hide them.
func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

func text(attributes map[string]any, key string) string {
	value, _ := attributes[key].(string)
	return value
}

func sameDigests(a, b channelDigests) bool { return maps.Equal(a, b) }

func servicesOf(facility fulfillmenttools.ManagedFacility) []string {
	var types []string
	for _, service := range facility.Services {
		types = append(types, service.Type)
	}
	slices.Sort(types)
	return types
}

func asServices(types []string) []fulfillmenttools.FacilityService {
	var services []fulfillmenttools.FacilityService
	for _, name := range types {
		services = append(services, fulfillmenttools.FacilityService{Type: name})
	}
	return services
}
