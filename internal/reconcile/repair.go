package reconcile

import (
	"context"
	"fmt"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Order makes one order right and says what it found; nil when both sides agree.
// With dryRun it only says. An error means that it could not be looked into, or not
// be repaired now; it may work later.
func (r *Reconciler) Order(ctx context.Context, order commercetools.Snapshot, dryRun bool) (*Finding, error) {
	seen, err := r.inspect(ctx, order)
	switch {
	case err != nil && remote.KindOf(err).MayPass():
		return nil, fmt.Errorf("order %s: %w", order.ID, err)
	case err != nil:
		return r.told(r.unclear(order, err), dryRun), nil
	case seen.finding == nil:
		return nil, nil
	case dryRun:
		return r.previewed(ctx, *seen.finding), nil
	case r.opts.ReportOnly:
		return r.told(*r.previewed(ctx, withheld(*seen.finding)), false), nil
	}
	return r.repaired(ctx, order, seen)
}

// withheld is a finding that must not be repaired.
func withheld(finding Finding) Finding {
	finding.Problem, finding.Hint = "shadow mode: nothing is repaired", "repair it with SHADOW=false"
	return finding
}

// unclear is an order that cannot be compared.
func (r *Reconciler) unclear(order commercetools.Snapshot, err error) Finding {
	return Finding{
		OrderID: order.ID, OrderNumber: order.OrderNumber, Kind: Unclear, Detail: "the order cannot be compared",
		Problem: err.Error(), Hint: remote.Hint(err), At: r.opts.Now(),
	}
}

// told passes a finding on, unless nothing was to be done about it.
func (r *Reconciler) told(finding Finding, dryRun bool) *Finding {
	if !dryRun {
		r.opts.Found(finding)
	}
	return &finding
}

// repaired repairs what was found. It finds nothing after all when somebody else,
// such as the message that was only late, was faster.
func (r *Reconciler) repaired(ctx context.Context, order commercetools.Snapshot, seen inspection) (*Finding, error) {
	finding := *seen.finding
	result, err := r.repair(ctx, order, seen)
	switch {
	case err != nil && remote.KindOf(err).MayPass():
		return nil, err
	case err != nil:
		finding.Problem, finding.Hint = err.Error(), remote.Hint(err)
	case result.Kind.NeedsAttention():
		finding.Problem, finding.Hint = result.Reason, result.Hint
	case result.Kind == outcome.Applied:
		finding.Repaired = true
	case finding.Kind == Missing && result.Kind == outcome.Unchanged:
		return r.missed(ctx, order, finding)
	default:
		return nil, nil
	}
	return r.told(finding, false), nil
}

// missed looks again for the counterpart of an order that counts as exported.
func (r *Reconciler) missed(ctx context.Context, order commercetools.Snapshot, finding Finding) (*Finding, error) {
	there, err := r.opts.Exporter.Find(ctx, order)
	if err != nil || there.ID != "" {
		return nil, err
	}
	finding.Problem = "it was exported once, but its order does not exist in fulfillmenttools"
	finding.Hint = "restore the order in fulfillmenttools, or place it anew in commercetools"
	return r.told(finding, false), nil
}

// repair goes through the flow that the missed message would have gone through.
func (r *Reconciler) repair(ctx context.Context, order commercetools.Snapshot, seen inspection) (outcome.Result, error) {
	if seen.finding.Kind == Behind {
		return r.opts.Updater.CatchUp(ctx, order.ID, seen.facts)
	}
	// Without an order number in the hint, the order is looked up under both names.
	return r.opts.Exporter.Handle(ctx, order.ID, export.Hint{})
}

// previewed adds what a repair would meet.
func (r *Reconciler) previewed(ctx context.Context, finding Finding) *Finding {
	if finding.Kind != Missing {
		return &finding
	}
	if _, err := r.opts.Exporter.Preview(ctx, finding.OrderID); err != nil {
		finding.Problem, finding.Hint = err.Error(), remote.Hint(err)
	}
	return &finding
}
