package durable_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
)

func TestManyProcessesStartAtOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		s = s.empty()
		ledgers := make([]*durable.Ledger, 8)
		var group sync.WaitGroup
		for i := range ledgers {
			group.Go(func() {
				var err error
				if ledgers[i], err = s.tryOpen(durable.Options{}); err != nil {
					t.Errorf("ledger %d: %v", i, err)
				}
			})
		}
		group.Wait()
		for _, l := range ledgers {
			if l != nil {
				check(t, l.Defer(t.Context(), event("1"), 0))
				s.close(l)
			}
		}
	})
}

func TestACommandThatLooksMigratesNothing(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		s.close(must[*durable.Ledger](t)(s.tryOpen(durable.Options{})))
		s.close(must[*durable.Ledger](t)(s.tryOpen(durable.Options{AsItIs: true})))
		s.raw(`DELETE FROM fftconnect_schema WHERE version_id > 0`)
		for range 2 {
			_, err := s.tryOpen(durable.Options{AsItIs: true})
			var older *durable.OlderSchemaError
			if !errors.As(err, &older) || older.Found != 0 || !strings.Contains(err.Error(), "serve") {
				t.Fatalf("error is %v", err)
			}
		}
	})
}

func TestANewerSchemaIsRefused(t *testing.T) {
	for table, statement := range map[string]string{
		"schema": `INSERT INTO fftconnect_schema (version_id, is_applied) VALUES (999, true)`,
		"queue":  `INSERT INTO river_migration (line, version) VALUES ('main', 999)`,
	} {
		t.Run(table, func(t *testing.T) {
			onEachStore(t, func(t *testing.T, s store) {
				s.close(must[*durable.Ledger](t)(s.tryOpen(durable.Options{})))
				s.close(must[*durable.Ledger](t)(s.tryOpen(durable.Options{}))) // a second start changes nothing
				s.raw(statement)
				_, err := s.tryOpen(durable.Options{})
				var newer *durable.NewerSchemaError
				if !errors.As(err, &newer) || newer.Found != 999 || newer.Known == 0 {
					t.Fatalf("error is %v", err)
				}
				if !strings.Contains(err.Error(), "start that version or a later one") {
					t.Errorf("error does not say what to do: %v", err)
				}
			})
		})
	}
}

// raw runs SQL beside the ledger.
func (s store) raw(statement string) {
	s.tb.Helper()
	db, done := s.beside()
	defer done()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		s.tb.Fatal(err)
	}
}

// rows is the text of the rows that a query beside the ledger gives.
func (s store) rows(query string) string {
	s.tb.Helper()
	db, done := s.beside()
	defer done()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	var text strings.Builder
	for err == nil && rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		err = rows.Scan(values...)
		fmt.Fprintln(&text, *values[len(values)-1].(*any))
	}
	if err = cmp.Or(err, rows.Err()); err != nil {
		s.tb.Fatal(err)
	}
	return text.String()
}

// beside is a connection beside the ledgers'.
func (s store) beside() (db *sql.DB, done func()) {
	s.tb.Helper()
	if s.db != nil {
		return s.db, func() {}
	}
	driver, source := "sqlite", strings.TrimPrefix(s.url, "sqlite:")
	if s.postgres() {
		driver, source = "pgx", s.url
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		s.tb.Fatal(err)
	}
	return db, func() { _ = db.Close() }
}

func TestURLsThatAreWrong(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "notes.txt")
	check(t, os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600))
	for url, want := range map[string]string{
		"mysql://user:secret@host/x":       "sqlite:FILE or postgres://",
		"sqlite:":                          "sqlite:FILE or postgres://",
		"sqlite:/no/such/folder/ledger.db": "does the folder exist",
		"postgres://user:secret@host:x/db": "database URL",
	} {
		_, err := durable.Open(t.Context(), url, durable.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", url, err)
		}
	}
}

func TestEventsThatLostTheirJobGetANewOne(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l := s.open(durable.Options{})
		check(t, l.Defer(t.Context(), event("1"), 0))
		s.raw(`DELETE FROM river_job`)
		run(t, l, func(context.Context, ledger.Event) ledger.Verdict { return ledger.Verdict{Action: ledger.Done} })
		eventually(t, "it is done", func() bool { return depth(t, l).Deferred == 0 })
	})
}
