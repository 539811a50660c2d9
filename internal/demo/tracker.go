package demo

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/world"
)

// stage is how far an order is.
type stage int

const (
	placed stage = iota
	exported
	assigned // its pick job is known in commercetools
	picked
	ready
	partly // a part of it is handed over
	shipped
	delivered
	cancelled
	stopped // it cannot go on
	stages
)

var stageNames = [stages]string{
	"placed in commercetools", "created in fulfillmenttools", "pick job assigned", "picked",
	"ready for handover", "a part handed over: Partial", "handed over: Shipped", "tracked: Delivered",
	"cancelled on both sides", "needs attention",
}

// span is a step whose latency is measured.
type span string

// spans are shown in the order of an order's life.
var spans = []span{
	"confirmed → order in fulfillmenttools",
	fulfillmenttools.OrderCreatedEvent, fulfillmenttools.PickJobCreatedEvent, fulfillmenttools.PickJobPickingFinishedEvent,
	fulfillmenttools.HandoverJobCreatedEvent, fulfillmenttools.HandoverJobHandedOverEvent, lastDelivered,
}

// lastDelivered begins when the carrier reports the last parcel of an order as
// delivered.
const lastDelivered span = "last parcel delivered"

// trackedOrder is one order.
type trackedOrder struct {
	id       string
	number   string
	fate     catalogue.Fate
	traits   []string
	stage    stage
	since    map[span]time.Time // when a step began
	problems []outcome.Entry
	record   bool // it carries a record of its jobs, and so becomes Delivered
}

// tracker follows every order by what the platforms show, not by what the
// connector says of itself.
type tracker struct {
	mu        sync.Mutex
	orders    map[string]*trackedOrder
	sequence  []*trackedOrder
	owner     map[string]string // fulfillmenttools order to commercetools order
	latencies map[span][]time.Duration
	reached   [stages]int
	last      time.Time
	deferred  int
}

func newTracker(w *world.World) *tracker {
	t := &tracker{orders: map[string]*trackedOrder{}, owner: map[string]string{}, latencies: map[span][]time.Duration{}, last: time.Now()}
	w.FFT.OnEvent(t.event)
	w.CT.OnChange(t.change)
	return t
}

// place places an order and begins to follow it.
func (t *tracker) place(w *world.World, order catalogue.Placed) {
	id, _ := order.Draft["id"].(string)
	number, _ := order.Draft["orderNumber"].(string)
	t.mu.Lock()
	mine := &trackedOrder{
		id: id, number: number, fate: order.Fate, traits: order.Traits,
		since: map[span]time.Time{spans[0]: time.Now()},
	}
	t.orders[id] = mine
	t.sequence = append(t.sequence, mine)
	t.reached[placed]++
	t.last = time.Now()
	t.mu.Unlock()
	w.Place(order)
}

// event is told of everything that fulfillmenttools announces.
func (t *tracker) event(name, orderID string, body []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = time.Now()
	if name == fulfillmenttools.OrderCreatedEvent {
		if event, err := fulfillmenttools.DecodeEvent(body); err == nil {
			t.owner[orderID] = event.Payload.OrderID
		}
	}
	order := t.orders[t.owner[orderID]]
	if order == nil {
		return
	}
	if _, known := order.since[span(name)]; !known {
		order.since[span(name)] = t.last
	}
	switch name {
	case fulfillmenttools.OrderCreatedEvent:
		t.noteLatency(order, spans[0])
		t.moveTo(order, exported)
	case "ORDER_CANCELLED", "ORDER_FORCE_CANCELLED":
		t.moveTo(order, cancelled)
	case fulfillmenttools.ParcelTrackedEvent:
		if bytes.Contains(body, []byte(`"trackingStatus":"delivered"`)) {
			order.since[lastDelivered] = t.last
		}
	}
}

// change is told of every change of a commercetools order.
func (t *tracker) change(orderID string, now ctsim.Revision) {
	t.mu.Lock()
	defer t.mu.Unlock()
	order := t.orders[orderID]
	if order == nil || now.ClientID == ctsim.ForeignClientID {
		return
	}
	t.last = time.Now()
	has := func(field string) bool { _, ok := now.CustomFields[field]; return ok }
	order.record = has(feedback.RecordField)
	if has("fft_order_id") {
		t.noteLatency(order, fulfillmenttools.OrderCreatedEvent)
	}
	if has("fft_pickjob_id") {
		t.noteLatency(order, fulfillmenttools.PickJobCreatedEvent)
		t.moveTo(order, assigned)
	}
	if has("fft_load_units_amount") {
		t.noteLatency(order, fulfillmenttools.PickJobPickingFinishedEvent)
		t.moveTo(order, picked)
	}
	switch now.ShipmentState {
	case "Ready":
		t.noteLatency(order, fulfillmenttools.HandoverJobCreatedEvent)
		t.moveTo(order, ready)
	case "Partial":
		t.noteLatency(order, fulfillmenttools.HandoverJobHandedOverEvent)
		t.moveTo(order, partly)
	case "Shipped":
		t.noteLatency(order, fulfillmenttools.HandoverJobHandedOverEvent)
		t.moveTo(order, shipped)
	case "Delivered":
		t.noteLatency(order, fulfillmenttools.HandoverJobHandedOverEvent)
		t.noteLatency(order, lastDelivered)
		t.moveTo(order, delivered)
	}
}

// handled is told how the connector ended each message.
func (t *tracker) handled(entry outcome.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = time.Now()
	if entry.Kind == outcome.Deferred || entry.Kind == outcome.Returned {
		t.deferred++
	}
	order := t.orders[entry.Order]
	if order == nil {
		return
	}
	if entry.Kind.NeedsAttention() {
		order.problems = append(order.problems, entry)
		t.moveTo(order, stopped)
	}
	if order.fate == catalogue.FateCancelled && entry.Kind == outcome.Unchanged && entry.Reason == "never exported, nothing to cancel" {
		t.moveTo(order, cancelled)
	}
}

// noteLatency closes a span the first time it is seen to have ended.
func (t *tracker) noteLatency(order *trackedOrder, s span) {
	began, ok := order.since[s]
	if !ok || began.IsZero() {
		return
	}
	t.latencies[s] = append(t.latencies[s], time.Since(began))
	order.since[s] = time.Time{}
}

// moveTo moves an order forward; orders skip stages that their type has no field for.
// Only what is split goes out in parts.
func (t *tracker) moveTo(order *trackedOrder, s stage) {
	for order.stage < s {
		if order.stage++; order.stage == s || s <= delivered && order.stage != partly {
			t.reached[order.stage]++
		}
	}
}

// ended reports whether nothing follows: no carrier tracks what is collected.
func (order *trackedOrder) ended() bool {
	tracks := order.fate == catalogue.FateShipped && order.record
	return order.stage > shipped || order.stage == shipped && !tracks
}

func (t *tracker) total() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.sequence)
}

// open is the number of orders that have not ended.
func (t *tracker) open() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, order := range t.sequence {
		if !order.ended() {
			n++
		}
	}
	return n
}

func (t *tracker) latest() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// counts is how many orders have reached each stage.
func (t *tracker) counts() [stages]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reached
}

// percentiles are p50, p95 and p99 of a span.
func (t *tracker) percentiles(s span) (n int, p [3]time.Duration) {
	t.mu.Lock()
	sorted := slices.Sorted(slices.Values(t.latencies[s]))
	t.mu.Unlock()
	if len(sorted) == 0 {
		return 0, p
	}
	for i, q := range []int{50, 95, 99} {
		p[i] = sorted[min(len(sorted)-1, len(sorted)*q/100)]
	}
	return len(sorted), p
}

// MarshalJSON writes a span's latencies in milliseconds.
func (l latency) MarshalJSON() ([]byte, error) {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return json.Marshal(map[string]any{
		"step": l.Step, "count": l.Count, "p50_ms": ms(l.P50), "p95_ms": ms(l.P95), "p99_ms": ms(l.P99),
	})
}
