package connector_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/feedback"
	"fftconnect/internal/intake"
	"fftconnect/internal/otlp"
	"fftconnect/internal/outcome"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/network"
	"fftconnect/internal/simulator/world"
	"fftconnect/internal/testtime"
)

// rig is a world with one connector installed in it.
type rig struct {
	*world.World
	t         *testing.T
	connector *connector.Connector
	env       config.Environment
	opts      rigOptions
	publicURL string
	adminURL  string
	logs      *buffer
	stop      func() error // ends the connector; a second call changes nothing
	sender    *otlp.Sender

	mu      sync.Mutex
	entries []outcome.Entry
}

type rigOptions struct {
	world world.Options
	env   map[string]string // on top of the world's
	bare  bool              // nothing is installed
	// between stands between the connector and the platforms; may be nil.
	between func(next http.RoundTripper) http.RoundTripper
	// gate stands between the senders and the connector; may be nil.
	gate func(http.Handler) http.Handler
	// store opens the connector's store; without it there is none.
	store func(*rig) connector.Store
	// collector gets what is sent by OTLP; may be nil.
	collector *collector
	// mayCutOff: stopping may cut messages off.
	mayCutOff bool
}

// quick lets everything happen at once and the senders repeat soon.
func quick() world.Options {
	return world.Options{Seed: 1, Backoff: soon, Pace: fftsim.Pace{Manual: true}}
}

// soon is a second for the first repetition, and up to ten for later ones.
func soon(attempt int) time.Duration { return time.Duration(min(attempt-1, 10)) * time.Second }

// newRig is for tests inFakeTime.
func newRig(t *testing.T, opts rigOptions) *rig {
	t.Helper()
	r := newWorld(t, opts)
	r.start("", opts.env)
	if !opts.bare {
		r.install()
		r.CTLog.Reset()
		r.FFTLog.Reset()
	}
	return r
}

// newWorld is a rig whose connector is not started yet.
func newWorld(t *testing.T, opts rigOptions) *rig {
	t.Helper()
	if !testtime.IsFake() {
		t.Fatal("a rig lives in fake time: write the test inside of inFakeTime")
	}
	opts.world.Network = network.New()
	w, err := world.Start(opts.world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	r := &rig{World: w, t: t, opts: opts, logs: &buffer{}}
	t.Cleanup(func() {
		if t.Failed() {
			lines := strings.Split(r.logs.String(), "\n")
			t.Logf("latest log lines:\n%s", strings.Join(lines[max(0, len(lines)-20):], "\n"))
		}
	})
	return r
}

// beside runs another connector in the same world; nothing is installed for it.
func (r *rig) beside(env map[string]string) *rig {
	r.t.Helper()
	return r.twin(env, nil)
}

// twin runs a second replica, with a store of its own choice.
func (r *rig) twin(env map[string]string, store func(*rig) connector.Store) *rig {
	r.t.Helper()
	other := &rig{World: r.World, t: r.t, opts: rigOptions{world: r.opts.world, env: env, store: store}, logs: &buffer{}}
	other.start("", env)
	return other
}

// restart stops the connector and starts one with other settings at its address.
func (r *rig) restart(env map[string]string) {
	r.t.Helper()
	if err := r.stop(); err != nil {
		r.t.Fatal(err)
	}
	r.start(strings.TrimPrefix(r.publicURL, "http://"), env)
}

// start runs a connector until the test ends, on a free port when address is empty.
func (r *rig) start(address string, more map[string]string) {
	r.t.Helper()
	on := connector.Listeners{Public: r.listen(address), Admin: r.listen("")}
	r.publicURL = "http://" + on.Public.Addr().String()
	r.adminURL = "http://" + on.Admin.Addr().String()
	settings := r.Environment(r.publicURL + "/service")
	settings["FFT_LIST_LAG"] = "1s"
	settings["SHUTDOWN_GRACE"] = "5s"
	for name, value := range more {
		settings[name] = value
	}
	var err error
	r.env, err = config.Load(func(name string) (string, bool) { v, ok := settings[name]; return v, ok }, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	var store connector.Store
	if r.opts.store != nil {
		store = r.opts.store(r)
	}
	base := r.overTheNetwork()
	if r.opts.between != nil {
		base = r.opts.between(base)
	}
	logger := r.startSender(slog.New(slog.NewJSONHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	r.connector, err = connector.New(connector.Options{
		Environment: r.env, Version: "test", Watch: r.watch, Base: base, Store: store, Logger: logger, Tracer: r.sender.Tracer(),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.sender.SendMetrics(r.connector.Telemetry.Metrics())
	if r.opts.gate != nil {
		r.connector.Public = r.opts.gate(r.connector.Public)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func(c *connector.Connector) { done <- c.Run(ctx, on) }(r.connector)
	stop := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	r.stop = stop
	r.t.Cleanup(func() {
		if err := stop(); err != nil && !r.opts.mayCutOff {
			r.t.Errorf("stopping: %v", err)
		}
	})
}

func (r *rig) token() intake.Token { return intake.TokenOf(r.env) }

// tokenFor opens the endpoint.
func (r *rig) tokenFor(path string) intake.Token {
	endpoint, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	endpoint, _, _ = strings.Cut(endpoint, "?")
	return r.token().ForEndpoint("/" + endpoint)
}

func (r *rig) installer() setup.Installer {
	return setup.Installer{
		Commercetools: r.connector.Commercetools, Fulfillmenttools: r.connector.Fulfillmenttools,
		Environment: r.env, Token: r.token(), Now: time.Now,
	}
}

func (r *rig) install() {
	r.t.Helper()
	token, err := r.tokenFor("/event").Sign()
	if err != nil {
		r.t.Fatal(err)
	}
	r.RouteMessages(r.publicURL+"/event", http.Header{"Authorization": {"Bearer " + token}})
	r.apply(r.installer())
}

func (r *rig) apply(installer setup.Installer) {
	r.t.Helper()
	plan, err := installer.Install(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	if err := plan.Apply(r.t.Context(), func(setup.Step, error) {}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) watch(entry outcome.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, entry)
}

// outcomes are how the messages about an order ended, oldest first.
func (r *rig) outcomes(order string) []outcome.Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []outcome.Entry
	for _, entry := range r.entries {
		if entry.Order == order {
			found = append(found, entry)
		}
	}
	return found
}

// settle waits until both platforms have delivered everything.
func (r *rig) settle() {
	r.t.Helper()
	r.eventually("everything is delivered", func() bool { return r.Pending() == 0 })
}

// step moves every order one stage on and lets the news arrive.
func (r *rig) step() {
	r.t.Helper()
	for _, order := range r.FFT.Orders() {
		if order.Stage == fftsim.StageHandedOver || order.Stage == fftsim.StageCancelled {
			continue
		}
		if _, err := r.FFT.Step(order.ID); err != nil {
			r.t.Fatal(err)
		}
	}
	r.settle()
}

// stages is how many steps take an order from created to handed over.
const stages = 6

// ship takes every order through all stages.
func (r *rig) ship() {
	r.t.Helper()
	r.settle()
	for range stages {
		r.step()
	}
}

// eventually lets time pass until something holds.
func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	testtime.Pass(r.t, what, ok)
}

// field is a custom field of an order in commercetools.
func (r *rig) field(id, name string) any {
	r.t.Helper()
	order, ok := r.CT.Order(id)
	if !ok {
		r.t.Fatalf("order %s does not exist", id)
	}
	custom, _ := order["custom"].(map[string]any)
	fields, _ := custom["fields"].(map[string]any)
	return fields[name]
}

func (r *rig) shipmentState(id string) string {
	r.t.Helper()
	order, _ := r.CT.Order(id)
	state, _ := order["shipmentState"].(string)
	return state
}

// post sends a body to the connector, with a valid token unless another is given.
func (r *rig) post(path, body string, authorization ...string) *http.Response {
	r.t.Helper()
	header := authorization
	if header == nil {
		token, err := r.tokenFor(path).Sign()
		if err != nil {
			r.t.Fatal(err)
		}
		header = []string{"Bearer " + token}
	}
	sent := http.Header{}
	if header[0] != "" {
		sent.Set("Authorization", header[0])
	}
	return r.postWith(path, body, sent)
}

// postWith sends a body with a header of the test's choice.
func (r *rig) postWith(path, body string, header http.Header) *http.Response {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.publicURL+path, bytes.NewBufferString(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header = header
	response, err := r.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func (r *rig) listen(address string) net.Listener {
	r.t.Helper()
	listener, err := r.Listen(address)
	if err != nil {
		r.t.Fatal(err)
	}
	return listener
}

// buffer is a bytes.Buffer that several goroutines may write to.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// simpleOrder is a confirmed order of one line that ships.
func simpleOrder(number string) map[string]any {
	money := func(cents int) map[string]any {
		return map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": cents, "fractionDigits": 2}
	}
	address := map[string]any{
		"firstName": "Ada", "lastName": "Berg", "streetName": "Lindenweg", "streetNumber": "7",
		"postalCode": "50667", "city": "Köln", "country": "DE", "email": "ada@example.org",
	}
	order := map[string]any{
		"orderState": "Confirmed", "shipmentState": "Pending", "locale": "de", "customerEmail": "ada@example.org",
		"totalPrice": money(3998), "shippingAddress": address, "billingAddress": address,
		"lineItems": []any{map[string]any{
			"id": "11111111-1111-4111-8111-111111111111", "productId": "22222222-2222-4222-8222-222222222222",
			"name": map[string]any{"en": "Mug", "de": "Becher"}, "quantity": 2,
			"variant":    map[string]any{"id": 1, "sku": "MUG-1"},
			"price":      map[string]any{"id": "33333333-3333-4333-8333-333333333333", "value": money(1999)},
			"totalPrice": money(3998),
		}},
	}
	if number != "" {
		order["orderNumber"] = number
	}
	return order
}

// ourType is the type that install makes, with the shop's own field.
func ourType(fields ...string) map[string]any {
	var definitions []any
	for _, name := range append(feedback.Documented.AllNames(), append(fields, "pickup_facility")...) {
		kind := "String"
		if name == feedback.Documented.LoadUnits {
			kind = "Number"
		}
		definitions = append(definitions, map[string]any{
			"name": name, "label": map[string]any{"en": name}, "type": map[string]any{"name": kind}, "required": false,
		})
	}
	return map[string]any{
		"key": config.DefaultOrderType, "name": map[string]any{"en": "Fulfilment"},
		"resourceTypeIds": []any{"order"}, "fieldDefinitions": definitions,
	}
}

func mustBeOne(t *testing.T, orders []fftsim.Order, what string) fftsim.Order {
	t.Helper()
	if len(orders) != 1 {
		t.Fatalf("%s: %d orders in fulfillmenttools, want 1", what, len(orders))
	}
	return orders[0]
}

func describe(entries []outcome.Entry) string {
	text := ""
	for _, e := range entries {
		text += fmt.Sprintf("\n  %s %s: %s (%s)", e.Type, e.Kind, e.Reason, e.Hint)
	}
	return text
}
