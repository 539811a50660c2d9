package feedback_test

import (
	"testing"

	"pgregory.net/rapid"

	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// asTheyAre are the history's jobs in fulfillmenttools when all of it has happened.
func (h *history) asTheyAre() (pickJobs, handoverJobs []fulfillmenttools.Job) {
	for id, job := range h.picks {
		job.ShortID, job.FacilityRef, job.Status = "S-"+id, "f-"+id, "OPEN"
		if _, finished := h.units[id]; finished {
			job.Status = "CLOSED"
		}
		pickJobs = append(pickJobs, job)
	}
	for _, job := range h.hands {
		job.Status = "OPEN"
		for _, e := range h.events {
			if e.Name == "HANDOVERJOB_HANDED_OVER" && e.Payload.ID == job.ID {
				job.Status = "HANDED_OVER"
			}
		}
		handoverJobs = append(handoverJobs, job)
	}
	return pickJobs, handoverJobs
}

func TestCatchingUpLeadsWhereTheEventsWouldHave(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := drawHistory(rt)
		b, names, schema := drawBench(rt)
		h.on(b)
		for _, e := range rapid.SliceOfN(rapid.SampledFrom(h.events), 0, 4).Draw(rt, "events that came through") {
			if _, err := b.Handle(t.Context(), e); err != nil {
				rt.Fatal(err)
			}
		}
		pickJobs, handoverJobs := h.asTheyAre()
		facts := feedback.FactsOfJobs(fulfillmenttools.Order{ID: "ord-1", Created: at(0)}, pickJobs, handoverJobs)
		before := b.orders.order(orderID)
		preview, err := b.Preview(t.Context(), before, facts)
		if err != nil {
			rt.Fatal(err)
		}
		updates := b.orders.updates
		if _, err := b.CatchUp(t.Context(), orderID, facts); err != nil {
			rt.Fatal(err)
		}
		if (len(preview.Actions) > 0) != (b.orders.updates > updates) {
			rt.Fatalf("the preview shows %q, %d updates were made", preview.Changed, b.orders.updates-updates)
		}
		b.agrees(rt, h, names, schema, h.state())
	})
}
