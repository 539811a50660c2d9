package rules

import (
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
)

// Order is a commercetools order as expressions see it, by commercetools' names. What
// the order does not have is empty, zero or nil.
type Order struct {
	ID              string    `expr:"id"`
	Version         int       `expr:"version"`
	OrderNumber     string    `expr:"orderNumber"`
	PurchaseOrder   string    `expr:"purchaseOrderNumber"`
	CreatedAt       string    `expr:"createdAt"`   // RFC 3339, UTC
	CompletedAt     string    `expr:"completedAt"` // RFC 3339, UTC
	OrderState      string    `expr:"orderState"`
	PaymentState    string    `expr:"paymentState"`
	ShipmentState   string    `expr:"shipmentState"`
	State           Reference `expr:"state"` // of the workflow
	Store           ByKey     `expr:"store"`
	BusinessUnit    ByKey     `expr:"businessUnit"`
	CustomerID      string    `expr:"customerId"`
	CustomerEmail   string    `expr:"customerEmail"`
	CustomerGroup   Reference `expr:"customerGroup"`
	AnonymousID     string    `expr:"anonymousId"`
	Country         string    `expr:"country"`
	Locale          string    `expr:"locale"`
	Origin          string    `expr:"origin"`
	TotalPrice      Money     `expr:"totalPrice"`
	ShippingMode    string    `expr:"shippingMode"`
	ShippingMethod  Method    `expr:"shippingMethod"`
	ShippingAddress Address   `expr:"shippingAddress"`
	BillingAddress  Address   `expr:"billingAddress"`
	LineItems       []*Line   `expr:"lineItems"` // pointers, since each look at an element copies it
	CustomLineItems []*Line   `expr:"customLineItems"`
	Custom          Custom    `expr:"custom"`
}

// Reference names something else that is read with the order, so that its key is known.
type Reference struct {
	ID  string `expr:"id"`
	Key string `expr:"key"`
}

// ByKey names something else by its key; commercetools tells no more.
type ByKey struct {
	Key string `expr:"key"`
}

// ByID names something else that is not read with the order.
type ByID struct {
	ID string `expr:"id"`
}

// Method is the shipping method; of an order with several shippings the first one's.
type Method struct {
	ID   string `expr:"id"`
	Key  string `expr:"key"`
	Name string `expr:"name"`
}

// Custom is a resource's custom fields.
type Custom struct {
	Fields map[string]any `expr:"fields"`
}

// OrderOf is the order as expressions see it.
func OrderOf(order commercetools.Order) Order {
	o := Order{
		ID: order.ID, Version: order.Version, OrderNumber: valueOrZero(order.OrderNumber), PurchaseOrder: valueOrZero(order.PurchaseOrderNumber),
		CreatedAt: timeText(&order.CreatedAt), CompletedAt: timeText(order.CompletedAt),
		OrderState: string(order.OrderState), PaymentState: string(valueOrZero(order.PaymentState)), ShipmentState: string(valueOrZero(order.ShipmentState)),
		CustomerID: valueOrZero(order.CustomerId), CustomerEmail: valueOrZero(order.CustomerEmail), AnonymousID: valueOrZero(order.AnonymousId),
		Country: valueOrZero(order.Country), Locale: valueOrZero(order.Locale), Origin: string(order.Origin),
		TotalPrice: moneyOf(order.TotalPrice), ShippingMode: string(order.ShippingMode), ShippingMethod: methodOf(order),
		ShippingAddress: addressOf(order.ShippingAddress), BillingAddress: addressOf(order.BillingAddress),
		Custom: Custom{Fields: order.Snapshot.Fields},
	}
	o.fillReferences(order)
	for _, item := range order.LineItems {
		o.LineItems = append(o.LineItems, LineOf(item))
	}
	for _, item := range order.CustomLineItems {
		o.CustomLineItems = append(o.CustomLineItems, CustomLineOf(item))
	}
	return o
}

func (o *Order) fillReferences(order commercetools.Order) {
	if order.State != nil {
		o.State.ID = order.State.ID
		if order.State.Obj != nil {
			o.State.Key = order.State.Obj.Key
		}
	}
	if order.Store != nil {
		o.Store.Key = order.Store.Key
	}
	if order.BusinessUnit != nil {
		o.BusinessUnit.Key = order.BusinessUnit.Key
	}
	if order.CustomerGroup != nil {
		o.CustomerGroup.ID = order.CustomerGroup.ID
		if order.CustomerGroup.Obj != nil {
			o.CustomerGroup.Key = valueOrZero(order.CustomerGroup.Obj.Key)
		}
	}
}

func methodOf(order commercetools.Order) Method {
	info := order.ShippingInfo
	if info == nil && len(order.Shipping) > 0 {
		info = &order.Shipping[0].ShippingInfo
	}
	if info == nil {
		return Method{}
	}
	method := Method{Name: info.ShippingMethodName}
	if info.ShippingMethod != nil {
		method.ID = info.ShippingMethod.ID
		if info.ShippingMethod.Obj != nil {
			method.Key = valueOrZero(info.ShippingMethod.Obj.Key)
		}
	}
	return method
}

func customOf(custom *platform.CustomFields) Custom {
	if custom == nil {
		return Custom{}
	}
	return Custom{Fields: custom.Fields}
}

// valueOrZero is the value, or the zero value when there is none.
func valueOrZero[T any](value *T) T {
	if value == nil {
		var none T
		return none
	}
	return *value
}

func timeText(when *time.Time) string {
	if when == nil || when.IsZero() {
		return ""
	}
	return when.UTC().Format(time.RFC3339Nano)
}
