package commercetools

import (
	"bytes"
	"cmp"
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
	OldState   string // the order state before, likewise
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
	OrderShipmentStateChanged      = "OrderShipmentStateChanged"
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
	OrderEditApplied               = "OrderEditApplied"
)

// States of an order (OrderState).
const (
	StateConfirmed = "Confirmed"
	StateComplete  = "Complete"
	StateCancelled = "Cancelled"
)

// wireNotification is a notification as it comes.
type wireNotification struct {
	Notification
	createdAt, modifiedAt string
	payloadType           string
	name                  string
	order                 []byte // of a deleted order
}

// readMember reads a member of a notification.
func (w *wireNotification) readMember(s *stream, key string) (err error) {
	switch key {
	case "notificationType":
		w.Kind, err = s.readText()
	case "id":
		w.ID, err = s.readText()
	case "createdAt":
		w.createdAt, err = s.readText()
	case "modifiedAt":
		w.modifiedAt, err = s.readText()
	case "projectKey":
		w.ProjectKey, err = s.readText()
	case "type":
		w.MessageType, err = s.readText()
	case "orderState":
		w.OrderState, err = s.readText()
	case "oldOrderState":
		w.OldState, err = s.readText()
	case "name":
		w.name, err = s.readText() // translations are skipped
	case "sequenceNumber":
		w.Sequence, err = s.readNumber()
	case "version":
		w.Version, err = s.readNumber()
	case "resource":
		err = s.readTexts(text{"typeId", &w.ResourceType}, text{"id", &w.ResourceID})
	case "resourceUserProvidedIdentifiers":
		err = s.readTexts(text{"orderNumber", &w.OrderNumber}, text{"key", &w.Key})
	case "payloadNotIncluded":
		err = s.readTexts(text{"payloadType", &w.payloadType})
	case "order":
		err = w.readOrder(s)
	default:
		err = s.skipValue()
	}
	return err
}

// text is a member of an object, and where it goes.
type text struct {
	key  string
	into *string
}

// readTexts reads some members of an object.
func (s *stream) readTexts(wanted ...text) error {
	return s.readObject(func(key string) (err error) {
		for _, t := range wanted {
			if t.key == key {
				*t.into, err = s.readText()
				return err
			}
		}
		return s.skipValue()
	})
}

// maxOrder is how many bytes of a deleted order are kept: more than an order has that
// brokers deliver.
const maxOrder = 1 << 20

// readOrder reads the order that some messages bring. A deleted order is needed as a
// whole: it cannot be read any more.
func (w *wireNotification) readOrder(s *stream) error {
	order := s
	if w.MessageType == "" || w.MessageType == OrderDeleted {
		raw, err := s.copyValue(maxOrder)
		if err != nil {
			return err
		}
		w.order, order = raw, newStream(bytes.NewReader(raw))
		defer order.close()
		if len(raw) == 0 {
			return nil
		}
	}
	number := ""
	err := order.readTexts(text{"orderState", &w.OrderState}, text{"orderNumber", &number})
	w.OrderNumber = cmp.Or(w.OrderNumber, number)
	return err
}

// toItem is the notification with what follows from all of its members.
func (w *wireNotification) toItem() Item {
	n := w.Notification
	at := w.createdAt
	if n.Kind == "Message" {
		n.Version = 0
	} else if n.Kind != "Event" {
		at = w.modifiedAt
	}
	n.At, _ = time.Parse(time.RFC3339, at)
	n.MessageType = cmp.Or(n.MessageType, w.payloadType)
	if n.MessageType == OrderDeleted && bytes.HasPrefix(w.order, []byte("{")) {
		n.Deleted = string(w.order)
	}
	if slices.Contains(customFieldMessages, n.MessageType) {
		n.Field = w.name
	}
	item := Item{Notification: n}
	switch long := n.tooLongField(); {
	case n.Kind != "Event" && (n.ResourceType == "" || n.ResourceID == ""):
		item = Item{Err: fmt.Errorf("%w: a notification without notificationType or resource", ErrMalformed)}
	case long != "":
		item = Item{Err: fmt.Errorf("%w: %s of over %d characters", ErrMalformed, long, maxName)}
	}
	return item
}

// Encode is the notification without what nobody reads of it, as it is stored. Decoding
// it gives the notification again.
func (n Notification) Encode() []byte {
	type reference struct {
		TypeID string `json:"typeId"`
		ID     string `json:"id"`
	}
	type identifiers struct {
		OrderNumber string `json:"orderNumber,omitempty"`
		Key         string `json:"key,omitempty"`
	}
	wire := struct {
		NotificationType string          `json:"notificationType"`
		ProjectKey       string          `json:"projectKey,omitempty"`
		ID               string          `json:"id,omitempty"`
		Type             string          `json:"type,omitempty"`
		OrderState       string          `json:"orderState,omitempty"`
		OldState         string          `json:"oldOrderState,omitempty"`
		Resource         reference       `json:"resource,omitzero"`
		Identifiers      identifiers     `json:"resourceUserProvidedIdentifiers,omitzero"`
		Sequence         int             `json:"sequenceNumber,omitempty"`
		Version          int             `json:"version,omitempty"`
		CreatedAt        time.Time       `json:"createdAt,omitzero"`
		ModifiedAt       time.Time       `json:"modifiedAt,omitzero"`
		Name             string          `json:"name,omitempty"`
		Order            json.RawMessage `json:"order,omitempty"`
	}{
		NotificationType: n.Kind, ProjectKey: n.ProjectKey, ID: n.ID, Type: n.MessageType, OrderState: n.OrderState, OldState: n.OldState,
		Resource: reference{n.ResourceType, n.ResourceID}, Identifiers: identifiers{n.OrderNumber, n.Key},
		Sequence: n.Sequence, Version: n.Version, Name: n.Field,
	}
	if json.Valid([]byte(n.Deleted)) {
		wire.Order = json.RawMessage(n.Deleted)
	}
	if n.Kind == "Message" || n.Kind == "Event" {
		wire.CreatedAt = n.At
	} else {
		wire.ModifiedAt = n.At
	}
	body, err := json.Marshal(wire)
	if err != nil {
		panic(fmt.Sprintf("commercetools: a notification that JSON cannot hold: %v", err))
	}
	return body
}

// customFieldMessages name the custom field that they are about.
var customFieldMessages = []string{OrderCustomFieldAdded, OrderCustomFieldChanged, OrderCustomFieldRemoved}

// maxName is how many characters an id, a number or a name may have. They become
// keys of the store and parts of log lines.
const maxName = 256

// tooLongField names the first text that is; empty when none is.
func (n Notification) tooLongField() string {
	for _, part := range []struct{ name, text string }{
		{"notificationType", n.Kind},
		{"id", n.ID},
		{"projectKey", n.ProjectKey},
		{"oldOrderState", n.OldState},
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
