package feedback_test

import (
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
	cancelled := left.hands("HANDOVERJOB_CANCELED")
	cancelled.Payload.LastModified = at(30)
	replacement := second(left.hands("HANDOVERJOB_CREATED"))
	for name, replaced := range map[string]bool{"it is replaced": true, "it is not": false} {
		b := newBench()
		b.counterparts.known = "ord-1"
		b.handle(t, left.says("PICK_JOB_CREATED"), left.hands("HANDOVERJOB_CREATED"))
		b.fulfilment.have(left.says("PICK_JOB_CREATED"), cancelled)
		_, err := b.since(30, time.Second).Handle(t.Context(), cancelled)
		if !remote.Is(err, remote.Transient) || remote.Wait(err) != 5*time.Minute-time.Second || b.shipment() != "Ready" {
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

// TestAnEventThatIsRefusedTakesNoOtherAlong: they shared an update, not its failure.
func TestAnEventThatIsRefusedTakesNoOtherAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		release := b.hold()
		refused, fine := event("PICK_JOB_CREATED", "pj-1", nil), event("HANDOVERJOB_CREATED", "hj-1", nil)
		b.orders.refuse = func(order commercetools.Snapshot) bool { return order.Text("fft_pickjob_id") != "" }
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
		if order := b.orders.order(orderID); order.Text("fft_handoverjob_id") != "hj-1" || order.Text("fft_pickjob_id") != "" {
			t.Errorf("%v", order.Fields)
		}
	})
}
