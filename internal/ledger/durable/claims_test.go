package durable_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/claim/claimtest"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/remote"
)

func TestTheLedgerKeepsClaims(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		claimtest.Conform(t, claimtest.Stores{A: s.open(durable.Options{}), B: s.open(durable.Options{})})
	})
}

func TestOneReplicaAtATimeBeginsWithAnOrder(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		ctx := t.Context()
		replicas := []*durable.Ledger{s.open(durable.Options{}), s.open(durable.Options{})}
		order := claim.Order{ID: "o1", Name: "A-1"}
		for round := range 10 {
			var begun atomic.Int64
			var group sync.WaitGroup
			for n := range 8 {
				group.Go(func() {
					attempt, _, err := claim.New(replicas[n%2], 10*time.Second, nil).Begin(ctx, order)
					if err == nil && attempt != nil {
						begun.Add(1)
					} else if !remote.Is(err, remote.Transient) || remote.WaitOf(err) == 0 {
						t.Errorf("an order that is being created: %v", err)
					}
				})
			}
			group.Wait()
			if begun.Load() != 1 {
				t.Fatalf("round %d: %d begin", round, begun.Load())
			}
			record := must[claim.State](t)(replicas[0].ReadClaim(ctx, "o1"))
			record.InFlight = 0
			check(t, replicas[1].UpdateClaim(ctx, "o1", record))
		}
	})
}

func TestTheDatabasesClockIsTold(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		wrong := s.open(durable.Options{Now: func() time.Time { return time.Now().Add(24 * time.Hour) }})
		before := time.Now()
		told, err := wrong.Clock(t.Context())
		ours := told.Sub(before).Round(time.Hour)
		if want := map[bool]time.Duration{true: 0, false: 24 * time.Hour}[s.postgres()]; err != nil || ours != want {
			t.Errorf("%s from a clock that tells the right time, want %s: %v", ours, want, err)
		}
	})
}

func TestALockFromAClockThatWasWrongIsTakenOver(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		ctx := t.Context()
		a, b := s.open(durable.Options{}), s.open(durable.Options{})
		if _, ok, err := a.AcquireLease(ctx, "reconcile", 365*24*time.Hour); err != nil || !ok {
			t.Fatal(ok, err)
		}
		if _, ok, err := b.AcquireLease(ctx, "reconcile", 25*time.Minute); err != nil || !ok {
			t.Fatal("a lease that ends in a year keeps everybody away", err)
		}
	})
}

func TestLocksAreRenewedAndReleased(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		ctx := t.Context()
		a, b := s.open(durable.Options{}), s.open(durable.Options{})
		lease, ok, err := a.AcquireLease(ctx, "reconcile", time.Hour)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if _, ok, err := b.AcquireLease(ctx, "reconcile", time.Hour); ok || err != nil {
			t.Fatal("locked twice", err)
		}
		if ok, err := lease.Renew(ctx, time.Hour); !ok || err != nil {
			t.Fatal("not renewed", err)
		}
		check(t, lease.Release(ctx))
		if ok, err := lease.Renew(ctx, time.Hour); ok || err != nil {
			t.Fatal("renewed what was released", err)
		}
		if _, ok, err := b.AcquireLease(ctx, "reconcile", time.Hour); !ok || err != nil {
			t.Fatal("not released", err)
		}
	})
}

func TestCheckpoints(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(durable.Options{}), t.Context()
		read := func() string {
			value, updated, ok, err := l.Checkpoint(ctx, "job")
			if err != nil || ok != (value != "") || ok != !updated.IsZero() {
				t.Fatal(value, updated, ok, err)
			}
			return value
		}
		for _, value := range []string{"", `{"after":"1"}`, `{"after":"2"}`, ""} {
			check(t, l.SaveCheckpoint(ctx, "job", value))
			if got := read(); got != value {
				t.Fatalf("checkpoint is %q, want %q", got, value)
			}
		}
	})
}

func TestADatabaseThatIsAwayIsTransient(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := must[*durable.Ledger](t)(s.tryOpen(durable.Options{})), t.Context()
		check(t, l.Ping(ctx))
		s.close(l)
		_, _, opened := l.OpenClaim(ctx, claim.Order{ID: "o1"}, claim.State{})
		_, read := l.ReadClaim(ctx, "o1")
		for _, err := range []error{
			opened, read, l.Ping(ctx), l.UpdateClaim(ctx, "o1", claim.State{}), l.UpdateClaim(ctx, "o1", claim.State{Version: 1}),
			l.Defer(ctx, event("1"), 0), l.AddDeadLetter(ctx, event("1")),
		} {
			if !remote.Is(err, remote.Transient) || !strings.HasPrefix(err.Error(), ledger.Platform) {
				t.Errorf("error is %v", err)
			}
		}
	})
}
