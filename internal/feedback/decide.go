package feedback

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
)

// Shape is what a decision knows of the shop: which types its orders and parcels
// have, and what it configured.
type Shape struct {
	Order  Schema
	Parcel Schema            // the zero Schema: parcels get no custom fields
	States map[string]string // ids of the workflow states that the rules name, by key
	Names  Names
	Rules  config.FeedbackRules
	// LinesStay: the shop keeps lines away from fulfillmenttools.
	LinesStay bool
}

// Gathered is what a decision knows besides the order and the facts.
type Gathered struct {
	// Created says when the things that the order names were created in
	// fulfillmenttools, where that matters and the record does not tell.
	Created map[string]time.Time
	// Went is how many pieces of each line went to fulfillmenttools; nil: all.
	Went map[string]int
}

// Decision is what to change on an order.
type Decision struct {
	Actions []platform.OrderUpdateAction
	// Further are actions that commercetools may refuse for reasons of the shop's own,
	// such as a workflow that has no such transition. What else is decided must not
	// wait for them.
	Further []platform.OrderUpdateAction
	Missing []string // fields that the order's type does not define, sorted
	Changed []string // what the actions change, for the log, sorted
	Hoped   []string // what each of the further actions changes
	Notes   []string // what could not be told
}

// decider collects a decision.
type decider struct {
	Decision
	order  commercetools.Snapshot
	shape  Shape
	facts  Facts
	known  Record         // what the order carries
	merged Record         // and what the facts add
	state  string         // the shipment state as it will be
	went   map[string]int // as Gathered has it
	// removed and added are keys of deliveries that go, and of parcels that come.
	removed, added []string
}

// Decide lists the updates that bring the order up to what the facts say. It reads
// only its arguments. It adds what is missing and takes nothing back but what a newer
// version of a job takes back, so a second run after its own update finds nothing to
// do, and an old event changes nothing.
func Decide(order commercetools.Snapshot, shape Shape, facts Facts, gathered Gathered) Decision {
	known := recordOf(order).without(facts.Foreign)
	facts.Jobs.Parcels = worthTelling(known.merge(Record{HandoverJobs: facts.Jobs.HandoverJobs}), facts.Jobs.Parcels)
	d := decider{order: order, shape: shape, facts: facts, known: known, merged: known.merge(facts.Jobs), state: order.ShipmentState, went: gathered.Went}
	wanted := map[string]any{}
	d.wantIDs(wanted, gathered)
	d.wantSets(wanted)
	d.wantValues(wanted)
	d.wantParcels(wanted)
	d.shipment()
	d.deliveries()
	d.returns()
	d.occurrences(wanted)
	if text := d.merged.text(); d.carries() && text != order.Text(RecordField) {
		wanted[RecordField] = text
	}
	d.setFields(wanted)
	slices.Sort(d.Changed)
	return d.Decision
}

// carries reports whether the order carries a record.
func (d *decider) carries() bool { return d.shape.Order.Fields[RecordField] }

// wantIDs fills the fields of one value: what was created last shows.
func (d *decider) wantIDs(wanted map[string]any, gathered Gathered) {
	want := func(field string, value any) {
		if value != "" && d.order.Fields[field] != value {
			wanted[field] = value
		}
	}
	names := d.shape.Names
	if order := d.merged.Order.ref(); d.overtakes(names.OrderID, order, gathered) {
		want(names.OrderID, order.ID)
	}
	if latest := d.merged.latestPickJob(); d.overtakes(names.PickJobID, latest, gathered) {
		job := d.merged.PickJobs[latest.ID]
		want(names.PickJobID, latest.ID)
		want(names.ShortID, job.ShortID)
		want(names.FacilityID, job.Facility)
	}
	d.wantLoadUnits(wanted)
	if latest := d.merged.latestHandoverJob(); d.overtakes(names.HandoverJobID, latest, gathered) {
		want(names.HandoverJobID, latest.ID)
	}
}

// wantLoadUnits fills the number of load units. Once all that were counted are of
// jobs that were given up, there is none.
func (d *decider) wantLoadUnits(wanted map[string]any) {
	units, field := d.merged.loadUnits(), d.shape.Names.LoadUnits
	there, shown := d.order.Fields[field]
	switch {
	case len(d.facts.Jobs.PickJobs) == 0 || units > 0 && there == float64(units):
	case units > 0:
		wanted[field] = float64(units)
	case shown && d.carries() && d.merged.counted():
		wanted[field] = nil
	}
}

// overtakes reports whether the fact belongs on the order: nothing is there yet, the
// same is, or what is there is older or gone.
func (d *decider) overtakes(field string, fact Ref, gathered Gathered) bool {
	current := d.order.Text(field)
	return fact.ID != "" && (current == "" || current == fact.ID || fact.after(Ref{ID: current, Created: gathered.Created[current]}))
}

// Fields of several values, on types that define them.
const (
	PickJobsField     = "fft_pickjob_ids"
	HandoverJobsField = "fft_handoverjob_ids"
)

// wantSets fills the sets of ids. They only grow.
func (d *decider) wantSets(wanted map[string]any) {
	d.wantSet(wanted, PickJobsField, ids(d.merged.PickJobs))
	d.wantSet(wanted, HandoverJobsField, ids(d.merged.HandoverJobs))
}

func (d *decider) wantSet(wanted map[string]any, field string, members []string) {
	if !d.shape.Order.Fields[field] {
		return
	}
	there := texts(d.order.Fields[field])
	all := union(there, members)
	if len(all) > len(there) {
		wanted[field] = all
	}
}

// wantValues fills the fields of the shop's own rules.
func (d *decider) wantValues(wanted map[string]any) {
	for field, value := range d.facts.Values {
		source := d.facts.Jobs.Fields[field]
		if d.merged.Fields[field] == source && !same(d.order.Fields[field], value) {
			wanted[field] = value
		}
	}
}

// same compares a value with one that went through JSON.
func same(there, value any) bool {
	text, err := json.Marshal(value)
	var plain any
	return err == nil && json.Unmarshal(text, &plain) == nil && reflect.DeepEqual(there, plain)
}

// shipment moves the shipment state.
func (d *decider) shipment() {
	wanted := d.facts.Shipment
	shown := ""
	if !d.shape.Rules.Simple() {
		wanted = d.merged.shipmentState()
		shown = d.known.Shown
		if wanted == shipmentCanceled && !d.carries() && !d.merged.Order.Cancelled {
			wanted = "" // the order may have other jobs
		}
	}
	if wanted == shipmentDelayed && !d.carries() {
		wanted = "" // the order may have other jobs
	}
	if wanted == "" && shown == shipmentDelayed {
		wanted = shipmentPending // something is picked after all
	}
	wanted = d.merged.asConfigured(wanted, d.shape.Rules)
	if moves(d.order.ShipmentState, shown, wanted) {
		d.Actions = append(d.Actions, platform.OrderChangeShipmentStateAction{ShipmentState: platform.ShipmentState(wanted)})
		d.Changed = append(d.Changed, "shipmentState "+wanted)
		d.merged.Shown, d.state = wanted, wanted
	}
}

// setFields writes the wanted fields that the type defines; an order without a type
// gets ours together with them. Those of the shop's own rules may be of another kind than
// the rule's value, so they come last.
func (d *decider) setFields(wanted map[string]any) {
	fields := platform.FieldContainer{}
	var names []string
	for _, field := range sortedKeys(wanted) {
		_, own := d.facts.Values[field]
		switch {
		case !d.shape.Order.Fields[field]:
			d.Missing = append(d.Missing, field)
		case own && (d.order.TypeID != "" || d.carries()):
			d.further(field, platform.OrderSetCustomFieldAction{Name: field, Value: wanted[field]})
		default:
			fields[field] = wanted[field]
			names = append(names, field)
		}
	}
	d.Changed = append(d.Changed, names...)
	switch {
	case len(fields) == 0:
	case d.order.TypeID == "":
		d.Actions = append(d.Actions, platform.OrderSetCustomTypeAction{
			Type: &platform.TypeResourceIdentifier{Key: &d.shape.Order.Key}, Fields: &fields,
		})
	default:
		for _, name := range names {
			d.Actions = append(d.Actions, platform.OrderSetCustomFieldAction{Name: name, Value: fields[name]})
		}
	}
}

// texts are the texts of a set.
func texts(value any) []string {
	var members []string
	switch value := value.(type) {
	case []any:
		for _, member := range value {
			if text, ok := member.(string); ok {
				members = append(members, text)
			}
		}
	case []string:
		members = slices.Clone(value)
	}
	return members
}

func union(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
