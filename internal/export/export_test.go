package export_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

func TestAConfirmedOrderIsCreatedInThreeCalls(t *testing.T) {
	t.Parallel()
	for name, hint := range map[string]export.Hint{
		"known to be confirmed": {OrderNumber: "A-1001", Confirmed: true}, "told nothing": known,
	} {
		b := newBench()
		if got := b.handle(t, hint); got.Kind != outcome.Applied || got.Order != orderID || len(got.Notes) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
		same(t, name+": calls", []string{"look up", "create"}, b.target.calls)
		if b.source.reads != 1 {
			t.Errorf("%s: read %d times", name, b.source.reads)
		}
		same(t, "name", "A-1001", b.target.orders[0].TenantOrderID)
		same(t, "seen", []string{orderID}, []string{b.seen[0].ID})
	}
}

func TestAnExportedOrderIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, known)
	if got := b.handle(t, export.Hint{OrderNumber: "A-1001", Confirmed: true}); got.Kind != outcome.Unchanged {
		t.Errorf("again: %+v", got)
	}
	same(t, "calls after the claim", []string{"look up", "create"}, b.target.calls)

	b = newBench()
	b.source.edit(func(o object) {
		o["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"fft_order_id": "ord-9"}}
	})
	if got := b.handle(t, known); got.Kind != outcome.Unchanged || len(b.target.calls) != 0 {
		t.Errorf("by its field: %+v after %v", got, b.target.calls)
	}
}

func TestOnlyConfirmedAndCancelledOrdersLeadAnywhere(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]export.Verdict{
		"Open": export.Leave, "Confirmed": export.Create, "Complete": export.Leave, "Cancelled": export.Cancel, "": export.Leave,
	} {
		order := commercetools.Snapshot{ID: orderID, OrderState: state}
		same(t, state, want, verdict(t, order))
		order.Fields = map[string]any{"fft_order_id": "ord-1"}
		if want == export.Create {
			want = export.Exported
		}
		same(t, state+", with the field", want, verdict(t, order))
	}
	b := newBench()
	b.state("Open")
	if got := b.handle(t, known); got.Kind != outcome.Ignored || got.Reason != "order state is Open" || len(b.target.calls) != 0 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
}

func TestAnOrderThatDoesNotExistIsIgnored(t *testing.T) {
	t.Parallel()
	b := newBench()
	delete(b.source.orders, orderID)
	if got := b.handle(t, known); got.Kind != outcome.Ignored || len(b.target.calls) != 0 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
}

func TestAfterARestartTheOrderIsFoundByItsName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		there fulfillmenttools.Order
		hint  export.Hint
		calls []string
	}{
		"by number":                             {owned("A-1001", orderID), known, []string{"look up", "read"}},
		"by number, looked up while being read": {owned("A-1001", orderID), export.Hint{OrderNumber: "A-1001", Confirmed: true}, []string{"look up", "read"}},
		"by id, since it had no number then":    {owned(orderID, orderID), export.Hint{}, []string{"look up", "look up", "read"}},
		"cancelled there, which is not our doing": {fulfillmenttools.Order{
			TenantOrderID: "A-1001", Status: "CANCELLED", CustomAttributes: map[string]any{"commercetoolsId": orderID},
		}, known, []string{"look up", "read"}},
	} {
		b := newBench()
		there := b.target.put(test.there)
		if got := b.handle(t, test.hint); got.Kind != outcome.Unchanged || got.Reason != "found in fulfillmenttools" {
			t.Errorf("%s: %+v", name, got)
		}
		same(t, name, test.calls, b.target.calls)
		names, counterpart := b.linked(t)
		same(t, name+": counterpart", there.ID, counterpart)
		if !slices.Contains(names, test.there.TenantOrderID) {
			t.Errorf("%s: names %v", name, names)
		}
	}
}

func TestANumberThatIsSetLaterDoesNotChangeTheName(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.doubles = true
	b.source.edit(func(o object) { delete(o, "orderNumber") })
	b.target.creates = []creation{{err: failing(remote.Transient, true)}}
	if _, err := b.Handle(t.Context(), orderID, export.Hint{}); !remote.Is(err, remote.Transient) {
		t.Fatal(err)
	}
	b.source.edit(func(o object) { o["orderNumber"] = "A-1001" })
	b.repeated(t, known)
	same(t, "orders", []string{"ord-1"}, b.target.alive())
	same(t, "name", orderID, b.target.orders[0].TenantOrderID)
}

func TestAnotherOwnersOrderOfTheSameName(t *testing.T) {
	t.Parallel()
	withStatus := func(status string) fulfillmenttools.Order {
		order := owned("A-1001", "somebody else")
		order.Status = status
		return order
	}
	for status, blocks := range map[string]bool{"OPEN": true, "LOCKED": true, "PROMISED": true, "CANCELLED": false, "OBSOLETE": false} {
		for _, confirmed := range []bool{true, false} {
			b := newBench()
			b.target.put(withStatus(status))
			_, err := b.Handle(t.Context(), orderID, export.Hint{OrderNumber: "A-1001", Confirmed: confirmed})
			if blocks && (!remote.Is(err, remote.Rejected) || !strings.Contains(err.Error(), "ord-1") || remote.HintOf(err) == "") {
				t.Errorf("%s: %v, hint %q", status, err, remote.HintOf(err))
			}
			if (err != nil) != blocks || b.target.count("create") > 0 == blocks {
				t.Errorf("%s: %v after %v", status, err, b.target.calls)
			}
		}
	}
	b := newBench()
	b.target.doubles = true
	b.target.put(withStatus("OPEN"))
	b.target.put(owned("A-1001", orderID))
	if got := b.handle(t, known); got.Reason != "found in fulfillmenttools" {
		t.Errorf("ours behind another's: %+v", got)
	}
}

func TestARowThatIsGoneWhenItIsReadIsNoOrder(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.options.Target = ghostly{b.target}
	b.Exporter = export.New(b.options)
	if got := b.handle(t, known); got.Kind != outcome.Applied {
		t.Errorf("%+v", got)
	}
}

// ghostly lists an order that no longer exists.
type ghostly struct{ *target }

func (ghostly) OrdersByTenantOrderID(context.Context, string) ([]fulfillmenttools.Order, error) {
	return []fulfillmenttools.Order{{ID: "ghost", Version: 1, Status: "OPEN"}}, nil
}

func TestARefusedCreateIsLookedIntoBeforeItIsGivenUp(t *testing.T) {
	t.Parallel()
	refused := failing(remote.Rejected, false)
	for name, test := range map[string]struct {
		there  string // owner of an order of the same name that the list shows only now
		broken error  // of the look-up
		want   remote.Kind
		found  bool
	}{
		"it is ours":                 {there: orderID, found: true},
		"it is another's":            {there: "somebody else", want: remote.Rejected},
		"there is none":              {want: remote.Rejected},
		"nobody can say at the time": {broken: failing(remote.Transient, false), want: remote.Transient},
	} {
		b := newBench()
		b.target.creates = []creation{{err: refused}}
		b.options.Target = &lateList{target: b.target, show: func() {
			if test.there != "" {
				b.target.put(owned("A-1001", test.there))
			}
			b.target.listErr = test.broken
		}}
		b.Exporter = export.New(b.options)
		got, err := b.Handle(t.Context(), orderID, known)
		if test.found != (err == nil && got.Reason == "found in fulfillmenttools") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if !test.found && !remote.Is(err, test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
		if hinted := remote.HintOf(err) != ""; hinted != (test.there == "somebody else") {
			t.Errorf("%s: hint %q", name, remote.HintOf(err))
		}
	}
}

// lateList changes what the list shows when an order was created, or not.
type lateList struct {
	*target
	show func()
}

func (l *lateList) CreateOrder(ctx context.Context, order fulfillmenttools.OrderForCreation) (fulfillmenttools.Order, error) {
	created, err := l.target.CreateOrder(ctx, order)
	l.show()
	return created, err
}

func TestACreateThatCertainlyFailedIsRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.creates = []creation{{err: failing(remote.Transient, false)}}
	if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) {
		t.Fatal(err)
	}
	if got := b.handle(t, known); got.Kind != outcome.Applied {
		t.Errorf("%+v", got)
	}
}

func TestWhatWasCreatedIsRecordedEvenWhenTheSenderHungUp(t *testing.T) {
	t.Parallel()
	b := newBench()
	ctx, hangUp := context.WithCancel(t.Context())
	b.target.onCreate = hangUp
	if _, err := b.Handle(ctx, orderID, known); err != nil {
		t.Fatal(err)
	}
	if names, counterpart := b.linked(t); counterpart != "ord-1" || !slices.Equal(names, []string{"A-1001"}) {
		t.Errorf("names %v, counterpart %q", names, counterpart)
	}
}

func TestAnUnmappableOrderMakesNoCreateCall(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.source.edit(func(o object) { part(o, "shippingAddress")["city"] = "" })
	_, err := b.Handle(t.Context(), orderID, known)
	var unmappable *export.Unmappable
	if !errors.As(err, &unmappable) || len(b.target.calls) != 0 || !strings.Contains(err.Error(), orderID) {
		t.Errorf("%v after %v", err, b.target.calls)
	}
}

func TestNotesGoIntoTheResult(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.source.edit(func(o object) { delete(o, "shippingInfo") })
	noted(t, b.handle(t, known).Notes, "the order has no shipping method")
}

func TestAFailureOnTheWayIsLeftToTheSender(t *testing.T) {
	t.Parallel()
	broken := failing(remote.Transient, false)
	for name, change := range map[string]func(*bench){
		"commercetools":              func(b *bench) { b.source.err = broken },
		"the shop's configuration":   func(b *bench) { b.shop.err = broken },
		"the list":                   func(b *bench) { b.target.listErr = broken },
		"the claim":                  func(b *bench) { b.store.read = broken },
		"the claim, when cancelling": func(b *bench) { b.state("Cancelled"); b.store.read = broken },
		"the claim before the call":  func(b *bench) { b.store.open = broken },
	} {
		b := newBench()
		change(b)
		b.Exporter = export.New(b.options)
		if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) || b.target.count("create") != 0 {
			t.Errorf("%s: %v after %v", name, err, b.target.calls)
		}
	}
}

func TestARefusalThatCannotBeRecordedShowsBoth(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.creates = []creation{{err: failing(remote.Rejected, false)}}
	full := errors.New("disk full")
	b.store.settle = full
	if _, err := b.Handle(t.Context(), orderID, known); !errors.Is(err, full) || !remote.Is(err, remote.Rejected) {
		t.Errorf("%v", err)
	}
}

func TestOptionsHaveDefaults(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.source.err = failing(remote.NotFound, false)
	b.Exporter = export.New(export.Options{Source: b.source, Target: b.target, Shop: b.shop, Claims: claim.New(claim.NewMemory(lag, nil), lag, nil)})
	synctest.Test(t, func(t *testing.T) {
		deleted := export.Hint{Deleted: true}
		for _, want := range []time.Duration{11 * time.Second, 10 * time.Second} {
			if _, err := b.Handle(t.Context(), orderID, deleted); remote.WaitOf(err) != want {
				t.Errorf("waits %v for the lists, want %v by the clock on the wall", remote.WaitOf(err), want)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestALinkThatCannotBeRecordedIsFoundAgain(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.target.doubles = true
	b.store.settle = failing(remote.Transient, false)
	if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) {
		t.Fatal(err)
	}
	b.store.settle = nil
	if got := b.repeated(t, known); got.Reason != "found in fulfillmenttools" || b.target.count("create") != 1 {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
}

// verdict is the one without any rules.
func verdict(t *testing.T, order commercetools.Snapshot) export.Verdict {
	t.Helper()
	decision, err := export.DecideByTrigger(order, config.Trigger{})
	if err != nil {
		t.Fatal(err)
	}
	return decision.Verdict
}
