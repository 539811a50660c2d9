package durable

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// scanFunc reads the columns of one row.
type scanFunc func(columns ...any) error

// querier runs SQL. Both databases understand what this package writes, numbered
// parameters ($1) included.
type querier interface {
	// exec returns how many rows were changed.
	exec(ctx context.Context, sql string, args ...any) (int64, error)
	// query calls read for every row.
	query(ctx context.Context, sql string, args []any, read func(scanFunc) error) error
}

// database is what SQLite and PostgreSQL do differently.
type database interface {
	querier
	// reader is for lists and look-ups: it may run beside a write.
	reader() querier
	// lookUps is a reader of what is found by its key.
	lookUps() querier
	// execShared is exec that may wait for others, for the time of its patience, so that one
	// commit is enough for all.
	execShared(ctx context.Context, patience time.Duration, sql string, args ...any) (int64, error)
	inTransaction(ctx context.Context, do func(querier) error) error
	// clock is SQL for the present, in microseconds, by the clock that all replicas
	// share.
	clock() string
	migrate(ctx context.Context) error
	queue(config *river.Config) (queue, error)
	// vacuum makes sure that what was deleted is gone from the disk.
	vacuum(ctx context.Context) error
	// makeRoom gives up what is kept for when the disk is full; false when nothing can be done.
	makeRoom(ctx context.Context) bool
	ping(ctx context.Context) error
	close() error
}

// queue is a River client without its transaction type.
type queue interface {
	// insert adds jobs in the transaction that tx belongs to.
	insert(ctx context.Context, tx querier, jobs []river.InsertManyParams) (ids []int64, err error)
	start(ctx context.Context) error
	stop(ctx context.Context) error
}

// riverQueue is queue for one driver; T is the driver's transaction.
type riverQueue[T any] struct {
	client *river.Client[T]
	raw    func(querier) T
}

func (q riverQueue[T]) insert(ctx context.Context, tx querier, jobs []river.InsertManyParams) ([]int64, error) {
	inserted, err := q.client.InsertManyTx(ctx, q.raw(tx), jobs)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(inserted))
	for i, job := range inserted {
		ids[i] = job.Job.ID
	}
	return ids, nil
}

func (q riverQueue[T]) start(ctx context.Context) error { return q.client.Start(ctx) }
func (q riverQueue[T]) stop(ctx context.Context) error  { return q.client.Stop(ctx) }

// queryOne reads at most one row and reports whether there was one.
func queryOne(ctx context.Context, from querier, sql string, args []any, columns ...any) (found bool, err error) {
	err = from.query(ctx, sql, args, func(row scanFunc) error {
		found = true
		return row(columns...)
	})
	return found, err
}

// toMicros is how a point in time is stored.
func toMicros(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

// fromMicros is what micros stored.
func fromMicros(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
