package fulfillmenttools

import "time"

// DeliveryPreferences is either shipping or collect.
type DeliveryPreferences struct {
	Shipping               *Shipping               `json:"shipping,omitempty"`
	Collect                []Collect               `json:"collect,omitempty"` // one at most
	TargetTime             *time.Time              `json:"targetTime,omitempty"`
	EstimatedDeliveryDate  *time.Time              `json:"estimatedDeliveryDate,omitempty"`
	ReservationPreferences *ReservationPreferences `json:"reservationPreferences,omitempty"`
	SourcingOptionRefs     []string                `json:"sourcingOptionRefs,omitempty"`
	SupplyingFacilities    []string                `json:"supplyingFacilities,omitempty"`
}

// Shipping is ship-from-store.
type Shipping struct {
	ServiceLevel                 string               `json:"serviceLevel,omitempty"`
	PreferredCarriers            []string             `json:"preferredCarriers,omitempty"`
	PreferredCarriersWithProduct []CarrierWithProduct `json:"preferredCarriersWithProduct,omitempty"`
	CarrierProductCategory       string               `json:"carrierProductCategory,omitempty"`
	PreselectedFacilities        []Facility           `json:"preselectedFacilities,omitempty"`
	DesiredDeliveryTime          *time.Time           `json:"desiredDeliveryTime,omitempty"`
}

// CarrierWithProduct is a carrier with what to order from it.
type CarrierWithProduct struct {
	CarrierKey      string   `json:"carrierKey"`
	CarrierProduct  string   `json:"carrierProduct,omitempty"`
	CarrierServices []string `json:"carrierServices,omitempty"`
}

// Collect is click-and-collect at one facility.
type Collect struct {
	FacilityRef      string     `json:"facilityRef,omitempty"`
	TenantFacilityID string     `json:"tenantFacilityId,omitempty"`
	Paid             bool       `json:"paid"`
	ProvisioningTime *time.Time `json:"provisioningTime,omitempty"`

	SupplyingFacilities               []string            `json:"supplyingFacilities,omitempty"` // deprecated there
	SupplyingFacilitiesConfigurations []SupplyingFacility `json:"supplyingFacilitiesConfigurations,omitempty"`
}

// SupplyingFacility is one that may send pieces to where the order is collected.
type SupplyingFacility struct {
	FacilityRef      string          `json:"facilityRef,omitempty"`
	TenantFacilityID string          `json:"tenantFacilityId,omitempty"`
	DeliveryEvents   []DeliveryEvent `json:"deliveryEvents"`
}

// DeliveryEvent says where it sends them: SHIP_TO_STORE or SHIP_TO_CUSTOMER, and when:
// DEFAULT.
type DeliveryEvent struct {
	DeliveryTarget  string `json:"deliveryTarget"`
	DeliveryTrigger string `json:"deliveryTrigger"`
}

// Facility names a facility by the shop's own key for it, or by fulfillmenttools' id.
type Facility struct {
	FacilityRef      string `json:"facilityRef,omitempty"`
	TenantFacilityID string `json:"tenantFacilityId,omitempty"`
}

// ReservationPreferences say when stock is reserved.
type ReservationPreferences struct {
	Mode            string     `json:"mode"` // SCHEDULED, ASAP or ALAP
	ReservationTime *time.Time `json:"reservationTime,omitempty"`
}
