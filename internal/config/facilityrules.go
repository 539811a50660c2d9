package config

// FacilityRules say what a commercetools channel becomes as a facility, where the
// channel does not say it itself.
type FacilityRules struct {
	Type              string   `json:"type,omitempty" jsonschema:"type of new facilities" enum:"MANAGED_FACILITY|SUPPLIER" default:"MANAGED_FACILITY"`
	LocationType      string   `json:"locationType,omitempty" jsonschema:"type of location of new facilities" enum:"STORE|WAREHOUSE|EXTERNAL" default:"STORE" example:"WAREHOUSE"`
	Services          []string `json:"services,omitempty" jsonschema:"services of new facilities" enum:"SHIP_FROM_STORE|PICKUP" default:"both" example:"PICKUP"`
	TypeField         string   `json:"typeField,omitempty" jsonschema:"channel custom field with the type; it counts at creation only" example:"facility_type"`
	LocationTypeField string   `json:"locationTypeField,omitempty" jsonschema:"channel custom field with the location type" example:"facility_location_type"`
	ServicesField     string   `json:"servicesField,omitempty" jsonschema:"channel custom field (a set, or a text with commas) with the services" example:"facility_services"`
}
