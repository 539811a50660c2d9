package durable

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

const (
	// postgresConnections is used when the URL does not say pool_max_conns.
	postgresConnections = 16
	// connectTimeout is used when the URL does not say connect_timeout.
	connectTimeout = 5 * time.Second
	// migrationLock is an advisory lock that whoever migrates holds; the number only
	// has to be the same in every version.
	migrationLock = 7_305_142_906_331
)

type postgres struct {
	pgQuerier
	pool    *pgxpool.Pool
	options Options
}

func openPostgres(ctx context.Context, url string, opts Options) (*postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database URL: %w", err)
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = postgresConnections
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "fftconnect"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return &postgres{pgQuerier: pgQuerier{pool}, pool: pool, options: opts}, nil
}

func (p *postgres) reader() querier { return p.pgQuerier }

func (p *postgres) lookUps() querier { return p.pgQuerier }

// execShared leaves it to the server, which lets commits of several connections share a write.
func (p *postgres) execShared(ctx context.Context, _ time.Duration, text string, args ...any) (int64, error) {
	return p.exec(ctx, text, args...)
}

func (p *postgres) inTransaction(ctx context.Context, do func(querier) error) error {
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error { return do(pgQuerier{tx}) })
}

// clock is the database's, since the replicas' clocks may differ.
func (p *postgres) clock() string {
	return "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
}

func (p *postgres) queue(config *river.Config) (queue, error) {
	client, err := river.NewClient(riverpgxv5.New(p.pool), config)
	if err != nil {
		return nil, err
	}
	raw := func(tx querier) pgx.Tx { return tx.(pgQuerier).on.(pgx.Tx) }
	return riverQueue[pgx.Tx]{client: client, raw: raw}, nil
}

// migrate lets one process migrate at a time; the others wait and find it done.
func (p *postgres) migrate(ctx context.Context) (err error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return fmt.Errorf("wait for another process to migrate the database: %w", err)
	}
	defer func() {
		_, unlocked := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
		err = errors.Join(err, unlocked)
	}()
	db := stdlib.OpenDBFromPool(p.pool)
	defer db.Close()
	if err := migrateLedger(ctx, goose.DialectPostgres, db, "migrations/postgres", p.options.AsItIs); err != nil {
		return err
	}
	return migrateQueue(ctx, riverpgxv5.New(p.pool), p, p.options.Logger, p.options.AsItIs)
}

// vacuum has nothing to do: the server vacuums by itself.
func (p *postgres) vacuum(context.Context) error { return nil }

// makeRoom cannot do anything about the server's disk.
func (p *postgres) makeRoom(context.Context) bool { return false }

func (p *postgres) ping(ctx context.Context) error { return p.pool.Ping(ctx) }

func (p *postgres) close() error {
	p.pool.Close()
	return nil
}

// pgQuerier is querier on a pool or a transaction of pgx.
type pgQuerier struct {
	on interface {
		Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	}
}

func (q pgQuerier) exec(ctx context.Context, text string, args ...any) (int64, error) {
	tag, err := q.on.Exec(ctx, text, toColumnValues(args)...)
	return tag.RowsAffected(), err
}

func (q pgQuerier) query(ctx context.Context, text string, args []any, read func(scanFunc) error) error {
	rows, err := q.on.Query(ctx, text, toColumnValues(args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// toColumnValues takes out of texts what PostgreSQL refuses: zero bytes and broken UTF-8.
func toColumnValues(args []any) []any {
	for i, arg := range args {
		text, ok := arg.(string)
		if ok && (!utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}
