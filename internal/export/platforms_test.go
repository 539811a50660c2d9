package export_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// lag is how long the lists of fulfillmenttools may lag behind.
const lag = 10 * time.Second

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func failing(kind remote.Kind, ambiguous bool) error {
	return &remote.Error{Platform: "test", Operation: "call", Kind: kind, Ambiguous: ambiguous}
}

// source is commercetools.
type source struct {
	mu     sync.Mutex
	orders map[string]object
	reads  int
	err    error
}

func (s *source) Order(_ context.Context, id string) (commercetools.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.err != nil {
		return commercetools.Order{}, s.err
	}
	order, ok := s.orders[id]
	if !ok {
		return commercetools.Order{}, failing(remote.NotFound, false)
	}
	text, err := json.Marshal(order)
	if err != nil {
		return commercetools.Order{}, err
	}
	return commercetools.DecodeOrder(text)
}

func (s *source) edit(change func(order object)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.orders[orderID])
}

// creation is what becomes of a create call.
type creation struct {
	takes time.Duration // until the caller has its answer or gives up
	after time.Duration // until the order exists; less than takes
	err   error         // what the caller is told
	made  bool          // whether the order is made although the caller is told an error
}

// target is fulfillmenttools: an order that was created is in the lists only after a
// while, and its name is refused to others while it lives.
type target struct {
	clock    *clock
	mu       sync.Mutex
	orders   []*made
	creates  []creation // what becomes of the next create calls; afterwards all is well
	lookUp   time.Duration
	doubles  bool // a second living order of the same name is allowed
	tooLate  bool // fulfilment has begun: the normal cancellation is refused
	hopeless bool // the forced one too
	cancels  []error
	unlocks  []error
	onCancel func() // called before each cancellation; may be nil
	onUnlock func() // likewise
	onCreate func() // called when an order was created; may be nil
	listErr  error  // of every look-up
	calls    []string
}

type made struct {
	fulfillmenttools.Order
	listed time.Time
}

func (g *target) count(call string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, made := range g.calls {
		if made == call {
			n++
		}
	}
	return n
}

func (g *target) note(call string) {
	g.calls = append(g.calls, call)
}

// put makes an order that has been there for long.
func (g *target) put(order fulfillmenttools.Order) *made {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.add(order, g.clock.Now().Add(-time.Hour))
}

func (g *target) add(order fulfillmenttools.Order, listed time.Time) *made {
	if order.ID == "" {
		order.ID = fmt.Sprintf("ord-%d", len(g.orders)+1)
	}
	order.Version = 1
	if order.Status == "" {
		order.Status = "OPEN"
	}
	g.orders = append(g.orders, &made{order, listed})
	return g.orders[len(g.orders)-1]
}

// owned is an order of ours or of another.
func owned(name, owner string) fulfillmenttools.Order {
	return fulfillmenttools.Order{TenantOrderID: name, CustomAttributes: map[string]any{"commercetoolsId": owner}}
}

func (g *target) alive() (ids []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, o := range g.orders {
		if o.Status != fulfillmenttools.OrderCancelled && o.CustomAttributes["commercetoolsId"] == orderID {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

func (g *target) CreateOrder(_ context.Context, order fulfillmenttools.OrderForCreation) (fulfillmenttools.Order, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note("create")
	var becomes creation
	if len(g.creates) > 0 {
		becomes, g.creates = g.creates[0], g.creates[1:]
	}
	exists := g.clock.Now().Add(becomes.after)
	g.clock.advance(becomes.takes)
	taken := slices.ContainsFunc(g.orders, func(o *made) bool { return o.TenantOrderID == order.TenantOrderID && o.Status == "OPEN" })
	switch {
	case becomes.err != nil && !becomes.made:
		return fulfillmenttools.Order{}, becomes.err
	case taken && !g.doubles:
		return fulfillmenttools.Order{}, failing(remote.Rejected, false)
	}
	created := g.add(fulfillmenttools.Order{TenantOrderID: order.TenantOrderID, Status: order.Status, CustomAttributes: order.CustomAttributes}, exists.Add(lag))
	if g.onCreate != nil {
		g.onCreate()
	}
	return created.Order, becomes.err
}

func (g *target) Order(_ context.Context, id string) (fulfillmenttools.Order, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note("read")
	if o := g.find(id); o != nil {
		return o.Order, nil
	}
	return fulfillmenttools.Order{}, failing(remote.NotFound, false)
}

func (g *target) find(id string) *made {
	i := slices.IndexFunc(g.orders, func(o *made) bool { return o.ID == id })
	if i < 0 {
		return nil
	}
	return g.orders[i]
}

func (g *target) OrdersByTenantOrderID(_ context.Context, name string) ([]fulfillmenttools.Order, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note("look up")
	if g.listErr != nil {
		return nil, g.listErr
	}
	var rows []fulfillmenttools.Order
	for _, o := range g.orders {
		if o.TenantOrderID == name && !o.listed.After(g.clock.Now()) {
			rows = append(rows, fulfillmenttools.Order{ID: o.ID, Version: o.Version, Status: o.Status})
		}
	}
	g.clock.advance(g.lookUp)
	return rows, nil
}

func (g *target) CancelOrder(_ context.Context, id string, version int, force bool) (fulfillmenttools.Order, error) {
	if g.onCancel != nil {
		g.onCancel()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note(map[bool]string{false: "cancel", true: "force cancel"}[force])
	var told error
	if len(g.cancels) > 0 {
		told, g.cancels = g.cancels[0], g.cancels[1:]
	}
	o := g.find(id)
	switch {
	case told != nil && !remote.IsAmbiguous(told):
		return fulfillmenttools.Order{}, told
	case o == nil:
		return fulfillmenttools.Order{}, failing(remote.NotFound, false)
	case o.Status == fulfillmenttools.OrderCancelled || g.hopeless || g.tooLate && !force:
		return fulfillmenttools.Order{}, failing(remote.Rejected, false)
	case o.Version != version:
		return fulfillmenttools.Order{}, failing(remote.Conflict, false)
	}
	o.Status, o.Version = fulfillmenttools.OrderCancelled, o.Version+1
	return o.Order, told
}

func (g *target) UnlockOrder(_ context.Context, id string, version int) (fulfillmenttools.Order, error) {
	if g.onUnlock != nil {
		g.onUnlock()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note("unlock")
	var told error
	if len(g.unlocks) > 0 {
		told, g.unlocks = g.unlocks[0], g.unlocks[1:]
	}
	o := g.find(id)
	switch {
	case told != nil && !remote.IsAmbiguous(told):
		return fulfillmenttools.Order{}, told
	case o == nil:
		return fulfillmenttools.Order{}, failing(remote.NotFound, false)
	case o.Status != fulfillmenttools.OrderLocked:
		return fulfillmenttools.Order{}, failing(remote.Rejected, false)
	case o.Version != version:
		return fulfillmenttools.Order{}, failing(remote.Conflict, false)
	}
	o.Status, o.Version = "OPEN", o.Version+1
	return o.Order, told
}

// shopkeeper knows an invented shop.
type shopkeeper struct {
	rules config.ExportRules
	err   error
}

func (s *shopkeeper) Configuration(context.Context) (config.Shop, error) {
	shop := shopConfig()
	shop.Export = s.rules
	return shop, s.err
}

func (s *shopkeeper) Surroundings(context.Context, commercetools.Order, config.Shop) (export.Surroundings, error) {
	return surroundings(), nil
}

// bench is an exporter between both platforms; commercetools has one confirmed order.
type bench struct {
	*export.Exporter
	source  *source
	target  *target
	clock   *clock
	shop    *shopkeeper
	store   *store
	seen    []commercetools.Snapshot
	options export.Options
}

func newBench() *bench {
	c := &clock{now: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}
	b := &bench{
		source: &source{orders: map[string]object{orderID: baseOrder()}},
		target: &target{clock: c}, clock: c, shop: &shopkeeper{}, store: newStore(c, false),
	}
	b.options = export.Options{
		Source: b.source, Target: b.target, Shop: b.shop, Claims: b.store.claims(), ListLag: lag, Now: c.Now,
		Seen: func(order commercetools.Snapshot) { b.seen = append(b.seen, order) },
	}
	b.Exporter = export.New(b.options)
	b.source.edit(func(order object) { order["createdAt"] = "2026-11-02T07:00:00.000Z" })
	return b
}

// restart forgets what the process knew.
func (b *bench) restart() {
	b.store = newStore(b.clock, true)
	b.options.Claims = b.store.claims()
	b.Exporter = export.New(b.options)
}

// store keeps claims in memory. It fails when it is told to, and when the caller has gone.
type store struct {
	*claim.Memory
	clock                       *clock
	read, open, attempt, settle error
	opening                     func() // called before a claim is opened; may be nil
}

// newStore is of a process that began long before all orders, or just now.
func newStore(c *clock, young bool) *store {
	began := c.Now()
	if !young {
		began = began.AddDate(-10, 0, 0)
	}
	starting := true
	s := &store{clock: c, Memory: claim.NewMemory(lag, func() time.Time {
		if starting {
			return began
		}
		return c.Now()
	})}
	starting = false
	return s
}

func (s *store) claims() *claim.Claims { return claim.New(s, lag, s.clock.Now) }

func (s *store) OpenClaim(ctx context.Context, order claim.Order, first claim.State) (claim.State, bool, error) {
	if s.opening != nil {
		s.opening()
	}
	if s.open != nil {
		return claim.State{}, false, s.open
	}
	return s.Memory.OpenClaim(ctx, order, first)
}

func (s *store) ReadClaim(ctx context.Context, orderID string) (claim.State, error) {
	record, err := s.Memory.ReadClaim(ctx, orderID)
	return record, cmp.Or(s.read, err)
}

func (s *store) RecallClaim(ctx context.Context, orderID string) (claim.State, error) {
	return s.ReadClaim(ctx, orderID)
}

func (s *store) BeginAttempt(ctx context.Context, orderID string, record claim.State) (int64, error) {
	if s.attempt != nil {
		return 0, s.attempt
	}
	return s.Memory.BeginAttempt(ctx, orderID, record)
}

func (s *store) UpdateClaim(ctx context.Context, orderID string, record claim.State) error {
	if err := cmp.Or(s.settle, ctx.Err()); err != nil {
		return err
	}
	return s.Memory.UpdateClaim(ctx, orderID, record)
}

// linked is what is kept of the order: its names and its counterpart.
func (b *bench) linked(t *testing.T) (names []string, counterpart string) {
	t.Helper()
	record, err := b.options.Claims.Recall(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	return record.Names, record.FFTOrderID
}

func (b *bench) handle(t *testing.T, hint export.Hint) outcome.Result {
	t.Helper()
	if hint.Deleted {
		return b.repeated(t, hint) // it is looked at twice
	}
	result, err := b.Handle(t.Context(), orderID, hint)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// repeated delivers a message as its sender does, until it is taken.
func (b *bench) repeated(t *testing.T, hint export.Hint) outcome.Result {
	t.Helper()
	var errs []error
	for range 20 {
		result, err := b.Handle(t.Context(), orderID, hint)
		if err == nil {
			return result
		}
		errs = append(errs, err)
		b.clock.advance(max(remote.WaitOf(err), time.Second))
	}
	t.Fatal(errors.Join(errs...))
	return outcome.Result{}
}

func (b *bench) state(state string) { b.source.edit(func(o object) { o["orderState"] = state }) }

var known = export.Hint{OrderNumber: "A-1001"}
