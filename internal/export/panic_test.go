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

func TestAPanicLeavesNoOrderHeldAndOnlyItsOwnMessageFails(t *testing.T) {
	t.Parallel()
	b := newBench()
	target := &brittle{target: b.target, left: 2}
	b.options.Target = target
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
	if got := b.handle(t, hint); got.Kind != outcome.Applied {
		t.Errorf("at once afterwards: %+v", got)
	}
	b = newBench()
	b.options.Target = &brittle{target: b.target, left: 1} // beside the message, so only ahead
	b.Exporter = export.New(b.options)
	if got := b.handle(t, hint); got.Kind != outcome.Applied {
		t.Errorf("when only the look-up ahead does: %+v", got)
	}
}
