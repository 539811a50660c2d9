package export

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"
)

// amount is an exact amount of money: JPY has no digits after the point, EUR two, KWD
// three, and a precise price up to twenty.
type amount struct {
	units    int // of 10 to the power of -digits
	digits   int
	currency string
}

// amountOf is nil when there is no amount.
func amountOf(money platform.TypedMoney) *amount {
	switch money := money.(type) {
	case platform.CentPrecisionMoney:
		if money.CurrencyCode == "" {
			return nil
		}
		return &amount{money.CentAmount, limitDigits(money.FractionDigits), money.CurrencyCode}
	case platform.HighPrecisionMoney:
		return &amount{money.PreciseAmount, limitDigits(money.FractionDigits), money.CurrencyCode}
	default:
		return nil
	}
}

// limitDigits is within what commercetools knows.
func limitDigits(digits int) int { return max(0, min(digits, 20)) }

// major is the amount in whole units of the currency.
func (a amount) major() float64 { return float64(a.units) / math.Pow10(a.digits) }

// times is the amount of n parts, with so many digits after the point, rounded. It reports
// false for one that leaves 64 bits.
func (a amount) times(n, digits int) (amount, bool) {
	units := new(big.Int).Mul(big.NewInt(int64(a.units)), big.NewInt(int64(n)))
	if digits > a.digits {
		units.Mul(units, powerOfTen(digits-a.digits))
	} else if digits < a.digits {
		units = divideRounded(units, powerOfTen(a.digits-digits))
	}
	return amount{int(units.Int64()), digits, a.currency}, units.IsInt64()
}

func powerOfTen(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// divideRounded divides, half away from zero.
func divideRounded(a, by *big.Int) *big.Int {
	quotient, rest := new(big.Int).QuoRem(a, by, new(big.Int))
	if rest.Abs(rest).Lsh(rest, 1).Cmp(by) >= 0 {
		quotient.Add(quotient, big.NewInt(int64(a.Sign())))
	}
	return quotient
}

// dividedBy is the amount of one of n parts, rounded; nil of no amount and of no parts.
func (a *amount) dividedBy(n int) *amount {
	if a == nil || n < 1 {
		return nil
	}
	return &amount{int(divideRounded(big.NewInt(int64(a.units)), big.NewInt(int64(n))).Int64()), a.digits, a.currency}
}

// percentText writes a rate as per cent: 0.19 as 19.
func percentText(rate float64) string {
	return strconv.FormatFloat(math.Round(rate*1e8)/1e6, 'f', -1, 64)
}

// moneyText writes the money value of an attribute as people do, exactly: 19.99 EUR.
func moneyText(money map[string]any) string {
	digits := 2
	if given := bigIntOf(money["fractionDigits"]); given != nil && given.IsInt64() {
		digits = limitDigits(int(given.Int64()))
	}
	units := bigIntOf(money["preciseAmount"])
	if units == nil {
		units = bigIntOf(money["centAmount"])
	}
	if units == nil {
		return ""
	}
	currency, _ := money["currencyCode"].(string)
	return strings.TrimSpace(decimalText(units, digits) + " " + currency)
}

// bigIntOf is a number out of JSON; those beyond what a float64 holds are an int, or the
// text of their digits. nil of anything else.
func bigIntOf(value any) *big.Int {
	switch value := value.(type) {
	case int:
		return big.NewInt(int64(value))
	case float64:
		whole, _ := big.NewFloat(math.Round(value)).Int(nil)
		return whole
	case string:
		if whole, ok := new(big.Int).SetString(value, 10); ok {
			return whole
		}
	}
	return nil
}

// decimalText writes units of 10 to the power of -digits with a point.
func decimalText(units *big.Int, digits int) string {
	text := new(big.Int).Abs(units).String()
	text = strings.Repeat("0", max(0, digits+1-len(text))) + text
	if digits > 0 {
		text = text[:len(text)-digits] + "." + text[len(text)-digits:]
	}
	if units.Sign() < 0 {
		text = "-" + text
	}
	return text
}
