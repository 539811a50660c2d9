package rules

import "github.com/labd/commercetools-go-sdk/platform"

// Line is a line item or a custom line item.
type Line struct {
	ID                  string            `expr:"id"`
	Key                 string            `expr:"key"`
	IsCustom            bool              `expr:"isCustom"`
	Slug                string            `expr:"slug"` // of a custom line item
	ProductID           string            `expr:"productId"`
	ProductKey          string            `expr:"productKey"`
	ProductType         ByID              `expr:"productType"`
	Name                map[string]string `expr:"name"` // by locale
	Variant             Variant           `expr:"variant"`
	Quantity            int               `expr:"quantity"`
	Price               Money             `expr:"price"` // of one piece
	TotalPrice          Money             `expr:"totalPrice"`
	LineItemMode        string            `expr:"lineItemMode"`
	PriceMode           string            `expr:"priceMode"`
	SupplyChannel       Reference         `expr:"supplyChannel"`
	DistributionChannel ByID              `expr:"distributionChannel"`
	Custom              Custom            `expr:"custom"`
}

// Variant is what was ordered.
type Variant struct {
	ID         int            `expr:"id"`
	SKU        string         `expr:"sku"`
	Key        string         `expr:"key"`
	Attributes map[string]any `expr:"attributes"` // by name
}

// Money is an amount; 19.99 euros are 1999 cents with 2 fraction digits. PreciseAmount
// is only known of prices with high precision, whose fraction digits count for it.
type Money struct {
	CentAmount     int    `expr:"centAmount"`
	PreciseAmount  int    `expr:"preciseAmount"`
	CurrencyCode   string `expr:"currencyCode"`
	FractionDigits int    `expr:"fractionDigits"`
}

// LineOf is the line item as expressions see it.
func LineOf(item platform.LineItem) *Line {
	return &Line{
		ID: item.ID, Key: valueOrZero(item.Key), ProductID: item.ProductId, ProductKey: valueOrZero(item.ProductKey),
		ProductType: ByID{ID: item.ProductType.ID}, Name: item.Name, Variant: variantOf(item.Variant),
		Quantity: item.Quantity, Price: moneyOf(item.Price.Value), TotalPrice: moneyOf(item.TotalPrice),
		LineItemMode: string(item.LineItemMode), PriceMode: string(item.PriceMode),
		SupplyChannel: channelOf(item.SupplyChannel), DistributionChannel: ByID{ID: channelOf(item.DistributionChannel).ID},
		Custom: customOf(item.Custom),
	}
}

// CustomLineOf is the custom line item as expressions see it.
func CustomLineOf(item platform.CustomLineItem) *Line {
	return &Line{
		ID: item.ID, Key: valueOrZero(item.Key), IsCustom: true, Slug: item.Slug, Name: item.Name,
		Quantity: item.Quantity, Price: moneyOf(item.Money), TotalPrice: moneyOf(item.TotalPrice),
		PriceMode: string(item.PriceMode), Custom: customOf(item.Custom),
	}
}

func variantOf(variant platform.ProductVariant) Variant {
	v := Variant{ID: variant.ID, SKU: valueOrZero(variant.Sku), Key: valueOrZero(variant.Key), Attributes: map[string]any{}}
	for _, attribute := range variant.Attributes {
		v.Attributes[attribute.Name] = attribute.Value
	}
	return v
}

func channelOf(channel *platform.ChannelReference) Reference {
	if channel == nil {
		return Reference{}
	}
	reference := Reference{ID: channel.ID}
	if channel.Obj != nil {
		reference.Key = channel.Obj.Key
	}
	return reference
}

func moneyOf(money platform.TypedMoney) Money {
	switch m := money.(type) {
	case platform.CentPrecisionMoney:
		return Money{CentAmount: m.CentAmount, CurrencyCode: m.CurrencyCode, FractionDigits: m.FractionDigits}
	case platform.HighPrecisionMoney:
		return Money{CentAmount: m.CentAmount, PreciseAmount: m.PreciseAmount, CurrencyCode: m.CurrencyCode, FractionDigits: m.FractionDigits}
	}
	return Money{}
}
