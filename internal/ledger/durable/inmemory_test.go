package durable_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/claim/claimtest"
	"fftconnect/internal/export"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/ledger/ledgertest"
	"fftconnect/internal/outcome"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/remote"
	"fftconnect/internal/testform"
)

// shared is what the rest of the connector uses of a store.
type shared interface {
	claim.Store
	reconcile.OpenOrders
	export.Memory
	Run(ctx context.Context, handle func(context.Context, ledger.Event) ledger.Verdict, periodic ...ledger.Periodic) error
	Defer(ctx context.Context, d ledger.Deferred, wait time.Duration) error
	AddDeadLetter(ctx context.Context, d ledger.Deferred) error
	AbandonOrder(ctx context.Context, orderID, reason string) error
	HasWaitingEvents(ctx context.Context, orderID string) (bool, error)
	Events(ctx context.Context, filter ledger.Filter) ([]ledger.Event, error)
	CountLate(ctx context.Context) (late map[reconcile.Late]int, open int, err error)
	AcquireLease(ctx context.Context, name string, ttl time.Duration) (lease ledger.Lease, ok bool, err error)
	Checkpoint(ctx context.Context, name string) (value string, updated time.Time, ok bool, err error)
	SaveCheckpoint(ctx context.Context, name, value string) error
	RecordAttempt(entry outcome.Entry, attempt int)
	CountStored(ctx context.Context) (ledger.StoredCounts, error)
}

// replica is a store that can be closed.
type replica struct {
	shared
	close func()
}

// onBoth runs the test in fake time on the real store and on the one in memory.
// open opens another replica of the same database.
func onBoth(t *testing.T, test func(t *testing.T, open func() replica)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		if testform.Race {
			t.Skip("SQLite is slow under the race detector; other tests have it there")
		}
		file := filepath.Join(t.TempDir(), "ledger.db")
		synctest.Test(t, func(t *testing.T) {
			test(t, func() replica {
				l, err := durable.Open(context.Background(), "sqlite:"+file, durable.Options{
					MaxAge: 3 * time.Minute, Poll: 5 * time.Second, Retry: steady, Logger: slog.New(slog.DiscardHandler),
				})
				check(t, err)
				return replica{l, sync.OnceFunc(func() { check(t, l.Close(context.Background())) })}
			})
		})
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var db ledgertest.Database
			test(t, func() replica {
				store := db.Open(ledgertest.Options{MaxAge: 3 * time.Minute, Retry: steady})
				return replica{store, store.Cut}
			})
		})
	})
}

// steady keeps the tests short: an hour of fake time costs SQLite seconds.
func steady(_ int, asked time.Duration) time.Duration { return max(asked, 20*time.Second) }

// run works off until the returned function is called.
func (s replica) run(handle func(context.Context, ledger.Event) ledger.Verdict, periodic ...ledger.Periodic) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Run(ctx, handle, periodic...)
	}()
	return func() { cancel(); <-ended }
}

func (s replica) is(t *testing.T, deferred, dead int) {
	t.Helper()
	depth, err := s.CountStored(context.Background())
	check(t, err)
	if depth.Deferred != deferred || depth.Dead != dead {
		t.Errorf("%d deferred and %d dead, want %d and %d", depth.Deferred, depth.Dead, deferred, dead)
	}
}

func TestTheStoreKeepsClaims(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() replica) {
		a, b := open(), open()
		defer a.close()
		defer b.close()
		claimtest.Conform(t, claimtest.Stores{A: a, B: b})
	})
}

func TestLocksAndCheckpoints(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() replica) {
		a, b, ctx := open(), open(), t.Context()
		defer a.close()
		defer b.close()
		lease, ok, err := a.AcquireLease(ctx, "job", time.Minute)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if _, ok, _ := b.AcquireLease(ctx, "job", time.Minute); ok {
			t.Error("locked twice")
		}
		if ok, err := lease.Renew(ctx, time.Hour); !ok || err != nil {
			t.Error("not renewed", err)
		}
		check(t, lease.Release(ctx))
		if ok, _ := lease.Renew(ctx, time.Hour); ok {
			t.Error("renewed what was released")
		}
		for _, value := range []string{"1", "2", ""} {
			check(t, a.SaveCheckpoint(ctx, "job", value))
			got, updated, ok, err := b.Checkpoint(ctx, "job")
			if err != nil || got != value || ok != (value != "") || ok == updated.IsZero() {
				t.Errorf("checkpoint is %q, %v, %v, %v; want %q", got, updated, ok, err, value)
			}
		}
	})
}

func TestRepetitionsMergeAndTheirAttemptsEndAsTheVerdictsSay(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() replica) {
		s, ctx := open(), t.Context()
		defer s.close()
		begin := time.Now()
		check(t, s.Defer(ctx, event("1"), time.Minute))
		check(t, s.Defer(ctx, event("1"), time.Hour)) // does not put it off
		check(t, s.AddDeadLetter(ctx, event("2")))
		check(t, s.Defer(ctx, event("2"), 0)) // lives again
		check(t, s.Defer(ctx, event("3"), 0))
		check(t, s.AddDeadLetter(ctx, event("3")))
		if s.Defer(ctx, ledger.Deferred{Flow: "stock"}, 0) == nil {
			t.Error("an event that nobody would attempt was stored")
		}
		s.is(t, 2, 1)
		var mu sync.Mutex
		seen := map[string][]time.Duration{}
		verdicts := map[string][]ledger.Verdict{
			"1": {{Action: ledger.Wait, Delay: time.Minute}, {Action: ledger.Later, Delay: time.Minute}, {Action: ledger.Again, Delay: 2 * time.Minute}, {Action: ledger.Done}},
			"2": {{Action: ledger.Again}, {Action: ledger.Dead}},
		}
		attempts := map[string][]int{}
		stop := s.run(func(_ context.Context, e ledger.Event) ledger.Verdict {
			mu.Lock()
			defer mu.Unlock()
			n := len(seen[e.EventID])
			seen[e.EventID] = append(seen[e.EventID], time.Since(begin).Round(time.Minute))
			attempts[e.EventID] = append(attempts[e.EventID], e.Attempts)
			return verdicts[e.EventID][n]
		})
		time.Sleep(7 * time.Minute)
		stop()
		s.is(t, 0, 2)
		if want := []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute}; !slices.Equal(seen["1"], want) {
			t.Errorf("attempted after %v, want %v", seen["1"], want)
		}
		if !slices.Equal(attempts["1"], []int{1, 1, 1, 2}) || !slices.Equal(attempts["2"], []int{2, 3}) {
			t.Errorf("attempts counted: %v", attempts)
		}
	})
}

func TestAnEventThatGoesOnFailingDiesAndAWaitingOneDoesNot(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() replica) {
		s, ctx := open(), t.Context()
		defer s.close()
		check(t, s.Defer(ctx, event("1"), 0))
		check(t, s.Defer(ctx, event("2"), 0))
		stop := s.run(func(_ context.Context, e ledger.Event) ledger.Verdict {
			if e.EventID == "1" {
				return ledger.Verdict{Action: ledger.Again, Reason: "answered 503"}
			}
			return ledger.Verdict{Action: ledger.Wait, Delay: 30 * time.Second}
		})
		time.Sleep(5 * time.Minute)
		stop()
		s.is(t, 1, 1)
	})
}

func TestADeadReplicasWorkIsTakenOver(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() replica) {
		dead, alive, ctx := open(), open(), t.Context()
		defer alive.close()
		check(t, dead.Defer(ctx, event("1"), 0))
		begun := make(chan struct{})
		var once sync.Once
		stop := dead.run(func(ctx context.Context, _ ledger.Event) ledger.Verdict {
			once.Do(func() { close(begun) })
			<-ctx.Done()
			return ledger.Verdict{Action: ledger.Again}
		})
		<-begun
		dead.close()
		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		stopAlive := alive.run(func(context.Context, ledger.Event) ledger.Verdict { return ledger.Verdict{Action: ledger.Done} })
		time.Sleep(3 * time.Minute)
		alive.is(t, 0, 0)
		stopAlive()
		<-stopped
	})
}

func TestAPeriodicJobRunsOnOneReplicaAtATime(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() replica) {
		var mu sync.Mutex
		runs, running := 0, 0
		job := ledger.Periodic{Name: "probe", Every: time.Minute, Run: func(context.Context) error {
			mu.Lock()
			runs++
			if running++; running > 1 {
				t.Error("two run at once")
			}
			mu.Unlock()
			time.Sleep(20 * time.Second)
			mu.Lock()
			defer mu.Unlock()
			running--
			return nil
		}}
		var stops []func()
		for range 2 {
			s := open()
			defer s.close()
			stops = append(stops, s.run(nil, job))
		}
		time.Sleep(6*time.Minute + 30*time.Second)
		for _, stop := range stops {
			stop()
		}
		if runs != 6 {
			t.Errorf("it ran %d times in 6 and a half minutes, want 6", runs)
		}
	})
}

func TestAStoreThatIsAwayIsTransient(t *testing.T) {
	t.Parallel()
	var db ledgertest.Database
	s, ctx := db.Open(ledgertest.Options{}), t.Context()
	check(t, s.UpdateClaim(ctx, "o1", claim.State{FFTOrderID: "f1"}))
	for name, leave := range map[string]func(){"away": func() { db.SetAway(true) }, "cut": s.Cut} {
		leave()
		_, _, opened := s.OpenClaim(ctx, claim.Order{ID: "o1"}, claim.State{})
		_, read := s.ReadClaim(ctx, "o1")
		for _, err := range []error{opened, read, s.Defer(ctx, event("1"), 0), s.AddDeadLetter(ctx, event("1"))} {
			if !remote.Is(err, remote.Transient) || !strings.HasPrefix(err.Error(), ledger.Platform) {
				t.Errorf("%s: error is %v", name, err)
			}
		}
		db.SetAway(false)
	}
	if record, err := db.Open(ledgertest.Options{}).ReadClaim(ctx, "o1"); err != nil || record.FFTOrderID != "f1" {
		t.Errorf("the database forgot: %+v, %v", record, err)
	}
}
