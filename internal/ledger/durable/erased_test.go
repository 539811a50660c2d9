package durable

import (
	search "bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// TestWhatIsDueIsGoneFromTheDisk: after its retention a body is in none of the files, which
// are small again and ours alone.
func TestWhatIsDueIsGoneFromTheDisk(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	l, err := Open(t.Context(), "sqlite:"+file, Options{Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close(t.Context()) }()
	if err := l.db.vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	empty := int64(len(readAll(t, file)))
	for i := range 20 {
		body := []byte(fmt.Sprintf("marker-%02d ", i) + strings.Repeat("x", 30_000))
		err := l.AddDeadLetter(t.Context(), ledger.Deferred{Flow: outcome.Export, Type: "OrderCreated", Order: fmt.Sprint(i), EventID: fmt.Sprint(i), Body: body, Reason: "r"})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := search.Count(readAll(t, file), []byte("marker-")); n < 20 {
		t.Fatalf("%d of 20 markers are in the files: the test looks in the wrong place", n)
	}
	now = now.Add(91 * 24 * time.Hour)
	if err := l.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := readAll(t, file)
	if n := search.Count(after, []byte("marker-")); n != 0 {
		t.Errorf("%d markers are still there", n)
	}
	if grown := int64(len(after)) - empty; grown > 100_000 {
		t.Errorf("%d bytes are left of 600,000", grown)
	}
	for _, ending := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(file + ending)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", ending, info.Mode(), err)
		}
	}
}

func readAll(t *testing.T, file string) (all []byte) {
	t.Helper()
	for _, ending := range []string{"", "-wal"} {
		text, err := os.ReadFile(file + ending)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}
