package durable

import (
	"context"

	"fftconnect/internal/ledger"
)

// BeginRetry notes that somebody is about to have events handled again, and how many. It
// gives the run's id, for Retry and RetryRun.
func (l *Ledger) BeginRetry(ctx context.Context, what string, planned int) (id int64, err error) {
	actor, _ := l.actorFrom(ctx)
	_, err = queryOne(ctx, l.db, `INSERT INTO fftconnect_retries (at, actor, what, planned) VALUES ($1, $2, $3, $4) RETURNING id`,
		[]any{toMicros(l.opts.Now()), actor, what, planned}, &id)
	return id, wrapError("begin a retry", err)
}

// RetryTogether is Retry as part of a run.
func (l *Ledger) RetryTogether(ctx context.Context, run int64, filter ledger.Filter) (int, error) {
	queued := 0
	n, err := l.retry(ctx, filter, run, func(batch []ticket) {
		queued += len(batch)
		_, _ = l.db.exec(ctx, `UPDATE fftconnect_retries SET queued = $2 WHERE id = $1`, run, queued) // the end says it again
	})
	if err == nil {
		_, err = l.db.exec(ctx, `UPDATE fftconnect_retries SET queued = $2, ended = $3 WHERE id = $1`, run, n, toMicros(l.opts.Now()))
	}
	return n, wrapError("retry events", err)
}

// RetryRun is how far a run is; ok is false when there is none of this id.
func (l *Ledger) RetryRun(ctx context.Context, id int64) (run ledger.RetryRun, ok bool, err error) {
	var at, ended int64
	run.ID = id
	ok, err = queryOne(ctx, l.db.reader(), `SELECT at, actor, what, planned, queued, ended FROM fftconnect_retries WHERE id = $1`,
		[]any{id}, &at, &run.By, &run.What, &run.Planned, &run.Queued, &ended)
	run.At, run.Ended = fromMicros(at), fromMicros(ended)
	if err != nil || !ok {
		return run, false, wrapError("read a retry", err)
	}
	err = l.db.reader().query(ctx, `SELECT state, count(*) FROM fftconnect_events WHERE retry = $1 AND retry <> 0 GROUP BY state`, []any{id},
		func(row scanFunc) error {
			var state ledger.State
			var n int
			err := row(&state, &n)
			if state == ledger.StateDead {
				run.Failed = n
			} else {
				run.Waiting = n
			}
			return err
		})
	return run, true, wrapError("read a retry", err)
}

// actorFrom is who does something, and why.
func (l *Ledger) actorFrom(ctx context.Context) (by, why string) {
	if by, why, ok := ledger.ActorFrom(ctx); ok {
		return by, why
	}
	return l.opts.Actor, ""
}
