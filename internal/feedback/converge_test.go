package feedback_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// on puts the history's jobs, as they are in the end, into a bench's fulfillmenttools.
func (h *history) on(b *bench) {
	for id, job := range h.picks {
		b.fulfilment.picks[id] = *job
	}
	for id, job := range h.hands {
		b.fulfilment.hands[id] = *job
	}
	b.fulfilment.units = h.units
	b.fulfilment.processes = map[string]fulfillmenttools.Process{"pr-1": {ID: "pr-1", OrderRef: "ord-1"}}
	b.fulfilment.unlisted = rapid.SliceOfDistinct(rapid.SampledFrom(append(keys(h.picks), keys(h.hands)...)), rapid.ID).Draw(h.t, "not named yet")
}

// drawBench draws an order with a record, with our type or none yet, or with a type of
// the merchant's own.
func drawBench(t *rapid.T) *bench {
	parcels := ownType()
	parcels.Fields[feedback.ParcelsField] = true
	own, shop := parcels, parcels
	shop.TypeID, shop.Key = "type-1", "shop-order"
	switch rapid.SampledFrom([]string{"none", "ours", "theirs"}).Draw(t, "type") {
	case "none":
		b := newBench(own)
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.TypeID, o.Fields = "", nil })
		return b
	case "theirs":
		shop.Fields["giftMessage"] = true
		return newBench(own, shop)
	default:
		return newBench(own)
	}
}

// shuffled is every event once to three times, in any order.
func shuffled(t *rapid.T, events []fulfillmenttools.Event) []fulfillmenttools.Event {
	var all []fulfillmenttools.Event
	for _, e := range events {
		for range rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "deliveries of "+e.Name) {
			all = append(all, e)
		}
	}
	return rapid.Permutation(all).Draw(t, "order of delivery")
}

// drawFaults draws what goes wrong with the first calls.
func drawFaults(t *rapid.T) []fault {
	return rapid.SliceOfN(rapid.SampledFrom([]fault{fine, unavailable, lost, overtaken}), 0, 30).Draw(t, "faults")
}

func drawReplicas(t *rapid.T, b *bench) []*feedback.Updater {
	replicas := []*feedback.Updater{b.Updater}
	for range rapid.IntRange(0, 2).Draw(t, "further replicas") {
		replicas = append(replicas, b.replica())
	}
	return replicas
}

func (b *bench) agrees(t *rapid.T, want shown) {
	if diff := cmp.Diff(want, shows(b.orders.order(orderID)), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("the order (-want +got):\n%s\nits record: %s", diff, b.orders.order(orderID).TextField(feedback.RecordField))
	}
	if b.orders.rejected > 0 {
		t.Fatalf("commercetools refused %d updates", b.orders.rejected)
	}
}

// deliver handles the events; what cannot be done now comes again at the end of the
// line. Before each attempt it calls between.
func deliver(t *rapid.T, ctx testing.TB, line []fulfillmenttools.Event, replicas []*feedback.Updater, between func(attempt int)) {
	for attempt := 0; len(line) > 0; attempt++ {
		if attempt > 1000 {
			t.Fatalf("%d events never succeed", len(line))
		}
		between(attempt)
		e := line[0]
		line = line[1:]
		if _, err := replicas[attempt%len(replicas)].Handle(ctx.Context(), e); err != nil {
			line = append(line, e)
		}
	}
}

func TestEventsInTheirOrderLeadToWhatTheySay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h, b := drawHistory(rt), drawBench(rt)
		h.on(b)
		for _, e := range h.events {
			if _, err := b.Handle(t.Context(), e); err != nil {
				rt.Fatalf("%s: %v", e.Name, err)
			}
		}
		b.agrees(rt, h.want())
	})
}

// foreignEdits are changes that others make without touching what is ours.
var foreignEdits = map[string]func(*commercetools.Snapshot){
	"touch": func(*commercetools.Snapshot) {},
	"gift": func(o *commercetools.Snapshot) {
		if o.TypeID == "type-1" {
			o.Fields["giftMessage"] = "hello"
		}
	},
	"confirm": func(o *commercetools.Snapshot) { o.OrderState = "Complete" },
}

func TestAnyDeliveryOfTheEventsLeadsToTheSameOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h, b := drawHistory(rt), drawBench(rt)
		h.on(b)
		b.orders.faults.next = drawFaults(rt)
		edits := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "touch", "gift", "confirm"}), 0, 20).Draw(rt, "foreign edits")
		deliver(rt, t, shuffled(rt, h.events), drawReplicas(rt, b), func(attempt int) {
			if attempt < len(edits) && edits[attempt] != "" {
				b.orders.edit(orderID, foreignEdits[edits[attempt]])
			}
		})
		b.agrees(rt, h.want())
	})
}

func TestEventsAtTheSameTimeLeadToTheSameOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h, b := drawHistory(rt), drawBench(rt)
		h.on(b)
		b.orders.faults.next = drawFaults(rt)
		replicas := drawReplicas(rt, b)
		var deliveries sync.WaitGroup
		for i, e := range shuffled(rt, h.events) {
			deliveries.Go(func() {
				for range 1000 {
					if _, err := replicas[i%len(replicas)].Handle(t.Context(), e); err == nil {
						return
					}
				}
				t.Errorf("%s never succeeds", e.Name)
			})
		}
		deliveries.Wait()
		b.agrees(rt, h.want())
	})
}

func TestAStateThatOthersSetAheadStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h, b := drawHistory(rt), drawBench(rt)
		h.on(b)
		theirs := rapid.SampledFrom([]string{"Delivered", "Canceled", "LostInSpace"}).Draw(rt, "their state")
		line := shuffled(rt, h.events)
		when := rapid.IntRange(0, len(line)-1).Draw(rt, "when")
		ours := ""
		deliver(rt, t, line, drawReplicas(rt, b), func(attempt int) {
			if attempt == when {
				b.orders.edit(orderID, func(o *commercetools.Snapshot) { ours, o.ShipmentState = o.ShipmentState, theirs })
			}
		})
		want := h.want()
		if ours != theirs {
			want.Shipment = theirs
		}
		b.agrees(rt, want)
	})
}

func TestCatchingUpLeadsWhereTheEventsWouldHave(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h, b := drawHistory(rt), drawBench(rt)
		h.on(b)
		// What jobs do not tell is told by its event.
		line := slices.DeleteFunc(slices.Clone(h.events), func(e fulfillmenttools.Event) bool {
			alone := e.Payload.ID == "plan-1" || len(e.Payload.ID) > 2 && (e.Payload.ID[:2] == "pa" || e.Payload.ID[:2] == "sh")
			return !alone && rapid.Bool().Draw(rt, "lost "+e.ID)
		})
		deliver(rt, t, shuffled(rt, line), drawReplicas(rt, b), func(int) {})
		facts := feedback.Truth{
			Order:    fulfillmenttools.Order{ID: "ord-1", Created: h.order.Created, Status: h.order.Status, TenantOrderID: "A-1"},
			PickJobs: values(h.picks), HandoverJobs: values(h.hands),
		}.Facts()
		before := b.orders.order(orderID)
		preview, err := b.Preview(t.Context(), before, facts)
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := b.CatchUp(t.Context(), orderID, facts); err != nil {
			rt.Fatal(err)
		}
		if (len(preview.Actions)+len(preview.OptionalActions) > 0) != (b.orders.order(orderID).Version > before.Version) {
			rt.Fatalf("the preview shows %q, the order is %+v", preview.Changed, b.orders.order(orderID))
		}
		b.agrees(rt, h.want())
		again, err := b.Preview(t.Context(), b.orders.order(orderID), facts)
		if err != nil || len(again.Actions)+len(again.OptionalActions) > 0 {
			rt.Fatalf("caught up, the preview shows %q, %v", again.Changed, err)
		}
	})
}

func values(jobs map[string]*fulfillmenttools.Job) (all []fulfillmenttools.Job) {
	for _, id := range keys(jobs) {
		all = append(all, *jobs[id])
	}
	return all
}
