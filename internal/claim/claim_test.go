package claim_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/claim"
	"fftconnect/internal/claim/claimtest"
	"fftconnect/internal/remote"
)

const lag = 10 * time.Second

var order = claim.Order{ID: "o1", Number: "A-1", Name: "A-1", Numbered: true}

func failing(kind remote.Kind, ambiguous bool) error {
	return &remote.Error{Platform: "test", Operation: "call", Kind: kind, Ambiguous: ambiguous}
}

// created is a create call that is answered.
func created(id string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return id, nil }
}

// onEachStore runs the test on claims of two replicas, or of one where there can only be
// one.
func onEachStore(t *testing.T, test func(t *testing.T, a, b *claim.Claims)) {
	for name, stores := range map[string]func() (a, b claim.Store){
		"memory": func() (a, b claim.Store) {
			m := claim.NewMemory(lag, nil)
			return m, m
		},
		"objects": func() (a, b claim.Store) {
			kept := newObjects()
			return claim.NewObjects(kept, lag, nil), claim.NewObjects(kept, lag, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, b := stores()
				test(t, claim.New(a, lag, nil), claim.New(b, lag, nil))
			})
		})
	}
}

func begin(t *testing.T, c *claim.Claims, o claim.Order) *claim.Attempt {
	t.Helper()
	attempt, counterpart, err := c.Begin(t.Context(), o)
	if err != nil || counterpart != "" {
		t.Fatalf("counterpart %q, %v", counterpart, err)
	}
	return attempt
}

// mustWait wants the order to be left alone for so long.
func mustWait(t *testing.T, c *claim.Claims, want time.Duration) {
	t.Helper()
	attempt, counterpart, err := c.Begin(t.Context(), order)
	if got := remote.WaitOf(err); attempt != nil || counterpart != "" || !remote.Is(err, remote.Transient) || got != want {
		t.Errorf("counterpart %q, %v, waits %s, want %s", counterpart, err, got, want)
	}
}

func TestMemoryKeepsClaims(t *testing.T) {
	t.Parallel()
	m := claim.NewMemory(lag, nil)
	claimtest.Conform(t, claimtest.Stores{A: m, B: m})
}

func TestACreatedOrderIsNotCreatedAgain(t *testing.T) {
	onEachStore(t, func(t *testing.T, a, _ *claim.Claims) {
		attempt := begin(t, a, order)
		if !attempt.First() || attempt.Name() != "A-1" {
			t.Errorf("first %t, name %s", attempt.First(), attempt.Name())
		}
		if id, err := attempt.Create(t.Context(), created("f1")); id != "f1" || err != nil {
			t.Fatal(id, err)
		}
		if again, counterpart, err := a.Begin(t.Context(), order); again != nil || counterpart != "f1" || err != nil {
			t.Errorf("again: %v, %q, %v", again, counterpart, err)
		}
	})
}

func TestAnAttemptThatDiesIsWaitedFor(t *testing.T) {
	onEachStore(t, func(t *testing.T, a, b *claim.Claims) {
		begin(t, a, order)
		mustWait(t, b, 35*time.Second)
		time.Sleep(34 * time.Second)
		mustWait(t, b, time.Second)
		time.Sleep(time.Second)
		later := order
		later.Name = "B-1"
		attempt := begin(t, b, later)
		if names := attempt.Names(); attempt.First() || !slices.Contains(names, "A-1") || !slices.Contains(names, "B-1") {
			t.Errorf("first %t, names %v", attempt.First(), names)
		}
		mustWait(t, a, 35*time.Second)
	})
}

func TestAfterACallWithoutAnAnswerTheListsMustCatchUp(t *testing.T) {
	onEachStore(t, func(t *testing.T, a, _ *claim.Claims) {
		attempt := begin(t, a, order)
		_, err := attempt.Create(t.Context(), func(context.Context) (string, error) {
			time.Sleep(4 * time.Second)
			return "", failing(remote.Transient, true)
		})
		if !remote.IsAmbiguous(err) {
			t.Fatal(err)
		}
		mustWait(t, a, 20*time.Second) // the platform may go on with it, then the lists lag
		time.Sleep(20 * time.Second)
		begin(t, a, order)
	})
}

func TestAGatewaysAnswerDoesNotEndTheCall(t *testing.T) {
	for want, answered := range map[time.Duration]*remote.Error{
		20 * time.Second: {Kind: remote.Transient, Ambiguous: true, Status: 502, Foreign: true},
		lag:              {Kind: remote.Transient, Ambiguous: true, Status: 500}, // the platform's own
	} {
		onEachStore(t, func(t *testing.T, a, _ *claim.Claims) {
			if _, err := begin(t, a, order).Create(t.Context(), func(context.Context) (string, error) { return "", answered }); !remote.IsAmbiguous(err) {
				t.Fatal(err)
			}
			mustWait(t, a, want)
		})
	}
}

func TestAfterACallThatCreatedNothingTheOrderIsFree(t *testing.T) {
	onEachStore(t, func(t *testing.T, a, _ *claim.Claims) {
		for range 3 {
			if _, err := begin(t, a, order).Create(t.Context(), func(context.Context) (string, error) {
				return "", failing(remote.Rejected, false)
			}); !remote.Is(err, remote.Rejected) {
				t.Fatal(err)
			}
			if err := begin(t, a, order).Abandon(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnAttemptCannotBeUsedLateOrTwice(t *testing.T) {
	onEachStore(t, func(t *testing.T, a, _ *claim.Claims) {
		calls := 0
		call := func(ctx context.Context) (string, error) {
			calls++
			<-ctx.Done() // the call is bounded by the attempt
			return "", failing(remote.Transient, true)
		}
		late := begin(t, a, order)
		time.Sleep(15 * time.Second)
		if _, err := late.Create(t.Context(), call); calls != 0 || !remote.Is(err, remote.Transient) {
			t.Errorf("late: %d calls, %v", calls, err)
		}
		time.Sleep(20 * time.Second)
		attempt, begun := begin(t, a, order), time.Now()
		time.Sleep(8 * time.Second)
		if _, err := attempt.Create(t.Context(), call); !remote.IsAmbiguous(err) || time.Since(begun) != 15*time.Second {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
		if _, err := attempt.Create(t.Context(), call); calls != 1 || err == nil {
			t.Errorf("twice: %d calls, %v", calls, err)
		}
	})
}

func TestWhoWasOvertakenLearnsOfTheOtherOrder(t *testing.T) {
	t.Parallel()
	m := claim.NewMemory(lag, nil)
	c := claim.New(m, lag, nil)
	attempt := begin(t, c, order)
	if err := c.Link(t.Context(), order.ID, "A-1", "f0"); err != nil {
		t.Fatal(err)
	}
	id, err := attempt.Create(t.Context(), created("f1"))
	var doubled *claim.AlreadyLinked
	if id != "f1" || !errors.As(err, &doubled) || *doubled != (claim.AlreadyLinked{Known: "f0", Other: "f1"}) {
		t.Errorf("%q, %v", id, err)
	}
	if err := c.Link(t.Context(), order.ID, "A-1", "f0"); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := c.Relink(t.Context(), order.ID, "", "f0", "f1"); err != nil {
		t.Errorf("another one on purpose: %v", err)
	}
	if record, err := c.Recall(t.Context(), order.ID); err != nil || record.FFTOrderID != "f1" {
		t.Errorf("%+v, %v", record, err)
	}
}

func TestWhatIsInFlightIsNotReleased(t *testing.T) {
	onEachStore(t, func(t *testing.T, a, _ *claim.Claims) {
		attempt := begin(t, a, order)
		if err := a.Release(t.Context(), order.ID, ""); err != nil {
			t.Fatal(err)
		}
		mustWait(t, a, 35*time.Second)
		if _, err := attempt.Create(t.Context(), created("f1")); err != nil {
			t.Fatal(err)
		}
		if err := a.Release(t.Context(), order.ID, "f1"); err != nil {
			t.Fatal(err)
		}
		begin(t, a, order)
	})
}

func TestALeaseFromAClockThatWasWrongEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := claim.NewMemory(lag, nil)
		if _, _, err := m.OpenClaim(t.Context(), order, claim.State{Names: []string{"A-1"}, InFlight: 365 * 24 * time.Hour}); err != nil {
			t.Fatal(err)
		}
		c := claim.New(m, lag, nil)
		mustWait(t, c, 35*time.Second)
		time.Sleep(35 * time.Second)
		begin(t, c, order)
	})
}

func TestAProcessKnowsWhatItCannotRemember(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := claim.New(claim.NewMemory(lag, nil), lag, nil)
		late := claim.Order{ID: "o0", Number: "0", Name: "0", CreatedAt: time.Now().Add(-time.Hour)}
		if _, _, err := c.Begin(t.Context(), late); remote.WaitOf(err) != 35*time.Second {
			t.Errorf("just after the process began an older order that got its number is not waited with: %v", err)
		}
		time.Sleep(time.Hour)
		for name, test := range map[string]struct {
			order claim.Order
			names []string
		}{
			"placed before the process began": {claim.Order{ID: "o1", Number: "1", Name: "1", CreatedAt: time.Now().Add(-2 * time.Hour)}, []string{"1", "o1"}},
			"placed just when it began":       {claim.Order{ID: "o2", Number: "2", Name: "2", CreatedAt: time.Now().Add(-time.Hour)}, []string{"2", "o2"}},
			"placed since":                    {claim.Order{ID: "o3", Number: "3", Name: "3", CreatedAt: time.Now().Add(-30 * time.Minute)}, []string{"3"}},
			"never without its number":        {claim.Order{ID: "o4", Number: "4", Name: "4", Numbered: true}, []string{"4"}},
		} {
			if attempt := begin(t, c, test.order); !slices.Equal(attempt.Names(), test.names) || !attempt.First() {
				t.Errorf("%s: names %v, first %t", name, attempt.Names(), attempt.First())
			}
		}
	})
}
