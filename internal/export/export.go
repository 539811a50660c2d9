package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"fftconnect/internal/claim"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/lane"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/rules"
)

// Source is where orders come from.
type Source interface {
	Order(ctx context.Context, id string) (commercetools.Order, error)
}

// Target is where orders go.
type Target interface {
	CreateOrder(ctx context.Context, order fulfillmenttools.OrderForCreation) (fulfillmenttools.Order, error)
	Order(ctx context.Context, id string) (fulfillmenttools.Order, error)
	OrdersByTenantOrderID(ctx context.Context, tenantOrderID string) ([]fulfillmenttools.Order, error)
	CancelOrder(ctx context.Context, id string, version int, force bool) (fulfillmenttools.Order, error)
	UnlockOrder(ctx context.Context, id string, version int) (fulfillmenttools.Order, error)
}

// Shopkeeper knows the shop around an order.
type Shopkeeper interface {
	// Configuration is the shop's configuration.
	Configuration(ctx context.Context) (config.Shop, error)
	// Surroundings is what the mapping of this order needs beside it.
	Surroundings(ctx context.Context, order commercetools.Order, shop config.Shop) (Surroundings, error)
}

// Options make an Exporter; all are required unless a default is named.
type Options struct {
	Source Source
	Target Target
	Shop   Shopkeeper
	Claims *claim.Claims
	// Modifier changes orders after their export; nil: they stay as they were sent.
	Modifier Modifier
	// Memory remembers what was sent; nil: what fulfillmenttools shows must do.
	Memory Memory
	// ChangeRefused is told of an order whose change fulfillmenttools did not take, and of
	// one whose change it took after all; may be nil.
	ChangeRefused func(ctx context.Context, orderID string, refused bool) error
	// ProjectKey is commercetools' project, which orders in fulfillmenttools name; empty:
	// any.
	ProjectKey string
	// Doubled is told of orders that exist twice in fulfillmenttools; may be nil.
	Doubled func(Double)
	// ListLag is how long fulfillmenttools' lists may lag behind: after a create call
	// whose fate is unknown, an order that is not in the list within this time was
	// not created. 10 s when zero.
	ListLag time.Duration
	// ForceCancel also cancels what the normal cancellation refuses.
	ForceCancel bool
	// Seen is told of every order read, since whoever updates it next can save a
	// call; may be nil.
	Seen func(commercetools.Snapshot)
	Now  func() time.Time // time.Now when nil
}

// Exporter exports and cancels orders. It is safe for concurrent use, and a second
// run for the same order changes nothing: it meets the claim, the order's custom
// field, or the order in fulfillmenttools.
type Exporter struct {
	opts     Options
	lanes    lane.Locks
	open     *lru.Cache[string, struct{}]      // orders that are not locked there, and never will be again
	missing  *lru.Cache[string, time.Time]     // orders that commercetools does not have, and since when
	excluded *lru.Cache[string, decisionBasis] // orders without counterpart that the rules leave out

	looked   *lru.Cache[string, looked] // what the last look for changes found
	refusals *lru.Cache[string, uint32] // what of orders' changes was refused last
}

// New fills the defaults in.
func New(opts Options) *Exporter {
	if opts.ListLag == 0 {
		opts.ListLag = 10 * time.Second
	}
	if opts.Seen == nil {
		opts.Seen = func(commercetools.Snapshot) {}
	}
	if opts.Doubled == nil {
		opts.Doubled = func(Double) {}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.ChangeRefused == nil {
		opts.ChangeRefused = func(context.Context, string, bool) error { return nil }
	}
	return &Exporter{
		opts: opts, open: newBoundedCache[struct{}](), excluded: newBoundedCache[decisionBasis](), missing: newBoundedCache[time.Time](),
		looked: newBoundedCache[looked](), refusals: newBoundedCache[uint32](),
	}
}

// remembered bounds of how many orders this process knows something.
const remembered = 20_000

// newBoundedCache is what this process knows of orders.
func newBoundedCache[V any]() *lru.Cache[string, V] {
	cache, err := lru.New[string, V](remembered)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return cache
}

// Hint is what a notification knows about an order besides its id. It only says
// under which names the order may be found in fulfillmenttools.
type Hint struct {
	OrderNumber string // at the time of the notification; empty when it had none
	Deleted     bool   // the notification speaks of a deleted order
	Last        string // JSON of a deleted order as it was last; empty when unknown
	Confirmed   bool   // the notification says that the order is confirmed
	Changed     bool   // the notification speaks of what export.changes is about, or somebody found that it differs
	Revived     bool   // the notification says that the order was cancelled before
	Insist      bool   // a person asks for it: what was refused before is tried again
	Message     string // the type of the message; empty when there is none
	replaces    bool   // the counterpart that it had is to be replaced
	forced      bool   // a person asks for it
}

// Handle makes fulfillmenttools agree with the order as it is now. An error is for
// the caller to classify (package remote); nothing is lost by repeating.
func (e *Exporter) Handle(ctx context.Context, orderID string, hint Hint) (outcome.Result, error) {
	result, err := e.handle(ctx, orderID, hint)
	if err == nil && hint.Changed && (result.ChangeRefused || result.ChangeTaken) {
		// Not while this order is ours alone: what tells commercetools may wait for it.
		err = e.opts.ChangeRefused(ctx, orderID, result.ChangeRefused)
	}
	return result, err
}

func (e *Exporter) handle(ctx context.Context, orderID string, hint Hint) (outcome.Result, error) {
	result := outcome.Result{Order: orderID}
	unlock, err := e.lanes.Lock(ctx, orderID)
	if err != nil {
		return result, fmt.Errorf("order %s: another message about it is still being handled: %w", orderID, err)
	}
	defer unlock()

	ctx, cancel := context.WithCancel(rules.WithBudget(ctx))
	defer cancel()
	ahead := e.lookAhead(ctx, orderID, hint)
	order, err := e.opts.Source.Order(ctx, orderID)
	if remote.Is(err, remote.NotFound) {
		if hint.Deleted {
			if err := e.errUntilMissingForCertain(orderID); err != nil {
				return result, fmt.Errorf("order %s: %w", orderID, err)
			}
			return e.cancel(ctx, deletedOrder(orderID, hint))
		}
		result.Kind, result.Reason = outcome.Ignored, "the order does not exist in commercetools"
		return result, nil
	}
	if err != nil {
		return result, fmt.Errorf("order %s: %w", orderID, err)
	}
	e.opts.Seen(order.Snapshot)
	e.missing.Remove(orderID)
	result, err = e.followDecision(ctx, order, hint, ahead)
	result.Found, result.Number, result.Names = true, order.Snapshot.OrderNumber, namesOf(order.Snapshot)
	return result, err
}

// namesOf are the names under which people know the order, as far as it tells.
func namesOf(order commercetools.Snapshot) (names []outcome.Name) {
	if order.OrderNumber != "" {
		names = append(names, outcome.Name{Kind: outcome.OrderNumber, Text: order.OrderNumber})
	}
	if id := order.TextField(OrderIDField); id != "" {
		names = append(names, outcome.Name{Kind: outcome.FFTOrderID, Text: id})
	}
	return names
}

// followDecision does what the decision on the order asks for.
func (e *Exporter) followDecision(ctx context.Context, order commercetools.Order, hint Hint, ahead func() lookup) (outcome.Result, error) {
	result := outcome.Result{Order: order.ID}
	if hint.Revived && order.Snapshot.OrderState != commercetools.StateCancelled {
		return e.createAnew(ctx, order, hint)
	}
	shop, decision, err := e.decide(ctx, order)
	if err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	switch decision.Verdict {
	case Create:
		return e.create(ctx, order, shop, hint, ahead)
	case Cancel:
		// Not beside the look-ahead: of a platform that was away only one call at a time
		// finds out whether it is back, and this must not end while that is under way.
		if ahead != nil {
			if l := ahead(); remote.Is(l.err, remote.Transient) {
				return result, fmt.Errorf("cancel order %s: %w", order.ID, l.err)
			}
		}
		return e.cancel(ctx, order)
	case Exported:
		result.Kind, result.Reason = outcome.Unchanged, "exported already"
	default:
		result.Kind, result.Reason = outcome.Ignored, decision.Reason
	}
	if decision.Verdict == Exported {
		return e.updateCounterpart(ctx, order, shop, fulfillmenttools.Order{}, hint, result)
	}
	return e.unlockWhenReleased(ctx, order, shop, fulfillmenttools.Order{}, result)
}

// updateCounterpart makes the counterpart of an order that was exported before what the order says
// now.
func (e *Exporter) updateCounterpart(ctx context.Context, order commercetools.Order, shop config.Shop, there fulfillmenttools.Order, hint Hint, result outcome.Result) (outcome.Result, error) {
	result, err := e.unlockWhenReleased(ctx, order, shop, there, result)
	if err != nil || !hint.Changed {
		return result, err
	}
	if there.ID == "" {
		known, err := e.opts.Claims.Recall(ctx, order.ID)
		if err != nil {
			return result, fmt.Errorf("order %s: %w", order.ID, err)
		}
		there.ID = firstOf(known.FFTOrderID, order.Snapshot.TextField(OrderIDField))
	}
	return e.followChange(ctx, order, shop, there.ID, hint.Insist, result)
}

// decide reads the shop's rules. A cancelled order does without: it is cancelled
// whatever they say, also while they cannot be read.
func (e *Exporter) decide(ctx context.Context, order commercetools.Order) (config.Shop, Decision, error) {
	if order.Snapshot.OrderState == commercetools.StateCancelled {
		return config.Shop{}, Decision{Verdict: Cancel}, nil
	}
	shop, err := e.opts.Shop.Configuration(ctx)
	if err != nil {
		return shop, Decision{}, err
	}
	decision, err := Decide(order, shop, rules.BudgetOf(ctx))
	return shop, decision, err
}

func (e *Exporter) create(ctx context.Context, order commercetools.Order, shop config.Shop, hint Hint, ahead func() lookup) (outcome.Result, error) {
	result := outcome.Result{Order: order.ID}
	if ahead == nil { // else a moment ago there was no claim; whether that still holds, Begin says
		known, err := e.opts.Claims.Recall(ctx, order.ID)
		if err != nil {
			return result, err
		}
		if known.FFTOrderID != "" {
			return e.alreadyExported(ctx, order, shop, known.FFTOrderID, hint, result)
		}
	}
	if err := e.errMayBeErased(ctx, order, shop.Export.Trigger, hint); err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	mapped, notes, err := e.mapOrder(ctx, order, shop)
	result.Notes = notes
	if err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	attempt, counterpart, err := e.opts.Claims.Begin(ctx, claimOrder(order, mapped.TenantOrderID))
	if err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	if counterpart != "" {
		return e.alreadyExported(ctx, order, shop, counterpart, hint, result)
	}
	defer func() { _ = attempt.Abandon(ctx) }() // if it fails, the attempt's time ends by itself
	if !attempt.First() {
		ahead = nil // it may be older than the last attempt
	}
	mapped.TenantOrderID = attempt.Name()
	there, err := e.searchByPossibleNames(ctx, order, attempt, hint, ahead)
	if err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	if there.found.ID != "" {
		result.Kind, result.Reason = outcome.Unchanged, "found in fulfillmenttools"
		if err := attempt.LinkExisting(ctx, there.name, there.found.ID); err != nil {
			return result, err
		}
		return e.unlockWhenReleased(ctx, order, shop, there.found, result)
	}
	return e.sendCreate(ctx, result, order, shop, mapped, attempt)
}

// alreadyExported is the end of an export that was made before.
func (e *Exporter) alreadyExported(ctx context.Context, order commercetools.Order, shop config.Shop, fftOrderID string, hint Hint, result outcome.Result) (outcome.Result, error) {
	result.Kind, result.Reason = outcome.Unchanged, "exported already"
	return e.updateCounterpart(ctx, order, shop, fulfillmenttools.Order{ID: fftOrderID}, hint, result)
}

// searchByPossibleNames looks for the order under every name that it may have there. A name that
// another order has is an error when it is the one to create the order under.
func (e *Exporter) searchByPossibleNames(ctx context.Context, order commercetools.Order, attempt *claim.Attempt, hint Hint, ahead func() lookup) (lookup, error) {
	ctx, cancel := attempt.Context(ctx)
	defer cancel()
	for n, name := range possibleNames(order, attempt, hint) {
		found, foreign, err := e.lookUpOrTakeAhead(ctx, order.ID, name, ahead)
		if n == 0 {
			err = cmp.Or(err, errNameTaken(found, foreign))
		}
		if hint.replaces && !isAlive(found) {
			found = fulfillmenttools.Order{} // it is the one that is replaced
		}
		if err != nil || found.ID != "" {
			return lookup{name: name, found: found}, err
		}
	}
	return lookup{}, nil
}

// claimOrder is what the order's claim must know.
func claimOrder(order commercetools.Order, name string) claim.Order {
	s := order.Snapshot
	return claim.Order{
		ID: order.ID, Number: s.OrderNumber, Name: name, CreatedAt: s.CreatedAt,
		Numbered: s.Version == 1 && s.OrderNumber != "", // nothing has changed since it was placed
	}
}

func (e *Exporter) mapOrder(ctx context.Context, order commercetools.Order, shop config.Shop) (fulfillmenttools.OrderForCreation, []string, error) {
	surroundings, err := e.opts.Shop.Surroundings(ctx, order, shop)
	if err != nil {
		return fulfillmenttools.OrderForCreation{}, nil, err
	}
	surroundings.Budget = rules.BudgetOf(ctx)
	return Map(order, shop, surroundings)
}

// sendCreate makes the one create call.
func (e *Exporter) sendCreate(ctx context.Context, result outcome.Result, order commercetools.Order, shop config.Shop, mapped fulfillmenttools.OrderForCreation, attempt *claim.Attempt) (outcome.Result, error) {
	var created fulfillmenttools.Order
	_, err := attempt.Create(ctx, func(ctx context.Context) (_ string, err error) {
		created, err = e.opts.Target.CreateOrder(ctx, mapped)
		return created.ID, err
	})
	var doubled *claim.AlreadyLinked
	switch {
	case errors.As(err, &doubled):
		linked, err := e.opts.Target.Order(ctx, doubled.Known)
		if err != nil {
			return result, fmt.Errorf("order %s: %w", order.ID, err)
		}
		result, _, err := e.resolveDouble(ctx, order.ID, linked, created)
		return result, err
	case err == nil:
		result.Kind, result.Reason = outcome.Applied, "exported"
		if e.opts.Memory != nil && shop.Export.Changes.AnyFollowed() {
			if values, err := valuesOf(mapped); err == nil {
				result.Sent = sentValues(order.ID, values).encode()
			}
		}
		if mapped.Status == fulfillmenttools.OrderLocked {
			result.Reason = "exported, locked by export.hold"
		} else if shop.Export.Hold.IsSet() {
			e.open.Add(order.ID, struct{}{})
		}
		return result, nil
	case remote.Is(err, remote.Rejected), remote.Is(err, remote.Conflict):
		// fulfillmenttools refuses a second open order of the same name, perhaps the
		// first one that a list did not show yet.
		found, foreign, lookErr := e.lookUp(ctx, order.ID, mapped.TenantOrderID)
		if found.ID != "" {
			result.Kind, result.Reason = outcome.Unchanged, "found in fulfillmenttools"
			if err := e.opts.Claims.Link(ctx, order.ID, mapped.TenantOrderID, found.ID); err != nil {
				return result, err
			}
			return e.unlockWhenReleased(ctx, order, shop, found, result)
		}
		err = cmp.Or(lookErr, errNameTaken(found, foreign), err)
	}
	return result, fmt.Errorf("order %s: %w", order.ID, err)
}
