package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/intake"
	"fftconnect/internal/outcome"
)

// about is a message about an order, with more fields.
func about(name, more string) string {
	return fmt.Sprintf(`{"notificationType":"Message","projectKey":"shop","id":"m","type":%q,"resource":{"typeId":"order","id":"00000000-0000-4000-8000-000000000001"}%s}`, name, more)
}

func TestTheShopsRulesSayWhichOrderStatesMatter(t *testing.T) {
	t.Parallel()
	open := config.ExportRules{Trigger: config.Trigger{OrderState: "Open"}}
	for name, test := range map[string]struct {
		rules   config.ExportRules
		err     error
		handled bool
	}{
		"the default": {config.ExportRules{}, nil, false},
		"open":        {open, nil, true},
		"not known":   {config.ExportRules{}, errors.New("away"), true},
	} {
		b := newBench(func(o *intake.Options) {
			o.Rules = func(context.Context) (config.ExportRules, error) { return test.rules, test.err }
		})
		b.post("/event", strings.NewReader(about("OrderCreated", `,"order":{"orderState":"Open"}`)))
		if got := len(b.flows.asked) == 1; got != test.handled {
			t.Errorf("%s: handed on: %v", name, got)
		}
	}
}

func TestEveryMessageThatAnyRuleNeedsIsTaken(t *testing.T) {
	t.Parallel()
	b := newBench(func(o *intake.Options) { o.Waits = waiting(true) })
	for n, name := range export.AllMessages() {
		b.post("/event", strings.NewReader(about(name, "")))
		if last := b.journal.entries[n]; len(b.flows.asked) != n+1 || last.Type != name {
			t.Errorf("%s: %+v", name, last)
		}
	}
	for _, name := range export.AllMessages() {
		if types := strings.Join(intake.MessageTypes(outcome.Export), " "); !strings.Contains(types, name) {
			t.Errorf("%s has no label", name)
		}
	}
}

// waiting says of every order whether it waits to be corrected.
func waiting(waits bool) func(context.Context, string) (bool, error) {
	return func(context.Context, string) (bool, error) { return waits, nil }
}

func TestCorrectionsMatterOnlyToOrdersThatWait(t *testing.T) {
	t.Parallel()
	for _, waits := range []bool{true, false} {
		b := newBench(func(o *intake.Options) { o.Waits = waiting(waits) })
		b.post("/event", strings.NewReader(about("OrderShippingInfoSet", "")))
		if got := len(b.flows.asked) == 1; got != waits {
			t.Errorf("waits %v: handed on: %v", waits, got)
		}
		if last := b.journal.entries[0]; last.Quiet == waits {
			t.Errorf("waits %v: %+v", waits, last)
		}
	}
}

func TestAnEchoOfWhatWeWroteIsDropped(t *testing.T) {
	t.Parallel()
	for field, handled := range map[string]bool{"fft_order_id": false, "fft_shortid": false, "fft_pickjob_ids": false, "fft_hold": true, "gift": true} {
		b := newBench(func(o *intake.Options) { o.Waits = waiting(true) })
		b.post("/event", strings.NewReader(about("OrderCustomFieldChanged", fmt.Sprintf(`,"name":%q,"value":"x"`, field))))
		if got := len(b.flows.asked) == 1; got != handled {
			t.Errorf("%s: handed on: %v", field, got)
		}
	}
}

func TestADeletedOrderIsHandedOnAsItWasLast(t *testing.T) {
	t.Parallel()
	b := newBench(nil)
	b.post("/event", strings.NewReader(about("OrderDeleted", `,"order":{"id":"00000000-0000-4000-8000-000000000001","orderState":"Open"}`)))
	if len(b.flows.hints) != 1 || b.flows.hints[0].Last != `{"id":"00000000-0000-4000-8000-000000000001","orderState":"Open"}` {
		t.Errorf("%+v", b.flows.hints)
	}
}
