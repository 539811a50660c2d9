package reconcile

import (
	"context"
	"errors"
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
	if err != nil {
		return nil, fmt.Errorf("order %s: %w", order.ID, err)
	}
	if seen.finding == nil {
		return nil, nil
	}
	finding := *seen.finding
	if dryRun {
		finding = r.previewed(ctx, finding)
		return &finding, nil
	}
	result, err := r.repair(ctx, order, seen)
	switch {
	case err != nil && remote.KindOf(err).MayPass():
		return nil, err
	case err != nil:
		finding.Problem, finding.Hint = err.Error(), hint(err)
	case result.Kind.NeedsAttention():
		finding.Problem, finding.Hint = result.Reason, result.Hint
	default:
		finding.Repaired = true
	}
	r.opts.Found(finding)
	return &finding, nil
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
func (r *Reconciler) previewed(ctx context.Context, finding Finding) Finding {
	if finding.Kind != Missing {
		return finding
	}
	if _, err := r.opts.Exporter.Preview(ctx, finding.OrderID); err != nil {
		finding.Problem, finding.Hint = err.Error(), hint(err)
	}
	return finding
}

// hint is what to do about an error that repeating does not mend.
func hint(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return remote.Hint(err)
}
