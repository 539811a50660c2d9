package connector

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/telemetry"
)

// reportFinding is told of every difference between the platforms.
func (c *Connector) reportFinding(ctx context.Context, f reconcile.Published) {
	level, repaired := slog.LevelWarn, telemetry.Repaired
	switch {
	case c.env.Shadow: // the other connector's orders are never all as ours would be
		level, repaired = slog.LevelInfo, telemetry.OnlyReported
	case !f.Repaired:
		level, repaired = slog.LevelError, telemetry.NotRepaired
	}
	c.Telemetry.CountFinding(string(f.Kind), repaired)
	c.logger.Log(ctx, level, "platforms differed", "order", f.OrderID, "order_number", f.OrderNumber, "kind", f.Kind,
		"detail", f.Detail, "repaired", f.Repaired, "problem", f.Problem, "advice", f.Hint, "by", f.By)
	entry := repairJournalEntry(ctx, f)
	if c.store != nil {
		c.store.RecordAttempt(entry, 0)
	}
	switch {
	case f.Repaired:
		c.Telemetry.Forget(f.OrderID)
	case becomesDeadLetter(f) && !c.env.Shadow:
		c.buryFinding(ctx, entry)
	}
}

// repairJournalEntry is a repair's row in the journal. What a person asked for says who it was.
func repairJournalEntry(ctx context.Context, f reconcile.Published) outcome.Entry {
	entry := outcome.Entry{At: f.At, Flow: outcome.Export, Type: string(f.By)}
	entry.Order, entry.Number, entry.Kind = f.OrderID, f.OrderNumber, outcome.Applied
	entry.Reason = ledger.By(ctx) + string(f.Kind) + ": " + f.Detail
	if f.Kind == reconcile.Behind {
		entry.Flow = outcome.Feedback
	}
	if !f.Repaired {
		entry.Kind, entry.Reason, entry.Hint = outcome.Rejected, entry.Reason+"; "+f.Problem, f.Hint
		if f.Refused {
			entry.Kind = outcome.Refused
		}
	}
	return entry
}

// becomesDeadLetter reports a difference that becomes a dead letter: found by itself, and not of
// an order that is left, which a list of its own shows. A person who asks is told at once.
func becomesDeadLetter(f reconcile.Published) bool {
	byItself := f.By == reconcile.ByVisit || f.By == reconcile.BySweep
	return byItself && !slices.Contains([]reconcile.Kind{reconcile.Revoked, reconcile.Abandoned}, f.Kind)
}

// buryTimeout bounds the store's part in that.
const buryTimeout = 2 * time.Second

// buryFinding keeps a difference as one dead letter of its order, however often it is found, until
// both platforms agree.
func (c *Connector) buryFinding(ctx context.Context, entry outcome.Entry) {
	entry.Type = ledger.TypeDifference
	c.Telemetry.Remember(entry)
	if c.store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), buryTimeout)
	defer cancel()
	err := c.store.AddDeadLetter(ctx, ledger.Deferred{
		Flow: entry.Flow, Type: entry.Type, Order: entry.Order, Reason: entry.Reason, Fix: entry.Hint, Outcome: entry.Kind, ReceivedAt: entry.At,
	})
	if err != nil {
		c.logger.Error("a difference could not be stored as a dead letter", "order", entry.Order, "error", err)
	}
}
