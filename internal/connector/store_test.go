package connector_test

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/ledger/durable/durabletest"
	"fftconnect/internal/ledger/ledgertest"
	"fftconnect/internal/remote"
	"fftconnect/internal/testform"
)

// depot is the store of a test, which may be away. It outlives the connectors that use it.
type depot struct {
	connector.Store                                                      // where it keeps things
	database        *durable.Ledger                                      // the same, as in production; nil when it is in memory
	drainRate       float64                                              // of the database instead of DRAIN_RATE, for rates below one a second
	poll            time.Duration                                        // how often the database is asked for what is due; 5 s when zero
	retry           func(attempt int, asked time.Duration) time.Duration // as in production when nil
	eager           bool                                                 // what is put off is taken up again at once
	away            atomic.Bool                                          // nothing that the handling of messages needs works
	full            atomic.Bool                                          // it takes no dead letters
	upkeeps         atomic.Int64                                         // how many have ended
}

// withDepot gives a rig a store; every connector of the rig uses the same. The quick form
// has it in memory, which ledgertest holds to what the database does.
func withDepot(t *testing.T) (*depot, storeOpener) {
	t.Helper()
	if testform.Slow {
		return withDatabase(t)
	}
	d := &depot{}
	var memory ledgertest.Database
	return d, func(r *rig) connector.Store {
		if d.Store == nil {
			d.Store = memory.Open(ledgertest.Options{RevisitAfter: r.env.Revisit.After, Retry: d.retry})
		}
		return d
	}
}

// racedOnDatabase are the tests on SQLite that the race detector watches, which makes it
// twenty times slower: between them everything that runs beside the handling of messages.
// Package durable has the rest of what happens in a database at the same time.
var racedOnDatabase = []string{
	"TestEveryReplicaShowsWhatTheLastUpkeepFound", "TestOneReplicaTells", "TestServeVisitsAndSweepsByItself",
	"TestTheBacklogDrainsAtTheRate", "TestTheConsoleFindsAnOrderByWhatItsMessagesTold", "TestTheDailySummarySaysHowItGoes",
	"TestUpkeepMendsAnInstallation",
}

// withDatabase gives a rig SQLite as in production, for what only a database has: the
// console's pages, the journal, what people do with dead letters, the drain rate.
func withDatabase(t *testing.T) (*depot, storeOpener) {
	t.Helper()
	if !slices.Contains(racedOnDatabase, t.Name()) {
		testform.NotInRace(t)
	}
	d := &depot{}
	path := filepath.Join(t.TempDir(), "fftconnect.db")
	return d, func(r *rig) connector.Store {
		if d.Store == nil {
			d.open(t, path, r.env)
		}
		return database{d.database, d}
	}
}

// database is a depot on SQLite with all that a connector finds in a database.
type database struct {
	*durable.Ledger
	depot *depot
}

func (d database) Run(ctx context.Context, handle func(context.Context, ledger.Event) ledger.Verdict, periodic ...ledger.Periodic) error {
	return d.depot.Run(ctx, handle, periodic...)
}

func (d database) RecallClaim(ctx context.Context, order string) (claim.State, error) {
	return d.depot.RecallClaim(ctx, order)
}

func (d database) Defer(ctx context.Context, e ledger.Deferred, wait time.Duration) error {
	return d.depot.Defer(ctx, e, wait)
}

func (d database) AddDeadLetter(ctx context.Context, e ledger.Deferred) error {
	return d.depot.AddDeadLetter(ctx, e)
}

func (d database) Ping(ctx context.Context) error { return d.depot.Ping(ctx) }

func (d database) CheckRoom(ctx context.Context) error { return d.depot.CheckRoom(ctx) }

func (d *depot) open(t *testing.T, path string, env config.Environment) {
	t.Helper()
	if err := durabletest.WriteEmptySQLite(path); err != nil {
		t.Fatal(err)
	}
	l, err := durable.Open(t.Context(), "sqlite:"+path, durable.Options{
		DrainRate: cmp.Or(d.drainRate, float64(env.DrainRate)), RevisitAfter: env.Revisit.After, Logger: slog.New(slog.DiscardHandler), Retry: d.retry,
		Poll: cmp.Or(d.poll, 5*time.Second), // a poll is what costs most in fake time
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Store, d.database = l, l
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := l.Close(ctx); err != nil {
			t.Error(err)
		}
	})
}

// Run counts the upkeeps.
func (d *depot) Run(ctx context.Context, handle func(context.Context, ledger.Event) ledger.Verdict, periodic ...ledger.Periodic) error {
	for i, p := range periodic {
		periodic[i].Run = func(ctx context.Context) error {
			if p.Name == "upkeep" {
				defer d.upkeeps.Add(1)
			}
			return p.Run(ctx)
		}
	}
	return d.Store.Run(ctx, handle, periodic...)
}

func (d *depot) gone() error {
	if d.away.Load() {
		return remote.NewTransient(ledger.Platform, "answer", "the database is away", 0)
	}
	return nil
}

func (d *depot) RecallClaim(ctx context.Context, order string) (claim.State, error) {
	if err := d.gone(); err != nil {
		return claim.State{}, err
	}
	return d.Store.RecallClaim(ctx, order)
}

func (d *depot) Defer(ctx context.Context, e ledger.Deferred, wait time.Duration) error {
	if d.eager {
		wait = 0
	}
	return errors.Join(d.gone(), d.unlessAway(func() error { return d.Store.Defer(ctx, e, wait) }))
}

func (d *depot) AddDeadLetter(ctx context.Context, e ledger.Deferred) error {
	if err := d.CheckRoom(ctx); err != nil {
		return err
	}
	return errors.Join(d.gone(), d.unlessAway(func() error { return d.Store.AddDeadLetter(ctx, e) }))
}

func (d *depot) Ping(ctx context.Context) error {
	return errors.Join(d.gone(), d.unlessAway(func() error { return d.Store.Ping(ctx) }))
}

func (d *depot) CheckRoom(ctx context.Context) error {
	if d.full.Load() {
		return remote.NewTransient(ledger.Platform, "store dead letter", "it holds as many as it may", 0)
	}
	return d.Store.CheckRoom(ctx)
}

func (d *depot) unlessAway(do func() error) error {
	if d.away.Load() {
		return nil
	}
	return do()
}

// stored lists what is in the store.
func (d *depot) stored(t *testing.T) []ledger.Event {
	t.Helper()
	events, err := d.Events(t.Context(), ledger.Filter{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// only is the one event that is stored.
func (d *depot) only(t *testing.T) ledger.Event {
	t.Helper()
	events := d.stored(t)
	if len(events) != 1 {
		t.Fatalf("%d events are stored, want 1: %+v", len(events), events)
	}
	return events[0]
}

// empty waits until nothing is left to do.
func (r *rig) empty(d *depot) {
	r.t.Helper()
	r.settle()
	r.eventually("the store is empty", func() bool { return len(d.stored(r.t)) == 0 })
}
