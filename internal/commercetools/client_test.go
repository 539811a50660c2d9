package commercetools_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/ctsim"
)

type object = map[string]any

// rig is a client and the platform that it talks to in process.
type rig struct {
	*commercetools.Client
	t      testing.TB
	ct     *ctsim.Platform
	log    *simulator.Log
	faults *simulator.Faults
}

func setup(t testing.TB, ct ctsim.Options, change ...func(*commercetools.Options)) *rig {
	t.Helper()
	r := &rig{t: t, log: simulator.NewLog(true), faults: simulator.NewFaults(1)}
	ct.Log, ct.Faults = r.log, r.faults
	r.ct = ctsim.New(ct)
	t.Cleanup(r.ct.Close)
	opts := commercetools.Options{
		ProjectKey: "demo", APIURL: "https://api.acme.example", AuthURL: "https://auth.acme.example",
		ClientID: "demo-client", ClientSecret: "demo-secret", UserAgent: "fftconnect/test", Base: inProcess{r.ct.Handler()},
	}
	for _, f := range change {
		f(&opts)
	}
	var err error
	if r.Client, err = commercetools.New(opts); err != nil {
		t.Fatal(err)
	}
	return r
}

// inProcess calls a handler without a connection; a handler that aborts breaks it.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if cut := recover(); cut != nil {
			response, err = nil, &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	p.handler.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// furnish puts the catalogue's shop into the project.
func (r *rig) furnish() *catalogue.Orders {
	shop := catalogue.NewShop()
	for put, drafts := range map[*func(object) string][]object{
		ptr(r.ct.PutState): shop.States, ptr(r.ct.PutChannel): shop.Channels,
		ptr(r.ct.PutShippingMethod): shop.ShippingMethods, ptr(r.ct.PutType): shop.Types,
	} {
		for _, draft := range drafts {
			(*put)(draft)
		}
	}
	for _, draft := range shop.Stores {
		r.ct.PutStore(draft)
	}
	return catalogue.NewOrders(shop, 1)
}

func ptr[T any](value T) *T { return &value }

// order places an order with the given draft on top of the least that one has.
func (r *rig) order(draft object) string {
	full := object{"lineItems": []any{object{
		"id": "l-1", "quantity": 1, "variant": object{"sku": "S1"}, "price": object{"value": object{"currencyCode": "EUR", "centAmount": 1999}},
	}}}
	for key, value := range draft {
		full[key] = value
	}
	return r.ct.PlaceOrder(full)
}

// wantError checks an error's kind and that its text has all parts.
func wantError(t testing.TB, err error, kind remote.Kind, parts ...string) {
	t.Helper()
	if err == nil || remote.KindOf(err) != kind {
		t.Errorf("got %v, want one that is %v", err, kind)
		return
	}
	var failed *remote.Error
	if !errors.As(err, &failed) || failed.Platform != commercetools.Platform {
		t.Errorf("%v is no error of commercetools", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %q", err, part)
		}
	}
	for _, secret := range []string{"demo-secret", "https://"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%v shows %q", err, secret)
		}
	}
}

func TestOneTokenServesManyCalls(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	for range 3 {
		if _, err := r.Project(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.log.Count("/oauth/token"); n != 1 {
		t.Errorf("%d token requests", n)
	}
	for _, exchange := range r.log.All() {
		if got := exchange.Header.Get("User-Agent"); got != "fftconnect/test" {
			t.Errorf("%s %s calls itself %q", exchange.Method, exchange.Path, got)
		}
	}
}

func TestARevokedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	id := r.order(nil)
	for range 2 {
		if _, err := r.Snapshot(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		r.ct.RevokeTokens()
	}
	if n := r.log.Count("/oauth/token"); n != 2 {
		t.Errorf("%d token requests, want 2", n)
	}
	r.faults.PlanFaults("GET /demo/orders", 2, simulator.Fault{Status: 401})
	_, err := r.Snapshot(t.Context(), id)
	wantError(t, err, remote.Blocked, "answered 401 invalid_token", "CTP_CLIENT_ID")
	if n := r.log.Count("/oauth/token"); n != 3 {
		t.Errorf("%d token requests, want 3", n)
	}
}

func TestATokenIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, ctsim.Options{TokenTTL: time.Hour})
		for range 3 {
			if _, err := r.Project(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(59*time.Minute + time.Second)
		}
		if tokens, refused := r.log.Count("/oauth/token"), r.log.Count("GET /demo")-3; tokens != 3 || refused != 0 {
			t.Errorf("%d token requests and %d refused calls, want 3 and none", tokens, refused)
		}
	})
}

func TestWrongCredentialsBlock(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{}, func(o *commercetools.Options) { o.ClientSecret = "demo-secret-of-old" })
	_, err := r.Snapshot(t.Context(), "x")
	wantError(t, err, remote.Blocked, "read order", "no access token", "valid client credentials", "CTP_CLIENT_SECRET")
	if n := r.log.Count(""); n != 1 {
		t.Errorf("%d requests, want one for the token", n)
	}
}

func TestAScopeOfAnotherProjectBlocks(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{}, func(o *commercetools.Options) { o.Scope = "manage_orders:other" })
	_, err := r.Snapshot(t.Context(), "x")
	wantError(t, err, remote.Blocked, "invalid_scope", "manage_orders:other", "CTP_SCOPE")
}

func TestAMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{RequireScopes: true}, func(o *commercetools.Options) { o.Scope = "view_orders:demo" })
	id := r.order(nil)
	order, err := r.Snapshot(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: id, Version: order.Version}, shipped())
	wantError(t, err, remote.Blocked, "update order", "answered 403 insufficient_scope", "manage_orders", "lacks a scope")
	_, err = r.TypeByKey(t.Context(), "fft-order")
	wantError(t, err, remote.Blocked, "read type", "view_types")
	if n := r.log.Count("/oauth/token"); n != 1 {
		t.Errorf("%d token requests: another token has no other scopes", n)
	}
}

func TestAGatewaysPageIsTransient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, ctsim.Options{})
		r.faults.PlanFaults("/demo", 12, simulator.Fault{Status: http.StatusBadGateway, BreakBody: true})
		_, err := r.Snapshot(t.Context(), "x")
		wantError(t, err, remote.Transient, "commercetools: read order: answered 502")
		if !remote.IsAmbiguous(err) || r.log.Count("/demo") != 3 {
			t.Errorf("ambiguous %v after %d calls", remote.IsAmbiguous(err), r.log.Count("/demo"))
		}
		_, err = r.TypeByKey(t.Context(), "fft-order")
		wantError(t, err, remote.Transient, "commercetools: read type: answered 502")
	})
}

func TestAPageInsteadOfAnAnswerIsTransient(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	r.faults.PlanFaults("/demo", 5, simulator.Fault{Status: http.StatusOK, BreakBody: true})
	for name, call := range map[string]func() error{
		"snapshot": func() error { _, err := r.Snapshot(t.Context(), "x"); return err },
		"order":    func() error { _, err := r.Order(t.Context(), "x"); return err },
		"object":   func() error { _, err := r.CustomObject(t.Context(), "fft", "configuration"); return err },
		"type":     func() error { _, err := r.TypeByKey(t.Context(), "x"); return err },
		"update": func() error {
			_, err := r.UpdateOrder(t.Context(), commercetools.Snapshot{ID: "x", Version: 1}, shipped())
			return err
		},
	} {
		err := call()
		wantError(t, err, remote.Transient, "not JSON")
		if !remote.IsAmbiguous(err) {
			t.Errorf("%s: is not ambiguous", name)
		}
	}
}

func TestATokenAnswerWithoutTokenIsTransient(t *testing.T) {
	t.Parallel()
	r := setup(t, ctsim.Options{})
	r.faults.PlanFaults("/oauth/token", 1, simulator.Fault{Status: http.StatusOK})
	_, err := r.Snapshot(t.Context(), "x")
	wantError(t, err, remote.Transient, "no access token: the answer holds no token")
}

func TestAnOverloadIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := setup(t, ctsim.Options{})
		id := r.order(nil)
		r.faults.PlanFaults("/demo", 1, simulator.Fault{Status: http.StatusServiceUnavailable, RetryAfter: time.Second})
		start := time.Now()
		if _, err := r.Snapshot(t.Context(), id); err != nil || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		r.faults.PlanFaults("/demo", 1, simulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Minute})
		_, err := r.Snapshot(t.Context(), id)
		wantError(t, err, remote.Transient, "answered 429")
		if remote.WaitOf(err) != time.Minute {
			t.Errorf("asked to wait %v", remote.WaitOf(err))
		}
	})
}

func TestAnAddressThatIsNoneIsReported(t *testing.T) {
	t.Parallel()
	if _, err := commercetools.New(commercetools.Options{APIURL: "://"}); err == nil {
		t.Error("accepted")
	}
	client, err := commercetools.New(commercetools.Options{ProjectKey: "demo", APIURL: "https://api.acme.example", AuthURL: "://"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Snapshot(t.Context(), "x"); err == nil || client.ProjectKey() != "demo" {
		t.Errorf("got %v", err)
	}
}
