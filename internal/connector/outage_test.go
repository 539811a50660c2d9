package connector_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/testform"
)

// TestAnOutageWhileOrdersComeInLosesAndDoublesNothing has fulfillmenttools out while
// orders are placed: for two seconds forty, in the slow form for five seconds 150.
func TestAnOutageWhileOrdersComeInLosesAndDoublesNothing(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		outage, every := 2*time.Second, time.Second/20
		if testform.Slow && !testform.Raced {
			outage, every = 5*time.Second, time.Second/30
		}
		options := doubtful() // only our own guard keeps orders from being doubled
		d, store := withDepot(t)
		r := newRig(t, rigOptions{world: options, env: hasty(), store: store})
		var ids []string
		placeFor := func(during time.Duration) {
			ticks := time.NewTicker(every)
			defer ticks.Stop()
			for end := time.Now().Add(during); time.Now().Before(end); <-ticks.C {
				ids = append(ids, r.CT.PlaceOrder(simpleOrder("")))
			}
		}
		placeFor(300 * time.Millisecond)
		r.FFTFaults.SetOutage(true)
		placeFor(outage)
		waiting := len(d.stored(t))
		r.FFTFaults.SetOutage(false)
		placeFor(300 * time.Millisecond)
		r.eventually("every order is there", func() bool { return len(r.FFT.Orders()) >= len(ids) })
		r.empty(d)
		for _, id := range ids {
			mustBeOne(t, r.FFT.OrdersOf(id), "after the outage")
			if r.field(id, "fft_order_id") == nil {
				t.Errorf("order %s does not name its counterpart:%s", id, describe(r.outcomes(id)))
			}
		}
		t.Logf("%d orders, %d messages were stored at the end of the outage", len(ids), waiting)
		if waiting == 0 {
			t.Error("no message was stored: the outage was none")
		}
	})
}

func TestTheBacklogDrainsAtTheRate(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty("DRAIN_RATE", "20"), bare: true, store: store})
		r.CT.PutType(ourType())
		var ids []string
		for range 30 {
			id := r.CT.PlaceOrder(simpleOrder(""))
			ids = append(ids, id)
			err := d.Defer(t.Context(), ledger.Deferred{
				Flow: "export", Type: "OrderStateChanged", Order: id, EventID: id, Body: []byte(message(id)),
			}, 0)
			if err != nil {
				t.Fatal(err)
			}
		}
		r.empty(d)
		var at []time.Time
		for _, id := range ids {
			mustBeOne(t, r.FFT.OrdersOf(id), "drained")
			at = append(at, r.last(id).At)
		}
		slices.SortFunc(at, time.Time.Compare)
		for i := range at[20:] {
			if gap := at[i+20].Sub(at[i]); gap < 800*time.Millisecond {
				t.Fatalf("20 events took %v, want about a second", gap)
			}
		}
	})
}

// TestTwoReplicasOnOneStoreCreateEveryOrderOnce gives every message to both at once.
func TestTwoReplicasOnOneStoreCreateEveryOrderOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		options := doubtful()
		r := newRig(t, rigOptions{world: options, env: hasty(), bare: true, store: store})
		r.CT.PutType(ourType())
		other := r.twin(hasty(), store)
		var posted sync.WaitGroup
		var ids []string
		for range 20 {
			id := r.CT.PlaceOrder(simpleOrder(""))
			ids = append(ids, id)
			for _, replica := range []*rig{r, other, r} {
				posted.Go(func() { replica.delivered(message(id)) })
			}
		}
		posted.Wait()
		r.eventually("every order is there", func() bool { return len(r.FFT.Orders()) >= len(ids) })
		r.empty(d)
		for _, id := range ids {
			mustBeOne(t, r.FFT.OrdersOf(id), "with two replicas")
		}
		if n := r.FFTLog.Count("POST /api/orders"); n != len(ids) {
			t.Errorf("%d create calls for %d orders", n, len(ids))
		}
	})
}

// TestTwoReplicasWithoutAStoreCreateEveryOrderOnce agree through commercetools,
// which costs one call an order.
func TestTwoReplicasWithoutAStoreCreateEveryOrderOnce(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		stateless := func() map[string]string { return hasty("DATABASE_URL", "none", "EXPORT_CLAIM", "true") }
		options := doubtful()
		options.ListLag = time.Hour // the list never helps
		r := newRig(t, rigOptions{world: options, env: stateless(), bare: true})
		r.CT.PutType(ourType())
		other := r.twin(stateless(), nil)
		var answers []<-chan int
		var ids []string
		for range 20 {
			id := r.CT.PlaceOrder(simpleOrder(""))
			ids = append(ids, id)
			for _, replica := range []*rig{r, other} {
				answers = append(answers, replica.posting(message(id)))
			}
		}
		refused := 0
		for _, answer := range answers {
			if <-answer == 503 {
				refused++
			}
		}
		for _, id := range ids {
			mustBeOne(t, r.FFT.OrdersOf(id), "with two replicas without a store")
		}
		if refused == 0 {
			t.Error("the replicas never met")
		}
		lone := r.CT.PlaceOrder(simpleOrder(""))
		ct, fft := r.counted(func() { r.post("/event", message(lone)) })
		if claims := r.CTLog.Count("custom-objects"); claims != 1 || ct+fft > 4 {
			t.Errorf("an export costs %d and %d calls, %d of them for the claim:%s", ct, fft, claims, r.listing())
		}
	})
}
