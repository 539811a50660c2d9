package rules

import (
	"fftconnect/internal/commercetools"
)

// OrderScope is what expressions about an order read.
type OrderScope struct {
	Order Order `expr:"order"`
}

// LineScope is what expressions about one line of an order read.
type LineScope struct {
	Order Order `expr:"order"`
	Line  Line  `expr:"line"`
}

// Order is a commercetools order as expressions see it, by commercetools' names.
type Order struct {
	ID            string `expr:"id"`
	OrderNumber   string `expr:"orderNumber"`
	OrderState    string `expr:"orderState"`
	PaymentState  string `expr:"paymentState"`
	ShipmentState string `expr:"shipmentState"`
	Custom        Custom `expr:"custom"`
}

// Custom is a resource's custom fields.
type Custom struct {
	Fields map[string]any `expr:"fields"`
}

// Line is a line item or a custom line item.
type Line struct {
	ID       string `expr:"id"`
	Quantity int    `expr:"quantity"`
}

// OrderOf is the order as expressions see it.
func OrderOf(order commercetools.Order) Order {
	return Order{
		ID: order.ID, OrderNumber: order.Snapshot.OrderNumber, OrderState: order.Snapshot.OrderState,
		ShipmentState: order.Snapshot.ShipmentState, Custom: Custom{Fields: order.Snapshot.Fields},
	}
}

// EventScope is what expressions about an event of fulfillmenttools read.
type EventScope struct {
	Event   string  `expr:"event"`
	Payload Payload `expr:"payload"`
}

// Payload is the order, pick job or handover job that an event speaks of, by
// fulfillmenttools' names.
type Payload struct {
	ID               string         `expr:"id"`
	Status           string         `expr:"status"`
	ShortID          string         `expr:"shortId"`
	FacilityRef      string         `expr:"facilityRef"`
	TenantOrderID    string         `expr:"tenantOrderId"`
	Channel          string         `expr:"channel"`
	Created          string         `expr:"created"`      // RFC 3339
	LastModified     string         `expr:"lastModified"` // RFC 3339
	CarrierKey       string         `expr:"carrierKey"`
	TrackingNumber   string         `expr:"trackingNumber"`
	CustomAttributes map[string]any `expr:"customAttributes"`
}
