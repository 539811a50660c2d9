package feedback_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// pieces are everything that may be learned of a history, bit by bit: its events, and
// what lists and load units add. Of one entity all agree, as in fulfillmenttools: what
// a version says depends on the version alone, and what once was there is there later.
func (h *history) pieces(t testing.TB, rules config.FeedbackRules) []feedback.Facts {
	var all []feedback.Facts
	for _, e := range h.events {
		all = append(all, told(t, rules, e))
		if strings.HasPrefix(e.Name, "PICK_JOB") {
			row := feedback.PickJobRecord{Version: e.Payload.Version, Created: e.Payload.Created, Status: e.Payload.Status, Facility: e.Payload.FacilityRef}
			counted := feedback.PickJobRecord{LoadUnits: e.Payload.Version % 3, CountedAt: e.Payload.Version}
			for _, record := range []feedback.PickJobRecord{row, counted} {
				all = append(all, feedback.Facts{Jobs: feedback.JobRecord{PickJobs: map[string]feedback.PickJobRecord{e.Payload.ID: record}}})
			}
		}
		if strings.HasPrefix(e.Name, "HANDOVERJOB") {
			row := told(t, rules, e).Jobs.HandoverJobs[e.Payload.ID]
			row.LinesAt, row.Pieces = 0, 0
			all = append(all, feedback.Facts{Jobs: feedback.JobRecord{HandoverJobs: map[string]feedback.HandoverRecord{e.Payload.ID: row}}})
		}
	}
	return append(all, told(t, rules, returned("r-1", "ACCEPTED", "line-1")), told(t, rules, returned("r-2", "ACCEPTED", "line-2")))
}

// returned is an event of one piece of a line that came back.
func returned(id, status, line string) fulfillmenttools.Event {
	return event("ITEM_RETURN_JOB_UPDATED", "return-1", func(p *fulfillmenttools.Payload) {
		piece := fulfillmenttools.ReturnedLine{ID: id, Status: status}
		piece.Line.CustomAttributes = map[string]any{"commercetoolsId": line}
		p.Returned = []fulfillmenttools.ReturnedLine{piece}
	})
}

// some is what any number of the pieces say together.
func some(t *rapid.T, all []feedback.Facts, label string) (facts feedback.Facts) {
	for _, piece := range rapid.SliceOfN(rapid.SampledFrom(all), 0, 6).Draw(t, label) {
		facts = facts.Merge(piece)
	}
	return facts
}

func TestMergingFactsKnowsNoOrderAndNoRepetition(t *testing.T) {
	t.Parallel()
	rules := fieldRules(t, "PICK_JOB_CREATED", "warehouse", "payload.facilityRef")
	rules.Fields = append(rules.Fields, fieldRules(t, "HANDOVERJOB_HANDED_OVER", "warehouse", "payload.shortId + payload.status").Fields...)
	rapid.Check(t, func(rt *rapid.T) {
		all := drawHistory(rt).pieces(t, rules)
		a, b, c := some(rt, all, "a"), some(rt, all, "b"), some(rt, all, "c")
		same := func(law string, x, y feedback.Facts) {
			if diff := cmp.Diff(x, y, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("%s:\n%s", law, diff)
			}
		}
		same("a+b = b+a", a.Merge(b), b.Merge(a))
		same("(a+b)+c = a+(b+c)", a.Merge(b).Merge(c), a.Merge(b.Merge(c)))
		same("a+a = a", a.Merge(a), a)
		same("a+b+a = a+b", a.Merge(b).Merge(a), a.Merge(b))
		same("a+0 = a", a.Merge(feedback.Facts{}), a)
		same("0+a = a", feedback.Facts{}.Merge(a), a)
	})
}

func TestTheHigherVersionOfAJobCounts(t *testing.T) {
	t.Parallel()
	job := func(version int, change func(*feedback.PickJobRecord)) feedback.Facts {
		record := feedback.PickJobRecord{Version: version, Created: monday, Status: "OPEN"}
		change(&record)
		return feedback.Facts{Jobs: feedback.JobRecord{PickJobs: map[string]feedback.PickJobRecord{"pj-1": record}}}
	}
	finished := job(3, func(r *feedback.PickJobRecord) {
		r.Status, r.Pieces, r.PickedAt, r.Picked, r.Empty = "CLOSED", 2, 3, 0, true
	})
	for name, test := range map[string]struct {
		a, b feedback.Facts
		want feedback.PickJobRecord
	}{
		"an older state": {
			job(2, func(r *feedback.PickJobRecord) { r.Status = "ABORTED" }), job(1, func(*feedback.PickJobRecord) {}),
			feedback.PickJobRecord{Version: 2, Created: monday, Status: "ABORTED"},
		},
		"of one version, what ends the job": {
			job(2, func(r *feedback.PickJobRecord) { r.Status = "CLOSED" }), job(2, func(r *feedback.PickJobRecord) { r.Status = "ABORTED" }),
			feedback.PickJobRecord{Version: 2, Created: monday, Status: "ABORTED"},
		},
		"a list does not say what was picked": {
			finished, job(4, func(r *feedback.PickJobRecord) { r.Status = "CLOSED" }),
			feedback.PickJobRecord{Version: 4, Created: monday, Status: "CLOSED", Pieces: 2, PickedAt: 3, Empty: true},
		},
		"picked again": {
			finished, job(5, func(r *feedback.PickJobRecord) { r.Status, r.Pieces, r.PickedAt, r.Picked = "CLOSED", 2, 5, 2 }),
			feedback.PickJobRecord{Version: 5, Created: monday, Status: "CLOSED", Pieces: 2, PickedAt: 5, Picked: 2},
		},
		"fewer load units, counted later": {
			job(1, func(r *feedback.PickJobRecord) { r.LoadUnits, r.CountedAt = 3, 2 }), job(1, func(r *feedback.PickJobRecord) { r.LoadUnits, r.CountedAt = 2, 4 }),
			feedback.PickJobRecord{Version: 1, Created: monday, Status: "OPEN", LoadUnits: 2, CountedAt: 4},
		},
	} {
		for _, merged := range []feedback.Facts{test.a.Merge(test.b), test.b.Merge(test.a)} {
			if diff := cmp.Diff(test.want, merged.Jobs.PickJobs["pj-1"]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestNewsOfAParcelThatChangeNothingAreNotWritten(t *testing.T) {
	t.Parallel()
	b := newBench()
	scan := func(version int) fulfillmenttools.Event {
		return again(allShipped.parcel("PARCEL_TRACK_AND_TRACE_STATUS_UPDATED", fulfillmenttools.ParcelResult{TrackingNumber: "T-1"}), version)
	}
	b.handle(t, allShipped.hands("HANDOVERJOB_CREATED"), scan(3))
	updates := b.orders.updates
	if got := b.handle(t, scan(4), scan(7), scan(5)); got.Kind != outcome.Unchanged || b.orders.updates != updates {
		t.Errorf("%+v after %d updates", got, b.orders.updates-updates)
	}
	b.handle(t, allShipped.delivered())
	if got := b.orders.order(orderID).ShipmentState; got != "Delivered" {
		t.Errorf("delivered: %s", got)
	}
}
