package fulfillmenttools

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Events that update the commercetools order.
const (
	OrderCreatedEvent           = "ORDER_CREATED"
	PickJobCreatedEvent         = "PICK_JOB_CREATED"
	PickJobPickingFinishedEvent = "PICK_JOB_PICKING_FINISHED"
	HandoverJobCreatedEvent     = "HANDOVERJOB_CREATED"
	HandoverJobHandedOverEvent  = "HANDOVERJOB_HANDED_OVER"
)

// Events lists them in the order in which an order's life brings them.
var Events = []string{
	OrderCreatedEvent, PickJobCreatedEvent, PickJobPickingFinishedEvent,
	HandoverJobCreatedEvent, HandoverJobHandedOverEvent,
}

// Custom attributes of an order, which every job inherits.
const (
	AttributeOrderID    = "commercetoolsId"
	AttributeProjectKey = "commercetoolsProjectKey"
)

// ErrMalformed marks a body that is no event and never will be.
var ErrMalformed = errors.New("malformed event")

// Event is one event with what we read of its payload, which is the entity that it
// speaks of.
type Event struct {
	Name    string // such as PICK_JOB_CREATED
	ID      string // eventId, the same in every repetition
	Payload Payload
}

// Payload is what orders, pick jobs and handover jobs have in common.
type Payload struct {
	ID            string
	Version       int
	Status        string
	ShortID       string // pick jobs only
	FacilityRef   string // jobs only
	OrderRef      string // pick jobs only
	PickJobRef    string // handover jobs only
	TenantOrderID string
	Created       time.Time
	LastModified  time.Time
	Picked        int    // pieces picked, substitutes included; pick jobs only
	OrderID       string // commercetools' order id, from the inherited custom attributes
	ProjectKey    string // commercetools' project key, from the same
}

// DecodeEvent reads a request body. The error is ErrMalformed and holds no value
// from the body.
func DecodeEvent(body []byte) (Event, error) {
	var wire struct {
		Event   string          `json:"event"`
		EventID string          `json:"eventId"`
		Payload json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return Event{}, fmt.Errorf("%w: %s", ErrMalformed, wrongType(err))
	}
	if wire.Event == "" {
		return Event{}, fmt.Errorf("%w: no event name", ErrMalformed)
	}
	event := Event{Name: wire.Event, ID: wire.EventID}
	if name := tooLong([]text{{"event name", event.Name}, {"eventId", event.ID}}); name != "" {
		return Event{}, fmt.Errorf("%w: %s of over %d characters", ErrMalformed, name, maxName)
	}
	payload, err := decodePayload(wire.Payload)
	if err != nil {
		return event, fmt.Errorf("%w: payload: %s", ErrMalformed, wrongType(err))
	}
	if payload.ID == "" {
		return event, fmt.Errorf("%w: payload without id", ErrMalformed)
	}
	if name := tooLong(payload.texts()); name != "" {
		return event, fmt.Errorf("%w: payload: %s of over %d characters", ErrMalformed, name, maxName)
	}
	event.Payload = payload
	return event, nil
}

// maxName is how many characters an id or a name may have. They become keys of the
// store and parts of log lines.
const maxName = 256

type text struct{ name, value string }

// tooLong names the first text that is; empty when none is.
func tooLong(texts []text) string {
	for _, t := range texts {
		if utf8.RuneCountInString(t.value) > maxName {
			return t.name
		}
	}
	return ""
}

func (p Payload) texts() []text {
	return []text{
		{"id", p.ID},
		{"status", p.Status},
		{"shortId", p.ShortID},
		{"facilityRef", p.FacilityRef},
		{"orderRef", p.OrderRef},
		{"pickJobRef", p.PickJobRef},
		{"tenantOrderId", p.TenantOrderID},
		{AttributeOrderID, p.OrderID},
		{AttributeProjectKey, p.ProjectKey},
	}
}

func decodePayload(body []byte) (Payload, error) {
	if len(body) == 0 {
		return Payload{}, nil
	}
	var wire struct {
		ID               string         `json:"id"`
		Version          int            `json:"version"`
		Status           string         `json:"status"`
		ShortID          string         `json:"shortId"`
		FacilityRef      string         `json:"facilityRef"`
		OrderRef         string         `json:"orderRef"`
		PickJobRef       string         `json:"pickJobRef"`
		TenantOrderID    string         `json:"tenantOrderId"`
		Created          time.Time      `json:"created"`
		LastModified     time.Time      `json:"lastModified"`
		CustomAttributes map[string]any `json:"customAttributes"`
		PickLineItems    pickLines      `json:"pickLineItems"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return Payload{}, err
	}
	payload := Payload{
		ID: wire.ID, Version: wire.Version, Status: wire.Status, ShortID: wire.ShortID,
		FacilityRef: wire.FacilityRef, OrderRef: wire.OrderRef, PickJobRef: wire.PickJobRef,
		TenantOrderID: wire.TenantOrderID, Created: wire.Created, LastModified: wire.LastModified,
		Picked: wire.PickLineItems.Picked(),
	}
	payload.OrderID, _ = wire.CustomAttributes[AttributeOrderID].(string)
	payload.ProjectKey, _ = wire.CustomAttributes[AttributeProjectKey].(string)
	return payload, nil
}

// wrongType says which field does not fit, without the value that it held.
func wrongType(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("field %q has the wrong type", wrong.Field)
	}
	return "not JSON of an event"
}
