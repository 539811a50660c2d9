package feedback_test

import (
	"maps"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// rank is how far a shipment state is, by the mission's order.
var rank = map[string]int{"": 0, "Pending": 1, "Backorder": 1, "Ready": 2, "Delayed": 2, "Partial": 3, "Shipped": 4, "Delivered": 5, "Canceled": 6}

// shuffled is every event once to three times, in any order.
func shuffled(t *rapid.T, events []fulfillmenttools.Event) []fulfillmenttools.Event {
	var all []fulfillmenttools.Event
	for _, e := range events {
		for range rapid.IntRange(1, 3).Draw(t, "deliveries of "+e.Name) {
			all = append(all, e)
		}
	}
	return rapid.Permutation(all).Draw(t, "order of delivery")
}

// drawBench draws an order of some type.
func drawBench(t *rapid.T) (b *bench, names feedback.Names, inTheEnd feedback.Schema) {
	own, has := drawTypes(t)
	if has.TypeID == "" {
		b = newBench(own)
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.TypeID, o.Fields = "", nil })
		has = own
	} else {
		b = newBench(own, has)
	}
	return b, feedback.NamesAuto.For(has.Fields), has
}

// drawFaults draws what goes wrong with the first calls.
func drawFaults(t *rapid.T) []fault {
	return rapid.SliceOfN(rapid.SampledFrom([]fault{fine, unavailable, lost, overtaken}), 0, 30).Draw(t, "faults")
}

func drawReplicas(t *rapid.T, b *bench) []*feedback.Updater {
	replicas := []*feedback.Updater{b.Updater}
	if rapid.Bool().Draw(t, "two replicas") {
		replicas = append(replicas, b.replica())
	}
	return replicas
}

func (b *bench) agrees(t *rapid.T, h history, names feedback.Names, schema feedback.Schema, state string) {
	order := b.orders.order(orderID)
	got := maps.Clone(order.Fields)
	delete(got, "giftMessage")
	if diff := cmp.Diff(h.fields(names, schema), got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("fields (-want +got):\n%s", diff)
	}
	if order.ShipmentState != state {
		t.Fatalf("shipment state is %q, want %q", order.ShipmentState, state)
	}
	for _, move := range b.orders.moves {
		if rank[move[1]] <= rank[move[0]] {
			t.Fatalf("the shipment state stepped back: %v", b.orders.moves)
		}
	}
}

func (h *history) state() string {
	if h.want.shipment == "" {
		return "Pending"
	}
	return h.want.shipment
}

func TestEventsInTheirOrderLeadToWhatTheySay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := drawHistory(rt)
		b, names, schema := drawBench(rt)
		h.on(b)
		for _, e := range h.events {
			if _, err := b.Handle(t.Context(), e); err != nil {
				rt.Fatalf("%s: %v", e.Name, err)
			}
		}
		b.agrees(rt, h, names, schema, h.state())
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
		h := drawHistory(rt)
		b, names, schema := drawBench(rt)
		h.on(b)
		b.orders.faults.next = drawFaults(rt)
		replicas := drawReplicas(rt, b)
		edits := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "touch", "gift", "confirm"}), 0, 20).Draw(rt, "foreign edits")
		// What cannot be done now comes again at the end of the line.
		line := shuffled(rt, h.events)
		for tries := 0; len(line) > 0; tries++ {
			if tries > 1000 {
				rt.Fatalf("%d events never succeed", len(line))
			}
			if tries < len(edits) && edits[tries] != "" {
				b.orders.edit(orderID, foreignEdits[edits[tries]])
			}
			e := line[0]
			line = line[1:]
			if _, err := replicas[tries%len(replicas)].Handle(t.Context(), e); err != nil {
				line = append(line, e)
			}
		}
		b.agrees(rt, h, names, schema, h.state())
	})
}

func TestAStateThatOthersSetAheadStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := drawHistory(rt)
		b, names, schema := drawBench(rt)
		h.on(b)
		b.orders.faults.next = drawFaults(rt)
		replicas := drawReplicas(rt, b)
		line := shuffled(rt, h.events)
		when := rapid.IntRange(0, len(line)-1).Draw(rt, "when")
		theirs := rapid.SampledFrom([]string{"Backorder", "Delayed", "Partial", "Shipped", "Delivered", "Canceled"}).Draw(rt, "their state")
		for tries := 0; len(line) > 0; tries++ {
			if tries == when {
				b.orders.edit(orderID, func(o *commercetools.Snapshot) {
					if rank[theirs] >= rank[o.ShipmentState] {
						o.ShipmentState = theirs
					}
				})
			}
			e := line[0]
			line = line[1:]
			if _, err := replicas[tries%len(replicas)].Handle(t.Context(), e); err != nil {
				line = append(line, e)
			}
		}
		want := theirs
		if rank[h.state()] > rank[theirs] {
			want = h.state()
		}
		if got := b.orders.order(orderID).ShipmentState; rank[got] == rank[want] {
			want = got // of two that are equally far, whichever came first
		}
		b.agrees(rt, h, names, schema, want)
	})
}

func TestEventsAtTheSameTimeLeadToTheSameOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := drawHistory(rt)
		b, names, schema := drawBench(rt)
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
		b.agrees(rt, h, names, schema, h.state())
	})
}
