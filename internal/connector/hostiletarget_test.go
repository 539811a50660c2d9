package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/ledgertest"
	"fftconnect/internal/platforms"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/network"
	"fftconnect/internal/simulator/world"
)

// target is a connector between both platforms, with two orders: one that messages and
// events are about, and one that nobody may touch.
type target struct {
	*world.World
	t         *testing.T
	env       config.Environment
	connector *connector.Connector
	store     *ledgertest.Store
	database  *ledgertest.Database
	public    string
	logs      mistakeLog
	victim    string // order whose messages and events are forged
	bystander string // order that is not confirmed
	untouched int    // version of the bystander
	seen      int    // version of the victim after the last delivery

	mu     sync.Mutex
	events map[string]string // of the victim's life, by name
}

// mistakeLog counts the lines in which the connector speaks of a mistake of ours.
type mistakeLog struct{ lines atomic.Int64 }

// Write implements io.Writer; a handler of slog writes one line at a time.
func (l *mistakeLog) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("a mistake in fftconnect")) || bytes.Contains(line, []byte("panic")) {
		l.lines.Add(1)
	}
	return len(line), nil
}

func (l *mistakeLog) mistakes() int64 { return l.lines.Load() }

func newTarget(t *testing.T, settings ...string) *target {
	t.Helper()
	w, err := world.Start(world.Options{
		Seed: 1, Network: network.New(), Pace: fftsim.Pace{Manual: true}, Backoff: func(int) time.Duration { return time.Hour },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	a := &target{World: w, t: t, events: map[string]string{}, database: &ledgertest.Database{}}
	a.start(settings)
	a.install()
	a.FFT.OnEvent(func(event, _ string, body []byte) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.events[event] = string(body)
	})
	a.bystander = a.CT.PlaceOrder(order("B-1", "Open"))
	a.victim = a.CT.PlaceOrder(order("A-1", "Confirmed"))
	if answer := a.send("/event", a.message(), a.token("/event")); answer.status != http.StatusOK {
		t.Fatalf("the genuine message is answered %d", answer.status)
	}
	for _, there := range a.FFT.Orders() {
		for range 5 {
			if _, err := a.FFT.Step(there.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	a.rest()
	a.untouched, a.seen = a.version(a.bystander), a.version(a.victim)
	return a
}

// rest lets everything that is under way end, in fake time.
func (a *target) rest() { time.Sleep(30 * time.Second) }

func (a *target) start(settings []string) {
	a.t.Helper()
	on := connector.Listeners{}
	var err error
	if on.Public, err = a.Listen(""); err == nil {
		on.Admin, err = a.Listen("")
	}
	if err != nil {
		a.t.Fatal(err)
	}
	a.public = "http://" + on.Public.Addr().String()
	values := a.Environment(a.public + "/service")
	values["SHUTDOWN_GRACE"] = "5s"
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		values[name] = value
	}
	a.env, err = config.Load(func(name string) (string, bool) { v, ok := values[name]; return v, ok }, 0)
	if err != nil {
		a.t.Fatal(err)
	}
	a.store = a.database.Open(ledgertest.Options{})
	transport := platforms.Transport()
	transport.Proxy = nil
	transport.DialContext = a.Client().Transport.(*http.Transport).DialContext
	a.connector, err = connector.New(connector.Options{
		Environment: a.env, Version: "test", Base: transport, Store: a.store, Logger: slog.New(slog.NewJSONHandler(&a.logs, nil)),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.connector.Run(ctx, on) }()
	a.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			a.t.Errorf("stopping: %v", err)
		}
		transport.CloseIdleConnections()
	})
}

func (a *target) install() {
	a.t.Helper()
	plan, err := setup.Installer{
		Commercetools: a.connector.Commercetools, Fulfillmenttools: a.connector.Fulfillmenttools,
		Environment: a.env, Token: intake.TokenOf(a.env), Now: time.Now,
	}.Install(a.t.Context())
	if err == nil {
		err = plan.Apply(a.t.Context(), func(setup.Step, error) {})
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

// token opens the endpoint.
func (a *target) token(path string) string {
	text, err := a.signer(path).Sign()
	if err != nil {
		a.t.Fatal(err)
	}
	return "Bearer " + text
}

func (a *target) signer(path string) intake.Token { return intake.TokenOf(a.env).ForEndpoint(path) }

// answer is what a caller gets.
type answer struct {
	status int
	err    error // it got none
}

// send posts a body.
func (a *target) send(path, body, authorization string, headers ...string) answer {
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.public+path, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := a.Client().Do(request)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return answer{response.StatusCode, err}
}

// message is commercetools' message that the victim is confirmed.
func (a *target) message() string { return messageOf(a.victim) }

func messageOf(id string) string {
	text, err := json.Marshal(map[string]any{
		"notificationType": "Message", "projectKey": "demo", "id": "44444444-4444-4444-8444-444444444444",
		"version": 1, "sequenceNumber": 1, "resourceVersion": 1, "type": "OrderStateChanged", "orderState": "Confirmed", "oldOrderState": "Open",
		"resource": map[string]any{"typeId": "order", "id": id}, "resourceUserProvidedIdentifiers": map[string]any{"orderNumber": "A-1"},
		"createdAt": "2026-11-02T08:00:00.000Z", "lastModifiedAt": "2026-11-02T08:00:00.000Z",
	})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (a *target) version(id string) int {
	order, _ := a.CT.Order(id)
	version, _ := order["version"].(float64)
	return int(version)
}

var (
	ctPath  = regexp.MustCompile(`^/(oauth/token|demo(/(orders|types|stores|channels|states|subscriptions|custom-objects|shipping-methods)(/(key=)?[A-Za-z0-9-]+|/order-number=[^/]*|/[a-z-]+/[A-Za-z0-9:.-]+)?)?)$`)
	fftPath = regexp.MustCompile(`^/(v1/[A-Za-z:]+|api/(orders|pickjobs|handoverjobs|loadunits|parcels|process|processes|facilities|subscriptions|status)(/[^/]+|/[^/]+/actions|/search)?)$`)
)

// damage is what must never have happened, whatever was sent.
func (a *target) damage() (through []string) {
	if version := a.version(a.bystander); version != a.untouched {
		through = append(through, fmt.Sprintf("the bystander was changed: version %d, was %d", version, a.untouched))
	}
	for _, there := range a.FFT.Orders() {
		if there.TenantOrderID != "A-1" {
			through = append(through, "an order was created for "+there.TenantOrderID)
		}
	}
	if n := len(a.FFT.Orders()); n != 1 {
		through = append(through, fmt.Sprintf("there are %d orders in fulfillmenttools", n))
	}
	for _, job := range a.foreignJobs() {
		through = append(through, "the victim has a job that is not its own: "+job)
	}
	for _, e := range a.CTLog.All() {
		if !ctPath.MatchString(e.Path) {
			through = append(through, "commercetools was asked for "+e.Path)
		}
	}
	for _, e := range a.FFTLog.All() {
		if !fftPath.MatchString(e.Path) || strings.Contains(e.Path, "/..") {
			through = append(through, "fulfillmenttools was asked for "+e.Path)
		}
	}
	slices.Sort(through)
	return slices.Compact(through)
}

// foreignJobs are the jobs that the victim shows and that no genuine event spoke of.
func (a *target) foreignJobs() (foreign []string) {
	shown, _ := a.CT.Order(a.victim)
	custom, _ := shown["custom"].(map[string]any)
	fields, _ := custom["fields"].(map[string]any)
	a.mu.Lock()
	defer a.mu.Unlock()
	genuine := fmt.Sprint(a.events)
	for _, name := range []string{"fft_pickjob_id", "fft_pickjob_ids", "fft_handoverjob_id", "fft_handoverjob_ids"} {
		jobs, ok := fields[name].([]any)
		if !ok && fields[name] != nil {
			jobs = []any{fields[name]}
		}
		for _, job := range jobs {
			if text := fmt.Sprint(job); !strings.Contains(genuine, `"id":"`+text+`"`) {
				foreign = append(foreign, fmt.Sprintf("%s %q", name, text))
			}
		}
	}
	return foreign
}

// kept is how many events of each state the store holds.
func (a *target) kept() (deferred, dead int) {
	for _, e := range a.database.Events() {
		if e.State == ledger.StateDead {
			dead++
		} else {
			deferred++
		}
	}
	return deferred, dead
}

func order(number, state string) map[string]any {
	money := map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 1999, "fractionDigits": 2}
	address := map[string]any{
		"firstName": "Ada", "lastName": "Berg", "streetName": "Lindenweg", "streetNumber": "7", "postalCode": "50667", "city": "Köln", "country": "DE",
	}
	return map[string]any{
		"orderNumber": number, "orderState": state, "shipmentState": "Pending", "locale": "de", "totalPrice": money,
		"shippingAddress": address, "billingAddress": address,
		"lineItems": []any{map[string]any{
			"id": "11111111-1111-4111-8111-111111111111", "productId": "22222222-2222-4222-8222-222222222222",
			"name": map[string]any{"de": "Becher"}, "quantity": 1, "variant": map[string]any{"id": 1, "sku": "MUG-1"},
			"price": map[string]any{"id": "33333333-3333-4333-8333-333333333333", "value": money}, "totalPrice": money,
		}},
	}
}
