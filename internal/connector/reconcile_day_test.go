package connector_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/commercetools"
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
			order := reconcile.OpenOrder{ID: fmt.Sprintf("o%04d", i), Opened: v.began, LastActivity: v.began, Next: v.began.Add(15 * time.Minute)}
			if i < old {
				order.LastActivity, order.Visits = v.began.Add(-5*24*time.Hour), 11
				order.Next = v.began.Add(time.Duration(i) * 24 * time.Hour / old)
			}
			orders = append(orders, order)
		}
		if err := v.store.TrackOrders(t.Context(), orders); err != nil {
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

// crowd is many orders of which nobody but commercetools knows.
type crowd struct {
	*visited
	modified map[string]time.Time
	ids      []string // sorted
	lists    int
}

func (c *crowd) OrdersUnfinished(_ context.Context, after string, which commercetools.Unfinished, limit int) (page []commercetools.Snapshot, _ error) {
	c.lists++
	for _, id := range c.ids {
		at := c.modified[id]
		due := slices.ContainsFunc(which.Spans, func(s commercetools.Span) bool { return at.After(s.After) && !at.After(s.Until) })
		if id > after && due && len(page) < limit {
			order := c.order()
			order.ID, order.LastModifiedAt = id, at
			page = append(page, order)
		}
	}
	return page, nil
}

// TestADayOfVisitsWithoutAStoreCostsTheSame and lists only orders that are due.
func TestADayOfVisitsWithoutAStoreCostsTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const old, fresh = 300, 50
		v := exported()
		v.pickJob("OPEN", v.began)
		c := &crowd{visited: v, modified: map[string]time.Time{}}
		for i := range old + fresh {
			id := fmt.Sprintf("o%04d", i)
			c.modified[id], c.ids = v.began, append(c.ids, id)
			if i < old { // five to six days ago
				c.modified[id] = v.began.Add(-5*24*time.Hour - time.Duration(i)*24*time.Hour/old)
			}
		}
		rounds := &kept{reconcile.Round{Since: v.began}}
		day := func() {
			v.looks, c.lists = nil, 0
			for end := time.Now().Add(24 * time.Hour); time.Now().Before(end); {
				time.Sleep(15 * time.Minute)
				r := reconcile.New(reconcile.Options{Orders: c, Exporter: v, Updater: updater{v}, Rounds: rounds, Workers: 1})
				if _, err := r.VisitDue(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		day()
		if got, want := len(v.looks), old+6*fresh; got < want-6 || got > want+6 {
			t.Errorf("%d visits in a day, want %d", got, want)
		}
		if most := 96*3 + 6; c.lists > most { // a list for every twelve times, and what a full page adds
			t.Errorf("%d lists in a day, want %d at most", c.lists, most)
		}
		day()
		if got, want := len(v.looks), old+fresh; got < want-6 || got > want+6 {
			t.Errorf("%d visits on the second day, want %d", got, want)
		}
	})
}
