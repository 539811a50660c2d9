package feedback_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
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

func pickJob(id string, created time.Time) fulfillmenttools.Event {
	return event("PICK_JOB_CREATED", id, func(p *fulfillmenttools.Payload) { p.Created = created })
}

func handoverJob(id string, created time.Time) fulfillmenttools.Event {
	return event("HANDOVERJOB_CREATED", id, func(p *fulfillmenttools.Payload) { p.Created = created })
}

func picks(id string, created time.Time) feedback.JobRecord {
	return feedback.JobRecord{PickJobs: map[string]feedback.PickJobRecord{id: {Created: created}}}
}

func TestDecideWithoutARecord(t *testing.T) {
	t.Parallel()
	own := plainType()
	own.Key = "fft-order"
	all := schemaWith(append(feedback.Documented.AllNames(), "giftMessage")...)
	ordered := event("ORDER_CREATED", "ord-1", nil)
	for name, test := range map[string]struct {
		order   commercetools.Snapshot
		schema  feedback.Schema
		event   fulfillmenttools.Event
		known   feedback.JobRecord
		actions []platform.OrderUpdateAction
		missing []string
	}{
		"an order without a type gets ours together with the fields": {
			order: commercetools.Snapshot{ID: "order-1"}, schema: own, event: ordered,
			actions: []platform.OrderUpdateAction{platform.OrderSetCustomTypeAction{
				Type:   &platform.TypeResourceIdentifier{Key: &own.Key},
				Fields: &platform.FieldContainer{"fft_order_id": "ord-1"},
			}},
		},
		"a type of ours gets one action a field": {
			order: typed(nil), schema: all, event: pickJob("pj-1", monday),
			actions: []platform.OrderUpdateAction{
				set("fft_facility_id", "f-pj-1"), set("fft_pickjob_id", "pj-1"), set("fft_short_id", "S-pj-1"),
			},
		},
		"another type without our fields keeps the shipment state going and the fields are missing": {
			order: typed(map[string]any{"giftMessage": "hello"}), schema: schemaWith("giftMessage"), event: handoverJob("hj-1", monday),
			actions: []platform.OrderUpdateAction{move("Ready")}, missing: []string{"fft_handoverjob_id"},
		},
		"another type with some of our fields gets those": {
			order: typed(nil), schema: schemaWith("fft_pickjob_id"), event: pickJob("pj-1", monday),
			actions: []platform.OrderUpdateAction{set("fft_pickjob_id", "pj-1")}, missing: []string{"fft_facility_id", "fft_short_id"},
		},
		"a type with none of our fields is not put on an order without one": {
			order: commercetools.Snapshot{ID: "order-1"}, schema: schemaWith("giftMessage"), event: ordered, missing: []string{"fft_order_id"},
		},
		"the same job again changes nothing": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-1", "fft_short_id": "S-pj-1", "fft_facility_id": "f-pj-1"}),
			schema: all, event: pickJob("pj-1", monday),
		},
		"the same job again brings what is missing": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-1", "fft_facility_id": "f-pj-1"}),
			schema: all, event: pickJob("pj-1", monday),
			actions: []platform.OrderUpdateAction{set("fft_short_id", "S-pj-1")},
		},
		"an older pick job does not overwrite a newer one": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-2", "fft_short_id": "S-pj-2", "fft_facility_id": "f-pj-2"}),
			schema: all, event: pickJob("pj-1", monday), known: picks("pj-2", tuesday),
		},
		"a newer pick job overwrites an older one with everything that belongs to it": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-1", "fft_short_id": "S-pj-1", "fft_facility_id": "f-pj-1"}),
			schema: all, event: pickJob("pj-2", tuesday), known: picks("pj-1", monday),
			actions: []platform.OrderUpdateAction{
				set("fft_facility_id", "f-pj-2"), set("fft_pickjob_id", "pj-2"), set("fft_short_id", "S-pj-2"),
			},
		},
		"a job whose predecessor is gone overwrites it": {
			order: typed(map[string]any{"fft_handoverjob_id": "hj-9"}), schema: all, event: handoverJob("hj-1", monday),
			actions: []platform.OrderUpdateAction{move("Ready"), set("fft_handoverjob_id", "hj-1")},
		},
		"an older handover job still moves the state": {
			order: typed(map[string]any{"fft_handoverjob_id": "hj-2"}), schema: all, event: handoverJob("hj-1", monday),
			known:   feedback.JobRecord{HandoverJobs: map[string]feedback.HandoverRecord{"hj-2": {Created: tuesday}}},
			actions: []platform.OrderUpdateAction{move("Ready")},
		},
		"an older order of fulfillmenttools does not overwrite a newer one": {
			order: typed(map[string]any{"fft_order_id": "ord-2"}), schema: all, event: ordered,
			known: feedback.JobRecord{Order: feedback.OrderRecord{ID: "ord-2", Created: tuesday}},
		},
		"an empty short id is not written": {
			order: typed(nil), schema: all, event: event("PICK_JOB_CREATED", "pj-1", func(p *fulfillmenttools.Payload) { p.ShortID = "" }),
			actions: []platform.OrderUpdateAction{set("fft_facility_id", "f-pj-1"), set("fft_pickjob_id", "pj-1")},
		},
		"no load units are not written as none": {
			order:  typed(map[string]any{"fft_pickjob_id": "pj-1", "fft_short_id": "S-pj-1", "fft_facility_id": "f-pj-1"}),
			schema: all, event: event("PICK_JOB_PICKING_FINISHED", "pj-1", nil),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shape := feedback.Shape{Order: test.schema, Names: feedback.Documented}
			got := feedback.Decide(test.order, shape, feedback.Remembered{JobRecord: test.known}, told(t, shape.Rules, test.event))
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

func TestLoadUnitsAreANumberThatIsWrittenOnce(t *testing.T) {
	t.Parallel()
	shape := feedback.Shape{Order: plainType(), Names: feedback.Documented}
	facts := feedback.Facts{Jobs: feedback.JobRecord{PickJobs: map[string]feedback.PickJobRecord{"pj-1": {LoadUnits: 3}}}}
	for there, want := range map[any][]platform.OrderUpdateAction{nil: {set("fft_load_units_amount", 3.0)}, 2.0: {set("fft_load_units_amount", 3.0)}, 3.0: nil} {
		fields := map[string]any{"fft_pickjob_id": "pj-1"}
		if there != nil {
			fields["fft_load_units_amount"] = there
		}
		if diff := cmp.Diff(want, feedback.Decide(typed(fields), shape, feedback.Remembered{}, facts).Actions); diff != "" {
			t.Errorf("%v is there (-want +got):\n%s", there, diff)
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
		"auto, a new type":             {feedback.NamesAuto, feedback.Documented.AllNames(), feedback.Documented},
		"auto, an unknown type":        {feedback.NamesAuto, nil, feedback.Documented},
		"auto, the old type":           {feedback.NamesAuto, feedback.Legacy.AllNames(), feedback.Legacy},
		"auto, one old name":           {feedback.NamesAuto, []string{"fft_shortid"}, mixed},
		"documented, even on an old":   {feedback.NamesDocumented, feedback.Legacy.AllNames(), feedback.Documented},
		"legacy, even on a new type":   {feedback.NamesLegacy, feedback.Documented.AllNames(), feedback.Legacy},
		"auto, a type with both names": {feedback.NamesAuto, append(feedback.Legacy.AllNames(), feedback.Documented.AllNames()...), feedback.Legacy},
	} {
		if diff := cmp.Diff(test.want, test.setting.NamesFor(schemaWith(test.fields...).Fields)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEventsAreNeededForWhatIsOn(t *testing.T) {
	t.Parallel()
	off := false
	for name, test := range map[string]struct {
		rules config.FeedbackRules
		want  []string
	}{
		"by default": {config.FeedbackRules{}, append(append(append([]string{}, fulfillmenttools.LifeEvents...), fulfillmenttools.CorrectionEvents...), fulfillmenttools.TrackingEvents...)},
		"everything": {config.FeedbackRules{Returns: true, Shipments: true}, fulfillmenttools.Events},
		"the least":  {config.FeedbackRules{Corrections: &off, Deliveries: &off}, fulfillmenttools.LifeEvents},
		"less, and a field of the shop's": {
			config.FeedbackRules{Corrections: &off, Tracking: &off, Ignore: []string{"HANDOVERJOB_CREATED"}, Fields: []config.FieldRule{{Event: "PICK_JOB_ABORTED"}}},
			[]string{"ORDER_CREATED", "PICK_JOB_CREATED", "PICK_JOB_PICKING_FINISHED", "HANDOVERJOB_HANDED_OVER", "PICK_JOB_ABORTED"},
		},
	} {
		if diff := cmp.Diff(test.want, feedback.NeededEvents(test.rules)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
