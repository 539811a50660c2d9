package postgrestest_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"fftconnect/internal/ledger/postgrestest"
)

func TestAServerKeepsItsDataOverACrash(t *testing.T) {
	t.Parallel()
	server, err := postgrestest.Start("fsync=off")
	if errors.Is(err, postgrestest.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	run(t, server, "CREATE TABLE kept (n int)")
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), server.URL("postgres")); err == nil {
		t.Fatal("a killed server answers")
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	run(t, server, "SELECT n FROM kept")
}

func run(t *testing.T, server *postgrestest.Server, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
