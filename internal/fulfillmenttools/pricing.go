package fulfillmenttools

import "fmt"

// Pricing is what is paid for the order as a whole, beside its lines. It only holds what
// goes in: fulfillmenttools computes the totals itself. The API calls it alpha.
type Pricing struct {
	Discounts []PricingDiscount `json:"discounts,omitempty"`
	Fees      []PricingFee      `json:"fees,omitempty"`
	Taxes     []PricingTax      `json:"taxes,omitempty"`
}

// MaxPricing is how many entries each list of Pricing may have.
const MaxPricing = 100

// Types of discounts: a value off, or a percentage.
const (
	DiscountAbsolute   = "ABSOLUTE"
	DiscountPercentage = "PERCENTAGE"
)

// PricingDiscount takes a value or a percentage off the order.
type PricingDiscount struct {
	Type             string            `json:"type,omitempty"`
	Value            *MonetaryValue    `json:"value,omitempty"`
	Percentage       *float64          `json:"percentage,omitempty"` // 0 to 100
	Code             string            `json:"code,omitempty"`
	Name             string            `json:"name,omitempty"`
	NameLocalized    map[string]string `json:"nameLocalized,omitempty"`
	Context          string            `json:"context,omitempty"`
	TenantDiscountID string            `json:"tenantDiscountId,omitempty"`
}

// PricingFee adds to what the order costs, such as shipping.
type PricingFee struct {
	Name  string         `json:"name,omitempty"`
	Value *MonetaryValue `json:"value,omitempty"`
}

// PricingTax is the tax of one rate.
type PricingTax struct {
	Type         string         `json:"type,omitempty"`
	Scope        string         `json:"scope,omitempty"`
	RatePercent  *float64       `json:"ratePercent,omitempty"`
	Value        *MonetaryValue `json:"value,omitempty"` // required
	TaxableValue *MonetaryValue `json:"taxableValue,omitempty"`
}

// MonetaryValue is an amount in units of 10 to the power of -DecimalPlaces, which are the
// currency's own when nil.
type MonetaryValue struct {
	Value         int    `json:"value"`
	Currency      string `json:"currency"` // ISO 4217
	DecimalPlaces *int   `json:"decimalPlaces,omitempty"`
}

func (o Pricing) problems() []Problem {
	var p problems
	p.checkCount("discounts", len(o.Discounts), MaxPricing)
	for i, discount := range o.Discounts {
		p.addAllOfElement("discounts", i, discount.problems())
	}
	p.checkCount("fees", len(o.Fees), MaxPricing)
	for i, fee := range o.Fees {
		p.addAllOfElement("fees", i, fee.Value.problems())
	}
	p.checkCount("taxes", len(o.Taxes), MaxPricing)
	for i, tax := range o.Taxes {
		p.require(tax.Value != nil, fmt.Sprintf("taxes[%d].value", i), "is missing")
		p.addAllOfElement("taxes", i, append(tax.Value.problems(), tax.TaxableValue.problems()...))
	}
	return p
}

func (d PricingDiscount) problems() []Problem {
	var p problems
	p.checkOneOf("type", d.Type, DiscountAbsolute, DiscountPercentage)
	p.require(d.Type != DiscountAbsolute || d.Value != nil, "value", "is missing")
	p.require(d.Type != DiscountPercentage || d.Percentage != nil, "percentage", "is missing")
	p.require(d.Percentage == nil || *d.Percentage >= 0 && *d.Percentage <= 100, "percentage", "must be 0 to 100")
	return append(p, d.Value.problems()...)
}

func (v *MonetaryValue) problems() []Problem {
	var p problems
	if v != nil {
		p.require(IsValidCurrency(v.Currency), "value.currency", "is no ISO 4217 code")
	}
	return p
}
