package export_test

import (
	"strings"
	"testing"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// holding is a bench whose shop holds orders that are not paid; this one is not.
func holding(t *testing.T) *bench {
	b := newBench()
	b.shop.rules.Hold = truth(t, `order.paymentState != "Paid"`)
	b.pay("Pending")
	return b
}

func (b *bench) pay(state string) { b.source.edit(func(o object) { o["paymentState"] = state }) }

func TestAnOrderIsLockedUntilNothingHoldsItAndThenUnlockedOnce(t *testing.T) {
	t.Parallel()
	b := holding(t)
	if got := b.handle(t, known); got.Reason != "exported, locked by export.hold" || b.target.orders[0].Status != "LOCKED" {
		t.Fatalf("%+v", got)
	}
	b.target.calls = nil
	if got := b.handle(t, known); got.Kind != outcome.Unchanged || len(b.target.calls) != 0 {
		t.Errorf("still held: %+v after %v", got, b.target.calls)
	}
	b.pay("Paid")
	if got := b.handle(t, known); got.Kind != outcome.Applied || got.Reason != "unlocked in fulfillmenttools" {
		t.Errorf("%+v", got)
	}
	same(t, "calls", []string{"read", "unlock"}, b.target.calls)
	same(t, "status", "OPEN", b.target.orders[0].Status)
	for range 3 {
		if got := b.handle(t, known); got.Kind != outcome.Unchanged {
			t.Errorf("again: %+v", got)
		}
	}
	same(t, "calls for messages that come again", []string{"read", "unlock"}, b.target.calls)
	b.restart()
	b.source.edit(func(o object) { o["custom"] = exportedAs("ord-1") })
	b.handle(t, known)
	b.handle(t, known)
	same(t, "calls of a process that does not know", []string{"read", "unlock", "read"}, b.target.calls)
}

func TestAnOrderThatNothingHeldCostsNothingMore(t *testing.T) {
	t.Parallel()
	b := holding(t)
	b.pay("Paid")
	b.handle(t, known)
	b.pay("Pending") // too late
	b.handle(t, known)
	b.pay("Paid")
	b.handle(t, known)
	same(t, "calls", []string{"look up", "create"}, b.target.calls)
}

func TestALockedOrderIsUnlockedHoweverItIsKnown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*bench)
		calls   []string
	}{
		"by the claim":            {func(*bench) {}, []string{"read", "unlock"}},
		"by the order's field":    {func(b *bench) { b.restart(); b.source.edit(func(o object) { o["custom"] = exportedAs("ord-1") }) }, []string{"read", "unlock"}},
		"by its name":             {func(b *bench) { b.restart(); b.clock.advance(time.Minute) }, []string{"look up", "read", "unlock"}},
		"although it is complete": {func(b *bench) { b.state("Complete") }, []string{"read", "unlock"}},
		"although it is left out": {func(b *bench) { b.shop.rules.When = truth(t, "false") }, []string{"read", "unlock"}},
	} {
		b := holding(t)
		b.handle(t, known)
		b.target.calls = nil
		test.prepare(b)
		b.pay("Paid")
		if got := b.handle(t, known); got.Reason != "unlocked in fulfillmenttools" {
			t.Errorf("%s: %+v", name, got)
		}
		same(t, name+": calls", test.calls, b.target.calls)
	}
}

func TestUnlockingMeetsTrouble(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble func(b *bench)
		first   remote.Kind // of the first attempt, unless it works
		fails   bool
		then    string // reason of the next message's outcome
	}{
		"an outage":                 {func(b *bench) { b.target.unlocks = []error{failing(remote.Transient, false)} }, remote.Transient, true, "unlocked in fulfillmenttools"},
		"a lost answer":             {func(b *bench) { b.target.unlocks = []error{failing(remote.Transient, true)} }, remote.Transient, true, "exported already"},
		"a missing permission":      {func(b *bench) { b.target.unlocks = []error{failing(remote.Blocked, false)} }, remote.Blocked, true, "unlocked in fulfillmenttools"},
		"a change at the same time": {func(b *bench) { changing(b, 2) }, 0, false, "exported already"},
		"endless changes":           {func(b *bench) { changing(b, 99) }, remote.Conflict, true, ""},
		"a refusal": {func(b *bench) {
			b.target.unlocks = []error{failing(remote.Rejected, false), failing(remote.Rejected, false)}
		}, remote.Rejected, true, ""},
		"somebody who was faster": {func(b *bench) {
			b.target.onUnlock = func() { b.target.orders[0].Status, b.target.orders[0].Version = "OPEN", 2 }
		}, 0, false, "exported already"},
	} {
		b := holding(t)
		b.handle(t, known)
		b.pay("Paid")
		test.trouble(b)
		_, err := b.Handle(t.Context(), orderID, known)
		if test.fails != (err != nil) || err != nil && !remote.Is(err, test.first) {
			t.Errorf("%s: %v", name, err)
		}
		if test.then == "" {
			continue
		}
		if got := b.handle(t, known); got.Reason != test.then || b.target.orders[0].Status != "OPEN" {
			t.Errorf("%s, next: %+v, %s", name, got, b.target.orders[0].Status)
		}
	}
}

// changing has the order change under the first attempts.
func changing(b *bench, times int) {
	b.target.onUnlock = func() {
		if times--; times >= 0 {
			b.target.orders[0].Version++
		}
	}
}

func TestACancelledOrderIsCancelledAlthoughItIsLocked(t *testing.T) {
	t.Parallel()
	b := holding(t)
	b.handle(t, known)
	b.state("Cancelled")
	if got := b.handle(t, known); got.Reason != "cancelled in fulfillmenttools" {
		t.Errorf("%+v", got)
	}
	b.pay("Paid")
	if got := b.handle(t, known); got.Reason != "cancelled already" || b.target.count("unlock") != 0 {
		t.Errorf("paid too late: %+v after %v", got, b.target.calls)
	}
}

func TestAnOrderOfWhichNothingIsThereIsNotUnlocked(t *testing.T) {
	t.Parallel()
	b := holding(t)
	b.state("Open")
	b.pay("Paid")
	if got := b.handle(t, known); got.Kind != outcome.Ignored || len(b.target.calls) != 0 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
	b.source.edit(func(o object) { o["custom"] = exportedAs("gone") })
	b.state("Confirmed")
	if got := b.handle(t, known); got.Reason != "exported already" {
		t.Errorf("gone: %+v", got)
	}
}

func TestAHoldThatFailsAtAnExportedOrderIsShown(t *testing.T) {
	t.Parallel()
	b := holding(t)
	b.handle(t, known)
	b.shop.rules.Hold = truth(t, failsAtRun)
	_, err := b.Handle(t.Context(), orderID, known)
	if err == nil || remote.KindOf(err).IsTemporary() || !strings.Contains(err.Error(), "export.hold") {
		t.Errorf("%v", err)
	}
}

func TestAnInspectionReadsAnOrderOnceAVersion(t *testing.T) {
	t.Parallel()
	b := newBench()
	snapshot := decoded(t, baseOrder()).Snapshot
	if left, err := b.IsExcluded(t.Context(), snapshot); left || err != nil {
		t.Errorf("without a filter: %v, %v", left, err)
	}
	b.source.reads = 0
	b.shop.rules.When = truth(t, "false")
	if verdict, err := b.Outlook(t.Context(), snapshot); verdict != export.Create || err != nil {
		t.Errorf("before it is known: %v, %v", verdict, err)
	}
	if left, err := b.IsExcluded(t.Context(), snapshot); !left || err != nil || b.source.reads != 1 {
		t.Errorf("left out: %v, %v after %d reads", left, err, b.source.reads)
	}
	if verdict, err := b.Outlook(t.Context(), snapshot); verdict != export.Leave || err != nil {
		t.Errorf("once it is known: %v, %v", verdict, err)
	}
	snapshot.Version++
	if verdict, _ := b.Outlook(t.Context(), snapshot); verdict != export.Create {
		t.Errorf("after a change: %v", verdict)
	}
	snapshot.Version--
	b.shop.rules.When = truth(t, "1 == 2")
	if verdict, _ := b.Outlook(t.Context(), snapshot); verdict != export.Create {
		t.Errorf("under another rule: %v", verdict)
	}
}
