package export

import (
	"context"
	"fmt"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// CounterpartID is the id of the order's counterpart as far as no platform must be asked;
// empty when it is not known. It waits for what this process is doing with the order,
// such as the create call that a message came of.
func (e *Exporter) CounterpartID(ctx context.Context, orderID string) (string, error) {
	unlock, err := e.lanes.Lock(ctx, orderID)
	if err != nil {
		return "", fmt.Errorf("order %s: another message about it is still being handled: %w", orderID, err)
	}
	defer unlock()
	known, err := e.opts.Claims.Recall(ctx, orderID)
	return known.FFTOrderID, err
}

// Recognise says whether a fulfillmenttools order that a message names is the order's
// counterpart, and links it if it is. Nothing is believed: it is what our own create call
// was answered, or it is read and says so itself. shown is what commercetools' order
// names as its counterpart; empty when it names none. A second living order of the same
// commercetools order is dealt with here.
func (e *Exporter) Recognise(ctx context.Context, orderID, fftOrderID, shown string) (counterpart bool, result outcome.Result, err error) {
	unlock, err := e.lanes.Lock(ctx, orderID)
	if err != nil {
		return false, result, fmt.Errorf("order %s: another message about it is still being handled: %w", orderID, err)
	}
	defer unlock()
	kept, err := e.opts.Claims.Recall(ctx, orderID)
	if err != nil {
		return false, result, err
	}
	known := firstOf(kept.FFTOrderID, shown)
	if known == fftOrderID {
		return true, result, nil
	}
	there, err := e.opts.Target.Order(ctx, fftOrderID)
	switch {
	case remote.Is(err, remote.NotFound):
		return false, notOurOrder(orderID, "fulfillmenttools order %s does not exist", fftOrderID), nil
	case err != nil:
		return false, outcome.Result{}, fmt.Errorf("order %s: %w", orderID, err)
	case !e.belongsTo(orderID, there):
		return false, notOurOrder(orderID, "fulfillmenttools order %s is not of this order", fftOrderID), nil
	case known == "":
		err := e.opts.Claims.Link(ctx, orderID, there.TenantOrderID, there.ID)
		return err == nil, outcome.Result{}, err
	case !isAlive(there):
		return false, notOurOrder(orderID, "fulfillmenttools order %s is over, its counterpart is %s", fftOrderID, known), nil
	}
	return e.recogniseSecond(ctx, orderID, known, there)
}

func notOurOrder(orderID, why string, args ...any) outcome.Result {
	return outcome.Result{Order: orderID, Kind: outcome.Ignored, Reason: fmt.Sprintf(why, args...)}
}

// belongsTo reports whether the fulfillmenttools order says that it is of the order and
// project. Without its project it is believed: other connectors do not write it.
func (e *Exporter) belongsTo(orderID string, there fulfillmenttools.Order) bool {
	owner, _ := there.CustomAttributes[fulfillmenttools.AttributeOrderID].(string)
	project, _ := there.CustomAttributes[fulfillmenttools.AttributeProjectKey].(string)
	return owner == orderID && (project == "" || e.opts.ProjectKey == "" || project == e.opts.ProjectKey)
}

// recogniseSecond is for an order of ours that is not the one that is linked.
func (e *Exporter) recogniseSecond(ctx context.Context, orderID, known string, there fulfillmenttools.Order) (counterpart bool, result outcome.Result, err error) {
	linked, err := e.opts.Target.Order(ctx, known)
	if err != nil && !remote.Is(err, remote.NotFound) {
		return false, outcome.Result{}, fmt.Errorf("order %s: %w", orderID, err)
	}
	if err != nil || !isAlive(linked) || !e.belongsTo(orderID, linked) {
		// The former one is over: this one has taken its place.
		err := e.opts.Claims.Relink(ctx, orderID, there.TenantOrderID, known, there.ID)
		return err == nil, outcome.Result{}, err
	}
	result, kept, err := e.resolveDouble(ctx, orderID, linked, there)
	return kept == there.ID, result, err
}

// Double is what was found of an order that exists twice in fulfillmenttools.
type Double struct {
	OrderID   string
	Kept      string // the counterpart from now on
	Other     string
	Cancelled bool // the other one; if not, both are being worked on and a person must decide
}

// resolveDouble cancels the one of two living orders that nobody has begun to work on: that
// is what fulfillmenttools lets us cancel without force. Of two such the linked one stays.
func (e *Exporter) resolveDouble(ctx context.Context, orderID string, linked, other fulfillmenttools.Order) (result outcome.Result, kept string, err error) {
	for _, pair := range [][2]fulfillmenttools.Order{{linked, other}, {other, linked}} {
		stays, goes := pair[0], pair[1]
		result, err = e.cancelInFulfillmenttools(ctx, orderID, goes.ID, false)
		if err != nil {
			return result, linked.ID, err
		}
		if result.Kind == outcome.Refused {
			continue
		}
		if err := e.opts.Claims.Relink(ctx, orderID, stays.TenantOrderID, linked.ID, stays.ID); err != nil {
			return result, stays.ID, err
		}
		e.opts.Doubled(Double{OrderID: orderID, Kept: stays.ID, Other: goes.ID, Cancelled: true})
		return outcome.Result{
			Order: orderID, Kind: outcome.Applied,
			Reason: fmt.Sprintf("the order existed twice in fulfillmenttools: %s goes on, %s was cancelled", stays.ID, goes.ID),
		}, stays.ID, nil
	}
	e.opts.Doubled(Double{OrderID: orderID, Kept: linked.ID, Other: other.ID})
	return outcome.Result{
		Order: orderID, Kind: outcome.Refused,
		Reason: fmt.Sprintf("the order exists twice in fulfillmenttools, and both %s and %s are being worked on", linked.ID, other.ID),
		Hint:   "decide which of them goes on, and stop the other one in fulfillmenttools",
	}, linked.ID, nil
}

// FindTwin gives another living order of ours beside the given one, found by the order's
// names; the zero Order when there is none. It changes nothing.
func (e *Exporter) FindTwin(ctx context.Context, order commercetools.Snapshot, there fulfillmenttools.Order) (fulfillmenttools.Order, error) {
	if !isAlive(there) {
		return fulfillmenttools.Order{}, nil
	}
	kept, err := e.opts.Claims.Recall(ctx, order.ID)
	if err != nil {
		return fulfillmenttools.Order{}, err
	}
	names := append([]string{there.TenantOrderID}, kept.Names...)
	if len(kept.Names) == 0 {
		names = append(names, order.OrderNumber, order.ID)
	}
	for _, name := range withoutDuplicates(names...) {
		ours, _, err := e.lookUpAll(ctx, order.ID, name)
		if err != nil {
			return fulfillmenttools.Order{}, err
		}
		for _, found := range ours {
			if found.ID != there.ID && isAlive(found) {
				return found, nil
			}
		}
	}
	return fulfillmenttools.Order{}, nil
}

// ResolveTwin does what can be done about two living orders of one commercetools order.
func (e *Exporter) ResolveTwin(ctx context.Context, orderID string, there, twin fulfillmenttools.Order) (outcome.Result, error) {
	unlock, err := e.lanes.Lock(ctx, orderID)
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: another message about it is still being handled: %w", orderID, err)
	}
	defer unlock()
	result, _, err := e.resolveDouble(ctx, orderID, there, twin)
	return result, err
}
