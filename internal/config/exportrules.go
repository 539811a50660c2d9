package config

import "fftconnect/internal/rules"

// ExportRules say which orders go to fulfillmenttools, when, and what else they
// carry there.
type ExportRules struct {
	Trigger       Trigger          `json:"trigger,omitzero" jsonschema:"the states in which an order is exported; orderState Confirmed when none is named"`
	When          rules.Expression `json:"when,omitzero" jsonschema:"expression over order: only orders for which it is true are exported"`
	TenantOrderID rules.Expression `json:"tenantOrderId,omitzero" jsonschema:"expression over order: the order's name in fulfillmenttools; its order number or id when left out or empty"`
	Hold          rules.Expression `json:"hold,omitzero" jsonschema:"expression over order: while it is true the order is created LOCKED, and unlocked once it is false"`

	ScannableCodesAttribute string              `json:"scannableCodesAttribute,omitempty" jsonschema:"variant attribute that holds a line's scannable codes; scannableCodes when left out"`
	TargetTimeField         string              `json:"targetTimeField,omitempty" jsonschema:"order custom field (DateTime or Date) that says when the order is wanted; the shipping's estimated delivery when left out"`
	CustomLineItems         CustomLineItems     `json:"customLineItems,omitzero" jsonschema:"which custom line items are exported; none when left out"`
	Tags                    []TagRule           `json:"tags,omitempty" jsonschema:"tags beside those of storeTagMapping and customFieldTagMapping"`
	Stickers                []StickerRule       `json:"stickers,omitempty" jsonschema:"stickers that pickers see"`
	CustomServices          []CustomServiceRule `json:"customServices,omitempty" jsonschema:"services on lines, such as gift wrapping"`
	// Set is written over the mapped order last; the keys are paths such as
	// deliveryPreferences.targetTime, customAttributes.channel or
	// orderLineItems[].measurementUnitKey.
	Set map[string]rules.Expression `json:"set,omitempty" jsonschema:"expressions that set fields of the fulfillmenttools order, by path; over order, and line for paths that begin with orderLineItems[]."`
}

// Trigger names the states that an order must all be in to be exported.
type Trigger struct {
	OrderState    string `json:"orderState,omitempty" jsonschema:"Open, Confirmed or Complete"`
	PaymentState  string `json:"paymentState,omitempty" jsonschema:"BalanceDue, Pending, Failed, CreditOwed or Paid"`
	WorkflowState string `json:"workflowState,omitempty" jsonschema:"key of a workflow state"`
}

// CustomLineItems selects custom line items by patterns in which * stands for any
// text. One that matches either is exported.
type CustomLineItems struct {
	Keys  []string `json:"keys,omitempty" jsonschema:"patterns of keys, such as gift-*"`
	Slugs []string `json:"slugs,omitempty" jsonschema:"patterns of slugs, such as *-wrap"`
}

// TagRule adds a tag.
type TagRule struct {
	ID    string           `json:"id" jsonschema:"the tag's id in fulfillmenttools"`
	Value rules.Expression `json:"value" jsonschema:"expression over order: the tag's value; no tag when it is empty"`
}

// StickerRule adds a sticker.
type StickerRule struct {
	Key      string            `json:"key" jsonschema:"the sticker's key"`
	Name     map[string]string `json:"name" jsonschema:"what it says, at most 14 characters, by locale such as en_US"`
	Color    string            `json:"color,omitempty" jsonschema:"its colour"`
	Priority int               `json:"priority,omitempty" jsonschema:"1 to 10000; the first goes first; 1000 when left out"`
	When     rules.Expression  `json:"when,omitzero" jsonschema:"expression over order: the sticker is added when it is true, or when there is none"`
}

// CustomServiceRule adds a service on the lines that it is true for.
type CustomServiceRule struct {
	TenantCustomServiceID string           `json:"tenantCustomServiceId" jsonschema:"the service's id in fulfillmenttools"`
	When                  rules.Expression `json:"when,omitzero" jsonschema:"expression over order and line: the lines that the service is for; all when left out"`
}
