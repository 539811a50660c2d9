package fulfillmenttools

// OrderLineItem is one line; its custom attributes travel with it through all jobs.
type OrderLineItem struct {
	Article                     Article                `json:"article"`
	Quantity                    int                    `json:"quantity"`
	ScannableCodes              []string               `json:"scannableCodes,omitempty"`
	ShopPrice                   *float64               `json:"shopPrice,omitempty"`
	MeasurementUnitKey          string                 `json:"measurementUnitKey,omitempty"`
	SecondaryMeasurementUnitKey string                 `json:"secondaryMeasurementUnitKey,omitempty"`
	SecondaryQuantity           *int                   `json:"secondaryQuantity,omitempty"`
	MeasurementValidation       *MeasurementValidation `json:"measurementValidation,omitempty"`
	// AllowedSubstitutes that is empty allows none; nil leaves it to the listing.
	AllowedSubstitutes []AllowedSubstitute `json:"allowedSubstitutes,omitzero"`
	Tags               []Tag               `json:"tags,omitempty"`
	CustomAttributes   map[string]any      `json:"customAttributes,omitempty"`
}

// AttributeShipTo is the custom attribute of a line that says where its pieces go when
// not all of them go to the order's address.
const AttributeShipTo = "commercetoolsShipTo"

// Article is what the picker looks for.
type Article struct {
	TenantArticleID string            `json:"tenantArticleId"`
	Title           string            `json:"title"`
	TitleLocalized  map[string]string `json:"titleLocalized,omitempty"`
	ImageURL        string            `json:"imageUrl,omitempty"`
	Weight          *float64          `json:"weight,omitempty"` // grams
	Attributes      []Attribute       `json:"attributes,omitempty"`
	// CustomAttributes are deprecated there: a line has its own.
	CustomAttributes map[string]any `json:"customAttributes,omitempty"`
}

// Attribute describes an article; key and value must not be empty.
type Attribute struct {
	Key            string            `json:"key"`
	Value          string            `json:"value"`
	Category       string            `json:"category,omitempty"` // miscellaneous when left out
	Type           string            `json:"type,omitempty"`     // STRING when left out
	Priority       int               `json:"priority,omitempty"` // 1 goes first, 1001 last
	KeyLocalized   map[string]string `json:"keyLocalized,omitempty"`
	ValueLocalized map[string]string `json:"valueLocalized,omitempty"`
}

// Types of attributes. A currency is its ISO 4217 code, never an amount.
const (
	TypeNumber   = "NUMBER"
	TypeCurrency = "CURRENCY"
)

// Categories of attributes that this project sends. Amounts are whole numbers of the
// currency's smallest unit, of one piece.
const (
	CategoryMiscellaneous = "miscellaneous"
	CategoryShop          = "shop"      // valuePerUnit, currency: what the customer pays
	CategoryBasePrice     = "basePrice" // value, currency, decimalPlaces: before discounts
	CategoryDiscount      = "discount"  // value or percentage; whether per piece is not documented
	CategoryTax           = "tax"       // percentage
)

// The other categories.
const (
	categoryDescriptive     = "descriptive"
	categoryPickingSequence = "pickingSequence"
	categoryCustoms         = "customs"
	categoryInsurance       = "insurance"
	categoryDimension       = "dimensions"
	categoryCarrierService  = "carrierService"
	categorySurcharge       = "surcharge"
	categorySalesPrice      = "salesPrice"
	categoryBeforeDiscounts = "subtotalBeforeDiscounts"
	categoryAfterDiscounts  = "subtotalAfterDiscounts"
	categoryFinalUnitPrice  = "finalUnitPrice"
	categoryFinalLinePrice  = "finalLineItemPrice"
)

// MeasurementValidation bounds by how many per cent a picked amount may differ.
type MeasurementValidation struct {
	OverPickSoft  *float64 `json:"overPickSoftTolerancePercentage,omitempty"`
	OverPickHard  *float64 `json:"overPickHardTolerancePercentage,omitempty"`
	ShortPickSoft *float64 `json:"shortPickSoftTolerancePercentage,omitempty"`
	ShortPickHard *float64 `json:"shortPickHardTolerancePercentage,omitempty"`
}

// AllowedSubstitute is an article that may be picked in place of the one ordered.
type AllowedSubstitute struct {
	TenantArticleID    string      `json:"tenantArticleId"`
	Title              string      `json:"title"`
	ImageURL           string      `json:"imageUrl,omitempty"`
	Priority           float64     `json:"priority,omitempty"`
	MeasurementUnitKey string      `json:"measurementUnitKey,omitempty"`
	ScannableCodes     []string    `json:"scannableCodes,omitempty"`
	Attributes         []Attribute `json:"attributes,omitempty"`

	SecondaryMeasurementUnitKey string                 `json:"secondaryMeasurementUnitKey,omitempty"`
	MeasurementValidation       *MeasurementValidation `json:"measurementValidation,omitempty"`
}
