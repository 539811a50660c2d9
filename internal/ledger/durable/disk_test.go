package durable

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// openFile opens a store in the folder as serve does.
func openFile(t *testing.T, folder string, opts Options) *Ledger {
	t.Helper()
	opts.Logger = slog.New(slog.DiscardHandler)
	l, err := Open(t.Context(), "sqlite:"+filepath.Join(folder, "store.db"), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	return l
}

func letter(i int) ledger.Deferred {
	return ledger.Deferred{Flow: outcome.Export, Type: "OrderCreated", Order: fmt.Sprint(i), EventID: fmt.Sprint(i), Body: []byte(strings.Repeat("x", 60_000)), Reason: "r"}
}

// fill stores dead letters until there is no room, and gives how many there are.
func fill(t *testing.T, l *Ledger) int {
	t.Helper()
	for i := range 10_000 {
		if err := l.AddDeadLetter(t.Context(), letter(i)); err != nil {
			if !remote.Is(err, remote.Transient) {
				t.Errorf("refused with %v", err)
			}
			return i
		}
	}
	t.Fatal("there is always room")
	return 0
}

// TestAFullDatabaseSaysSoAndCanBeEmptied, where the file may not grow.
func TestAFullDatabaseSaysSoAndCanBeEmptied(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	l := openFile(t, folder, Options{})
	none := func(scanFunc) error { return nil }
	if err := l.db.query(t.Context(), "PRAGMA max_page_count=1000", nil, none); err != nil {
		t.Fatal(err)
	}
	stored := fill(t, l)
	for l.SaveCheckpoint(t.Context(), fmt.Sprint("filler ", stored), strings.Repeat("x", 3000)) == nil {
		stored++ // what is left of the last pages
	}
	stored = 0
	if err := l.db.query(t.Context(), "SELECT count(*) FROM fftconnect_events", nil, func(row scanFunc) error { return row(&stored) }); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Discard(t.Context(), ledger.Filter{State: ledger.StateDead}); err != nil || n != stored {
		t.Errorf("%d of %d discarded: %v", n, stored, err)
	}
	if err := l.Ping(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestAFileThatIsGoneOrReadOnlyShows: what is written to it would be lost with the process.
func TestAFileThatIsGoneOrReadOnlyShows(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	l := openFile(t, folder, Options{})
	if err := l.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	none := func(scanFunc) error { return nil }
	if err := l.db.query(t.Context(), "PRAGMA query_only(1)", nil, none); err != nil {
		t.Fatal(err)
	}
	if err := l.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("read-only: %v", err)
	}
	if err := l.db.query(t.Context(), "PRAGMA query_only(0)", nil, none); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "store.db")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	if err := l.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("gone: %v", err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "another file") {
		t.Errorf("replaced: %v", err)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	if err := l.Ping(t.Context()); err != nil {
		t.Errorf("back: %v", err)
	}
}
