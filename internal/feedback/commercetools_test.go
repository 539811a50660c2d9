package feedback_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/feedback"
	"fftconnect/internal/remote"
)

// orders is commercetools: it keeps versions, answers conflicts and refuses what an
// order or its type has no place for.
type orders struct {
	mu       sync.Mutex
	orders   map[string]commercetools.Snapshot
	types    []feedback.Schema
	refuses  []string // keys of workflow states that no transition leads to, and fields of another kind
	faults   *faults
	reads    int
	updates  int
	rejected int
	moves    [][2]string                       // of the shipment state, by updates: from, to
	refuse   func(commercetools.Snapshot) bool // refuses what an order would become; may be nil
	before   func()                            // called before each update, without the lock; may be nil
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
	order.ReturnKeys = slices.Clone(order.ReturnKeys)
	order.Lines = slices.Clone(order.Lines)
	for i := range order.Lines {
		order.Lines[i].States = slices.Clone(order.Lines[i].States)
	}
	order.Shipping = slices.Clone(order.Shipping)
	for i := range order.Shipping {
		order.Shipping[i].Deliveries = slices.Clone(order.Shipping[i].Deliveries)
		for j := range order.Shipping[i].Deliveries {
			delivery := &order.Shipping[i].Deliveries[j]
			delivery.Items, delivery.Parcels = slices.Clone(delivery.Items), slices.Clone(delivery.Parcels)
		}
	}
	return order
}

func (o *orders) UpdateOrder(_ context.Context, from commercetools.Snapshot, actions []platform.OrderUpdateAction) (commercetools.Snapshot, error) {
	if o.before != nil {
		o.before()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.updates++
	dealt := o.faults.take()
	order, ok := o.orders[from.ID]
	switch {
	case dealt == unavailable:
		return commercetools.Snapshot{}, failing(remote.Transient, true)
	case !ok:
		return commercetools.Snapshot{}, failing(remote.NotFound, false)
	case dealt == overtaken:
		order.Version++
		o.orders[from.ID] = order
	}
	if from.Version != order.Version {
		return commercetools.Snapshot{}, failing(remote.Conflict, false)
	}
	if len(actions) > 500 {
		o.rejected++
		return commercetools.Snapshot{}, fmt.Errorf("%d actions: %w", len(actions), errInvalid)
	}
	changed := clone(order)
	for _, action := range actions {
		if err := o.apply(&changed, action); err != nil {
			o.rejected++
			return commercetools.Snapshot{}, fmt.Errorf("%T: %w", action, err)
		}
	}
	if o.refuse != nil && o.refuse(changed) {
		o.rejected++
		return commercetools.Snapshot{}, errInvalid
	}
	changed.Version++
	if changed.ShipmentState != order.ShipmentState {
		o.moves = append(o.moves, [2]string{order.ShipmentState, changed.ShipmentState})
	}
	o.orders[from.ID] = changed
	if dealt == lost {
		return commercetools.Snapshot{}, failing(remote.Transient, true)
	}
	return clone(changed), nil
}

// reference names a type or a state.
type reference struct{ ID, Key string }

// wireAction is any action as it goes over the wire.
type wireAction struct {
	Action, Name, ShipmentState, OrderState string
	Value                                   any
	Type, State, FromState, ToState         reference
	Fields                                  map[string]any
	DeliveryKey, ParcelKey, ShippingKey     string
	Items                                   json.RawMessage
	Parcels                                 []map[string]any
	TrackingData, Measurements, Custom      any
	LineItemID, CustomLineItemID            string
	Quantity                                int
}

var errInvalid = failing(remote.Rejected, false)

func (o *orders) apply(order *commercetools.Snapshot, sent platform.OrderUpdateAction) error {
	var action wireAction
	text, err := json.Marshal(sent)
	if err != nil || json.Unmarshal(text, &action) != nil {
		return fmt.Errorf("%T does not go over the wire", sent)
	}
	switch action.Action {
	case "changeShipmentState":
		order.ShipmentState = action.ShipmentState
	case "changeOrderState":
		order.OrderState = action.OrderState
	case "transitionState":
		return o.reach(action.State.Key)
	case "setCustomType":
		i := slices.IndexFunc(o.types, func(s feedback.Schema) bool { return s.Key == action.Type.Key })
		if i < 0 {
			return errInvalid
		}
		order.TypeID, order.Fields = o.types[i].TypeID, map[string]any{}
		for name, value := range action.Fields {
			if err := o.setField(order, name, value); err != nil {
				return err
			}
		}
	case "setCustomField":
		return o.setField(order, action.Name, action.Value)
	case "transitionLineItemState":
		return o.transitionLine(order, action)
	case "addReturnInfo":
		return addReturns(order, action.Items)
	default:
		return o.applyToDeliveries(order, action)
	}
	return nil
}

func (o *orders) reach(state string) error {
	if slices.Contains(o.refuses, state) {
		return errInvalid
	}
	return nil
}

func (o *orders) defines(typeID, field string) bool {
	return slices.ContainsFunc(o.types, func(s feedback.Schema) bool { return s.TypeID == typeID && s.Fields[field] })
}

func (o *orders) setField(order *commercetools.Snapshot, name string, value any) error {
	_, there := order.Fields[name]
	switch {
	case !o.defines(order.TypeID, name), value == nil && !there, slices.Contains(o.refuses, name):
		return errInvalid
	case value == nil:
		delete(order.Fields, name)
	case order.Fields == nil:
		order.Fields = map[string]any{name: value}
	default:
		order.Fields[name] = value
	}
	return nil
}

func (o *orders) transitionLine(order *commercetools.Snapshot, action wireAction) error {
	if err := o.reach(action.ToState.Key); err != nil {
		return err
	}
	for i := range order.Lines {
		line := &order.Lines[i]
		if line.ID != action.LineItemID {
			continue
		}
		from := slices.IndexFunc(line.States, func(s commercetools.LineState) bool { return s.State.ID == action.FromState.ID })
		if from < 0 || line.States[from].Quantity < action.Quantity {
			return errInvalid
		}
		line.States[from].Quantity -= action.Quantity
		to := slices.IndexFunc(line.States, func(s commercetools.LineState) bool { return s.State.ID == stateID(action.ToState.Key) })
		if to < 0 {
			line.States = append(line.States, lineState(action.ToState.Key, 0))
			to = len(line.States) - 1
		}
		line.States[to].Quantity += action.Quantity
		return nil
	}
	return errInvalid
}

// stateID is the id of a workflow state by its key.
func stateID(key string) string { return "state-" + key }

func lineState(key string, quantity int) commercetools.LineState {
	state := commercetools.LineState{Quantity: quantity}
	state.State.ID = stateID(key)
	return state
}

func addReturns(order *commercetools.Snapshot, items json.RawMessage) error {
	var returned []struct {
		Key, LineItemID, CustomLineItemID string
		Quantity                          int
	}
	if json.Unmarshal(items, &returned) != nil {
		return errInvalid
	}
	for _, item := range returned {
		known := slices.ContainsFunc(order.Lines, func(l commercetools.Line) bool { return l.ID == item.LineItemID }) ||
			slices.ContainsFunc(order.CustomLines, func(l commercetools.Line) bool { return l.ID == item.CustomLineItemID })
		if !known || slices.Contains(order.ReturnKeys, item.Key) {
			return errInvalid
		}
		order.ReturnKeys = append(order.ReturnKeys, item.Key)
	}
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
