package connector_test

import (
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/simulator/fftsim"
)

func (r *rig) confirm(id string) {
	r.t.Helper()
	if err := r.CT.Edit(id, map[string]any{"action": "changeOrderState", "orderState": "Confirmed"}); err != nil {
		r.t.Fatal(err)
	}
	r.settle()
}

// living are the order's counterparts that go on.
func (r *rig) living(id string) (alive []fftsim.Order) {
	for _, there := range r.FFT.OrdersOf(id) {
		if there.Status != "CANCELLED" {
			alive = append(alive, there)
		}
	}
	return alive
}

func TestAnOrderThatIsConfirmedAgainGetsANewOrderThere(t *testing.T) {
	for name, env := range map[string]map[string]string{"with a store": hasty(), "without": hasty("DATABASE_URL", "none")} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				options := rigOptions{world: quick(), env: env}
				if env["DATABASE_URL"] == "" {
					_, options.store = withDepot(t)
				}
				r := newRig(t, options)
				id := r.CT.PlaceOrder(shippedOrder("A-1"))
				r.settle()
				r.step()
				first := mustBeOne(t, r.FFT.OrdersOf(id), "after the confirmation")
				r.cancel(id)
				r.settle()
				if len(r.living(id)) != 0 {
					t.Fatalf("it goes on although it was cancelled:%s", describe(r.outcomes(id)))
				}
				time.Sleep(time.Minute)
				r.confirm(id)
				second := mustBeOne(t, r.living(id), "confirmed again")
				if second.ID == first.ID || r.field(id, "fft_order_id") != second.ID {
					t.Errorf("the order names %v, want %s", r.field(id, "fft_order_id"), second.ID)
				}
				for range stages {
					r.step()
				}
				if state := r.shipmentState(id); state != "Shipped" || len(r.living(id)) != 1 {
					t.Errorf("the new one ended as %s:%s", state, describe(r.outcomes(id)))
				}
				if n := len(r.deliveries(id)); n != 1 {
					t.Errorf("%d deliveries", n)
				}
			})
		})
	}
}

func TestAnOrderThatWasCancelledThereIsSentAgainWhenAsked(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		_, store := withDepot(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty(), store: store})
		id := r.CT.PlaceOrder(shippedOrder("A-1"))
		r.settle()
		if result, err := r.connector.Exporter.Resend(t.Context(), id); err != nil || result.Kind != "unchanged" {
			t.Errorf("while it goes on: %+v, %v", result, err)
		}
		if err := r.FFT.CancelByFFT(mustBeOne(t, r.FFT.OrdersOf(id), "at first").ID, false); err != nil {
			t.Fatal(err)
		}
		r.settle()
		order, err := r.connector.Commercetools.Snapshot(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if finding, err := r.connector.Reconciler.ExamineOrder(t.Context(), order); err != nil || finding == nil || finding.Kind != reconcile.Revoked {
			t.Errorf("%+v, %v", finding, err)
		}
		if result, err := r.connector.Exporter.Resend(t.Context(), id); err != nil || result.Kind != "applied" {
			t.Errorf("%+v, %v", result, err)
		}
		r.settle()
		if second := mustBeOne(t, r.living(id), "sent again"); r.field(id, "fft_order_id") != second.ID {
			t.Errorf("the order names %v, want %s", r.field(id, "fft_order_id"), second.ID)
		}
	})
}

func TestACorrectedOrderGoesAtOnceAndItsDeadLetterEnds(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), env: hasty(), store: store})
		draft := shippedOrder("A-1")
		address := draft["shippingAddress"].(map[string]any)
		broken := map[string]any{"country": "DE"}
		draft["shippingAddress"], draft["billingAddress"] = broken, broken
		id := r.CT.PlaceOrder(draft)
		r.settle()
		if dead, err := d.Events(t.Context(), ledger.Filter{State: ledger.StateDead}); err != nil || len(dead) != 1 {
			t.Fatalf("dead letters: %+v, %v:%s", dead, err, describe(r.outcomes(id)))
		}
		if err := r.CT.Edit(id, map[string]any{"action": "setShippingAddress", "address": address}); err != nil {
			t.Fatal(err)
		}
		r.settle()
		mustBeOne(t, r.FFT.OrdersOf(id), "once its address was corrected")
		time.Sleep(2 * time.Second) // the journal is written a moment later
		if dead, err := d.Events(t.Context(), ledger.Filter{State: ledger.StateDead}); err != nil || len(dead) != 0 {
			t.Errorf("dead letters: %+v, %v", dead, err)
		}
		if _, body := r.get("/problems"); body != "{\"problems\":[]}\n" {
			t.Errorf("problems: %s", body)
		}
	})
}
