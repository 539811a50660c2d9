package facilities

import (
	"maps"
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// Action is what is to be done about a channel's facility.
type Action string

const (
	// Leave: nothing.
	Leave Action = "leave"
	// Create it.
	Create Action = "create"
	// Change some of it.
	Change Action = "change"
	// Offline: set it offline, since its channel is gone.
	Offline Action = "offline"
)

// Decision is what is to be done, and why.
type Decision struct {
	Action Action
	// Ours: there is, or will be, a facility that belongs to the channel.
	Ours   bool
	Create fulfillmenttools.FacilityForCreation     // for Create
	Change fulfillmenttools.FacilityForModification // for Change and Offline
	Fields []string                                 // what changes, for Change
	Reason string
	Notes  []string
	Hint   string // what to do about it; empty when nothing is to be done
}

// Surroundings is what a decision needs besides the channel and its facility.
type Surroundings struct {
	ProjectKey string
	Project    Project
	Rules      config.FacilityRules
	Had        bool // the channel had a facility of its key before
}

// Decide says what becomes of a channel's facility; facility is nil when there is none.
func Decide(channel commercetools.Channel, facility *fulfillmenttools.ManagedFacility, surroundings Surroundings) Decision {
	if !channel.SuppliesInventory() {
		return Decision{Action: Leave, Reason: "the channel holds no stock: it lacks the role " + commercetools.RoleInventorySupply}
	}
	if facility == nil && surroundings.Had {
		return Decision{
			Action: Leave, Reason: "its facility was deleted in fulfillmenttools",
			Hint: "if it shall be there again, run: fftconnect facilities sync " + channel.Key,
		}
	}
	says, remarks := valuesOf(channel, surroundings.Rules, surroundings.Project)
	if facility == nil {
		return decideCreation(channel, says, remarks, surroundings)
	}
	if isOfAnotherProject(*facility, surroundings.ProjectKey) {
		return Decision{Action: Leave, Reason: foreignReason, Notes: remarks}
	}
	return decideChange(channel, *facility, says, remarks, surroundings)
}

const foreignReason = "the facility belongs to a channel of another commercetools project"

// isOfAnotherProject reports a facility that another project's connector looks after.
func isOfAnotherProject(facility fulfillmenttools.ManagedFacility, projectKey string) bool {
	owner := text(facility.CustomAttributes, fulfillmenttools.AttributeProjectKey)
	return owner != "" && owner != projectKey
}

// What stands for parts of an address that a channel does not say and fulfillmenttools
// demands. They are used at creation only.
const (
	unknownText       = "not set"
	unknownPostalCode = "00000"
	unknownCountry    = "DE"
)

// decideCreation fills what fulfillmenttools demands and the channel does not say.
func decideCreation(channel commercetools.Channel, says channelValues, remarks notes, surroundings Surroundings) Decision {
	rules := surroundings.Rules
	facility := fulfillmenttools.FacilityForCreation{
		Name: firstOf(says.name, channel.Key), TenantFacilityID: channel.Key, Status: fulfillmenttools.FacilityOnline,
		Type:         firstOf(says.kind, rules.Type, fulfillmenttools.TypeManagedFacility),
		LocationType: firstOf(says.locationType, rules.LocationType, fulfillmenttools.LocationTypes[0]),
	}
	services := says.services
	if len(services) == 0 {
		services = rules.Services
	}
	if len(services) == 0 {
		services = fulfillmenttools.FacilityServices
	}
	facility.Services = asServices(services)
	if facility.Type == fulfillmenttools.TypeSupplier {
		facility.LocationType, facility.Services = "", nil
	}
	known := channelDigests{}
	m := addressMerge{digests: known, address: map[string]any{}}
	m.mergeAddress(says)
	known.isNews(fieldName, says.name)
	if facility.Type != fulfillmenttools.TypeSupplier {
		known.isNews(fieldLocationType, says.locationType)
		known.isNews(fieldServices, strings.Join(says.services, ","))
	}
	facility.Address = m.address
	fill := func(key, value string) {
		if facility.Address[key] == nil {
			facility.Address[key] = value
			remarks.add("address.%s: the channel has none, %q stands for it", key, value)
		}
	}
	country := unknownCountry
	if len(surroundings.Project.Countries) > 0 {
		country = firstOf(countryOf(surroundings.Project.Countries[0]), unknownCountry)
	}
	fill("companyName", facility.Name)
	fill("street", unknownText)
	fill("postalCode", unknownPostalCode)
	fill("city", unknownText)
	fill("country", country)
	facility.CustomAttributes = attributesToWrite(nil, channel.ID, surroundings.ProjectKey, known)
	return Decision{Action: Create, Ours: true, Create: facility, Reason: "there is no facility for the channel", Notes: remarks}
}

// decideChange writes what the channel says anew, links the facility with the channel, and
// takes back that we set it offline.
func decideChange(channel commercetools.Channel, facility fulfillmenttools.ManagedFacility, says channelValues, remarks notes, surroundings Surroundings) Decision {
	decision := Decision{Action: Leave, Ours: true}
	to := fulfillmenttools.FacilityForModification{Version: facility.Version, Type: facility.Type}
	m := addressMerge{digests: storedDigests(facility), address: sendableAddress(facility.Address)}
	m.mergeAddress(says)
	if m.mustWrite(fieldName, says.name, facility.Name) {
		to.Name = says.name
	}
	if says.kind != "" && says.kind != facility.Type {
		remarks.add("type: fulfillmenttools cannot turn a %s into a %s", facility.Type, says.kind)
	}
	if facility.Type != fulfillmenttools.TypeSupplier {
		if m.mustWrite(fieldLocationType, says.locationType, facility.LocationType) {
			to.LocationType = says.locationType
		}
		if m.mustWrite(fieldServices, strings.Join(says.services, ","), strings.Join(servicesOf(facility), ",")) {
			to.Services = asServices(says.services)
		}
	}
	if m.readdressed {
		to.Address = m.address
		if to.Address["companyName"] == nil { // a supplier may have had no address at all
			to.Address["companyName"] = firstOf(to.Name, facility.Name, channel.Key)
		}
	}
	wanted := attributesToWrite(facility.CustomAttributes, channel.ID, surroundings.ProjectKey, m.digests)
	if from := text(facility.CustomAttributes, AttributeOfflineFrom); from != "" {
		wanted[AttributeOfflineFrom] = ""
		if facility.Status == fulfillmenttools.FacilityOffline {
			to.Status = from
			m.fields = append(m.fields, fieldStatus)
		}
	}
	decision.Notes = remarks
	if len(m.fields) == 0 && !mustWriteAttributes(facility, wanted, m.digests) {
		decision.Reason = "the facility is as the channel says"
		return decision
	}
	to.CustomAttributes = wanted
	decision.Action, decision.Change, decision.Fields = Change, to, m.fields
	decision.Reason = "the channel says otherwise"
	if len(m.fields) == 0 {
		decision.Reason = "the facility is linked with the channel"
	}
	return decision
}

// attributesToWrite are the facility's with ours among them.
func attributesToWrite(there map[string]any, channelID, projectKey string, known channelDigests) map[string]any {
	all := maps.Clone(there)
	if all == nil {
		all = map[string]any{}
	}
	all[fulfillmenttools.AttributeOrderID] = channelID
	all[fulfillmenttools.AttributeProjectKey] = projectKey
	all[AttributeRecord] = known.asAttribute()
	return all
}

// mustWriteAttributes reports whether our attributes must be written although nothing else is.
func mustWriteAttributes(facility fulfillmenttools.ManagedFacility, wanted map[string]any, known channelDigests) bool {
	ours := []string{fulfillmenttools.AttributeOrderID, fulfillmenttools.AttributeProjectKey, AttributeOfflineFrom}
	return !sameDigests(storedDigests(facility), known) || slices.ContainsFunc(ours, func(key string) bool {
		return text(facility.CustomAttributes, key) != text(wanted, key)
	})
}
