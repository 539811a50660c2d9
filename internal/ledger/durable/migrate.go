package durable

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"log/slog"
	"path"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var migrations embed.FS

// versionTable is where goose notes which migrations ran.
const versionTable = "fftconnect_schema"

// NewerSchemaError says that a newer fftconnect has migrated the database.
type NewerSchemaError struct {
	What         string
	Found, Known int64
}

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the database's %s is version %d and this fftconnect knows %d: a newer fftconnect has used it; "+
		"start that version or a later one, or restore the backup from before the upgrade", e.What, e.Found, e.Known)
}

// OlderSchemaError says that the database must be migrated, which only serve does.
type OlderSchemaError struct {
	Found, Known int64
}

func (e *OlderSchemaError) Error() string {
	return fmt.Sprintf("the database is of version %d and this fftconnect knows %d: use the fftconnect that serves, "+
		"or start serve of this version once: it migrates the database", e.Found, e.Known)
}

// migrateLedger brings our own tables up to date; as they are, it only looks whether they are.
func migrateLedger(ctx context.Context, dialect goose.Dialect, db *sql.DB, folder string, asItIs bool) error {
	ours, err := migrationsIn(folder)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, db, nil,
		goose.WithDisableGlobalRegistry(true), goose.WithTableName(versionTable), goose.WithGoMigrations(ours...))
	if err != nil {
		return err
	}
	found, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	if found > known {
		return &NewerSchemaError{What: "schema", Found: found, Known: known}
	}
	if asItIs {
		if found < known {
			return &OlderSchemaError{Found: found, Known: known}
		}
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// migrationsIn are those of a folder, each of which a database executes as a whole. goose's own
// reader of files takes two buffers of 4 MiB for each of them.
func migrationsIn(folder string) (all []*goose.Migration, err error) {
	files, err := migrations.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		version, err := goose.NumericComponent(file.Name())
		if err != nil {
			return nil, err
		}
		statements, err := migrations.ReadFile(path.Join(folder, file.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, string(statements))
			return err
		}}, nil))
	}
	return all, nil
}

// migrateQueue brings River's tables up to date; db is the same database.
func migrateQueue[T any](ctx context.Context, driver riverdriver.Driver[T], db querier, logger *slog.Logger, asItIs bool) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quietLogger(logger)})
	if err != nil {
		return err
	}
	all := migrator.AllVersions()
	known := int64(all[len(all)-1].Version)
	existing, err := migrator.ExistingVersions(ctx)
	if err != nil {
		var found int64
		if ok, _ := queryOne(ctx, db, `SELECT max(version) FROM river_migration`, nil, &found); ok && found > known {
			return &NewerSchemaError{What: "queue schema", Found: found, Known: known}
		}
		return fmt.Errorf("read the queue's version: %w", err)
	}
	if len(existing) == len(all) {
		return nil
	}
	if asItIs {
		return &OlderSchemaError{Found: int64(len(existing)), Known: int64(len(all))}
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	return nil
}
