package fulfillmenttools

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
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

	OrderCancelledEvent       = "ORDER_CANCELLED"
	OrderForceCancelledEvent  = "ORDER_FORCE_CANCELLED"
	OrderExpiredEvent         = "ORDER_CANCELLED_BY_EXPIRY"
	NotRoutableEvent          = "ROUTING_PLAN_NOT_ROUTABLE"
	PickJobAbortedEvent       = "PICK_JOB_ABORTED"
	PickJobCanceledEvent      = "PICK_JOB_CANCELED"
	PickJobReroutedEvent      = "PICK_JOB_REROUTED"
	HandoverJobRevertedEvent  = "HANDOVERJOB_REVERTED"
	HandoverJobCanceledEvent  = "HANDOVERJOB_CANCELED"
	ParcelAcknowledgedEvent   = "PARCEL_CARRIER_ACKNOWLEDGED"
	ParcelTrackedEvent        = "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED"
	ShipmentUpdatedEvent      = "SHIPMENT_UPDATED"
	ItemReturnJobUpdatedEvent = "ITEM_RETURN_JOB_UPDATED"
)

// Events by what they are about. LifeEvents come with every order, in this order.
var (
	LifeEvents = []string{
		OrderCreatedEvent, PickJobCreatedEvent, PickJobPickingFinishedEvent,
		HandoverJobCreatedEvent, HandoverJobHandedOverEvent,
	}
	CorrectionEvents = []string{
		OrderCancelledEvent, OrderForceCancelledEvent, OrderExpiredEvent, NotRoutableEvent,
		PickJobAbortedEvent, PickJobCanceledEvent, PickJobReroutedEvent,
		HandoverJobRevertedEvent, HandoverJobCanceledEvent,
	}
	TrackingEvents = []string{ParcelAcknowledgedEvent, ParcelTrackedEvent}
	ShipmentEvents = []string{ShipmentUpdatedEvent}
	ReturnEvents   = []string{ItemReturnJobUpdatedEvent}
)

// Events lists all of them.
var Events = slices.Concat(LifeEvents, CorrectionEvents, TrackingEvents, ShipmentEvents, ReturnEvents)

// Custom attributes of an order, which every job inherits.
const (
	AttributeOrderID    = "commercetoolsId"
	AttributeProjectKey = "commercetoolsProjectKey"
)

// clockTolerance is how far fulfillmenttools' clock may be before ours.
const clockTolerance = time.Minute

// ReceivedAt is the event with no date of its payload later than that it was received: what
// is said to happen in the future would be waited for, or count as the latest for ever.
func (e Event) ReceivedAt(at time.Time) Event {
	for _, date := range []*time.Time{&e.Payload.Created, &e.Payload.LastModified} {
		if !at.IsZero() && date.After(at.Add(clockTolerance)) {
			*date = at
		}
	}
	return e
}

// ErrMalformed marks a body that is no event and never will be.
var ErrMalformed = errors.New("malformed event")

// Event is one event with what we read of its payload, which is the entity that it
// speaks of.
type Event struct {
	Name    string // such as PICK_JOB_CREATED
	ID      string // eventId: opaque, and a repetition may have another
	Payload Payload
}

// Payload is what we read of the order, pick job, handover job, parcel, shipment,
// routing plan or return job that an event speaks of.
type Payload struct {
	Job
	OrderID    string // commercetools' order id, from the inherited custom attributes
	ProjectKey string // commercetools' project key, from the same

	OrderLines JobLines       // orders only
	Parcel     ParcelResult   // parcels only
	Parcels    []ParcelInfo   // shipments only
	Returned   []ReturnedLine // return jobs only
}

// ParcelResult is what the carrier says of a parcel.
type ParcelResult struct {
	TrackingNumber string
	TrackingURL    string
	Delivered      bool
	// In centimetres and grams; 0: unknown.
	Height, Length, Width, Weight float64
}

// ReturnedLine is one piece that came back.
type ReturnedLine struct {
	ID       string // the same in every repetition
	Status   string // such as ACCEPTED
	Line     JobLine
	Facility string
}

// DecodeEvent reads a request body. The error is ErrMalformed and holds no value
// from the body.
func DecodeEvent(body []byte) (Event, error) {
	var wire struct {
		Event   string      `json:"event"`
		EventID name        `json:"eventId"`
		Payload wirePayload `json:"payload"`
	}
	if err := decode(body, &wire); err != nil {
		return Event{}, fmt.Errorf("%w: not JSON of an event", ErrMalformed)
	}
	if wire.Event == "" {
		return Event{}, fmt.Errorf("%w: no event name", ErrMalformed)
	}
	event := Event{Name: wire.Event, ID: string(wire.EventID)}
	if name := tooLongText([]text{{"event name", event.Name}, {"eventId", event.ID}}); name != "" {
		return Event{}, fmt.Errorf("%w: %s of over %d characters", ErrMalformed, name, maxName)
	}
	payload := wire.Payload.toPayload()
	if payload.ID == "" {
		return event, fmt.Errorf("%w: payload without id", ErrMalformed)
	}
	ids := payload.idTexts()
	if name := cmp.Or(tooLongText(ids), tooLongText(payload.otherTexts())); name != "" {
		return event, fmt.Errorf("%w: payload: %s of over %d characters", ErrMalformed, name, maxName)
	}
	if name := unusableID(ids); name != "" {
		return event, fmt.Errorf("%w: payload: %s is no id", ErrMalformed, name)
	}
	event.Payload = payload
	return event, nil
}

// maxName is how many characters an id or a name may have. They become keys of the
// store and parts of log lines.
const maxName = 256

type text struct{ name, value string }

// tooLongText names the first text that is; empty when none is.
func tooLongText(texts []text) string {
	for _, t := range texts {
		if utf8.RuneCountInString(t.value) > maxName {
			return t.name
		}
	}
	return ""
}

// unusableID names the first id that is no part of an address, and might lead to another one;
// empty when all are.
func unusableID(ids []text) string {
	for _, id := range ids {
		if id.value == "." || id.value == ".." || strings.ContainsFunc(id.value, isForbiddenInIDs) {
			return id.name
		}
	}
	return ""
}

// isForbiddenInIDs reports a character that no id has: fulfillmenttools' are UUIDs and URNs.
func isForbiddenInIDs(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune("-_.:~", r)
}

// idTexts are the ids of things in fulfillmenttools, which are parts of addresses.
func (p Payload) idTexts() []text {
	first := p.Job.FirstParcel()
	ids := []text{
		{"id", p.ID},
		{"facilityRef", p.FacilityRef},
		{"orderRef", p.OrderRef},
		{"pickJobRef", p.PickJobRef},
		{"processRef", p.ProcessRefOrID()},
		{"shipmentRef", first.ShipmentRef},
		{"parcelRef", first.ParcelRef},
	}
	for _, parcel := range p.Parcels {
		ids = append(ids, text{"parcelRef", parcel.ParcelRef})
	}
	return ids
}

func (p Payload) otherTexts() []text {
	first := p.Job.FirstParcel()
	texts := []text{
		{"status", p.Status},
		{"shortId", p.ShortID},
		{"tenantOrderId", p.TenantOrderID},
		{AttributeOrderID, p.OrderID},
		{AttributeProjectKey, p.ProjectKey},
		{"carrierTrackingNumber", p.Parcel.TrackingNumber},
		{"carrierKey", first.CarrierKey},
		{"carrierTrackingNumber", first.TrackingNumber},
	}
	for _, parcel := range p.Parcels {
		texts = append(texts, text{"carrierKey", parcel.CarrierKey}, text{"carrierTrackingNumber", parcel.TrackingNumber})
	}
	return texts
}

// wirePayload is whichever entity the event speaks of.
type wirePayload struct {
	wireJob
	wireOrder
	wireParcel
	wireReturn
	Parcels []ParcelInfo `json:"parcels"`
}

func (w wirePayload) toPayload() Payload {
	job := w.toJob()
	payload := Payload{
		Job: job, OrderLines: w.OrderLineItems, Parcels: w.Parcels,
		Parcel: w.toParcelResult(), Returned: w.returnedLines(),
	}
	payload.OrderID, _ = job.CustomAttributes[AttributeOrderID].(string)
	payload.ProjectKey, _ = job.CustomAttributes[AttributeProjectKey].(string)
	return payload
}

type wireOrder struct {
	OrderLineItems JobLines `json:"orderLineItems"`
}

type wireParcel struct {
	Dimensions struct {
		Height float64 `json:"height"`
		Length float64 `json:"length"`
		Width  float64 `json:"width"`
		Weight float64 `json:"weight"`
	} `json:"dimensions"`
	Result struct {
		TrackingNumber string `json:"carrierTrackingNumber"`
		TrackingURL    string `json:"trackingUrl"`
		TrackingStatus string `json:"trackingStatus"`
	} `json:"result"`
}

// maxURL is how long an address may be that goes into a custom field.
const maxURL = 2000

func (w wireParcel) toParcelResult() ParcelResult {
	if len(w.Result.TrackingURL) > maxURL {
		w.Result.TrackingURL = ""
	}
	return ParcelResult{
		TrackingNumber: w.Result.TrackingNumber, TrackingURL: w.Result.TrackingURL,
		Delivered: strings.EqualFold(w.Result.TrackingStatus, "delivered"),
		Height:    w.Dimensions.Height, Length: w.Dimensions.Length,
		Width: w.Dimensions.Width, Weight: w.Dimensions.Weight,
	}
}

type wireReturn struct {
	Returnable []struct {
		wireLine
		ID string `json:"id"`
	} `json:"returnableLineItems"`
	ItemReturns []struct {
		FacilityRef string `json:"returnFacilityRef"`
		Lines       []struct {
			ID     string   `json:"id"`
			Status string   `json:"status"`
			Refs   []string `json:"itemReturnJobLineItemRefs"`
		} `json:"returnedLineItems"`
	} `json:"itemReturns"`
}

func (w wireReturn) returnedLines() []ReturnedLine {
	var returned []ReturnedLine
	for _, itemReturn := range w.ItemReturns {
		for _, line := range itemReturn.Lines {
			r := ReturnedLine{ID: line.ID, Status: line.Status, Facility: itemReturn.FacilityRef}
			for _, candidate := range w.Returnable {
				if slices.Contains(line.Refs, candidate.ID) {
					r.Line = candidate.toLine()
					break
				}
			}
			returned = append(returned, r)
		}
	}
	return returned
}
