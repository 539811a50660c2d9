package export_test

import (
	"context"
	"testing"

	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
)

// brittle panics at the look-ups that are left.
type brittle struct {
	*target
	left int
}

func (b *brittle) OrdersByTenantOrderID(ctx context.Context, name string) ([]fulfillmenttools.Order, error) {
	if b.left > 0 {
		b.left--
		panic("planted")
	}
	return b.target.OrdersByTenantOrderID(ctx, name)
}

// held counts the orders that are held.
type held struct {
	*export.MemoryClaims
	now int
}

func (h *held) Hold(ctx context.Context, id string) (func(context.Context) error, error) {
	h.now++
	release, err := h.MemoryClaims.Hold(ctx, id)
	return func(ctx context.Context) error {
		h.now--
		return release(ctx)
	}, err
}

func TestAPanicLeavesNoOrderHeldAndOnlyItsOwnMessageFails(t *testing.T) {
	t.Parallel()
	b, claims := newBench(), &held{MemoryClaims: export.NewMemoryClaims()}
	target := &brittle{target: b.target, left: 2}
	b.options.Target, b.options.Claims = target, claims
	b.Exporter = export.New(b.options)
	hint := export.Hint{OrderNumber: "A-1001", Confirmed: true}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the message's own look-up did not panic")
			}
		}()
		_, _ = b.Handle(t.Context(), orderID, hint)
	}()
	if claims.now != 0 {
		t.Error("the order is still held")
	}
	target.left = 1 // beside the message, so only ahead
	if got := b.handle(t, hint); got.Kind != outcome.Applied || claims.now != 0 {
		t.Errorf("afterwards: %+v, %d held", got, claims.now)
	}
}
