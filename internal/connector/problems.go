package connector

import (
	"context"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/telemetry"
)

// mostProblems is how many /problems shows.
const mostProblems = 200

// problems are what somebody must look at, newest first: the dead letters that the store
// holds now, and the messages that it does not hold. While the store is away, and without
// one, it is what this process remembers.
func (c *Connector) problems(ctx context.Context) []telemetry.Problem {
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
			At: event.ReceivedAt, Flow: event.Flow, Type: event.Type, Order: event.Order, EventID: event.EventID,
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

// waits reports whether an order could not be exported and waits to be corrected.
func (c *Connector) waits(ctx context.Context, orderID string) (bool, error) {
	if c.store == nil {
		return c.Telemetry.Waits(orderID), nil
	}
	return c.store.Waits(ctx, orderID)
}

// late counts late orders by why they are, and open ones; a connector without a store
// knows what its last visits saw.
func (c *Connector) late(ctx context.Context) (telemetry.Late, error) {
	counts := telemetry.Late{ByReason: map[string]int{}, Open: -1}
	for _, why := range reconcile.Lates {
		counts.ByReason[string(why)] = 0
	}
	if c.store == nil {
		for _, order := range c.Reconciler.LateSeen() {
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
