package fulfillmenttools

import (
	"context"
	"net/http"
	"net/url"

	"fftconnect/internal/remote"
)

// OrderForUpdate is a change of an order. What is left out stays. A change of anything but
// the consumer is taken only while nothing of the order has begun, and routes it anew.
type OrderForUpdate struct {
	Version  int            `json:"version"`
	Comment  string         `json:"comment,omitempty"` // shown with the order's changes
	Consumer map[string]any `json:"consumer,omitempty"`
	// OrderLineItems are all lines that the order is to have; existing ones with their ids.
	OrderLineItems        []LineForUpdate `json:"orderLineItems,omitempty"`
	CustomAttributes      map[string]any  `json:"customAttributes,omitempty"`
	PreferredHandlingTime string          `json:"preferredHandlingTime,omitempty"`
}

// LineForUpdate is a line that stays, or a new one. It has no custom attributes of its own.
type LineForUpdate struct {
	ID       string `json:"id,omitempty"` // empty: a new line
	Quantity int    `json:"quantity"`
	Article  any    `json:"article,omitempty"`
}

// ModifyOrder changes an order at the given version and gives it as it is then. Sending it
// twice is harmless: the second meets a newer version.
func (c *Client) ModifyOrder(ctx context.Context, id string, change OrderForUpdate) (map[string]any, error) {
	var document map[string]any
	err := c.call(ctx, remote.Operation{Name: "modify order", Repeatable: true}, http.MethodPatch, "/orders/"+url.PathEscape(id), nil, change, &document)
	return document, errIncompleteAnswer("modify order", err, document["id"] == id)
}

// AreLinesModifiable reports whether the tenant's configuration allows lines and wanted times
// of orders to be modified.
func (c *Client) AreLinesModifiable(ctx context.Context) (bool, error) {
	var configuration struct {
		Allow bool `json:"allowOrderLineItemModification"`
	}
	err := c.call(ctx, remote.Operation{Name: "read order modification configuration"}, http.MethodGet, "/configurations/ordermodification", nil, nil, &configuration)
	return configuration.Allow, err
}

// ModifyProbe is tried when changes of orders are followed.
func ModifyProbe() Probe {
	return Probe{"ORDER_WRITE", "changes of orders after their export", http.MethodPatch, "/orders/" + nobody, map[string]any{"version": 1}}
}
