package facilities

import "fftconnect/internal/fulfillmenttools"

// DecideGone says what becomes of the facility of a channel that does not exist any
// more; facility is nil when there is none. Only a facility that is linked with this
// very channel is touched, which it is only when the channel held stock: a channel that
// is gone cannot tell its roles.
func DecideGone(channelID string, facility *fulfillmenttools.ManagedFacility, projectKey string) Decision {
	decision := Decision{Action: Leave}
	switch {
	case facility == nil:
		decision.Reason = "there is no facility for the channel"
	case isOfAnotherProject(*facility, projectKey):
		decision.Reason = foreignReason
	case text(facility.CustomAttributes, fulfillmenttools.AttributeOrderID) != channelID:
		decision.Reason = "the facility is not linked with the channel"
	case facility.Status == fulfillmenttools.FacilityOffline:
		decision.Ours, decision.Reason = true, "the facility is offline"
	case text(facility.CustomAttributes, AttributeOfflineFrom) != "":
		decision.Ours, decision.Reason = true, "the facility was set offline, and fulfillmenttools' people took that back"
	default:
		decision = decideOffline(channelID, *facility, projectKey)
	}
	return decision
}

// decideOffline remembers the state, so that a channel of the same key brings it back.
func decideOffline(channelID string, facility fulfillmenttools.ManagedFacility, projectKey string) Decision {
	all := attributesToWrite(facility.CustomAttributes, channelID, projectKey, storedDigests(facility))
	all[AttributeOfflineFrom] = facility.Status
	return Decision{
		Action: Offline, Ours: true, Reason: "the channel is gone",
		Change: fulfillmenttools.FacilityForModification{
			Version: facility.Version, Type: facility.Type, Status: fulfillmenttools.FacilityOffline, CustomAttributes: all,
		},
	}
}
