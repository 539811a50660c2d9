package export_test

import (
	"strings"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// TestAnOldOrderWithoutATraceIsNotExportedUnasked: fulfillmenttools may have erased its
// counterpart, and then nothing tells that it was shipped long ago.
func TestAnOldOrderWithoutATraceIsNotExportedUnasked(t *testing.T) {
	t.Parallel()
	paid := config.ExportRules{Trigger: config.Trigger{OrderState: "Confirmed", PaymentState: "Paid"}}
	for name, c := range map[string]struct {
		age     time.Duration
		hint    export.Hint
		rules   config.ExportRules
		exports bool
	}{
		"found by a walk":               {age: 40, hint: export.Hint{}},
		"a field was changed":           {age: 40, hint: export.Hint{Message: "OrderCustomFieldChanged"}},
		"paid, which nobody waited for": {age: 40, hint: export.Hint{Message: "OrderPaymentStateChanged"}},
		"of this month":                 {age: 29, hint: export.Hint{}, exports: true},
		"just confirmed":                {age: 40, hint: known, exports: true},
		"just in another state":         {age: 40, hint: export.Hint{Message: "OrderStateChanged"}, exports: true},
		"just paid":                     {age: 40, hint: export.Hint{Message: "OrderPaymentStateChanged"}, rules: paid, exports: true},
	} {
		hint := c.hint
		if name == "just confirmed" {
			hint.Confirmed = true
		}
		b := newBench()
		b.shop.rules = c.rules
		b.source.edit(func(order object) {
			order["createdAt"] = b.clock.Now().Add(-c.age * 24 * time.Hour).Format(time.RFC3339)
			order["paymentState"] = "Paid"
		})
		result, err := b.Handle(t.Context(), orderID, hint)
		switch {
		case c.exports && (err != nil || result.Kind != outcome.Applied):
			t.Errorf("%s: %+v, %v", name, result, err)
		case !c.exports && (!remote.Is(err, remote.Rejected) || b.target.count("create") != 0 || !strings.Contains(remote.HintOf(err), "orders resend "+orderID)):
			t.Errorf("%s: %v (%s) after %v", name, err, remote.HintOf(err), b.target.calls)
		case !c.exports:
			if result, err := b.Resend(t.Context(), orderID); err != nil || result.Kind != outcome.Applied {
				t.Errorf("%s, asked for: %+v, %v", name, result, err)
			}
		}
	}
}

// TestAnOldOrderWithATraceGoesOn: its claim says that it was tried and not made.
func TestAnOldOrderWithATraceGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.creates = []creation{{err: failing(remote.Rejected, false)}}
	if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Rejected) {
		t.Fatal(err)
	}
	b.clock.advance(2 * export.ErasedAfter)
	if result, err := b.Handle(t.Context(), orderID, export.Hint{}); err != nil || result.Kind != outcome.Applied {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestAnOldOrderThatIsStillThereIsFound: nothing here knew of it, such as after a switch
// from another connector.
func TestAnOldOrderThatIsStillThereIsFound(t *testing.T) {
	t.Parallel()
	b := newBench()
	if _, err := b.Handle(t.Context(), orderID, known); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(2 * export.ErasedAfter)
	b.restart()
	if result := b.repeated(t, export.Hint{}); result.Kind != outcome.Unchanged || b.target.count("create") != 1 {
		t.Errorf("%+v after %v", result, b.target.calls)
	}
}
