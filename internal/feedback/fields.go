package feedback

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

// For chooses the names for a type with these fields. Each of the two names that
// differ is chosen by itself.
func (f FieldNames) For(defined map[string]bool) Names {
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

// All lists the fields in the order in which an order's life fills them.
func (n Names) All() []string {
	return []string{n.OrderID, n.PickJobID, n.ShortID, n.FacilityID, n.LoadUnits, n.HandoverJobID}
}

// Schema is the custom type that an order has or gets.
type Schema struct {
	TypeID string
	Key    string
	Fields map[string]bool
}
