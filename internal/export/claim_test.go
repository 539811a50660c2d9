package export_test

import (
	"fmt"
	"testing"
	"time"

	"fftconnect/internal/export"
)

func TestAClaimGoesThroughAttemptAndDoubtToALink(t *testing.T) {
	t.Parallel()
	claims, ctx := export.NewMemoryClaims(), t.Context()
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		name string
		do   func() error
		want export.Claim
	}{
		{"nothing yet", func() error { return nil }, export.Claim{}},
		{"attempt", func() error { return claims.Attempt(ctx, "1", "A-1", at) }, export.Claim{TenantOrderID: "A-1", AttemptedAt: at}},
		{"doubt", func() error { return claims.Doubt(ctx, "1", at.Add(time.Second)) }, export.Claim{TenantOrderID: "A-1", AttemptedAt: at.Add(time.Second)}},
		{"settle", func() error { return claims.Settle(ctx, "1") }, export.Claim{TenantOrderID: "A-1"}},
		{"link", func() error { return claims.Link(ctx, "1", "A-1", "ord-1") }, export.Claim{TenantOrderID: "A-1", FFTOrderID: "ord-1"}},
		{"link without a name", func() error { return claims.Link(ctx, "1", "", "ord-2") }, export.Claim{TenantOrderID: "A-1", FFTOrderID: "ord-2"}},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		got, err := claims.Claim(ctx, "1")
		if err != nil {
			t.Fatal(err)
		}
		same(t, step.name, step.want, got)
	}
	other, _ := claims.Claim(ctx, "2")
	same(t, "another order's claim", export.Claim{}, other)
}

func TestMemoryClaimsAreBounded(t *testing.T) {
	t.Parallel()
	claims, ctx := export.NewMemoryClaims(), t.Context()
	for i := range 20_001 {
		if err := claims.Link(ctx, fmt.Sprint(i), "A", "ord"); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]bool{"0": false, "1": true, "20000": true} {
		claim, _ := claims.Claim(ctx, id)
		same(t, "order "+id+" is remembered", want, claim.FFTOrderID != "")
	}
}
