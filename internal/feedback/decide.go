package feedback

import (
	"slices"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
)

// Gathered is what a decision knows besides the order and the facts.
type Gathered struct {
	// Created says when the things that the order names were created in
	// fulfillmenttools, where that matters.
	Created map[string]time.Time
	// LoadUnits of all finished pick jobs together; 0: none are known.
	LoadUnits int
}

// Decision is what to change on an order.
type Decision struct {
	Actions []platform.OrderUpdateAction
	Missing []string // fields that the order's type does not define, sorted
	Changed []string // what the actions change, for the log, sorted
}

// Decide lists the updates that bring the order up to what the facts say. It reads
// only its arguments. It adds what is missing and moves forward, never back, so a
// second run after its own update finds nothing to do.
func Decide(order commercetools.Snapshot, schema Schema, names Names, facts Facts, gathered Gathered) Decision {
	wanted := map[string]any{}
	want := func(field string, value any) {
		if value != "" && order.Fields[field] != value {
			wanted[field] = value
		}
	}
	if facts.Order.ID != "" && overtakes(order, names.OrderID, facts.Order, gathered) {
		want(names.OrderID, facts.Order.ID)
	}
	if job := facts.PickJob; job.ID != "" && overtakes(order, names.PickJobID, job.Ref, gathered) {
		want(names.PickJobID, job.ID)
		want(names.ShortID, job.ShortID)
		want(names.FacilityID, job.Facility)
	}
	if gathered.LoadUnits > 0 {
		want(names.LoadUnits, float64(gathered.LoadUnits))
	}
	if facts.HandoverJob.ID != "" && overtakes(order, names.HandoverJobID, facts.HandoverJob, gathered) {
		want(names.HandoverJobID, facts.HandoverJob.ID)
	}

	var d Decision
	d.setFields(order, schema, wanted)
	if movesForward(order.ShipmentState, facts.Shipment) {
		d.Actions = append(d.Actions, platform.OrderChangeShipmentStateAction{ShipmentState: platform.ShipmentState(facts.Shipment)})
		d.Changed = append(d.Changed, "shipmentState "+facts.Shipment)
	}
	return d
}

// overtakes reports whether the fact belongs on the order: nothing is there yet, the
// same is, or what is there is older or gone.
func overtakes(order commercetools.Snapshot, field string, fact Ref, gathered Gathered) bool {
	current := order.Text(field)
	return current == "" || current == fact.ID || fact.after(Ref{ID: current, Created: gathered.Created[current]})
}

func movesForward(current, wanted string) bool {
	if wanted == "" {
		return false
	}
	rank, known := shipmentRank[current]
	return known && shipmentRank[wanted] > rank
}

// setFields writes the wanted fields that the type defines; an order without a type
// gets ours together with them.
func (d *Decision) setFields(order commercetools.Snapshot, schema Schema, wanted map[string]any) {
	fields := platform.FieldContainer{}
	for _, field := range sortedKeys(wanted) {
		if !schema.Fields[field] {
			d.Missing = append(d.Missing, field)
			continue
		}
		fields[field] = wanted[field]
		d.Changed = append(d.Changed, field)
	}
	if len(fields) == 0 {
		return
	}
	if order.TypeID == "" {
		d.Actions = append(d.Actions, platform.OrderSetCustomTypeAction{
			Type: &platform.TypeResourceIdentifier{Key: &schema.Key}, Fields: &fields,
		})
		return
	}
	for _, field := range d.Changed {
		d.Actions = append(d.Actions, platform.OrderSetCustomFieldAction{Name: field, Value: fields[field]})
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
