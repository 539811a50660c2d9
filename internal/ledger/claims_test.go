package ledger_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/ledger"
	"fftconnect/internal/remote"
)

func TestClaimsFollowAnExport(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(ledger.Options{}), t.Context()
		is := func(want export.Claim) {
			t.Helper()
			if got := must[export.Claim](t)(l.Claim(ctx, "o1")); got != want {
				t.Fatalf("claim is %+v, want %+v", got, want)
			}
		}
		at := time.Date(2026, 11, 1, 12, 0, 0, 123456000, time.UTC)
		is(export.Claim{})
		check(t, l.Settle(ctx, "o1"))
		check(t, l.Attempt(ctx, "o1", "1001", at))
		is(export.Claim{TenantOrderID: "1001", AttemptedAt: at})
		check(t, l.Doubt(ctx, "o1", at.Add(time.Second)))
		is(export.Claim{TenantOrderID: "1001", AttemptedAt: at.Add(time.Second)})
		check(t, l.Settle(ctx, "o1"))
		is(export.Claim{TenantOrderID: "1001"})
		check(t, l.Attempt(ctx, "o1", "1001", at))
		check(t, l.Link(ctx, "o1", "", "f1"))
		is(export.Claim{TenantOrderID: "1001", FFTOrderID: "f1"})
		check(t, l.Link(ctx, "o1", "1002", "f2"))
		is(export.Claim{TenantOrderID: "1002", FFTOrderID: "f2"})
	})
}

func TestOneReplicaHoldsAnOrder(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		ctx := t.Context()
		replicas := []*ledger.Ledger{s.open(ledger.Options{}), s.open(ledger.Options{})}
		var holding, held, refused atomic.Int64
		var group sync.WaitGroup
		for n := range 8 {
			group.Go(func() {
				for range 10 {
					release, err := replicas[n%2].Hold(ctx, "o1")
					if err != nil {
						if !remote.Is(err, remote.Transient) || remote.Wait(err) == 0 {
							t.Errorf("an order that is held: %v", err)
						}
						refused.Add(1)
						continue
					}
					if holding.Add(1) > 1 {
						t.Error("two hold the order")
					}
					held.Add(1)
					holding.Add(-1)
					if err := release(ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if held.Load() == 0 {
			t.Error("nobody got the order")
		}
		t.Logf("held %d times, refused %d times", held.Load(), refused.Load())
	})
}

func TestAnExpiredLeaseIsTakenOver(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		ctx := t.Context()
		dead, alive := s.open(ledger.Options{Lease: 300 * time.Millisecond}), s.open(ledger.Options{})
		late, err := dead.Hold(ctx, "o1")
		check(t, err)
		if _, err := alive.Hold(ctx, "o1"); err == nil {
			t.Fatal("a lease that lasts was taken")
		}
		var release func() error
		eventually(t, "the lease expires", func() bool {
			hold, err := alive.Hold(ctx, "o1")
			release = func() error { return hold(ctx) }
			return err == nil
		})
		check(t, late(ctx)) // comes back from the dead
		if _, err := dead.Hold(ctx, "o1"); err == nil {
			t.Fatal("a late release ended somebody else's lease")
		}
		check(t, release())
		if _, err := dead.Hold(ctx, "o1"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLocksAreRenewedAndReleased(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		ctx := t.Context()
		a, b := s.open(ledger.Options{}), s.open(ledger.Options{})
		lease, ok, err := a.Lock(ctx, "reconcile", 200*time.Millisecond)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if _, ok, err := b.Lock(ctx, "reconcile", time.Minute); ok || err != nil {
			t.Fatal("locked twice", err)
		}
		if ok, err := lease.Renew(ctx, time.Minute); !ok || err != nil {
			t.Fatal("not renewed", err)
		}
		check(t, lease.Release(ctx))
		if ok, err := lease.Renew(ctx, time.Minute); ok || err != nil {
			t.Fatal("renewed what was released", err)
		}
		if _, ok, err := b.Lock(ctx, "reconcile", time.Minute); !ok || err != nil {
			t.Fatal("not released", err)
		}
	})
}

func TestCheckpoints(t *testing.T) {
	onEachStore(t, func(t *testing.T, s store) {
		l, ctx := s.open(ledger.Options{}), t.Context()
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
		l, ctx := must[*ledger.Ledger](t)(s.tryOpen(ledger.Options{})), t.Context()
		check(t, l.Ping(ctx))
		s.close(l)
		_, held := l.Hold(ctx, "o1")
		_, claimed := l.Claim(ctx, "o1")
		for _, err := range []error{
			held, claimed, l.Ping(ctx), l.Attempt(ctx, "o1", "1", time.Now()), l.Link(ctx, "o1", "1", "f1"),
			l.Defer(ctx, event("1"), 0), l.Bury(ctx, event("1")),
		} {
			if !remote.Is(err, remote.Transient) || !strings.HasPrefix(err.Error(), ledger.Platform) {
				t.Errorf("error is %v", err)
			}
		}
	})
}
