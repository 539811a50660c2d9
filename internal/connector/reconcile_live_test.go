package connector_test

import (
	"sync"
	"testing"
	"time"

	"fftconnect/internal/reconcile"
	"fftconnect/internal/testform"
	"fftconnect/internal/testtime"
)

// TestABackFillExportsNothingTwice reconciles a shop that has history: twice, from
// two connectors at once, while new orders and their messages come in.
func TestABackFillExportsNothingTwice(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		var history []string
		for range testform.Of(20, 60, 120) {
			order := b.NextOrder()
			history = append(history, b.Place(order))
		}
		before := b.run(everything()) // also repairs; a part of the history was exported before
		if len(before) == 0 {
			t.Fatal("there is nothing to repair")
		}
		for range testform.Of(10, 20, 30) {
			history = append(history, b.place(""))
		}
		b.switchOn()
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() {
				if _, err := b.connector.Reconciler.WalkAll(t.Context(), everything()); err != nil {
					t.Errorf("reconcile: %v", err)
				}
			})
		}
		var live []string
		for range testform.Of(10, 20, 30) {
			live = append(live, b.place(""))
			time.Sleep(2 * time.Millisecond)
		}
		wait.Wait()
		testtime.Pass(t, "all messages are delivered", func() bool { return b.Pending() == 0 })
		for _, id := range append(history, live...) {
			alive := 0
			for _, there := range b.FFT.OrdersOf(id) {
				if there.Status != "CANCELLED" {
					alive++
				}
			}
			if alive > 1 || len(b.FFT.OrdersOf(id)) > 1 {
				t.Errorf("order %s exists %d times", id, len(b.FFT.OrdersOf(id)))
			}
		}
		for _, id := range live {
			b.only(id)
		}
		b.run(everything()) // what the messages of the cut-in left to do
		for _, f := range b.run(everything()) {
			if f.Repaired || f.Kind != reconcile.Missing {
				t.Errorf("there is still something to repair: %+v", f)
			}
		}
	})
}

// TestARestartedConnectorExportsNothingAgain has nothing to go by but the platforms.
func TestARestartedConnectorExportsNothingAgain(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		b := newBench(t)
		var ids []string
		for _, number := range []string{"A-1", "", "A-3"} {
			ids = append(ids, b.place(number))
		}
		b.repairs(3)
		b.edit(ids[1], map[string]any{"action": "setOrderNumber", "orderNumber": "A-2"}) // exported by its id
		b.start()
		for _, f := range b.repairs(3) {
			if f.Kind != reconcile.Behind {
				t.Errorf("%+v", f)
			}
		}
		for _, id := range ids {
			b.only(id)
		}
	})
}
