package connector

import (
	"context"
	"encoding/json"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/feedback"
	"fftconnect/internal/reconcile"
)

// visitsEvery is how often due visits are looked for.
const visitsEvery = time.Minute

// pauseBetweenVisits is what is really waited.
func (c *Connector) pauseBetweenVisits() time.Duration { return min(visitsEvery, c.env.Revisit.After) }

// jobExpected is how often POST /job is expected at least, until two calls have shown it.
const jobExpected = 24 * time.Hour

// scheduleVisitsMetric tells metrics how often visits are to be expected: without a store, as
// often as somebody calls POST /job.
func (c *Connector) scheduleVisitsMetric(now time.Time) {
	if c.store != nil {
		c.Telemetry.SetReconcileInterval(c.pauseBetweenVisits())
		return
	}
	interval := jobExpected
	if before := c.jobCalled.Swap(&now); before != nil {
		interval = now.Sub(*before)
	}
	c.Telemetry.SetReconcileInterval(interval)
}

// openOrderStore is who remembers which orders are not finished; nil: nobody does.
func (c *Connector) openOrderStore() reconcile.OpenOrders {
	if c.store == nil {
		return nil
	}
	return c.store
}

// sentValuesStore is who remembers what counterparts were sent; nil: nobody does.
func (c *Connector) sentValuesStore() export.Memory {
	if c.store == nil || c.env.Shadow {
		return nil
	}
	return c.store
}

// showChangeRefused shows on the order that fulfillmenttools did not take a change of it, or
// took it after all.
func (c *Connector) showChangeRefused(ctx context.Context, updater *feedback.Updater, orderID string, refused bool) error {
	if !c.env.Features.StatusUpdates {
		return nil
	}
	_, err := updater.CatchUp(ctx, orderID, feedback.ChangeRefused(time.Now(), refused))
	return err
}

// followsCarriers reports whether carriers' news are followed once an order is shipped.
func (c *Connector) followsCarriers(ctx context.Context) (bool, error) {
	rules, err := c.shop.FeedbackRules(ctx)
	return rules.WritesDeliveries() && rules.WritesTracking(), err
}

// resendsCancelled reports whether an order that was cancelled in fulfillmenttools is sent again.
func (c *Connector) resendsCancelled(ctx context.Context) (bool, error) {
	rules, err := c.exportRules(ctx)
	return rules.Resend, err
}

// facilityName is how people call a facility; its id when that cannot be read.
func (c *Connector) facilityName(ctx context.Context, id string) string {
	name, err := c.Fulfillmenttools.FacilityName(ctx, id)
	if err != nil || name == "" {
		return "facility " + id
	}
	return name
}

func (c *Connector) runVisits(ctx context.Context) error {
	if len(c.pausedFlows(ctx)) > 0 {
		return nil // what is due stays due
	}
	_, err := c.visitDueOrders(ctx)
	return err
}

// visitDueOrders visits the open orders that are due.
func (c *Connector) visitDueOrders(ctx context.Context) ([]reconcile.Finding, error) {
	began := time.Now()
	found, err := c.Reconciler.VisitDue(ctx)
	if err == nil {
		c.Telemetry.SetReconciled(began)
		c.visitedAt.Store(&began)
	}
	return found, err
}

func (c *Connector) runSweep(ctx context.Context) error {
	if len(c.pausedFlows(ctx)) > 0 {
		return nil
	}
	_, err := c.sweepUnlisted(ctx)
	return err
}

const (
	// settling is how long an order is left alone after it changed: its messages may
	// still be under way.
	settling = time.Minute
	// sweptCheckpoint is when the sweeps were last done.
	sweptCheckpoint = "sweep"
	// wholeSweepEvery is how often the sweep looks at all of reconcile.SweptFor. Between
	// it looks at what was modified since the last one.
	wholeSweepEvery = 24 * time.Hour
	// namedSweptFor is how far back it then looks at orders that name their counterpart: when
	// it was written, they were modified, and a sweep saw them.
	namedSweptFor = 2 * wholeSweepEvery
)

// sweepState is until when the sweeps looked.
type sweepState struct {
	Whole time.Time `json:"whole"`
	Until time.Time `json:"until"`
}

// sweepUnlisted looks for orders that nobody remembers. A store that an older version has used
// has no checkpoint of it, so the first one is a whole one.
func (c *Connector) sweepUnlisted(ctx context.Context) ([]reconcile.Finding, error) {
	if c.store == nil || !c.env.Features.OrderSync {
		return nil, nil
	}
	text, _, ok, err := c.store.Checkpoint(ctx, sweptCheckpoint)
	if err != nil {
		return nil, err
	}
	var last sweepState
	if ok {
		_ = json.Unmarshal([]byte(text), &last)
	}
	now := time.Now()
	since, until := last.Until, now.Add(-settling)
	var found []reconcile.Finding
	switch oldest := now.Add(-reconcile.SweptFor); {
	case last.Until.Before(oldest): // it may never have looked
		since, last.Whole = oldest, now
	case now.Sub(last.Whole) >= wholeSweepEvery:
		since, last.Whole = earlier(since, now.Add(-namedSweptFor)), now
		if found, err = c.Reconciler.Sweep(ctx, oldest, since, true); err != nil {
			return found, err
		}
	}
	more, err := c.Reconciler.Sweep(ctx, since, until, false)
	found = append(found, more...)
	if err != nil {
		return found, err
	}
	last.Until = until
	note, err := json.Marshal(last)
	if err != nil {
		return found, err
	}
	return found, c.store.SaveCheckpoint(ctx, sweptCheckpoint, string(note))
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
