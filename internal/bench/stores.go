package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"fftconnect/internal/ledger/postgrestest"
)

// store is a kind of store for the connector.
type store struct {
	name  string
	fresh func() (string, error) // DATABASE_URL of an empty one: every run has the same orders
	floor string                 // not the connector at all, but the yardstick: this program
}

var noStore = store{name: "none", fresh: func() (string, error) { return "none", nil }}

// stores are none, SQLite and, where it is installed, PostgreSQL.
func stores() (all []store, closeAll func(), err error) {
	folder, err := os.MkdirTemp("", "fftconnect-bench-")
	if err != nil {
		return nil, nil, err
	}
	files := 0
	all = []store{noStore, {name: "SQLite", fresh: func() (string, error) {
		files++
		return "sqlite:" + filepath.Join(folder, fmt.Sprintf("%d.db", files)), nil
	}}}
	remove := func() { _ = os.RemoveAll(folder) }
	server, err := postgrestest.Start()
	if errors.Is(err, postgrestest.ErrNotInstalled) {
		fmt.Println("PostgreSQL is not installed: it is not measured")
		return all, remove, nil
	}
	if err != nil {
		remove()
		return nil, nil, err
	}
	databases := 0
	return append(all, store{name: "PostgreSQL", fresh: func() (string, error) {
			databases++
			return server.CreateDatabase(context.Background(), fmt.Sprintf("bench%d", databases))
		}}), func() {
			_ = server.Close()
			remove()
		}, nil
}
