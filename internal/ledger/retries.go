package ledger

import (
	"context"
	"time"
)

// RetryRun is events that somebody has handled again together.
type RetryRun struct {
	ID      int64
	At      time.Time
	By      string
	What    string // which events, in words
	Planned int
	Queued  int       // so far
	Ended   time.Time // when the last was queued; zero: not yet
	Waiting int       // queued and neither done nor dead again
	Failed  int       // dead letters again
}

// Finished is how many of the events are done, or gone for another reason.
func (r RetryRun) Finished() int { return max(r.Queued-r.Waiting-r.Failed, 0) }

// BeginRetry notes that somebody is about to have events handled again, and how many. It
// gives the run's id, for Retry and RetryRun.
func (l *Ledger) BeginRetry(ctx context.Context, what string, planned int) (id int64, err error) {
	actor, _ := l.actorFrom(ctx)
	_, err = queryOne(ctx, l.db, `INSERT INTO fftconnect_retries (at, actor, what, planned) VALUES ($1, $2, $3, $4) RETURNING id`,
		[]any{toMicros(l.opts.Now()), actor, what, planned}, &id)
	return id, wrapError("begin a retry", err)
}

// RetryTogether is Retry as part of a run.
func (l *Ledger) RetryTogether(ctx context.Context, run int64, filter Filter) (int, error) {
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
func (l *Ledger) RetryRun(ctx context.Context, id int64) (run RetryRun, ok bool, err error) {
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
			var state State
			var n int
			err := row(&state, &n)
			if state == StateDead {
				run.Failed = n
			} else {
				run.Waiting = n
			}
			return err
		})
	return run, true, wrapError("read a retry", err)
}

// actorAndReason is who does something, and why.
type actorAndReason struct{ by, why string }

type actKey struct{}

// WithActor lets what is done with the returned context be done by the named person, for the
// reason that they give, which may be empty. It goes before Options.Actor.
func WithActor(ctx context.Context, by, why string) context.Context {
	return context.WithValue(ctx, actKey{}, actorAndReason{by, why})
}

// actorFrom is who does something, and why.
func (l *Ledger) actorFrom(ctx context.Context) (by, why string) {
	if a, ok := ctx.Value(actKey{}).(actorAndReason); ok {
		return a.by, a.why
	}
	return l.opts.Actor, ""
}

// By says, for the beginning of a reason, which person the context is of; nothing when it
// is of none.
func By(ctx context.Context) string {
	if a, ok := ctx.Value(actKey{}).(actorAndReason); ok {
		return "by " + a.by + ": "
	}
	return ""
}
