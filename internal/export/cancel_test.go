package export_test

import (
	"strings"
	"testing"

	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// cancelledBench has a cancelled order in commercetools.
func cancelledBench() *bench {
	b := newBench()
	b.state("Cancelled")
	return b
}

func TestACancelledOrderIsFoundHoweverItIsKnown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*bench) // there is one order of ours in fulfillmenttools afterwards
		hint    export.Hint
		calls   []string
	}{
		"by the claim": {func(b *bench) {
			b.state("Confirmed")
			b.handle(t, known)
			b.state("Cancelled")
			b.target.calls = nil
		}, known, []string{"read", "cancel"}},
		"by the order's field": {func(b *bench) {
			there := b.target.put(owned("whatever", orderID))
			b.source.edit(func(o object) {
				o["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"fft_order_id": there.ID}}
			})
		}, known, []string{"read", "cancel"}},
		"by number": {func(b *bench) { b.target.put(owned("A-1001", orderID)) }, known, []string{"look up", "read", "read", "cancel"}},
		"by id, since it had no number then": {func(b *bench) {
			b.target.put(owned(orderID, orderID))
		}, known, []string{"look up", "look up", "read", "read", "cancel"}},
		"by id, since it has no number": {func(b *bench) {
			b.source.edit(func(o object) { delete(o, "orderNumber") })
			b.target.put(owned(orderID, orderID))
		}, export.Hint{}, []string{"look up", "read", "read", "cancel"}},
		"behind another's order of its number": {func(b *bench) {
			b.target.put(owned("A-1001", "somebody else"))
			b.target.put(owned("A-1001", orderID))
		}, known, []string{"look up", "read", "read", "read", "cancel"}},
		"behind a cancelled one of ours": {func(b *bench) {
			b.target.put(owned("A-1001", orderID)).Status = "CANCELLED"
			b.target.put(owned("A-1001", orderID))
		}, known, []string{"look up", "read", "read", "read", "cancel"}},
		"beside another's order of its number": {func(b *bench) {
			b.target.put(owned("A-1001", "somebody else"))
			b.target.put(owned(orderID, orderID))
		}, known, []string{"look up", "read", "look up", "read", "read", "cancel"}},
		"deleted, by number": {func(b *bench) {
			delete(b.source.orders, orderID)
			b.target.put(owned("A-1001", orderID))
		}, export.Hint{OrderNumber: "A-1001", Deleted: true}, []string{"look up", "read", "read", "cancel"}},
		"deleted, by id": {func(b *bench) {
			delete(b.source.orders, orderID)
			b.target.put(owned(orderID, orderID))
		}, export.Hint{Deleted: true}, []string{"look up", "read", "read", "cancel"}},
		"deleted, by the claim": {func(b *bench) {
			b.state("Confirmed")
			b.handle(t, known)
			delete(b.source.orders, orderID)
			b.target.calls = nil
		}, export.Hint{Deleted: true}, []string{"read", "cancel"}},
	} {
		b := cancelledBench()
		test.prepare(b)
		if got := b.handle(t, test.hint); got.Kind != outcome.Applied || got.Reason != "cancelled in fulfillmenttools" {
			t.Errorf("%s: %+v", name, got)
		}
		same(t, name+": calls", test.calls, b.target.calls)
		if alive := b.target.alive(); len(alive) != 0 {
			t.Errorf("%s: %v lives on", name, alive)
		}
		if got := b.handle(t, test.hint); got.Kind != outcome.Unchanged || b.target.count("cancel") != 1 {
			t.Errorf("%s, again: %+v after %v", name, got, b.target.calls)
		}
	}
}

func TestThereMayBeNothingToCancel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*bench)
		reason  string
	}{
		"never exported":        {func(*bench) {}, "never exported, nothing to cancel"},
		"another's order":       {func(b *bench) { b.target.put(owned("A-1001", "somebody else")) }, "never exported, nothing to cancel"},
		"cancelled there":       {func(b *bench) { b.target.put(owned("A-1001", orderID)).Status = "CANCELLED" }, "cancelled already"},
		"no longer there":       {field("ord-9"), "no longer in fulfillmenttools"},
		"gone while we looked":  {func(b *bench) { disappear(b) }, "no longer in fulfillmenttools"},
		"cancelled as we tried": {func(b *bench) { cancelledMeanwhile(b) }, "cancelled already"},
	} {
		b := cancelledBench()
		test.prepare(b)
		if got := b.handle(t, known); got.Kind != outcome.Unchanged || got.Reason != test.reason {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func field(fftOrderID string) func(*bench) {
	return func(b *bench) {
		b.source.edit(func(o object) {
			o["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"fft_order_id": fftOrderID}}
		})
	}
}

// disappear lets the order vanish when it is about to be cancelled.
func disappear(b *bench) {
	b.target.put(owned("A-1001", orderID))
	b.target.onCancel = func() { b.target.orders = nil }
}

// cancelledMeanwhile is what a repeated cancellation meets whose first answer was lost.
func cancelledMeanwhile(b *bench) {
	there := b.target.put(owned("A-1001", orderID))
	b.target.onCancel = func() { there.Status, there.Version = "CANCELLED", 2 }
}

func TestACancellationMeetsAConflictAndTriesAgain(t *testing.T) {
	t.Parallel()
	b := cancelledBench()
	there := b.target.put(owned("A-1001", orderID))
	tries := 0
	b.target.onCancel = func() {
		if tries++; tries < 3 {
			there.Version++
		}
	}
	if got := b.handle(t, known); got.Kind != outcome.Applied || tries != 3 {
		t.Errorf("%+v after %d tries", got, tries)
	}
}

func TestEndlessConflictsAreLeftToTheSender(t *testing.T) {
	t.Parallel()
	b := cancelledBench()
	there := b.target.put(owned("A-1001", orderID))
	b.target.onCancel = func() { there.Version++ }
	if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Conflict) || b.target.count("cancel") > 10 {
		t.Errorf("%v after %v", err, b.target.calls)
	}
}

func TestWhatFulfillmenttoolsRefusesToCancelIsVisible(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		force, tooLate, hopeless bool
		want                     outcome.Kind
		forced                   int
		hints                    bool // at forcing it
	}{
		"too late":                  {tooLate: true, want: outcome.Refused, hints: true},
		"too late, but forced":      {force: true, tooLate: true, want: outcome.Applied, forced: 1},
		"too late, even for force":  {force: true, hopeless: true, want: outcome.Refused, forced: 1},
		"in time, force not needed": {force: true, want: outcome.Applied},
	} {
		b := cancelledBench()
		b.options.ForceCancel = test.force
		b.Exporter = export.New(b.options)
		b.target.put(owned("A-1001", orderID))
		b.target.tooLate, b.target.hopeless = test.tooLate, test.hopeless
		got := b.handle(t, known)
		if got.Kind != test.want || b.target.count("force cancel") != test.forced {
			t.Errorf("%s: %+v after %v", name, got, b.target.calls)
		}
		if test.want != outcome.Refused {
			continue
		}
		if !strings.Contains(got.Reason, "ord-1") || !strings.Contains(got.Reason, "goes on") || got.Hint == "" {
			t.Errorf("%s: says %q, hint %q", name, got.Reason, got.Hint)
		}
		if strings.Contains(got.Hint, "FFT_FORCE_CANCEL") != test.hints {
			t.Errorf("%s: hint %q", name, got.Hint)
		}
	}
}

func TestACancellationThatFailsIsRepeatedByTheSender(t *testing.T) {
	t.Parallel()
	b := cancelledBench()
	b.target.put(owned("A-1001", orderID))
	b.target.cancels = []error{failing(remote.Transient, false), failing(remote.Transient, true)}
	if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) || len(b.target.alive()) != 1 {
		t.Fatalf("not done: %v", err)
	}
	if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) || len(b.target.alive()) != 0 {
		t.Fatalf("done, but the answer is lost: %v", err)
	}
	if got := b.handle(t, known); got.Reason != "cancelled already" {
		t.Errorf("%+v", got)
	}
}

func TestALookUpThatFailsDoesNotMeanThatThereIsNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range []remote.Kind{remote.Rejected, remote.Transient, remote.Blocked} {
		b := cancelledBench()
		b.target.put(owned("A-1001", orderID))
		b.target.listErr = failing(kind, false)
		if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, kind) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestAnOrderIsCancelledByTheIDThatAnEventNames(t *testing.T) {
	t.Parallel()
	b := newBench()
	there := b.target.put(owned("A-1001", orderID))
	got, err := b.CancelByID(t.Context(), orderID, there.ID)
	if err != nil || got.Kind != outcome.Applied || got.Order != orderID || b.source.reads != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	same(t, "status", fulfillmenttools.OrderCancelled, there.Status)
}
