package feedback_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// anonymous is an event that names its order by tenantOrderId alone.
func anonymous(tenantOrderID string) fulfillmenttools.Event {
	return event("HANDOVERJOB_HANDED_OVER", "hj-1", func(p *fulfillmenttools.Payload) {
		p.OrderID, p.ProjectKey, p.TenantOrderID, p.OrderRef = "", "", tenantOrderID, ""
	})
}

func TestAnEventOfAnotherProjectIsIgnoredWithoutACall(t *testing.T) {
	t.Parallel()
	b := newBench()
	for _, name := range fulfillmenttools.Events {
		got := b.handle(t, event(name, "x-1", func(p *fulfillmenttools.Payload) { p.ProjectKey = "outlet" }))
		if got.Kind != outcome.Ignored || b.orders.calls() != 0 || len(b.counterparts.linked) != 0 {
			t.Errorf("%s: %+v after %d calls", name, got, b.orders.calls())
		}
	}
}

func TestAnEventIsTracedByItsAttributesThenByNumberThenByID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		event fulfillmenttools.Event
		reads int
	}{
		"by the inherited attribute":        {event("HANDOVERJOB_HANDED_OVER", "hj-1", nil), 1},
		"by attribute, without the project": {event("HANDOVERJOB_HANDED_OVER", "hj-1", func(p *fulfillmenttools.Payload) { p.ProjectKey = "" }), 1},
		"by order number":                   {anonymous("A-1"), 1},
		"by id":                             {anonymous(orderID), 2},
	} {
		b := newBench()
		if got := b.handle(t, test.event); got.Kind != outcome.Applied || got.Order != orderID {
			t.Errorf("%s: %+v", name, got)
		}
		if b.orders.reads != test.reads || b.orders.updates != 1 {
			t.Errorf("%s: %d reads and %d updates, want %d and 1", name, b.orders.reads, b.orders.updates, test.reads)
		}
	}
}

func TestARoutingPlanIsTracedByItsNameThenByItsOrder(t *testing.T) {
	t.Parallel()
	ours := map[string]any{"commercetoolsId": orderID, "commercetoolsProjectKey": projectKey}
	theirs := map[string]any{"commercetoolsId": orderID, "commercetoolsProjectKey": "outlet"}
	for name, test := range map[string]struct {
		tenantOrderID string
		attributes    map[string]any
		kind          outcome.Kind
		asks          int
	}{
		"by name":                      {"A-1", ours, outcome.Applied, 0},
		"by an order of a longer name": {"SHOP-A-1", ours, outcome.Applied, 1},
		"an order without a project":   {"SHOP-A-1", map[string]any{"commercetoolsId": orderID}, outcome.Applied, 1},
		"an order of another project":  {"SHOP-A-1", theirs, outcome.Ignored, 1},
		"an order of nobody's":         {"SHOP-A-1", nil, outcome.Ignored, 1},
	} {
		b := newBench()
		b.fulfilment.orders["ord-1"] = fulfillmenttools.Order{ID: "ord-1", CustomAttributes: test.attributes}
		plan := event("ROUTING_PLAN_NOT_ROUTABLE", "plan-1", func(p *fulfillmenttools.Payload) {
			p.OrderID, p.ProjectKey, p.TenantOrderID = "", "", test.tenantOrderID
		})
		if got := b.handle(t, plan); got.Kind != test.kind {
			t.Errorf("%s: %+v", name, got)
		}
		if b.handle(t, plan); len(b.fulfilment.calls) != test.asks {
			t.Errorf("%s: asks %v", name, b.fulfilment.calls)
		}
	}
}

// TestReferencesFindTheOrderOfWhatInheritsNothing: handover jobs and parcels need not have
// the order's attributes, and may lack its name too.
func TestReferencesFindTheOrderOfWhatInheritsNothing(t *testing.T) {
	t.Parallel()
	ours := map[string]any{"commercetoolsId": orderID, "commercetoolsProjectKey": projectKey}
	for name, test := range map[string]struct {
		change     func(*fulfillmenttools.Payload)
		attributes map[string]any
		kind       outcome.Kind
		asks       []string
	}{
		"a pick job":                          {func(p *fulfillmenttools.Payload) { p.PickJobRef = "pj-1" }, ours, outcome.Applied, []string{"pick job", "order"}},
		"a pick job, by a name of its own":    {func(p *fulfillmenttools.Payload) { p.PickJobRef, p.TenantOrderID = "pj-1", "SHOP-A-1" }, ours, outcome.Applied, []string{"pick job", "order"}},
		"a process":                           {func(p *fulfillmenttools.Payload) { p.ProcessRef = "pr-1" }, ours, outcome.Applied, []string{"process", "order"}},
		"a process, as handover jobs name it": {func(p *fulfillmenttools.Payload) { p.ProcessID = "pr-1" }, ours, outcome.Applied, []string{"process", "order"}},
		"a pick job that is gone":             {func(p *fulfillmenttools.Payload) { p.PickJobRef, p.ProcessID = "pj-9", "pr-1" }, ours, outcome.Applied, []string{"pick job", "process", "order"}},
		"an order without attributes":         {func(p *fulfillmenttools.Payload) { p.ProcessRef = "pr-1" }, nil, outcome.Applied, []string{"process", "order"}},
		"nothing that is there":               {func(p *fulfillmenttools.Payload) { p.ProcessRef = "pr-9" }, ours, outcome.Ignored, []string{"process"}},
		"attributes of another connector":     {func(p *fulfillmenttools.Payload) { p.ProcessRef, p.CustomAttributes = "pr-1", map[string]any{"a": 1} }, ours, outcome.Ignored, nil},
	} {
		b := newBench()
		b.fulfilment.orders["ord-1"] = fulfillmenttools.Order{ID: "ord-1", TenantOrderID: "A-1", CustomAttributes: test.attributes}
		b.fulfilment.picks["pj-1"] = fulfillmenttools.Job{ID: "pj-1", OrderRef: "ord-1"}
		b.fulfilment.processes = map[string]fulfillmenttools.Process{"pr-1": {ID: "pr-1", OrderRef: "ord-1"}}
		e := anonymous("")
		e.Payload.PickJobRef = ""
		test.change(&e.Payload)
		if got := b.handle(t, e); got.Kind != test.kind || got.Kind == outcome.Applied && got.Order != orderID {
			t.Errorf("%s: %+v", name, got)
		}
		if asked := b.fulfilment.calls[:min(len(b.fulfilment.calls), len(test.asks))]; !slices.Equal(asked, test.asks) {
			t.Errorf("%s: asks %v", name, b.fulfilment.calls)
		}
		before := len(b.fulfilment.calls)
		if b.handle(t, e); len(b.fulfilment.calls) > before {
			t.Errorf("%s: asks again: %v", name, b.fulfilment.calls[before:])
		}
	}
}

func TestAnEventThatNamesNoOrderIsIgnoredWithoutACall(t *testing.T) {
	t.Parallel()
	b := newBench()
	if got := b.handle(t, anonymous("")); got.Kind != outcome.Ignored || b.orders.calls() != 0 {
		t.Errorf("%+v after %d calls", got, b.orders.calls())
	}
}

func TestANameIsRememberedForAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		for range 3 {
			if got := b.handle(t, anonymous("B-2")); got.Kind != outcome.Ignored {
				t.Errorf("%+v", got)
			}
		}
		if b.orders.reads != 1 {
			t.Errorf("a name that is not ours is asked for %d times", b.orders.reads)
		}
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.OrderNumber = "B-2" })
		time.Sleep(time.Minute + time.Second)
		if got := b.handle(t, anonymous("B-2")); got.Kind != outcome.Applied {
			t.Errorf("a minute later: %+v", got)
		}
		b.handle(t, anonymous("B-2"))
		if b.orders.reads != 2 {
			t.Errorf("a name that is ours is asked for again: %d reads", b.orders.reads)
		}
	})
}

func TestAFailedSearchIsNotRememberedAsAMiss(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.orders.faults.next = []fault{unavailable}
	if _, err := b.Handle(t.Context(), anonymous("A-1")); !remote.Is(err, remote.Transient) {
		t.Fatal(err)
	}
	if got := b.handle(t, anonymous("A-1")); got.Kind != outcome.Applied {
		t.Errorf("%+v", got)
	}
}

func TestAnOrderIsRememberedForAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.handle(t, event("HANDOVERJOB_CREATED", "hj-1", nil))
		time.Sleep(59 * time.Minute)
		b.handle(t, event("HANDOVERJOB_HANDED_OVER", "hj-1", nil))
		if b.orders.reads != 1 {
			t.Errorf("%d reads within the hour", b.orders.reads)
		}
		time.Sleep(time.Hour + time.Second)
		b.handle(t, event("PICK_JOB_CREATED", "pj-1", nil))
		if b.orders.reads != 2 {
			t.Errorf("%d reads, want one more after the hour", b.orders.reads)
		}
	})
}

func TestAReadThatLedToNothingIsRememberedToo(t *testing.T) {
	t.Parallel()
	b := newBench(ownType(), schemaWith("giftMessage"))
	b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.ShipmentState, o.Shipping = "Shipped", nil })
	for range 2 {
		b.handle(t, event("HANDOVERJOB_HANDED_OVER", "hj-1", nil))
	}
	if b.orders.calls() != 1 {
		t.Errorf("%d calls", b.orders.calls())
	}
}

func TestAnOlderReadDoesNotReplaceANewerOne(t *testing.T) {
	t.Parallel()
	b := newBench()
	old := b.orders.order(orderID)
	b.orders.edit(orderID, func(*commercetools.Snapshot) {})
	b.Seen(b.orders.order(orderID))
	b.Seen(old)
	b.handle(t, event("HANDOVERJOB_CREATED", "hj-1", nil))
	if b.orders.updates != 1 {
		t.Errorf("%d updates: the first came from the old version", b.orders.updates)
	}
}

// TestAnOrderIsNamedByAnIDOnly: anything else would be another address of commercetools.
func TestAnOrderIsNamedByAnIDOnly(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"order-number=A-1", "..", "../products/x", "a/b?c=d", "A-1", orderID + "/..", strings.Repeat("0", 36)} {
		b := newBench()
		for _, event := range []fulfillmenttools.Event{
			event("PICK_JOB_CREATED", "pj-1", func(p *fulfillmenttools.Payload) { p.OrderID = name }),
			event("HANDOVERJOB_CREATED", "hj-1", func(p *fulfillmenttools.Payload) { p.OrderID, p.ProjectKey = name, "" }),
		} {
			if got := b.handle(t, event); got.Kind != outcome.Ignored || b.orders.calls()+len(b.fulfilment.calls) != 0 {
				t.Errorf("%s of %s: %+v after %d calls", event.Name, name, got, b.orders.calls())
			}
		}
		// What fulfillmenttools' own order says may have been written by anybody as well.
		b.fulfilment.orders["ord-1"] = fulfillmenttools.Order{ID: "ord-1", CustomAttributes: map[string]any{"commercetoolsId": name}}
		plan := event("ROUTING_PLAN_NOT_ROUTABLE", "plan-1", func(p *fulfillmenttools.Payload) {
			p.OrderID, p.ProjectKey, p.TenantOrderID = "", "", "SHOP-A-1"
		})
		if got := b.handle(t, plan); got.Kind != outcome.Ignored || b.orders.updates != 0 {
			t.Errorf("an order that names %s: %+v", name, got)
		}
	}
}
