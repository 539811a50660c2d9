package export

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"
)

// unitPrice is the price of one piece: the discounted price when the product has
// one, the shop's own total when that is all that counts. It is nil when there is
// none.
func unitPrice(line platform.LineItem) *float64 {
	if line.PriceMode == platform.LineItemPriceModeExternalTotal && line.Quantity > 0 {
		total := major(line.TotalPrice.CentAmount, line.TotalPrice.FractionDigits)
		return rounded(total/float64(line.Quantity), line.TotalPrice.FractionDigits)
	}
	value := line.Price.Value
	if line.Price.Discounted != nil {
		value = line.Price.Discounted.Value
	}
	switch value := value.(type) {
	case platform.CentPrecisionMoney:
		return rounded(major(value.CentAmount, value.FractionDigits), value.FractionDigits)
	case platform.HighPrecisionMoney:
		return rounded(major(value.PreciseAmount, value.FractionDigits), value.FractionDigits)
	default:
		return nil
	}
}

// major turns an amount of the smallest units into whole ones: JPY has no fraction
// digits, EUR two, KWD three.
func major(amount, fractionDigits int) float64 {
	return float64(amount) / math.Pow10(fractionDigits)
}

func rounded(value float64, digits int) *float64 {
	unit := math.Pow10(digits)
	value = math.Round(value*unit) / unit
	return &value
}

// moneyText writes a money value as people do: 19.99 EUR.
func moneyText(money map[string]any) string {
	digits := 2
	if given, ok := money["fractionDigits"].(float64); ok {
		digits = int(given)
	}
	amount, ok := money["preciseAmount"].(float64)
	if !ok {
		if amount, ok = money["centAmount"].(float64); !ok {
			return ""
		}
	}
	digits = max(0, min(digits, 20))
	currency, _ := money["currencyCode"].(string)
	return strings.TrimSpace(fmt.Sprintf("%s %s", strconv.FormatFloat(amount/math.Pow10(digits), 'f', digits, 64), currency))
}
