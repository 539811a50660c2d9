package orders

import (
	"context"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
)

// Sync makes one order right on both platforms, unless it is a dry run, and says where it is.
// The dead letters of an order about which both agree are settled.
func (o *Orders) Sync(ctx context.Context, order commercetools.Snapshot, dryRun bool) (reconcile.Report, error) {
	report, err := o.Reconciler.Report(ctx, order, dryRun)
	if err != nil {
		return report, err
	}
	if report.Finding == nil && report.FFTOrder == "" {
		if report.Where, err = o.whyNotExported(ctx, order); err != nil {
			return report, err
		}
	}
	if report.Finding == nil && !dryRun && o.Store != nil {
		err = o.Store.ResolveEvents(ctx, order.ID)
	}
	return report, err
}

// whyNotExported says of an order that is not in fulfillmenttools, and about which nothing is to
// be done, why that is so.
func (o *Orders) whyNotExported(ctx context.Context, order commercetools.Snapshot) (string, error) {
	decision, err := o.Exporter.DecisionNow(ctx, order.ID)
	if err != nil || decision.Verdict != export.Leave || order.TextField(export.OrderIDField) != "" {
		return "It is not in fulfillmenttools.", err
	}
	return "Not to be exported: " + decision.Reason + ".", nil
}

// Resend exports an order again that was cancelled in fulfillmenttools, or expired there.
func (o *Orders) Resend(ctx context.Context, orderID string) (outcome.Result, error) {
	return o.Exporter.Resend(ctx, orderID)
}
