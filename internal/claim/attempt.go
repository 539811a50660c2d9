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
	record Record
	first  bool
	over   bool
	ends   time.Time // by the process's clock; earlier than what the store says
}

// First reports that nothing was kept of the order before: what was looked up since then
// still holds.
func (a *Attempt) First() bool { return a.first }

// Name is the tenantOrderId to create the order under: that of the first attempt.
func (a *Attempt) Name() string { return a.record.Names[0] }

// Names are those to look up first: the one to create the order under, and all others
// under which it may live, unless this is certainly the first attempt of all.
func (a *Attempt) Names() []string {
	if a.first && !a.record.Uncertain {
		return a.record.Names
	}
	return distinct(append(slices.Clone(a.record.Names), a.order.Names()...)...)
}

// Context bounds what is done within the attempt.
func (a *Attempt) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, a.ends.Sub(a.claims.now()))
}

// Create makes the create call and records how it ended. An error that is
// remote.Ambiguous leaves it open whether the order was created: the order is in flight
// until the lists must show it. A call is not made once the attempt's time is over.
func (a *Attempt) Create(ctx context.Context, create func(context.Context) (fftOrderID string, err error)) (fftOrderID string, err error) {
	if a.over {
		return "", fmt.Errorf("create order %s: the attempt is over", a.order.ID)
	}
	left := a.ends.Sub(a.claims.now())
	if left <= 0 {
		return "", later("there was not enough time for it", a.claims.span()-attemptTime-left)
	}
	a.over = true
	within, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	fftOrderID, err = create(within)
	switch {
	case err == nil:
		return fftOrderID, a.linked(ctx, fftOrderID)
	case remote.Ambiguous(err):
		return "", errors.Join(err, a.settle(ctx, stillRuns(err)+a.claims.listLag))
	default:
		return "", errors.Join(err, a.settle(ctx, 0))
	}
}

// Found ends the attempt: the order's counterpart was there already, by that name.
func (a *Attempt) Found(ctx context.Context, name, fftOrderID string) error {
	a.over = true
	a.record.Names = distinct(append(a.record.Names, name)...)
	return a.linked(ctx, fftOrderID)
}

// Abandon ends an attempt that made no create call; after one it does nothing.
func (a *Attempt) Abandon(ctx context.Context) error {
	if a.over {
		return nil
	}
	a.over = true
	return a.settle(ctx, 0)
}

// linked records the counterpart. Who linked the order meanwhile may have linked it to
// another one.
func (a *Attempt) linked(ctx context.Context, fftOrderID string) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	record := a.record
	record.FFTOrderID, record.InFlight = fftOrderID, 0
	err := a.claims.store.SettleClaim(ctx, a.order.ID, record)
	if errors.Is(err, ErrOvertaken) {
		return a.claims.Link(ctx, a.order.ID, a.Name(), fftOrderID)
	}
	return err
}

// settle records for how long yet the attempt may come to light. Whoever was overtaken
// has no say in that any more.
func (a *Attempt) settle(ctx context.Context, inFlight time.Duration) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	record := a.record
	record.InFlight = inFlight
	if err := a.claims.store.SettleClaim(ctx, a.order.ID, record); !errors.Is(err, ErrOvertaken) {
		return err
	}
	return nil
}

// afterwards is for what must be recorded even when the caller has gone.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recordTime)
}
