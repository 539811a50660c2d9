package durable

import (
	"database/sql"
	"path/filepath"
	"testing"
)

func TestAStatementIsParsedOnceAndItsRowsMayBeReadWhileItRunsAgain(t *testing.T) {
	t.Parallel()
	db := sql.OpenDB(preparingConnector{writerSource(filepath.Join(t.TempDir(), "s.db"), true)})
	defer db.Close()
	db.SetMaxOpenConns(1)
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TABLE numbers (n INTEGER)`)
	for n := range 3 {
		exec(`INSERT INTO numbers (n) VALUES ($1)`, n)
	}
	const pick = `SELECT n FROM numbers ORDER BY n`
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	outer, err := tx.Query(pick)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for outer.Next() {
		var n, first int
		if err := outer.Scan(&n); err != nil || n != seen {
			t.Fatalf("row %d is %d: %v", seen, n, err)
		}
		if err := tx.QueryRow(pick).Scan(&first); err != nil || first != 0 {
			t.Fatalf("the same query inside gives %d: %v", first, err)
		}
		seen++
	}
	if err := outer.Err(); err != nil || seen != 3 {
		t.Fatalf("%d rows: %v", seen, err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	exec(`ALTER TABLE numbers ADD COLUMN word TEXT`) // kept statements go on working
	exec(`INSERT INTO numbers (n) VALUES ($1)`, 3)

	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(raw any) error {
		if kept := raw.(*preparingConn).kept; len(kept) != 4 {
			t.Errorf("%d statements are kept, want the INSERT, the SELECT, BEGIN and COMMIT", len(kept))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStatementsThatComeAgainAreKept(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"SELECT 1":               true,
		"\n  UPDATE t SET a = 1": true,
		"-- name: JobGetAvailable :many\nWITH a AS (SELECT 1) SELECT * FROM a": true,
		"-- one\n-- two\nINSERT INTO t VALUES (1)":                             true,
		"PRAGMA incremental_vacuum":                                            false,
		"-- a comment":                                                         false,
		"CREATE TABLE t (a INTEGER)":                                           false,
	} {
		if got := isReusable(text); got != want {
			t.Errorf("%q is kept: %t", text, got)
		}
	}
}
