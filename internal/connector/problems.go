package connector

import (
	"cmp"
	"context"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
	"fftconnect/internal/telemetry"
)

// mostProblems is how many /problems shows.
const mostProblems = 200

// rememberedProblems are what somebody must look at, newest first: the dead letters that the store
// holds now, and the messages that it does not hold. While the store is away, and without
// one, it is what this process remembers.
func (c *Connector) rememberedProblems(ctx context.Context) []telemetry.Problem {
	remembered := c.Telemetry.Attention()
	if c.store == nil {
		return remembered
	}
	dead, err := c.store.Events(ctx, ledger.Filter{State: ledger.StateDead, Newest: true, Limit: mostProblems})
	if err != nil {
		return remembered
	}
	problems := []telemetry.Problem{}
	for _, event := range dead {
		problems = append(problems, telemetry.Problem{
			At: event.ReceivedAt, Flow: event.Flow, Type: event.Type, Order: event.Order, Number: event.Number, EventID: event.EventID,
			Outcome: outcome.Rejected, Reason: event.Reason, Hint: event.Fix,
		})
	}
	for _, problem := range remembered {
		if problem.Order == "" && problem.EventID == "" {
			problems = append(problems, problem)
		}
	}
	return problems
}

// storeTroubles are what keeps the store from taking what comes; nothing without one.
func (c *Connector) storeTroubles(ctx context.Context) (troubles []string) {
	if c.store == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, conditionTimeout)
	defer cancel()
	if err := c.store.Ping(ctx); err != nil {
		return []string{err.Error()} // nor can it be asked anything else
	}
	if err := c.store.CheckRoom(ctx); err != nil {
		troubles = append(troubles, err.Error())
	}
	return troubles
}

// waitsForCorrection reports whether an order could not be exported and waits to be corrected.
func (c *Connector) waitsForCorrection(ctx context.Context, orderID string) (bool, error) {
	if c.store == nil {
		return c.Telemetry.Waits(orderID), nil
	}
	return c.store.HasWaitingEvents(ctx, orderID)
}

// reconcileOrder brings an order up to what both platforms say of it.
func (c *Connector) reconcileOrder(ctx context.Context, orderID string) (outcome.Result, error) {
	order, err := c.Commercetools.Snapshot(ctx, orderID)
	if remote.Is(err, remote.NotFound) {
		return c.Exporter.Handle(ctx, orderID, export.Hint{Deleted: true})
	}
	if err != nil {
		return outcome.Result{Order: orderID}, err
	}
	report, err := c.Reconciler.Report(ctx, order, c.env.Shadow)
	result := outcome.Result{Order: orderID, Kind: outcome.Unchanged, Reason: "both platforms agree"}
	if found := report.Finding; err == nil && found != nil {
		result.Kind, result.Reason = outcome.Applied, found.Detail
		if !found.Repaired && !c.env.Shadow {
			result.Kind, result.Reason, result.Hint = outcome.Rejected, cmp.Or(found.Problem, found.Detail), found.Hint
		}
	}
	return result, err
}

// countLate counts late orders by why they are, and open ones; a connector without a store
// knows what its last visits saw.
func (c *Connector) countLate(ctx context.Context) (telemetry.Late, error) {
	counts := telemetry.Late{ByReason: map[string]int{}, Open: -1}
	for _, why := range reconcile.Lates {
		counts.ByReason[string(why)] = 0
	}
	if c.store == nil {
		for _, order := range c.Reconciler.LateOrders() {
			counts.ByReason[string(order.Late)]++
		}
		return counts, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lateTimeout)
	defer cancel()
	late, open, err := c.store.CountLate(ctx)
	for why, n := range late {
		counts.ByReason[string(why)] = n
	}
	counts.Open = open
	return counts, err
}

// lateTimeout bounds the store's part in that.
const lateTimeout = 2 * time.Second
