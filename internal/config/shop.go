package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Where the shop's configuration lives in commercetools.
const (
	ShopContainer = "fft"
	ShopKey       = "configuration"
)

// DefaultOrderType is the key of the custom type that orders get unless the shop's
// configuration names another.
const DefaultOrderType = "fft-order"

// Shop is the custom object fft/configuration: how this shop's orders are mapped.
// Its keys are those of the existing connector. The zero value works: every order
// ships, with no preference of carrier or facility.
type Shop struct {
	// OrderTypeKey is the custom type that holds our fields on orders.
	OrderTypeKey string `json:"orderCustomTypeKey"`
	// CollectField is the order's custom field that names the facility of a
	// click-and-collect order, as a channel key or a channel reference.
	CollectField string `json:"collectChannelReferenceFieldName"`
	// ShippingMethods says by a shipping method's key, or its name when it has no
	// key, how its orders are delivered. An unlisted method ships.
	ShippingMethods map[string]Delivery `json:"shippingMethodMapping"`
	// FieldTags adds a tag with the custom field's value: field name to tag id.
	FieldTags map[string]string `json:"customFieldTagMapping"`
	// StoreTag adds a tag with the store's key to orders of a store.
	StoreTag string `json:"storeTagMapping"`
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
	ServiceType            string    `json:"serviceType" jsonschema:"SHIPPING or CLICK_AND_COLLECT"`
	ServiceLevel           string    `json:"serviceLevel,omitempty" jsonschema:"DELIVERY or SAMEDAY; shipping only"`
	Carriers               []string  `json:"carriers,omitempty" jsonschema:"carrier keys, best first; shipping only"`
	CarriersWithProduct    []Carrier `json:"carriersWithProduct,omitempty" jsonschema:"carriers with their products and services, best first; shipping only"`
	CarrierProductCategory string    `json:"carrierProductCategory,omitempty" jsonschema:"STANDARD, EXPRESS, VALUE or FORWARDING; shipping only"`
}

// Carrier is a carrier with what to order from it.
type Carrier struct {
	Key      string   `json:"carrierKey" jsonschema:"such as DHL_V2"`
	Product  string   `json:"carrierProduct,omitempty" jsonschema:"the carrier's product"`
	Services []string `json:"carrierServices,omitempty" jsonschema:"such as SIGNATURE or NO_NEIGHBOR_DELIVERY"`
}

// TypeKey is the key of the custom type that orders get.
func (s Shop) TypeKey() string {
	if s.OrderTypeKey != "" {
		return s.OrderTypeKey
	}
	return DefaultOrderType
}

// ParseShop reads the custom object's value and names everything that is wrong with
// it at once. Keys that it does not know are left alone: other parts of the shop may
// keep theirs there.
func ParseShop(value []byte) (Shop, error) {
	var shop Shop
	if len(bytes.TrimSpace(value)) == 0 {
		return shop, nil
	}
	if err := json.Unmarshal(value, &shop); err != nil {
		return Shop{}, fmt.Errorf("custom object %s/%s: %s", ShopContainer, ShopKey, wrongType(err))
	}
	if problems := shop.problems(); len(problems) > 0 {
		return Shop{}, fmt.Errorf("custom object %s/%s: %s", ShopContainer, ShopKey, strings.Join(problems, "; "))
	}
	return shop, nil
}

// wrongType says in the words of JSON which key holds what it must not.
func wrongType(err error) string {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return "is not JSON"
	}
	if wrong.Field == "" {
		return "must be a JSON object, not " + wrong.Value
	}
	return fmt.Sprintf("%s holds the wrong type (%s)", wrong.Field, wrong.Value)
}

func (s Shop) problems() []string {
	var problems []string
	for field, tag := range s.FieldTags {
		if tag == "" {
			problems = append(problems, fmt.Sprintf("customFieldTagMapping.%s names no tag", field))
		}
	}
	for method, delivery := range s.ShippingMethods {
		where := fmt.Sprintf("shippingMethodMapping.%s", method)
		switch delivery.ServiceType {
		case ServiceShipping, ServiceClickAndCollect:
		default:
			problems = append(problems, fmt.Sprintf("%s.serviceType is %q, must be SHIPPING or CLICK_AND_COLLECT", where, delivery.ServiceType))
		}
		switch delivery.ServiceLevel {
		case "", "DELIVERY", "SAMEDAY":
		default:
			problems = append(problems, fmt.Sprintf("%s.serviceLevel is %q, must be DELIVERY or SAMEDAY", where, delivery.ServiceLevel))
		}
		if slices.Contains(delivery.Carriers, "") {
			problems = append(problems, where+".carriers holds an empty carrier key")
		}
	}
	slices.Sort(problems)
	return problems
}
