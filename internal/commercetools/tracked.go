package commercetools

import (
	"context"
	"net/url"
	"strconv"
)

// OrdersByTrackingNumber are orders of which a parcel has this tracking number, at most so many.
func (c *Client) OrdersByTrackingNumber(ctx context.Context, number string, limit int) ([]Snapshot, error) {
	const parcel = `(deliveries(parcels(trackingData(trackingId = :number))))`
	query := url.Values{
		"where":      {`shippingInfo` + parcel + ` or shipping(shippingInfo` + parcel + `)`},
		"var.number": {number}, "limit": {strconv.Itoa(limit)}, "withTotal": {"false"},
	}
	return c.snapshots(ctx, query)
}
