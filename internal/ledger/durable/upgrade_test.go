package durable_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/outcome"
	"fftconnect/internal/testform"
)

// migrationsOf are the versions of a database's migrations, the oldest first.
func migrationsOf(t *testing.T, folder string) (versions []int64) {
	t.Helper()
	files := must[[]string](t)(filepath.Glob(filepath.Join("migrations", folder, "*.sql")))
	for _, file := range files {
		number, _, _ := strings.Cut(filepath.Base(file), "_")
		versions = append(versions, must[int64](t)(strconv.ParseInt(number, 10, 64)))
	}
	slices.Sort(versions)
	return versions
}

// migrateTo brings an empty database to a version, as an fftconnect of then left it.
func (s store) migrateTo(t *testing.T, version int64) {
	t.Helper()
	dialect, driver, folder, source := goose.DialectSQLite3, "sqlite", "sqlite", strings.TrimPrefix(s.url, "sqlite:")
	if s.postgres() {
		dialect, driver, folder, source = goose.DialectPostgres, "pgx", "postgres", s.url
	}
	db := must[*sql.DB](t)(sql.Open(driver, source))
	defer db.Close()
	provider := must[*goose.Provider](t)(goose.NewProvider(dialect, db, os.DirFS(filepath.Join("migrations", folder)),
		goose.WithDisableGlobalRegistry(true), goose.WithTableName("fftconnect_schema")))
	_, err := provider.UpTo(t.Context(), version)
	check(t, err)
}

// fill writes what an fftconnect of that version may have left.
func (s store) fill(version int64, at time.Time) {
	body := `X'7b7d'`
	if s.postgres() {
		body = `'\x7b7d'`
	}
	const claims = `INSERT INTO fftconnect_claims (order_id, names, fft_order_id, in_flight_until, version, updated_at) VALUES `
	s.raw(fmt.Sprintf(claims+`('linked', '["A-1"]', 'fft-1', 0, 3, %d), ('claimed', '["A-2"]', '', 0, 1, %[1]d)`, at.UnixMicro()))
	s.raw(fmt.Sprintf(`INSERT INTO fftconnect_journal (at, flow, type, order_id, event_id, outcome, reason, attempt, duration, calls, project_key)
		VALUES (%d, 'export', 'OrderCreated', 'linked', 'e-1', 'applied', 'exported', 1, 1000, 3, '')`, at.UnixMicro()))
	for i, state := range []string{"deferred", "dead"} {
		s.raw(fmt.Sprintf(`INSERT INTO fftconnect_events (unique_key, flow, type, order_id, event_id, body, hint, state, reason, fix, attempts,
				received_at, since, last_attempt_at, next_attempt_at)
			VALUES ('key-%s', 'feedback', 'PICK_JOB_CREATED', 'waiting-%[1]s', 'w-%[2]d', %[3]s, '{}', '%[1]s', 'why', 'what to do', 2, %[4]d, %[4]d, 0, %[4]d)`,
			state, i, body, at.UnixMicro()))
	}
	s.raw(fmt.Sprintf(`INSERT INTO fftconnect_checkpoints (name, value, updated_at) VALUES ('facilities', 'here', %d)`, at.UnixMicro()))
	if version >= 40 {
		s.raw(fmt.Sprintf(`INSERT INTO fftconnect_open_orders (order_id, number, opened_at, stirred_at, visits, next_visit, state, late, late_since, left_for)
			VALUES ('linked', 'A-1', %d, %[1]d, 4, %[2]d, 'at picking', 'no pick job', %[1]d, '')`, at.UnixMicro(), at.Add(time.Hour).UnixMicro()))
	}
	if version >= 50 {
		s.raw(`UPDATE fftconnect_open_orders SET sent = 'fingerprint'`)
	}
}

// TestAnUpgradeLosesNothing: whichever version wrote the database; in the quick form
// three of them, on PostgreSQL the oldest.
func TestAnUpgradeLosesNothing(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		folder := "sqlite"
		if s.postgres() {
			folder = "postgres"
		}
		versions := migrationsOf(t, folder)
		switch { // the oldest has every step before it, the newest none
		case testform.Slow:
		case s.postgres():
			versions = versions[:1]
		default:
			versions = []int64{versions[0], versions[len(versions)/2], versions[len(versions)-1]}
		}
		for _, version := range versions {
			s := s.empty()
			at := time.Now().Add(-48 * time.Hour).Truncate(time.Microsecond)
			s.migrateTo(t, version)
			s.fill(version, at)
			l := s.open(durable.Options{})
			upgraded(t, l, version, at)
		}
	})
}

func upgraded(t *testing.T, l *durable.Ledger, version int64, at time.Time) {
	t.Helper()
	ctx := t.Context()
	for id, want := range map[string]string{"linked": "fft-1", "claimed": ""} {
		record, err := l.ReadClaim(ctx, id)
		if err != nil || record.FFTOrderID != want || len(record.Names) != 1 || record.Version == 0 {
			t.Errorf("from %d: the claim of %s is %+v: %v", version, id, record, err)
		}
	}
	events, err := l.Events(ctx, ledger.Filter{})
	if err != nil || len(events) != 2 {
		t.Fatalf("from %d: %d events: %v", version, len(events), err)
	}
	for _, listed := range events {
		e, _, err := l.Event(ctx, listed.ID)
		check(t, err)
		if string(e.Body) != "{}" || e.Order != "waiting-"+string(e.State) || e.Attempts != 2 || !e.Since.Equal(at) || e.Reason != "why" {
			t.Errorf("from %d: %+v", version, e)
		}
	}
	rows := 0
	check(t, l.Journal(ctx, at.Add(-time.Hour), outcome.Applied, func(row ledger.JournalRow) {
		if row.Order == "linked" && row.Reason == "exported" && row.At.Equal(at) {
			rows++
		}
	}))
	if value, _, ok, err := l.Checkpoint(ctx, "facilities"); rows != 1 || value != "here" || !ok || err != nil {
		t.Errorf("from %d: %d journal rows, checkpoint %q: %v", version, rows, value, err)
	}
	order, known, err := l.OpenOrder(ctx, "linked")
	sent, sentErr := l.SentValues(ctx, "linked")
	if err != nil || sentErr != nil || !known || !order.LastActivity.Equal(at) || order.Next.IsZero() {
		t.Errorf("from %d: the open order is %+v: %v, %v", version, order, err, sentErr)
	}
	if version >= 40 && (order.Visits != 4 || order.State != "at picking" || order.Number != "A-1") || version >= 50 && sent != "fingerprint" {
		t.Errorf("from %d: the open order is %+v, sent %q", version, order, sent)
	}
	if _, known, err := l.OpenOrder(ctx, "claimed"); known || err != nil {
		t.Errorf("from %d: an order that was never exported is open: %v", version, err)
	}
	// What waited is handled.
	var handled []string
	stop := run(t, l, func(_ context.Context, e ledger.Event) ledger.Verdict {
		handled = append(handled, e.Order)
		return ledger.Verdict{Action: ledger.Done}
	})
	eventually(t, "what waited is handled", func() bool { return depth(t, l).Deferred == 0 })
	stop()
	if !slices.Equal(handled, []string{"waiting-deferred"}) {
		t.Errorf("from %d: handled %v", version, handled)
	}
}
