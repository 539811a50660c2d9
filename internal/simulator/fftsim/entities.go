package fftsim

import (
	"encoding/json"
	"time"
)

// moment is a time as the platform writes it, in UTC with milliseconds.
type moment time.Time

const momentFormat = "2006-01-02T15:04:05.000Z"

func (m moment) String() string { return time.Time(m).UTC().Format(momentFormat) }

func (m moment) MarshalJSON() ([]byte, error) { return []byte(`"` + m.String() + `"`), nil }

type apiError struct {
	Summary        string `json:"summary"`
	Description    string `json:"description,omitempty"`
	RequestVersion *int64 `json:"requestVersion,omitempty"`
	Version        *int64 `json:"version,omitempty"`
}

// versioned is what every entity carries.
type versioned struct {
	Version      int64  `json:"version"`
	Created      moment `json:"created"`
	LastModified moment `json:"lastModified"`
}

func newVersioned(now time.Time) versioned { return versioned{1, moment(now), moment(now)} }

// bumpVersion makes the next version, which is later than the one before even when both
// come about in the same millisecond.
func (v *versioned) bumpVersion(now time.Time) {
	v.Version++
	if soonest := time.Time(v.LastModified).Add(time.Millisecond); now.Before(soonest) {
		now = soonest
	}
	v.LastModified = moment(now)
}

// workflow is the platform's optional workflow engine, which this project lacks.
type workflow struct {
	IsAvailable bool `json:"isAvailable"`
}

// Entities are never changed once they are on a shelf: a change puts a changed
// copy there, so that readers can marshal what they took without a lock.

type order struct {
	ID string `json:"id"`
	versioned
	Status              string             `json:"status"`
	ProcessID           string             `json:"processId"`
	TenantOrderID       string             `json:"tenantOrderId,omitempty"`
	OrderDate           string             `json:"orderDate"`
	CustomAttributes    json.RawMessage    `json:"customAttributes,omitempty"`
	Consumer            json.RawMessage    `json:"consumer"`
	OrderLineItems      []orderLine        `json:"orderLineItems"`
	DeliveryPreferences json.RawMessage    `json:"deliveryPreferences,omitempty"`
	PaymentInfo         json.RawMessage    `json:"paymentInfo,omitempty"`
	Pricing             json.RawMessage    `json:"pricing,omitempty"`
	PromisesOptions     json.RawMessage    `json:"promisesOptions,omitempty"`
	Source              json.RawMessage    `json:"source,omitempty"`
	StatusReasons       json.RawMessage    `json:"statusReasons,omitempty"`
	Stickers            json.RawMessage    `json:"stickers,omitempty"`
	Tags                json.RawMessage    `json:"tags,omitempty"`
	CustomServices      []customService    `json:"customServices,omitempty"`
	CancelationReason   *cancelationReason `json:"cancelationReason,omitempty"`
	UpdateDetails       []updateDetail     `json:"updateDetails,omitempty"`
	Anonymized          bool               `json:"anonymized"`
	SchemaVersion       int                `json:"schemaVersion"`
	WorkflowInformation workflow           `json:"workflowInformation"`
}

// updateDetail is who changed an order, and what.
type updateDetail struct {
	Created moment         `json:"created"`
	User    string         `json:"user"`
	Comment string         `json:"comment,omitempty"`
	Changes map[string]any `json:"changes"`
}

type orderLine struct {
	ID                          string          `json:"id"`
	Quantity                    int64           `json:"quantity"`
	Article                     json.RawMessage `json:"article"`
	CustomAttributes            json.RawMessage `json:"customAttributes,omitempty"`
	ScannableCodes              []string        `json:"scannableCodes,omitempty"`
	Tags                        json.RawMessage `json:"tags,omitempty"`
	MeasurementUnitKey          string          `json:"measurementUnitKey,omitempty"`
	MeasurementValidation       json.RawMessage `json:"measurementValidation,omitempty"`
	SecondaryMeasurementUnitKey string          `json:"secondaryMeasurementUnitKey,omitempty"`
	SecondaryQuantity           *int64          `json:"secondaryQuantity,omitempty"`
	AllowedSubstitutes          json.RawMessage `json:"allowedSubstitutes,omitempty"`
	ShopPrice                   json.RawMessage `json:"shopPrice,omitempty"`
}

type customService struct {
	ID         string          `json:"id"`
	Definition json.RawMessage `json:"customServiceDefinition"`
	Articles   json.RawMessage `json:"articleItems"`
	Items      []customService `json:"customServiceItems"`
}

// article is the article of a line behind the order: what the order said, with as
// many attributes as the jobs can hold.
type article struct {
	TenantArticleID  string            `json:"tenantArticleId"`
	Title            string            `json:"title"`
	TitleLocalized   json.RawMessage   `json:"titleLocalized,omitempty"`
	ImageURL         string            `json:"imageUrl,omitempty"`
	Weight           *json.Number      `json:"weight,omitempty"`
	Attributes       []json.RawMessage `json:"attributes,omitempty"`
	CustomAttributes json.RawMessage   `json:"customAttributes,omitempty"`
}

type pickJob struct {
	ID string `json:"id"`
	versioned
	Status              string              `json:"status"`
	SubStatus           string              `json:"subStatus,omitempty"`
	ShortID             string              `json:"shortId"`
	OrderRef            string              `json:"orderRef"`
	TenantOrderID       string              `json:"tenantOrderId,omitempty"`
	ProcessID           string              `json:"processId"`
	RoutingPlanRef      string              `json:"routingPlanRef"`
	FacilityRef         string              `json:"facilityRef"`
	DocumentsRef        string              `json:"documentsRef"`
	OrderDate           string              `json:"orderDate"`
	CustomAttributes    json.RawMessage     `json:"customAttributes,omitempty"`
	DeliveryInformation deliveryInformation `json:"deliveryinformation"`
	PickLineItems       []pickLine          `json:"pickLineItems"`
	Transfers           []transfer          `json:"transfers,omitempty"`
	Tags                json.RawMessage     `json:"tags,omitempty"`
	Stickers            json.RawMessage     `json:"stickers,omitempty"`
	WorkflowInformation workflow            `json:"workflowInformation"`
}

// transfer is a job's side of a transfer between facilities.
type transfer struct {
	ID   string `json:"id"`
	Type string `json:"type"` // SUPPLIER or RECEIVER
}

type deliveryInformation struct {
	Channel    string          `json:"channel"`
	TargetTime string          `json:"targetTime"`
	Details    deliveryDetails `json:"details"`
}

type deliveryDetails struct {
	Collect  *collectDetails  `json:"collect,omitempty"`
	Shipping *shippingDetails `json:"shipping,omitempty"`
}

type collectDetails struct {
	Identifier string `json:"identifier,omitempty"`
	Paid       bool   `json:"paid"`
}

type shippingDetails struct {
	CarrierKey     string          `json:"carrierKey"`
	ServiceLevel   string          `json:"serviceLevel"`
	PostalAddress  json.RawMessage `json:"postalAddress,omitempty"`
	InvoiceAddress json.RawMessage `json:"invoiceAddress,omitempty"`
}

type pickLine struct {
	ID                  string           `json:"id"`
	GlobalLineItemID    string           `json:"globalLineItemId"`
	Quantity            int64            `json:"quantity"`
	Picked              int64            `json:"picked"`
	PickedAt            *moment          `json:"pickedAt,omitempty"`
	Status              string           `json:"status"`
	ShortPickReason     *shortPickReason `json:"shortPickReason,omitempty"`
	SubstituteLineItems []substituteLine `json:"substituteLineItems,omitempty"`
	Article             article          `json:"article"`
	ScannableCodes      []string         `json:"scannableCodes,omitempty"`
	CustomAttributes    json.RawMessage  `json:"customAttributes,omitempty"`
	MeasurementUnitKey  string           `json:"measurementUnitKey,omitempty"`
	Tags                json.RawMessage  `json:"tags,omitempty"`
}

type shortPickReason struct {
	Reason          string            `json:"reason"`
	ReasonLocalized map[string]string `json:"reasonLocalized"`
}

type substituteLine struct {
	ID                 string  `json:"id"`
	GlobalLineItemID   string  `json:"globalLineItemId,omitempty"`
	Article            article `json:"article"`
	Quantity           int64   `json:"quantity"`
	Picked             *int64  `json:"picked,omitempty"`
	HandedOverQuantity *int64  `json:"handedOverQuantity,omitempty"`
	PickedAt           *moment `json:"pickedAt,omitempty"`
}

type handoverJob struct {
	ID string `json:"id"`
	versioned
	Status              string          `json:"status"`
	CancelReason        string          `json:"cancelReason,omitempty"`
	Channel             string          `json:"channel"`
	TenantOrderID       string          `json:"tenantOrderId,omitempty"`
	PickJobRef          string          `json:"pickJobRef"`
	ProcessID           string          `json:"processId"`
	FacilityRef         string          `json:"facilityRef"`
	OrderDate           string          `json:"orderDate"`
	TargetTime          string          `json:"targetTime"`
	CustomAttributes    json.RawMessage `json:"customAttributes,omitempty"`
	ParcelInfo          *parcelInfo     `json:"handoverJobParcelInfo,omitempty"`
	LineItems           []handoverLine  `json:"handoverJobLineItems"`
	MissingLineItems    []missingLine   `json:"missingHandoverJobLineItems,omitempty"`
	RecipientAddress    json.RawMessage `json:"recipientAddress,omitempty"`
	InvoiceAddress      json.RawMessage `json:"invoiceAddress,omitempty"`
	ShortIdentifier     string          `json:"shortIdentifier"`
	Paid                bool            `json:"paid"`
	Transfers           []transfer      `json:"transfers,omitempty"`
	Tags                json.RawMessage `json:"tags,omitempty"`
	WorkflowInformation workflow        `json:"workflowInformation"`
}

type parcelInfo struct {
	ShipmentRef           string `json:"shipmentRef"`
	ParcelRef             string `json:"parcelRef"`
	CarrierRef            string `json:"carrierRef"`
	CarrierKey            string `json:"carrierKey"`
	CarrierTrackingNumber string `json:"carrierTrackingNumber,omitempty"`
}

type handoverLine struct {
	ID                  string           `json:"id"`
	GlobalLineItemID    string           `json:"globalLineItemId"`
	Quantity            int64            `json:"quantity"`
	HandedOverQuantity  int64            `json:"handedOverQuantity"`
	Status              string           `json:"status"`
	SubstituteLineItems []substituteLine `json:"substituteLineItems,omitempty"`
	Article             article          `json:"article"`
	ScannableCodes      []string         `json:"scannableCodes,omitempty"`
	CustomAttributes    json.RawMessage  `json:"customAttributes,omitempty"`
}

type missingLine struct {
	ID               string          `json:"id"`
	Quantity         int64           `json:"quantity"`
	Article          article         `json:"article"`
	CustomAttributes json.RawMessage `json:"customAttributes,omitempty"`
}

type loadUnit struct {
	ID string `json:"id"`
	versioned
	Status        string            `json:"status"`
	FacilityRef   string            `json:"facilityRef"`
	PickJobRefs   []string          `json:"pickJobRefs"`
	Name          string            `json:"name"`
	NameLocalized map[string]string `json:"nameLocalized"`
	Codes         []string          `json:"codes"`
	LineItems     []loadUnitLine    `json:"loadUnitLineItems"`
}

type loadUnitLine struct {
	ID                string   `json:"id"`
	GlobalLineItemIDs []string `json:"globalLineItemIds"`
	Quantity          int64    `json:"quantity"`
	Article           article  `json:"article"`
}

type shipment struct {
	ID string `json:"id"`
	versioned
	Status              string           `json:"status"`
	FacilityRef         string           `json:"facilityRef"`
	PickJobRef          string           `json:"pickJobRef"`
	TenantOrderID       string           `json:"tenantOrderId,omitempty"`
	ProcessID           string           `json:"processId"`
	ShortID             string           `json:"shortId"`
	CarrierRef          string           `json:"carrierRef"`
	CarrierKey          string           `json:"carrierKey"`
	HasActiveCarrier    bool             `json:"hasActiveCarrier"`
	OrderDate           string           `json:"orderDate"`
	TargetTime          string           `json:"targetTime"`
	CustomAttributes    json.RawMessage  `json:"customAttributes,omitempty"`
	LineItems           []shipmentLine   `json:"lineItems"`
	Parcels             []strippedParcel `json:"parcels"`
	TargetAddress       json.RawMessage  `json:"targetAddress,omitempty"`
	PostalAddress       json.RawMessage  `json:"postalAddress,omitempty"`
	InvoiceAddress      json.RawMessage  `json:"invoiceAddress,omitempty"`
	WorkflowInformation workflow         `json:"workflowInformation"`
}

type shipmentLine struct {
	ID               string          `json:"id"`
	Quantity         int64           `json:"quantity"`
	Article          article         `json:"article"`
	CustomAttributes json.RawMessage `json:"customAttributes,omitempty"`
}

type strippedParcel struct {
	ParcelRef             string `json:"parcelRef"`
	CarrierRef            string `json:"carrierRef"`
	Status                string `json:"status"`
	CarrierTrackingNumber string `json:"carrierTrackingNumber,omitempty"`
}

type parcel struct {
	ID string `json:"id"`
	versioned
	Status              string             `json:"status"`
	CarrierRef          string             `json:"carrierRef"`
	ProcessRef          string             `json:"processRef"`
	ShipmentRef         string             `json:"shipmentRef"`
	TenantOrderID       string             `json:"tenantOrderId,omitempty"`
	FacilityRef         string             `json:"facilityRef"`
	LoadUnitRefs        []string           `json:"loadUnitRefs"`
	CustomAttributes    json.RawMessage    `json:"customAttributes,omitempty"`
	Dimensions          map[string]float64 `json:"dimensions"`
	Recipient           json.RawMessage    `json:"recipient"`
	Sender              json.RawMessage    `json:"sender"`
	Items               []parcelItem       `json:"items"`
	Result              *parcelResult      `json:"result,omitempty"`
	WorkflowInformation workflow           `json:"workflowInformation"`
}

type parcelItem struct {
	ID               string          `json:"id"`
	GlobalLineItemID string          `json:"globalLineItemId"`
	Quantity         int64           `json:"quantity"`
	Article          article         `json:"article"`
	CustomAttributes json.RawMessage `json:"customAttributes,omitempty"`
}

type parcelResult struct {
	Summary               string `json:"summary"`
	CarrierTrackingNumber string `json:"carrierTrackingNumber,omitempty"`
	TrackingURL           string `json:"trackingUrl,omitempty"`
	TrackingStatus        string `json:"trackingStatus,omitempty"`
}

type process struct {
	ID string `json:"id"`
	versioned
	TenantOrderID     string          `json:"tenantOrderId,omitempty"`
	OrderRef          string          `json:"orderRef"`
	RoutingPlanRefs   []string        `json:"routingPlanRefs"`
	PickJobRefs       []string        `json:"pickJobRefs"`
	ShipmentRefs      []string        `json:"shipmentRefs"`
	HandoverJobRefs   []string        `json:"handoverJobRefs"`
	ItemReturnJobRefs []string        `json:"itemReturnJobsRef"`
	FacilityRefs      []string        `json:"facilityRefs"`
	Status            string          `json:"status"`
	Statuses          statusDetail    `json:"statuses"`
	DomsStatus        string          `json:"domsStatus"`
	DomsStatuses      statusDetail    `json:"domsStatuses"`
	OperativeStatus   string          `json:"operativeStatus"`
	OperativeStatuses statusDetail    `json:"operativeStatuses"`
	GdprCleanupDate   moment          `json:"gdprCleanupDate"`
	Tags              json.RawMessage `json:"tags,omitempty"`
}

type statusDetail struct {
	Status string `json:"status"`
}
