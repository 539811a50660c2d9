package commercetools_test

import (
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator/ctsim"
)

// ordinaryOrder is an order of about 6 KB with several lines, as the API gives it.
func ordinaryOrder(b *testing.B) []byte {
	b.Helper()
	r := setup(b, ctsim.Options{})
	orders := r.furnish()
	const wanted = 6 << 10
	var best []byte
	for n := range 200 {
		order, err := r.Order(b.Context(), r.ct.PlaceOrder(orders.At(n).Draft))
		if err != nil {
			b.Fatal(err)
		}
		if distance := func(text []byte) int { return max(len(text)-wanted, wanted-len(text)) }; best == nil || distance(order.Raw) < distance(best) {
			best = order.Raw
		}
	}
	return best
}

func BenchmarkDecodeOrder(b *testing.B) {
	text := ordinaryOrder(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := commercetools.DecodeOrder(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeSnapshot(b *testing.B) {
	text := ordinaryOrder(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var order commercetools.Snapshot
		if err := remote.Decode(text, &order); err != nil {
			b.Fatal(err)
		}
	}
}
