package commercetools

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/remote"
)

// sdkOrders reads the SDK's types of an order in one pass. The SDK's own methods read an
// amount four times: as a part of what is around it, as a map, and from that as a
// struct. Rarer types whose kind shows only in the JSON are left to the SDK.
var sdkOrders = remote.NewDecoder(
	json.UnmarshalFromFunc(readMoney),
	json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *platform.Order) error {
		type plain platform.Order
		return json.UnmarshalDecode(from, (*plain)(into))
	}),
	json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *platform.Price) error {
		type plain platform.Price
		return json.UnmarshalDecode(from, (*plain)(into))
	}),
	json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *platform.DiscountedPrice) error {
		type plain platform.DiscountedPrice
		return json.UnmarshalDecode(from, (*plain)(into))
	}),
	json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *platform.DiscountedLineItemPrice) error {
		type plain platform.DiscountedLineItemPrice
		return json.UnmarshalDecode(from, (*plain)(into))
	}),
	json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *platform.CustomLineItem) error {
		type plain platform.CustomLineItem
		return json.UnmarshalDecode(from, (*plain)(into))
	}),
	json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *platform.Shipping) error {
		type plain platform.Shipping
		return json.UnmarshalDecode(from, (*plain)(into))
	}),
	json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *platform.ShippingRateInput) error {
		var input struct {
			Type  string                   `json:"type"`
			Key   string                   `json:"key"`
			Label platform.LocalizedString `json:"label"`
			Score int                      `json:"score"`
		}
		if err := json.UnmarshalDecode(from, &input); err != nil {
			return err
		}
		switch *into = nil; input.Type {
		case "Classification":
			*into = platform.ClassificationShippingRateInput{Key: input.Key, Label: input.Label}
		case "Score":
			*into = platform.ScoreShippingRateInput{Score: input.Score}
		}
		return nil
	}),
	json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *platform.DiscountTypeCombination) error {
		var combination struct {
			Type   string `json:"type"`
			Chosen string `json:"chosenDiscountType"`
		}
		if err := json.UnmarshalDecode(from, &combination); err != nil {
			return err
		}
		switch *into = nil; combination.Type {
		case "Stacking":
			*into = platform.Stacking{}
		case "BestDeal":
			*into = platform.BestDeal{ChosenDiscountType: combination.Chosen}
		}
		return nil
	}),
)

func readMoney(from *jsontext.Decoder, into *platform.TypedMoney) error {
	var money struct {
		Type           string `json:"type"`
		CurrencyCode   string `json:"currencyCode"`
		CentAmount     int    `json:"centAmount"`
		PreciseAmount  int    `json:"preciseAmount"`
		FractionDigits int    `json:"fractionDigits"`
	}
	if err := json.UnmarshalDecode(from, &money); err != nil {
		return err
	}
	switch *into = nil; money.Type {
	case "centPrecision":
		*into = platform.CentPrecisionMoney{
			CentAmount: money.CentAmount, CurrencyCode: money.CurrencyCode, FractionDigits: money.FractionDigits,
		}
	case "highPrecision":
		*into = platform.HighPrecisionMoney{
			CentAmount: money.CentAmount, CurrencyCode: money.CurrencyCode, FractionDigits: money.FractionDigits,
			PreciseAmount: money.PreciseAmount,
		}
	}
	return nil
}
