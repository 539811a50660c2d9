package connector_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/reconcile"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/network"
	"fftconnect/internal/simulator/world"
)

// bench is both platforms and a connector that no message reaches, unless it is
// switched on. It lives in fake time.
type bench struct {
	*world.World
	t         *testing.T
	connector *connector.Connector
	publicURL string
}

func newBench(t *testing.T, settings ...string) *bench {
	t.Helper()
	w, err := world.Start(world.Options{
		Seed: 1, Pace: fftsim.Pace{Manual: true}, KeepBodies: true, AllowSecondOrder: true, Network: network.New(),
		Backoff: func(int) time.Duration { return time.Second },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	b := &bench{World: w, t: t}
	b.start(settings...)
	b.install("order type")
	return b
}

// start runs a connector, which knows nothing of one that was there before.
func (b *bench) start(settings ...string) {
	b.t.Helper()
	listener, err := b.Listen("")
	if err != nil {
		b.t.Fatal(err)
	}
	public := &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.connector.Public.ServeHTTP(w, r) }),
		ReadHeaderTimeout: 5 * time.Second,
	}
	go func() { _ = public.Serve(listener) }()
	b.t.Cleanup(func() { _ = public.Close() })
	b.publicURL = "http://" + listener.Addr().String()
	values := b.Environment(b.publicURL + "/service")
	values["DATABASE_URL"], values["EXPORT_CLAIM"], values["EVENT_AUTH"] = "none", "false", "none"
	values["FFT_LIST_LAG"], values["RECONCILE_RATE"], values["HANDLE_TIMEOUT"] = "1ms", "1000", "3s"
	for i := 0; i < len(settings); i += 2 {
		values[settings[i]] = settings[i+1]
	}
	env, err := config.Load(func(name string) (string, bool) { v, ok := values[name]; return v, ok }, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	if b.connector, err = connector.New(connector.Options{Environment: env, Version: "test", Base: b.Client().Transport}); err != nil {
		b.t.Fatal(err)
	}
}

// install carries out those steps of the installation that are about something;
// without the others no message comes.
func (b *bench) install(about string) {
	b.t.Helper()
	plan, err := b.connector.Installer().Install(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	plan.Steps = slices.DeleteFunc(plan.Steps, func(s setup.Step) bool { return !strings.Contains(s.What, about) })
	if len(plan.Steps) == 0 {
		b.t.Fatalf("nothing about %q is installed", about)
	}
	if err := plan.Apply(b.t.Context(), func(setup.Step, error) {}); err != nil {
		b.t.Fatal(err)
	}
}

// switchOn lets messages of both platforms arrive.
func (b *bench) switchOn() {
	b.t.Helper()
	b.RouteMessages(b.publicURL+"/event", nil)
	b.install("")
}

func (b *bench) place(number string) string {
	return b.CT.PlaceOrder(numbered(number))
}

func (b *bench) edit(id string, action map[string]any) {
	b.t.Helper()
	if err := b.CT.Edit(id, action); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) cancel(id string) {
	b.t.Helper()
	b.edit(id, map[string]any{"action": "changeOrderState", "orderState": "Cancelled"})
}

// step moves an order in fulfillmenttools n stages on.
func (b *bench) step(id string, n int) {
	b.t.Helper()
	for range n {
		if _, err := b.FFT.Step(b.only(id).ID); err != nil {
			b.t.Fatal(err)
		}
	}
}

// only is the order's one counterpart.
func (b *bench) only(id string) fftsim.Order {
	b.t.Helper()
	there := b.FFT.OrdersOf(id)
	if len(there) != 1 {
		b.t.Fatalf("order %s: %d orders in fulfillmenttools, want 1", id, len(there))
	}
	return there[0]
}

func (b *bench) now(id string) (shipment string, fields map[string]any) {
	b.t.Helper()
	found, ok := b.CT.Order(id)
	if !ok {
		b.t.Fatalf("order %s does not exist", id)
	}
	shipment, _ = found["shipmentState"].(string)
	custom, _ := found["custom"].(map[string]any)
	fields, _ = custom["fields"].(map[string]any)
	return shipment, fields
}

// everything is a walk over all orders.
func everything() reconcile.Walk { return reconcile.Walk{Until: time.Now().Add(time.Minute)} }

func (b *bench) run(walk reconcile.Walk) []reconcile.Finding {
	b.t.Helper()
	findings, err := b.connector.Reconciler.WalkAll(b.t.Context(), walk)
	if err != nil {
		b.t.Fatal(err)
	}
	return findings
}

// repairs runs over everything and wants so many findings, all repaired.
func (b *bench) repairs(n int) []reconcile.Finding {
	b.t.Helper()
	findings := b.run(everything())
	if len(findings) != n {
		b.t.Errorf("%d findings, want %d: %+v", len(findings), n, findings)
	}
	for _, f := range findings {
		if !f.Repaired || f.Problem != "" || f.At.IsZero() {
			b.t.Errorf("not repaired: %+v", f)
		}
	}
	return findings
}

// forget empties both logs.
func (b *bench) forget() {
	b.CTLog.Reset()
	b.FFTLog.Reset()
}

// calls are the API calls, sign-ins left out, whose method and path contain the part.
func (b *bench) calls(part string) (made []string) {
	for log, prefix := range map[*simulator.Log]string{b.CTLog: "/demo/", b.FFTLog: "/api/"} {
		for _, e := range log.All() {
			if line := e.Method + " " + e.Path + "?" + e.Query; strings.HasPrefix(e.Path, prefix) && strings.Contains(line, part) {
				made = append(made, line)
			}
		}
	}
	return made
}

// numbered is a confirmed order of one line that ships.
func numbered(number string) map[string]any {
	money := map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": 1999, "fractionDigits": 2}
	address := map[string]any{
		"firstName": "Ada", "lastName": "Berg", "streetName": "Lindenweg", "streetNumber": "7",
		"postalCode": "50667", "city": "Köln", "country": "DE", "email": "ada@example.org",
	}
	draft := map[string]any{
		"orderState": "Confirmed", "shipmentState": "Pending", "locale": "de", "customerEmail": "ada@example.org",
		"totalPrice": money, "shippingAddress": address, "billingAddress": address,
		"lineItems": []any{map[string]any{
			"id": "11111111-1111-4111-8111-111111111111", "productId": "22222222-2222-4222-8222-222222222222",
			"name": map[string]any{"en": "Mug", "de": "Becher"}, "quantity": 1, "variant": map[string]any{"id": 1, "sku": "MUG-1"},
			"price": map[string]any{"id": "33333333-3333-4333-8333-333333333333", "value": money}, "totalPrice": money,
		}},
	}
	if number != "" {
		draft["orderNumber"] = number
	}
	return draft
}

// unmappable is an order that ships, but has nothing that it could be shipped to.
func unmappable(number string) map[string]any {
	draft := numbered(number)
	draft["shippingInfo"] = map[string]any{"shippingMethodName": "Standard"}
	delete(draft, "shippingAddress")
	delete(draft, "billingAddress")
	return draft
}

// snapshot is an order as a list gives it.
func (b *bench) snapshot(id string) commercetools.Snapshot {
	b.t.Helper()
	found, err := b.connector.Commercetools.Snapshot(context.WithoutCancel(b.t.Context()), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}
