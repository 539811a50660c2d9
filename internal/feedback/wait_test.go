package feedback_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// since is the bench's updater so long after the minute.
func (b *bench) since(minute int, d time.Duration) *feedback.Updater {
	b.options.Now = func() time.Time { return at(minute).Add(d) }
	return b.replica()
}

// TestACancelledHandoverJobThatIsReplacedIsNoCancelledOrder: the order shows Canceled only
// when no other job takes its place.
func TestACancelledHandoverJobThatIsReplacedIsNoCancelledOrder(t *testing.T) {
	t.Parallel()
	cancelled := allShipped.hands("HANDOVERJOB_CANCELED")
	cancelled.Payload.LastModified = at(30)
	replacement := second(allShipped.hands("HANDOVERJOB_CREATED"))
	for name, replaced := range map[string]bool{"it is replaced": true, "it is not": false} {
		b := newBench()
		b.counterparts.known = "ord-1"
		b.handle(t, allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"))
		b.fulfilment.have(allShipped.says("PICK_JOB_CREATED"), cancelled)
		_, err := b.since(30, time.Second).Handle(t.Context(), cancelled)
		if !remote.Is(err, remote.Transient) || remote.WaitOf(err) != 5*time.Minute-time.Second || b.shipment() != "Ready" {
			t.Errorf("%s: %v, %s", name, err, b.shipment())
		}
		want := "Canceled"
		if replaced {
			b.fulfilment.have(replacement) // whose event is lost
			want = "Ready"
		}
		if _, err := b.since(35, 0).Handle(t.Context(), cancelled); err != nil || b.shipment() != want {
			t.Errorf("%s: %v, %s, want %s", name, err, b.shipment(), want)
		}
		for _, move := range b.orders.moves {
			if replaced && move[1] == "Canceled" {
				t.Errorf("%s: %v", name, b.orders.moves)
			}
		}
	}
}

// TestShippedWaitsForTheCarriersNumberButNotForLonger: a shop may send its mail then.
func TestShippedWaitsForTheCarriersNumberButNotForLonger(t *testing.T) {
	t.Parallel()
	handed := allShipped.hands("HANDOVERJOB_HANDED_OVER")
	handed.Payload.LastModified, handed.Payload.HandoverJobLineItems = at(30), lines(2, 3)
	number := allShipped.parcel("PARCEL_CARRIER_ACKNOWLEDGED", fulfillmenttools.ParcelResult{TrackingNumber: "T-1"})
	collected := collect("HANDOVERJOB_HANDED_OVER")
	collected.Payload.LastModified = at(30)
	for name, test := range map[string]struct {
		before []fulfillmenttools.Event
		handed fulfillmenttools.Event
		after  time.Duration
		then   []fulfillmenttools.Event
		waits  time.Duration
		state  string
	}{
		"no number yet":           {nil, handed, time.Minute, nil, 9 * time.Minute, "Ready"},
		"it comes":                {nil, handed, time.Minute, events(number), 9 * time.Minute, "Shipped"},
		"it was there before":     {events(number), handed, 0, nil, 0, "Shipped"},
		"it does not come":        {nil, handed, 10 * time.Minute, nil, 0, "Shipped"},
		"clocks differ":           {nil, handed, -time.Hour, nil, 10 * time.Minute, "Ready"},
		"the consumer fetches it": {nil, collected, 0, nil, 0, "Shipped"},
	} {
		b := newBench()
		b.rules.Shipped.WaitForTracking = "10m"
		b.handle(t, append(events(allShipped.hands("HANDOVERJOB_CREATED")), test.before...)...)
		updater := b.since(30, test.after)
		_, err := updater.Handle(t.Context(), test.handed)
		if remote.WaitOf(err) != test.waits || (err != nil) != (test.waits > 0) || err != nil && !errors.Is(err, remote.ErrNotYet) {
			t.Errorf("%s: %v", name, err)
		}
		if test.handed.Payload.ID == "hj-1" && len(shows(b.orders.order(orderID)).Deliveries) != 1 && test.handed.Payload.Channel != "COLLECT" {
			t.Errorf("%s: the delivery waits as well", name)
		}
		for _, e := range test.then {
			if _, err := updater.Handle(t.Context(), e); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := b.shipment(); got != test.state {
			t.Errorf("%s: %s, want %s", name, got, test.state)
		}
	}
}

// TestWhoDoesNotWaitForTrackingNumbersNeverWaits: fulfillmenttools' clock was a millisecond ahead, and
// the order stayed Ready until its next visit.
func TestWhoDoesNotWaitForTrackingNumbersNeverWaits(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, events(allShipped.hands("HANDOVERJOB_CREATED"))...)
	handed := allShipped.hands("HANDOVERJOB_HANDED_OVER")
	handed.Payload.LastModified, handed.Payload.HandoverJobLineItems = at(30), lines(2, 3)
	if _, err := b.since(30, -time.Millisecond).Handle(t.Context(), handed); err != nil {
		t.Fatal(err)
	}
	if got := b.shipment(); got != "Shipped" {
		t.Errorf("handed over by a clock that is ahead: %s", got)
	}
}

// TestTheRecordOfADeliveredOrderIsSmallAndStillKnowsIt: late events change nothing.
func TestTheRecordOfADeliveredOrderIsSmallAndStillKnowsIt(t *testing.T) {
	t.Parallel()
	b := newBench()
	told := splitLife()
	number := allShipped.parcel("PARCEL_CARRIER_ACKNOWLEDGED", fulfillmenttools.ParcelResult{TrackingNumber: "T-1", TrackingURL: "https://t.example/T-1", Weight: 900})
	told = slices.Insert(told, len(told)-2, number)
	b.handle(t, told[:len(told)-1]...)
	full := len(b.orders.order(orderID).TextField(feedback.RecordField))
	b.handle(t, told[len(told)-1])
	before := b.orders.order(orderID)
	text := before.TextField(feedback.RecordField)
	if before.ShipmentState != "Delivered" || len(text) > full*7/8 {
		t.Errorf("%s, %d of %d bytes: %s", before.ShipmentState, len(text), full, text)
	}
	for _, detail := range []string{"f-pj-1", "S-pj-1", "pieces"} {
		if strings.Contains(text, detail) {
			t.Errorf("it still tells %s: %s", detail, text)
		}
	}
	for _, e := range told {
		if got, err := b.replica().Handle(t.Context(), e); err != nil || got.Kind == outcome.Applied {
			t.Errorf("%s again: %+v, %v", e.Name, got, err)
		}
	}
	if got := before.Fields["fft_short_id"]; got != "S-pj-2" {
		t.Errorf("short id %v", got)
	}
}

// TestAnEventThatIsRefusedTakesNoOtherAlong: they shared an update, not its failure.
func TestAnEventThatIsRefusedTakesNoOtherAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		release := b.hold()
		refused, fine := event("PICK_JOB_CREATED", "pj-1", nil), event("HANDOVERJOB_CREATED", "hj-1", nil)
		b.orders.refuse = func(order commercetools.Snapshot) bool { return order.TextField("fft_pickjob_id") != "" }
		var deliveries sync.WaitGroup
		deliveries.Go(func() { b.handle(t, ordered("ORDER_CREATED")) })
		synctest.Wait()
		for _, e := range []fulfillmenttools.Event{refused, fine} {
			for range 2 {
				deliveries.Go(func() {
					got, err := b.Handle(t.Context(), e)
					if ok := err == nil && (got.Kind == outcome.Applied || got.Kind == outcome.Unchanged); ok != (e.Name == fine.Name) {
						t.Errorf("%s: %+v, %v", e.Name, got, err)
					}
				})
				synctest.Wait()
			}
		}
		release()
		deliveries.Wait()
		if order := b.orders.order(orderID); order.TextField("fft_handoverjob_id") != "hj-1" || order.TextField("fft_pickjob_id") != "" {
			t.Errorf("%v", order.Fields)
		}
	})
}
