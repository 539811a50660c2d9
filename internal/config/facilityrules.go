package config

// FacilityRules say what a commercetools channel becomes as a facility, where the
// channel does not say it itself.
type FacilityRules struct {
	Type              string   `json:"type,omitempty" jsonschema:"MANAGED_FACILITY or SUPPLIER; MANAGED_FACILITY when left out"`
	LocationType      string   `json:"locationType,omitempty" jsonschema:"STORE, WAREHOUSE or EXTERNAL; STORE when left out"`
	Services          []string `json:"services,omitempty" jsonschema:"SHIP_FROM_STORE, PICKUP; both when left out"`
	TypeField         string   `json:"typeField,omitempty" jsonschema:"channel custom field with the type"`
	LocationTypeField string   `json:"locationTypeField,omitempty" jsonschema:"channel custom field with the location type"`
	ServicesField     string   `json:"servicesField,omitempty" jsonschema:"channel custom field (a set) with the services"`
}
