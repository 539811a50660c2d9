package commercetools

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

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

// UpdateOrder applies all actions to the order, or none, and gives its new
// snapshot. A version that is no longer current is a remote.Conflict. Sending it
// twice is harmless: the second meets a newer version.
func (c *Client) UpdateOrder(ctx context.Context, id string, version int, actions []platform.OrderUpdateAction) (Snapshot, error) {
	body, err := json.Marshal(platform.OrderUpdate{Version: version, Actions: actions})
	if err != nil {
		return Snapshot{}, fmt.Errorf("commercetools: update of order %s: %w", id, err)
	}
	var order Snapshot
	ctx = remote.WithOperation(ctx, remote.Operation{Name: "update order", Repeatable: true, Resource: id})
	if err := c.call(ctx, http.MethodPost, "/orders/"+url.PathEscape(id), nil, body, "an order", &order); err != nil {
		return Snapshot{}, err
	}
	return order, order.validate()
}
