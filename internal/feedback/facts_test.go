package feedback_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

var (
	monday  = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	tuesday = monday.AddDate(0, 0, 1)
)

// told is what events say together.
func told(t testing.TB, rules config.FeedbackRules, events ...fulfillmenttools.Event) (all feedback.Facts) {
	t.Helper()
	for _, event := range events {
		facts, _, err := feedback.FactsOf(event, rules)
		if err != nil {
			t.Fatal(err)
		}
		all = all.Merge(facts)
	}
	return all
}

func TestFactsOfOrderAndPickJobEvents(t *testing.T) {
	t.Parallel()
	change := func(p *fulfillmenttools.Payload) {
		p.LastModified = tuesday
		if len(p.PickLineItems) > 0 {
			p.PickLineItems[1].Quantity = 4
		}
	}
	order := feedback.JobRecord{Order: feedback.OrderRecord{ID: "x-1", Created: monday}}
	cancelled := order
	cancelled.Order.Cancelled = true
	pick := feedback.PickJobRecord{Version: 4, Created: monday, ShortID: "S-x-1", Facility: "f-x-1", Pieces: 6}
	pickJob := func(status string, version int) feedback.JobRecord {
		job := pick
		job.Status, job.Version = status, version
		return feedback.JobRecord{PickJobs: map[string]feedback.PickJobRecord{"x-1": job}}
	}
	finished := pickJob("CLOSED", 3)
	job := finished.PickJobs["x-1"]
	job.PickedAt, job.Picked, job.Short = 3, 5, 1
	finished.PickJobs["x-1"] = job
	for name, want := range map[string]feedback.JobRecord{
		"ORDER_CREATED":             order,
		"ORDER_CANCELLED":           cancelled,
		"ORDER_FORCE_CANCELLED":     cancelled,
		"ORDER_CANCELLED_BY_EXPIRY": cancelled,
		"ROUTING_PLAN_NOT_ROUTABLE": {Unroutable: tuesday},
		"PICK_JOB_CREATED":          pickJob("", 1),
		"PICK_JOB_PICKING_FINISHED": finished,
		"PICK_JOB_ABORTED":          pickJob("ABORTED", 4),
		"PICK_JOB_CANCELED":         pickJob("CANCELED", 4),
		"PICK_JOB_REROUTED":         pickJob("REROUTED", 4),
	} {
		got, ok, err := feedback.FactsOf(event(name, "x-1", change), config.FeedbackRules{})
		if diff := cmp.Diff(want, got.Jobs); diff != "" || !ok || err != nil {
			t.Errorf("%s, %v, %v (-want +got):\n%s", name, ok, err, diff)
		}
	}
}

func TestFactsOfHandoverJobEvents(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		status, shipment string
		version          int
	}{
		"HANDOVERJOB_CREATED":     {"OPEN", "Ready", 1},
		"HANDOVERJOB_HANDED_OVER": {"HANDED_OVER", "Shipped", 3},
		"HANDOVERJOB_REVERTED":    {"OPEN", "", 4},
		"HANDOVERJOB_CANCELED":    {"CANCELED", "", 5},
	} {
		got, ok, err := feedback.FactsOf(event(name, "x-1", func(p *fulfillmenttools.Payload) {
			p.ParcelInfo = fulfillmenttools.ParcelInfo{ParcelRef: "pa-1", TrackingNumber: "T-1"}
			p.ParcelInfoBefore = fulfillmenttools.ParcelInfoBefore{ParcelRef: "old", CarrierKey: "DHL_V2"}
		}), config.FeedbackRules{})
		job := feedback.HandoverRecord{
			Version: want.version, Created: monday, Status: want.status, PickJob: "pj-1", LinesAt: want.version, Pieces: 5,
			Parcel: "pa-1", Carrier: "DHL_V2", Tracking: "T-1",
		}
		if want.status != "OPEN" {
			job.Ended = monday
		}
		if diff := cmp.Diff(map[string]feedback.HandoverRecord{"x-1": job}, got.Jobs.HandoverJobs); diff != "" || !ok || err != nil {
			t.Errorf("%s, %v, %v (-want +got):\n%s", name, ok, err, diff)
		}
		if got.Shipment != want.shipment || len(got.Contents["x-1"].Lines) != 2 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestFactsOfParcelEventsAreInMillimetres(t *testing.T) {
	t.Parallel()
	result := fulfillmenttools.ParcelResult{
		TrackingNumber: "T-1", TrackingURL: "https://track.example/T-1", Delivered: true,
		Height: 10, Length: 30.5, Width: 20, Weight: 1200,
	}
	for _, name := range []string{"PARCEL_CARRIER_ACKNOWLEDGED", "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED"} {
		got := told(t, config.FeedbackRules{}, event(name, "pa-1", func(p *fulfillmenttools.Payload) { p.Parcel = result }))
		want := map[string]feedback.ParcelRecord{"pa-1": {
			Version: versions[name], Tracking: "T-1", URL: "https://track.example/T-1", Delivered: true,
			Height: 100, Length: 305, Width: 200, Weight: 1200,
		}}
		if diff := cmp.Diff(want, got.Jobs.Parcels); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEventsThatSayNothingOfUseAreNone(t *testing.T) {
	t.Parallel()
	nothing := func(p *fulfillmenttools.Payload) { p.Parcel = fulfillmenttools.ParcelResult{} }
	returned := func(p *fulfillmenttools.Payload) {
		p.Returned = []fulfillmenttools.ReturnedLine{{ID: "r-1", Status: "OPEN"}}
	}
	for _, e := range []fulfillmenttools.Event{
		event("PICK_JOB_PICKING_PAUSED", "x-1", nil), event("", "x-1", nil), event("PARCEL_CARRIER_ACKNOWLEDGED", "x-1", nothing),
		event("SHIPMENT_UPDATED", "x-1", nil), event("ITEM_RETURN_JOB_UPDATED", "x-1", returned),
	} {
		if got, ok, err := feedback.FactsOf(e, config.FeedbackRules{}); ok || err != nil {
			t.Errorf("%q changes %+v, %v", e.Name, got, err)
		}
	}
	rules := config.FeedbackRules{Ignore: []string{"HANDOVERJOB_CREATED"}}
	if got, ok, err := feedback.FactsOf(event("HANDOVERJOB_CREATED", "x-1", nil), rules); ok || err != nil {
		t.Errorf("an ignored event changes %+v, %v", got, err)
	}
}

func TestAnExpressionThatFailsIsNamedByItsField(t *testing.T) {
	t.Parallel()
	rules := fieldRules(t, "PICK_JOB_CREATED", "warehouse", `payload.customAttributes["warehouse"].name`)
	_, _, err := feedback.FactsOf(event("PICK_JOB_CREATED", "pj-1", nil), rules)
	if err == nil || !strings.Contains(err.Error(), "field warehouse") {
		t.Errorf("%v", err)
	}
}

func TestMergingLeavesItsArgumentsAlone(t *testing.T) {
	t.Parallel()
	say := func(name, id string) feedback.Facts { return told(t, config.FeedbackRules{}, event(name, id, nil)) }
	a := say("PICK_JOB_PICKING_FINISHED", "b").Merge(say("PICK_JOB_PICKING_FINISHED", "c")).Merge(say("HANDOVERJOB_CREATED", "d"))
	before := a.Merge(feedback.Facts{})
	a.Merge(say("PICK_JOB_PICKING_FINISHED", "a"))
	a.Merge(say("HANDOVERJOB_HANDED_OVER", "d"))
	if diff := cmp.Diff(before, a); diff != "" {
		t.Errorf("merging changed its argument (-before +after):\n%s", diff)
	}
}
