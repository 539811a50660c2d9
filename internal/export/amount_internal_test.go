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
		if got := (amount{test.units, test.digits, ""}).in(test.to); got.units != test.want || got.digits != test.to {
			t.Errorf("%d of 10^-%d in %d digits: %+v, want %d", test.units, test.digits, test.to, got, test.want)
		}
	}
	for _, test := range []struct{ total, n, want int }{{1000, 3, 333}, {999, 2, 500}, {-999, 2, -500}, {1, 3, 0}, {2, 3, 1}} {
		if got := (&amount{units: test.total}).over(test.n); got.units != test.want {
			t.Errorf("%d over %d is %d, want %d", test.total, test.n, got.units, test.want)
		}
	}
}
