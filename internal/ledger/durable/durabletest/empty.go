// Package durabletest helps tests with databases.
package durabletest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"fftconnect/internal/ledger/durable"
)

// WriteEmptySQLite writes a migrated SQLite file without rows to path. The migrations, which
// cost more than most tests, are made once in a process.
func WriteEmptySQLite(path string) error {
	file, err := Migrated()
	if err != nil {
		return err
	}
	return os.WriteFile(path, file, 0o600)
}

// Migrated is what such a file holds. A test in fake time asks for it before, as what is
// made in a bubble must not be used outside of it.
var Migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "fftconnect-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	l, err := durable.Open(context.Background(), "sqlite:"+path, durable.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if err := l.Close(context.Background()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
