package export

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
	"fftconnect/internal/rules"
)

// decisionBasis is what a decision was made on.
type decisionBasis struct {
	version int
	rules   string
}

func decisionBasisOf(version int, shop config.Shop) decisionBasis {
	r := shop.Export
	return decisionBasis{version, fmt.Sprintf("%q %q %q %q %q", r.When, r.Lines, r.NothingToShip, r.CustomLineItems, shop.CollectField)}
}

// Outlook is the verdict on an order as far as its snapshot tells it; the snapshot's
// workflow state must be expanded. Of an order that is to be created, IsExcluded knows
// more. One that is shipped and does not name its counterpart has a type without that
// field, or was fulfilled before fulfillmenttools was there: it is left, unless the shop
// may ask for it.
func (e *Exporter) Outlook(ctx context.Context, order commercetools.Snapshot) (Verdict, error) {
	if order.OrderState == commercetools.StateCancelled {
		return Cancel, nil
	}
	shop, err := e.opts.Shop.Configuration(ctx)
	if err != nil {
		return Leave, err
	}
	decision, err := DecideByTrigger(order, shop.Export.Trigger)
	if decision.Verdict != Create {
		return decision.Verdict, err
	}
	partly := order.ShipmentState == string(platform.ShipmentStatePartial) // it may be ours, and behind
	if slices.Contains(fulfilledStates, order.ShipmentState) && !partly && !showsJobs(order) && !readsShipmentState(shop.Export) {
		return Leave, err
	}
	if known, ok := e.excluded.Get(order.ID); ok && known == decisionBasisOf(order.Version, shop) {
		return Leave, err
	}
	return Create, err
}

// showsJobs reports whether the order carries anything that fulfillmenttools' events brought: it has a
// counterpart then, although the event that names it may have been lost.
func showsJobs(order commercetools.Snapshot) bool {
	for name, value := range order.Fields {
		if strings.HasPrefix(name, "fft_") && value != nil && value != "" {
			return true
		}
	}
	return false
}

// DecisionNow is what the rules say of the order as it is now, whatever became of it before.
func (e *Exporter) DecisionNow(ctx context.Context, orderID string) (Decision, error) {
	order, err := e.opts.Source.Order(ctx, orderID)
	if err != nil {
		return Decision{}, err
	}
	_, decision, err := e.decide(ctx, order)
	return decision, err
}

// IsExcluded reports whether the rules leave out an order without a counterpart, as Decide
// tells it. The order is read for it once a version.
func (e *Exporter) IsExcluded(ctx context.Context, order commercetools.Snapshot) (bool, error) {
	shop, err := e.opts.Shop.Configuration(ctx)
	if err != nil {
		return false, err
	}
	whole, err := e.opts.Source.Order(ctx, order.ID)
	if err != nil {
		return remote.Is(err, remote.NotFound), ignoreNotFound(err)
	}
	decision, err := Decide(whole, shop, rules.BudgetOf(ctx))
	if err != nil || decision.Verdict != Leave {
		return false, err
	}
	e.excluded.Add(order.ID, decisionBasisOf(whole.Version, shop))
	return true, nil
}

// IsWronglyLocked reports whether the counterpart is locked although export.hold does not hold the
// order. The order is read for it only when the counterpart is locked and there is such
// a rule. Without one nobody would unlock it: that is *Undecided, and not taken for a
// wish to unlock all, since a configuration may be gone by mistake.
func (e *Exporter) IsWronglyLocked(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (bool, error) {
	if there.Status != fulfillmenttools.OrderLocked {
		return false, nil
	}
	shop, err := e.opts.Shop.Configuration(ctx)
	switch {
	case err != nil:
		return false, err
	case !shop.Export.Hold.IsSet() && shop.Export.Set["status"].IsSet():
		return false, nil // somebody else locks and unlocks
	case !shop.Export.Hold.IsSet():
		return false, &Undecided{
			Rule: "export.hold", Err: fmt.Errorf("there is no such rule, and fulfillmenttools order %s is LOCKED", there.ID),
			hint: "set export.hold to false to have it unlocked, or unlock it in fulfillmenttools",
		}
	}
	whole, err := e.opts.Source.Order(ctx, order.ID)
	if err != nil {
		return false, ignoreNotFound(err)
	}
	held, err := evaluateRule("export.hold", shop.Export.Hold, ruleScope(whole, rules.BudgetOf(ctx)), false)
	return !held, err
}

// ignoreNotFound is no error of an order that was deleted since it was listed.
func ignoreNotFound(err error) error {
	if remote.Is(err, remote.NotFound) {
		return nil
	}
	return err
}

// FindCounterpart gives the order's counterpart as it is now, found by what is known of it or
// else by its names; the zero Order when there is none. It changes nothing.
func (e *Exporter) FindCounterpart(ctx context.Context, order commercetools.Snapshot) (fulfillmenttools.Order, error) {
	kept, err := e.opts.Claims.Recall(ctx, order.ID)
	if err != nil {
		return fulfillmenttools.Order{}, err
	}
	whole := func(ctx context.Context) (commercetools.Order, error) { return e.opts.Source.Order(ctx, order.ID) }
	id, err := e.findCounterpartID(ctx, order, kept, whole)
	if err != nil || id == "" {
		return fulfillmenttools.Order{}, err
	}
	found, err := e.opts.Target.Order(ctx, id)
	if remote.Is(err, remote.NotFound) {
		return fulfillmenttools.Order{}, nil
	}
	return found, err
}

// PreviewNotes maps an order as Handle would, and creates nothing.
func (e *Exporter) PreviewNotes(ctx context.Context, orderID string) ([]string, error) {
	order, err := e.opts.Source.Order(ctx, orderID)
	if err != nil {
		return nil, err
	}
	shop, err := e.opts.Shop.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.errMayBeErased(ctx, order, shop.Export.Trigger, Hint{}); err != nil {
		return nil, err
	}
	_, notes, err := e.mapOrder(ctx, order, shop)
	return notes, err
}
