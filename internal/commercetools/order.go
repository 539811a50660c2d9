package commercetools

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/remote"
)

// Order is an order in full, for the mapping, and its snapshot.
type Order struct {
	platform.Order
	Snapshot Snapshot
	Raw      json.RawMessage // as commercetools gave it
}

// expansions are the references whose targets the mapping and the shop's expressions
// read.
var expansions = []string{
	"state",
	"customerGroup",
	"shippingInfo.shippingMethod",
	"shipping[*].shippingInfo.shippingMethod",
	"lineItems[*].supplyChannel",
	"custom.type",
}

// Order reads an order with the references that the mapping needs.
func (c *Client) Order(ctx context.Context, id string) (Order, error) {
	text, err := c.callRaw(withReadOperation(ctx, "read order", id), http.MethodGet, "/orders/"+url.PathEscape(id), url.Values{"expand": expansions}, nil)
	if err != nil {
		return Order{}, err
	}
	order, err := DecodeOrder(text)
	if err == nil && order.ID != id {
		err = errUnreadable("an order", errShapeless)
	}
	return order, err
}

// DecodeOrder reads an order as commercetools' API gives it. An error names the value
// that cannot be read by its path.
func DecodeOrder(text []byte) (Order, error) {
	order := Order{Raw: text}
	err := sdkOrders.Decode(text, &order.Order)
	if err == nil {
		err = remote.Decode(text, &order.Snapshot)
	}
	if err != nil {
		return Order{}, errUnreadable("an order", err)
	}
	return order, order.Snapshot.validate()
}

// Snapshot reads an order's snapshot, with its workflow state expanded.
func (c *Client) Snapshot(ctx context.Context, id string) (Snapshot, error) {
	order, err := c.snapshot(ctx, "/orders/"+url.PathEscape(id), id)
	if err == nil && order.ID != id {
		err = errUnreadable("an order", errShapeless)
	}
	return order, err
}

// SnapshotByNumber reads the snapshot of the order with this order number.
func (c *Client) SnapshotByNumber(ctx context.Context, number string) (Snapshot, error) {
	return c.snapshot(ctx, "/orders/order-number="+url.PathEscape(number), number)
}

func (c *Client) snapshot(ctx context.Context, path, resource string) (Snapshot, error) {
	var order Snapshot
	if err := c.call(withReadOperation(ctx, "read order", resource), http.MethodGet, path, url.Values{"expand": {"state"}}, nil, "an order", &order); err != nil {
		return Snapshot{}, err
	}
	return order, order.validate()
}

// orderUpdate is a platform.OrderUpdate. The SDK writes an action as JSON and reads that JSON
// once more; those that nearly every update has are written at once.
func orderUpdate(version int, actions []platform.OrderUpdateAction) any {
	type (
		setCustomType       platform.OrderSetCustomTypeAction
		setCustomField      platform.OrderSetCustomFieldAction
		changeShipmentState platform.OrderChangeShipmentStateAction
	)
	plain := make([]any, len(actions))
	for i, action := range actions {
		switch action := action.(type) {
		case platform.OrderSetCustomTypeAction:
			plain[i] = struct {
				Action string `json:"action"`
				setCustomType
			}{"setCustomType", setCustomType(action)}
		case platform.OrderSetCustomFieldAction:
			plain[i] = struct {
				Action string `json:"action"`
				setCustomField
			}{"setCustomField", setCustomField(action)}
		case platform.OrderChangeShipmentStateAction:
			plain[i] = struct {
				Action string `json:"action"`
				changeShipmentState
			}{"changeShipmentState", changeShipmentState(action)}
		default:
			plain[i] = action
		}
	}
	return struct {
		Version int   `json:"version"`
		Actions []any `json:"actions"`
	}{version, plain}
}

// UpdateOrder applies all actions to the order, or none, and gives its new
// snapshot. A version that is no longer current is a remote.Conflict. Sending it
// twice is harmless: the second meets a newer version.
func (c *Client) UpdateOrder(ctx context.Context, order Snapshot, actions []platform.OrderUpdateAction) (Snapshot, error) {
	body, err := json.Marshal(orderUpdate(order.Version, actions))
	if err != nil {
		return Snapshot{}, fmt.Errorf("commercetools: update of order %s: %w", order.ID, err)
	}
	// An update is made to this version or not at all, so what it does not change is known.
	updated := snapshotReader{lines: &order}
	if slices.ContainsFunc(actions, changesLines) {
		updated.lines = nil
	}
	ctx = remote.WithOperation(ctx, remote.Operation{Name: "update order", Repeatable: true, Resource: order.ID})
	if err := c.call(ctx, http.MethodPost, "/orders/"+url.PathEscape(order.ID), nil, body, "an order", &updated); err != nil {
		return Snapshot{}, err
	}
	return updated.Snapshot, updated.validate()
}

// changesLines reports whether an action changes line items or custom line items.
func changesLines(action platform.OrderUpdateAction) bool {
	return strings.Contains(reflect.TypeOf(action).String(), "LineItem")
}
