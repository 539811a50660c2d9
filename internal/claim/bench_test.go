package claim_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"fftconnect/internal/claim"
)

// BenchmarkAttempt is what the claim costs an export, without the calls that it makes.
func BenchmarkAttempt(b *testing.B) {
	for name, store := range map[string]claim.Store{
		"memory":  claim.NewMemory(lag, nil),
		"objects": claim.NewObjects(newObjects(), lag, nil),
	} {
		b.Run(name, func(b *testing.B) {
			c := claim.New(store, lag, nil)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				n++
				id := strconv.Itoa(n)
				attempt, _, err := c.Begin(b.Context(), claim.Order{ID: id, Number: id, Name: id, Numbered: true, CreatedAt: time.Now()})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := attempt.Create(b.Context(), func(context.Context) (string, error) { return id, nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
