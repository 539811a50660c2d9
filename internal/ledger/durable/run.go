package durable

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// flows is every flow whose events can be deferred; each has a queue of its own, so
// that one platform's outage does not hold the other direction up.
var flows = outcome.Flows

const (
	// jobAttempts is never reached: what becomes of an event is decided here, and
	// River only counts the attempts that the database made fail.
	jobAttempts = 30_000
	// jobRetry is when River tries again after such an attempt.
	jobRetry = 15 * time.Second
	// rescueMargin is how much longer than its timeout a job must have been running
	// until its process counts as dead.
	rescueMargin = 15 * time.Second
	// completedRetention is how long River keeps jobs that have run, for its UI.
	completedRetention = 10 * time.Minute
	finishedRetention  = 24 * time.Hour
	startRetry         = 2 * time.Second
	stopMargin         = 5 * time.Second
)

// Run works deferred events off and runs the periodic jobs until ctx ends or the
// ledger is closed, and then lets what is running end for Options.Grace. It calls
// handle for every attempt. While the database is away it waits.
func (l *Ledger) Run(ctx context.Context, handle func(context.Context, ledger.Event) ledger.Verdict, periodic ...ledger.Periodic) error {
	ctx, stop, err := l.beginRun(ctx)
	if err != nil {
		return err
	}
	defer stop()
	client, err := l.startQueue(ctx, handle, append(l.periodicChores(), periodic...))
	if client == nil {
		return err
	}
	<-ctx.Done()
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.opts.Grace+stopMargin)
	defer cancel()
	if err := client.stop(patience); err != nil {
		return fmt.Errorf("stop queue: %w", err)
	}
	return nil
}

// beginRun makes a context that ends with ctx and when the ledger is closed.
func (l *Ledger) beginRun(ctx context.Context) (context.Context, func(), error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, nil, errors.New("run queue: the ledger is closed")
	}
	l.runs.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-l.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-watched
		l.runs.Done()
	}, nil
}

// startQueue starts River as soon as the database lets it; it returns nothing when
// ctx ends before.
func (l *Ledger) startQueue(ctx context.Context, handle func(context.Context, ledger.Event) ledger.Verdict, periodic []ledger.Periodic) (queue, error) {
	for {
		client, err := l.db.queue(l.queueConfig(ctx, handle, periodic))
		if err != nil {
			return nil, fmt.Errorf("make queue: %w", err)
		}
		if err = client.start(context.WithoutCancel(ctx)); err == nil {
			return client, nil
		}
		l.opts.Logger.Warn("the queue of deferred events cannot be started yet", "error", err)
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(ledger.WithJitter(startRetry)):
		}
	}
}

func (l *Ledger) queueConfig(ctx context.Context, handle func(context.Context, ledger.Event) ledger.Verdict, periodic []ledger.Periodic) *river.Config {
	attempts := &attemptWorker{ledger: l, handle: handle, stopping: ctx.Done(), paces: map[string]*attemptPace{}}
	workers := river.NewWorkers()
	river.AddWorker(workers, attempts)
	river.AddWorker(workers, newPeriodicWorker(l.opts.Logger, periodic))
	queues := map[string]river.QueueConfig{periodicQueue: {MaxWorkers: periodicWorkers}}
	for _, flow := range flows {
		queues[string(flow)] = river.QueueConfig{MaxWorkers: l.opts.Workers}
		attempts.paces[string(flow)] = newPace(l.opts.DrainRate)
	}
	return &river.Config{
		ID:                          fmt.Sprintf("%.80s/%d", l.holder, l.holders.Add(1)),
		Logger:                      quietLogger(l.opts.Logger),
		Queues:                      queues,
		Workers:                     workers,
		PeriodicJobs:                periodicJobs(periodic),
		FetchCooldown:               l.fetchCooldown(),
		FetchPollInterval:           max(l.opts.Poll, l.fetchCooldown()),
		MaxAttempts:                 jobAttempts,
		RetryPolicy:                 steadyRetry{},
		JobTimeout:                  l.attemptJobTimeout(),
		RescueStuckJobsAfter:        l.attemptJobTimeout() + rescueMargin,
		SoftStopTimeout:             l.opts.Grace,
		CompletedJobRetentionPeriod: completedRetention,
		CancelledJobRetentionPeriod: finishedRetention,
		DiscardedJobRetentionPeriod: finishedRetention,
	}
}

// fetchCooldown lets the workers be busy enough for the rate: each fetch gives
// every free worker one event.
func (l *Ledger) fetchCooldown() time.Duration {
	enough := time.Duration(float64(l.opts.Workers) / l.opts.DrainRate / 2 * float64(time.Second))
	return min(max(enough, 2*time.Millisecond), 100*time.Millisecond)
}

// attemptJobTimeout holds the wait for the pace and one attempt.
func (l *Ledger) attemptJobTimeout() time.Duration {
	slowest := max(probeInterval, time.Duration(float64(time.Second)/l.opts.DrainRate))
	return l.opts.AttemptTimeout + settleTimeout + time.Duration(l.opts.Workers)*slowest + rescueMargin
}

// steadyRetry is for attempts that the database made fail.
type steadyRetry struct{}

func (steadyRetry) NextRetry(*rivertype.JobRow) time.Time {
	return time.Now().Add(ledger.WithJitter(jobRetry))
}
