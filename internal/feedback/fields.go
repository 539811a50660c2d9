package feedback

import (
	"encoding/json"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// Names are the custom fields that hold the facts.
type Names struct {
	OrderID, PickJobID, ShortID, FacilityID, LoadUnits, HandoverJobID string
}

// Documented are the field names as fulfillmenttools documents them.
var Documented = Names{
	OrderID: "fft_order_id", PickJobID: "fft_pickjob_id", ShortID: "fft_short_id",
	FacilityID: "fft_facility_id", LoadUnits: "fft_load_units_amount", HandoverJobID: "fft_handoverjob_id",
}

// Legacy are the field names that the existing connector really writes.
var Legacy = Names{
	OrderID: "fft_order_id", PickJobID: "fft_pickjob_id", ShortID: "fft_shortid",
	FacilityID: "fft_facility_id", LoadUnits: "fft_load_units_amount", HandoverJobID: "fft_handover_job_id",
}

// FieldNames is the setting FFT_FIELD_NAMES.
type FieldNames string

const (
	// NamesAuto keeps the existing connector's names on a type that has them.
	NamesAuto       FieldNames = "auto"
	NamesDocumented FieldNames = "documented"
	NamesLegacy     FieldNames = "legacy"
)

// NamesFor chooses the names for a type with these fields. Each of the two names that
// differ is chosen by itself.
func (f FieldNames) NamesFor(defined map[string]bool) Names {
	switch f {
	case NamesLegacy:
		return Legacy
	case NamesDocumented:
		return Documented
	}
	names := Documented
	if defined[Legacy.ShortID] {
		names.ShortID = Legacy.ShortID
	}
	if defined[Legacy.HandoverJobID] {
		names.HandoverJobID = Legacy.HandoverJobID
	}
	return names
}

// AllNames lists the fields in the order in which an order's life fills them.
func (n Names) AllNames() []string {
	return []string{n.OrderID, n.PickJobID, n.ShortID, n.FacilityID, n.LoadUnits, n.HandoverJobID}
}

// Schema is the custom type that an order has or gets. A field of ours that is of another kind than
// we write counts as missing: commercetools would refuse every update with it.
type Schema struct {
	TypeID string
	Key    string
	Fields map[string]bool
}

// SchemaOf reads a type.
func SchemaOf(found *platform.Type) Schema {
	schema := Schema{TypeID: found.ID, Key: found.Key, Fields: map[string]bool{}}
	for _, field := range found.FieldDefinitions {
		schema.Fields[field.Name] = !IsMisfit(field)
	}
	return schema
}

// IsMisfit reports whether a field has a name of ours and another kind than we write.
func IsMisfit(field platform.FieldDefinition) bool {
	wanted := KindOf(field.Name)
	return wanted != "" && wanted != kindOfType(field.Type)
}

// KindOf is the kind of a custom field that we write, such as String or Set of String; empty for a field
// that is not ours.
func KindOf(name string) string {
	switch {
	case name == Documented.LoadUnits:
		return "Number"
	case name == PickJobsField || name == HandoverJobsField || name == ExceptionsField:
		return "Set of String"
	case slices.Contains(slices.Concat(Documented.AllNames(), Legacy.AllNames()), name),
		name == RecordField || name == ParcelsField || name == TrackingURLField:
		return "String"
	default:
		return ""
	}
}

func kindOfType(t platform.FieldType) string {
	var kind struct {
		Name        string `json:"name"`
		ElementType struct {
			Name string `json:"name"`
		} `json:"elementType"`
	}
	text, err := json.Marshal(t)
	if err != nil || json.Unmarshal(text, &kind) != nil {
		return ""
	}
	if kind.ElementType.Name != "" {
		return kind.Name + " of " + kind.ElementType.Name
	}
	return kind.Name
}

// Field is a custom field of orders that holds more than the documented ones.
type Field struct {
	Name  string
	Label string
	Set   bool // of texts; a text otherwise
	Long  bool // more than a line
}

// OptionalFields are the fields that an order type gets besides the documented ones. Where a
// type lacks them, events are told without.
func OptionalFields(rules config.FeedbackRules) []Field {
	fields := []Field{
		{Name: PickJobsField, Label: "Pick jobs", Set: true},
		{Name: HandoverJobsField, Label: "Handover jobs", Set: true},
		{Name: ExceptionsField, Label: "Fulfilment exceptions", Set: true},
		{Name: RecordField, Label: "Record of all jobs", Long: true},
	}
	if rules.ParcelsField {
		fields = append(fields, Field{Name: ParcelsField, Label: "Parcels", Long: true})
	}
	return fields
}

// NeededEvents lists the events that the rules need, in the order in which an order's life
// brings them.
func NeededEvents(rules config.FeedbackRules) []string {
	var wanted []string
	for _, name := range fulfillmenttools.Events {
		needed := slices.Contains(fulfillmenttools.LifeEvents, name) ||
			rules.WritesCorrections() && slices.Contains(fulfillmenttools.CorrectionEvents, name) ||
			rules.WritesDeliveries() && rules.WritesTracking() && slices.Contains(fulfillmenttools.TrackingEvents, name) ||
			rules.WritesDeliveries() && rules.Shipments && slices.Contains(fulfillmenttools.ShipmentEvents, name) ||
			rules.Returns && slices.Contains(fulfillmenttools.ReturnEvents, name) ||
			slices.ContainsFunc(rules.Fields, func(f config.FieldRule) bool { return f.Event == name })
		if needed && !slices.Contains(rules.Ignore, name) {
			wanted = append(wanted, name)
		}
	}
	return wanted
}
