package ledgertest

import (
	"context"
	"sync"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
)

// Database is what the replicas share. It outlives them: whoever opens it next
// finds what is stored. The zero value is an empty one.
type Database struct {
	mu          sync.Mutex
	away        bool
	claims      map[string]keptClaim
	leases      map[string]*lease
	checkpoints map[string]checkpoint
	open        map[string]reconcile.OpenOrder
	sent        map[string]string // of open orders
	events      map[int64]*event
	byKey       map[string]*event
	lastID      int64
	lastJob     int64
	periodic    map[string]*schedule
	workers     map[*queue]struct{}
}

type checkpoint struct {
	value string
	at    time.Time
}

// Store is one replica's way to the database.
type Store struct {
	db   *Database
	opts Options
	cut  bool // guarded by db.mu
}

// Options are those of package durable that matter here, with its defaults.
type Options struct {
	Workers        int // of each flow
	AttemptTimeout time.Duration
	MaxAge         time.Duration
	RevisitAfter   time.Duration
	Retry          func(attempt int, asked time.Duration) time.Duration
}

// Open is a replica's way to the database.
func (d *Database) Open(opts Options) *Store {
	if opts.Workers == 0 {
		opts.Workers = 8
	}
	if opts.AttemptTimeout == 0 {
		opts.AttemptTimeout = 30 * time.Second
	}
	if opts.MaxAge == 0 {
		opts.MaxAge = 7 * 24 * time.Hour
	}
	if opts.RevisitAfter == 0 {
		opts.RevisitAfter = 15 * time.Minute
	}
	if opts.Retry == nil {
		opts.Retry = ledger.Backoff
	}
	return &Store{db: d, opts: opts}
}

// SetAway has every access fail until it is switched off again.
func (d *Database) SetAway(away bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away = away
	d.wakeQueues()
}

// Cut is the end of the replica's process as the database sees it: nothing that
// still runs in it gets through, and what it held stays held until it runs out.
func (s *Store) Cut() {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	s.cut = true
}

// access does the work with the database's lock held, unless the database is away.
func (s *Store) access(ctx context.Context, operation string, work func() error) error {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return remote.NewTransient(ledger.Platform, operation, ctx.Err().Error(), 0)
	case s.db.away || s.cut:
		return remote.NewTransient(ledger.Platform, operation, "connection refused", 0)
	}
	return work()
}

// Checkpoint implements connector.Store.
func (s *Store) Checkpoint(ctx context.Context, name string) (value string, updated time.Time, ok bool, err error) {
	err = s.access(ctx, "read checkpoint "+name, func() error {
		var found checkpoint
		found, ok = s.db.checkpoints[name]
		value, updated = found.value, found.at
		return nil
	})
	return value, updated, ok, err
}

// SaveCheckpoint implements connector.Store.
func (s *Store) SaveCheckpoint(ctx context.Context, name, value string) error {
	return s.access(ctx, "save checkpoint "+name, func() error {
		if value == "" {
			delete(s.db.checkpoints, name)
			return nil
		}
		set(&s.db.checkpoints, name, checkpoint{value, time.Now()})
		return nil
	})
}

// Ping implements connector.Store.
func (s *Store) Ping(ctx context.Context) error {
	return s.access(ctx, "answer", func() error { return nil })
}

// CheckRoom implements connector.Store: here there is always some.
func (s *Store) CheckRoom(context.Context) error { return nil }

// JournalDropped implements connector.Store.
func (s *Store) JournalDropped() int64 { return 0 }

func set[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}
