//go:build unix

package connector_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"fftconnect/internal/ledger/durable"
)

// BenchmarkPages is how long each page takes with 1,000,000 journal rows of 30 days, 100,000
// stored events of 40 causes and 20,000 open orders.
func BenchmarkPages(b *testing.B) {
	file := filepath.Join(b.TempDir(), "full.db")
	store, err := durable.Open(b.Context(), "sqlite:"+file, durable.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close(context.Background())
	fill(b, file)
	d := newDesk(b, func(d *desk) { d.opts.Store = store })
	for _, target := range []string{
		"/", "/search?q=N-4711", "/orders/" + orderOf(4711), "/attention", "/attention/events?class=rejected&flow=export&cause=cause+number+x7",
		"/late", "/now", "/settings",
	} {
		b.Run(target, func(b *testing.B) {
			before := cpu(b)
			for b.Loop() {
				if response := d.send(http.MethodGet, target, nil); response.StatusCode >= 400 {
					b.Fatal(response.Status)
				}
			}
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/page")
		})
	}
}

// cpu is what this process has used, which says more than time on a machine that others use too.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func orderOf(n int) string { return fmt.Sprintf("aaaaaaaa-bbbb-4ccc-8ddd-%012d", n) }

func fill(b *testing.B, file string) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	const order = `'aaaaaaaa-bbbb-4ccc-8ddd-' || printf('%%012d', i %% %d)`
	upTo := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", n)
	}
	now, month := time.Now().UnixMicro(), (30 * 24 * time.Hour).Microseconds()
	for _, statement := range []string{
		upTo(1_000_000) + fmt.Sprintf(`INSERT INTO fftconnect_journal (at, flow, type, order_id, event_id, outcome, reason, attempt, duration, calls, project_key)
			SELECT %d - %d / 1000000 * i, CASE i %% 6 WHEN 0 THEN 'export' ELSE 'feedback' END, 'PICK_JOB_CREATED', `+order+`, 'e' || i,
			CASE WHEN i %% 200 = 0 THEN 'rejected' WHEN i %% 50 = 0 THEN 'deferred' ELSE 'applied' END, 'fulfilment goes on', 1, 1000000, 1, 'shop' FROM n`, now, month, 160_000),
		upTo(100_000) + fmt.Sprintf(`INSERT INTO fftconnect_events (unique_key, flow, type, order_id, event_id, body, hint, state, reason, fix, attempts, received_at, since, last_attempt_at, next_attempt_at, class, cause)
			SELECT 'k' || i, 'export', 'OrderStateChanged', `+order+`, 'e' || i, x'7b7d', '', CASE i %% 4 WHEN 0 THEN 'deferred' ELSE 'dead' END, 'order x: cause', 'fix it', 1,
			%d - i * 1000000, %d, 0, 0, 'rejected', 'cause number x' || (i %% 40) FROM n`, 160_000, now, now),
		upTo(160_000) + fmt.Sprintf(`INSERT INTO fftconnect_order_names (name, kind, order_id, seen_at) SELECT 'N-' || i, 'order number', `+order+`, %d FROM n`, 160_000, now),
		upTo(20_000) + fmt.Sprintf(`INSERT INTO fftconnect_open_orders (order_id, number, opened_at, stirred_at, next_visit, state, late, late_since)
			SELECT `+order+`, 'N-' || i, %d, %d, %d, 'at picking', CASE i %% 20 WHEN 0 THEN 'no pick job' ELSE '' END, CASE i %% 20 WHEN 0 THEN %d ELSE 0 END FROM n`, 160_000, now, now, now, now),
	} {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
}
