//go:build slow

package chaos_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/testtime"
)

func TestMessagesStayWithTheirSenderWhilePostgreSQLIsAway(t *testing.T) {
	unlessFast(t)
	t.Parallel()
	server := startPostgres(t)
	away(t, createDatabase(t, server, "away"), func() (back func() error, err error) { return server.Resume, server.Stop() })
}

func TestMessagesStayWithTheirSenderWhileTheSQLiteFileIsLocked(t *testing.T) {
	unlessFast(t)
	t.Parallel()
	file := filepath.Join(t.TempDir(), "away.db")
	away(t, "sqlite:"+file, func() (back func() error, err error) {
		release, err := blockSQLite(file)
		return func() error { release(); return nil }, err
	})
}

// away takes the database from a connector at work, and gives it back.
func away(t *testing.T, database string, leave func() (back func() error, err error)) {
	s := newSite(t, database, quick(1), nil)
	var kept, strange atomic.Int64
	s.world.CT.Courier().Watch(func(d simulator.Delivery) {
		switch d.Status {
		case http.StatusOK:
		case http.StatusServiceUnavailable:
			kept.Add(1)
		default:
			strange.Add(1)
		}
	})
	s.open(t, 1)
	before := shipped(s, 3)
	store := s.store(t)
	testtime.Until(t, "an order is exported", func() bool { return len(s.world.FFT.OrdersOf(before[0].id)) > 0 })

	back, err := leave()
	if err != nil {
		t.Fatal(err)
	}
	meanwhile := shipped(s, 5)
	testtime.Until(t, "every message is answered 503", func() bool { return kept.Load() >= int64(len(meanwhile)) })
	for _, order := range meanwhile {
		if len(s.world.FFT.OrdersOf(order.id)) > 0 {
			t.Errorf("order %s was exported without a claim", order.id)
		}
	}
	if err := back(); err != nil {
		t.Fatal(err)
	}
	orders := slices.Concat(before, meanwhile)
	problem := ""
	if !testtime.Holds(func() bool {
		problem = quiet(t.Context(), s, store, orders)
		return problem == ""
	}) {
		t.Errorf("the database is back, but %s", problem)
	}
	complain(t, s, store, orders)
	if starts, crashes := s.replicas[0].seen(); starts != 1 || len(crashes) > 0 {
		t.Errorf("the connector was started %d times: %s", starts, crashes)
	}
	if n := strange.Load(); n > 0 {
		t.Errorf("%d messages were answered neither 200 nor 503", n)
	}
	t.Logf("%d messages were answered 503 and sent again; %d orders are right", kept.Load(), len(orders))
}

// shipped places so many orders that are to be shipped.
func shipped(s *site, n int) (orders []placed) {
	for len(orders) < n {
		order := s.world.NextOrder()
		if order.Fate == catalogue.FateShipped {
			orders = append(orders, placed{s.world.Place(order), order.Fate, order.Traits})
		}
	}
	return orders
}
