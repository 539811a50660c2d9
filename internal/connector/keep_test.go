package connector_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator"
)

// hasty gives a message little time, and lets the backlog drain at once.
func hasty(more ...string) map[string]string {
	env := map[string]string{"HANDLE_TIMEOUT": "3s", "FFT_LIST_LAG": "300ms", "DRAIN_RATE": "500"}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// keeping is a rig with a store and nothing installed: messages are posted by hand.
func keeping(t *testing.T, more ...string) (*rig, *depot) {
	t.Helper()
	return keepingIn(t, withDepot, more...)
}

func keepingIn(t *testing.T, open func(*testing.T) (*depot, storeOpener), more ...string) (*rig, *depot) {
	t.Helper()
	d, store := open(t)
	r := newRig(t, rigOptions{world: quick(), env: hasty(more...), bare: true, store: store})
	r.CT.PutType(ourType())
	return r, d
}

// message says that an order is confirmed; every order's message is another one.
func message(order string) string {
	return notification("OrderStateChanged", order, map[string]any{"id": "message of " + order, "orderState": "Confirmed"})
}

// answered posts a message and wants this word with this status.
func (r *rig) answered(path, body string, status int, word string) {
	r.t.Helper()
	response := r.post(path, body)
	if got := answerOf(r.t, response); response.StatusCode != status || got != word {
		r.t.Errorf("answered %d %q, want %d %q:%s", response.StatusCode, got, status, word, describe(r.all()))
	}
}

func TestWhatCannotBeDoneNowIsStoredAndDoneLater(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keepingIn(t, withDatabase)
		r.FFTFaults.SetOutage(true)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		for range 3 { // the sender repeats, for whatever reason
			r.answered("/event", message(id), http.StatusOK, "deferred")
		}
		event := d.only(t)
		if event.State != ledger.StateDeferred || event.Order != id || event.Flow != outcome.Export || event.Type != "OrderStateChanged" || event.Reason == "" {
			t.Errorf("stored as %+v", event)
		}
		if got := r.metric(`fftconnect_messages_total{flow="export",outcome="deferred",type="OrderStateChanged"}`); got < 3 {
			t.Errorf("%v messages are counted as deferred, want at least 3", got)
		}
		if r.metric("fftconnect_deferred_events") != 1 || r.metric("fftconnect_store_up") != 1 || r.metric("fftconnect_oldest_deferred_seconds") <= 0 {
			t.Error("the queue's metrics do not show it")
		}
		r.FFTFaults.SetOutage(false)
		r.empty(d)
		mustBeOne(t, r.FFT.OrdersOf(id), "after the outage")
		if last := r.last(id); last.Kind != outcome.Applied || last.Attempt < 2 {
			t.Errorf("the last attempt: %+v", last)
		}
		r.eventually("the journal has it", func() bool {
			timeline, err := d.database.Timeline(t.Context(), id)
			return err == nil && len(timeline) >= 4 && timeline[len(timeline)-1].Outcome == outcome.Applied && timeline[len(timeline)-1].Attempt > 1
		})
		if r.metric("fftconnect_deferred_events") != 0 {
			t.Error("the queue is not empty")
		}
	})
}

func TestWithTheStoreAwayTheSenderKeepsTheMessage(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keeping(t)
		d.away.Store(true)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.answered("/event", message(id), http.StatusServiceUnavailable, "returned")
		bad := r.CT.PlaceOrder(withoutAddress("A-2"))
		r.answered("/event", message(bad), http.StatusServiceUnavailable, "returned")
		if len(r.FFT.Orders()) != 0 || len(d.stored(t)) != 0 {
			t.Error("something was done or stored while the store was away")
		}
		d.away.Store(false)
		r.answered("/event", message(id), http.StatusOK, "applied")
		r.answered("/event", message(bad), http.StatusOK, "rejected")
		mustBeOne(t, r.FFT.OrdersOf(id), "when the store is back")
	})
}

// withoutAddress is an order that ships, and does not say where to.
func withoutAddress(number string) map[string]any {
	draft := simpleOrder(number)
	draft["shippingInfo"] = map[string]any{"shippingMethodName": "Standard"}
	delete(draft, "shippingAddress")
	delete(draft, "billingAddress")
	return draft
}

func TestWhatIsRejectedIsADeadLetterUntilSomebodyHasLooked(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keepingIn(t, withDatabase)
		id := r.CT.PlaceOrder(withoutAddress("A-1"))
		r.answered("/event", message(id), http.StatusOK, "rejected")
		event := d.only(t)
		if event.State != ledger.StateDead || event.Reason == "" || event.Fix == "" {
			t.Errorf("stored as %+v", event)
		}
		if r.metric("fftconnect_dead_letters") != 1 {
			t.Error("the metrics do not show it")
		}
		// Retried too soon it comes back.
		if n, err := d.database.Retry(t.Context(), ledger.Filter{IDs: []int64{event.ID}}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		r.eventually("it is dead again", func() bool { return d.only(t).State == ledger.StateDead && d.only(t).Attempts > event.Attempts })
		address := simpleOrder("")["shippingAddress"]
		if err := r.CT.Edit(id, map[string]any{"action": "setShippingAddress", "address": address}); err != nil {
			t.Fatal(err)
		}
		if n, err := d.database.Retry(t.Context(), ledger.Filter{Order: id}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		r.empty(d)
		mustBeOne(t, r.FFT.OrdersOf(id), "retried")
	})
}

func TestACancellationThatIsRefusedIsADeadLetter(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keeping(t)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.answered("/event", message(id), http.StatusOK, "applied")
		if err := r.FFT.RefuseCancel(mustBeOne(t, r.FFT.OrdersOf(id), "exported").ID); err != nil {
			t.Fatal(err)
		}
		if err := r.CT.Edit(id, map[string]any{"action": "changeOrderState", "orderState": "Cancelled"}); err != nil {
			t.Fatal(err)
		}
		r.answered("/event", message(id), http.StatusOK, "refused")
		if event := d.only(t); event.State != ledger.StateDead || !strings.Contains(event.Reason, "goes on") || event.Fix == "" {
			t.Errorf("stored as %+v", event)
		}
	})
}

// TestWhatCannotBeReadIsStoredAndBroughtToItsPlace: a broker that delivers to the wrong
// endpoint must not cost orders.
func TestWhatCannotBeReadIsStoredAndBroughtToItsPlace(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), bare: true, env: hasty(), store: store})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		for _, path := range []string{"/event", "/service"} {
			for _, body := range []string{"", "{", "[]", `{"a":`} {
				if response := r.post(path, body); response.StatusCode != http.StatusOK {
					t.Errorf("%s %q: %d", path, body, response.StatusCode)
				}
			}
		}
		r.answered("/service", confirmed(id), http.StatusOK, "rejected")
		stored := d.stored(t)
		if len(stored) != 9 || len(r.FFT.OrdersOf(id)) != 0 {
			t.Fatalf("stored: %+v", stored)
		}
		last := stored[len(stored)-1]
		if last.Type != ledger.TypeUnreadable || last.State != ledger.StateDead || last.Fix == "" {
			t.Errorf("stored as %+v", last)
		}
		if n, err := d.database.Retry(t.Context(), ledger.Filter{IDs: []int64{last.ID}}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		r.eventually("the order came over", func() bool { return len(r.FFT.OrdersOf(id)) == 1 })
	})
}

func TestADeferredEventIsHandledThroughTheNormalPath(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty(), store: store})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.settle()
		// Everything that happens from here on comes while commercetools is out.
		r.CTFaults.SetOutage(true)
		for range stages - 1 {
			r.step()
		}
		stored := map[string]bool{}
		for _, event := range d.stored(t) {
			stored[event.Type] = true
		}
		for _, name := range fulfillmenttools.LifeEvents[1:] {
			if !stored[name] {
				t.Errorf("%s is not stored", name)
			}
		}
		if r.shipmentState(id) != "Pending" {
			t.Errorf("shipment %s", r.shipmentState(id))
		}
		r.CTFaults.SetOutage(false)
		r.empty(d)
		there := mustBeOne(t, r.FFT.OrdersOf(id), "shipped")
		if r.shipmentState(id) != "Shipped" || r.field(id, "fft_load_units_amount") != float64(there.LoadUnits) || r.field(id, "fft_handoverjob_id") == nil {
			t.Errorf("shipment %s:%s", r.shipmentState(id), describe(r.outcomes(id)))
		}
		if step := backward(r.CT.History(id)); step != "" {
			t.Error(step)
		}
	})
}

func TestAFlowThatIsSwitchedOffLetsItsStoredEventsWait(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keeping(t)
		r.FFTFaults.SetOutage(true)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.answered("/event", message(id), http.StatusOK, "deferred")
		r.restart(hasty("FEAT_ORDERSYNC_ACTIVE", "false"))
		r.FFTFaults.SetOutage(false) // not before, or the event could be done already
		r.eventually("it was looked at", func() bool { return len(d.stored(t)) == 0 || strings.Contains(d.only(t).Reason, "switched off") })
		before := d.only(t)
		if before.State != ledger.StateDeferred {
			t.Errorf("it is %s", before.State)
		}
		other := r.CT.PlaceOrder(simpleOrder("A-2"))
		r.answered("/event", message(other), http.StatusServiceUnavailable, "switched off")
		d.only(t) // the sender keeps the other one
		r.restart(hasty())
		r.empty(d)
		mustBeOne(t, r.FFT.OrdersOf(id), "switched on again")
	})
}

func TestWhileTheCircuitIsOpenEventsWaitAndThePlatformIsLeftAlone(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		d.retry = func(int, time.Duration) time.Duration { return 100 * time.Millisecond }
		r := newRig(t, rigOptions{world: quick(), env: hasty(), bare: true, store: store})
		r.CT.PutType(ourType())
		r.FFTFaults.SetOutage(true)
		var posted sync.WaitGroup
		for range 12 {
			posted.Go(func() { r.delivered(message(r.CT.PlaceOrder(simpleOrder("")))) })
		}
		posted.Wait()
		r.eventually("the circuit is open", func() bool {
			return r.metric(`fftconnect_circuit_open{platform="fulfillmenttools"}`) == 1
		})
		r.eventually("every event waits for it", func() bool {
			for _, event := range d.stored(t) {
				if !strings.Contains(event.Reason, "circuit open") {
					return false
				}
			}
			return true
		})
		attempts, calls := 0, r.fftCalls()
		for _, event := range d.stored(t) {
			attempts += event.Attempts
		}
		time.Sleep(500 * time.Millisecond)
		later := 0
		for _, event := range d.stored(t) {
			later += event.Attempts
		}
		// A probe may fall into this half second, with its repetitions.
		if made := r.fftCalls() - calls; made > 6 || later > attempts+2 {
			t.Errorf("half a second cost %d calls and %d attempts", made, later-attempts)
		}
		r.FFTFaults.SetOutage(false)
		r.empty(d)
		if n := len(r.FFT.Orders()); n != 12 {
			t.Errorf("%d orders arrived, want 12", n)
		}
		if r.metric(`fftconnect_circuit_open{platform="fulfillmenttools"}`) != 0 {
			t.Error("the circuit is still open")
		}
	})
}

// delivered repeats a message until it is taken, as its sender does, in fake time.
func (r *rig) delivered(body string) {
	for (<-r.posting(body)) != http.StatusOK {
		time.Sleep(20 * time.Millisecond)
	}
}

// forbid lets every call that contains the part be answered so, until it is cleared.
func forbid(faults *simulator.Faults, part string, status int) {
	faults.PlanFaults(part, 1_000_000, simulator.Fault{Status: status})
}
