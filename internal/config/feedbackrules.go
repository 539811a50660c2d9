package config

import (
	"time"

	"fftconnect/internal/rules"
)

// Ways to tell the shipment state.
const (
	ShipmentStateOrder  = "order"  // from all of the order's handover jobs together
	ShipmentStateSimple = "simple" // from each event alone
)

// FeedbackRules say what fulfillmenttools' events change on the order.
type FeedbackRules struct {
	ShipmentState string      `json:"shipmentState,omitempty" jsonschema:"order: from the whole order, so that a split one is Partial until all is handed over; simple: the state of the last event" enum:"order|simple" default:"order" example:"simple"`
	Ignore        []string    `json:"ignore,omitempty" jsonschema:"events that change nothing" enum:"events" example:"HANDOVERJOB_CREATED"`
	Fields        []FieldRule `json:"fields,omitempty" jsonschema:"further custom fields that events set"`
	Deliveries    *bool       `json:"deliveries,omitempty" jsonschema:"whether handover jobs become deliveries with parcels" default:"true"`
	Tracking      *bool       `json:"tracking,omitempty" jsonschema:"whether carriers' later news of parcels are followed: tracking data, delivered" default:"true"`
	Shipments     bool        `json:"shipments,omitempty" jsonschema:"whether shipments tell tracking numbers too, for carriers of whose parcels no event comes" default:"false"`
	Corrections   *bool       `json:"corrections,omitempty" jsonschema:"whether what goes otherwise than planned is followed: reverted, cancelled, rerouted, not routable" default:"true"`
	Returns       bool        `json:"returns,omitempty" jsonschema:"whether fulfillmenttools' item returns become return information" default:"false"`
	ParcelsField  bool        `json:"parcelsField,omitempty" jsonschema:"also the existing connector's fft_parcels field on a type that lacks it; a type that has it is always served" default:"false"`

	Shipped     ShippedRule   `json:"shipped,omitzero" jsonschema:"when the order is shown as Shipped"`
	Collect     CollectStates `json:"collect,omitzero" jsonschema:"what the hand-over of click-and-collect orders changes"`
	Cancelled   Effect        `json:"cancelled,omitzero" jsonschema:"when fulfillmenttools cancelled the whole order"`
	NotRoutable Effect        `json:"notRoutable,omitzero" jsonschema:"when no facility can fulfil the order"`
	ShortPicked Effect        `json:"shortPicked,omitzero" jsonschema:"when fewer pieces were picked than ordered"`
	NotPicked   Effect        `json:"notPicked,omitzero" jsonschema:"when nothing was picked of all that was to be, and no other facility picks it; the shipment state is Delayed unless it says another"`
	Substituted Effect        `json:"substituted,omitzero" jsonschema:"when other articles were picked in place of those ordered"`
}

// FieldRule sets a custom field of the order on an event. Of several jobs the one
// created last shows.
type FieldRule struct {
	Event string           `json:"event" jsonschema:"the event" enum:"events" required:"true" example:"PICK_JOB_CREATED"`
	Field string           `json:"field" jsonschema:"name of the order's custom field" required:"true" example:"facility"`
	Value rules.Expression `json:"value" jsonschema:"expression over event and payload" expression:"event" required:"true" example:"payload.facilityRef"`
}

// ShippedRule is when an order whose goods left is shown as Shipped.
type ShippedRule struct {
	WaitForTracking string `json:"waitForTracking,omitempty" jsonschema:"how long after the hand-over Shipped may wait for the carrier's tracking numbers, from 1s to 24h; nothing: it does not wait" example:"10m"`
}

// longestTrackingWait is how long Shipped may wait at most.
const longestTrackingWait = 24 * time.Hour

// TrackingTimeout is WaitForTracking; zero when it is none.
func (r ShippedRule) TrackingTimeout() time.Duration {
	wait, err := time.ParseDuration(r.WaitForTracking)
	if err != nil || wait < time.Second || wait > longestTrackingWait {
		return 0
	}
	return wait
}

// CollectStates are what click-and-collect orders get.
type CollectStates struct {
	Ready     Effect `json:"ready,omitzero" jsonschema:"when the order waits for its consumer" default:"shipmentState Ready"`
	Collected Effect `json:"collected,omitzero" jsonschema:"when the consumer has it" default:"shipmentState Shipped"`
}

// Effect is what an occurrence changes on the order.
type Effect struct {
	Field         *bool  `json:"field,omitempty" jsonschema:"whether it is named in the custom field fft_exceptions" default:"true"`
	OrderState    string `json:"orderState,omitempty" jsonschema:"order state to set" enum:"Open|Confirmed|Complete|Cancelled" example:"Cancelled"`
	ShipmentState string `json:"shipmentState,omitempty" jsonschema:"shipment state to set" enum:"Shipped|Delivered|Ready|Pending|Delayed|Partial|Backorder|Canceled" example:"Canceled"`
	WorkflowState string `json:"workflowState,omitempty" jsonschema:"key of the workflow state to go to" example:"needs-care"`
	LineItemState string `json:"lineItemState,omitempty" jsonschema:"key of the state that the lines concerned go to" example:"missing"`
}

// WritesDeliveries reports whether handover jobs become deliveries.
func (r FeedbackRules) WritesDeliveries() bool { return trueUnlessSet(r.Deliveries) }

// WritesTracking reports whether carriers' later news are followed.
func (r FeedbackRules) WritesTracking() bool { return trueUnlessSet(r.Tracking) }

// WritesCorrections reports whether what goes otherwise than planned is followed.
func (r FeedbackRules) WritesCorrections() bool { return trueUnlessSet(r.Corrections) }

// Simple reports whether each event alone gives the shipment state.
func (r FeedbackRules) Simple() bool { return r.ShipmentState == ShipmentStateSimple }

// ShowsField reports whether the occurrence is named in fft_exceptions.
func (e Effect) ShowsField() bool { return trueUnlessSet(e.Field) }

func trueUnlessSet(b *bool) bool { return b == nil || *b }

// ChangesStates reports whether there is anything to change besides fft_exceptions.
func (e Effect) ChangesStates() bool {
	return e.OrderState != "" || e.ShipmentState != "" || e.WorkflowState != "" || e.LineItemState != ""
}

// LineItemStates are the keys of the line item states that the rules lead to.
func (r FeedbackRules) LineItemStates() []string {
	var keys []string
	for _, effect := range []Effect{r.Cancelled, r.NotRoutable, r.ShortPicked, r.NotPicked, r.Substituted, r.Collect.Ready, r.Collect.Collected} {
		if effect.LineItemState != "" {
			keys = append(keys, effect.LineItemState)
		}
	}
	return keys
}
