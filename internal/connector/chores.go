package connector

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/ledger"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/setup"
)

// upkeepEvery is how often subscriptions and tokens are looked at.
const upkeepEvery = time.Hour

// chores are what one replica at a time does now and then.
func (c *Connector) chores() []ledger.Periodic {
	chores := []ledger.Periodic{{
		Name: "reconcile", Every: c.env.ReconcileEvery, Timeout: max(c.env.ReconcileEvery, 10*time.Minute),
		Run: func(ctx context.Context) error { return c.compareRecent(ctx) },
	}}
	if !c.env.Shadow {
		chores = append(chores, ledger.Periodic{Name: "upkeep", Every: upkeepEvery, AtStart: true, Run: c.upkeep})
	}
	return chores
}

// settling is how long an order is left alone after it changed: its messages may
// still be under way.
const settling = time.Minute

// recentCheckpoint is how far the regular comparison came.
const recentCheckpoint = "reconcile"

// compareRecent looks into the orders that were modified lately, or since it last came
// through when that is longer ago, and repairs them.
func (c *Connector) compareRecent(ctx context.Context) error {
	now := time.Now()
	walk := reconcile.Walk{
		From:  commercetools.Position{ModifiedAt: now.Add(-c.env.ReconcileWindow)},
		Until: now.Add(-settling),
	}
	if err := c.resume(ctx, recentCheckpoint, &walk); err != nil {
		return err
	}
	_, err := c.Reconciler.Run(ctx, walk)
	if err == nil {
		c.Telemetry.Reconciled(now)
	}
	return err
}

// upkeepCheckpoint is how the last upkeep, of whichever replica, left the installation.
const upkeepCheckpoint = "upkeep"

// condition is how upkeep left the installation.
type condition struct {
	Problems     []string  `json:"problems,omitempty"`    // what it could not do, and what only install does
	TokenExpires time.Time `json:"tokenExpires,omitzero"` // the first of the webhooks' tokens
	WebhooksAt   string    `json:"webhooksAt,omitempty"`  // where our webhooks deliver, or did when there were any
}

// condition is how the last upkeep left the installation; as far as this replica knows
// when there is no store, or it is away.
func (c *Connector) condition(ctx context.Context) condition {
	var last condition
	if mine := c.upkept.Load(); mine != nil {
		last = *mine
	}
	if c.store == nil {
		return last
	}
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	text, _, ok, err := c.store.Checkpoint(ctx, upkeepCheckpoint)
	var saved condition
	if err != nil || !ok || json.Unmarshal([]byte(text), &saved) != nil {
		return last
	}
	return saved
}

// note lets every replica show how upkeep left the installation.
func (c *Connector) note(ctx context.Context, now condition) error {
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
	last := c.condition(ctx)
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
	webhooks, lookErr := installer.Webhooks(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // this process stops: that says nothing of the installation
	}
	now := condition{Problems: problems, TokenExpires: webhooks.TokenExpires, WebhooksAt: cmp.Or(webhooks.Address, last.WebhooksAt)}
	if lookErr != nil {
		now.TokenExpires = last.TokenExpires
	}
	return errors.Join(err, c.note(ctx, now))
}

// jobCheckpoint is how far the scheduled comparison came.
const jobCheckpoint = "job"

// jobPatience leaves the platform's 30 minutes some room.
const jobPatience = 25 * time.Minute

// scheduled is what commercetools Connect calls on schedule. Without a store nothing
// else runs from time to time, so it does all chores.
func (c *Connector) scheduled(ctx context.Context) (findings int, err error) {
	findings, err = c.job(ctx)
	if err != nil {
		c.logger.Error("the scheduled comparison did not come to its end", "differences", findings, "error", err)
	}
	if c.store == nil && !errors.Is(err, errJobRuns) && !c.env.Shadow {
		if err := c.upkeep(ctx); err != nil {
			c.logger.Error("the installation could not be looked after", "error", err)
		}
	}
	return findings, err
}

// job compares both platforms. It does not overlap, and goes on where the last one was
// cut off. Without a store it looks back over the configured window and remembers
// nothing.
func (c *Connector) job(ctx context.Context) (findings int, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, jobPatience, errors.New("the job's time is over"))
	defer cancel()
	if !c.jobRunning.CompareAndSwap(false, true) {
		return 0, errJobRuns
	}
	defer c.jobRunning.Store(false)
	now := time.Now()
	walk := reconcile.Walk{From: commercetools.Position{ModifiedAt: now.Add(-c.env.ReconcileWindow)}, Until: now.Add(-settling)}
	if c.store != nil {
		lease, ok, err := c.store.Lock(ctx, jobCheckpoint, jobPatience)
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, errJobRuns
		}
		defer release(ctx, lease)
		if err := c.resume(ctx, jobCheckpoint, &walk); err != nil {
			return 0, err
		}
	} else if c.objectClaims != nil {
		if err := c.objectClaims.Sweep(ctx); err != nil {
			return 0, fmt.Errorf("sweep claims: %w", err)
		}
	}
	found, err := c.Reconciler.Run(ctx, walk)
	if err == nil {
		c.Telemetry.Reconciled(now)
	}
	return len(found), err
}

// releaseTimeout bounds giving a lease up, with room for a slow database: a lease that
// is not given up keeps the next job away until it ends by itself.
const releaseTimeout = 15 * time.Second

func release(ctx context.Context, lease ledger.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	_ = lease.Release(ctx)
}

var errJobRuns = errors.New("the job is already running")

// furthest bounds how far back a comparison goes by itself: as long as senders keep what
// they could not deliver. What is older may have been dealt with by hand.
const furthest = 7 * 24 * time.Hour

// resume lets the walk begin where the last one of this name ended, when that is
// further back than it would begin, and has it note how far it comes.
func (c *Connector) resume(ctx context.Context, name string, walk *reconcile.Walk) error {
	text, _, ok, err := c.store.Checkpoint(ctx, name)
	if err != nil {
		return err
	}
	var last commercetools.Position
	if ok && json.Unmarshal([]byte(text), &last) == nil && last.ModifiedAt.Before(walk.From.ModifiedAt) {
		walk.From = last
		if oldest := walk.Until.Add(-furthest); last.ModifiedAt.Before(oldest) {
			walk.From = commercetools.Position{ModifiedAt: oldest}
		}
	}
	walk.Page = func(p reconcile.Progress) error {
		text, err := json.Marshal(p.Position)
		if err != nil {
			return err
		}
		return c.store.SaveCheckpoint(ctx, name, string(text))
	}
	return nil
}
