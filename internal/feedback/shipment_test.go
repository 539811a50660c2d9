package feedback_test

import (
	"slices"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// permutations are all orders in which the events may come.
func permutations(events []fulfillmenttools.Event) [][]fulfillmenttools.Event {
	if len(events) < 2 {
		return [][]fulfillmenttools.Event{events}
	}
	var all [][]fulfillmenttools.Event
	for i := range events {
		rest := slices.Concat(events[:i], events[i+1:])
		for _, tail := range permutations(rest) {
			all = append(all, append([]fulfillmenttools.Event{events[i]}, tail...))
		}
	}
	return all
}

// again is the event of a later version.
func again(e fulfillmenttools.Event, version int) fulfillmenttools.Event {
	e.Payload.Version = version
	return e
}

func ordered(name string) fulfillmenttools.Event { return event(name, "ord-1", nil) }

// nothingPicked is a finished pick job in which nothing was found.
func (p part) nothingPicked() fulfillmenttools.Event {
	e := p.says("PICK_JOB_PICKING_FINISHED")
	e.Payload.PickLineItems = lines(p.first, p.second)
	return e
}

// second is another handover job of the same pick job.
func second(e fulfillmenttools.Event) fulfillmenttools.Event {
	e.Payload.ID += "-b"
	e.Payload.Created = e.Payload.Created.Add(1)
	return e
}

type story struct {
	name   string
	events []fulfillmenttools.Event
	want   string
}

func events(e ...fulfillmenttools.Event) []fulfillmenttools.Event { return e }

var shipments = []story{
	{"ordered", events(ordered("ORDER_CREATED")), "Pending"},
	{"picked", events(allShipped.says("PICK_JOB_CREATED"), allShipped.says("PICK_JOB_PICKING_FINISHED")), "Pending"},
	{"handover job created", events(event("PICK_JOB_CREATED", "pj-1", nil), event("HANDOVERJOB_CREATED", "hj-1", nil)), "Ready"},
	{"handed over", events(event("PICK_JOB_CREATED", "pj-1", nil), event("HANDOVERJOB_CREATED", "hj-1", nil), event("HANDOVERJOB_HANDED_OVER", "hj-1", nil)), "Shipped"},
	{"handed over, and nothing else is heard", events(event("HANDOVERJOB_HANDED_OVER", "hj-1", nil)), "Shipped"},
	{"a split order, the first of two handover jobs", events(allShipped.says("PICK_JOB_CREATED"), right.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED")), "Ready"},
	{"a split order, one of two handed over", events(right.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER")), "Partial"},
	{"a split order, one handed over, one not packed", events(right.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER")), "Partial"},
	{"a split order, both handed over", events(right.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_HANDED_OVER")), "Shipped"},
	{"two parcels of one pick job, one handed over", events(allShipped.hands("HANDOVERJOB_CREATED"), second(allShipped.hands("HANDOVERJOB_CREATED")), allShipped.hands("HANDOVERJOB_HANDED_OVER")), "Partial"},
	{"rerouted, the new job handed over", events(allShipped.says("PICK_JOB_CREATED"), allShipped.says("PICK_JOB_REROUTED"), right.says("PICK_JOB_CREATED"), right.hands("HANDOVERJOB_HANDED_OVER")), "Shipped"},
	{"one part aborted, the other handed over", events(allShipped.says("PICK_JOB_CREATED"), allShipped.says("PICK_JOB_ABORTED"), right.hands("HANDOVERJOB_HANDED_OVER")), "Shipped"},
	{"nothing found in one part, the other handed over", events(allShipped.says("PICK_JOB_CREATED"), allShipped.nothingPicked(), right.hands("HANDOVERJOB_HANDED_OVER")), "Shipped"},
	{"reverted", events(event("HANDOVERJOB_CREATED", "hj-1", nil), event("HANDOVERJOB_HANDED_OVER", "hj-1", nil), event("HANDOVERJOB_REVERTED", "hj-1", nil)), "Ready"},
	{"reverted and handed over again", events(event("HANDOVERJOB_HANDED_OVER", "hj-1", nil), event("HANDOVERJOB_REVERTED", "hj-1", nil), again(event("HANDOVERJOB_HANDED_OVER", "hj-1", nil), 5)), "Shipped"},
	{"one of two reverted", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_REVERTED")), "Partial"},
	{"one of two cancelled, the other open", events(allShipped.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CANCELED")), "Ready"},
	{"one of two cancelled, the other handed over", events(allShipped.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CANCELED"), allShipped.hands("HANDOVERJOB_HANDED_OVER")), "Shipped"},
	{"all cancelled", events(allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_CANCELED"), right.hands("HANDOVERJOB_CANCELED")), "Canceled"},
	{"one cancelled, the other not packed", events(allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_CANCELED"), right.says("PICK_JOB_CREATED")), "Ready"},
	{"the order cancelled before hand-over", events(allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"), ordered("ORDER_CANCELLED")), "Canceled"},
	{"the order cancelled by force after a part was handed over", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_CREATED"), ordered("ORDER_FORCE_CANCELLED")), "Shipped"},
	{"the order expired", events(ordered("ORDER_CREATED"), ordered("ORDER_CANCELLED_BY_EXPIRY")), "Canceled"},
	{"delivered", events(allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"), allShipped.delivered()), "Delivered"},
	{"delivered, and the hand-over is not heard", events(allShipped.hands("HANDOVERJOB_CREATED"), allShipped.delivered()), "Delivered"},
	{"one of two parcels delivered", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_HANDED_OVER"), allShipped.delivered()), "Shipped"},
	{"one of two parcels delivered, the other open", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_CREATED"), allShipped.delivered()), "Partial"},
	{"both parcels delivered", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_HANDED_OVER"), allShipped.delivered(), right.delivered()), "Delivered"},
	{"all that was handed over is delivered, the rest cancelled", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_CANCELED"), allShipped.delivered()), "Delivered"},
	{"a handover job that names no pick job", events(event("PICK_JOB_CREATED", "pj-1", nil), event("HANDOVERJOB_HANDED_OVER", "hj-1", func(p *fulfillmenttools.Payload) { p.PickJobRef = "" })), "Shipped"},
}

func TestTheShipmentStateIsThatOfTheWholeOrderInWhateverOrderEventsCome(t *testing.T) {
	t.Parallel()
	for _, story := range shipments {
		for _, line := range permutations(story.events) {
			b := newBench()
			b.handle(t, line...)
			if got := b.orders.order(orderID).ShipmentState; got != story.want {
				t.Errorf("%s: %s, want %s, after %s", story.name, got, story.want, names(line))
			}
		}
	}
}

func names(events []fulfillmenttools.Event) (all []string) {
	for _, e := range events {
		all = append(all, e.Name+" "+e.Payload.ID)
	}
	return all
}

func TestTheShipmentStatePassesThroughTheStatesInBetween(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		events []fulfillmenttools.Event
		want   []string
	}{
		"the mission's table": {life(), []string{"Ready", "Shipped"}},
		"a split order": {events(
			allShipped.says("PICK_JOB_CREATED"), right.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CREATED"),
			allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_HANDED_OVER"), allShipped.delivered(), right.delivered(),
		), []string{"Ready", "Partial", "Shipped", "Delivered"}},
		"one after the other": {events(
			allShipped.says("PICK_JOB_CREATED"), right.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"),
			allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_HANDED_OVER"),
		), []string{"Ready", "Partial", "Shipped"}},
		"reverted": {events(
			allShipped.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_HANDED_OVER"),
			right.hands("HANDOVERJOB_REVERTED"), allShipped.hands("HANDOVERJOB_REVERTED"),
		), []string{"Ready", "Partial", "Shipped", "Partial", "Ready"}},
		"a parcel that nobody knew of": {events(
			event("HANDOVERJOB_CREATED", "hj-0", nil), event("HANDOVERJOB_HANDED_OVER", "hj-0", nil), right.hands("HANDOVERJOB_CREATED"),
		), []string{"Ready", "Shipped", "Partial"}},
	} {
		b := newBench()
		b.handle(t, test.events...)
		var got []string
		for _, move := range b.orders.moves {
			got = append(got, move[1])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestAStateThatSomebodySetStaysUnlessTheNextIsFurther(t *testing.T) {
	t.Parallel()
	ready, shipped := event("HANDOVERJOB_CREATED", "hj-1", nil), event("HANDOVERJOB_HANDED_OVER", "hj-1", nil)
	reverted, cancelled := event("HANDOVERJOB_REVERTED", "hj-1", nil), event("HANDOVERJOB_CANCELED", "hj-1", nil)
	for _, test := range []struct {
		before []fulfillmenttools.Event
		theirs string
		then   fulfillmenttools.Event
		want   string
	}{
		{nil, "", ready, "Ready"},
		{nil, "Backorder", ready, "Ready"},
		{nil, "Delayed", ready, "Delayed"},
		{nil, "Delayed", shipped, "Shipped"},
		{nil, "Partial", ready, "Partial"},
		{nil, "Partial", shipped, "Shipped"},
		{nil, "Shipped", ready, "Shipped"},
		{nil, "Delivered", ready, "Delivered"},
		{nil, "Delivered", shipped, "Delivered"},
		{nil, "Canceled", ready, "Canceled"},
		{nil, "Canceled", shipped, "Canceled"},
		{nil, "LostInSpace", shipped, "LostInSpace"},
		{nil, "Delayed", cancelled, "Canceled"},
		{nil, "Shipped", ordered("ORDER_CANCELLED"), "Shipped"},
		{nil, "Delivered", ordered("ORDER_CANCELLED"), "Delivered"},
		{events(ready), "Delayed", shipped, "Shipped"},
		{events(ready, shipped), "Delivered", reverted, "Delivered"},
		{events(ready, shipped), "LostInSpace", reverted, "LostInSpace"},
		{events(ready, shipped), "Pending", reverted, "Ready"},
		{events(ready), "Shipped", cancelled, "Shipped"},
	} {
		b := newBench()
		b.handle(t, test.before...)
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.ShipmentState = test.theirs })
		b.handle(t, test.then)
		if got := b.orders.order(orderID).ShipmentState; got != test.want {
			t.Errorf("%q and then %s: %q, want %q", test.theirs, test.then.Name, got, test.want)
		}
	}
}

func TestWithoutARecordEachEventMovesTheStateForwardOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		now    string
		events []fulfillmenttools.Event
		want   string
	}{
		{"Pending", events(allShipped.hands("HANDOVERJOB_CREATED")), "Ready"},
		{"Ready", events(event("HANDOVERJOB_HANDED_OVER", "hj-1", nil)), "Shipped"},
		{"Shipped", events(allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_REVERTED")), "Shipped"},
		{"Ready", events(allShipped.hands("HANDOVERJOB_CANCELED")), "Ready"},
		{"Ready", events(ordered("ORDER_CANCELLED")), "Canceled"},
		{"Partial", events(ordered("ORDER_CANCELLED")), "Partial"},
		{"Shipped", events(ordered("ORDER_FORCE_CANCELLED")), "Shipped"},
		{"Shipped", events(allShipped.delivered()), "Shipped"},
	} {
		b := newBench(plainType())
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.ShipmentState = test.now })
		b.handle(t, test.events...)
		if got := b.orders.order(orderID).ShipmentState; got != test.want {
			t.Errorf("%s and then %s: %s, want %s", test.now, names(test.events), got, test.want)
		}
	}
}

func TestSimpleStatesAreThoseOfEachEvent(t *testing.T) {
	t.Parallel()
	for _, test := range []story{
		{"the table", life(), "Shipped"},
		{"one of two is enough", events(allShipped.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER")), "Shipped"},
		{"a later one does not step back", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_CREATED")), "Shipped"},
		{"nothing steps back", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), allShipped.hands("HANDOVERJOB_REVERTED"), allShipped.hands("HANDOVERJOB_CANCELED")), "Shipped"},
		{"delivered is no state of the table", events(allShipped.hands("HANDOVERJOB_HANDED_OVER"), allShipped.delivered()), "Shipped"},
		{"nor is cancelled", events(allShipped.hands("HANDOVERJOB_CREATED"), ordered("ORDER_CANCELLED")), "Ready"},
	} {
		b := newBench()
		b.rules.ShipmentState = config.ShipmentStateSimple
		b.handle(t, test.events...)
		if got := b.orders.order(orderID).ShipmentState; got != test.want || len(b.fulfilment.calls) > 1 {
			t.Errorf("%s: %s, want %s; asked for %v", test.name, got, test.want, b.fulfilment.calls)
		}
	}
}
