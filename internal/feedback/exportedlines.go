package feedback

import (
	"cmp"
	"context"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
)

// readExportedLines counts, by line, the pieces that went to fulfillmenttools; nil when all did, or
// nobody knows. The order there is asked for it only where the shop keeps lines away from
// the warehouse and the decision counts the order's lines.
func (u *Updater) readExportedLines(ctx context.Context, order commercetools.Snapshot, known JobRecord, shape Shape, facts *Facts) (map[string]int, error) {
	merged := known.merge(facts.Jobs)
	id := cmp.Or(facts.OrderRef, merged.Order.ID, order.TextField(shape.Names.OrderID))
	if !shape.LinesStay || id == "" || !comparesLines(order, merged, shape, *facts) {
		return nil, nil
	}
	there, err := u.opts.Fulfilment.Order(ctx, id)
	if remote.Is(err, remote.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	went := map[string]int{}
	for _, line := range there.OrderLineItems {
		if id := line.LineID(); id != "" {
			went[id] += line.Quantity
		}
	}
	if len(went) == 0 {
		return nil, nil // another system made the order, or changed its lines
	}
	facts.Jobs = facts.Jobs.merge(JobRecord{Order: OrderRecord{ID: there.ID, Created: there.Created.UTC(), Pieces: there.OrderLineItems.Pieces()}})
	return went, nil
}

// comparesLines reports whether the decision compares jobs with the order's lines, or takes
// all lines to a state.
func comparesLines(order commercetools.Snapshot, merged JobRecord, shape Shape, facts Facts) bool {
	if merged.Order.Pieces == 0 && movesOrderForward(order, merged) && allShipped(merged.shipmentState()) && !merged.isComplete(countPieces(order)) {
		return true
	}
	known := Remembered{JobRecord: JobRecordOf(order)}
	d := decider{order: order, shape: shape, facts: facts, known: known, merged: merged}
	return slices.ContainsFunc(d.currentOccurrences(), func(o occurrence) bool {
		return o.holds && o.lines == nil && o.effect.LineItemState != "" && !slices.Contains(d.known.Done, o.name)
	})
}
