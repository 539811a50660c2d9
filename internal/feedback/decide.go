package feedback

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/remote"
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

// keepsRecord reports whether orders of this shape carry a record.
func (s Shape) keepsRecord() bool { return s.Order.Fields[RecordField] }

// Decision is what to change on an order.
type Decision struct {
	Actions []platform.OrderUpdateAction
	// OptionalActions are actions that commercetools may refuse for reasons of the shop's own,
	// such as a workflow that has no such transition. What else is decided must not
	// wait for them.
	OptionalActions []platform.OrderUpdateAction
	Missing         []string // fields that the order's type does not define, sorted
	Changed         []string // what the actions change, for the log, sorted
	OptionalChanges []string // what each of the further actions changes
	Notes           []string // what could not be told
	// Wait is after how long the facts must come again, because something is not to be
	// shown yet; 0: they need not.
	Wait  time.Duration
	Waits string // what for
}

// decider collects a decision.
type decider struct {
	Decision
	order  commercetools.Snapshot
	shape  Shape
	facts  Facts
	known  Remembered
	merged JobRecord // and what the facts add
	state  string    // the shipment state as it will be
	// removed and added are keys of deliveries that go, and of parcels that come.
	removed, added []string
}

// Decide lists the updates that bring the order up to what is remembered and what the
// facts say. It reads only its arguments. It adds what is missing and takes nothing back but what a newer
// version of a job takes back, so a second run after its own update finds nothing to
// do, and an old event changes nothing.
func Decide(order commercetools.Snapshot, shape Shape, known Remembered, facts Facts) Decision {
	facts.Jobs.Parcels = onlyNewParcels(known.merge(JobRecord{HandoverJobs: facts.Jobs.HandoverJobs}), facts.Jobs.Parcels)
	d := decider{order: order, shape: shape, facts: facts, known: known, merged: known.merge(facts.Jobs), state: order.ShipmentState}
	wanted := map[string]any{}
	d.fillIDs(wanted)
	d.fillIDSets(wanted)
	d.fillRuleValues(wanted)
	d.fillParcelsField(wanted)
	d.decideShipmentState()
	d.decideDeliveries()
	d.decideReturns()
	d.handleOccurrences(wanted)
	if text := d.merged.withoutEndedDetails().encode(); shape.keepsRecord() && text != order.TextField(RecordField) {
		wanted[RecordField] = text
	}
	d.addFieldActions(wanted)
	slices.Sort(d.Changed)
	return d.Decision
}

// fillIDs fills the fields of one value: what was created last shows.
func (d *decider) fillIDs(wanted map[string]any) {
	want := func(field string, value any) {
		if value != "" && d.order.Fields[field] != value {
			wanted[field] = value
		}
	}
	names := d.shape.Names
	if order := d.merged.Order.ID; order == d.facts.Jobs.Order.ID || d.order.TextField(names.OrderID) == "" {
		want(names.OrderID, order)
	}
	pickJob := d.merged.latestPickJob().ID
	want(names.PickJobID, pickJob)
	want(names.ShortID, d.merged.PickJobs[pickJob].ShortID)
	want(names.FacilityID, d.merged.PickJobs[pickJob].Facility)
	d.fillLoadUnits(wanted)
	want(names.HandoverJobID, d.merged.latestHandoverJob().ID)
}

// fillLoadUnits fills the number of load units. Once all that were counted are of
// jobs that were given up, there is none.
func (d *decider) fillLoadUnits(wanted map[string]any) {
	units, field := d.merged.totalLoadUnits(), d.shape.Names.LoadUnits
	there, shown := d.order.Fields[field]
	switch {
	case len(d.facts.Jobs.PickJobs) == 0 || units > 0 && there == float64(units):
	case units > 0:
		wanted[field] = float64(units)
	case shown && d.merged.hasCountedLoadUnits():
		wanted[field] = nil
	}
}

// Fields of several values, on types that define them.
const (
	PickJobsField     = "fft_pickjob_ids"
	HandoverJobsField = "fft_handoverjob_ids"
)

// fillIDSets fills the sets of ids. They only grow, but for what was never the order's.
func (d *decider) fillIDSets(wanted map[string]any) {
	d.fillIDSet(wanted, PickJobsField, sortedIDs(d.merged.PickJobs))
	d.fillIDSet(wanted, HandoverJobsField, sortedIDs(d.merged.HandoverJobs))
}

func (d *decider) fillIDSet(wanted map[string]any, field string, members []string) {
	if !d.shape.Order.Fields[field] {
		return
	}
	there := texts(d.order.Fields[field])
	ours := slices.DeleteFunc(slices.Clone(there), func(id string) bool { return slices.Contains(d.facts.Foreign, id) })
	all := union(ours, members)
	if len(all) > len(ours) || len(ours) < len(there) {
		wanted[field] = all
	}
}

// fillRuleValues fills the fields of the shop's own rules.
func (d *decider) fillRuleValues(wanted map[string]any) {
	for field, value := range d.facts.Values {
		source := d.facts.Jobs.Fields[field]
		if d.merged.Fields[field] == source && !equalAsJSON(d.order.Fields[field], value) {
			wanted[field] = value
		}
	}
}

// equalAsJSON compares a value with one that went through JSON.
func equalAsJSON(there, value any) bool {
	text, err := json.Marshal(value)
	var plain any
	return err == nil && remote.Decode(text, &plain) == nil && reflect.DeepEqual(there, plain)
}

// replacedWithin is how long it takes at most until a handover job that was cancelled has
// another one in its place, if it gets one.
const replacedWithin = 5 * time.Minute

// decideShipmentState moves the shipment state.
func (d *decider) decideShipmentState() {
	wanted, shown := d.facts.Shipment, ""
	if !d.shape.Rules.Simple() {
		wanted, shown = d.merged.shipmentState(), d.known.Shown
		switch {
		case wanted == shipmentDelayed && !d.shape.keepsRecord():
			wanted = "" // something may be picked after all, and we could not take it back
		case wanted == shipmentCanceled && !d.merged.Order.Cancelled:
			wanted = d.stateWhenAllCancelled()
		}
	}
	if wanted == "" && shown == shipmentDelayed {
		wanted = shipmentPending // something is picked after all
	}
	if left := d.merged.lastUntrackedAt(); wanted == shipmentShipped && !left.IsZero() && movesForward(d.order.ShipmentState, wanted) {
		timeout := d.shape.Rules.Shipped.TrackingTimeout() // 0: nobody waits, whatever the platform's clock says
		if wait := min(left.Add(timeout).Sub(d.known.Now), timeout); wait > 0 {
			d.waitFor(wait, "the carrier's tracking number may come yet")
			return
		}
	}
	wanted = d.merged.configuredState(wanted, d.shape.Rules)
	if mayMove(d.order.ShipmentState, shown, wanted) {
		d.Actions = append(d.Actions, platform.OrderChangeShipmentStateAction{ShipmentState: platform.ShipmentState(wanted)})
		d.Changed = append(d.Changed, "shipmentState "+wanted)
		d.merged.Shown, d.state = wanted, wanted
	}
}

// stateWhenAllCancelled is the state of an order that is not cancelled, but all of whose handover jobs
// are. Their goods may get another one, so it is not shown at once, and not at all on an
// order from which we could not take it back.
func (d *decider) stateWhenAllCancelled() string {
	wait := d.merged.lastHandoverEnd().Add(replacedWithin).Sub(d.known.Now)
	switch {
	case !d.shape.keepsRecord() || d.order.ShipmentState == shipmentCanceled:
		return ""
	case wait > 0:
		d.waitFor(min(wait, replacedWithin), "another handover job may take the place of the cancelled one")
		return ""
	default:
		return shipmentCanceled
	}
}

// waitFor has the facts come again after so long.
func (d *decider) waitFor(wait time.Duration, why string) {
	d.Wait, d.Waits = wait, why
}

// evaluateFieldRules writes the wanted fields that the type defines; an order without a type
// gets ours together with them. Those of the shop's own rules may be of another kind than
// the rule's value, so they come last.
func (d *decider) addFieldActions(wanted map[string]any) {
	fields := platform.FieldContainer{}
	var ours, own []string
	for _, field := range sortedKeys(wanted) {
		_, ruled := d.facts.Values[field]
		switch {
		case !d.shape.Order.Fields[field]:
			d.Missing = append(d.Missing, field)
		case ruled:
			own = append(own, field)
		default:
			ours = append(ours, field)
		}
	}
	if d.order.TypeID == "" && len(ours) == 0 {
		ours, own = own, nil
	}
	for _, field := range ours {
		fields[field] = wanted[field]
	}
	for _, field := range own {
		d.addOptionalAction(field, platform.OrderSetCustomFieldAction{Name: field, Value: wanted[field]})
	}
	d.Changed = append(d.Changed, ours...)
	switch {
	case len(fields) == 0:
	case d.order.TypeID == "":
		d.Actions = append(d.Actions, platform.OrderSetCustomTypeAction{
			Type: &platform.TypeResourceIdentifier{Key: &d.shape.Order.Key}, Fields: &fields,
		})
	default:
		for _, name := range ours {
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
