package connector_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/fftsim"
)

// judge says what does not hold at the end.
func (w *course) judge() {
	refused := map[string]bool{}
	for _, e := range w.entries {
		switch e.Kind {
		case outcome.Refused:
			refused[e.Order] = true
		case outcome.Rejected:
			w.wrong("a message was rejected: %s %s: %s", e.Type, e.Order, e.Reason)
		}
	}
	for _, n := range w.placed {
		if w.plan.loses() && w.tooLate(w.orders[n]) {
			refused[w.orders[n]] = true
		}
		w.judgeOrder(n, w.orders[n], refused)
	}
	for _, e := range w.db.Events() {
		if e.State != ledger.StateDead || !refused[e.Order] {
			w.wrong("left in the queue: %s %s of order %s: %s", e.State, e.Type, e.Order, e.Reason)
		}
	}
	w.compare(refused)
}

// tooLate reports an order whose end nobody heard of until it was handed over, or can hear
// of: without a store nobody remembers an order that was deleted.
func (w *course) tooLate(id string) bool {
	there := w.fft.OrdersOf(id)
	if w.plan.stateless && len(w.ct.History(id)) == 0 {
		return true
	}
	return len(there) == 1 && there[0].Stage == fftsim.StageHandedOver
}

func (w *course) judgeOrder(n int, id string, refused map[string]bool) {
	there := w.fft.OrdersOf(id)
	history := w.ct.History(id)
	if again := confirmedAgain(history); len(there) > 1+again {
		w.wrong("order %d was created %d times and confirmed again %d times", n, len(there), again)
	}
	state := "Cancelled" // when it was deleted
	if len(history) > 0 {
		state = history[len(history)-1].OrderState
		w.judgeHistory(n, history)
	}
	alive := slices.DeleteFunc(slices.Clone(there), func(o fftsim.Order) bool { return o.Status == "CANCELLED" })
	switch {
	case state == "Open" && len(there) > 0:
		w.wrong("order %d was exported although nobody confirmed it", n)
	case state == "Cancelled" && len(alive) > 0 && !refused[id]:
		w.wrong("order %d is cancelled and goes on in fulfillmenttools, and nobody was told", n)
	case state == "Confirmed" && len(there) == 0 && rank[history[len(history)-1].ShipmentState] >= rank["Partial"]:
		// Somebody said that it is fulfilled before it was exported.
	case state == "Confirmed" && len(alive) == 0 && w.plan.loses() && confirmedAgain(history) > 0:
		// Nobody heard that it was confirmed again: a person has to say so.
	case state == "Confirmed" && len(alive) != 1:
		w.wrong("order %d is confirmed and exists %d times in fulfillmenttools", n, len(alive))
	case state == "Confirmed":
		w.judgeFields(n, history[len(history)-1], alive[0])
	}
}

// confirmedAgain is how often the order was confirmed after it was cancelled.
func confirmedAgain(history []ctsim.Revision) (times int) {
	for i := 1; i < len(history); i++ {
		if history[i-1].OrderState == "Cancelled" && history[i].OrderState == "Confirmed" {
			times++
		}
	}
	return times
}

// rank orders shipment states by how far they are.
var rank = map[string]int{"Pending": 1, "Ready": 2, "Delayed": 2, "Partial": 3, "Shipped": 4, "Delivered": 5, "Canceled": 6}

func (w *course) judgeHistory(n int, history []ctsim.Revision) {
	revived := confirmedAgain(history) > 0
	for i := 1; i < len(history); i++ {
		before, after := history[i-1], history[i]
		if revived && before.ShipmentState == "Canceled" {
			continue // of the counterpart that was replaced
		}
		if after.ClientID != ctsim.ForeignClientID && rank[after.ShipmentState] < rank[before.ShipmentState] {
			w.wrong("order %d went back from %s to %s", n, before.ShipmentState, after.ShipmentState)
		}
	}
}

// judgeFields compares the order with what became of it.
func (w *course) judgeFields(n int, last ctsim.Revision, there fftsim.Order) {
	if rank[last.ShipmentState] < rank["Shipped"] {
		w.wrong("order %d ended as %s", n, last.ShipmentState)
	}
	pickJob, handoverJob := latest(there.PickJobs), latest(there.HandoverJobs)
	for name, want := range map[string]any{
		feedback.Documented.OrderID: there.ID, feedback.Documented.PickJobID: pickJob.ID,
		feedback.Documented.FacilityID: pickJob.FacilityRef, feedback.Documented.LoadUnits: float64(there.LoadUnits),
		feedback.Documented.HandoverJobID: handoverJob.ID,
	} {
		if got := last.CustomFields[name]; got != want {
			w.wrong("order %d: %s is %v, want %v", n, name, got, want)
		}
	}
	w.judgeParts(n, last, there)
	w.judgeAddress(n, last, there)
}

// changesArrive is how long after all is calm a change must have arrived: by the next visit.
const changesArrive = 3 * time.Hour

// judgeAddress compares where the order went with where it was to go at last, if it was
// still there to be changed when all was calm.
func (w *course) judgeAddress(n int, last ctsim.Revision, there fftsim.Order) {
	document, _ := w.ct.Order(w.orders[n])
	wanted, _ := document["shippingAddress"].(map[string]any)
	var body struct {
		Consumer struct{ Addresses []struct{ Street string } }
	}
	if err := json.Unmarshal(there.Body, &body); err != nil {
		panic(err)
	}
	went := createdAt(latest(there.HandoverJobs))
	shown, _ := last.CustomFields["fft_exceptions"].([]any)
	calm := w.began.Add(w.plan.end() + changesArrive)
	if got := body.Consumer.Addresses[0].Street; got != wanted["streetName"] && went.After(calm) && !slices.Contains(shown, any("changeRefused")) {
		w.wrong("order %d goes to %s, and is to go to %v", n, got, wanted["streetName"])
	}
}

// judgeParts compares what the order shows of all its jobs.
func (w *course) judgeParts(n int, last ctsim.Revision, there fftsim.Order) {
	for field, jobs := range map[string][]fftsim.Job{feedback.PickJobsField: there.PickJobs, feedback.HandoverJobsField: there.HandoverJobs} {
		set, _ := last.CustomFields[field].([]any)
		for _, job := range jobs {
			if !slices.Contains(set, any(job.ID)) {
				w.wrong("order %d: %s lacks %s", n, field, job.ID)
			}
		}
		if len(set) != len(jobs) {
			w.wrong("order %d: %s has %d ids, want %d", n, field, len(set), len(jobs))
		}
	}
	var order commercetools.Snapshot
	document, _ := w.ct.Order(w.orders[n])
	text, err := json.Marshal(document)
	if err == nil {
		err = json.Unmarshal(text, &order)
	}
	if err != nil {
		panic(err)
	}
	delivered := map[string]int{}
	for _, delivery := range order.Shipping[0].Deliveries {
		delivered[delivery.Key]++
	}
	for _, job := range there.HandoverJobs {
		if void := job.Status == "CANCELED" || job.Status == "OBSOLETE"; void != (delivered[job.ID] == 0) || delivered[job.ID] > 1 {
			w.wrong("order %d: handover job %s (%s) has %d deliveries", n, job.ID, job.Status, delivered[job.ID])
		}
	}
}

// latest is the job that was created last; of several created at once, the one with
// the greatest id.
func latest(jobs []fftsim.Job) fftsim.Job {
	var last fftsim.Job
	var at time.Time
	for _, job := range jobs {
		created := createdAt(job)
		if created.After(at) || created.Equal(at) && job.ID > last.ID {
			last, at = job, created
		}
	}
	return last
}

func createdAt(job fftsim.Job) time.Time {
	var body struct{ Created time.Time }
	if err := json.Unmarshal(job.Body, &body); err != nil {
		panic(err)
	}
	return body.Created
}

// compare walks all orders as an operator would.
func (w *course) compare(refused map[string]bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	for _, p := range []string{"commercetools", "fulfillmenttools"} {
		w.faults[p].Clear()
	}
	found, err := w.replicas[0].connector.Reconciler.WalkAll(ctx, reconcile.Walk{
		From: commercetools.Position{ModifiedAt: time.Now().Add(-endless)}, Until: time.Now(),
	})
	if err != nil {
		w.wrong("compare: %v", err)
	}
	for _, f := range found {
		lost := f.Kind == reconcile.Revoked && w.plan.loses() && confirmedAgain(w.ct.History(f.OrderID)) > 0
		if !lost && (f.Kind != reconcile.Alive || !refused[f.OrderID]) {
			w.wrong("the comparison found order %s %s: %s", f.OrderID, f.Kind, f.Detail)
		}
	}
}

// story is what happened to the orders, for the printed report.
func (w *course) story() string {
	var lines []string
	names := map[string]int{}
	for n, id := range w.orders {
		names[id] = n
	}
	for _, e := range w.entries {
		n, ok := names[e.Order]
		if !ok {
			n = -1
		}
		lines = append(lines, strings.TrimSpace(strings.Join([]string{
			e.At.Format("15:04:05.000"), "order", string(rune('0' + n)), string(e.Flow), e.Type, string(e.Kind), e.Reason,
		}, " ")))
	}
	return strings.Join(lines, "\n")
}
