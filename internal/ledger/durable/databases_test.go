package durable_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/ledger/postgrestest"
)

// server is the PostgreSQL that all tests share, started when the first needs it.
var server *postgrestest.Server

var start = sync.OnceValue(func() (err error) {
	settings := []string{"max_connections=500"}
	if os.Getenv("FFTCONNECT_FSYNC") == "" {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	server, err = postgrestest.Start(settings...)
	return err
})

// needServer skips the test where no PostgreSQL is installed.
func needServer(tb testing.TB) {
	tb.Helper()
	switch err := start(); {
	case errors.Is(err, postgrestest.ErrNotInstalled):
		tb.Skip("PostgreSQL is left out: ", err)
	case err != nil:
		tb.Fatal(err)
	}
}

// databases are those of the server. A connection costs it 40 ms of processor time, and a
// database more: so a test gets one that another is done with, emptied over a connection
// that stays, and only a few tests have one at a time.
var databases = struct {
	turns chan struct{}
	mu    sync.Mutex
	admin *sql.DB
	made  int
	free  []database
	open  []*sql.DB
}{turns: make(chan struct{}, 2)}

// database is a migrated one without rows.
type database struct {
	url      string
	db       *sql.DB
	tables   []string
	versions string // of its schema
}

func postgresStore(tb testing.TB) store {
	tb.Helper()
	needServer(tb)
	databases.turns <- struct{}{}
	tb.Cleanup(func() { <-databases.turns })
	d := freeDatabase(tb)
	tb.Cleanup(func() {
		if !tb.Failed() && d.emptied(tb) {
			databases.mu.Lock()
			defer databases.mu.Unlock()
			databases.free = append(databases.free, d)
		}
	})
	return store{tb: tb, url: d.url, db: d.db}
}

// empty is the same kind of database before its migration.
func (s store) empty() store {
	if !s.postgres() {
		return emptySQLite(s.tb)
	}
	databases.mu.Lock()
	defer databases.mu.Unlock()
	url, db := newDatabase(s.tb)
	return store{tb: s.tb, url: url, db: db}
}

func freeDatabase(tb testing.TB) database {
	tb.Helper()
	databases.mu.Lock()
	defer databases.mu.Unlock()
	if last := len(databases.free) - 1; last >= 0 {
		d := databases.free[last]
		databases.free = databases.free[:last]
		return d
	}
	var d database
	d.url, d.db = newDatabase(tb)
	s := store{tb: tb, url: d.url, db: d.db}
	l, err := s.tryOpen(durable.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	s.close(l)
	d.tables = strings.Fields(s.rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`))
	d.versions = s.versions()
	return d
}

// newDatabase has nothing in it; its connection stays until the end.
func newDatabase(tb testing.TB) (url string, db *sql.DB) {
	tb.Helper()
	connect := func(name string) *sql.DB {
		db, err := sql.Open("pgx", server.URL(name))
		if err != nil {
			tb.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		databases.open = append(databases.open, db)
		return db
	}
	if databases.admin == nil {
		databases.admin = connect("postgres")
	}
	databases.made++
	name := fmt.Sprintf("test%d", databases.made)
	if _, err := databases.admin.ExecContext(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	return server.URL(name), connect(name)
}

// versions are what the schema of a store is at.
func (s store) versions() string {
	return s.rows(`SELECT version_id FROM fftconnect_schema ORDER BY id`) + s.rows(`SELECT line || version FROM river_migration ORDER BY 1`)
}

// emptied deletes all rows; it reports false when the database is not worth it.
func (d database) emptied(tb testing.TB) bool {
	tb.Helper()
	const many = 5_000 // they would leave their room behind
	s := store{tb: tb, url: d.url, db: d.db}
	if s.versions() != d.versions {
		return false
	}
	deleted := int64(0)
	for _, table := range d.tables {
		if table == "fftconnect_schema" || table == "river_migration" {
			continue
		}
		result, err := d.db.Exec("DELETE FROM " + table)
		if err != nil {
			return false
		}
		n, err := result.RowsAffected()
		if deleted += n; err != nil || deleted > many {
			return false
		}
	}
	return true
}

func closeDatabases() {
	for _, db := range databases.open {
		_ = db.Close()
	}
}
