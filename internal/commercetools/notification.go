package commercetools

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Notification is what a subscription tells us. It is a hint only: what it says of
// an order's state is never acted on without reading the order.
type Notification struct {
	// Kind is notificationType: Message, ResourceCreated, ResourceUpdated,
	// ResourceDeleted or Event.
	Kind         string
	ID           string // of the message; empty for a change
	ProjectKey   string
	ResourceType string // typeId of the resource, such as order
	ResourceID   string
	Sequence     int    // sequenceNumber, counted per resource
	MessageType  string // such as OrderStateChanged, also when the payload is not included
	OrderNumber  string // as it was when the notification was made; may be set later
	Key          string // of the resource, likewise; empty when it has none
	Version      int    // of a changed resource; 0 in messages
	// OrderState is the state that the message speaks of; empty when it says nothing,
	// also because its payload was left out.
	OrderState string
	Field      string // the custom field that the message is about; empty when about none
	// Deleted is the JSON of a deleted order as it was last; empty when the payload was
	// left out.
	Deleted string
	At      time.Time // when what it tells of happened; zero when it does not say
}

// Types of messages about an order.
const (
	OrderCreated                   = "OrderCreated"
	OrderImported                  = "OrderImported"
	OrderCreatedFromRecurringOrder = "OrderCreatedFromRecurringOrder"
	OrderStateChanged              = "OrderStateChanged"
	OrderDeleted                   = "OrderDeleted"
	OrderPaymentStateChanged       = "OrderPaymentStateChanged"
	OrderStateTransition           = "OrderStateTransition" // of the workflow state
	OrderCustomFieldAdded          = "OrderCustomFieldAdded"
	OrderCustomFieldChanged        = "OrderCustomFieldChanged"
	OrderCustomFieldRemoved        = "OrderCustomFieldRemoved"
	OrderCustomTypeSet             = "OrderCustomTypeSet"
	OrderCustomTypeRemoved         = "OrderCustomTypeRemoved"
	OrderStoreSet                  = "OrderStoreSet"
	OrderCustomerSet               = "OrderCustomerSet"
	OrderCustomerGroupSet          = "OrderCustomerGroupSet"
	OrderCustomerEmailSet          = "OrderCustomerEmailSet"
	OrderBusinessUnitSet           = "OrderBusinessUnitSet"
	OrderPurchaseOrderNumberSet    = "OrderPurchaseOrderNumberSet"
	OrderShippingAddressSet        = "OrderShippingAddressSet"
	OrderBillingAddressSet         = "OrderBillingAddressSet"
	OrderShippingInfoSet           = "OrderShippingInfoSet"
)

// States of an order (OrderState).
const (
	StateConfirmed = "Confirmed"
	StateComplete  = "Complete"
	StateCancelled = "Cancelled"
)

// DecodeNotification reads a request body of any broker. The error is ErrMalformed.
func DecodeNotification(body []byte) (Notification, error) {
	inner, err := Unwrap(body)
	if err != nil {
		return Notification{}, err
	}
	var wire struct {
		NotificationType string `json:"notificationType"`
		ID               string `json:"id"`
		CreatedAt        string `json:"createdAt"`
		ProjectKey       string `json:"projectKey"`
		Sequence         int    `json:"sequenceNumber"`
		Type             string `json:"type"`
		Resource         *struct {
			TypeID string `json:"typeId"`
			ID     string `json:"id"`
		} `json:"resource"`
		Identifiers struct {
			OrderNumber string `json:"orderNumber"`
			Key         string `json:"key"`
		} `json:"resourceUserProvidedIdentifiers"`
		Version            int    `json:"version"`
		ModifiedAt         string `json:"modifiedAt"`
		PayloadNotIncluded *struct {
			PayloadType string `json:"payloadType"`
		} `json:"payloadNotIncluded"`
		OrderState string          `json:"orderState"`
		Name       any             `json:"name"` // a text or translations
		Order      json.RawMessage `json:"order"`
	}
	if err := json.Unmarshal(inner, &wire); err != nil {
		return Notification{}, fmt.Errorf("%w: %s", ErrMalformed, wrongType(err))
	}
	if wire.NotificationType == "" || wire.Resource == nil || wire.Resource.TypeID == "" || wire.Resource.ID == "" {
		return Notification{}, fmt.Errorf("%w: a notification without notificationType or resource", ErrMalformed)
	}
	n := Notification{
		Kind: wire.NotificationType, ID: wire.ID, ProjectKey: wire.ProjectKey,
		ResourceType: wire.Resource.TypeID, ResourceID: wire.Resource.ID,
		Sequence: wire.Sequence, MessageType: wire.Type,
		OrderNumber: wire.Identifiers.OrderNumber, OrderState: wire.OrderState, Key: wire.Identifiers.Key,
	}
	n.At, _ = time.Parse(time.RFC3339, wire.CreatedAt)
	if n.Kind != "Message" {
		n.Version = wire.Version
		n.At, _ = time.Parse(time.RFC3339, wire.ModifiedAt)
	}
	if wire.PayloadNotIncluded != nil && n.MessageType == "" {
		n.MessageType = wire.PayloadNotIncluded.PayloadType
	}
	if err := n.readOrder(wire.Order); err != nil {
		return Notification{}, fmt.Errorf("%w: order: %s", ErrMalformed, wrongType(err))
	}
	if slices.Contains(customFieldMessages, n.MessageType) {
		n.Field, _ = wire.Name.(string)
	}
	if name := n.tooLong(); name != "" {
		return Notification{}, fmt.Errorf("%w: %s of over %d characters", ErrMalformed, name, maxName)
	}
	return n, nil
}

// readOrder reads the order that some messages bring.
func (n *Notification) readOrder(text json.RawMessage) error {
	if len(text) == 0 || string(text) == "null" {
		return nil
	}
	var order struct {
		OrderState  string `json:"orderState"`
		OrderNumber string `json:"orderNumber"`
	}
	if err := json.Unmarshal(text, &order); err != nil {
		return err
	}
	n.OrderState = order.OrderState
	if n.OrderNumber == "" {
		n.OrderNumber = order.OrderNumber
	}
	if n.MessageType == OrderDeleted {
		n.Deleted = string(text)
	}
	return nil
}

// customFieldMessages name the custom field that they are about.
var customFieldMessages = []string{OrderCustomFieldAdded, OrderCustomFieldChanged, OrderCustomFieldRemoved}

// maxName is how many characters an id, a number or a name may have. They become
// keys of the store and parts of log lines.
const maxName = 256

// tooLong names the first text that is; empty when none is.
func (n Notification) tooLong() string {
	for _, part := range []struct{ name, text string }{
		{"notificationType", n.Kind},
		{"id", n.ID},
		{"projectKey", n.ProjectKey},
		{"resource type", n.ResourceType},
		{"resource id", n.ResourceID},
		{"type", n.MessageType},
		{"orderNumber", n.OrderNumber},
		{"key", n.Key},
		{"orderState", n.OrderState},
		{"name", n.Field},
	} {
		if utf8.RuneCountInString(part.text) > maxName {
			return part.name
		}
	}
	return ""
}

// wrongType says which field does not fit, without the value that it held.
func wrongType(err error) string {
	if wrong, ok := err.(*json.UnmarshalTypeError); ok {
		return fmt.Sprintf("field %q has the wrong type", wrong.Field)
	}
	return "not JSON"
}
