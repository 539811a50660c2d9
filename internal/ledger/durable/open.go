// Package durable is the ledger that lasts: which order has which counterpart, what was
// done with every message, and the events that wait for another attempt or for
// somebody to look. It keeps them in a SQLite file or in PostgreSQL, where several
// replicas share them, and behaves the same on both.
//
// An error of a method that the handling of messages needs is a *remote.Error of
// kind Transient: while the database is away, senders keep their messages.
package durable

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"fftconnect/internal/cache"
	"fftconnect/internal/ledger"
	"fftconnect/internal/remote"
)

// Options make a Ledger; every field has a default.
type Options struct {
	Logger     *slog.Logger // slog.Default when nil
	ProjectKey string       // commercetools' project, for the journal
	// Replica names this process; random when empty. It need not be unique.
	Replica string

	// AsItIs opens a database without migrating it: a command that looks must not lock out the
	// fftconnect that serves. One of an older version is an *OlderSchemaError.
	AsItIs bool
	// Actor is who retries and discards events, for the journal; nothing is written about it
	// when it is empty.
	Actor string
	// RevisitAfter is when an open order is visited after a sign of life. 15 minutes
	// when zero.
	RevisitAfter     time.Duration
	JournalRetention time.Duration // 30 days when zero
	DeadRetention    time.Duration // of dead letters; 90 days when zero
	Bounds           Bounds        // of dead letters and the journal

	Workers   int     // deferred events handled at once, per flow; 8 when zero
	DrainRate float64 // deferred events a second at most, per flow; 50 when zero
	// Poll is how often the database is asked for events that have become due. 1 s
	// when zero.
	Poll time.Duration
	// AttemptTimeout bounds the handling of one deferred event. 30 s when zero.
	AttemptTimeout time.Duration
	// Grace is how long Run lets attempts end after its context did. 10 s when zero.
	Grace time.Duration
	// MaxAge is how long an event may go on failing before it becomes a dead letter.
	// 7 days when zero.
	MaxAge time.Duration
	// Retry is the delay after an event's attempt-th failure; asked is what the
	// platform asked to wait, a lower bound. Backoff when nil.
	Retry func(attempt int, asked time.Duration) time.Duration

	Now func() time.Time // time.Now when nil
}

func (o Options) withDefaults() Options {
	o.Logger = cmp.Or(o.Logger, slog.Default())
	o.Replica = cmp.Or(o.Replica, fmt.Sprintf("replica-%08x", rand.Uint32()))
	o.RevisitAfter = cmp.Or(o.RevisitAfter, 15*time.Minute)
	o.JournalRetention = cmp.Or(o.JournalRetention, 30*24*time.Hour)
	o.DeadRetention = cmp.Or(o.DeadRetention, 90*24*time.Hour)
	o.Bounds = o.Bounds.withDefaults()
	o.Workers = cmp.Or(o.Workers, 8)
	o.DrainRate = cmp.Or(o.DrainRate, 50)
	o.Poll = cmp.Or(o.Poll, time.Second)
	o.AttemptTimeout = cmp.Or(o.AttemptTimeout, 30*time.Second)
	o.Grace = cmp.Or(o.Grace, 10*time.Second)
	o.MaxAge = cmp.Or(o.MaxAge, 7*24*time.Hour)
	if o.Retry == nil {
		o.Retry = ledger.Backoff
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Ledger is safe for concurrent use.
type Ledger struct {
	opts    Options
	db      database
	inserts queue // only inserts jobs
	holders atomic.Int64
	holder  string // unique, the beginning of every lease's holder
	journal *journal
	noted   *cache.Compact[ledger.Named] // names that are in the store

	mu      sync.Mutex
	closed  bool
	closing chan struct{} // closed when closed becomes true
	runs    sync.WaitGroup
}

// Open opens the store at url, "sqlite:FILE" or "postgres://...", and migrates it.
// Several processes may do so at once. A database that a newer fftconnect has
// migrated is refused with a *NewerSchemaError.
func Open(ctx context.Context, url string, opts Options) (*Ledger, error) {
	opts = opts.withDefaults()
	db, err := openDatabase(ctx, url, opts)
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.close())
	}
	inserts, err := db.queue(&river.Config{Logger: quietLogger(opts.Logger)})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open queue: %w", err), db.close())
	}
	l := &Ledger{
		opts: opts, db: db, noted: cache.NewCompact[ledger.Named](notedNames, notedFor, opts.Now), inserts: inserts,
		holder:  fmt.Sprintf("%s/%016x", opts.Replica, rand.Uint64()),
		journal: newJournal(),
		closing: make(chan struct{}),
	}
	go l.runJournalWriter()
	return l, nil
}

func openDatabase(ctx context.Context, url string, opts Options) (database, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return openSQLite(ctx, rest, opts)
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(ctx, url, opts)
	}
	return nil, fmt.Errorf("database URL has to be sqlite:FILE or postgres://HOST/DATABASE, not %q", scheme+":...")
}

// Close ends what still runs, writes what the journal still holds and closes the
// database. It gives up waiting when ctx ends.
func (l *Ledger) Close(ctx context.Context) error {
	if !l.beginClose() {
		return nil
	}
	ended := make(chan struct{})
	go func() {
		l.runs.Wait()
		l.journal.close()
		close(ended)
	}()
	var err error
	select {
	case <-ended:
	case <-ctx.Done():
		err = fmt.Errorf("close database: %w", ctx.Err())
	}
	return errors.Join(err, l.db.close())
}

func (l *Ledger) beginClose() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.closed = true
	close(l.closing)
	return true
}

// probeCheckpoint is what is written to see whether the database can be.
const probeCheckpoint = "probe"

// Ping reports whether the database answers and takes what is written: a disk that is full, a
// file that is read-only or gone shows here, not with the next message.
func (l *Ledger) Ping(ctx context.Context) error {
	if err := l.db.ping(ctx); err != nil {
		return wrapError("answer", err)
	}
	err := l.SaveCheckpoint(ctx, probeCheckpoint, l.opts.Now().UTC().Format(time.RFC3339))
	var refused *remote.Error
	if errors.As(err, &refused) {
		refused.Operation = "take what is written"
		if isDiskFull(refused.Cause) {
			refused.Hint = "make room on the disk; fftconnect events discard works all the same"
		}
	}
	return err
}

// Clock is the present by the clock that all replicas share: the database's.
func (l *Ledger) Clock(ctx context.Context) (time.Time, error) {
	var now int64
	_, err := queryOne(ctx, l.db.reader(), `SELECT `+l.db.clock(), nil, &now)
	return fromMicros(now), wrapError("tell the time", err)
}

// wrapError wraps an error of the database: it may work later, and nothing is done
// without it until then.
func wrapError(operation string, err error) error {
	if err == nil {
		return nil
	}
	var known *remote.Error
	if errors.As(err, &known) {
		return err
	}
	later := remote.NewTransient(ledger.Platform, operation, err.Error(), 0)
	later.Cause = errors.Join(remote.ErrNotYet, err)
	return later
}
