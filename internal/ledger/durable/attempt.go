package durable

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"fftconnect/internal/ledger"
)

const (
	// settleTimeout bounds writing down how an attempt ended.
	settleTimeout = 10 * time.Second
	// defaultWait is for a Wait that names no delay.
	defaultWait = 30 * time.Second
	// almost is how much before its time an event waits in its worker.
	almost = 50 * time.Millisecond
)

// attemptArgs is a job: one attempt at an event, or several with pauses.
type attemptArgs struct {
	Event int64 `json:"event"`
}

// Kind implements river.JobArgs.
func (attemptArgs) Kind() string { return "attempt" }

// attemptWorker makes the attempts.
type attemptWorker struct {
	river.WorkerDefaults[attemptArgs]
	ledger   *Ledger
	handle   func(context.Context, ledger.Event) ledger.Verdict
	stopping <-chan struct{}
	paces    map[string]*attemptPace // by queue
}

// Work implements river.Worker.
func (w *attemptWorker) Work(ctx context.Context, job *river.Job[attemptArgs]) error {
	pace := w.paces[job.Queue]
	if pace == nil {
		pace = newPace(w.ledger.opts.DrainRate)
	}
	event, ok, err := w.ledger.queryEvent(ctx, `id = $1 AND job_id = $2 AND state = 'deferred'`, job.Args.Event, job.ID)
	if err != nil {
		return fmt.Errorf("read event %d: %w", job.Args.Event, err)
	}
	if !ok {
		return nil // done, discarded, dead, or with a newer job
	}
	if wait := event.NextAttemptAt.Sub(w.ledger.opts.Now()); wait > almost {
		return river.JobSnooze(wait) // its process died before River knew
	} else if wait > 0 {
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
	if !pace.waitForTurn(ctx, w.stopping) {
		return river.JobSnooze(0)
	}
	verdict := w.attempt(ctx, event)
	pace.noteEnd(verdict.Action == ledger.Wait)
	pause, err := w.ledger.recordAttemptEnd(ctx, event, job.ID, verdict)
	if err != nil {
		return fmt.Errorf("write down attempt at event %d: %w", event.ID, err)
	}
	if pause > 0 {
		return river.JobSnooze(pause)
	}
	return nil
}

// attempt calls the handler. A handler that panics would do so every time.
func (w *attemptWorker) attempt(ctx context.Context, event ledger.Event) (verdict ledger.Verdict) {
	defer func() {
		if p := recover(); p != nil {
			verdict = ledger.Verdict{Action: ledger.Dead, Reason: fmt.Sprintf("a mistake in fftconnect: panic of type %T", p)}
			w.ledger.opts.Logger.Error("handling a deferred event failed", "event", event.ID, "reason", verdict.Reason)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, w.ledger.opts.AttemptTimeout)
	defer cancel()
	return w.handle(ctx, event)
}

// recordAttemptEnd writes down how an attempt ended, unless the event has a newer job or is
// gone. It returns how long to pause until the next attempt; 0 when there is none.
func (l *Ledger) recordAttemptEnd(ctx context.Context, event ledger.Event, job int64, verdict ledger.Verdict) (time.Duration, error) {
	// The attempt has been made: that must be recorded even when the time is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	now := l.opts.Now()
	if (verdict.Action == ledger.Again || verdict.Action == ledger.Later) && now.Sub(event.Since) > l.opts.MaxAge {
		verdict.Action = ledger.Dead
		verdict.Reason = fmt.Sprintf("still failing after %s: %s", now.Sub(event.Since).Round(time.Minute), verdict.Reason)
	}
	if verdict.Action == ledger.Done {
		_, err := l.db.exec(ctx, `DELETE FROM fftconnect_events WHERE id = $1 AND job_id = $2`, event.ID, job)
		return 0, err
	}
	pause := l.applyVerdict(&event, verdict, now)
	keep := job
	if event.State == ledger.StateDead {
		keep = 0
	}
	changed, err := l.db.exec(ctx, `UPDATE fftconnect_events SET state = $3, reason = $4, fix = $5, attempts = $6,
			since = $7, last_attempt_at = $8, next_attempt_at = $9, job_id = $10, class = $11, cause = $12
		WHERE id = $1 AND job_id = $2`,
		event.ID, job, string(event.State), event.Reason, event.Fix, event.Attempts,
		toMicros(event.Since), toMicros(event.LastAttemptAt), toMicros(event.NextAttemptAt), keep, string(event.Class()), ledger.CauseOf(event.Reason))
	if changed == 0 {
		pause = 0
	}
	if err != nil || event.State != ledger.StateDead || changed == 0 {
		return pause, err
	}
	return 0, l.shortenStored(ctx, event)
}

// shortenStored keeps of an event that has become a dead letter what is kept of those.
func (l *Ledger) shortenStored(ctx context.Context, event ledger.Event) error {
	kept, err := shortenedDeadLetter(event.Deferred)
	if err != nil || len(kept.Body) == len(event.Body) {
		return nil // it is here already, and nobody else has it
	}
	_, err = l.db.exec(ctx, `UPDATE fftconnect_events SET body = $2, size = $3, fix = $4 WHERE id = $1 AND state = 'dead'`,
		event.ID, neverNil(kept.Body), len(kept.Body), shorten(kept.Fix))
	return err
}

// applyVerdict changes the event as the verdict says and returns the pause after it.
func (l *Ledger) applyVerdict(event *ledger.Event, verdict ledger.Verdict, now time.Time) (pause time.Duration) {
	event.Reason, event.Fix, event.Outcome = verdict.Reason, verdict.Fix, verdict.Outcome
	switch verdict.Action {
	case ledger.Wait:
		if pause = verdict.Delay; pause <= 0 {
			pause = ledger.WithJitter(defaultWait)
		}
		event.Since = now // what is not its fault does not age it
	case ledger.Later:
		pause = max(verdict.Delay, time.Second)
	case ledger.Again:
		event.Attempts++
		event.LastAttemptAt = now
		pause = max(l.opts.Retry(event.Attempts, verdict.Delay), time.Millisecond)
	default:
		event.Attempts++
		event.State, event.Since, event.LastAttemptAt, event.NextAttemptAt = ledger.StateDead, now, now, time.Time{}
		return 0
	}
	event.NextAttemptAt = now.Add(pause)
	return pause
}
