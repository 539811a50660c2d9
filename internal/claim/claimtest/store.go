// Package claimtest holds every store of claims to the same promises.
package claimtest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"fftconnect/internal/claim"
)

// Stores are two replicas' ways to one store.
type Stores struct {
	A, B claim.Store
	// Forgets: how an attempt ended is not told to the other replica.
	Forgets bool
}

// order is what is claimed.
var order = claim.Order{ID: "o1", Number: "A-1", Name: "A-1", Numbered: true}

// Conform has the stores keep what package claim relies on.
func Conform(t *testing.T, s Stores) {
	ctx := t.Context()
	first := claim.State{Names: []string{"A-1"}, InFlight: time.Minute}
	if got, err := s.A.ReadClaim(ctx, order.ID); err != nil || got.Version != 0 {
		t.Fatalf("of an order that nobody claimed: %+v, %v", got, err)
	}
	mine, opened, err := s.A.OpenClaim(ctx, order, first)
	if err != nil || !opened || mine.Version == 0 {
		t.Fatalf("the first claim: %+v, opened %t, %v", mine, opened, err)
	}
	theirs, opened, err := s.B.OpenClaim(ctx, order, claim.State{Names: []string{"other"}, InFlight: time.Minute})
	if err != nil || opened || theirs.Version != mine.Version || theirs.InFlight < 20*time.Second || theirs.InFlight > time.Minute {
		t.Fatalf("the second claim: %+v, opened %t, %v, want that of %+v", theirs, opened, err, mine)
	}
	if !s.Forgets && !slices.Equal(theirs.Names, first.Names) {
		t.Errorf("names %v", theirs.Names)
	}
	theirs.Names, theirs.InFlight = []string{"A-1", "B-1"}, 30*time.Second
	if theirs.Version, err = s.B.BeginAttempt(ctx, order.ID, theirs); err != nil || theirs.Version <= mine.Version {
		t.Fatalf("the second attempt: version %d, %v", theirs.Version, err)
	}
	if _, err := s.A.BeginAttempt(ctx, order.ID, mine); !errors.Is(err, claim.ErrOvertaken) {
		t.Errorf("whoever was overtaken begins: %v", err)
	}
	if !s.Forgets {
		if err := s.A.UpdateClaim(ctx, order.ID, mine); !errors.Is(err, claim.ErrOvertaken) {
			t.Errorf("whoever was overtaken settles: %v", err)
		}
	}
	seen, err := s.A.ReadClaim(ctx, order.ID)
	if err != nil || !s.Forgets && seen.Version != theirs.Version || seen.InFlight > time.Minute || seen.InFlight < 20*time.Second {
		t.Errorf("what the other sees: %+v, %v", seen, err)
	}
	theirs.FFTOrderID, theirs.InFlight = "f1", 0
	if err := s.B.UpdateClaim(ctx, order.ID, theirs); err != nil {
		t.Fatal(err)
	}
	if s.Forgets {
		s.A = s.B
	}
	seen, err = s.A.ReadClaim(ctx, order.ID)
	if err != nil || seen.FFTOrderID != "f1" || seen.InFlight > 0 || !slices.Equal(seen.Names, theirs.Names) {
		t.Errorf("the counterpart: %+v, %v", seen, err)
	}
	if recalled, err := s.A.RecallClaim(ctx, order.ID); err != nil || recalled.FFTOrderID != "f1" {
		t.Errorf("recalled %+v, %v", recalled, err)
	}
}
