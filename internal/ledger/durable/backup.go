package durable

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// InUseError says that another process has the database open.
type InUseError struct{ File string }

func (e *InUseError) Error() string {
	return e.File + " is in use: stop the fftconnect that serves, and try again"
}

// Backup writes a copy of a SQLite store to a file that must not exist yet, readable for its owner
// only. A connector may go on using the store meanwhile: the copy is the store at one moment.
func Backup(ctx context.Context, address, to string) (err error) {
	file, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return errors.New("back up: only a SQLite store is copied by fftconnect")
	}
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	// VACUUM INTO takes an empty file, and keeps its rights: bodies hold personal data.
	created, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	if err := created.Close(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	db, err := sql.Open("sqlite", "file:"+escapePath(file)+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("back up %s: %w", file, err)
	}
	return errors.Join(checkIntegrity(ctx, to), syncToDisk(to))
}

// Restore puts a copy that Backup made in the place of a SQLite store. What was there is kept beside it,
// under the name that is returned. Nobody may have
// the store open: *InUseError. A copy of a newer fftconnect is a *NewerSchemaError.
func Restore(ctx context.Context, address, from string) (kept string, err error) {
	file, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return "", errors.New("restore: only a SQLite store is restored by fftconnect")
	}
	fresh := file + ".restoring"
	if err := copyFile(from, fresh); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	defer os.Remove(fresh) // when it was not renamed
	if err := errors.Join(checkIntegrity(ctx, fresh), checkIsOurStore(ctx, fresh)); err != nil {
		return "", fmt.Errorf("restore: %s: %w", from, err)
	}
	if _, err := os.Stat(file); err == nil {
		if err := mergeWAL(ctx, file); err != nil {
			return "", fmt.Errorf("restore: %w", err)
		}
		kept = file + ".before-restore-" + time.Now().UTC().Format("20060102T150405Z")
		if err := os.Rename(file, kept); err != nil {
			return "", fmt.Errorf("restore: %w", err)
		}
	}
	for _, ending := range []string{"-wal", "-shm"} { // they belong to what was there
		if err := os.Remove(file + ending); err != nil && !errors.Is(err, os.ErrNotExist) {
			return kept, fmt.Errorf("restore: %w", err)
		}
	}
	if err := os.Rename(fresh, file); err != nil {
		return kept, fmt.Errorf("restore: %w", err)
	}
	return kept, syncToDisk(filepath.Dir(file))
}

// mergeWAL makes a store one file, without its log. It cannot while another process has it open.
func mergeWAL(ctx context.Context, file string) error {
	var mode string
	err := queryFile(ctx, file, "_pragma=busy_timeout(500)", "PRAGMA journal_mode=delete", &mode)
	if err != nil || mode != "delete" {
		return &InUseError{file}
	}
	return nil
}

// queryFile asks a SQLite file, opened with these parameters for nothing else, one question.
func queryFile(ctx context.Context, file, parameters, question string, answer any) error {
	db, err := sql.Open("sqlite", "file:"+escapePath(file)+"?"+parameters)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.QueryRowContext(ctx, question).Scan(answer)
}

// checkIntegrity asks SQLite whether a file is a whole database.
func checkIntegrity(ctx context.Context, file string) error {
	var answer string
	if err := queryFile(ctx, file, "mode=ro", "PRAGMA integrity_check(1)", &answer); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	if answer != "ok" {
		return fmt.Errorf("check the copy: %s", answer)
	}
	return nil
}

// checkIsOurStore refuses what is no store of ours, or of a newer version.
func checkIsOurStore(ctx context.Context, file string) error {
	var found int64
	if err := queryFile(ctx, file, "mode=ro", "SELECT max(version_id) FROM "+versionTable, &found); err != nil {
		return fmt.Errorf("this is no store of fftconnect: %w", err)
	}
	latest, err := latestMigration("migrations/sqlite")
	if err == nil && found > latest {
		return &NewerSchemaError{What: "schema", Found: found, Known: latest}
	}
	return err
}

// latestMigration is the newest version of our own tables.
func latestMigration(folder string) (latest int64, err error) {
	all, err := migrationsIn(folder)
	for _, migration := range all {
		latest = max(latest, migration.Version)
	}
	return latest, err
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}

// syncToDisk makes sure that a file, or a folder's names, are on the disk.
func syncToDisk(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// libpqParameters are those of a PostgreSQL address that its own programs understand too.
var libpqParameters = []string{
	"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation", "channel_binding",
	"connect_timeout", "target_session_attrs", "options",
}

// PostgresCommands are the commands of PostgreSQL that back a store up to a file and restore it. The
// password is not in them: PostgreSQL's programs ask for it, or take PGPASSWORD.
func PostgresCommands(address, file string) (backup, restore string, err error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", "", errors.New("DATABASE_URL is no address") // the error would show the password
	}
	if parsed.User != nil {
		parsed.User = url.User(parsed.User.Username())
	}
	given, understood := parsed.Query(), url.Values{}
	for _, name := range libpqParameters {
		if given.Has(name) {
			understood.Set(name, given.Get(name))
		}
	}
	parsed.RawQuery = understood.Encode()
	to, where := shellQuote(file), shellQuote(parsed.String())
	return "pg_dump --format=custom --no-owner --file=" + to + " --dbname=" + where,
		"pg_restore --clean --if-exists --no-owner --single-transaction --dbname=" + where + " " + to, nil
}

// shellQuote is one word for a shell.
func shellQuote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
