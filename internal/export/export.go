package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/lane"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
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
}

// Shopkeeper knows the shop around an order.
type Shopkeeper interface {
	// Shop is the shop's configuration.
	Shop(ctx context.Context) (config.Shop, error)
	// Surroundings is what the mapping of this order needs beside it.
	Surroundings(ctx context.Context, order commercetools.Order, shop config.Shop) (Surroundings, error)
}

// Options make an Exporter; all are required unless a default is named.
type Options struct {
	Source Source
	Target Target
	Shop   Shopkeeper
	Claims Claims
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
	opts  Options
	lanes lane.Locks
}

// New fills the defaults in.
func New(opts Options) *Exporter {
	if opts.ListLag == 0 {
		opts.ListLag = 10 * time.Second
	}
	if opts.Seen == nil {
		opts.Seen = func(commercetools.Snapshot) {}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Exporter{opts: opts}
}

// Hint is what a notification knows about an order besides its id. It only says
// under which names the order may be found in fulfillmenttools.
type Hint struct {
	OrderNumber string    // at the time of the notification; empty when it had none
	Deleted     bool      // the notification speaks of a deleted order
	Confirmed   bool      // the notification says that the order is confirmed
	At          time.Time // when what the notification tells of happened; zero: unknown
}

// Handle makes fulfillmenttools agree with the order as it is now. An error is for
// the caller to classify (package remote); nothing is lost by repeating.
func (e *Exporter) Handle(ctx context.Context, orderID string, hint Hint) (outcome.Result, error) {
	result := outcome.Result{Order: orderID}
	unlock, err := e.lanes.Lock(ctx, orderID)
	if err != nil {
		return result, fmt.Errorf("order %s: another message about it is still being handled: %w", orderID, err)
	}
	defer unlock()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ahead := e.lookAhead(ctx, orderID, hint)
	order, err := e.opts.Source.Order(ctx, orderID)
	if remote.Is(err, remote.NotFound) {
		if hint.Deleted {
			return e.held(ctx, orderID, func() (outcome.Result, error) {
				return e.cancel(ctx, commercetools.Snapshot{ID: orderID, OrderNumber: hint.OrderNumber}, hint.At)
			})
		}
		result.Kind, result.Reason = outcome.Ignored, "the order does not exist in commercetools"
		return result, nil
	}
	if err != nil {
		return result, fmt.Errorf("order %s: %w", orderID, err)
	}
	e.opts.Seen(order.Snapshot)
	switch Decide(order.Snapshot) {
	case Create:
		return e.held(ctx, orderID, func() (outcome.Result, error) { return e.create(ctx, order, hint, ahead) })
	case Cancel:
		// Not beside the look-ahead: of a platform that was away only one call at a time
		// finds out whether it is back, and this must not end while that is under way.
		if ahead != nil {
			if l := <-ahead; remote.Is(l.err, remote.Transient) {
				return result, fmt.Errorf("cancel order %s: %w", orderID, l.err)
			}
		}
		return e.held(ctx, orderID, func() (outcome.Result, error) { return e.cancel(ctx, order.Snapshot, time.Time{}) })
	case Exported:
		result.Kind, result.Reason = outcome.Unchanged, "exported already"
	default:
		result.Kind, result.Reason = outcome.Ignored, "order state is "+order.Snapshot.OrderState
	}
	return result, nil
}

// held does the work while no other process may work on the order.
func (e *Exporter) held(ctx context.Context, orderID string, work func() (outcome.Result, error)) (outcome.Result, error) {
	release, err := e.opts.Claims.Hold(ctx, orderID)
	if err != nil {
		return outcome.Result{Order: orderID}, fmt.Errorf("order %s: %w", orderID, err)
	}
	// Also when the work panics.
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
		defer cancel()
		// What is not released ends by itself; the work is done either way.
		_ = release(ctx)
	}()
	return work()
}

// lookup is what a look-up brought.
type lookup struct {
	name    string
	found   fulfillmenttools.Order
	foreign string
	err     error
}

// lookAhead looks a confirmed order up while it is being read: both take one call,
// and neither needs the other. It gives nil when that is not worth a call.
func (e *Exporter) lookAhead(ctx context.Context, orderID string, hint Hint) <-chan lookup {
	if !hint.Confirmed {
		return nil
	}
	if claim, err := e.opts.Claims.Claim(ctx, orderID); err != nil || claim != (Claim{}) {
		return nil
	}
	result := make(chan lookup, 1)
	go func() {
		var l lookup
		defer func() {
			if recover() != nil {
				l = lookup{} // it is asked again where a panic is told of
			}
			result <- l
		}()
		l.name = TenantOrderID(orderID, hint.OrderNumber)
		l.found, l.foreign, l.err = e.lookUp(ctx, orderID, l.name)
	}()
	return result
}

// Linked records that fulfillmenttools itself named the order's counterpart. It
// settles a create call whose answer was lost.
func (e *Exporter) Linked(ctx context.Context, orderID, tenantOrderID, fftOrderID string) error {
	return e.opts.Claims.Link(ctx, orderID, tenantOrderID, fftOrderID)
}

func (e *Exporter) create(ctx context.Context, order commercetools.Order, hint Hint, ahead <-chan lookup) (outcome.Result, error) {
	result := outcome.Result{Order: order.ID}
	claim, err := e.opts.Claims.Claim(ctx, order.ID)
	if err != nil {
		return result, err
	}
	if claim.FFTOrderID != "" {
		result.Kind, result.Reason = outcome.Unchanged, "exported already"
		return result, nil
	}
	mapped, notes, err := e.mapped(ctx, order)
	result.Notes = notes
	if err != nil {
		return result, fmt.Errorf("order %s: %w", order.ID, err)
	}
	if claim.TenantOrderID != "" {
		mapped.TenantOrderID = claim.TenantOrderID
	}
	// Before the look-up, not after it: the list is as old as the question.
	wait := e.unsettled(claim)
	// An order that was exported before it had its number is known there by its id.
	names := []string{mapped.TenantOrderID}
	if hint.OrderNumber == "" && mapped.TenantOrderID != order.ID {
		names = append(names, order.ID)
	}
	if claim != (Claim{}) {
		ahead = nil // it may be older than the claim
	}
	for _, name := range names {
		found, foreign, err := e.lookedUp(ctx, order.ID, name, ahead)
		ahead = nil // it answers once
		if err = cmp.Or(err, taken(found, foreign)); err != nil {
			return result, fmt.Errorf("order %s: %w", order.ID, err)
		}
		if found.ID != "" {
			result.Kind, result.Reason = outcome.Unchanged, "found in fulfillmenttools"
			return result, e.opts.Claims.Link(ctx, order.ID, name, found.ID)
		}
	}
	if wait > 0 {
		return result, fmt.Errorf("order %s: %w", order.ID, remote.Later(fulfillmenttools.Platform, "create order",
			"an earlier attempt got no answer and may still show up", wait))
	}
	return e.send(ctx, result, order, mapped)
}

func (e *Exporter) mapped(ctx context.Context, order commercetools.Order) (fulfillmenttools.OrderForCreation, []string, error) {
	shop, err := e.opts.Shop.Shop(ctx)
	if err != nil {
		return fulfillmenttools.OrderForCreation{}, nil, err
	}
	surroundings, err := e.opts.Shop.Surroundings(ctx, order, shop)
	if err != nil {
		return fulfillmenttools.OrderForCreation{}, nil, err
	}
	return Map(order, shop, surroundings)
}

// unsettled is how long to wait until the lists show what an earlier attempt did.
func (e *Exporter) unsettled(claim Claim) time.Duration {
	if claim.AttemptedAt.IsZero() {
		return 0
	}
	return e.opts.ListLag - e.opts.Now().Sub(claim.AttemptedAt)
}

// send makes the one create call.
func (e *Exporter) send(ctx context.Context, result outcome.Result, order commercetools.Order, mapped fulfillmenttools.OrderForCreation) (outcome.Result, error) {
	if err := e.opts.Claims.Attempt(ctx, order.ID, mapped.TenantOrderID, e.opts.Now()); err != nil {
		return result, err
	}
	created, err := e.opts.Target.CreateOrder(ctx, mapped)
	// What is known now must be recorded even when the caller has gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err == nil {
		result.Kind, result.Reason = outcome.Applied, "exported"
		return result, e.opts.Claims.Link(ctx, order.ID, mapped.TenantOrderID, created.ID)
	}
	if remote.Ambiguous(err) {
		// The lists' lag counts from when the platform may have carried it out at last.
		attempted := e.opts.Claims.Doubt(ctx, order.ID, e.opts.Now().Add(stillRuns(err)))
		return result, fmt.Errorf("order %s: %w", order.ID, errors.Join(err, attempted))
	}
	if settled := e.opts.Claims.Settle(ctx, order.ID); settled != nil {
		return result, errors.Join(err, settled)
	}
	if remote.Is(err, remote.Rejected) || remote.Is(err, remote.Conflict) {
		// fulfillmenttools refuses a second open order of the same name, perhaps the
		// first one that a list did not show yet.
		found, foreign, lookErr := e.lookUp(ctx, order.ID, mapped.TenantOrderID)
		if found.ID != "" {
			result.Kind, result.Reason = outcome.Unchanged, "found in fulfillmenttools"
			return result, e.opts.Claims.Link(ctx, order.ID, mapped.TenantOrderID, found.ID)
		}
		err = cmp.Or(lookErr, taken(found, foreign), err)
	}
	return result, fmt.Errorf("order %s: %w", order.ID, err)
}

// abandonedTime bounds how long the platform goes on with a call that got no answer.
const abandonedTime = 10 * time.Second

// stillRuns is how long the failed call may yet be carried out: one that was answered
// is over.
func stillRuns(err error) time.Duration {
	var failed *remote.Error
	if errors.As(err, &failed) && failed.Status != 0 {
		return 0
	}
	return abandonedTime
}

// recordTimeout bounds what is done after a call whose caller may have gone.
const recordTimeout = 2 * time.Second

// lookedUp takes the answer that was asked for ahead when it is of this name.
func (e *Exporter) lookedUp(ctx context.Context, orderID, name string, ahead <-chan lookup) (fulfillmenttools.Order, string, error) {
	if ahead != nil {
		if l := <-ahead; l.name == name {
			return l.found, l.foreign, l.err
		}
	}
	return e.lookUp(ctx, orderID, name)
}

// lookUp finds the order's counterpart by name, the one that is still alive if there
// are several. foreign is the id of a living order of the same name that belongs to
// another.
func (e *Exporter) lookUp(ctx context.Context, orderID, tenantOrderID string) (ours fulfillmenttools.Order, foreign string, err error) {
	rows, err := e.opts.Target.OrdersByTenantOrderID(ctx, tenantOrderID)
	if err != nil {
		return ours, "", err
	}
	for _, row := range rows {
		// The list's rows do not say whose they are.
		found, err := e.opts.Target.Order(ctx, row.ID)
		if remote.Is(err, remote.NotFound) {
			continue
		}
		if err != nil {
			return ours, "", err
		}
		owner, _ := found.CustomAttributes[fulfillmenttools.AttributeOrderID].(string)
		switch {
		case owner == orderID && alive(found):
			return found, "", nil
		case owner == orderID:
			ours = found
		case alive(found):
			foreign = found.ID
		}
	}
	return ours, foreign, nil
}

// taken is the error of an order whose name another one has: creating ours would be
// refused. It is nil when ours was found or the name is free.
func taken(ours fulfillmenttools.Order, foreign string) error {
	if ours.ID != "" || foreign == "" {
		return nil
	}
	return &remote.Error{
		Platform: fulfillmenttools.Platform, Operation: "look order up", Kind: remote.Rejected,
		Message: fmt.Sprintf("order %s there has the tenantOrderId of this order but belongs to another", foreign),
		Hint:    "give one of them another order number, or cancel the other one",
	}
}

// alive reports whether fulfillmenttools keeps other orders from having its name.
func alive(order fulfillmenttools.Order) bool {
	switch order.Status {
	case fulfillmenttools.OrderCancelled, obsolete:
		return false
	default:
		return true
	}
}

// obsolete is the state of an order that another one replaced.
const obsolete = "OBSOLETE"
