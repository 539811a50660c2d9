package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger/durable"
)

type storeCommand struct {
	Backup  storeBackupCommand  `cmd:"" help:"Copy a SQLite store to a file while it is in use; for PostgreSQL, say the command."`
	Restore storeRestoreCommand `cmd:"" help:"Put a copy in the place of a SQLite store; for PostgreSQL, say the command."`
}

type storeBackupCommand struct {
	File string `arg:"" help:"The copy; it must not exist yet."`
}

// Run copies the store.
func (c storeBackupCommand) Run(p program) error {
	address, err := p.databaseURL()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(address, "sqlite:") {
		command, _, err := durable.PostgresCommands(address, c.File)
		return errors.Join(err, p.printPostgresCommand(command))
	}
	if err := durable.Backup(p.ctx, address, c.File); err != nil {
		return err
	}
	size := int64(0)
	if info, err := os.Stat(c.File); err == nil {
		size = info.Size()
	}
	fmt.Fprintf(p.out, "%s is a copy of the store (%d KiB). It may hold personal data.\n", c.File, size>>10)
	return nil
}

type storeRestoreCommand struct {
	File string `arg:"" type:"existingfile" help:"The copy."`
	Yes  bool   `help:"Do not ask."`
}

// Run replaces the store.
func (c storeRestoreCommand) Run(p program) error {
	address, err := p.databaseURL()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(address, "sqlite:") {
		_, command, err := durable.PostgresCommands(address, c.File)
		return errors.Join(err, p.printPostgresCommand(command))
	}
	file := strings.TrimPrefix(address, "sqlite:")
	if _, err := os.Stat(file); err == nil {
		if err := p.confirm(fmt.Sprintf("Replace the store %s by %s?", file, filepath.Base(c.File)), c.Yes); err != nil {
			return err
		}
	}
	kept, err := durable.Restore(p.ctx, address, c.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s is now what %s holds.\n", file, c.File)
	if kept != "" {
		fmt.Fprintf(p.out, "What was there is %s; delete it when it is no longer needed.\n", kept)
	}
	fmt.Fprintln(p.out, "Start fftconnect serve, and then: fftconnect reconcile --since 24h")
	return nil
}

// databaseURL is DATABASE_URL, of a store that is there.
func (p program) databaseURL() (string, error) {
	address, err := config.Database(p.lookup)
	if err == nil && address == config.NoDatabase {
		err = errNoStore
	}
	return address.Reveal(), err
}

// printPostgresCommand leaves to PostgreSQL's own programs what they do best.
func (p program) printPostgresCommand(command string) error {
	fmt.Fprintln(p.out, command)
	return usageError{errors.New("the store is PostgreSQL: run the command above; it asks for the password, or takes PGPASSWORD")}
}
