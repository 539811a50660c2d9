package shadow

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// maxCopies bounds the copies that are kept, about 1 KB each.
const maxCopies = 20_000

// Orders is feedback.Orders whose updates go to a copy of the order. In the copy
// everything is as it really is, but what a connector writes, its custom fields and the
// states, is as it would be if we alone wrote it. A copy begins as the order was when we
// first had to do with it.
type Orders struct {
	feedback.Orders
	now func() time.Time

	mu     sync.Mutex
	copies *simplelru.LRU[string, *orderCopy]
}

// orderCopy is what a copy has of its own.
type orderCopy struct {
	fields   map[string]any
	shipment string
	order    string          // order state; empty: as it really is
	wrote    map[string]bool // fields that we set
	others   map[string]bool // actions that the copy does not carry out, by name
	cancels  string          // fulfillmenttools order that we would cancel
	writes   int
	changed  time.Time
}

// NewOrders has no copies yet.
func NewOrders(orders feedback.Orders, now func() time.Time) *Orders {
	copies, err := simplelru.NewLRU[string, *orderCopy](maxCopies, nil)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &Orders{Orders: orders, now: now, copies: copies}
}

// Snapshot implements feedback.Orders.
func (o *Orders) Snapshot(ctx context.Context, id string) (commercetools.Snapshot, error) {
	order, err := o.Orders.Snapshot(ctx, id)
	if err != nil {
		return order, err
	}
	return o.withCopy(order), nil
}

// SnapshotByNumber implements feedback.Orders.
func (o *Orders) SnapshotByNumber(ctx context.Context, number string) (commercetools.Snapshot, error) {
	order, err := o.Orders.SnapshotByNumber(ctx, number)
	if err != nil {
		return order, err
	}
	return o.withCopy(order), nil
}

// UpdateOrder implements feedback.Orders: it changes the copy.
func (o *Orders) UpdateOrder(ctx context.Context, from commercetools.Snapshot, actions []platform.OrderUpdateAction) (commercetools.Snapshot, error) {
	order, err := o.Snapshot(ctx, from.ID)
	if err != nil {
		return order, err
	}
	o.mu.Lock()
	c := o.copyOrCreate(order)
	if versionOf(order.Version>>writeBits, c.writes) != from.Version {
		o.mu.Unlock()
		return order, &remote.Error{
			Platform: commercetools.Platform, Operation: "update order", Kind: remote.Conflict, Message: "the order has another version",
		}
	}
	before := c.orderState()
	for _, action := range actions {
		if err := c.apply(action); err != nil {
			o.mu.Unlock()
			return order, err
		}
	}
	c.writes++
	// An action that the copy does not carry out comes with every event.
	if c.orderState() != before {
		c.changed = o.now()
	}
	o.mu.Unlock()
	order.Version >>= writeBits
	return o.withCopy(order), nil
}

// writeBits hold the number of our own writes in a copy's version.
const writeBits = 16

func versionOf(version, writes int) int { return version<<writeBits + writes }

// withCopy is the order with what the copy has of its own.
func (o *Orders) withCopy(order commercetools.Snapshot) commercetools.Snapshot {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.copyOrCreate(order)
	fields := maps.Clone(order.Fields)
	maps.DeleteFunc(fields, func(name string, _ any) bool { return isConnectorField(name) })
	if fields == nil {
		fields = map[string]any{}
	}
	maps.Copy(fields, c.fields)
	order.Fields, order.ShipmentState, order.Version = fields, c.shipment, versionOf(order.Version, c.writes)
	if c.order != "" {
		order.OrderState = c.order
	}
	return order
}

func (o *Orders) copyOrCreate(order commercetools.Snapshot) *orderCopy {
	if c, ok := o.copies.Get(order.ID); ok {
		return c
	}
	c := &orderCopy{fields: connectorFields(order), shipment: order.ShipmentState, wrote: map[string]bool{}, others: map[string]bool{}}
	o.copies.Add(order.ID, c)
	return c
}

// isConnectorField reports a custom field that only connectors write.
func isConnectorField(field string) bool { return strings.HasPrefix(field, "fft_") }

func connectorFields(order commercetools.Snapshot) map[string]any {
	fields := map[string]any{}
	for name, value := range order.Fields {
		if isConnectorField(name) {
			fields[name] = value
		}
	}
	return fields
}

// apply carries out the actions that set fields and states, and remembers the others.
func (c *orderCopy) apply(action platform.OrderUpdateAction) error {
	text, err := json.Marshal(action)
	if err != nil {
		return fmt.Errorf("action on an order: %w", err)
	}
	var a struct {
		Action, Name, ShipmentState, OrderState string
		Value                                   any
		Fields                                  map[string]any
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return fmt.Errorf("action on an order: %w", err)
	}
	switch a.Action {
	case "setCustomType":
		for name, value := range a.Fields {
			c.set(name, value)
		}
	case "setCustomField":
		c.set(a.Name, a.Value)
	case "changeShipmentState":
		c.shipment = a.ShipmentState
		c.wrote["shipmentState"] = true
	case "changeOrderState":
		c.order = a.OrderState
		c.wrote["orderState"] = true
	default:
		c.others[a.Action] = true
	}
	return nil
}

// orderState is everything that updates change, to compare.
func (c *orderCopy) orderState() string {
	return fmt.Sprint(c.fields, c.shipment, c.order, c.others)
}

func (c *orderCopy) set(name string, value any) {
	c.wrote[name] = true
	if value == nil {
		delete(c.fields, name)
		return
	}
	c.fields[name] = value
}

// CounterpartID implements feedback.Counterparts: nobody claims anything.
func (o *Orders) CounterpartID(context.Context, string) (string, error) { return "", nil }

// Recognise implements feedback.Counterparts: what another connector created is not ours
// to judge, and nothing is written on the strength of it.
func (o *Orders) Recognise(context.Context, string, string, string) (bool, outcome.Result, error) {
	return true, outcome.Result{}, nil
}

// CancelMissing implements feedback.Counterparts.
func (o *Orders) CancelMissing(ctx context.Context, orderID, fftOrderID string) (outcome.Result, error) {
	return o.CancelByID(ctx, orderID, fftOrderID)
}

// CancelByID implements feedback.Counterparts.
func (o *Orders) CancelByID(_ context.Context, orderID, fftOrderID string) (outcome.Result, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c, ok := o.copies.Get(orderID); ok {
		c.cancels = fftOrderID
	}
	return outcome.Result{Order: orderID, Kind: outcome.Applied, Reason: "cancelled in fulfillmenttools"}, nil
}

// changedAt is when the copy last changed; zero when there is none.
func (o *Orders) changedAt(orderID string) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c, ok := o.copies.Get(orderID); ok {
		return c.changed
	}
	return time.Time{}
}

// compareWithReal compares the copy with the order as it really is, and says what we wrote. The
// fulfillmenttools order that we would cancel is for the caller to look at.
func (o *Orders) compareWithReal(order commercetools.Snapshot) (wrote []string, differences []Difference, cancels string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.copyOrCreate(order)
	ours, theirs := onlyDocumented(c.fields), onlyDocumented(connectorFields(order))
	names := map[string]bool{}
	for _, side := range []map[string]any{ours, theirs} {
		for name := range side {
			names[name] = true
		}
	}
	for _, name := range sortedNames(names) {
		if !sameValue(ours[name], theirs[name]) {
			differences = append(differences, fieldDifference(name, ours[name], theirs[name]))
		}
	}
	if c.shipment != order.ShipmentState {
		differences = append(differences, fieldDifference("shipmentState", c.shipment, order.ShipmentState))
	}
	if c.order != "" && c.order != order.OrderState {
		differences = append(differences, fieldDifference("orderState", c.order, order.OrderState))
	}
	for _, name := range sortedNames(c.others) {
		differences = append(differences, Difference{Field: name, Kind: OnlyOurs})
	}
	return slices.Concat(sortedNames(c.wrote), sortedNames(c.others)), differences, c.cancels
}

// formerNames are fields that the existing connector names otherwise than documented.
var formerNames = map[string]string{"fft_shortid": "fft_short_id", "fft_handover_job_id": "fft_handoverjob_id"}

// onlyDocumented gives the fields that connectors name differently one name.
func onlyDocumented(fields map[string]any) map[string]any {
	renamed := map[string]any{}
	for name, value := range fields {
		if other, ok := formerNames[name]; ok {
			name = other
		}
		renamed[name] = value
	}
	return renamed
}

// sameValue compares what texts hold when both hold JSON.
func sameValue(ours, theirs any) bool {
	if isEqual(ours, theirs) {
		return true
	}
	left, ok := ours.(string)
	right, ok2 := theirs.(string)
	var a, b any
	return ok && ok2 && json.Unmarshal([]byte(left), &a) == nil && json.Unmarshal([]byte(right), &b) == nil && isEqual(a, b)
}

func fieldDifference(name string, ours, theirs any) Difference {
	d := Difference{Field: name, Kind: Differs}
	switch {
	case isEmpty(ours):
		d.Kind = OnlyTheirs
	case isEmpty(theirs):
		d.Kind = OnlyOurs
	}
	if !strings.Contains(name, "parcel") && !strings.Contains(name, "track") {
		d.Detail = describeBoth(d.Kind, ours, theirs)
	}
	return d
}
