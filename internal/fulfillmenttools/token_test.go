package fulfillmenttools_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

const (
	signInPath  = "accounts:signInWithPassword"
	refreshPath = "/v1/token"
)

// use makes a call that needs a token.
func (r *rig) use() error {
	_, err := r.Subscriptions(r.t.Context())
	return err
}

func (r *rig) mustUse() {
	r.t.Helper()
	if err := r.use(); err != nil {
		r.t.Fatal(err)
	}
}

// wantAuth compares the number of sign-ins and of refreshes so far.
func (r *rig) wantAuth(signIns, refreshes int) {
	r.t.Helper()
	if s, f := r.log.Count(signInPath), r.log.Count(refreshPath); s != signIns || f != refreshes {
		r.t.Errorf("%d sign-ins and %d refreshes, want %d and %d", s, f, signIns, refreshes)
	}
}

func TestManyCallersSignInOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			if err := r.use(); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	r.wantAuth(1, 0)
	first := r.log.All()[0]
	if first.Query != "key=demo-api-key" || !strings.Contains(string(first.Request), `"returnSecureToken":true`) {
		t.Errorf("signed in with %s %s", first.Query, first.Request)
	}
}

func TestATokenIsRefreshedBeforeItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, fftsim.Options{})
		for range 3 {
			r.mustUse()
			time.Sleep(59*time.Minute + time.Second)
		}
		r.wantAuth(1, 2)
		if n := r.log.Count("GET /api/"); n != 3 {
			t.Errorf("%d calls for 3: an expired token was sent", n)
		}
	})
}

func TestARefusedRefreshFallsBackToSignIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, fftsim.Options{})
		r.mustUse()
		r.fft.BreakRefresh(true)
		time.Sleep(time.Hour)
		r.mustUse()
		r.wantAuth(2, 1)
		r.fft.BreakRefresh(false)
		time.Sleep(time.Hour)
		r.mustUse()
		r.wantAuth(2, 2) // by the second sign-in's refresh token
	})
}

func TestARefreshThatIsDownFallsBackToSignIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, fftsim.Options{})
		r.mustUse()
		r.faults.PlanFaults(refreshPath, 3, simulator.Fault{Status: http.StatusServiceUnavailable})
		time.Sleep(time.Hour)
		r.mustUse()
		r.wantAuth(2, 3)
	})
}

func TestRevokedTokensAreRenewedOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	r.mustUse()
	r.fft.RevokeTokens()
	r.mustUse()
	r.wantAuth(1, 1)
	if n := r.log.Count("GET /api/"); n != 3 {
		t.Errorf("%d calls, want three: one of them refused", n)
	}
	r.faults.PlanFaults("/api/", 2, simulator.Fault{Status: http.StatusUnauthorized})
	wantError(t, r.use(), remote.Blocked, "answered 401", "check FFT_API_USER")
	r.wantAuth(1, 2)
}

func TestAnOrderIsCreatedOnceWhenTheTokenIsRevoked(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{AllowSecondOrder: true})
	r.mustUse()
	r.fft.RevokeTokens()
	if _, err := r.CreateOrder(t.Context(), order("A-1")); err != nil {
		t.Fatal(err)
	}
	if n := len(r.fft.Orders()); n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestWrongCredentialsBlock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*fulfillmenttools.Options)
		words  string
	}{
		"password": {func(o *fulfillmenttools.Options) { o.Password = "old" }, "answered 400 INVALID_PASSWORD: "},
		"user":     {func(o *fulfillmenttools.Options) { o.User = "nobody@demo.example" }, "answered 400 EMAIL_NOT_FOUND: "},
		"API key":  {func(o *fulfillmenttools.Options) { o.APIKey = "other-api-key" }, "answered 400: no access token: API key not valid"},
	} {
		r := setup(t, fftsim.Options{}, c.change)
		err := r.use()
		wantError(t, err, remote.Blocked, "list subscriptions", c.words, "check FFT_API_KEY")
		if strings.Contains(err.Error(), "nobody@") || strings.Contains(err.Error(), "other-api-key") {
			t.Errorf("%s: shows in %v", name, err)
		}
		if n := r.log.Count(""); n != 1 {
			t.Errorf("%s: %d requests, want one sign-in", name, n)
		}
	}
}

// google answers every request to Google's hosts with one refusal.
func google(status int, message string) func(*fulfillmenttools.Options) {
	return func(o *fulfillmenttools.Options) {
		o.Base = inProcess{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			simulator.WriteJSON(w, status, map[string]any{"error": map[string]any{"code": status, "message": message}})
		})}
	}
}

func TestWhatGoogleSaysDecidesWhetherItIsOverSoon(t *testing.T) {
	t.Parallel()
	for message, c := range map[string]struct {
		status int
		kind   remote.Kind
		words  string
	}{
		"TOO_MANY_ATTEMPTS_TRY_LATER : Access is disabled.": {400, remote.Transient, "answered 400 TOO_MANY_ATTEMPTS_TRY_LATER"},
		"USER_DISABLED":               {400, remote.Blocked, "answered 400 USER_DISABLED"},
		"INVALID_LOGIN_CREDENTIALS":   {400, remote.Blocked, "FFT_API_PASSWORD"},
		"Requests are blocked.":       {403, remote.Blocked, "answered 403: no access token: Requests are blocked."},
		"QUOTA_EXCEEDED":              {429, remote.Transient, "answered 429"},
		"the request took too long":   {408, remote.Transient, "answered 408"},
		"somebody@demo.example fails": {400, remote.Blocked, "[e-mail] fails"},
		"BACKEND_ERROR":               {503, remote.Transient, "answered 503"},
	} {
		synctest.Test(t, func(t *testing.T) {
			err := setup(t, fftsim.Options{}, google(c.status, message)).use()
			wantError(t, err, c.kind, c.words)
			if strings.Contains(err.Error(), "somebody") || remote.IsAmbiguous(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASignInWithoutTokenIsTransient(t *testing.T) {
	t.Parallel()
	for _, answer := range []any{
		map[string]string{}, map[string]string{"idToken": "x", "expiresIn": "soon"}, map[string]string{"expiresIn": "3600"}, "text",
	} {
		r := setup(t, fftsim.Options{}, func(o *fulfillmenttools.Options) {
			o.Base = inProcess{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { simulator.WriteJSON(w, 200, answer) })}
		})
		wantError(t, r.use(), remote.Transient, "no access token: the answer")
	}
}

func TestACallerWithoutTimeDoesNotSignInAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, fftsim.Options{})
		r.mustUse()
		time.Sleep(time.Hour)
		r.faults.PlanFaults(refreshPath, 10, simulator.Fault{Delay: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := r.CreateOrder(ctx, order("A-1"))
		wantError(t, err, remote.Transient, "create order", "no answer in time")
		if remote.IsAmbiguous(err) || time.Since(start) != time.Second {
			t.Errorf("after %v: ambiguous %v", time.Since(start), remote.IsAmbiguous(err))
		}
		time.Sleep(time.Minute)
		r.faults.Clear()
		r.mustUse()
		if n := r.log.Count(signInPath); n != 1 {
			t.Errorf("%d sign-ins, want the first alone", n)
		}
	})
}
