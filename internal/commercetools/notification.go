package commercetools

import (
	"encoding/json"
	"fmt"
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
	// OrderState is the state that the message speaks of; empty when it says nothing,
	// also because its payload was left out.
	OrderState string
	At         time.Time // when what it tells of happened; zero when it does not say
}

// Types of messages about an order.
const (
	OrderCreated                   = "OrderCreated"
	OrderImported                  = "OrderImported"
	OrderCreatedFromRecurringOrder = "OrderCreatedFromRecurringOrder"
	OrderStateChanged              = "OrderStateChanged"
	OrderDeleted                   = "OrderDeleted"
)

// States of an order (OrderState).
const (
	StateConfirmed = "Confirmed"
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
		} `json:"resourceUserProvidedIdentifiers"`
		PayloadNotIncluded *struct {
			PayloadType string `json:"payloadType"`
		} `json:"payloadNotIncluded"`
		OrderState string `json:"orderState"`
		Order      *struct {
			OrderState  string `json:"orderState"`
			OrderNumber string `json:"orderNumber"`
		} `json:"order"`
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
		OrderNumber: wire.Identifiers.OrderNumber, OrderState: wire.OrderState,
	}
	n.At, _ = time.Parse(time.RFC3339, wire.CreatedAt)
	if wire.PayloadNotIncluded != nil && n.MessageType == "" {
		n.MessageType = wire.PayloadNotIncluded.PayloadType
	}
	if wire.Order != nil {
		n.OrderState = wire.Order.OrderState
		if n.OrderNumber == "" {
			n.OrderNumber = wire.Order.OrderNumber
		}
	}
	if name := n.tooLong(); name != "" {
		return Notification{}, fmt.Errorf("%w: %s of over %d characters", ErrMalformed, name, maxName)
	}
	return n, nil
}

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
		{"orderState", n.OrderState},
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
