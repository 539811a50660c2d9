package ledger

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// scan reads the columns of one row.
type scan func(columns ...any) error

// querier runs SQL. Both databases understand what this package writes, numbered
// parameters ($1) included.
type querier interface {
	// exec returns how many rows were changed.
	exec(ctx context.Context, sql string, args ...any) (int64, error)
	// each calls read for every row.
	each(ctx context.Context, sql string, args []any, read func(scan) error) error
}

// database is what SQLite and PostgreSQL do differently.
type database interface {
	querier
	// reader is for lists and look-ups: it may run beside a write.
	reader() querier
	transact(ctx context.Context, do func(querier) error) error
	// clock is SQL for the present, in microseconds, by the clock that all replicas
	// share.
	clock() string
	migrate(ctx context.Context) error
	queue(config *river.Config) (queue, error)
	// tidy makes sure that what was deleted is gone from the disk.
	tidy(ctx context.Context) error
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

// one reads at most one row and reports whether there was one.
func one(ctx context.Context, from querier, sql string, args []any, columns ...any) (found bool, err error) {
	err = from.each(ctx, sql, args, func(row scan) error {
		found = true
		return row(columns...)
	})
	return found, err
}

// micros is how a point in time is stored.
func micros(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

// moment is what micros stored.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
