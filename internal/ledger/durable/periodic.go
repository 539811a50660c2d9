package durable

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"fftconnect/internal/ledger"
)

const (
	periodicQueue   = "periodic"
	periodicWorkers = 4
	// periodicTimeout is for a Periodic that names none.
	periodicTimeout = 10 * time.Minute
)

type periodicArgs struct {
	Name string `json:"name"`
}

// Kind implements river.JobArgs.
func (periodicArgs) Kind() string { return "periodic" }

func periodicJobs(all []ledger.Periodic) []*river.PeriodicJob {
	jobs := make([]*river.PeriodicJob, len(all))
	for i, periodic := range all {
		jobs[i] = river.NewPeriodicJob(river.PeriodicInterval(periodic.Every), func() (river.JobArgs, *river.InsertOpts) {
			return periodicArgs{Name: periodic.Name}, &river.InsertOpts{
				Queue: periodicQueue, MaxAttempts: 1,
				UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
					rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
					rivertype.JobStateRetryable, rivertype.JobStateScheduled,
				}},
			}
		}, &river.PeriodicJobOpts{ID: periodic.Name, RunOnStart: periodic.AtStart})
	}
	return jobs
}

type periodicWorker struct {
	river.WorkerDefaults[periodicArgs]
	logger *slog.Logger
	byName map[string]ledger.Periodic
}

func newPeriodicWorker(logger *slog.Logger, all []ledger.Periodic) *periodicWorker {
	w := &periodicWorker{logger: logger, byName: map[string]ledger.Periodic{}}
	for _, periodic := range all {
		w.byName[periodic.Name] = periodic
	}
	return w
}

// Timeout implements river.Worker.
func (w *periodicWorker) Timeout(job *river.Job[periodicArgs]) time.Duration {
	return cmp.Or(w.byName[job.Args.Name].Timeout, periodicTimeout)
}

// Work implements river.Worker. It does not fail: the next run is the repetition.
func (w *periodicWorker) Work(ctx context.Context, job *river.Job[periodicArgs]) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		if err != nil {
			w.logger.Error("periodic job failed", "job", job.Args.Name, "error", err)
		}
		err = nil
	}()
	periodic, ok := w.byName[job.Args.Name]
	if !ok {
		return nil // of another version
	}
	return periodic.Run(ctx)
}
