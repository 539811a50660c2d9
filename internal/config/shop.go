package config

// Where the shop's configuration lives in commercetools.
const (
	ShopContainer = "fft"
	ShopKey       = "configuration"
)

// DefaultOrderType is the key of the custom type that orders get unless the shop's
// configuration names another.
const DefaultOrderType = "fft-order"

// Shop is how this shop's orders are mapped: the configuration file, or the custom
// object fft/configuration. The first keys are those of the existing connector. The
// zero value works: every order ships, with no preference of carrier or facility.
type Shop struct {
	OrderTypeKey    string              `json:"orderCustomTypeKey,omitempty" jsonschema:"key of the custom type that orders without one get" default:"fft-order"`
	CollectField    string              `json:"collectChannelReferenceFieldName,omitempty" jsonschema:"order custom field that names the facility of a click-and-collect order: a channel's key, or a reference to a channel" default:"the one supply channel of the lines" example:"pickup_facility"`
	ShippingMethods map[string]Delivery `json:"shippingMethodMapping,omitempty" jsonschema:"how orders are delivered, by the key of their shipping method, or its name when it has no key" default:"they ship"`
	FieldTags       map[string]string   `json:"customFieldTagMapping,omitempty" jsonschema:"tags with the values of order custom fields: a field's name, and the tag's id" example:"gift: gift-wrap"`
	StoreTag        string              `json:"storeTagMapping,omitempty" jsonschema:"id of a tag that gets the key of the order's store" example:"store"`
	// What follows is ours.
	Export     ExportRules   `json:"export,omitzero" jsonschema:"which orders go to fulfillmenttools, when, and what else they carry"`
	Feedback   FeedbackRules `json:"feedback,omitzero" jsonschema:"what fulfillmenttools' events change on the order"`
	Facilities FacilityRules `json:"facilities,omitzero" jsonschema:"what channels become as facilities"`
}

// Kinds of delivery.
const (
	ServiceShipping        = "SHIPPING"
	ServiceClickAndCollect = "CLICK_AND_COLLECT"
)

// Delivery is how the orders of one shipping method are delivered.
type Delivery struct {
	ServiceType            string    `json:"serviceType" jsonschema:"whether orders are shipped or collected" enum:"SHIPPING|CLICK_AND_COLLECT" required:"true" example:"SHIPPING"`
	ServiceLevel           string    `json:"serviceLevel,omitempty" jsonschema:"how fast; shipping only" enum:"DELIVERY|SAMEDAY" example:"SAMEDAY"`
	Carriers               []string  `json:"carriers,omitempty" jsonschema:"carrier keys, best first; shipping only" example:"DHL_V2"`
	CarriersWithProduct    []Carrier `json:"carriersWithProduct,omitempty" jsonschema:"carriers with their products and services, best first; shipping only"`
	CarrierProductCategory string    `json:"carrierProductCategory,omitempty" jsonschema:"kind of the carrier's product; shipping only" enum:"STANDARD|EXPRESS|VALUE|FORWARDING" example:"EXPRESS"`

	// Unusable says what is wrong with an entry of the custom object; empty when nothing
	// is. Orders of its shipping method cannot be mapped.
	Unusable string `json:"-"`
}

// Carrier is a carrier with what to order from it.
type Carrier struct {
	Key      string   `json:"carrierKey" jsonschema:"the carrier" required:"true" example:"DHL_V2"`
	Product  string   `json:"carrierProduct,omitempty" jsonschema:"the carrier's product" example:"V01PAK"`
	Services []string `json:"carrierServices,omitempty" jsonschema:"the carrier's services" enum:"SIGNATURE|CUSTOMER_SIGNATURE|ADULT_SIGNATURE|SATURDAY_DELIVERY|IDENTITY_CHECK_COMPANY|IDENTITY_CHECK_PRIVATE|ADDITIONAL_TRANSPORTATION_INSURANCE|IDENTITY_AGE_CHECK_18|NO_NEIGHBOR_DELIVERY|HANDOVER_TO_RECIPIENT_ONLY" example:"SIGNATURE"`
}

// TypeKey is the key of the custom type that orders get.
func (s Shop) TypeKey() string {
	if s.OrderTypeKey != "" {
		return s.OrderTypeKey
	}
	return DefaultOrderType
}
