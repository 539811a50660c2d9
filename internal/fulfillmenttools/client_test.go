package fulfillmenttools_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

// rig is a client and the platform that it talks to, in process unless a test
// changes that.
type rig struct {
	*fulfillmenttools.Client
	t      *testing.T
	fft    *fftsim.Platform
	log    *simulator.Log
	faults *simulator.Faults
}

func setup(t *testing.T, fft fftsim.Options, change ...func(*fulfillmenttools.Options)) *rig {
	t.Helper()
	r := &rig{t: t, log: simulator.NewLog(true), faults: simulator.NewFaults(1)}
	fft.Log, fft.Faults, fft.Pace = r.log, r.faults, fftsim.Pace{Manual: true}
	r.fft = fftsim.New(fft)
	t.Cleanup(r.fft.Close)
	opts := fulfillmenttools.Options{
		APIURL: "https://acme.api.example", SignInURL: "https://signin.example", TokenURL: "https://token.example",
		APIKey: "demo-api-key", User: "connector@demo.example", Password: "demo-password",
		UserAgent: "fftconnect/test", Base: inProcess{r.fft.Handler()},
	}
	for _, f := range change {
		f(&opts)
	}
	r.Client = fulfillmenttools.New(opts)
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

// overWire has the client talk to the platform through real connections.
func overWire(t *testing.T, handler http.Handler) func(*fulfillmenttools.Options) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = silent()
	server.Start()
	t.Cleanup(server.Close)
	return func(o *fulfillmenttools.Options) {
		o.APIURL, o.SignInURL, o.TokenURL, o.Base = server.URL, server.URL, server.URL, server.Client().Transport
	}
}

// wantError checks an error's kind, that its text has all parts, and that it shows
// nothing of whom it must not.
func wantError(t *testing.T, err error, kind remote.Kind, parts ...string) {
	t.Helper()
	if err == nil || remote.KindOf(err) != kind {
		t.Errorf("got %v, want one that is %v", err, kind)
		return
	}
	var failed *remote.Error
	if !errors.As(err, &failed) || failed.Platform != fulfillmenttools.Platform {
		t.Errorf("%v is no error of fulfillmenttools", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %q", err, part)
		}
	}
	for _, secret := range []string{"demo-password", "demo-api-key", "connector@demo.example", "://", "key="} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%v shows %q", err, secret)
		}
	}
}

func TestAGatewaysPageIsTransient(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	r.faults.PlanFaults("POST /api/orders", 1, simulator.Fault{Status: http.StatusBadGateway, BreakBody: true})
	_, err := r.CreateOrder(t.Context(), order("A-1"))
	wantError(t, err, remote.Transient, "fulfillmenttools: create order: answered 502")
	if !remote.IsAmbiguous(err) || r.log.Count("POST /api/orders") != 1 {
		t.Errorf("ambiguous %v after %d calls", remote.IsAmbiguous(err), r.log.Count("POST /api/orders"))
	}
}

func TestAPageInsteadOfAnAnswerIsTransient(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	r.faults.PlanFaults("/api/", 2, simulator.Fault{Status: http.StatusCreated, BreakBody: true})
	_, err := r.CreateOrder(t.Context(), order("A-1"))
	wantError(t, err, remote.Transient, "create order", "the answer cannot be read")
	if !remote.IsAmbiguous(err) {
		t.Errorf("%v: the order may have been created", err)
	}
	_, err = r.Order(t.Context(), "x")
	wantError(t, err, remote.Transient, "read order")
}

func TestAMissingPermissionBlocks(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	r.faults.PlanFaults("/api/", 1, simulator.Fault{Status: http.StatusForbidden})
	_, err := r.CreateOrder(t.Context(), order("A-1"))
	wantError(t, err, remote.Blocked, "answered 403", "Forbidden The request could not be served.", "lacks the permission")
	if remote.IsAmbiguous(err) {
		t.Errorf("%v is ambiguous", err)
	}
}

func TestThePlatformsWordsAreTold(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	wrong := order("A-1")
	wrong.Consumer.Addresses[0].Country = "Deutschland"
	wrong.OrderLineItems[0].Quantity = 0
	_, err := r.CreateOrder(t.Context(), wrong)
	wantError(t, err, remote.Rejected, "create order: answered 400: ", "consumer.addresses[0].country: must match", "; ", "orderLineItems[0].quantity: must be at least 1")
	_, err = r.Order(t.Context(), "no such id")
	wantError(t, err, remote.NotFound, "read order: answered 404: Not found /api/orders/no such id does not exist.")
	_, err = r.PickJob(t.Context(), "../x")
	wantError(t, err, remote.NotFound, "read pick job")
}

// echo refuses whatever it is sent, quoting all of it.
func echo(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		simulator.WriteJSON(w, http.StatusOK, map[string]string{"idToken": "the.id.token", "refreshToken": "AMf-refresh", "expiresIn": "3600"})
		return
	}
	var text strings.Builder
	text.WriteString(r.Header.Get("Authorization") + " ")
	buffer := make([]byte, 1<<16)
	n, _ := r.Body.Read(buffer)
	text.Write(buffer[:min(n, 480)])
	simulator.WriteJSON(w, http.StatusBadRequest, []map[string]string{{"summary": "cannot take", "description": text.String()}})
}

func TestARefusalThatQuotesTheRequestShowsNobody(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{}, func(o *fulfillmenttools.Options) { o.Base = inProcess{http.HandlerFunc(echo)} })
	_, err := r.CreateOrder(t.Context(), order("A-1"))
	wantError(t, err, remote.Rejected, "cannot take", "A-1")
	_, err2 := r.CreateSubscription(t.Context(), webhook("PICK_JOB_CREATED", "ours"))
	if err2 == nil || !strings.Contains(err2.Error(), "PICK_JOB_CREATED") {
		t.Fatalf("got %v", err2)
	}
	for _, planted := range []string{"Ada", "Berg", "Lindenweg", "50667", "Köln", "ada@example.org", "+49 170 5550", "the.id.token", "eyJhbGciOiJIUzI1NiJ9"} {
		if text := err.Error() + err2.Error(); strings.Contains(text, planted) {
			t.Errorf("%q survives in %s", planted, text)
		}
	}
}

func TestEveryCallSaysWhoCalls(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	if _, err := r.CreateOrder(t.Context(), order("A-1")); err != nil {
		t.Fatal(err)
	}
	for _, exchange := range r.log.All() {
		if got := exchange.Header.Get("User-Agent"); got != "fftconnect/test" || exchange.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s calls itself %q and sends %q", exchange.Method, exchange.Path, got, exchange.Header.Get("Content-Type"))
		}
	}
}

func TestAnAddressThatIsNoneShowsNoKey(t *testing.T) {
	t.Parallel()
	client := fulfillmenttools.New(fulfillmenttools.Options{APIURL: "://", SignInURL: "://", APIKey: "demo-api-key"})
	if _, err := client.Order(t.Context(), "x"); err == nil || strings.Contains(err.Error(), "demo-api-key") {
		t.Errorf("got %v", err)
	}
	client = fulfillmenttools.New(fulfillmenttools.Options{APIURL: "https://a.example", SignInURL: "https://a b", APIKey: "demo-api-key"})
	if _, err := client.Order(t.Context(), "x"); err == nil || strings.Contains(err.Error(), "demo-api-key") {
		t.Errorf("got %v", err)
	}
}
