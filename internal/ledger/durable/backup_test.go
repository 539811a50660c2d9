package durable_test

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/testform"
)

func TestABackupIsTheStoreAtOneMomentAndComesBack(t *testing.T) {
	t.Parallel()
	s := newStore(t, "sqlite")
	l := s.open(durable.Options{})
	check(t, l.Defer(t.Context(), event("1"), 0))
	copied := filepath.Join(t.TempDir(), "back up #1.db")
	check(t, durable.Backup(t.Context(), s.url, copied))
	check(t, l.Defer(t.Context(), event("2"), 0)) // the store goes on being used

	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the copy: %v %v", info, err)
	}
	if err := durable.Backup(t.Context(), s.url, copied); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a copy that is there: %v", err)
	}
	var used *durable.InUseError
	if _, err := durable.Restore(t.Context(), s.url, copied); !errors.As(err, &used) || !strings.Contains(err.Error(), "stop the fftconnect") {
		t.Errorf("while somebody has the store open: %v", err)
	}
	if depth(t, l).Deferred != 2 {
		t.Error("a restoration that was refused changed the store")
	}
	s.close(l)

	kept, err := durable.Restore(t.Context(), s.url, copied)
	check(t, err)
	if got := depth(t, s.open(durable.Options{})).Deferred; got != 1 {
		t.Errorf("%d events after the restoration, want 1", got)
	}
	if got := depth(t, store{tb: t, url: "sqlite:" + kept}.open(durable.Options{})).Deferred; got != 2 {
		t.Errorf("%d events in what was there before, want 2", got)
	}
	if leftovers, _ := filepath.Glob(strings.TrimPrefix(s.url, "sqlite:") + ".restoring*"); len(leftovers) > 0 {
		t.Errorf("left behind: %v", leftovers)
	}
	// What is deleted later must be gone from the restored file, too.
	var vacuum int
	db, err := sql.Open("sqlite", strings.TrimPrefix(s.url, "sqlite:"))
	check(t, err)
	defer db.Close()
	check(t, db.QueryRowContext(t.Context(), "PRAGMA auto_vacuum").Scan(&vacuum))
	if vacuum != 2 {
		t.Errorf("auto_vacuum is %d in the restored store", vacuum)
	}
}

func TestARestorationWhereNoStoreIs(t *testing.T) {
	t.Parallel()
	s := newStore(t, "sqlite")
	s.close(s.open(durable.Options{}))
	copied := filepath.Join(t.TempDir(), "copy.db")
	check(t, durable.Backup(t.Context(), s.url, copied))
	other := store{tb: t, url: "sqlite:" + filepath.Join(t.TempDir(), "other.db")}
	if kept, err := durable.Restore(t.Context(), other.url, copied); err != nil || kept != "" {
		t.Errorf("%q %v", kept, err)
	}
	other.close(other.open(durable.Options{AsItIs: true}))
}

func TestWhatIsNoCopyIsNotRestored(t *testing.T) {
	t.Parallel()
	s := newStore(t, "sqlite")
	l := s.open(durable.Options{})
	check(t, l.Defer(t.Context(), event("1"), 0))
	s.close(l)
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		check(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	newer := filepath.Join(folder, "newer.db")
	check(t, durable.Backup(t.Context(), s.url, newer))
	store{tb: t, url: "sqlite:" + newer}.raw(`INSERT INTO fftconnect_schema (version_id, is_applied) VALUES (999, true)`)
	foreign := filepath.Join(folder, "foreign.db")
	store{tb: t, url: "sqlite:" + foreign}.raw(`CREATE TABLE something (else_ TEXT)`)
	for from, want := range map[string]string{
		file("text", strings.Repeat("no database\n", 500)): "not a database",
		foreign:                         "no store of fftconnect",
		newer:                           "a newer fftconnect",
		filepath.Join(folder, "absent"): "no such file",
	} {
		if _, err := durable.Restore(t.Context(), s.url, from); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", filepath.Base(from), err)
		}
	}
	if depth(t, s.open(durable.Options{})).Deferred != 1 {
		t.Error("the store was changed")
	}
}

// The commands that are said for PostgreSQL are run.
func TestPostgreSQLIsBackedUpByItsOwnPrograms(t *testing.T) {
	t.Parallel()
	testform.InSlow(t)
	s := newStore(t, "postgres")
	for _, program := range []string{"pg_dump", "pg_restore"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	l := s.open(durable.Options{})
	check(t, l.Defer(t.Context(), event("1"), 0))
	separator := "?"
	if strings.Contains(s.url, "?") {
		separator = "&"
	}
	backup, restore, err := durable.PostgresCommands(s.url+separator+"pool_max_conns=4", filepath.Join(t.TempDir(), "it's a copy"))
	check(t, err)
	shell := func(command string) {
		t.Helper()
		if said, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, said)
		}
	}
	shell(backup)
	check(t, l.Defer(t.Context(), event("2"), 0))
	s.close(l)
	shell(restore)
	if got := depth(t, s.open(durable.Options{AsItIs: true})).Deferred; got != 1 {
		t.Errorf("%d events after the restoration, want 1", got)
	}
}

func TestACommandForPostgreSQLTellsNoPassword(t *testing.T) {
	t.Parallel()
	backup, restore, err := durable.PostgresCommands("postgres://connector:hunter2@db.example:5433/orders?sslmode=require&pool_max_conns=9&search_path=x", "copy")
	check(t, err)
	const where = `--dbname='postgres://connector@db.example:5433/orders?sslmode=require'`
	if !strings.Contains(backup, where) || !strings.Contains(restore, where) || strings.Contains(backup+restore, "hunter2") {
		t.Errorf("%s\n%s", backup, restore)
	}
	if _, _, err := durable.PostgresCommands("postgres://a:hunter2@%zz", "copy"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}
