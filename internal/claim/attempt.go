package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fftconnect/internal/remote"
)

// Attempt is the right to make one create call for an order, until its time is over.
// Whoever has it looks the order's names up, and then either calls Create, Found or
// Abandon. Not doing any of it is safe: the attempt then counts as in flight until its
// time is over, and so does one whose process dies.
type Attempt struct {
	claims *Claims
	order  Order
	state  State
	first  bool
	ended  bool
	ends   time.Time // by the process's clock; earlier than what the store says
}

// First reports that nothing was kept of the order before: what was looked up since then
// still holds.
func (a *Attempt) First() bool { return a.first }

// Name is the tenantOrderId to create the order under: that of the first attempt.
func (a *Attempt) Name() string { return a.state.Names[0] }

// Names are those to look up first: the one to create the order under, and all others
// under which it may live, unless this is certainly the first attempt of all.
func (a *Attempt) Names() []string {
	if a.first && !a.state.Uncertain {
		return a.state.Names
	}
	return withoutDuplicates(append(slices.Clone(a.state.Names), a.order.Names()...)...)
}

// Context bounds what is done within the attempt.
func (a *Attempt) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, a.ends.Sub(a.claims.now()))
}

// Create makes the create call and records how it ended. An error that is
// remote.IsAmbiguous leaves it open whether the order was created: the order is in flight
// until the lists must show it. A call is not made once the attempt's time is over.
func (a *Attempt) Create(ctx context.Context, create func(context.Context) (fftOrderID string, err error)) (fftOrderID string, err error) {
	if a.ended {
		return "", fmt.Errorf("create order %s: the attempt is over", a.order.ID)
	}
	left := a.ends.Sub(a.claims.now())
	if left <= 0 {
		return "", errAttemptPending("there was not enough time for it", a.claims.attemptLifetime()-attemptTime-left)
	}
	a.ended = true
	within, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	fftOrderID, err = create(within)
	switch {
	case err == nil:
		return fftOrderID, a.recordCounterpart(ctx, fftOrderID)
	case remote.IsAmbiguous(err):
		return "", errors.Join(err, a.recordInFlight(ctx, inFlightAfter(err)+a.claims.listLag))
	default:
		return "", errors.Join(err, a.recordInFlight(ctx, 0))
	}
}

// LinkExisting ends the attempt: the order's counterpart was there already, by that name.
func (a *Attempt) LinkExisting(ctx context.Context, name, fftOrderID string) error {
	a.ended = true
	a.state.Names = withoutDuplicates(append(a.state.Names, name)...)
	return a.recordCounterpart(ctx, fftOrderID)
}

// Abandon ends an attempt that made no create call; after one it does nothing.
func (a *Attempt) Abandon(ctx context.Context) error {
	if a.ended {
		return nil
	}
	a.ended = true
	return a.recordInFlight(ctx, 0)
}

// recordCounterpart records the counterpart. Who linked the order meanwhile may have linked it to
// another one.
func (a *Attempt) recordCounterpart(ctx context.Context, fftOrderID string) error {
	ctx, cancel := detachedContext(ctx)
	defer cancel()
	record := a.state
	record.FFTOrderID, record.InFlight = fftOrderID, 0
	err := a.claims.store.UpdateClaim(ctx, a.order.ID, record)
	if errors.Is(err, ErrOvertaken) {
		return a.claims.Link(ctx, a.order.ID, a.Name(), fftOrderID)
	}
	return err
}

// recordInFlight records for how long yet the attempt may come to light. Whoever was overtaken
// has no say in that any more.
func (a *Attempt) recordInFlight(ctx context.Context, inFlight time.Duration) error {
	ctx, cancel := detachedContext(ctx)
	defer cancel()
	record := a.state
	record.InFlight = inFlight
	if err := a.claims.store.UpdateClaim(ctx, a.order.ID, record); !errors.Is(err, ErrOvertaken) {
		return err
	}
	return nil
}

// detachedContext is for what must be recorded even when the caller has gone.
func detachedContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recordTime)
}
