package fulfillmenttools

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"fftconnect/internal/remote"
)

// OrderForCreation is an order as fulfillmenttools takes it. The API refuses
// unknown keys and most empty texts, so whatever is empty is left out.
type OrderForCreation struct {
	TenantOrderID       string               `json:"tenantOrderId,omitempty"`
	OrderDate           time.Time            `json:"orderDate"`
	Status              string               `json:"status,omitempty"`
	CustomAttributes    map[string]any       `json:"customAttributes,omitempty"`
	Consumer            Consumer             `json:"consumer"`
	OrderLineItems      []OrderLineItem      `json:"orderLineItems"`
	DeliveryPreferences *DeliveryPreferences `json:"deliveryPreferences,omitempty"`
	PaymentInfo         *PaymentInfo         `json:"paymentInfo,omitempty"`
	Tags                []Tag                `json:"tags,omitempty"`
}

// Consumer is who receives and pays.
type Consumer struct {
	ConsumerID string            `json:"consumerId,omitempty"`
	Addresses  []ConsumerAddress `json:"addresses,omitempty"`
}

// Kinds of addresses.
const (
	PostalAddress  = "POSTAL_ADDRESS"
	InvoiceAddress = "INVOICE_ADDRESS"
)

// ConsumerAddress must name street, city, postal code and country.
type ConsumerAddress struct {
	AddressType           string        `json:"addressType,omitempty"`
	Salutation            string        `json:"salutation,omitempty"`
	PersonalTitle         string        `json:"personalTitle,omitempty"`
	FirstName             string        `json:"firstName,omitempty"`
	LastName              string        `json:"lastName,omitempty"`
	CompanyName           string        `json:"companyName,omitempty"`
	Street                string        `json:"street"`
	HouseNumber           string        `json:"houseNumber,omitempty"`
	AdditionalAddressInfo string        `json:"additionalAddressInfo,omitempty"`
	PostalCode            string        `json:"postalCode"`
	City                  string        `json:"city"`
	Province              string        `json:"province,omitempty"`
	Country               string        `json:"country"` // ISO 3166-1 alpha-2
	Email                 string        `json:"email,omitempty"`
	PhoneNumbers          []PhoneNumber `json:"phoneNumbers,omitempty"`
}

// PhoneNumber is MOBILE or PHONE.
type PhoneNumber struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// OrderLineItem is one line; its custom attributes travel with it through all jobs.
type OrderLineItem struct {
	Article          Article        `json:"article"`
	Quantity         int            `json:"quantity"`
	ScannableCodes   []string       `json:"scannableCodes,omitempty"`
	ShopPrice        *float64       `json:"shopPrice,omitempty"`
	CustomAttributes map[string]any `json:"customAttributes,omitempty"`
}

// Article is what the picker looks for.
type Article struct {
	TenantArticleID string            `json:"tenantArticleId"`
	Title           string            `json:"title"`
	TitleLocalized  map[string]string `json:"titleLocalized,omitempty"`
	ImageURL        string            `json:"imageUrl,omitempty"`
	Attributes      []Attribute       `json:"attributes,omitempty"`
}

// Attribute describes an article; key and value must not be empty.
type Attribute struct {
	Key      string `json:"key"`
	Value    string `json:"value"`
	Category string `json:"category,omitempty"`
	Type     string `json:"type,omitempty"`
}

// DeliveryPreferences is either shipping or collect.
type DeliveryPreferences struct {
	Shipping   *Shipping  `json:"shipping,omitempty"`
	Collect    []Collect  `json:"collect,omitempty"`
	TargetTime *time.Time `json:"targetTime,omitempty"`
}

// Shipping is ship-from-store.
type Shipping struct {
	ServiceLevel          string     `json:"serviceLevel,omitempty"`
	PreferredCarriers     []string   `json:"preferredCarriers,omitempty"`
	PreselectedFacilities []Facility `json:"preselectedFacilities,omitempty"`
}

// Collect is click-and-collect at one facility.
type Collect struct {
	TenantFacilityID string `json:"tenantFacilityId"`
	Paid             bool   `json:"paid"`
}

// Facility names a facility by the shop's own key for it.
type Facility struct {
	TenantFacilityID string `json:"tenantFacilityId"`
}

// PaymentInfo names the currency.
type PaymentInfo struct {
	Currency string `json:"currency,omitempty"`
}

// Tag must exist in fulfillmenttools with this value.
type Tag struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// Order is what we read of an order.
type Order struct {
	ID               string         `json:"id"`
	Version          int            `json:"version"`
	Status           string         `json:"status"`
	TenantOrderID    string         `json:"tenantOrderId"`
	Created          time.Time      `json:"created"`
	CustomAttributes map[string]any `json:"customAttributes"`
}

// States of an order.
const (
	OrderCancelled = "CANCELLED"
)

// CreateOrder creates an order. When the error is remote.Ambiguous the order may
// exist: look it up before trying again.
func (c *Client) CreateOrder(ctx context.Context, order OrderForCreation) (Order, error) {
	var created Order
	err := c.call(ctx, remote.Operation{Name: "create order"}, http.MethodPost, "/orders", nil, order, &created)
	return created, err
}

// Order reads an order by its id; this is always up to date.
func (c *Client) Order(ctx context.Context, id string) (Order, error) {
	var order Order
	err := c.call(ctx, remote.Operation{Name: "read order"}, http.MethodGet, "/orders/"+url.PathEscape(id), nil, nil, &order)
	return order, err
}

// OrdersByTenantOrderID lists the orders with this tenantOrderId. The list may lag
// behind by seconds, and its rows name neither tenantOrderId nor custom attributes.
func (c *Client) OrdersByTenantOrderID(ctx context.Context, tenantOrderID string) ([]Order, error) {
	var list struct {
		Orders []Order `json:"orders"`
	}
	err := c.call(ctx, remote.Operation{Name: "look order up"}, http.MethodGet, "/orders", url.Values{"tenantOrderId": {tenantOrderID}}, nil, &list)
	return list.Orders, err
}

// CancelOrder cancels an order at the given version; with force also one whose
// fulfilment has begun, where the tenant allows it.
func (c *Client) CancelOrder(ctx context.Context, id string, version int, force bool) (Order, error) {
	action := map[string]any{"name": "CANCEL", "version": version}
	if force {
		action["name"] = "FORCE_CANCEL"
	}
	var order Order
	err := c.call(ctx, remote.Operation{Name: "cancel order", Repeatable: true}, http.MethodPost, "/orders/"+url.PathEscape(id)+"/actions", nil, action, &order)
	return order, err
}
