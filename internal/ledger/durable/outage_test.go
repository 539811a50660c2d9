package durable_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/ledger/postgrestest"
	"fftconnect/internal/remote"
	"fftconnect/internal/testform"
)

func TestWorkGoesOnAfterTheDatabaseWasAway(t *testing.T) {
	t.Parallel()
	testform.InSlow(t)
	own, err := postgrestest.Start("fsync=off")
	if errors.Is(err, postgrestest.ErrNotInstalled) {
		t.Skip("PostgreSQL is left out: ", err)
	}
	check(t, err)
	t.Cleanup(func() { check(t, own.Close()) })
	s := store{tb: t, url: own.URL("postgres")}
	l, ctx := s.open(durable.Options{Logger: silent()}), t.Context()
	run(t, l, func(context.Context, ledger.Event) ledger.Verdict { return ledger.Verdict{Action: ledger.Done} })
	check(t, l.Defer(ctx, event("before"), 0))
	eventually(t, "an event is done", func() bool { return depth(t, l).Deferred == 0 })
	check(t, l.SaveCheckpoint(ctx, "kept", "over a crash"))

	check(t, own.Kill())
	// Each notices by itself that the database is away, well before its caller leaves.
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := l.Defer(ctx, event("lost"), 0); !remote.Is(err, remote.Transient) {
		t.Errorf("without a database: %v", err)
	}
	if _, err := l.ReadClaim(ctx, "o1"); !remote.Is(err, remote.Transient) {
		t.Errorf("without a database: %v", err)
	}
	if ctx.Err() != nil {
		t.Error("it was not noticed that the database is away")
	}
	ctx = t.Context()
	l.Record(entry("o1", time.Now()))
	eventually(t, "a row of the journal is dropped", func() bool { return l.JournalDropped() == 1 })

	check(t, own.Resume())
	check(t, l.Ping(ctx))
	if value, _, _, err := l.Checkpoint(ctx, "kept"); value != "over a crash" || err != nil {
		t.Errorf("the server forgot: %q, %v", value, err)
	}
	for i := range 3 {
		check(t, l.Defer(ctx, event(fmt.Sprint("after", i)), 0))
	}
	eventually(t, "all are done", func() bool { return depth(t, l).Deferred == 0 })
	l.Record(entry("o1", time.Now()))
	eventually(t, "the journal is written again", func() bool {
		return len(must[[]ledger.JournalRow](t)(l.Timeline(ctx, "o1"))) == 1
	})
}

func TestTheFileIsOurs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a?b#c%d.db")
	s := store{tb: t, url: "sqlite:" + file}
	s.open(durable.Options{})
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Stat(file + suffix)
		check(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %s", file+suffix, info.Mode())
		}
	}
}
