package connector_test

import (
	"fmt"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator/fftsim"
)

// placeSome places so many orders whose numbers begin with the name.
func (b *besides) placeSome(name string, n int) (ids []string) {
	b.t.Helper()
	for i := range n {
		ids = append(ids, b.CT.PlaceOrder(simpleOrder(fmt.Sprintf("%s-%d", name, i))))
	}
	return ids
}

// stepped lets fulfilment go on without waiting for anybody to hear of it.
func (b *besides) stepped() {
	b.t.Helper()
	for _, order := range b.FFT.Orders() {
		if order.Stage == fftsim.StageHandedOver || order.Stage == fftsim.StageCancelled {
			continue
		}
		if _, err := b.FFT.Step(order.ID); err != nil {
			b.t.Fatal(err)
		}
	}
}

// reconciled compares and repairs once, as the command does.
func (b *besides) reconciled(r *rig) []reconcile.Finding {
	b.t.Helper()
	found, err := r.connector.Reconciler.WalkAll(b.t.Context(), reconcile.Walk{From: commercetools.Position{}, Until: time.Now().Add(time.Minute)})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		if !f.Repaired {
			b.t.Errorf("not repaired: %+v", f)
		}
	}
	return found
}

// allThere checks that every order was exported exactly once.
func (b *besides) allThere(when string, ids ...string) {
	b.t.Helper()
	for i, id := range ids {
		if n := len(b.FFT.OrdersOf(id)); n != 1 {
			b.t.Errorf("%s: order %d is there %d times:%s", when, i, n, describe(b.outcomes(id)))
		}
	}
}

// TestSwitchingStepByStep is docs/switching.md. fulfillmenttools takes second orders of
// the same name here, so nothing but the steps keeps orders from being there twice.
func TestSwitchingStepByStep(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		d.eager = true
		options := quick()
		options.KeepBodies, options.AllowSecondOrder = true, true
		r := newRig(t, rigOptions{world: options, env: shadowed(), bare: true, store: store})
		b := &besides{rig: r, other: startImitation(t, r.World), store: d}
		b.other.deploy()
		ids := b.placeSome("BEFORE", 3)
		b.eventually("the existing connector exported them", func() bool { return len(b.FFT.Orders()) == len(ids) })
		b.settle() // it adds fields to the order type, as install is about to

		// 1 and 2: ours beside it, in shadow mode, with subscriptions of its own.
		b.installed()
		b.CTLog.Reset()
		b.FFTLog.Reset()
		ids = append(ids, b.placeSome("SHADOWED", 3)...)
		b.settle()
		b.stepped()
		b.quiet()
		// 3: compared.
		if n := b.report().Export.Orders; n != 3 {
			t.Errorf("%d orders compared, want 3", n)
		}
		b.mustNotHaveWritten()

		// 4: theirs goes. What it is sent from here on is lost to it.
		b.other.closed.Store(true)
		ids = append(ids, b.placeSome("GAP", 3)...)
		b.stepped()
		b.other.undeploy("")
		b.other.gone.Store(true)
		// Some of it is compared before we begin to write, some is still in the store.
		b.quiet()
		ids = append(ids, b.placeSome("LATE-GAP", 3)...)
		b.stepped()
		// 5: ours writes.
		b.restart(hasty())
		b.quiet()
		// 6: what fell into the gap.
		if found := b.reconciled(b.rig); len(found) == 0 {
			t.Error("nothing fell into the gap: the test shows nothing")
		}
		b.settle()
		b.allThere("after the switch", ids...)
		ids = append(ids, b.placeSome("OURS", 3)...)
		b.goThrough()
		b.shipped("after the switch", ids)

		// And back. 1: ours stops writing.
		ids = append(ids, b.placeSome("LAST", 2)...)
		b.quiet()
		b.stepped()
		b.restart(shadowed())
		ids = append(ids, b.placeSome("GAP-BACK", 3)...)
		b.quiet()
		// 2: theirs comes, and takes new orders.
		b.other.deploy()
		ids = append(ids, b.placeSome("THEIRS", 2)...)
		b.quiet()
		// 3: what fell into the gap, by a command that writes once.
		once := b.beside(hasty("DATABASE_URL", "none", "EXPORT_CLAIM", "false"))
		b.reconciled(once)
		b.settle()
		b.allThere("after the way back", ids...)
		// 4: ours goes.
		b.uninstalled()
		b.stepped()
		b.settle()
		for range stages {
			b.step()
		}
		b.shipped("after the way back", ids)
	})
}

func (b *besides) shipped(when string, ids []string) {
	b.t.Helper()
	b.allThere(when, ids...)
	for i, id := range ids {
		if state := b.shipmentState(id); state != "Shipped" {
			b.t.Errorf("%s: order %d is %s", when, i, state)
		}
		for _, name := range []string{"fft_order_id", "fft_pickjob_id"} {
			if b.field(id, name) == nil {
				b.t.Errorf("%s: order %d lacks %s", when, i, name)
			}
		}
		if step := backward(b.CT.History(id)); step != "" {
			b.t.Errorf("%s: order %d: %s", when, i, step)
		}
	}
}

func (b *besides) uninstalled() {
	b.t.Helper()
	plan, err := b.unguarded().Uninstall(b.t.Context(), false)
	if err == nil {
		err = plan.Apply(b.t.Context(), func(setup.Step, error) {})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
