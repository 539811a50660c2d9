package feedback_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// fault is what goes wrong with one API call.
type fault int

const (
	fine        fault = iota
	unavailable       // 503, nothing was done
	lost              // it was done, but the answer never came
	overtaken         // somebody changed the order just before
)

// faults are dealt one a call, and then no more.
type faults struct {
	mu   sync.Mutex
	next []fault
}

func (f *faults) take() fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.next) == 0 {
		return fine
	}
	dealt := f.next[0]
	f.next = f.next[1:]
	return dealt
}

func failing(kind remote.Kind, ambiguous bool) error {
	return &remote.Error{Platform: "test", Operation: "call", Kind: kind, Ambiguous: ambiguous}
}

// fulfilment is fulfillmenttools.
type fulfilment struct {
	mu     sync.Mutex
	orders map[string]fulfillmenttools.Order
	picks  map[string]fulfillmenttools.Job
	hands  map[string]fulfillmenttools.Job
	units  map[string]fulfillmenttools.LoadUnits
	// parcels as they are now; nil: none can be read.
	parcels map[string]fulfillmenttools.Payload
	// processes by id; nil: none can be read.
	processes map[string]fulfillmenttools.Process
	// unlisted are jobs that the process does not name yet.
	unlisted []string
	faults   *faults
	calls    []string
}

func (f *fulfilment) call(what string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, what)
	if f.faults.take() == unavailable {
		return failing(remote.Transient, false)
	}
	return nil
}

func get[V any](f *fulfilment, what string, from map[string]V, id string) (V, error) {
	var none V
	if err := f.call(what); err != nil {
		return none, err
	}
	found, ok := from[id]
	if !ok {
		return none, failing(remote.NotFound, false)
	}
	return found, nil
}

// have makes the jobs of events what they are now.
func (f *fulfilment) have(events ...fulfillmenttools.Event) {
	for _, e := range events {
		job := e.Payload.Job
		switch {
		case strings.HasPrefix(e.Name, "PICK_JOB"):
			f.picks[job.ID] = job
		case strings.HasPrefix(e.Name, "HANDOVERJOB"):
			if e.Name == "HANDOVERJOB_HANDED_OVER" {
				job.Status = "HANDED_OVER"
			}
			f.hands[job.ID] = job
		}
	}
}

func (f *fulfilment) Order(_ context.Context, id string) (fulfillmenttools.Order, error) {
	return get(f, "order", f.orders, id)
}

func (f *fulfilment) ProcessOfOrder(_ context.Context, orderID string) (process fulfillmenttools.Process, err error) {
	if err := f.call("process"); err != nil {
		return process, err
	}
	return f.processOf(orderID), nil
}

func (f *fulfilment) processOf(orderID string) (process fulfillmenttools.Process) {
	process.OrderRef = orderID
	for _, id := range slices.Sorted(maps.Keys(f.picks)) {
		if f.picks[id].OrderRef == orderID && !slices.Contains(f.unlisted, id) {
			process.PickJobRefs = append(process.PickJobRefs, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.hands)) {
		if slices.Contains(process.PickJobRefs, f.hands[id].PickJobRef) && !slices.Contains(f.unlisted, id) {
			process.HandoverJobRefs = append(process.HandoverJobRefs, id)
		}
	}
	return process
}

func (f *fulfilment) PickJob(_ context.Context, id string) (fulfillmenttools.Job, error) {
	return get(f, "pick job", f.picks, id)
}

func (f *fulfilment) HandoverJob(_ context.Context, id string) (fulfillmenttools.Job, error) {
	return get(f, "handover job", f.hands, id)
}

func (f *fulfilment) LoadUnits(_ context.Context, pickJobID string) (fulfillmenttools.LoadUnits, error) {
	err := f.call("load units")
	if err != nil {
		return fulfillmenttools.LoadUnits{}, err
	}
	return f.units[pickJobID], nil
}

func (f *fulfilment) Process(_ context.Context, id string) (fulfillmenttools.Process, error) {
	process, err := get(f, "process", f.processes, id)
	if err != nil {
		return process, err
	}
	named := f.processOf(process.OrderRef)
	process.PickJobRefs, process.HandoverJobRefs = named.PickJobRefs, named.HandoverJobRefs
	return process, nil
}

func (f *fulfilment) Parcel(_ context.Context, id string) (fulfillmenttools.Payload, error) {
	return get(f, "parcel", f.parcels, id)
}

// schemas knows the types as they were when it was last asked to forget them.
type schemas struct {
	mu      sync.Mutex
	own     feedback.Schema
	parcel  feedback.Schema
	missing bool // our own type is not installed
	known   map[string]feedback.Schema
	orders  *orders
	forgot  []string
}

func (s *schemas) OwnType(context.Context) (feedback.Schema, error) {
	if s.missing {
		return feedback.Schema{}, failing(remote.Blocked, false)
	}
	return s.own, nil
}

func (s *schemas) TypeByID(_ context.Context, id string) (feedback.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[id]; ok {
		return known, nil
	}
	for _, schema := range s.orders.types {
		if schema.TypeID == id {
			return schema, nil
		}
	}
	return feedback.Schema{}, failing(remote.NotFound, false)
}

func (s *schemas) ForgetType(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, id)
	s.forgot = append(s.forgot, id)
}

func (s *schemas) ParcelType(context.Context) (feedback.Schema, error) { return s.parcel, nil }

func (s *schemas) StateID(_ context.Context, key string) (string, error) { return stateID(key), nil }

// counterparts is the export.
type counterparts struct {
	mu        sync.Mutex
	linked    []string
	cancelled []string
	known     string          // the counterpart that it knows
	strangers map[string]bool // fulfillmenttools orders of others
	err       error
}

func (c *counterparts) CounterpartID(context.Context, string) (string, error) { return c.known, nil }

func (c *counterparts) Recognise(_ context.Context, orderID, fftOrderID, _ string) (bool, outcome.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.linked = append(c.linked, orderID+" "+fftOrderID)
	if c.strangers[fftOrderID] {
		return false, outcome.Result{Kind: outcome.Ignored, Order: orderID, Reason: "not of this order"}, c.err
	}
	return true, outcome.Result{}, c.err
}

func (c *counterparts) CancelMissing(ctx context.Context, orderID, fftOrderID string) (outcome.Result, error) {
	return c.CancelByID(ctx, orderID, fftOrderID)
}

// believing takes every entity for one of our order, but those that it knows better.
type believing map[string]feedback.Origin

func (b believing) Origin(_ context.Context, _, id string) (feedback.Origin, error) {
	if origin, ok := b[id]; ok {
		return origin, nil
	}
	return feedback.Origin{OrderID: orderID}, nil
}

func (c *counterparts) CancelByID(_ context.Context, orderID, fftOrderID string) (outcome.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancelled = append(c.cancelled, fftOrderID)
	return outcome.Result{Kind: outcome.Applied, Order: orderID, Reason: "cancelled in fulfillmenttools"}, nil
}

// bench is an updater between both platforms.
type bench struct {
	*feedback.Updater
	orders       *orders
	fulfilment   *fulfilment
	schemas      *schemas
	counterparts *counterparts
	origins      believing
	options      feedback.Options
	rules        config.FeedbackRules
}

const (
	projectKey = "shop"
	orderID    = "0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10"
)

// newBench has one order, of our type, unless types say otherwise: the first is the
// type that an order gets, the last is the order's.
func newBench(types ...feedback.Schema) *bench {
	if len(types) == 0 {
		types = []feedback.Schema{ownType()}
	}
	f := &faults{}
	order := commercetools.Snapshot{
		ID: orderID, Version: 1, OrderNumber: "A-1", OrderState: "Confirmed", ShipmentState: "Pending",
		TypeID: types[len(types)-1].TypeID, Fields: map[string]any{}, Shipping: []commercetools.Shipping{{}},
		Lines: []commercetools.Line{orderLine("line-1", "SKU-1", 2), orderLine("line-2", "SKU-2", 3)},
	}
	b := &bench{
		orders: &orders{orders: map[string]commercetools.Snapshot{orderID: order}, types: append(types, parcelType()), faults: f},
		fulfilment: &fulfilment{
			orders: map[string]fulfillmenttools.Order{}, picks: map[string]fulfillmenttools.Job{},
			hands: map[string]fulfillmenttools.Job{}, units: map[string]fulfillmenttools.LoadUnits{}, faults: f,
		},
		counterparts: &counterparts{}, origins: believing{},
	}
	b.schemas = &schemas{own: types[0], parcel: parcelType(), orders: b.orders, known: map[string]feedback.Schema{}}
	b.options = feedback.Options{
		ProjectKey: projectKey, Orders: b.orders, Fulfilment: b.fulfilment, Schemas: b.schemas, Counterparts: b.counterparts, Origins: b.origins,
		Rules: func(context.Context) (config.FeedbackRules, error) { return b.rules, nil },
		Now:   func() time.Time { return tuesday.AddDate(1, 0, 0) },
	}
	b.Updater = feedback.New(b.options)
	return b
}

func orderLine(id, sku string, quantity int) commercetools.Line {
	line := commercetools.Line{ID: id, Quantity: quantity, States: []commercetools.LineState{lineState("initial", quantity)}}
	line.Variant.SKU = sku
	return line
}

// ownType is the type that install makes.
func ownType() feedback.Schema {
	fields := feedback.Documented.AllNames()
	for _, field := range feedback.OptionalFields(config.FeedbackRules{}) {
		fields = append(fields, field.Name)
	}
	own := schemaWith(fields...)
	own.TypeID, own.Key = "type-own", "fft-order"
	return own
}

// plainType has the documented fields only.
func plainType() feedback.Schema { return schemaWith(feedback.Documented.AllNames()...) }

// replica is another updater between the same platforms.
func (b *bench) replica() *feedback.Updater { return feedback.New(b.options) }

func (b *bench) handle(t testing.TB, events ...fulfillmenttools.Event) (last outcome.Result) {
	t.Helper()
	for _, event := range events {
		result, err := b.Handle(t.Context(), event)
		if err != nil {
			t.Fatalf("%s: %v", event.Name, err)
		}
		last = result
	}
	return last
}
