package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/remote"
)

// authority issues numbered tokens.
type authority struct {
	fetches  atomic.Int64
	takes    time.Duration
	lifetime time.Duration
	fail     func(n int64) error // may be nil
	previous []remote.Token
}

func (a *authority) tokens() *remote.Tokens {
	return remote.NewTokens(func(ctx context.Context, previous remote.Token) (remote.Token, error) {
		n := a.fetches.Add(1)
		a.previous = append(a.previous, previous)
		select {
		case <-time.After(a.takes):
		case <-ctx.Done():
			return remote.Token{}, ctx.Err()
		}
		if a.fail != nil {
			if err := a.fail(n); err != nil {
				return remote.Token{}, err
			}
		}
		name := fmt.Sprint("token-", n)
		return remote.Token{Value: name, Refresh: "refresh-" + name, Expires: time.Now().Add(a.lifetime)}, nil
	})
}

func TestAHundredCallersShareOneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{takes: time.Second, lifetime: time.Hour}
		tokens := a.tokens()
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() {
				if value, err := tokens.Value(t.Context()); value != "token-1" || err != nil {
					t.Errorf("got %q, %v", value, err)
				}
			})
		}
		callers.Wait()
		if n := a.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestACallerWhoLeavesDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{takes: time.Second, lifetime: time.Hour}
		tokens := a.tokens()
		impatient, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer leave()
		var callers sync.WaitGroup
		callers.Go(func() {
			start := time.Now()
			if _, err := tokens.Value(impatient); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		})
		synctest.Wait() // the impatient caller has begun the fetch
		callers.Go(func() {
			if value, err := tokens.Value(t.Context()); value != "token-1" || err != nil {
				t.Errorf("got %q, %v", value, err)
			}
		})
		callers.Wait()
	})
}

func TestATokenIsRenewedAMinuteEarly(t *testing.T) {
	t.Parallel()
	for lifetime, early := range map[time.Duration]time.Duration{
		time.Hour:         time.Minute,
		48 * time.Hour:    time.Minute,
		100 * time.Second: 10 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			a := &authority{lifetime: lifetime}
			tokens := a.tokens()
			for _, step := range []struct {
				at   time.Duration
				want string
			}{
				{0, "token-1"}, {lifetime - early - time.Second, "token-1"}, {lifetime - early, "token-2"},
			} {
				time.Sleep(time.Until(start().Add(step.at)))
				if got, err := tokens.Value(t.Context()); got != step.want || err != nil {
					t.Errorf("%v after a token for %v: got %s, %v, want %s", step.at, lifetime, got, err, step.want)
				}
			}
			if got := a.previous[1]; got.Refresh != "refresh-token-1" {
				t.Errorf("the renewal starts from %+v", got)
			}
			if want := time.Now().Add(lifetime); !tokens.Expires().Equal(want) {
				t.Errorf("expires %v, want %v", tokens.Expires(), want)
			}
		})
	}
}

// start is when every synctest bubble's clock starts.
func start() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestAFailedRenewalLeavesATokenThatIsStillGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("down")
		a := &authority{lifetime: time.Hour, fail: func(n int64) error {
			if n > 1 {
				return down
			}
			return nil
		}}
		tokens := a.tokens()
		_, _ = tokens.Value(t.Context())
		time.Sleep(time.Hour - 30*time.Second)
		if got, err := tokens.Value(t.Context()); got != "token-1" || err != nil {
			t.Errorf("half a minute before its end: got %q, %v", got, err)
		}
		time.Sleep(30 * time.Second)
		if got, err := tokens.Value(t.Context()); got != "" || !errors.Is(err, down) {
			t.Errorf("at its end: got %q, %v", got, err)
		}
	})
}

func TestAFailedFetchIsTriedAgainByTheNextCaller(t *testing.T) {
	t.Parallel()
	a := &authority{lifetime: time.Hour, fail: func(n int64) error {
		if n == 1 {
			return errors.New("down")
		}
		return nil
	}}
	tokens := a.tokens()
	if _, err := tokens.Value(t.Context()); err == nil {
		t.Error("a failed fetch gives a token")
	}
	if got, err := tokens.Value(t.Context()); got != "token-2" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOnlyTheRefusedTokenIsDropped(t *testing.T) {
	t.Parallel()
	a := &authority{lifetime: time.Hour}
	tokens := a.tokens()
	first, _ := tokens.Value(t.Context())
	tokens.Reject("an older one")
	if got, _ := tokens.Value(t.Context()); got != first {
		t.Errorf("got %s after an older one was refused", got)
	}
	tokens.Reject(first)
	if got, _ := tokens.Value(t.Context()); got != "token-2" {
		t.Errorf("got %s after %s was refused", got, first)
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statuses []int
		tokens   string // those sent
		want     remote.Kind
		ok       bool
	}{
		"fixed":                   {[]int{401, 200}, "token-1 token-2", 0, true},
		"refused again":           {[]int{401, 401, 200}, "token-1 token-2", remote.Blocked, false},
		"refused after a hiccup":  {[]int{401, 503, 401, 200}, "token-1 token-2 token-2", remote.Blocked, false},
		"refused between hiccups": {[]int{503, 401, 503, 200}, "token-1 token-1 token-2 token-2", 0, true},
		"fixed, then not allowed": {[]int{401, 403}, "token-1 token-2", remote.Blocked, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := &authority{lifetime: time.Hour}
			p := answering(c.statuses...)
			err := send(t.Context(), p, http.MethodGet, remote.Operation{}, remote.Options{Tokens: a.tokens()})
			if got := strings.Join(p.tokens, " "); got != c.tokens || (err == nil) != c.ok || err != nil && remote.KindOf(err) != c.want {
				t.Errorf("%s: sent %s, then %v", name, got, err)
			}
		})
	}
}

func TestConcurrentCallersWhoseTokenIsRefusedRenewItOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{takes: time.Second, lifetime: time.Hour}
		tokens := a.tokens()
		revoking := roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(100 * time.Millisecond)
			status := 200
			if r.Header.Get("Authorization") == "Bearer token-1" {
				status = 401
			}
			return answering(status).RoundTrip(r)
		})
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() {
				if err := send(t.Context(), revoking, http.MethodPost, remote.Operation{}, remote.Options{Tokens: tokens}); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if n := a.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want the first and one renewal", n)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWithoutATokenNothingIsSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refusal error
		want    remote.Kind
		text    string
	}{
		"wrong secret": {
			&remote.Error{Kind: remote.Blocked, Status: 401, Code: "invalid_client", Message: "wrong credentials", Hint: "check them"},
			remote.Blocked, "acme: create order: answered 401 invalid_client: no access token: wrong credentials (check them)",
		},
		"sign-in rejected": {
			&remote.Error{Kind: remote.Rejected, Status: 400, Message: "what?"},
			remote.Blocked, "acme: create order: answered 400: no access token: what?",
		},
		"wrong address": {
			&remote.Error{Kind: remote.NotFound, Status: 404},
			remote.Blocked, "acme: create order: answered 404: no access token",
		},
		"overload": {
			&remote.Error{Kind: remote.Transient, Status: 503, Delay: 9 * time.Second},
			remote.Transient, "acme: create order: answered 503: no access token",
		},
		"no connection": {
			&remote.Error{Kind: remote.Transient, Cause: refusedConnection()},
			remote.Transient, "acme: create order: transient: no access token: connection failed: dial: connect: connection refused",
		},
		"nonsense": {
			&remote.Error{Kind: remote.Transient, Message: "the answer holds no token"},
			remote.Transient, "acme: create order: transient: no access token: the answer holds no token",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := &authority{lifetime: time.Hour, fail: func(int64) error { return c.refusal }}
			p := answering(200)
			err := send(t.Context(), p, http.MethodPost, remote.Operation{Name: "create order"}, remote.Options{Tokens: a.tokens()})
			if remote.KindOf(err) != c.want || err.Error() != c.text {
				t.Errorf("%s: got %v: %v", name, remote.KindOf(err), err)
			}
			if remote.IsAmbiguous(err) || remote.WaitOf(err) != remote.WaitOf(c.refusal) || p.calls != 0 {
				t.Errorf("%s: ambiguous %v, wait %v, %d calls", name, remote.IsAmbiguous(err), remote.WaitOf(err), p.calls)
			}
			// The sign-in repeats by itself; the call that needs it does not multiply that.
			if n := a.fetches.Load(); n != 1 {
				t.Errorf("%s: %d fetches for one call", name, n)
			}
		})
	}
}

func TestACallWhoseTimeEndsDuringTheSignInWasNotCarriedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		a := &authority{takes: 5 * time.Second, lifetime: time.Hour}
		p := answering(200)
		err := send(ctx, p, http.MethodPost, remote.Operation{Name: "create order"}, remote.Options{Tokens: a.tokens()})
		if !remote.Is(err, remote.Transient) || remote.IsAmbiguous(err) || p.calls != 0 {
			t.Errorf("%d calls, then %v", p.calls, err)
		}
		if want := "acme: create order: transient: no access token: no answer in time"; err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		time.Sleep(10 * time.Second) // until the fetch, which others may wait for, has ended
	})
}

func TestASlowSignInLeavesTheCallItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{takes: 6 * time.Second, lifetime: time.Hour}
		p := &platform{answers: []answer{{takes: 4 * time.Second, status: 201}}}
		err := send(t.Context(), p, http.MethodPost, remote.Operation{Name: "create order"}, remote.Options{Tokens: a.tokens()})
		if err != nil || p.calls != 1 {
			t.Errorf("%d calls, then %v", p.calls, err)
		}
	})
}

func TestAFetchThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{takes: time.Hour, lifetime: time.Hour}
		begin := time.Now()
		_, err := a.tokens().Value(t.Context())
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 8*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
	})
}

func TestARefusedSignInIsRememberedAndGrowsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := &remote.Error{Platform: "p", Operation: "sign in", Kind: remote.Blocked, Status: 400, Code: "INVALID_PASSWORD", Hint: "correct it"}
		a := &authority{lifetime: time.Hour, fail: func(n int64) error {
			if n < 5 {
				return refused
			}
			return nil
		}}
		tokens := a.tokens()
		begun := time.Now()
		var at []time.Duration
		for time.Since(begun) < 20*time.Minute {
			before := a.fetches.Load()
			_, err := tokens.Value(t.Context())
			if a.fetches.Load() > before {
				at = append(at, time.Since(begun))
			} else if err != nil && (remote.HintOf(err) != "correct it" || remote.WaitOf(err) <= 0) {
				t.Fatalf("remembered as %v", err)
			}
			time.Sleep(time.Second)
		}
		want := []time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute, 12 * time.Minute}
		if !slices.Equal(at, want) {
			t.Errorf("signed in after %v, want %v", at, want)
		}
	})
}

func TestAnOutageOfTheSignInIsNotRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{lifetime: time.Hour, fail: func(n int64) error {
			if n == 1 {
				return remote.NewTransient("p", "sign in", "away", 0)
			}
			return nil
		}}
		tokens := a.tokens()
		if _, err := tokens.Value(t.Context()); err == nil {
			t.Fatal("no error")
		}
		if value, err := tokens.Value(t.Context()); value != "token-2" || err != nil {
			t.Errorf("got %q, %v", value, err)
		}
	})
}

func TestATokenThatEndsAtOnceIsUsedAllTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{}
		tokens := a.tokens()
		for range 100 {
			if value, err := tokens.Value(t.Context()); value != "token-1" || err != nil {
				t.Fatalf("got %q, %v", value, err)
			}
		}
	})
}

func TestTokensThatAreAlwaysRefusedAreNotFetchedForEveryCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{lifetime: time.Hour}
		tokens := a.tokens()
		for range 200 {
			if value, err := tokens.Value(t.Context()); err == nil {
				tokens.Reject(value)
			}
		}
		if n := a.fetches.Load(); n > 25 {
			t.Errorf("%d sign-ins", n)
		}
		time.Sleep(2 * time.Minute)
		if _, err := tokens.Value(t.Context()); err != nil {
			t.Errorf("not even later: %v", err)
		}
	})
}
