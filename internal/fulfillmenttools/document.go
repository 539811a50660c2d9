package fulfillmenttools

import (
	"context"
	"net/http"
	"net/url"

	"fftconnect/internal/remote"
)

// OrderDocument reads an order with everything that the API shows of it.
func (c *Client) OrderDocument(ctx context.Context, id string) (map[string]any, error) {
	var document map[string]any
	err := c.call(ctx, remote.Operation{Name: "read order"}, http.MethodGet, "/orders/"+url.PathEscape(id), nil, nil, &document)
	return document, errIncompleteAnswer("read order", err, document["id"] == id)
}

// TenantFacilityID is the shop's own key of a facility; empty when it has none.
func (c *Client) TenantFacilityID(ctx context.Context, facilityID string) (string, error) {
	var facility struct {
		ID               string `json:"id"`
		TenantFacilityID string `json:"tenantFacilityId"`
	}
	err := c.call(ctx, remote.Operation{Name: "read facility"}, http.MethodGet, "/facilities/"+url.PathEscape(facilityID), nil, nil, &facility)
	return facility.TenantFacilityID, errIncompleteAnswer("read facility", err, facility.ID != "")
}
