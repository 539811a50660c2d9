package feedback_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

func TestAllIDsAreKeptAndTheLatestShows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		events []fulfillmenttools.Event
		want   map[string]any
	}{
		"split": {
			events(right.says("PICK_JOB_CREATED"), allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CREATED")),
			map[string]any{
				"fft_pickjob_ids": []any{"pj-1", "pj-2"}, "fft_handoverjob_ids": []any{"hj-1", "hj-2"},
				"fft_pickjob_id": "pj-2", "fft_short_id": "S-pj-2", "fft_facility_id": "f-pj-2", "fft_handoverjob_id": "hj-2",
			},
		},
		"rerouted": {
			events(allShipped.says("PICK_JOB_CREATED"), allShipped.says("PICK_JOB_REROUTED"), right.says("PICK_JOB_CREATED"), right.says("PICK_JOB_PICKING_FINISHED")),
			map[string]any{
				"fft_pickjob_ids": []any{"pj-1", "pj-2"}, "fft_load_units_amount": 2.0,
				"fft_pickjob_id": "pj-2", "fft_short_id": "S-pj-2", "fft_facility_id": "f-pj-2",
			},
		},
		"load units of all that were not given up": {
			events(allShipped.says("PICK_JOB_PICKING_FINISHED"), right.says("PICK_JOB_PICKING_FINISHED")),
			map[string]any{
				"fft_pickjob_ids": []any{"pj-1", "pj-2"}, "fft_load_units_amount": 6.0,
				"fft_pickjob_id": "pj-2", "fft_short_id": "S-pj-2", "fft_facility_id": "f-pj-2",
			},
		},
		"one of them given up later": {
			events(allShipped.says("PICK_JOB_PICKING_FINISHED"), right.says("PICK_JOB_PICKING_FINISHED"), allShipped.says("PICK_JOB_CANCELED")),
			map[string]any{
				"fft_pickjob_ids": []any{"pj-1", "pj-2"}, "fft_load_units_amount": 2.0,
				"fft_pickjob_id": "pj-2", "fft_short_id": "S-pj-2", "fft_facility_id": "f-pj-2",
			},
		},
		"all given up": {
			events(allShipped.says("PICK_JOB_CREATED"), allShipped.says("PICK_JOB_PICKING_FINISHED"), allShipped.says("PICK_JOB_CANCELED")),
			map[string]any{"fft_pickjob_ids": []any{"pj-1"}, "fft_pickjob_id": "pj-1", "fft_short_id": "S-pj-1", "fft_facility_id": "f-pj-1"},
		},
	} {
		for _, line := range permutations(test.events) {
			b := newBench()
			b.fulfilment.units["pj-1"], b.fulfilment.units["pj-2"] = fulfillmenttools.LoadUnits{Count: 4}, fulfillmenttools.LoadUnits{Count: 2}
			b.handle(t, line...)
			if diff := cmp.Diff(test.want, shows(b.orders.order(orderID)).Fields, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, names(line), diff)
			}
		}
	}
}

func TestLoadUnitsAreCountedAgainWhenAJobIsPickedAgain(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.fulfilment.units["pj-1"] = fulfillmenttools.LoadUnits{Count: 4}
	b.handle(t, allShipped.says("PICK_JOB_PICKING_FINISHED"))
	b.fulfilment.units["pj-1"] = fulfillmenttools.LoadUnits{Count: 3}
	b.handle(t, allShipped.says("PICK_JOB_PICKING_FINISHED"))
	if got := b.orders.order(orderID).Fields["fft_load_units_amount"]; got != 4.0 || len(b.fulfilment.calls) != 1 {
		t.Errorf("the same event again: %v after %v", got, b.fulfilment.calls)
	}
	b.handle(t, again(allShipped.says("PICK_JOB_PICKING_FINISHED"), 7))
	if got := b.orders.order(orderID).Fields["fft_load_units_amount"]; got != 3.0 {
		t.Errorf("picked again: %v", got)
	}
}

func TestIDsThatOthersAddedStay(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.Fields[feedback.PickJobsField] = []any{"pj-0"} })
	b.handle(t, allShipped.says("PICK_JOB_CREATED"))
	if diff := cmp.Diff([]any{"pj-0", "pj-1"}, b.orders.order(orderID).Fields[feedback.PickJobsField]); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestTheShopsOwnFieldShowsTheLatestJob(t *testing.T) {
	t.Parallel()
	own := ownType()
	own.Fields["warehouse"] = true
	moved := again(allShipped.says("PICK_JOB_CREATED"), 3)
	moved.Payload.FacilityRef = "elsewhere"
	nameless := again(right.says("PICK_JOB_CREATED"), 9)
	nameless.Payload.FacilityRef = ""
	for name, test := range map[string]struct {
		expression string
		events     []fulfillmenttools.Event
		want       any
	}{
		"of two jobs":     {"payload.facilityRef", events(allShipped.says("PICK_JOB_CREATED"), right.says("PICK_JOB_CREATED")), "f-pj-2"},
		"of two versions": {"payload.facilityRef", events(allShipped.says("PICK_JOB_CREATED"), moved), "elsewhere"},
		"other events":    {"payload.facilityRef", events(allShipped.says("PICK_JOB_CREATED"), allShipped.says("PICK_JOB_PICKING_FINISHED")), "f-pj-1"},
		"no value":        {`payload.facilityRef == "" ? nil : payload.facilityRef`, events(allShipped.says("PICK_JOB_CREATED"), nameless), "f-pj-1"},
		"a number":        {"len(payload.facilityRef)", events(allShipped.says("PICK_JOB_CREATED")), 6.0},
	} {
		for _, line := range permutations(test.events) {
			b := newBench(own)
			b.rules = fieldRules(t, "PICK_JOB_CREATED", "warehouse", test.expression)
			b.handle(t, line...)
			if got := b.orders.order(orderID).Fields["warehouse"]; got != test.want {
				t.Errorf("%s: %v, want %v", name, got, test.want)
			}
			if updates := b.orders.updates; b.handle(t, line...).Kind != "unchanged" || b.orders.updates > updates {
				t.Errorf("%s: the same events again are %d updates", name, b.orders.updates-updates)
			}
		}
	}
}

func TestTheRecordIsReadableByPeopleAndSmall(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, allShipped.says("PICK_JOB_CREATED"), right.says("PICK_JOB_PICKING_FINISHED"), allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"))
	record := b.orders.order(orderID).TextField(feedback.RecordField)
	want := `{"pickJobs":{` +
		`"pj-1":{"version":1,"created":"2026-11-02T08:10:00Z","shortId":"S-pj-1","facility":"f-pj-1","pieces":2},` +
		`"pj-2":{"version":3,"created":"2026-11-02T08:20:00Z","status":"CLOSED","shortId":"S-pj-2","facility":"f-pj-2","pieces":3,"pickedAt":3,"picked":3,"countedAt":3}},` +
		`"handoverJobs":{"hj-1":{"version":3,"created":"2026-11-02T08:15:00Z","status":"HANDED_OVER","pickJob":"pj-1","linesAt":3,"pieces":2,"parcel":"parcel-hj-1","carrier":"DHL_V2","ended":"2026-11-02T08:15:00Z"}},` +
		`"shipmentState":"Partial"}`
	if diff := cmp.Diff(want, record); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

func TestARecordThatCannotBeReadGrowsAnew(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.Fields[feedback.RecordField] = "see mail" })
	b.handle(t, allShipped.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"))
	if got := b.orders.order(orderID).ShipmentState; got != "Partial" {
		t.Errorf("%s", got)
	}
}
