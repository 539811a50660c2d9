package feedback_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// telling are the events that change something whatever came before.
var telling = slices.Concat(
	fulfillmenttools.LifeEvents, fulfillmenttools.CorrectionEvents, []string{"PARCEL_CARRIER_ACKNOWLEDGED", "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED"},
)

func TestAnEventCostsOneCallWhenTheOrderIsKnownAndTwoWhenNot(t *testing.T) {
	t.Parallel()
	for _, name := range telling {
		for known, want := range map[bool]int{true: 1, false: 2} {
			b := newBench()
			b.fulfilment.units["x-1"] = fulfillmenttools.LoadUnits{Count: 2}
			if known {
				b.Seen(b.orders.order(orderID))
			}
			if got := b.handle(t, event(name, "x-1", nil)); got.Kind != outcome.Applied || got.Order != orderID {
				t.Errorf("%s ended as %+v", name, got)
			}
			if got := b.orders.calls(); got != want {
				t.Errorf("%s, order known %v: %d calls, want %d", name, known, got, want)
			}
			asks := name == "PICK_JOB_PICKING_FINISHED" || name == "HANDOVERJOB_CANCELED" // whether another one came
			if got := len(b.fulfilment.calls); !asks && got != 0 {
				t.Errorf("%s asks fulfillmenttools: %v", name, b.fulfilment.calls)
			}
		}
	}
}

func TestAnOrdersWholeLifeTakesOneUpdateAnEvent(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.fulfilment.units["pj-1"] = fulfillmenttools.LoadUnits{Count: 2}
	for _, e := range []fulfillmenttools.Event{
		event("ORDER_CREATED", "ord-1", nil), event("PICK_JOB_CREATED", "pj-1", nil), event("PICK_JOB_PICKING_FINISHED", "pj-1", nil),
		event("HANDOVERJOB_CREATED", "hj-1", nil), event("HANDOVERJOB_HANDED_OVER", "hj-1", nil),
	} {
		b.handle(t, e)
	}
	if b.orders.reads != 1 || b.orders.updates != 5 {
		t.Errorf("%d reads and %d updates, want 1 and 5", b.orders.reads, b.orders.updates)
	}
	if diff := cmp.Diff([]string{"load units"}, b.fulfilment.calls); diff != "" {
		t.Errorf("calls to fulfillmenttools (-want +got):\n%s", diff)
	}
}

func TestTheSameEventAgainChangesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range telling {
		b := newBench()
		b.fulfilment.units["x-1"] = fulfillmenttools.LoadUnits{Count: 2}
		b.handle(t, event(name, "x-1", nil))
		if got := b.handle(t, event(name, "x-1", nil)); got.Kind != outcome.Unchanged || b.orders.updates != 1 {
			t.Errorf("%s again: %+v after %d updates", name, got, b.orders.updates)
		}
	}
}

// TestAnOrderWithoutARecordIsAskedForItsJobs: nothing else remembers them.
func TestAnOrderWithoutARecordIsAskedForItsJobs(t *testing.T) {
	t.Parallel()
	b := newBench(plainType())
	b.counterparts.known = "ord-1"
	b.fulfilment.units["pj-1"] = fulfillmenttools.LoadUnits{Count: 2}
	for _, step := range []struct {
		event fulfillmenttools.Event
		calls []string
	}{
		{event("ORDER_CREATED", "ord-1", nil), nil},
		{event("PICK_JOB_CREATED", "pj-1", nil), []string{"process"}},
		{event("PICK_JOB_PICKING_FINISHED", "pj-1", nil), []string{"process", "load units"}},
		{event("HANDOVERJOB_CREATED", "hj-1", nil), []string{"process"}},
		{event("HANDOVERJOB_HANDED_OVER", "hj-1", nil), []string{"process"}},
	} {
		b.fulfilment.calls = nil
		b.fulfilment.have(step.event)
		b.handle(t, step.event)
		if diff := cmp.Diff(step.calls, b.fulfilment.calls, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", step.event.Name, diff)
		}
	}
	if b.orders.reads != 1 || b.orders.updates != 5 || b.shipment() != "Shipped" {
		t.Errorf("%d reads and %d updates, %s", b.orders.reads, b.orders.updates, b.shipment())
	}
}

// TestAnOlderJobDoesNotShowOnAnOrderWithoutARecord: not even when the process does not name
// the newer one yet.
func TestAnOlderJobDoesNotShowOnAnOrderWithoutARecord(t *testing.T) {
	t.Parallel()
	for _, unlisted := range [][]string{nil, {"pj-2"}} {
		b := newBench(plainType())
		b.counterparts.known, b.fulfilment.unlisted = "ord-1", unlisted
		older, newer := event("PICK_JOB_CREATED", "pj-1", nil), event("PICK_JOB_CREATED", "pj-2", func(p *fulfillmenttools.Payload) { p.Created = tuesday })
		b.fulfilment.have(older, newer)
		b.handle(t, newer, older)
		if got := b.orders.order(orderID).TextField("fft_pickjob_id"); got != "pj-2" {
			t.Errorf("not named %v: %s", unlisted, got)
		}
	}
}

// TestJobsOfAnOrderWhoseRecordBeginsLateAreAskedForOnce: its type got the field meanwhile.
func TestJobsOfAnOrderWhoseRecordBeginsLateAreAskedForOnce(t *testing.T) {
	t.Parallel()
	b := carriedBench()
	b.counterparts.known = "ord-1"
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.Fields["fft_pickjob_id"] = "pj-1" })
	b.handle(t, right.hands("HANDOVERJOB_CREATED"))
	if diff := cmp.Diff([]string{"process", "pick job", "pick job", "handover job", "handover job", "parcel", "parcel"}, b.fulfilment.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if got := b.shipment(); got != "Shipped" {
		t.Errorf("%s", got)
	}
	b.fulfilment.calls = nil
	if b.handle(t, allShipped.hands("HANDOVERJOB_HANDED_OVER")); len(b.fulfilment.calls) != 0 {
		t.Errorf("then it asks for %v", b.fulfilment.calls)
	}
}

func TestASplitOrderGetsTheLoadUnitsOfAllItsPickJobs(t *testing.T) {
	t.Parallel()
	for name, orderRef := range map[string]string{"the event names its order": "ord-1", "only the order's field does": ""} {
		b := newBench(plainType())
		for id, count := range map[string]int{"pj-1": 1, "pj-2": 2, "pj-3": 4} {
			b.fulfilment.picks[id] = fulfillmenttools.Job{ID: id, Version: 3, Status: "CLOSED", OrderRef: "ord-1", Created: monday}
			b.fulfilment.units[id] = fulfillmenttools.LoadUnits{Count: count}
		}
		b.handle(t, event("ORDER_CREATED", "ord-1", nil))
		for _, id := range []string{"pj-1", "pj-2", "pj-3"} {
			b.handle(t, event("PICK_JOB_PICKING_FINISHED", id, func(p *fulfillmenttools.Payload) { p.OrderRef = orderRef }))
		}
		if got := b.orders.order(orderID).Fields["fft_load_units_amount"]; got != 7.0 {
			t.Errorf("%s: %v load units, want 7", name, got)
		}
	}
}

func TestLoadUnitsWaitUntilTheListShowsThem(t *testing.T) {
	t.Parallel()
	finished := event("PICK_JOB_PICKING_FINISHED", "pj-1", func(p *fulfillmenttools.Payload) { p.LastModified = tuesday })
	for name, test := range map[string]struct {
		listed fulfillmenttools.LoadUnits
		since  time.Duration
		waits  time.Duration
	}{
		"none yet":                   {fulfillmenttools.LoadUnits{}, 3 * time.Second, 8 * time.Second},
		"none, and none will come":   {fulfillmenttools.LoadUnits{}, 11 * time.Second, 0},
		"fewer pieces than picked":   {fulfillmenttools.LoadUnits{Count: 1, Pieces: 4}, 3 * time.Second, 8 * time.Second},
		"all pieces":                 {fulfillmenttools.LoadUnits{Count: 2, Pieces: 5}, 0, 0},
		"they do not say their load": {fulfillmenttools.LoadUnits{Count: 2}, 0, 0},
		"the clocks differ":          {fulfillmenttools.LoadUnits{}, -time.Hour, 10 * time.Second},
	} {
		b := newBench()
		b.options.Now = func() time.Time { return tuesday.Add(test.since) }
		b.fulfilment.units["pj-1"] = test.listed
		_, err := b.replica().Handle(t.Context(), finished)
		if remote.WaitOf(err) != test.waits || (err != nil) != (test.waits > 0) {
			t.Errorf("%s: waits %v, %v, want %v", name, remote.WaitOf(err), err, test.waits)
		}
		if err != nil && !remote.Is(err, remote.Transient) {
			t.Errorf("%s: %v would not come again", name, err)
		}
	}
}

func TestAConflictIsDecidedAnewFromTheOrderAsItIs(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.Seen(b.orders.order(orderID))
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.ShipmentState = "Delivered" })
	got := b.handle(t, event("HANDOVERJOB_CREATED", "hj-1", nil))
	order := b.orders.order(orderID)
	if got.Kind != outcome.Applied || order.ShipmentState != "Delivered" || order.TextField("fft_handoverjob_id") != "hj-1" {
		t.Errorf("%+v, order %+v", got, order)
	}
	if b.orders.reads != 1 || b.orders.updates != 2 {
		t.Errorf("%d reads and %d updates, want 1 and 2", b.orders.reads, b.orders.updates)
	}
	if len(b.schemas.forgot) != 0 {
		t.Errorf("a conflict makes us read the types %v again", b.schemas.forgot)
	}
}

func TestEndlessConflictsAreLeftToTheSender(t *testing.T) {
	t.Parallel()
	b := newBench()
	for range 100 {
		b.orders.faults.next = append(b.orders.faults.next, fine, overtaken)
	}
	_, err := b.Handle(t.Context(), event("HANDOVERJOB_CREATED", "hj-1", nil))
	if !remote.Is(err, remote.Conflict) || b.orders.updates > 10 {
		t.Errorf("%v after %d updates", err, b.orders.updates)
	}
}

func TestAnUpdateWhoseAnswerIsLostIsFoundDone(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.orders.faults.next = []fault{fine, lost}
	created := event("PICK_JOB_CREATED", "pj-1", nil)
	if _, err := b.Handle(t.Context(), created); !remote.Is(err, remote.Transient) {
		t.Fatalf("lost: %v", err)
	}
	if got := b.handle(t, created); got.Kind != outcome.Unchanged || b.orders.updates != 1 {
		t.Errorf("again: %+v after %d updates", got, b.orders.updates)
	}
}

func TestAnOrderThatDoesNotExistIsIgnored(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		b := newBench()
		if known {
			b.Seen(b.orders.order(orderID))
		}
		delete(b.orders.orders, orderID)
		if got := b.handle(t, event("PICK_JOB_CREATED", "pj-1", nil)); got.Kind != outcome.Ignored {
			t.Errorf("remembered %v: %+v", known, got)
		}
	}
}

func TestARefusalFromAnOutdatedTypeIsDecidedAnew(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		// The merchant removed the field just now.
		b := newBench(ownType(), schemaWith("fft_pickjob_id", "fft_facility_id"))
		b.schemas.known["type-1"] = schemaWith(feedback.Documented.AllNames()...)
		if known {
			b.Seen(b.orders.order(orderID))
		}
		got := b.handle(t, event("PICK_JOB_CREATED", "pj-1", nil))
		if got.Kind != outcome.Applied || len(got.Notes) != 1 || b.orders.order(orderID).TextField("fft_pickjob_id") != "pj-1" {
			t.Errorf("remembered %v: %+v", known, got)
		}
	}
}

func TestARefusalThatStandsIsAnError(t *testing.T) {
	t.Parallel()
	b := newBench(ownType(), schemaWith(feedback.Documented.AllNames()...))
	b.orders.types = nil // every field is refused
	b.schemas.own = ownType()
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.TypeID = "" })
	_, err := b.Handle(t.Context(), event("PICK_JOB_CREATED", "pj-1", nil))
	if !remote.Is(err, remote.Rejected) || b.orders.updates != 2 {
		t.Errorf("%v after %d updates, want a rejection after 2", err, b.orders.updates)
	}
}

func TestMissingFieldsAreReportedWithWhatToDo(t *testing.T) {
	t.Parallel()
	b := newBench(ownType(), schemaWith("giftMessage"))
	got := b.handle(t, event("HANDOVERJOB_CREATED", "hj-1", nil))
	if got.Kind != outcome.Applied || !strings.Contains(got.Hint, "install --type shop-order") {
		t.Errorf("%+v", got)
	}
	if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "fft_handoverjob_id") {
		t.Errorf("notes %q name no field", got.Notes)
	}
}

func TestWithoutOurTypeFieldsWaitAndTheStateDoesNot(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.schemas.missing = true
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.TypeID = "" })
	if _, err := b.Handle(t.Context(), event("PICK_JOB_CREATED", "pj-1", nil)); !remote.Is(err, remote.Blocked) {
		t.Errorf("a field: %v", err)
	}
	if got := b.handle(t, event("HANDOVERJOB_HANDED_OVER", "hj-1", nil)); got.Kind != outcome.Applied {
		t.Errorf("the state: %+v", got)
	}
}

func TestOtherEventsAreIgnoredWithoutACall(t *testing.T) {
	t.Parallel()
	b := newBench()
	if got := b.handle(t, event("PICK_JOB_PICKING_PAUSED", "pj-1", nil)); got.Kind != outcome.Ignored || b.orders.calls() != 0 {
		t.Errorf("%+v after %d calls", got, b.orders.calls())
	}
}

func TestAFailureOfEitherPlatformIsLeftToTheSender(t *testing.T) {
	t.Parallel()
	b := newBench(plainType())
	b.handle(t, event("PICK_JOB_CREATED", "pj-1", nil))
	later := func(p *fulfillmenttools.Payload) { p.Created = tuesday }
	for _, e := range []fulfillmenttools.Event{
		event("PICK_JOB_CREATED", "pj-2", later), event("PICK_JOB_PICKING_FINISHED", "pj-2", later), event("HANDOVERJOB_HANDED_OVER", "hj-1", later),
	} {
		b.orders.faults.next = slices.Repeat([]fault{unavailable}, 3)
		if _, err := b.Handle(t.Context(), e); !remote.Is(err, remote.Transient) {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
}
