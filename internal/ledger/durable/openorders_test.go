package durable_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

// TestWhatWasSentIsKeptWithTheOpenOrder: no store may lose it, or make it up.
func TestWhatWasSentIsKeptWithTheOpenOrder(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		sent := func() string { return must[string](t)(l.SentValues(ctx, "o1")) }
		check(t, l.SaveSent(ctx, "o1", "of no open order"))
		if got := sent(); got != "" {
			t.Errorf("an order that is not open was sent %q", got)
		}
		export := outcome.Entry{At: time.Now(), Flow: outcome.Export, Type: "OrderCreated"}
		export.Order, export.Kind, export.Sent = "o1", outcome.Applied, "first"
		l.Record(export)
		eventually(t, "what was sent is kept", func() bool { return sent() == "first" })
		event := outcome.Entry{At: time.Now(), Flow: outcome.Feedback, Type: "PICK_JOB_CREATED"}
		event.Order, event.Kind = "o1", outcome.Applied
		l.Record(event)
		check(t, l.SaveSent(ctx, "o1", "second"))
		eventually(t, "the event is in the journal", func() bool {
			rows := 0
			check(t, l.Journal(ctx, event.At.Add(-time.Hour), outcome.Applied, func(ledger.JournalRow) { rows++ }))
			return rows == 2
		})
		if got := sent(); got != "second" {
			t.Errorf("after an event it is %q", got)
		}
		order, known, err := l.OpenOrder(ctx, "o1")
		if err != nil || !known {
			t.Fatalf("the order is not open: %v", err)
		}
		check(t, l.ForgetOrder(ctx, order))
		if got := sent(); got != "" {
			t.Errorf("a finished order was sent %q", got)
		}
	})
}

// many makes finished orders and open ones: claims of both, and rows of the latter.
func (s store) many(finished, open int) {
	s.tb.Helper()
	numbers := `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) `
	text := `printf('%%s-%%08d', '%s', n)`
	if s.postgres() {
		numbers, text = `WITH numbers AS (SELECT generate_series(1, %d) AS n) `, `'%s-' || lpad(n::text, 8, '0')`
	}
	for kind, count := range map[string]int{"finished": finished, "open": open} {
		if count == 0 {
			continue
		}
		id := fmt.Sprintf(text, kind)
		s.raw(fmt.Sprintf(numbers, count) + `INSERT INTO fftconnect_claims (order_id, names, fft_order_id, in_flight_until, version, updated_at)
			SELECT ` + id + `, '["A-1"]', 'f-' || n, 0, 1, 1000000 FROM numbers WHERE true`)
	}
	if open > 0 {
		s.raw(fmt.Sprintf(numbers, open) + `INSERT INTO fftconnect_open_orders (order_id, opened_at, stirred_at, next_visit)
			SELECT ` + fmt.Sprintf(text, "open") + `, 1000000, 1000000, 1000000 + n FROM numbers WHERE true`)
	}
}

// TestTheVisitsQueryReadsOnlyWhatIsDue: whatever else the database holds.
func TestTheVisitsQueryReadsOnlyWhatIsDue(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l := s.open(durable.Options{})
		s.many(2_000, 3_000)
		explain := `EXPLAIN QUERY PLAN `
		if s.postgres() {
			s.raw(`ANALYZE fftconnect_open_orders`)
			explain = `EXPLAIN `
		}
		plan := s.rows(explain + `SELECT order_id FROM fftconnect_open_orders WHERE next_visit > 0 AND next_visit <= 1001000 ORDER BY next_visit LIMIT 100`)
		if !strings.Contains(plan, "fftconnect_open_orders_due") || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("the plan is %s", plan)
		}
		due, err := l.DueOrders(t.Context(), 100)
		if err != nil || len(due) != 100 || due[0].ID != "open-00000001" {
			t.Errorf("%d orders are due: %v", len(due), err)
		}
	})
}

// BenchmarkVisitsStore is what the store adds to a visit, with and without a year of
// finished orders beside 50,000 open ones.
func BenchmarkVisitsStore(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, finished := range []int{0, 1_000_000} {
			b.Run(fmt.Sprintf("%s/finished=%d", kind, finished), func(b *testing.B) {
				s := newStore(b, kind)
				l := s.open(durable.Options{})
				s.many(finished, 50_000)
				if s.postgres() {
					s.raw(`ANALYZE`)
				}
				var page []reconcile.OpenOrder
				b.ResetTimer()
				for b.Loop() {
					if len(page) == 0 {
						var err error
						if page, err = l.DueOrders(b.Context(), 100); err != nil || len(page) == 0 {
							b.Fatalf("%d orders are due: %v", len(page), err)
						}
					}
					now := page[0]
					now.Visits, now.Next = now.Visits+1, now.Next.Add(1) // at the end of the line
					if err := l.SaveVisit(b.Context(), page[0], now); err != nil {
						b.Fatal(err)
					}
					page = page[1:]
				}
			})
		}
	}
}

// TestAListOfOpenOrdersGoesOnBehindItsLast: page by page all are seen, once, also those of one moment.
func TestAListOfOpenOrdersGoesOnBehindItsLast(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		at := time.Now().Truncate(time.Second)
		var all []reconcile.OpenOrder
		for i := range 7 {
			all = append(all, reconcile.OpenOrder{ID: fmt.Sprint("o", i), Opened: at, LastActivity: at.Add(time.Duration(i/3) * time.Minute)})
		}
		check(t, l.TrackOrders(ctx, all))
		var seen []string
		for after := ""; ; {
			page := must[[]reconcile.OpenOrder](t)(l.OpenOrders(ctx, ledger.OpenOrderFilter{After: after, Limit: 2}))
			if len(page) == 0 {
				break
			}
			for _, order := range page {
				seen = append(seen, order.ID)
			}
			after = page[len(page)-1].ID
		}
		if got := strings.Join(seen, " "); got != "o0 o1 o2 o3 o4 o5 o6" {
			t.Errorf("the pages show %s", got)
		}
		if _, err := l.OpenOrders(ctx, ledger.OpenOrderFilter{After: "nobody"}); err == nil {
			t.Error("a list goes on behind an order that is not in it")
		}
	})
}
