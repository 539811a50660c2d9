package export_test

import (
	"encoding/json"
	"testing"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/rules"
)

// renamed is a bench whose shop prefixes the names of its orders.
func renamed(t *testing.T) *bench {
	b := newBench()
	b.shop.rules.TenantOrderID = rule(t, `"DE-" + order.orderNumber`, rules.Text)
	return b
}

func TestAnOrderIsExportedUnderItsConfiguredName(t *testing.T) {
	t.Parallel()
	b := renamed(t)
	b.target.put(owned("A-1001", "an order of another shop with this number"))
	if got := b.handle(t, export.Hint{OrderNumber: "A-1001", Confirmed: true}); got.Kind != outcome.Applied {
		t.Fatalf("%+v after %v", got, b.target.calls)
	}
	same(t, "name", "DE-A-1001", b.target.orders[1].TenantOrderID)
	names, _ := b.linked(t)
	same(t, "claimed names", []string{"DE-A-1001"}, names)
}

func TestAConfiguredNameCostsOneLookUpMore(t *testing.T) {
	t.Parallel()
	for _, hint := range []export.Hint{known, {OrderNumber: "A-1001", Confirmed: true}} {
		b := renamed(t)
		b.handle(t, hint)
		same(t, "calls", []string{"look up", "look up", "create"}, b.target.calls)
	}
}

func TestAnEmptyNameIsTheUsualOne(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.shop.rules.TenantOrderID = rule(t, `order.custom.fields.name`, rules.Text)
	b.handle(t, known)
	same(t, "name", "A-1001", b.target.orders[0].TenantOrderID)
}

func TestAnOrderFromBeforeTheNameWasConfiguredIsFound(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"DE-A-1001", "A-1001", orderID} {
		b := renamed(t)
		b.target.doubles = true
		b.target.put(owned(name, orderID))
		if got := b.handle(t, export.Hint{}); got.Reason != "found in fulfillmenttools" {
			t.Errorf("%s: %+v after %v", name, got, b.target.calls)
		}
		found, err := b.FindCounterpart(t.Context(), decoded(t, baseOrder()).Snapshot)
		if err != nil || found.ID != "ord-1" {
			t.Errorf("%s, by the claim: %+v, %v", name, found, err)
		}
		b.restart()
		if found, err = b.FindCounterpart(t.Context(), decoded(t, baseOrder()).Snapshot); err != nil || found.ID != "ord-1" {
			t.Errorf("%s, by name: %+v, %v", name, found, err)
		}
		b.state("Cancelled")
		if got := b.handle(t, export.Hint{}); got.Reason != "cancelled in fulfillmenttools" {
			t.Errorf("%s, cancelled: %+v", name, got)
		}
	}
}

func TestACreateWithoutAnAnswerIsFoundByItsConfiguredName(t *testing.T) {
	t.Parallel()
	for _, restarted := range []bool{false, true} {
		b := renamed(t)
		b.target.doubles = true
		b.target.creates = []creation{unanswered(true)}
		if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Transient) {
			t.Fatal(err)
		}
		if restarted {
			b.restart()
			b.clock.advance(time.Minute)
		}
		if got := b.repeated(t, known); got.Reason != "found in fulfillmenttools" || len(b.target.alive()) != 1 {
			t.Errorf("restarted %v: %+v, %v", restarted, got, b.target.alive())
		}
	}
}

func TestANameThatIsChosenStaysWhenTheOrderChanges(t *testing.T) {
	t.Parallel()
	b := renamed(t)
	b.target.doubles = true
	b.source.edit(func(o object) { delete(o, "orderNumber") })
	b.target.creates = []creation{{err: failing(remote.Transient, true)}}
	if _, err := b.Handle(t.Context(), orderID, export.Hint{}); !remote.Is(err, remote.Transient) {
		t.Fatal(err)
	}
	b.source.edit(func(o object) { o["orderNumber"] = "A-1001" })
	b.repeated(t, known)
	same(t, "name", "DE-", b.target.orders[0].TenantOrderID)
}

func TestADeletedOrderIsFoundByItsConfiguredName(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(baseOrder())
	if err != nil {
		t.Fatal(err)
	}
	b := renamed(t)
	there := b.target.put(owned("DE-A-1001", orderID))
	delete(b.source.orders, orderID)
	if got := b.handle(t, export.Hint{Deleted: true, OrderNumber: "A-1001", Last: string(text)}); got.Reason != "cancelled in fulfillmenttools" {
		t.Errorf("%+v after %v", got, b.target.calls)
	}
	same(t, "status", "CANCELLED", there.Status)
}

func TestAMessageOfADeletedOrderCannotNameAnothersCounterpart(t *testing.T) {
	t.Parallel()
	forged := baseOrder()
	forged["custom"] = exportedAs("ord-1")
	text, err := json.Marshal(forged)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []*bench{newBench(), renamed(t)} {
		there := b.target.put(owned("B-7", "an order of somebody else"))
		delete(b.source.orders, orderID)
		if got := b.handle(t, export.Hint{Deleted: true, Last: string(text)}); got.Kind != outcome.Unchanged || there.Status != "OPEN" {
			t.Errorf("%+v, %s", got, there.Status)
		}
		if got := b.handle(t, export.Hint{Deleted: true, Last: `{"id":`}); got.Kind != outcome.Unchanged {
			t.Errorf("unreadable: %+v", got)
		}
	}
}

func TestANameThatCannotBeToldHidesNoCancellation(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.shop.rules.TenantOrderID = rule(t, `order.custom.fields.list[3]`, rules.Text)
	b.source.edit(func(o object) {
		o["custom"] = object{"type": object{"typeId": "type", "id": "t"}, "fields": object{"list": []any{"a"}}}
	})
	if _, err := b.Handle(t.Context(), orderID, known); err == nil || remote.HintOf(err) == "" || b.target.count("create") > 0 {
		t.Errorf("confirmed: %v after %v", err, b.target.calls)
	}
	b.state("Cancelled")
	if _, err := b.Handle(t.Context(), orderID, known); !remote.Is(err, remote.Rejected) {
		t.Errorf("cancelled: %v", err)
	}
	b.shop.rules.When = truth(t, "false")
	if got := b.handle(t, known); got.Kind != outcome.Unchanged {
		t.Errorf("cancelled, and left out: %+v", got)
	}
}
