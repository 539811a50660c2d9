package connector_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// TestTheStoreKeepsNothingOfStrangers that has not proved to be about an order of ours:
// anybody could fill it, and hide in the journal what matters.
func TestTheStoreKeepsNothingOfStrangers(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keepingIn(t, withDatabase, "EVENT_AUTH", "none", "EVENT_RATE", "1000")
		nobodys := func(i int) string { return fmt.Sprintf("55555555-5555-4555-8555-%012d", i) }
		deleted := func(id string) string { return notification("OrderDeleted", id, nil) }
		for i := range 50 {
			for _, body := range []string{
				confirmed(nobodys(i)), deleted(nobodys(i)), confirmed("A-1"), confirmed("../products"),
				"", "nonsense", `{"notificationType":"Message"}`, fmt.Sprintf("nonsense %d %s", i, strings.Repeat("x", 50_000)),
			} {
				r.post("/event", body, "")
			}
		}
		// What cannot be looked up stays with its sender.
		r.CTFaults.SetOutage(true)
		real := r.CT.PlaceOrder(simpleOrder("A-1"))
		for i := range 50 {
			if response := r.post("/event", confirmed(nobodys(100+i)), ""); response.StatusCode != http.StatusServiceUnavailable {
				t.Fatalf("in an outage: %d", response.StatusCode)
			}
		}
		r.CTFaults.SetOutage(false)
		if n := len(d.stored(t)); n > 0 {
			t.Errorf("%d events are stored", n)
		}
		time.Sleep(time.Second) // for the journal
		if last, err := d.database.LastSeen(t.Context()); err != nil || len(last) > 0 {
			t.Errorf("the journal has rows of %v, %v", last, err)
		}
		time.Sleep(time.Minute) // the circuit
		// Of an order that is there, what strangers say is kept like anybody's.
		broken := simpleOrder("A-2")
		broken["shippingAddress"] = map[string]any{"country": "DE"}
		broken["billingAddress"] = broken["shippingAddress"]
		id := r.CT.PlaceOrder(broken)
		r.post("/event", confirmed(id), "")
		if event := d.only(t); event.State != ledger.StateDead || event.Order != id || event.Flow != outcome.Export {
			t.Errorf("stored as %+v", event)
		}
		r.post("/event", confirmed(real), "")
		mustBeOne(t, r.FFT.OrdersOf(real), "a stranger's word of a real order")
	})
}

// TestTheTokenThatWasShownLastIsNoted for doctor, not with every message.
func TestTheTokenThatWasShownLastIsNoted(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keeping(t)
		noted := func(endpoint string) (ends, at time.Time) {
			text, at, ok, err := d.Checkpoint(t.Context(), intake.TokenCheckpoint(endpoint))
			if err != nil || !ok {
				return time.Time{}, time.Time{}
			}
			ends, err = time.Parse(time.RFC3339, text)
			if err != nil {
				t.Error(err)
			}
			return ends, at
		}
		for _, endpoint := range []string{"/event", "/service", "/job"} {
			r.post(endpoint, "{}")
			r.eventually("it is noted", func() bool { ends, _ := noted(endpoint); return !ends.IsZero() })
			if ends, _ := noted(endpoint); time.Until(ends).Round(time.Hour) != r.env.Token.Lifetime {
				t.Errorf("%s: it ends %s", endpoint, ends)
			}
		}
		_, first := noted("/event")
		for range 30 { // other tokens by turns
			time.Sleep(time.Second)
			r.post("/event", "{}")
		}
		if _, at := noted("/event"); !at.Equal(first) {
			t.Error("it is noted with every message")
		}
		time.Sleep(2 * time.Minute)
		r.post("/event", "{}")
		r.eventually("it is noted anew", func() bool { _, at := noted("/event"); return at.After(first) })
	})
}

// TestAStoreThatTakesNothingShows in readiness and metrics, and so does one without room.
func TestAStoreThatTakesNothingShows(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keeping(t)
		if ready := r.readiness(); len(ready.Store) > 0 || r.metric("fftconnect_store_up") != 1 {
			t.Errorf("%+v", ready)
		}
		d.away.Store(true)
		if ready := r.readiness(); ready.Status != "degraded" || len(ready.Store) != 1 || r.metric("fftconnect_store_up") != 0 {
			t.Errorf("away: %+v", ready)
		}
		d.away.Store(false)
		d.full.Store(true)
		if ready := r.readiness(); ready.Status != "degraded" || len(ready.Store) != 1 || r.metric("fftconnect_store_up") != 1 {
			t.Errorf("full: %+v", ready)
		}
	})
}

// TestAStoreWithoutRoomLeavesMessagesWithTheirSender, who delivers them once there is some.
func TestAStoreWithoutRoomLeavesMessagesWithTheirSender(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, d := keeping(t)
		d.full.Store(true)
		broken := simpleOrder("A-1")
		broken["shippingAddress"] = map[string]any{"country": "DE"}
		broken["billingAddress"] = broken["shippingAddress"]
		id := r.CT.PlaceOrder(broken)
		r.answered("/event", message(id), http.StatusServiceUnavailable, "returned")
		last := r.all()[0]
		if len(d.stored(t)) > 0 || !strings.Contains(strings.Join(last.Notes, " "), "not stored") {
			t.Errorf("%+v", last)
		}
		d.full.Store(false)
		r.answered("/event", message(id), http.StatusOK, "rejected")
		d.only(t)
	})
}

// TestAJobOfTheFutureIsNotWaitedFor: whatever date an event has, looking for what the lists
// do not show ends.
func TestAJobOfTheFutureIsNotWaitedFor(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		options := quick()
		options.ListLag = 10 * time.Hour // nothing shows in lists
		r := newRig(t, rigOptions{world: options, env: hasty(), bare: true, store: store})
		r.CT.PutType(ourType())
		seen := r.watchEvents()
		id := r.CT.PlaceOrder(shippedOrder("A-1"))
		r.post("/event", confirmed(id))
		order := mustBeOne(t, r.FFT.OrdersOf(id), "A-1")
		for range stages - 1 {
			if _, err := r.FFT.Step(order.ID); err != nil {
				t.Fatal(err)
			}
		}
		body := seen.body(t, "PICK_JOB_PICKING_FINISHED", order.ID)
		for _, name := range []string{"created", "lastModified"} {
			body = dated(t, body, name, "2099-01-01T00:00:00.000Z")
		}
		r.FFTLog.Reset()
		r.post("/service", body)
		time.Sleep(10 * time.Minute)
		if n := r.FFTLog.Count("GET /api/"); n == 0 || n > 20 {
			t.Errorf("%d calls for one event:%s", n, r.listing())
		}
		if left := d.stored(t); len(left) > 0 {
			t.Errorf("it still waits: %+v", left)
		}
	})
}

// dated is the event with a date of its payload changed.
func dated(t *testing.T, body, name, date string) string {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal([]byte(body), &event); err != nil {
		t.Fatal(err)
	}
	event["payload"].(map[string]any)[name] = date
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
