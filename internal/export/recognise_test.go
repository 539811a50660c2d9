package export_test

import (
	"strings"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// told gathers what an exporter tells of doubles.
func (b *bench) told() *[]export.Double {
	var doubles []export.Double
	b.options.Doubled = func(d export.Double) { doubles = append(doubles, d) }
	b.options.ProjectKey = "shop"
	b.Exporter = export.New(b.options)
	return &doubles
}

func TestAnOrderThatABodyNamesIsKnownOrRead(t *testing.T) {
	t.Parallel()
	otherProject := owned("A-1001", orderID)
	otherProject.CustomAttributes["commercetoolsProjectKey"] = "another"
	b := newBench()
	b.told()
	b.handle(t, known) // ord-1
	theirs := b.target.put(owned("B-7", "somebody else"))
	foreign := b.target.put(otherProject)
	b.target.calls = nil
	for id, want := range map[string]bool{"ord-1": true, theirs.ID: false, foreign.ID: false, "made up": false} {
		ours, result, err := b.Recognise(t.Context(), orderID, id, "")
		if err != nil || ours != want || !ours && result.Kind != outcome.Ignored {
			t.Errorf("%s: %t, %+v, %v", id, ours, result, err)
		}
	}
	if got := b.target.count("read"); got != 3 || b.target.count("cancel") != 0 {
		t.Errorf("calls %v: ours is known without one", b.target.calls)
	}
	if _, counterpart := b.linked(t); counterpart != "ord-1" {
		t.Errorf("linked to %s", counterpart)
	}
}

func TestAMadeUpOrderDoesNotKeepTheOrderFromBeingExported(t *testing.T) {
	t.Parallel()
	b := newBench()
	if ours, _, err := b.Recognise(t.Context(), orderID, "made up", ""); ours || err != nil {
		t.Fatal(ours, err)
	}
	if got := b.handle(t, known); got.Kind != outcome.Applied || b.target.count("create") != 1 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
}

func TestAnotherOrdersCounterpartIsNotCancelledWithThisOne(t *testing.T) {
	t.Parallel()
	b := cancelledBench()
	theirs := b.target.put(owned("B-7", "somebody else"))
	field(theirs.ID)(b)
	if got := b.handle(t, known); got.Kind == outcome.Applied || theirs.Status != "OPEN" {
		t.Errorf("%+v, theirs is %s", got, theirs.Status)
	}
	if got, err := b.CancelByID(t.Context(), orderID, theirs.ID); err != nil || got.Kind == outcome.Applied || theirs.Status != "OPEN" {
		t.Errorf("%+v, %v, theirs is %s", got, err, theirs.Status)
	}
}

func TestOfTwoLivingOrdersTheOneThatNobodyBeganWithIsCancelled(t *testing.T) {
	t.Parallel()
	refused := failing(remote.Rejected, false)
	for name, test := range map[string]struct {
		cancels []error // what becomes of the cancellations
		kept    string
		alive   int
		kind    outcome.Kind
	}{
		"nobody began with either":   {nil, "ord-1", 1, outcome.Applied},
		"the second one is begun":    {[]error{refused, refused}, "ord-2", 1, outcome.Applied},
		"both are being worked with": {[]error{refused, refused, refused, refused}, "ord-1", 2, outcome.Refused},
	} {
		for _, byReconcile := range []bool{false, true} {
			b := newBench()
			doubles := b.told()
			b.target.doubles = true
			b.handle(t, known) // ord-1
			second := b.target.put(owned("A-1001", orderID))
			first := b.target.orders[0]
			b.target.cancels = test.cancels
			if test.kept == "ord-2" { // refused and seen again at that version
				b.target.cancels = []error{refused}
			} else if test.cancels != nil {
				b.target.cancels = []error{refused, refused}
			}
			var result outcome.Result
			var err error
			if byReconcile {
				twin, twinErr := b.FindTwin(t.Context(), commercetools.Snapshot{ID: orderID, OrderNumber: "A-1001"}, first.Order)
				if twinErr != nil || twin.ID != second.ID {
					t.Fatalf("%s: twin %+v, %v", name, twin, twinErr)
				}
				result, err = b.ResolveTwin(t.Context(), orderID, first.Order, twin)
			} else {
				_, result, err = b.Recognise(t.Context(), orderID, second.ID, "")
			}
			if err != nil || result.Kind != test.kind || !strings.Contains(result.Reason, "ord-1") || !strings.Contains(result.Reason, "ord-2") {
				t.Errorf("%s: %+v, %v", name, result, err)
			}
			if _, kept := b.linked(t); kept != test.kept || len(b.target.alive()) != test.alive {
				t.Errorf("%s: linked to %s, alive %v", name, kept, b.target.alive())
			}
			if len(*doubles) != 1 || (*doubles)[0].Kept != test.kept || (*doubles)[0].Cancelled != (test.alive == 1) {
				t.Errorf("%s: told %+v", name, *doubles)
			}
		}
	}
}

func TestAMissingOrderIsLookedAtTwice(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, known)
	b.source.err = failing(remote.NotFound, false)
	hint := export.Hint{OrderNumber: "A-1001", Deleted: true}
	if _, err := b.Handle(t.Context(), orderID, hint); !remote.Is(err, remote.Transient) || len(b.target.alive()) != 1 {
		t.Errorf("at the first look: %v, alive %v", err, b.target.alive())
	}
	b.source.err = nil // it was a mistake of the platform
	b.clock.advance(lag)
	b.handle(t, known)
	b.source.err = failing(remote.NotFound, false)
	b.clock.advance(lag)
	if _, err := b.CancelMissing(t.Context(), orderID, "ord-1"); !remote.Is(err, remote.Transient) || len(b.target.alive()) != 1 {
		t.Errorf("the first look was forgotten, and this is the first again: %v, alive %v", err, b.target.alive())
	}
	if got := b.repeated(t, hint); got.Kind != outcome.Applied || len(b.target.alive()) != 0 {
		t.Errorf("missing for certain: %+v", got)
	}
}
