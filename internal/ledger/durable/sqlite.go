package durable

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"fftconnect/internal/ledger"
)

// inMemory is the file name of a database that ends with its ledger.
const inMemory = ":memory:"

const (
	// sqliteReaders bounds how many lists are read at once.
	sqliteReaders = 4
	// readerIdle is how long a connection that reads lists is kept for the next one.
	readerIdle = time.Minute
	// writerCache and readerCache are how much of the file a connection keeps, in KiB. The
	// system has it in memory as well, and whoever reads forgets it when somebody writes.
	writerCache = 512
	readerCache = 128
	// temporaryCache is for temporary tables, which nobody makes. All caches share their room:
	// without this bound the writer's would grow by the 2,000 KiB that SQLite gives them.
	temporaryCache = 16
)

// sqlite is one file. One connection writes, since SQLite lets only one write at a
// time and waiting for a connection is fairer than being told to try again; others
// read beside it: one what is looked up with every message, more of them the lists that
// people ask for.
type sqlite struct {
	sqlQuerier
	writer, readers, finder *sql.DB

	shared  sharedWrites
	options Options
	file    string
	opened  os.FileInfo // the file that was opened; nil in memory
}

func openSQLite(ctx context.Context, file string, opts Options) (*sqlite, error) {
	s := &sqlite{options: opts, file: file}
	if file != inMemory {
		// Bodies hold personal data, so the file is ours alone.
		created, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open database: %w (does the folder exist, and may fftconnect write to it?)", err)
		}
		opened, err := created.Stat()
		_ = created.Close()
		if err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
		s.opened = opened
		for _, ending := range []string{"", "-wal", "-shm"} { // those that were there already, too
			if err := os.Chmod(file+ending, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
				opts.Logger.Warn("others may read the database", "file", file+ending, "error", err)
			}
		}
	}
	writer := sql.OpenDB(preparingConnector{writerSource(file, s.opened == nil || s.opened.Size() == 0)})
	writer.SetMaxOpenConns(1)
	s.sqlQuerier, s.writer, s.readers, s.finder = sqlQuerier{on: writer, now: opts.Now}, writer, writer, writer
	s.shared.committing = make(chan struct{}, 1)
	if file != inMemory {
		reading := preparingConnector{sqliteSource(file, readerCache, "query_only(1)")}
		s.readers, s.finder = sql.OpenDB(reading), sql.OpenDB(reading)
		s.readers.SetMaxOpenConns(sqliteReaders)
		s.readers.SetMaxIdleConns(sqliteReaders) // opening one costs more than most lists
		s.readers.SetConnMaxIdleTime(readerIdle)
		s.finder.SetMaxOpenConns(1)
	}
	err := retryWhileBusy(ctx, s.ping)
	if isDiskFull(err) && s.makeRoom(ctx) { // even opening it takes some
		err = retryWhileBusy(ctx, s.ping)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", file, err), s.close())
	}
	s.logReserve()
	return s, nil
}

// logReserve keeps room for when the disk is full. Commands that only look do not.
func (s *sqlite) logReserve() {
	if s.file == inMemory || s.options.AsItIs {
		return
	}
	if err := keepReserve(s.file); err != nil {
		s.options.Logger.Warn("there is no room for a reserve beside the database", "file", s.file+reserveEnding, "error", err)
	}
}

// writerSource is the address of the connection that writes. What a file is like is said when
// it is made only: saying it again takes the lock for writing, while others may hold it.
func writerSource(file string, isNew bool) string {
	pragmas := []string{"journal_mode(wal)", "synchronous(full)", "secure_delete(1)", "foreign_keys(1)"}
	if isNew {
		pragmas = append([]string{"auto_vacuum(incremental)"}, pragmas...)
	}
	return sqliteSource(file, writerCache, pragmas...)
}

// sqliteSource is the address of a connection. To open one that reads takes no lock that
// whoever writes may hold.
func sqliteSource(file string, cache int, pragmas ...string) string {
	pragmas = append([]string{
		"busy_timeout(10000)", fmt.Sprintf("cache_size(-%d)", cache), fmt.Sprintf("temp.cache_size(-%d)", temporaryCache),
	}, pragmas...)
	return "file:" + escapePath(file) + "?_pragma=" + strings.Join(pragmas, "&_pragma=")
}

// escapePath is a file's name in an address.
func escapePath(file string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(file)
}

func (s *sqlite) reader() querier { return sqlQuerier{on: s.readers, now: s.options.Now} }

func (s *sqlite) lookUps() querier {
	return sqlQuerier{on: s.finder, now: s.options.Now, brief: true}
}

func (s *sqlite) inTransaction(ctx context.Context, do func(querier) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(sqlQuerier{on: tx, now: s.options.Now, brief: true}); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// present is the parameter that sqlQuerier adds: a statement stays the same at all times.
const present = ":now"

func (s *sqlite) clock() string { return present }

func (s *sqlite) queue(config *river.Config) (queue, error) {
	config.PollOnly = true // its listener would ask twenty times a second
	client, err := river.NewClient(riversqlite.New(s.writer), config)
	if err != nil {
		return nil, err
	}
	raw := func(tx querier) *sql.Tx { return tx.(sqlQuerier).on.(*sql.Tx) }
	return riverQueue[*sql.Tx]{client: client, raw: raw}, nil
}

// migrate has no lock to take: of two processes that start at once, one meets the
// other's half-made schema, fails, and finds it made when it tries again.
func (s *sqlite) migrate(ctx context.Context) error {
	return retryWhileBusy(ctx, func(ctx context.Context) error {
		if err := migrateLedger(ctx, goose.DialectSQLite3, s.writer, "migrations/sqlite", s.options.AsItIs); err != nil {
			return err
		}
		return migrateQueue(ctx, riversqlite.New(s.writer), s, s.options.Logger, s.options.AsItIs)
	})
}

// retryWhileBusy repeats what may fail because another process does the same.
func retryWhileBusy(ctx context.Context, do func(context.Context) error) error {
	var err error
	for wait := 10 * time.Millisecond; wait < 2*time.Second; wait = wait * 3 / 2 {
		if err = do(ctx); err == nil || isPermanent(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(ledger.WithJitter(wait)):
		}
	}
	return err
}

// isPermanent reports whether repeating does not help.
func isPermanent(err error) bool {
	var newer *NewerSchemaError
	var older *OlderSchemaError
	if errors.As(err, &newer) || errors.As(err, &older) {
		return true
	}
	var failed *driver.Error
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code() & 0xff { // what is above says which kind of it
	case codes.SQLITE_NOTADB, codes.SQLITE_CORRUPT, codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_FULL:
		return true
	}
	return false
}

// vacuum gives what was deleted back to the disk, so that it is really gone: overwritten
// pages, and a log that does not hold what they held before.
func (s *sqlite) vacuum(ctx context.Context) error {
	for _, statement := range []string{"PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		err := s.query(ctx, statement, nil, func(scanFunc) error { return nil })
		if err != nil {
			return err
		}
	}
	s.logReserve()
	return nil
}

func (s *sqlite) ping(ctx context.Context) error {
	return errors.Join(s.errIfFileGone(), s.writer.PingContext(ctx), s.readers.PingContext(ctx))
}

func (s *sqlite) close() error {
	if s.file == inMemory {
		return s.writer.Close()
	}
	return errors.Join(s.finder.Close(), s.readers.Close(), s.writer.Close())
}

// sqlQuerier is querier on a pool or a transaction of database/sql.
type sqlQuerier struct {
	on interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
	now func() time.Time
	// brief: statements wait for nothing and are over at once, so that nobody watches over
	// them whether their context ends: that takes two goroutines each.
	brief bool
}

func (q sqlQuerier) context(ctx context.Context) (context.Context, error) {
	if !q.brief {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// withNow adds the present where it is asked for.
func (q sqlQuerier) withNow(text string, args []any) []any {
	if strings.Contains(text, present) {
		args = append(args[:len(args):len(args)], sql.Named(present[1:], toMicros(q.now())))
	}
	return args
}

func (q sqlQuerier) exec(ctx context.Context, text string, args ...any) (int64, error) {
	ctx, err := q.context(ctx)
	if err != nil {
		return 0, err
	}
	result, err := q.on.ExecContext(ctx, text, q.withNow(text, args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (q sqlQuerier) query(ctx context.Context, text string, args []any, read func(scanFunc) error) error {
	ctx, err := q.context(ctx)
	if err != nil {
		return err
	}
	rows, err := q.on.QueryContext(ctx, text, q.withNow(text, args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
