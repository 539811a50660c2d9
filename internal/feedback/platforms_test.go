package feedback_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
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

// orders is commercetools: it keeps versions, answers conflicts and refuses fields
// that a type does not define.
type orders struct {
	mu      sync.Mutex
	orders  map[string]commercetools.Snapshot
	types   []feedback.Schema
	faults  *faults
	reads   int
	updates int
	moves   [][2]string // of the shipment state, by updates: from, to
	before  func()      // called before each update, without the lock; may be nil
}

func (o *orders) calls() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.reads + o.updates
}

func (o *orders) Snapshot(_ context.Context, id string) (commercetools.Snapshot, error) {
	return o.read(func(order commercetools.Snapshot) bool { return order.ID == id })
}

func (o *orders) SnapshotByNumber(_ context.Context, number string) (commercetools.Snapshot, error) {
	return o.read(func(order commercetools.Snapshot) bool { return order.OrderNumber == number })
}

func (o *orders) read(match func(commercetools.Snapshot) bool) (commercetools.Snapshot, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reads++
	if o.faults.take() == unavailable {
		return commercetools.Snapshot{}, failing(remote.Transient, false)
	}
	for _, order := range o.orders {
		if match(order) {
			return clone(order), nil
		}
	}
	return commercetools.Snapshot{}, failing(remote.NotFound, false)
}

func clone(order commercetools.Snapshot) commercetools.Snapshot {
	order.Fields = maps.Clone(order.Fields)
	return order
}

func (o *orders) UpdateOrder(_ context.Context, id string, version int, actions []platform.OrderUpdateAction) (commercetools.Snapshot, error) {
	if o.before != nil {
		o.before()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.updates++
	dealt := o.faults.take()
	order, ok := o.orders[id]
	switch {
	case dealt == unavailable:
		return commercetools.Snapshot{}, failing(remote.Transient, true)
	case !ok:
		return commercetools.Snapshot{}, failing(remote.NotFound, false)
	case dealt == overtaken:
		order.Version++
		o.orders[id] = order
	}
	if version != order.Version {
		return commercetools.Snapshot{}, failing(remote.Conflict, false)
	}
	changed := clone(order)
	for _, action := range actions {
		if err := o.apply(&changed, action); err != nil {
			return commercetools.Snapshot{}, err
		}
	}
	changed.Version++
	if changed.ShipmentState != order.ShipmentState {
		o.moves = append(o.moves, [2]string{order.ShipmentState, changed.ShipmentState})
	}
	o.orders[id] = changed
	if dealt == lost {
		return commercetools.Snapshot{}, failing(remote.Transient, true)
	}
	return clone(changed), nil
}

func (o *orders) apply(order *commercetools.Snapshot, action platform.OrderUpdateAction) error {
	switch action := action.(type) {
	case platform.OrderChangeShipmentStateAction:
		order.ShipmentState = string(action.ShipmentState)
		return nil
	case platform.OrderSetCustomTypeAction:
		i := slices.IndexFunc(o.types, func(s feedback.Schema) bool { return s.Key == *action.Type.Key })
		if i < 0 {
			return failing(remote.Rejected, false)
		}
		order.TypeID, order.Fields = o.types[i].TypeID, map[string]any{}
		for name, value := range *action.Fields {
			if err := o.setField(order, name, value); err != nil {
				return err
			}
		}
		return nil
	case platform.OrderSetCustomFieldAction:
		return o.setField(order, action.Name, action.Value)
	default:
		return fmt.Errorf("an action that nobody expects: %T", action)
	}
}

func (o *orders) setField(order *commercetools.Snapshot, name string, value any) error {
	i := slices.IndexFunc(o.types, func(s feedback.Schema) bool { return s.TypeID == order.TypeID })
	if i < 0 || !o.types[i].Fields[name] {
		return failing(remote.Rejected, false)
	}
	if order.Fields == nil {
		order.Fields = map[string]any{}
	}
	order.Fields[name] = value
	return nil
}

// edit is somebody else's change of the order.
func (o *orders) edit(id string, change func(*commercetools.Snapshot)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	order := clone(o.orders[id])
	change(&order)
	order.Version++
	o.orders[id] = order
}

func (o *orders) order(id string) commercetools.Snapshot {
	o.mu.Lock()
	defer o.mu.Unlock()
	return clone(o.orders[id])
}

// fulfilment is fulfillmenttools.
type fulfilment struct {
	mu     sync.Mutex
	orders map[string]fulfillmenttools.Order
	picks  map[string]fulfillmenttools.Job
	hands  map[string]fulfillmenttools.Job
	units  map[string]fulfillmenttools.LoadUnits
	faults *faults
	calls  []string
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

func (f *fulfilment) Order(_ context.Context, id string) (fulfillmenttools.Order, error) {
	return get(f, "order", f.orders, id)
}

func (f *fulfilment) PickJob(_ context.Context, id string) (fulfillmenttools.Job, error) {
	return get(f, "pick job", f.picks, id)
}

func (f *fulfilment) HandoverJob(_ context.Context, id string) (fulfillmenttools.Job, error) {
	return get(f, "handover job", f.hands, id)
}

func (f *fulfilment) PickJobsOfOrder(_ context.Context, orderID string) ([]fulfillmenttools.Job, error) {
	if err := f.call("pick jobs"); err != nil {
		return nil, err
	}
	var found []fulfillmenttools.Job
	for _, id := range slices.Sorted(maps.Keys(f.picks)) {
		if job := f.picks[id]; job.OrderRef == orderID {
			found = append(found, job)
		}
	}
	return found, nil
}

func (f *fulfilment) LoadUnits(_ context.Context, pickJobID string) (fulfillmenttools.LoadUnits, error) {
	err := f.call("load units")
	if err != nil {
		return fulfillmenttools.LoadUnits{}, err
	}
	return f.units[pickJobID], nil
}

// schemas knows the types as they were when it was last asked to forget them.
type schemas struct {
	mu      sync.Mutex
	own     feedback.Schema
	missing bool // our own type is not installed
	known   map[string]feedback.Schema
	orders  *orders
	forgot  []string
}

func (s *schemas) Own(context.Context) (feedback.Schema, error) {
	if s.missing {
		return feedback.Schema{}, failing(remote.Blocked, false)
	}
	return s.own, nil
}

func (s *schemas) ByID(_ context.Context, id string) (feedback.Schema, error) {
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

func (s *schemas) Forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, id)
	s.forgot = append(s.forgot, id)
}

// counterparts is the export.
type counterparts struct {
	mu        sync.Mutex
	linked    []string
	cancelled []string
	err       error
}

func (c *counterparts) Linked(_ context.Context, orderID, tenantOrderID, fftOrderID string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.linked = append(c.linked, orderID+" "+tenantOrderID+" "+fftOrderID)
	return c.err
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
	options      feedback.Options
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
		TypeID: types[len(types)-1].TypeID, Fields: map[string]any{},
	}
	b := &bench{
		orders: &orders{orders: map[string]commercetools.Snapshot{orderID: order}, types: types, faults: f},
		fulfilment: &fulfilment{
			orders: map[string]fulfillmenttools.Order{}, picks: map[string]fulfillmenttools.Job{},
			hands: map[string]fulfillmenttools.Job{}, units: map[string]fulfillmenttools.LoadUnits{}, faults: f,
		},
		counterparts: &counterparts{},
	}
	b.schemas = &schemas{own: types[0], orders: b.orders, known: map[string]feedback.Schema{}}
	b.options = feedback.Options{
		ProjectKey: projectKey, Orders: b.orders, Fulfilment: b.fulfilment, Schemas: b.schemas, Counterparts: b.counterparts,
		Now: func() time.Time { return tuesday.AddDate(1, 0, 0) },
	}
	b.Updater = feedback.New(b.options)
	return b
}

func ownType() feedback.Schema {
	own := schemaWith(feedback.Documented.All()...)
	own.TypeID, own.Key = "type-own", "fft-order"
	return own
}

// replica is another updater between the same platforms.
func (b *bench) replica() *feedback.Updater { return feedback.New(b.options) }

func (b *bench) handle(t *testing.T, event fulfillmenttools.Event) outcome.Result {
	t.Helper()
	result, err := b.Handle(t.Context(), event)
	if err != nil {
		t.Fatalf("%s: %v", event.Name, err)
	}
	return result
}

// event is one about our order; change may be nil.
func event(name, id string, change func(*fulfillmenttools.Payload)) fulfillmenttools.Event {
	payload := fulfillmenttools.Payload{
		ID: id, OrderRef: "ord-1", TenantOrderID: "A-1", Created: monday, OrderID: orderID, ProjectKey: projectKey,
		ShortID: "S-" + id, FacilityRef: "f-" + id,
	}
	if change != nil {
		change(&payload)
	}
	return fulfillmenttools.Event{Name: name, ID: "event-" + id, Payload: payload}
}
