package connector

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/setup"
)

// upkeepEvery is how often subscriptions and tokens are looked at.
const upkeepEvery = time.Hour

// upkeepPause leaves several times to renew a token in the last quarter of its life.
func (c *Connector) upkeepPause() time.Duration {
	return max(min(upkeepEvery, c.env.Token.Lifetime/16), time.Minute)
}

// periodicChores are what one replica at a time does now and then.
func (c *Connector) periodicChores() []ledger.Periodic {
	chores := []ledger.Periodic{
		{Name: "visits", Every: c.pauseBetweenVisits(), Timeout: jobPatience, Run: c.runVisits},
		{Name: "sweep", Every: c.env.Revisit.After, Timeout: jobPatience, Run: c.runSweep},
	}
	if !c.env.Shadow {
		chores = append(chores, ledger.Periodic{Name: "upkeep", Every: c.upkeepPause(), AtStart: true, Run: c.upkeep})
	}
	if !c.env.Shadow && c.env.Features.ChannelSync {
		chores = append(chores, ledger.Periodic{Name: "channels", Every: channelsDueEvery, Timeout: jobPatience, Run: c.syncAllChannels})
	}
	for i, chore := range chores {
		chores[i].Run = func(ctx context.Context) error { return c.traced(ctx, chore.Name, chore.Run) }
	}
	return chores
}

// traced follows periodic work.
func (c *Connector) traced(ctx context.Context, name string, work func(context.Context) error) error {
	ctx, span := c.tracer.Work(ctx, name)
	err := work(ctx)
	span.EndWork(err)
	return err
}

// channelsDueEvery is how often it is looked whether channels are to be compared.
const channelsDueEvery = time.Hour

// upkeepCheckpoint is how the last upkeep, of whichever replica, left the installation.
const upkeepCheckpoint = "upkeep"

// upkeepReport is how upkeep left the installation.
type upkeepReport struct {
	Problems     []string  `json:"problems,omitempty"`    // what it could not do, and what only install does
	TokenExpires time.Time `json:"tokenExpires,omitzero"` // the first of the webhooks' tokens
	WebhooksAt   string    `json:"webhooksAt,omitempty"`  // where our webhooks deliver, or did when there were any
}

// lastUpkeep is how the last upkeep left the installation; as far as this replica knows
// when there is no store, or it is away.
func (c *Connector) lastUpkeep(ctx context.Context) upkeepReport {
	last, _ := c.recallUpkeep(ctx)
	return last
}

// recallUpkeep is lastUpkeep, with why the store did not say it.
func (c *Connector) recallUpkeep(ctx context.Context) (last upkeepReport, err error) {
	if mine := c.upkept.Load(); mine != nil {
		last = *mine
	}
	if c.store == nil {
		return last, nil
	}
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	text, _, ok, err := c.store.Checkpoint(ctx, upkeepCheckpoint)
	var saved upkeepReport
	if err != nil || !ok || json.Unmarshal([]byte(text), &saved) != nil {
		return last, err
	}
	return saved, nil
}

// saveUpkeep lets every replica show how upkeep left the installation.
func (c *Connector) saveUpkeep(ctx context.Context, now upkeepReport) error {
	c.upkept.Store(&now)
	if c.store == nil {
		return nil
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), conditionTimeout)
	defer cancel()
	return c.store.SaveCheckpoint(ctx, upkeepCheckpoint, string(text))
}

// conditionTimeout bounds the store's part in that.
const conditionTimeout = 2 * time.Second

// upkeep keeps the installation alive. What it could not do, and what only install does, shows in
// readiness and metrics.
func (c *Connector) upkeep(ctx context.Context) error {
	installer := c.Installer()
	last, err := c.recallUpkeep(ctx)
	if err != nil && c.upkept.Load() == nil {
		return err // or what the last one knew would be forgotten
	}
	installer.WereAt = last.WebhooksAt
	plan, problems, err := installer.Upkeep(ctx)
	if err == nil {
		err = plan.Apply(ctx, func(step setup.Step, err error) {
			if err != nil {
				problems = append(problems, err.Error())
				return
			}
			c.logger.Warn("installation repaired", "verb", step.Verb, "what", step.What, "reason", step.Why)
		})
	} else {
		problems = append(problems, err.Error())
	}
	if len(problems) > 0 {
		c.logger.Warn("the installation needs attention", "problems", problems)
	}
	webhooks, lookErr := installer.Webhooks(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // this process stops: that says nothing of the installation
	}
	now := upkeepReport{Problems: problems, TokenExpires: webhooks.TokenExpires, WebhooksAt: cmp.Or(webhooks.Address, last.WebhooksAt)}
	if lookErr != nil {
		now.TokenExpires = last.TokenExpires
	}
	return errors.Join(err, c.saveUpkeep(ctx, now))
}

// jobPatience leaves the platform's 30 minutes some room.
const jobPatience = 25 * time.Minute

// runScheduled is what commercetools Connect calls on schedule. Without a store nothing
// else runs from time to time, so it does all chores.
func (c *Connector) runScheduled(ctx context.Context) (findings int, err error) {
	ctx, span := c.tracer.Work(ctx, "job")
	defer func() { span.EndWork(err) }()
	began := time.Now()
	findings, err = c.visitAndSweep(ctx)
	if !errors.Is(err, intake.ErrJobRuns) {
		c.scheduleVisitsMetric(began)
	}
	if err != nil {
		c.logger.Error("the scheduled visits did not come to their end", "differences", findings, "error", err)
	}
	if c.store != nil || errors.Is(err, intake.ErrJobRuns) || c.env.Shadow {
		return findings, err
	}
	defer c.notifyPeople(ctx, true) // a process that only runs while it is called has no other time
	if err := c.upkeep(ctx); err != nil {
		c.logger.Error("the installation could not be looked after", "error", err)
	}
	if c.env.Features.ChannelSync {
		if err := c.syncAllChannels(ctx); err != nil {
			c.logger.Error("channels could not be compared with their facilities", "error", err)
		}
	}
	return findings, err
}

// visitAndSweep visits what is due, and sweeps when that is due. It does not overlap.
func (c *Connector) visitAndSweep(ctx context.Context) (findings int, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, jobPatience, errors.New("the job's time is over"))
	defer cancel()
	if !c.jobRunning.CompareAndSwap(false, true) {
		return 0, intake.ErrJobRuns
	}
	defer c.jobRunning.Store(false)
	if c.store != nil {
		lease, ok, err := c.store.AcquireLease(ctx, "job", jobPatience)
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, intake.ErrJobRuns
		}
		defer releaseLease(ctx, lease)
	} else if c.objectClaims != nil {
		if err := c.objectClaims.Sweep(ctx); err != nil {
			return 0, fmt.Errorf("sweep claims: %w", err)
		}
	}
	swept, err := c.sweepUnlisted(ctx)
	if err != nil {
		return len(swept), err
	}
	visited, err := c.visitDueOrders(ctx)
	return len(swept) + len(visited), err
}

// releaseTimeout bounds giving a lease up, with room for a slow database: a lease that
// is not given up keeps the next job away until it ends by itself.
const releaseTimeout = 15 * time.Second

func releaseLease(ctx context.Context, lease ledger.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	_ = lease.Release(ctx)
}
