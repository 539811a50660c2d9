package reconcile_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/ledger/ledgertest"
	"fftconnect/internal/reconcile"
)

// TestADayOfVisitsCostsWhatIsOpen: an order whose last sign of life is older than a day and
// a half is visited once a day, one of today six times. The formula of docs/capacity.md.
func TestADayOfVisitsCostsWhatIsOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const old, fresh = 300, 50
		v := exported()
		v.pickJob("OPEN", v.began)
		v.store = v.db.Open(ledgertest.Options{})
		r := reconcile.New(reconcile.Options{Orders: v, Exporter: v, Updater: updater{v}, Open: v.store, Workers: 1})
		var orders []reconcile.OpenOrder
		for i := range old + fresh {
			order := reconcile.OpenOrder{ID: fmt.Sprintf("o%04d", i), Opened: v.began, Stirred: v.began, Next: v.began.Add(15 * time.Minute)}
			if i < old {
				order.Stirred, order.Visits = v.began.Add(-5*24*time.Hour), 11
				order.Next = v.began.Add(time.Duration(i) * 24 * time.Hour / old)
			}
			orders = append(orders, order)
		}
		if err := v.store.Track(t.Context(), orders); err != nil {
			t.Fatal(err)
		}
		v.visits(t, r, 24*time.Hour)
		if got, want := len(v.looks), old+6*fresh; got != want {
			t.Errorf("%d visits in a day, want %d", got, want)
		}
		v.looks = nil
		v.visits(t, r, 24*time.Hour)
		if got, want := len(v.looks), old+fresh; got != want {
			t.Errorf("%d visits on the second day, want %d", got, want)
		}
		if late, open, err := v.store.CountLate(context.Background()); err != nil || open != old+fresh {
			t.Errorf("%d open, %v late: %v", open, late, err)
		}
	})
}
