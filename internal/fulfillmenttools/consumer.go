package fulfillmenttools

// Consumer is who receives and pays.
type Consumer struct {
	ConsumerID       string            `json:"consumerId,omitempty"`
	Email            string            `json:"email,omitempty"` // deprecated in favour of the addresses, yet what carriers read
	Addresses        []ConsumerAddress `json:"addresses,omitempty"`
	FacilityRef      string            `json:"facilityRef,omitempty"` // when a facility receives
	TenantFacilityID string            `json:"tenantFacilityId,omitempty"`
	CustomAttributes map[string]any    `json:"customAttributes,omitempty"`
}

// Kinds of addresses.
const (
	PostalAddress  = "POSTAL_ADDRESS"
	InvoiceAddress = "INVOICE_ADDRESS"
	ParcelLocker   = "PARCEL_LOCKER"
)

// ConsumerAddress must name street, city, postal code and country.
type ConsumerAddress struct {
	AddressType           string         `json:"addressType,omitempty"`
	Salutation            string         `json:"salutation,omitempty"`
	PersonalTitle         string         `json:"personalTitle,omitempty"`
	FirstName             string         `json:"firstName,omitempty"`
	LastName              string         `json:"lastName,omitempty"`
	CompanyName           string         `json:"companyName,omitempty"`
	Street                string         `json:"street"`
	HouseNumber           string         `json:"houseNumber,omitempty"`
	AdditionalAddressInfo string         `json:"additionalAddressInfo,omitempty"`
	PostalCode            string         `json:"postalCode"`
	City                  string         `json:"city"`
	Province              string         `json:"province,omitempty"`
	Country               string         `json:"country"` // ISO 3166-1 alpha-2
	Email                 string         `json:"email,omitempty"`
	PhoneNumbers          []PhoneNumber  `json:"phoneNumbers,omitempty"`
	Coordinates           *Coordinates   `json:"coordinates,omitempty"`
	CustomAttributes      map[string]any `json:"customAttributes,omitempty"`
}

// PhoneNumber is MOBILE or PHONE.
type PhoneNumber struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	Label string `json:"label,omitempty"`

	CustomAttributes map[string]any `json:"customAttributes,omitempty"`
}

// Coordinates are in degrees.
type Coordinates struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}
