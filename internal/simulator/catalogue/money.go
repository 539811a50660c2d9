package catalogue

import "math"

// currency is how much one euro cent is worth, and how many digits amounts have.
type currency struct {
	code         string
	digits       int
	unitsPerEuro int // smallest units
}

var (
	eur = currency{"EUR", 2, 100}
	gbp = currency{"GBP", 2, 85}
	jpy = currency{"JPY", 0, 165}
	kwd = currency{"KWD", 3, 335}
)

// amountOf converts a price in euro cents to the currency's smallest units.
func (c currency) amountOf(cents int) int { return (cents*c.unitsPerEuro + 50) / 100 }

func (c currency) money(amount int) map[string]any {
	return map[string]any{"type": "centPrecision", "currencyCode": c.code, "centAmount": amount, "fractionDigits": c.digits}
}

// preciseMoney is money with two digits more than the currency has.
func (c currency) preciseMoney(amount int) map[string]any {
	return map[string]any{
		"type": "highPrecision", "currencyCode": c.code, "fractionDigits": c.digits + 2,
		"preciseAmount": amount, "centAmount": divideRounded(amount, 100),
	}
}

func euro(cents int) map[string]any { return eur.money(cents) }

func divideRounded(amount, divisor int) int { return (amount + divisor/2) / divisor }

// netAmount is the part of a gross amount that is not tax.
func netAmount(gross int, rate float64) int { return int(math.Round(float64(gross) / (1 + rate))) }

func taxName(country string) (name string, rate float64) {
	switch country {
	case "JP":
		return "消費税", 0.1
	case "PL":
		return "VAT", 0.23
	case "KW":
		return "none", 0
	case "GB", "FR", "AT":
		return "VAT", 0.2
	}
	return "MwSt", 0.19
}

func taxRate(country string) map[string]any {
	name, rate := taxName(country)
	return map[string]any{"id": "tax-" + country, "name": name, "amount": rate, "includedInPrice": true, "country": country}
}

// taxedPrice is a gross amount taken apart.
func (c currency) taxedPrice(gross, without int, country string) map[string]any {
	name, rate := taxName(country)
	tax := c.money(gross - without)
	return map[string]any{
		"totalNet": c.money(without), "totalGross": c.money(gross), "totalTax": tax,
		"taxPortions": []any{map[string]any{"name": name, "rate": rate, "amount": tax}},
	}
}

func shippingRate(price map[string]any) map[string]any {
	return map[string]any{"price": price, "tiers": []any{}}
}
