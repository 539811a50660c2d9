package config

import "fftconnect/internal/rules"

// ExportRules say which orders go to fulfillmenttools, when, and what else they
// carry there.
type ExportRules struct {
	Trigger       Trigger          `json:"trigger,omitzero" jsonschema:"the states in which an order is exported" default:"orderState Confirmed"`
	When          rules.Expression `json:"when,omitzero" jsonschema:"expression over order: only orders for which it is true are exported" expression:"order bool" default:"all orders" example:"order.store.key != \"outlet\""`
	TenantOrderID rules.Expression `json:"tenantOrderId,omitzero" jsonschema:"expression over order: the order's name in fulfillmenttools" expression:"order text" default:"order number, or id" example:"\"DE-\" + order.orderNumber"`
	Hold          rules.Expression `json:"hold,omitzero" jsonschema:"expression over order: while it is true the order is created LOCKED, and unlocked once it is false" expression:"order bool" default:"never" example:"order.paymentState != \"Paid\""`

	// Lines decides over custom line items too, of those that CustomLineItems names.
	Lines         rules.Expression `json:"lines,omitzero" jsonschema:"expression over order and line: only lines for which it is true are exported; an order of which nothing is left is not" expression:"line bool" default:"all lines" example:"line.variant.attributes.digital != true"`
	NothingToShip string           `json:"nothingToShip,omitempty" jsonschema:"what becomes of an order that has neither a shipping address nor a shipping method nor, in the field of collectChannelReferenceFieldName, a facility to collect at" enum:"ignore|export" default:"ignore" example:"export"`

	Resend bool `json:"resend,omitempty" jsonschema:"whether an order that is confirmed here and was cancelled in fulfillmenttools, or expired there, is sent again by itself" default:"false"`

	ScannableCodesAttribute  string              `json:"scannableCodesAttribute,omitempty" jsonschema:"variant attribute that holds a line's scannable codes" default:"scannableCodes" example:"eans"`
	DesiredDeliveryTimeField string              `json:"desiredDeliveryTimeField,omitempty" jsonschema:"order custom field (DateTime or Date) that says when the order is wanted" default:"nothing is wanted" example:"wanted_at"`
	ProvisioningTime         bool                `json:"provisioningTime,omitempty" jsonschema:"whether desiredDeliveryTimeField also counts for collected orders; fulfillmenttools then cancels one that is not collected by that time and an offset" default:"false"`
	Email                    rules.Expression    `json:"email,omitzero" jsonschema:"expression over order: the e-mail address that is sent in place of every one of the order; none is sent when it is empty or nil" expression:"order text" default:"the order's own" example:"order.custom.fields.carrier_consent == true ? order.customerEmail : nil"`
	HouseNumber              string              `json:"houseNumber,omitempty" jsonschema:"fromStreet: a house number that is in the street is told apart where the country is known" enum:"fromStreet" default:"streetNumber alone" example:"fromStreet"`
	Prices                   string              `json:"prices,omitempty" jsonschema:"none: nothing of what things cost; inputs: the prices and tax rates from which fulfillmenttools computes totals itself" enum:"none|inputs" default:"inputs" example:"none"`
	Discount                 string              `json:"discount,omitempty" jsonschema:"how discounts on lines are sent: what one piece is reduced by, or the whole line; fulfillmenttools does not document which it reads, so ask it first" enum:"perUnit|perLine" default:"they are not sent" example:"perLine"`
	Pricing                  bool                `json:"pricing,omitempty" jsonschema:"whether discounts on the order's total, shipping and other fees, and taxes by rate are sent; fulfillmenttools calls this alpha" default:"false"`
	CustomLineItems          CustomLineItems     `json:"customLineItems,omitzero" jsonschema:"which custom line items are exported" default:"none"`
	Tags                     []TagRule           `json:"tags,omitempty" jsonschema:"tags beside those of storeTagMapping and customFieldTagMapping"`
	Stickers                 []StickerRule       `json:"stickers,omitempty" jsonschema:"stickers that pickers see"`
	CustomServices           []CustomServiceRule `json:"customServices,omitempty" jsonschema:"services on lines, such as gift wrapping"`
	Changes                  ChangeRules         `json:"changes,omitzero" jsonschema:"what becomes of changes of an order that was exported already"`
	// Set is written over the mapped order last; the keys are paths such as
	// deliveryPreferences.reservationPreferences, customAttributes.channel or
	// orderLineItems[].measurementUnitKey.
	Set map[string]rules.Expression `json:"set,omitempty" jsonschema:"expressions that set fields of the fulfillmenttools order, by path; over order, and line for paths that begin with orderLineItems[]." expression:"target" example:"customAttributes.channel: order.store.key"`
}

// What is sent of what things cost (ExportRules.Prices), and the unit of a line's
// discount (ExportRules.Discount).
const (
	PricesNone      = "none"
	DiscountPerUnit = "perUnit"
	DiscountPerLine = "perLine"
)

// ExportAnyway is the NothingToShip that exports also what goes nowhere.
const ExportAnyway = "export"

// HouseNumberFromStreet splits streets (ExportRules.HouseNumber).
const HouseNumberFromStreet = "fromStreet"

// Trigger names the states that an order must all be in to be exported.
type Trigger struct {
	OrderState    string `json:"orderState,omitempty" jsonschema:"the order's state" enum:"Open|Confirmed|Complete" example:"Confirmed"`
	PaymentState  string `json:"paymentState,omitempty" jsonschema:"the order's payment state" enum:"BalanceDue|Pending|Failed|CreditOwed|Paid" example:"Paid"`
	ShipmentState string `json:"shipmentState,omitempty" jsonschema:"the order's shipment state; one that says that the order is fulfilled is exported only when this, or when, asks for it" enum:"Pending|Ready|Backorder|Delayed|Partial|Shipped|Delivered|Canceled" example:"Pending"`
	WorkflowState string `json:"workflowState,omitempty" jsonschema:"key of a workflow state" example:"released"`
}

// CustomLineItems selects custom line items by patterns in which * stands for any
// text. One that matches either is exported.
type CustomLineItems struct {
	Keys  []string `json:"keys,omitempty" jsonschema:"patterns of keys; * stands for any text" example:"gift-*"`
	Slugs []string `json:"slugs,omitempty" jsonschema:"patterns of slugs; * stands for any text" example:"*-wrap"`
}

// TagRule adds a tag.
type TagRule struct {
	ID    string           `json:"id" jsonschema:"the tag's id in fulfillmenttools" required:"true" example:"priority"`
	Value rules.Expression `json:"value" jsonschema:"expression over order: the tag's value; no tag when it is empty" expression:"order" required:"true" example:"order.custom.fields.priority"`
}

// StickerRule adds a sticker.
type StickerRule struct {
	Key      string            `json:"key" jsonschema:"the sticker's key" required:"true" example:"gift"`
	Name     map[string]string `json:"name" jsonschema:"what it says, at most 14 characters, by locale such as en_US" required:"true" example:"en_US: Gift"`
	Color    string            `json:"color,omitempty" jsonschema:"its colour" example:"#19b6b5"`
	Priority int               `json:"priority,omitempty" jsonschema:"1 to 10000; the first goes first" default:"1000" example:"100"`
	When     rules.Expression  `json:"when,omitzero" jsonschema:"expression over order: the orders that get the sticker" expression:"order bool" default:"all orders" example:"order.custom.fields.gift"`
}

// CustomServiceRule adds a service on the lines that it is true for.
type CustomServiceRule struct {
	TenantCustomServiceID string           `json:"tenantCustomServiceId" jsonschema:"the service's id in fulfillmenttools" required:"true" example:"gift-wrap"`
	When                  rules.Expression `json:"when,omitzero" jsonschema:"expression over order and line: the lines that the service is for" expression:"line bool" default:"all lines" example:"line.custom.fields.wrap"`
}
