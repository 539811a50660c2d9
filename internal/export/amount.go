package export

import (
	"fmt"
	"math"
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
		return &amount{money.CentAmount, bounded(money.FractionDigits), money.CurrencyCode}
	case platform.HighPrecisionMoney:
		return &amount{money.PreciseAmount, bounded(money.FractionDigits), money.CurrencyCode}
	default:
		return nil
	}
}

// bounded is within what commercetools knows.
func bounded(digits int) int { return max(0, min(digits, 20)) }

// major is the amount in whole units of the currency.
func (a amount) major() float64 { return float64(a.units) / math.Pow10(a.digits) }

func (a amount) times(n int) amount {
	a.units *= n
	return a
}

// over is the amount of one of n parts, rounded; nil of no amount and of no parts.
func (a *amount) over(n int) *amount {
	if a == nil || n < 1 {
		return nil
	}
	return &amount{divided(a.units, n), a.digits, a.currency}
}

// in is the amount with so many digits after the point, rounded.
func (a amount) in(digits int) amount {
	for ; a.digits < digits; a.digits++ {
		a.units *= 10
	}
	if drop := a.digits - digits; drop > 18 {
		a.units, a.digits = 0, digits
	} else if drop > 0 {
		a.units, a.digits = divided(a.units, int(math.Pow10(drop))), digits
	}
	return a
}

// divided rounds half away from zero.
func divided(a, by int) int {
	quotient, rest := a/by, a%by
	switch {
	case rest >= by-rest && rest > 0:
		return quotient + 1
	case -rest >= by+rest && rest < 0:
		return quotient - 1
	default:
		return quotient
	}
}

// percent writes a rate as per cent: 0.19 as 19.
func percent(rate float64) string {
	return strconv.FormatFloat(math.Round(rate*1e8)/1e6, 'f', -1, 64)
}

// moneyText writes the money value of an attribute as people do: 19.99 EUR.
func moneyText(money map[string]any) string {
	digits := 2
	if given, ok := money["fractionDigits"].(float64); ok {
		digits = bounded(int(given))
	}
	units, ok := money["preciseAmount"].(float64)
	if !ok {
		if units, ok = money["centAmount"].(float64); !ok {
			return ""
		}
	}
	currency, _ := money["currencyCode"].(string)
	return strings.TrimSpace(fmt.Sprintf("%s %s", strconv.FormatFloat(units/math.Pow10(digits), 'f', digits, 64), currency))
}
