package export

import "testing"

func TestAmountsAreRoundedHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ units, digits, to, want int }{
		{15255, 4, 2, 153},
		{15249, 4, 2, 152},
		{15250, 4, 2, 153},
		{-15250, 4, 2, -153},
		{-15249, 4, 2, -152},
		{5, 1, 0, 1},
		{4, 1, 0, 0},
		{19, 0, 2, 1900},
		{1999, 2, 2, 1999},
		{7, 20, 0, 0},
	} {
		if got, ok := (amount{test.units, test.digits, ""}).times(1, test.to); !ok || got.units != test.want || got.digits != test.to {
			t.Errorf("%d of 10^-%d in %d digits: %+v, want %d", test.units, test.digits, test.to, got, test.want)
		}
	}
	for _, test := range []struct{ total, n, want int }{{1000, 3, 333}, {999, 2, 500}, {-999, 2, -500}, {1, 3, 0}, {2, 3, 1}} {
		if got := (&amount{units: test.total}).dividedBy(test.n); got.units != test.want {
			t.Errorf("%d over %d is %d, want %d", test.total, test.n, got.units, test.want)
		}
	}
}

func TestAnAmountThatLeaves64BitsIsNoAmount(t *testing.T) {
	t.Parallel()
	const most = 1<<63 - 1
	for _, test := range []struct{ units, digits, n, to int }{{most, 2, 2, 2}, {most / 10, 0, 1, 2}, {-most, 2, 3, 2}} {
		if got, ok := (amount{test.units, test.digits, ""}).times(test.n, test.to); ok {
			t.Errorf("%+v: got %+v", test, got)
		}
	}
	// The way there may leave them.
	if got, ok := (amount{most, 4, ""}).times(50, 2); !ok || got.units != 4611686018427387904 {
		t.Errorf("got %+v, %v", got, ok)
	}
	dear := amount{most, 2, "EUR"}
	if off, err := (prices{base: &dear, total: &amount{-5, 2, "EUR"}}).discountPerPiece(1); err == nil {
		t.Errorf("got %+v", off)
	}
	if off, err := (prices{base: &dear, total: &amount{0, 2, "EUR"}}).discountPerPiece(2); err == nil {
		t.Errorf("got %+v", off)
	}
}

// TestMoneyOfAttributesIsExact: a float64 holds 53 bits of the amount.
func TestMoneyOfAttributesIsExact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		money map[string]any
		want  string
	}{
		{map[string]any{"centAmount": 1999.0, "fractionDigits": 2.0, "currencyCode": "EUR"}, "19.99 EUR"},
		{map[string]any{"centAmount": -5.0, "fractionDigits": 2.0, "currencyCode": "EUR"}, "-0.05 EUR"},
		{map[string]any{"centAmount": 800.0, "fractionDigits": 0.0, "currencyCode": "JPY"}, "800 JPY"},
		{map[string]any{"centAmount": 9007199254740993, "fractionDigits": 2.0, "currencyCode": "EUR"}, "90071992547409.93 EUR"},
		{map[string]any{"centAmount": 9007199254740991.0, "fractionDigits": 2.0, "currencyCode": "EUR"}, "90071992547409.91 EUR"},
		{map[string]any{"preciseAmount": 9223372036854775807, "centAmount": 1.0, "fractionDigits": 12.0, "currencyCode": "EUR"}, "9223372.036854775807 EUR"},
		{map[string]any{"centAmount": "98765432109876543210", "fractionDigits": 2.0, "currencyCode": "EUR"}, "987654321098765432.10 EUR"},
		{map[string]any{"centAmount": "much", "currencyCode": "EUR"}, ""},
	} {
		if got := moneyText(test.money); got != test.want {
			t.Errorf("%v: got %q, want %q", test.money, got, test.want)
		}
	}
}
