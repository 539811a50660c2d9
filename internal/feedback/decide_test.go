package feedback_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
)

var (
	monday  = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	tuesday = monday.AddDate(0, 0, 1)
)

// schemaWith is a type with these fields.
func schemaWith(fields ...string) feedback.Schema {
	schema := feedback.Schema{TypeID: "type-1", Key: "shop-order", Fields: map[string]bool{}}
	for _, field := range fields {
		schema.Fields[field] = true
	}
	return schema
}

func typed(fields map[string]any) commercetools.Snapshot {
	return commercetools.Snapshot{ID: "order-1", Version: 3, TypeID: "type-1", Fields: fields}
}

func set(name string, value any) platform.OrderSetCustomFieldAction {
	return platform.OrderSetCustomFieldAction{Name: name, Value: value}
}

func move(state string) platform.OrderChangeShipmentStateAction {
	return platform.OrderChangeShipmentStateAction{ShipmentState: platform.ShipmentState(state)}
}

func pickJob(id string, created time.Time) feedback.Facts {
	return feedback.Facts{PickJob: feedback.PickJob{Ref: feedback.Ref{ID: id, Created: created}, ShortID: "S-" + id, Facility: "f-" + id}}
}

func handoverJob(id string, created time.Time) feedback.Facts {
	return feedback.Facts{HandoverJob: feedback.Ref{ID: id, Created: created}, Shipment: "Ready"}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	own := schemaWith(feedback.Documented.All()...)
	own.Key = "fft-order"
	all := schemaWith(append(feedback.Documented.All(), "giftMessage")...)
	ordered := feedback.Facts{Order: feedback.Ref{ID: "ord-1", Created: monday}}
	for name, test := range map[string]struct {
		order    commercetools.Snapshot
		schema   feedback.Schema
		facts    feedback.Facts
		gathered feedback.Gathered
		actions  []platform.OrderUpdateAction
		missing  []string
	}{
		"an order without a type gets ours together with the fields": {
			order: commercetools.Snapshot{ID: "order-1"}, schema: own, facts: ordered,
			actions: []platform.OrderUpdateAction{platform.OrderSetCustomTypeAction{
				Type:   &platform.TypeResourceIdentifier{Key: &own.Key},
				Fields: &platform.FieldContainer{"fft_order_id": "ord-1"},
			}},
		},
		"a type of ours gets one action a field": {
			order: typed(nil), schema: all, facts: pickJob("pj-1", monday),
			actions: []platform.OrderUpdateAction{
				set("fft_facility_id", "f-pj-1"), set("fft_pickjob_id", "pj-1"), set("fft_short_id", "S-pj-1"),
			},
		},
		"another type without our fields keeps the shipment state going and the fields are missing": {
			order: typed(map[string]any{"giftMessage": "hello"}), schema: schemaWith("giftMessage"), facts: handoverJob("hj-1", monday),
			actions: []platform.OrderUpdateAction{move("Ready")}, missing: []string{"fft_handoverjob_id"},
		},
		"another type with some of our fields gets those": {
			order: typed(nil), schema: schemaWith("fft_pickjob_id"), facts: pickJob("pj-1", monday),
			actions: []platform.OrderUpdateAction{set("fft_pickjob_id", "pj-1")}, missing: []string{"fft_facility_id", "fft_short_id"},
		},
		"a type with none of our fields is not put on an order without one": {
			order: commercetools.Snapshot{ID: "order-1"}, schema: schemaWith("giftMessage"), facts: ordered, missing: []string{"fft_order_id"},
		},
		"the same job again changes nothing": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-1", "fft_short_id": "S-pj-1", "fft_facility_id": "f-pj-1"}),
			schema: all, facts: pickJob("pj-1", monday),
		},
		"the same job again brings what is missing": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-1", "fft_facility_id": "f-pj-1"}),
			schema: all, facts: pickJob("pj-1", monday),
			actions: []platform.OrderUpdateAction{set("fft_short_id", "S-pj-1")},
		},
		"an older pick job does not overwrite a newer one": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-2", "fft_short_id": "S-pj-2", "fft_facility_id": "f-pj-2"}),
			schema: all, facts: pickJob("pj-1", monday),
			gathered: feedback.Gathered{Created: map[string]time.Time{"pj-2": tuesday}},
		},
		"a newer pick job overwrites an older one with everything that belongs to it": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-1", "fft_short_id": "S-pj-1", "fft_facility_id": "f-pj-1"}),
			schema: all, facts: pickJob("pj-2", tuesday),
			gathered: feedback.Gathered{Created: map[string]time.Time{"pj-1": monday}},
			actions: []platform.OrderUpdateAction{
				set("fft_facility_id", "f-pj-2"), set("fft_pickjob_id", "pj-2"), set("fft_short_id", "S-pj-2"),
			},
		},
		"a job whose predecessor is gone overwrites it": {
			order: typed(map[string]any{"fft_handoverjob_id": "hj-9"}), schema: all, facts: handoverJob("hj-1", monday),
			gathered: feedback.Gathered{Created: map[string]time.Time{"hj-9": {}}},
			actions:  []platform.OrderUpdateAction{set("fft_handoverjob_id", "hj-1"), move("Ready")},
		},
		"an older handover job still moves the state": {
			order: typed(map[string]any{"fft_handoverjob_id": "hj-2"}), schema: all, facts: handoverJob("hj-1", monday),
			gathered: feedback.Gathered{Created: map[string]time.Time{"hj-2": tuesday}},
			actions:  []platform.OrderUpdateAction{move("Ready")},
		},
		"an older order of fulfillmenttools does not overwrite a newer one": {
			order: typed(map[string]any{"fft_order_id": "ord-2"}), schema: all, facts: ordered,
			gathered: feedback.Gathered{Created: map[string]time.Time{"ord-2": tuesday}},
		},
		"an empty short id is not written": {
			order: typed(nil), schema: all,
			facts:   feedback.Facts{PickJob: feedback.PickJob{Ref: feedback.Ref{ID: "pj-1", Created: monday}, Facility: "f-1"}},
			actions: []platform.OrderUpdateAction{set("fft_facility_id", "f-1"), set("fft_pickjob_id", "pj-1")},
		},
		"load units are a number": {
			order: typed(nil), schema: all, gathered: feedback.Gathered{LoadUnits: 3},
			actions: []platform.OrderUpdateAction{set("fft_load_units_amount", 3.0)},
		},
		"the same number of load units changes nothing": {
			order: typed(map[string]any{"fft_load_units_amount": 3.0}), schema: all, gathered: feedback.Gathered{LoadUnits: 3},
		},
		"no load units are not written as none": {
			order: typed(nil), schema: all, facts: feedback.Facts{Finished: []feedback.Finished{{ID: "pj-1"}}},
		},
		"nothing known changes nothing": {order: typed(nil), schema: all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := feedback.Decide(test.order, test.schema, feedback.Documented, test.facts, test.gathered)
			if diff := cmp.Diff(test.actions, got.Actions, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.missing, got.Missing, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if (len(got.Changed) > 0) != (len(got.Actions) > 0) {
				t.Errorf("the log would say %q of %d actions", got.Changed, len(got.Actions))
			}
		})
	}
}

func TestTheShipmentStateMovesForwardOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		now, reached string
		moves        bool
	}{
		{"", "Ready", true},
		{"Pending", "Ready", true},
		{"Backorder", "Ready", true},
		{"", "Shipped", true},
		{"Pending", "Shipped", true},
		{"Backorder", "Shipped", true},
		{"Ready", "Shipped", true},
		{"Delayed", "Shipped", true},
		{"Partial", "Shipped", true},
		{"Ready", "Ready", false},
		{"Shipped", "Shipped", false},
		// What a person or another system set ahead of us stays.
		{"Delayed", "Ready", false},
		{"Partial", "Ready", false},
		{"Shipped", "Ready", false},
		{"Delivered", "Ready", false},
		{"Delivered", "Shipped", false},
		{"Canceled", "Ready", false},
		{"Canceled", "Shipped", false},
		{"LostInSpace", "Ready", false},
		{"LostInSpace", "Shipped", false},
		{"Pending", "", false},
	} {
		order := typed(nil)
		order.ShipmentState = test.now
		got := feedback.Decide(order, schemaWith(), feedback.Documented, feedback.Facts{Shipment: test.reached}, feedback.Gathered{})
		var want []platform.OrderUpdateAction
		if test.moves {
			want = append(want, move(test.reached))
		}
		if diff := cmp.Diff(want, got.Actions); diff != "" {
			t.Errorf("%q and then %q (-want +got):\n%s", test.now, test.reached, diff)
		}
	}
}

func TestFieldNamesFollowTheSettingAndTheType(t *testing.T) {
	t.Parallel()
	mixed := feedback.Documented
	mixed.ShortID = feedback.Legacy.ShortID
	for name, test := range map[string]struct {
		setting feedback.FieldNames
		fields  []string
		want    feedback.Names
	}{
		"auto, a new type":             {feedback.NamesAuto, feedback.Documented.All(), feedback.Documented},
		"auto, an unknown type":        {feedback.NamesAuto, nil, feedback.Documented},
		"auto, the old type":           {feedback.NamesAuto, feedback.Legacy.All(), feedback.Legacy},
		"auto, one old name":           {feedback.NamesAuto, []string{"fft_shortid"}, mixed},
		"documented, even on an old":   {feedback.NamesDocumented, feedback.Legacy.All(), feedback.Documented},
		"legacy, even on a new type":   {feedback.NamesLegacy, feedback.Documented.All(), feedback.Legacy},
		"auto, a type with both names": {feedback.NamesAuto, append(feedback.Legacy.All(), feedback.Documented.All()...), feedback.Legacy},
	} {
		if diff := cmp.Diff(test.want, test.setting.For(schemaWith(test.fields...).Fields)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
