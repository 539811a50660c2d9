package connector_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/testform"
)

// fails ends the test with an error.
func (r *rig) fails(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// deadLetters are the problems of an order, as people see them, with a store or without.
func (r *rig) deadLetters(id string) (found []string) {
	r.t.Helper()
	var answer struct {
		Problems []struct{ Type, Order, Reason, Advice string }
	}
	_, text := r.get("/problems")
	r.fails(json.Unmarshal([]byte(text), &answer))
	for _, p := range answer.Problems {
		if p.Order == id {
			found = append(found, p.Type+": "+p.Reason+" | "+p.Advice)
		}
	}
	return found
}

// visited lets due visits be made for so long, in fake time.
func (r *rig) visited(lasts time.Duration) {
	r.t.Helper()
	for end := time.Now().Add(lasts); time.Now().Before(end); time.Sleep(time.Minute) {
		if r.opts.store == nil { // nobody visits by itself: it is asked for
			_, err := r.connector.Reconciler.VisitDue(r.t.Context())
			r.fails(err)
		}
	}
}

// severalVisits is how long a handful of visits take, the first after a minute, each later one
// after twice the time of the one before.
func severalVisits() time.Duration {
	return testform.Of(16*time.Minute, 16*time.Minute, 90*time.Minute)
}

// TestARefusalThatAVisitFindsStaysAProblemUntilItIsSettled waits for visits in fake time.
func TestARefusalThatAVisitFindsStaysAProblemUntilItIsSettled(t *testing.T) {
	eachStore(t, withDatabase, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		r.FFT.AllowModification(false, true)
		r.FFT.Courier().Close() // only the visit tells
		r.CT.Courier().Close()
		r.fails(r.CT.Edit(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")}))
		r.visited(5 * time.Minute)
		letters := r.deadLetters(id)
		if len(letters) != 1 || !strings.Contains(letters[0], "street") || !strings.Contains(letters[0], "ORDER_CONSUMER_WRITE") {
			t.Fatalf("problems %q", letters)
		}
		if shown, _ := r.field(id, "fft_exceptions").([]any); !slices.Contains(shown, any("changeRefused")) {
			t.Errorf("fft_exceptions %v", shown)
		}
		before := r.modifications()
		r.visited(severalVisits())
		if letters := r.deadLetters(id); len(letters) != 1 {
			t.Errorf("problems after more visits: %q", letters)
		}
		if n := r.modifications() - before; n > 0 {
			t.Errorf("tried %d times more", n)
		}

		// A person who asks is told, and it is tried again.
		order, err := r.connector.Commercetools.Snapshot(t.Context(), id)
		r.fails(err)
		report, err := r.connector.Orders.Sync(t.Context(), order, true)
		if err != nil || report.Finding == nil || report.Finding.Kind != reconcile.Changed {
			t.Fatalf("sync --dry-run: %+v, %v", report, err)
		}
		r.FFT.AllowModification(true, true)
		r.retriesOrSyncs(id)
		r.eventually("the change is taken", func() bool { return r.shown(there).Consumer.Addresses[0]["street"] == "Rheinweg" })
		r.eventually("nothing is left of it", func() bool { return len(r.deadLetters(id)) == 0 })
		if shown, _ := r.field(id, "fft_exceptions").([]any); len(shown) > 0 {
			t.Errorf("fft_exceptions %v", shown)
		}
	})
}

// retriesOrSyncs has the order's dead letters tried again; without a store it is compared.
func (r *rig) retriesOrSyncs(id string) {
	r.t.Helper()
	if d, ok := r.depot(); ok {
		n, err := d.database.Retry(r.t.Context(), ledger.Filter{Order: id, State: ledger.StateDead})
		if err != nil || n != 1 {
			r.t.Fatalf("%d retried, %v", n, err)
		}
		return
	}
	order, err := r.connector.Commercetools.Snapshot(r.t.Context(), id)
	r.fails(err)
	_, err = r.connector.Orders.Sync(r.t.Context(), order, false)
	r.fails(err)
}

func (r *rig) depot() (*depot, bool) {
	if r.opts.store == nil {
		return nil, false
	}
	d, ok := r.opts.store(r).(database)
	return d.depot, ok
}

// TestARefusalThatAMessageMetIsNotSettledByAVisit waits for visits in fake time.
func TestARefusalThatAMessageMetIsNotSettledByAVisit(t *testing.T) {
	eachStore(t, withDatabase, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		r.FFT.AllowModification(false, true)
		r.updated(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")})
		r.visited(severalVisits())
		r.updated(id, map[string]any{"action": "setCustomerEmail", "email": "ada@example.org"})
		time.Sleep(time.Second) // in fake time: the journal is written
		if letters := r.deadLetters(id); len(letters) != 1 || !strings.HasPrefix(letters[0], "OrderShippingAddressSet") {
			t.Fatalf("problems %q", letters)
		}
		before := r.modifications()
		if r.opts.store != nil {
			r.retriesOrSyncs(id)
			r.eventually("it is tried again", func() bool { return r.modifications() > before })
			time.Sleep(time.Second)
			if letters := r.deadLetters(id); len(letters) != 1 {
				t.Errorf("refused again: problems %q", letters)
			}
		}
		r.FFT.AllowModification(true, true)
		r.retriesOrSyncs(id)
		r.eventually("nothing is left of it", func() bool { return len(r.deadLetters(id)) == 0 })
	})
}

// TestWhatAVisitFindsAndSomebodyDiscardsIsNoErrorOfLaterVisits waits for visits in fake time.
func TestWhatAVisitFindsAndSomebodyDiscardsIsNoErrorOfLaterVisits(t *testing.T) {
	eachStore(t, withDatabase, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		d, ok := r.depot()
		if !ok {
			return
		}
		r.FFT.AllowModification(false, true)
		r.CT.Courier().Close()
		r.FFT.Courier().Close()
		r.fails(r.CT.Edit(id, map[string]any{"action": "setShippingAddress", "address": address("Rheinweg")}))
		r.visited(5 * time.Minute)
		if n, err := d.database.Discard(ledger.WithActor(t.Context(), "olga", "told by phone"), ledger.Filter{Order: id, State: ledger.StateDead}); n != 1 || err != nil {
			t.Fatalf("%d discarded, %v", n, err)
		}
		r.visited(severalVisits())
		if letters := r.deadLetters(id); len(letters) > 0 {
			t.Errorf("problems %q", letters)
		}
		if found, err := r.connector.Reconciler.WalkAll(t.Context(), reconcile.Walk{Until: time.Now(), DryRun: true}); err != nil || len(found) > 0 {
			t.Errorf("reconcile finds %+v, %v", found, err)
		}
	})
}

// TestTheTimelineSaysWhoDidWhat: what is done by itself, and what people do.
func TestTheTimelineSaysWhoDidWhat(t *testing.T) {
	eachStore(t, withDatabase, map[string]any{}, func(t *testing.T, r *rig, id, there string) {
		d, ok := r.depot()
		if !ok {
			return
		}
		r.CT.Courier().Close()
		change := func(street string) {
			r.fails(r.CT.Edit(id, map[string]any{"action": "setShippingAddress", "address": address(street)}))
		}
		change("Rheinweg")
		r.visited(5 * time.Minute) // a visit repairs it
		change("Uferweg")
		order, err := r.connector.Commercetools.Snapshot(t.Context(), id)
		r.fails(err)
		ctx := ledger.WithActor(t.Context(), "olga@desk", "")
		_, err = r.connector.Orders.Sync(ctx, order, false)
		r.fails(err)
		r.FFT.AllowModification(false, true)
		change("Lindenweg")
		r.visited(20 * time.Minute)
		if n, err := d.database.Retry(ctx, ledger.Filter{Order: id, State: ledger.StateDead}); n != 1 || err != nil {
			t.Fatalf("retry: %d, %v", n, err)
		}
		r.eventually("it is a dead letter again", func() bool { return len(r.deadLetters(id)) == 1 })
		if n, err := d.database.Discard(ctx, ledger.Filter{Order: id, State: ledger.StateDead}); n != 1 || err != nil {
			t.Fatalf("discard: %d, %v", n, err)
		}
		time.Sleep(time.Second) // in fake time: the journal is written
		rows, err := d.database.Timeline(t.Context(), id)
		r.fails(err)
		for _, want := range []struct {
			name string
			ends outcome.Kind
			who  string
		}{
			{"visit", outcome.Applied, ""},
			{"sync", outcome.Applied, "by olga@desk"},
			{"visit", outcome.Refused, ""},
			{"retry", outcome.Deferred, "by olga@desk"},
			{"discard", outcome.Ignored, "by olga@desk"},
		} {
			if !slices.ContainsFunc(rows, func(row ledger.JournalRow) bool {
				return row.Type == want.name && row.Outcome == want.ends && strings.Contains(row.Reason, want.who) && !row.At.IsZero()
			}) {
				t.Errorf("no row of a %s that ends %s %s: %+v", want.name, want.ends, want.who, rows)
			}
		}
	})
}
