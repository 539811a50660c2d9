package config

import "fftconnect/internal/rules"

// Ways to tell the shipment state.
const (
	ShipmentStateOrder  = "order"  // from all of the order's handover jobs together
	ShipmentStateSimple = "simple" // from each event alone
)

// FeedbackRules say what fulfillmenttools' events change on the order.
type FeedbackRules struct {
	ShipmentState string      `json:"shipmentState,omitempty" jsonschema:"order: from the whole order, so that a split one is Partial until all is handed over; simple: the state of the last event; order when left out"`
	Ignore        []string    `json:"ignore,omitempty" jsonschema:"events that change nothing, such as HANDOVERJOB_CREATED"`
	Fields        []FieldRule `json:"fields,omitempty" jsonschema:"further custom fields that events set"`
	Deliveries    *bool       `json:"deliveries,omitempty" jsonschema:"a delivery with its parcels for each handover job; true when left out"`
	Tracking      *bool       `json:"tracking,omitempty" jsonschema:"carriers' later news of parcels: tracking data, delivered; true when left out"`
	Corrections   *bool       `json:"corrections,omitempty" jsonschema:"what goes otherwise than planned: reverted, cancelled, rerouted, not routable; true when left out"`
	Returns       bool        `json:"returns,omitempty" jsonschema:"return information from fulfillmenttools' item returns; false when left out"`
	ParcelsField  bool        `json:"parcelsField,omitempty" jsonschema:"also the existing connector's fft_parcels field on a type that lacks it; a type that has it is always served"`

	Collect     CollectStates `json:"collect,omitzero" jsonschema:"what the hand-over of click-and-collect orders changes"`
	Cancelled   Effect        `json:"cancelled,omitzero" jsonschema:"when fulfillmenttools cancelled the whole order"`
	NotRoutable Effect        `json:"notRoutable,omitzero" jsonschema:"when no facility can fulfil the order"`
	ShortPicked Effect        `json:"shortPicked,omitzero" jsonschema:"when fewer pieces were picked than ordered"`
	Substituted Effect        `json:"substituted,omitzero" jsonschema:"when other articles were picked in place of those ordered"`
}

// FieldRule sets a custom field of the order on an event. Of several jobs the one
// created last shows.
type FieldRule struct {
	Event string           `json:"event" jsonschema:"such as PICK_JOB_CREATED"`
	Field string           `json:"field" jsonschema:"name of the order's custom field"`
	Value rules.Expression `json:"value" jsonschema:"expression over event and payload"`
}

// CollectStates are what click-and-collect orders get.
type CollectStates struct {
	Ready     Effect `json:"ready,omitzero" jsonschema:"when the order waits for its consumer; shipmentState Ready when left out"`
	Collected Effect `json:"collected,omitzero" jsonschema:"when the consumer has it; shipmentState Shipped when left out"`
}

// Effect is what an occurrence changes on the order.
type Effect struct {
	Field         *bool  `json:"field,omitempty" jsonschema:"whether it is named in the custom field fft_exceptions; true when left out"`
	OrderState    string `json:"orderState,omitempty" jsonschema:"order state to set: Open, Confirmed, Complete or Cancelled"`
	ShipmentState string `json:"shipmentState,omitempty" jsonschema:"shipment state to set"`
	WorkflowState string `json:"workflowState,omitempty" jsonschema:"key of the workflow state to go to"`
	LineItemState string `json:"lineItemState,omitempty" jsonschema:"key of the state that the lines concerned go to"`
}

// TellsDeliveries reports whether handover jobs become deliveries.
func (r FeedbackRules) TellsDeliveries() bool { return unlessFalse(r.Deliveries) }

// TellsTracking reports whether carriers' later news are followed.
func (r FeedbackRules) TellsTracking() bool { return unlessFalse(r.Tracking) }

// TellsCorrections reports whether what goes otherwise than planned is followed.
func (r FeedbackRules) TellsCorrections() bool { return unlessFalse(r.Corrections) }

// Simple reports whether each event alone gives the shipment state.
func (r FeedbackRules) Simple() bool { return r.ShipmentState == ShipmentStateSimple }

// Shows reports whether the occurrence is named in fft_exceptions.
func (e Effect) Shows() bool { return unlessFalse(e.Field) }

func unlessFalse(b *bool) bool { return b == nil || *b }
