package fulfillmenttools

import "time"

// OrderForCreation is an order as fulfillmenttools takes it. The API refuses
// unknown keys and most empty texts, so whatever is empty is left out. Problems
// lists what else it would refuse.
type OrderForCreation struct {
	TenantOrderID       string               `json:"tenantOrderId,omitempty"`
	OrderDate           time.Time            `json:"orderDate"`
	Status              string               `json:"status,omitempty"` // OPEN when left out
	StatusReasons       []StatusReason       `json:"statusReasons,omitempty"`
	CustomAttributes    map[string]any       `json:"customAttributes,omitempty"`
	Consumer            Consumer             `json:"consumer"`
	OrderLineItems      []OrderLineItem      `json:"orderLineItems"`
	DeliveryPreferences *DeliveryPreferences `json:"deliveryPreferences,omitempty"`
	PaymentInfo         *PaymentInfo         `json:"paymentInfo,omitempty"`
	Pricing             *Pricing             `json:"pricing,omitempty"`
	Tags                []Tag                `json:"tags,omitempty"`
	Stickers            []Sticker            `json:"stickers,omitempty"`
	CustomServices      []CustomService      `json:"customServices,omitempty"`
	PromisesOptions     *PromisesOptions     `json:"promisesOptions,omitempty"`
	Source              *OrderSource         `json:"source,omitempty"`
}

// StatusReason says why an order has a status.
type StatusReason struct {
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// PromisesOptions say how long a promised order stands.
type PromisesOptions struct {
	ValidUntil time.Time `json:"validUntil"`
}

// OrderSource names where an order comes from, by fulfillmenttools' id or the shop's.
type OrderSource struct {
	SourceRef      string `json:"sourceRef,omitempty"`
	TenantSourceID string `json:"tenantSourceId,omitempty"`
}

// PaymentInfo names the currency and how the order is paid.
type PaymentInfo struct {
	Currency        string            `json:"currency,omitempty"`
	MethodLocalized map[string]string `json:"methodLocalized,omitempty"`
}

// Tag must exist in fulfillmenttools with this value.
type Tag struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// Sticker is a short word that the clients show with the order.
type Sticker struct {
	Key           string            `json:"key"`
	NameLocalized map[string]string `json:"nameLocalized"`
	Name          string            `json:"name,omitempty"`
	Color         string            `json:"color,omitempty"`
	Priority      int               `json:"priority"` // 1 goes first, 10000 last
}

// CustomService is a service on articles of the order, such as gift wrapping. The API
// demands the list of services within the service, if only an empty one.
type CustomService struct {
	Definition   CustomServiceDefinition `json:"customServiceDefinition"`
	ArticleItems []ArticleItem           `json:"articleItems"`
	Items        []CustomService         `json:"customServiceItems"`
}

// CustomServiceDefinition names a service by fulfillmenttools' id or the shop's.
type CustomServiceDefinition struct {
	CustomServiceRef      string                  `json:"customServiceRef,omitempty"`
	TenantCustomServiceID string                  `json:"tenantCustomServiceId,omitempty"`
	AdditionalInformation []AdditionalInformation `json:"additionalInformation,omitempty"`
	IsBundled             bool                    `json:"isBundled,omitempty"`
	CustomAttributes      map[string]any          `json:"customAttributes,omitempty"`
}

// AdditionalInformation is what a service must know, such as the text to engrave.
type AdditionalInformation struct {
	Ref      string `json:"additionalInformationRef"`
	TenantID string `json:"tenantAdditionalInformationId,omitempty"`
	Value    any    `json:"value,omitempty"` // text, number or truth
}

// ArticleItem is how many pieces of an article a service is for.
type ArticleItem struct {
	TenantArticleRef string  `json:"tenantArticleRef"`
	Quantity         float64 `json:"quantity"`
}
