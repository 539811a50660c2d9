package feedback_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

func TestFactsOfEachEvent(t *testing.T) {
	t.Parallel()
	payload := fulfillmenttools.Payload{
		ID: "x-1", Created: monday, LastModified: tuesday, ShortID: "AS12", FacilityRef: "fac-1", OrderRef: "ord-1", Picked: 4,
	}
	ref := feedback.Ref{ID: "x-1", Created: monday}
	for event, want := range map[string]feedback.Facts{
		"ORDER_CREATED":    {Order: ref},
		"PICK_JOB_CREATED": {PickJob: feedback.PickJob{Ref: ref, ShortID: "AS12", Facility: "fac-1"}},
		"PICK_JOB_PICKING_FINISHED": {
			Finished: []feedback.Finished{{ID: "x-1", Picked: 4, At: tuesday}}, OrderRef: "ord-1",
		},
		"HANDOVERJOB_CREATED":     {HandoverJob: ref, Shipment: "Ready"},
		"HANDOVERJOB_HANDED_OVER": {Shipment: "Shipped"},
	} {
		got, ok := feedback.FactsOf(fulfillmenttools.Event{Name: event, Payload: payload})
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("%s, %v (-want +got):\n%s", event, ok, diff)
		}
	}
	for _, event := range []string{"PICK_JOB_REROUTED", "ORDER_CANCELLED", ""} {
		if got, ok := feedback.FactsOf(fulfillmenttools.Event{Name: event, Payload: payload}); ok {
			t.Errorf("%q changes %+v", event, got)
		}
	}
}

// drawFacts draws what any number of events may have merged into. What a job says
// of itself depends on its id alone, as it does in fulfillmenttools.
func drawFacts(t *rapid.T, label string) feedback.Facts {
	ref := func(kind string) feedback.Ref {
		id := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, label+kind)
		if id == "" {
			return feedback.Ref{}
		}
		// b and c are of the same moment.
		return feedback.Ref{ID: kind + id, Created: map[string]time.Time{"a": tuesday, "b": monday, "c": monday}[id]}
	}
	facts := feedback.Facts{
		Order: ref("order"), HandoverJob: ref("handover"), PickJob: feedback.PickJob{Ref: ref("pick")},
		OrderRef: rapid.SampledFrom([]string{"", "ord-1", "ord-2"}).Draw(t, label+"orderRef"),
		Shipment: rapid.SampledFrom([]string{"", "Ready", "Shipped"}).Draw(t, label+"shipment"),
	}
	if id := facts.PickJob.ID; id != "" {
		facts.PickJob.ShortID, facts.PickJob.Facility = "S"+id, "f"+id
	}
	for range rapid.IntRange(0, 3).Draw(t, label+"finished") {
		facts = facts.Merge(feedback.Facts{Finished: []feedback.Finished{{
			ID:     rapid.SampledFrom([]string{"p", "q"}).Draw(t, label+"job"),
			Picked: rapid.IntRange(0, 2).Draw(t, label+"picked"),
			At:     rapid.SampledFrom([]time.Time{monday, tuesday}).Draw(t, label+"at"),
		}}})
	}
	return facts
}

func TestMergingFactsKnowsNoOrderAndNoRepetition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawFacts(t, "a "), drawFacts(t, "b "), drawFacts(t, "c ")
		same := func(law string, x, y feedback.Facts) {
			if diff := cmp.Diff(x, y, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s:\n%s", law, diff)
			}
		}
		same("a+b = b+a", a.Merge(b), b.Merge(a))
		same("(a+b)+c = a+(b+c)", a.Merge(b).Merge(c), a.Merge(b.Merge(c)))
		same("a+a = a", a.Merge(a), a)
		same("a+0 = a", a.Merge(feedback.Facts{}), a)
	})
}

func TestMergingLeavesItsArgumentsAlone(t *testing.T) {
	t.Parallel()
	job := func(id string) feedback.Facts { return feedback.Facts{Finished: []feedback.Finished{{ID: id}}} }
	a := job("b").Merge(job("c")).Merge(job("d"))
	before := a.Merge(feedback.Facts{})
	a.Merge(job("a"))
	a.Merge(job("e"))
	if diff := cmp.Diff(before, a); diff != "" {
		t.Errorf("merging changed its argument (-before +after):\n%s", diff)
	}
}
