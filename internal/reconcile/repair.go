package reconcile

import (
	"context"
	"fmt"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// RepairOrder makes one order right and says what it found; nil when both sides agree. An
// error means that it could not be looked into, or not be repaired now; it may work later.
func (r *Reconciler) RepairOrder(ctx context.Context, order commercetools.Snapshot, by Trigger) (*Finding, error) {
	_, finding, err := r.examineAndRepair(ctx, order, by)
	return finding, err
}

// ExamineOrder says what Order would find, and changes nothing.
func (r *Reconciler) ExamineOrder(ctx context.Context, order commercetools.Snapshot) (*Finding, error) {
	seen, err := r.examine(ctx, order)
	switch {
	case err != nil && remote.KindOf(err).IsTemporary():
		return nil, fmt.Errorf("order %s: %w", order.ID, err)
	case err != nil:
		finding := r.unclearFinding(order, err)
		return &finding, nil
	case seen.differs() == nil:
		return nil, nil
	}
	return r.withPreview(ctx, *seen.differs()), nil
}

// findingOfFailure is what becomes of an order that cannot be compared.
func (r *Reconciler) findingOfFailure(ctx context.Context, order commercetools.Snapshot, err error, by Trigger) (*Finding, error) {
	if remote.KindOf(err).IsTemporary() {
		return nil, fmt.Errorf("order %s: %w", order.ID, err)
	}
	return r.publish(ctx, r.unclearFinding(order, err), by), nil
}

// repairUnlessForbidden repairs what was found, unless it must not.
func (r *Reconciler) repairUnlessForbidden(ctx context.Context, seen examined, by Trigger) (*Finding, error) {
	if r.opts.ReportOnly {
		finding := *seen.finding
		finding.Problem, finding.Hint = "shadow mode: nothing is repaired", "repair it with SHADOW=false"
		return r.publish(ctx, *r.withPreview(ctx, finding), by), nil
	}
	return r.repairAndRecheck(ctx, seen, by)
}

// unclearFinding is an order that cannot be compared.
func (r *Reconciler) unclearFinding(order commercetools.Snapshot, err error) Finding {
	return Finding{
		OrderID: order.ID, OrderNumber: order.OrderNumber, Kind: Unclear, Detail: "the order cannot be compared",
		Problem: err.Error(), Hint: remote.HintOf(err), At: r.opts.Now(),
	}
}

// publish passes a finding on; nobody's look is told nobody.
func (r *Reconciler) publish(ctx context.Context, finding Finding, by Trigger) *Finding {
	if by != "" {
		r.opts.Publish(ctx, Published{finding, by})
	}
	return &finding
}

// repairAndRecheck repairs what was found. It finds nothing after all when somebody else,
// such as the message that was only late, was faster.
func (r *Reconciler) repairAndRecheck(ctx context.Context, seen examined, by Trigger) (*Finding, error) {
	finding := *seen.finding
	again, err := r.opts.Resends(ctx)
	if err != nil {
		return nil, err
	}
	if finding.Kind == Revoked && !again {
		finding.Problem = "somebody cancelled it in fulfillmenttools, or it expired there"
		finding.Hint = "cancel the order in commercetools too, or send it again with: fftconnect orders resend " + finding.OrderID
		return r.publish(ctx, finding, by), nil
	}
	result, err := r.carryOutRepair(ctx, seen, by)
	switch {
	case err != nil && remote.KindOf(err).IsTemporary():
		return nil, err
	case err != nil:
		finding.Problem, finding.Hint = err.Error(), remote.HintOf(err)
	case result.Kind.NeedsAttention():
		finding.Problem, finding.Hint, finding.Refused = result.Reason, result.Hint, result.Kind == outcome.Refused
	case result.Kind == outcome.Applied:
		finding.Repaired = true
	case finding.Kind == Missing && result.Kind == outcome.Unchanged:
		return r.recheckMissing(ctx, seen.order, finding, by)
	default:
		return nil, nil
	}
	return r.publish(ctx, finding, by), nil
}

// recheckMissing looks again for the counterpart of an order that counts as exported.
func (r *Reconciler) recheckMissing(ctx context.Context, order commercetools.Snapshot, finding Finding, by Trigger) (*Finding, error) {
	there, err := r.opts.Exporter.FindCounterpart(ctx, order)
	if err != nil || there.ID != "" {
		return nil, err
	}
	finding.Problem = "it was exported once, but its order does not exist in fulfillmenttools"
	finding.Hint = "restore the order in fulfillmenttools, or place it anew in commercetools"
	return r.publish(ctx, finding, by), nil
}

// carryOutRepair goes through the flow that the missed message would have gone through.
func (r *Reconciler) carryOutRepair(ctx context.Context, seen examined, by Trigger) (outcome.Result, error) {
	switch seen.finding.Kind {
	case Revoked:
		return r.opts.Exporter.Resend(ctx, seen.order.ID)
	case Behind:
		return r.opts.Updater.CatchUp(ctx, seen.order.ID, seen.truth.Facts())
	case Double:
		return r.opts.Exporter.ResolveTwin(ctx, seen.order.ID, seen.truth.Order, seen.twin)
	}
	// Without an order number in the hint, the order is looked up under both names.
	return r.opts.Exporter.Handle(ctx, seen.order.ID, export.Hint{Changed: seen.finding.Kind == Changed, Insist: by.person()})
}

// withPreview adds what a repair would meet.
func (r *Reconciler) withPreview(ctx context.Context, finding Finding) *Finding {
	if finding.Kind != Missing {
		return &finding
	}
	if _, err := r.opts.Exporter.PreviewNotes(ctx, finding.OrderID); err != nil {
		finding.Problem, finding.Hint = err.Error(), remote.HintOf(err)
	}
	return &finding
}
