package config

import "strings"

// ChangeRules say what becomes of changes of an order after its export, by what changed.
type ChangeRules struct {
	Addresses        string `json:"addresses,omitempty" jsonschema:"the consumer's addresses, e-mail address and phone numbers; a label that was printed before is for the old address" enum:"follow|report|ignore" default:"follow" example:"report"`
	Lines            string `json:"lines,omitempty" jsonschema:"lines added, removed, or of another quantity, which only an order edit changes; follow has the order routed anew" enum:"follow|report|ignore" default:"report" example:"follow"`
	DeliveryTime     string `json:"deliveryTime,omitempty" jsonschema:"the time of desiredDeliveryTimeField; follow has the order routed anew" enum:"follow|report|ignore" default:"report" example:"follow"`
	CustomAttributes string `json:"customAttributes,omitempty" jsonschema:"the order's custom attributes that export.set writes; follow has the order routed anew each time" enum:"follow|report|ignore" default:"ignore" example:"follow"`
}

// What becomes of a change.
const (
	ChangeFollow = "follow" // fulfillmenttools is brought to it
	ChangeReport = "report" // somebody must look
	ChangeIgnore = "ignore"
)

// WithDefaults fills in what was left out.
func (r ChangeRules) WithDefaults() ChangeRules {
	for _, rule := range []struct {
		field     *string
		otherwise string
	}{
		{&r.Addresses, ChangeFollow},
		{&r.Lines, ChangeReport},
		{&r.DeliveryTime, ChangeReport},
		{&r.CustomAttributes, ChangeIgnore},
	} {
		if *rule.field == "" {
			*rule.field = rule.otherwise
		}
	}
	return r
}

// AnyFollowed reports whether any change matters.
func (r ChangeRules) AnyFollowed() bool {
	r = r.WithDefaults()
	none := ChangeRules{ChangeIgnore, ChangeIgnore, ChangeIgnore, ChangeIgnore}
	return r != none
}

// MayReroute reports whether a change is followed after which orders are routed anew.
func (r ChangeRules) MayReroute() bool {
	return r.Lines == ChangeFollow || r.DeliveryTime == ChangeFollow || r.CustomAttributes == ChangeFollow
}

// RequiredPermissions are those that fulfillmenttools' user needs for the changes that are followed.
func (r ChangeRules) RequiredPermissions() string {
	r = r.WithDefaults()
	needed := []string{"ORDER_WRITE"}
	if r.Addresses == ChangeFollow {
		needed = append(needed, "ORDER_CONSUMER_WRITE")
	}
	if r.Lines == ChangeFollow || r.DeliveryTime == ChangeFollow {
		needed = append(needed, "ORDER_LINEITEM_WRITE")
	}
	if r.CustomAttributes == ChangeFollow {
		needed = append(needed, "ORDER_CUSTOM_ATTRIBUTES_WRITE")
	}
	return strings.Join(needed, ", ")
}
