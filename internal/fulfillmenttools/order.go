package fulfillmenttools

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"fftconnect/internal/remote"
)

// Order is what we read of an order.
type Order struct {
	ID               string         `json:"id"`
	Version          int            `json:"version"`
	Status           string         `json:"status"`
	TenantOrderID    string         `json:"tenantOrderId"`
	ProcessID        string         `json:"processId"`
	Created          time.Time      `json:"created"`
	CustomAttributes map[string]any `json:"customAttributes"`
	OrderLineItems   JobLines       `json:"orderLineItems"`
	Delivery         struct {
		TargetTime any `json:"targetTime"`
	} `json:"deliveryPreferences"`
}

// States of an order.
const (
	OrderCancelled = "CANCELLED"
	OrderLocked    = "LOCKED" // routed but not picked until it is unlocked
	orderObsolete  = "OBSOLETE"
)

// IsOver reports an order that will not be fulfilled: somebody cancelled it, or a promised
// one expired.
func (o Order) IsOver() bool { return o.Status == OrderCancelled || o.Status == orderObsolete }

// TargetTime is when the platform wants the order done; zero when it does not say.
func (o Order) TargetTime() time.Time {
	text, _ := o.Delivery.TargetTime.(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

// CreateOrder creates an order. When the error is remote.IsAmbiguous the order may
// exist: look it up before trying again.
func (c *Client) CreateOrder(ctx context.Context, order OrderForCreation) (Order, error) {
	var created Order
	err := c.call(ctx, remote.Operation{Name: "create order"}, http.MethodPost, "/orders", nil, order, &created)
	return created, errIncompleteAnswer("create order", err, created.ID != "")
}

// Order reads an order by its id; this is always up to date.
func (c *Client) Order(ctx context.Context, id string) (Order, error) {
	var order Order
	err := c.call(ctx, remote.Operation{Name: "read order"}, http.MethodGet, "/orders/"+url.PathEscape(id), nil, nil, &order)
	return order, errIncompleteAnswer("read order", err, order.ID == id)
}

// OrdersByTenantOrderID lists the orders with this tenantOrderId. The list may lag
// behind by seconds, and its rows name neither tenantOrderId nor custom attributes.
func (c *Client) OrdersByTenantOrderID(ctx context.Context, tenantOrderID string) ([]Order, error) {
	var list struct {
		Orders []Order `json:"orders"`
	}
	err := c.call(ctx, remote.Operation{Name: "look order up"}, http.MethodGet, "/orders", url.Values{"tenantOrderId": {tenantOrderID}}, nil, &list)
	return list.Orders, errIncompleteAnswer("look order up", err, list.Orders != nil)
}

// UnlockOrder lets an order that was created LOCKED be fulfilled, at the given version.
func (c *Client) UnlockOrder(ctx context.Context, id string, version int) (Order, error) {
	return c.orderAction(ctx, "unlock order", id, map[string]any{"name": "UNLOCK", "version": version})
}

// CancelOrder cancels an order at the given version; with force also one whose
// fulfilment has begun, where the tenant allows it.
func (c *Client) CancelOrder(ctx context.Context, id string, version int, force bool) (Order, error) {
	action := map[string]any{"name": "CANCEL", "version": version}
	if force {
		action["name"] = "FORCE_CANCEL"
	}
	return c.orderAction(ctx, "cancel order", id, action)
}

// orderAction has an action carried out. Sending it twice is harmless: the second meets a newer
// version.
func (c *Client) orderAction(ctx context.Context, operation, id string, action map[string]any) (Order, error) {
	var order Order
	err := c.call(ctx, remote.Operation{Name: operation, Repeatable: true}, http.MethodPost, "/orders/"+url.PathEscape(id)+"/actions", nil, action, &order)
	return order, errIncompleteAnswer(operation, err, order.ID == id)
}
