package connector_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger/ledgertest"
	"fftconnect/internal/outcome"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/fftsim"
)

const (
	ctHost  = "commercetools.example"
	fftHost = "fulfillmenttools.example"
	ourHost = "connector.example"

	projectKey = "demo"
)

// course is what a history takes: both platforms, the connector's replicas and their database.
type course struct {
	plan   plan
	began  time.Time
	env    config.Environment
	ct     *ctsim.Platform
	fft    *fftsim.Platform
	faults map[string]*simulator.Faults
	db     ledgertest.Database
	orders map[int]string // ids in commercetools
	placed []int
	wrongs []string
	broken sabotage

	mu       sync.Mutex
	replicas []*replica // a dead one stays until it is replaced
	turn     int
	away     int            // how many outages of the database there are now
	losing   map[string]int // paths of ours on which everything is lost for ever
	heard    [][]byte       // bodies of fulfillmenttools' events, when somebody forges some
	claimed  map[string]claimed
	down     map[string]int
	skies    map[string][]simulator.Weather
	entries  []outcome.Entry
	timers   sync.WaitGroup
}

func newCourse(p plan, broken sabotage) *course {
	w := &course{
		plan: p, began: time.Now(), broken: broken, env: environment(p), orders: map[int]string{}, down: map[string]int{}, losing: map[string]int{}, claimed: map[string]claimed{}, skies: map[string][]simulator.Weather{},
		faults: map[string]*simulator.Faults{"commercetools": simulator.NewFaults(p.seed), "fulfillmenttools": simulator.NewFaults(p.seed + 1)},
	}
	client := &http.Client{Transport: roundTripper(w.deliver)}
	w.ct = ctsim.New(ctsim.Options{Seed: p.seed, TokenTTL: p.tokenTTL, Client: client, Faults: w.faults["commercetools"]})
	w.fft = fftsim.New(fftsim.Options{
		Seed: p.seed, TokenTTL: p.tokenTTL, Client: client, Faults: w.faults["fulfillmenttools"],
		Pace: p.pace, ListLag: p.listLag, SplitEvery: p.split, AllowSecondOrder: true,
	})
	for range p.replicas {
		w.replicas = append(w.replicas, w.start())
	}
	w.install()
	for _, r := range w.replicas {
		r.work()
	}
	w.ct.Courier().SetDisorder(p.disorder)
	w.fft.Courier().SetDisorder(p.disorder)
	w.changeSky("commercetools", nil)
	w.changeSky("fulfillmenttools", nil)
	return w
}

func environment(p plan) config.Environment {
	settings := map[string]string{
		"CTP_PROJECT_KEY": projectKey, "CTP_CLIENT_ID": "demo-client", "CTP_CLIENT_SECRET": "demo-secret",
		"CTP_API_URL": "http://" + ctHost, "CTP_AUTH_URL": "http://" + ctHost,
		"FFT_PROJECT_ID": "demo", "FFT_API_KEY": "demo-api-key", "FFT_API_USER": "connector@demo.example",
		"FFT_API_PASSWORD": "demo-password", "FFT_API_URL": "http://" + fftHost, "FFT_AUTH_URL": "http://" + fftHost,
		"JWT_SECRET": "a-secret-of-a-simulated-world-only", "PUBLIC_URL": "http://" + ourHost + "/service",
		"SUBSCRIPTION_DESTINATION": `{"type":"GoogleCloudPubSub","projectId":"demo","topic":"fftconnect"}`,
		"EVENT_AUTH":               "none", "REVISIT_AFTER": p.every.String(), "DATABASE_URL": "sqlite:unused",
	}
	if p.stateless {
		settings["DATABASE_URL"] = config.NoDatabase
	}
	env, err := config.Load(func(name string) (string, bool) { v, ok := settings[name]; return v, ok }, 0)
	if err != nil {
		panic(err)
	}
	return env
}

func (w *course) install() {
	w.ct.RoutePush("GoogleCloudPubSub:demo/fftconnect", "http://"+ourHost+"/event", nil)
	installation, err := w.replicas[0].connector.Installer().Install(context.Background())
	if err == nil {
		err = installation.Apply(context.Background(), func(setup.Step, error) {})
	}
	if err != nil {
		panic(fmt.Sprintf("install: %v", err))
	}
}

// deliver is the senders' way to a replica that lives.
func (w *course) deliver(request *http.Request) (*http.Response, error) {
	if request.URL.Path == "/service" && w.plan.forges() {
		if err := w.overhear(request); err != nil {
			return nil, err
		}
	}
	return w.handOver(request)
}

// handOver gives a request to a replica that lives.
func (w *course) handOver(request *http.Request) (*http.Response, error) {
	w.mu.Lock()
	if w.losing[request.URL.Path] > 0 {
		w.mu.Unlock()
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: request, ProtoMajor: 1, ProtoMinor: 1}, nil
	}
	var chosen *replica
	for range w.replicas {
		w.turn++
		if r := w.replicas[w.turn%len(w.replicas)]; !r.dead() {
			chosen = r
			break
		}
	}
	w.mu.Unlock()
	if chosen == nil {
		return nil, errBroken
	}
	return chosen.receive(request)
}

func (w *course) handled(entry outcome.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entries = append(w.entries, entry)
}

// later does it after a while in fake time; the world waits for it before it ends.
func (w *course) later(wait time.Duration, do func()) {
	w.timers.Go(func() {
		time.Sleep(wait)
		do()
	})
}

// happen carries the plan out, in fake time.
func (w *course) happen() {
	begin := time.Now()
	jobs, stopJobs := context.WithCancel(context.Background())
	if w.plan.stateless {
		w.timers.Go(func() { w.callJobs(jobs) })
	}
	for _, s := range w.plan.steps {
		time.Sleep(time.Until(begin.Add(s.at)))
		w.do(s)
	}
	time.Sleep(time.Until(begin.Add(w.plan.end())))
	w.settle(begin)
	stopJobs()
	w.timers.Wait()
}

// callJobs is commercetools Connect's schedule.
func (w *course) callJobs(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(w.plan.every):
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+ourHost+"/job", nil)
		if err != nil {
			panic(err)
		}
		_, _ = w.deliver(request)
	}
}

// endless is how long it may take until nothing happens any more.
const endless = 48 * time.Hour

// settle waits, in fake time, until nothing is under way.
func (w *course) settle(begin time.Time) {
	for !w.quiet() {
		if time.Since(begin) > endless {
			w.wrong("it never becomes quiet: %d and %d notifications pending, %d stored", w.ct.Courier().Pending(), w.fft.Courier().Pending(), len(w.db.Events()))
			return
		}
		time.Sleep(10 * time.Minute)
	}
	if w.plan.loses() {
		time.Sleep(visitedFor)
	}
	time.Sleep(time.Minute)
}

// visitedFor is how long it may take until visits have brought to light what was lost: they
// are a day apart at most, and each shows what the one before could not.
const visitedFor = 4 * 24 * time.Hour

func (w *course) quiet() bool {
	w.mu.Lock()
	down := slices.ContainsFunc(w.replicas, (*replica).dead)
	w.mu.Unlock()
	if down {
		return false
	}
	for stage, orders := range w.fft.Stats().Stages {
		if orders > 0 && stage != fftsim.StageHandedOver && stage != fftsim.StageCancelled {
			return false
		}
	}
	waiting := func() bool { return slices.ContainsFunc(w.db.Events(), isDeferred) }
	return w.ct.Courier().Pending() == 0 && w.fft.Courier().Pending() == 0 && !waiting()
}

// do has one thing happen. What does not fit, because shortening left out what it
// depends on, does not happen.
func (w *course) do(s step) {
	id := w.orders[s.number]
	switch s.what {
	case "place", "place numbered":
		w.place(s)
	case "state":
		if w.now(id).OrderState != "Cancelled" { // nobody revives an order
			_ = w.ct.Edit(id, map[string]any{"action": "changeOrderState", "orderState": s.word})
		}
	case "again":
		if w.now(id).OrderState == "Cancelled" {
			_ = w.ct.Edit(id, map[string]any{"action": "changeOrderState", "orderState": "Confirmed"})
		}
	case "move":
		_ = w.ct.Edit(id, map[string]any{"action": "setShippingAddress", "address": addressIn(s.at.String())})
	case "name":
		_ = w.ct.Edit(id, map[string]any{"action": "setOrderNumber", "orderNumber": fmt.Sprintf("L-%d", s.number)})
	case "ahead":
		if rank[w.now(id).ShipmentState] < rank[s.word] {
			_ = w.ct.Edit(id, map[string]any{"action": "changeShipmentState", "shipmentState": s.word})
		}
	case "edit":
		_ = w.ct.Edit(id, map[string]any{"action": "setPurchaseOrderNumber", "purchaseOrderNumber": s.at.String()})
	case "delete":
		_ = w.ct.DeleteOrder(id)
	case "reroute":
		for _, there := range w.fft.OrdersOf(id) {
			_ = w.fft.Reroute(there.ID)
		}
	default:
		w.trouble(s)
	}
}

// now is the order as it is; zero when it does not exist.
func (w *course) now(id string) ctsim.Revision {
	history := w.ct.History(id)
	if len(history) == 0 {
		return ctsim.Revision{}
	}
	return history[len(history)-1]
}

func (w *course) place(s step) {
	number := ""
	if strings.HasSuffix(s.what, "numbered") {
		number = fmt.Sprintf("N-%d", s.number)
	}
	w.orders[s.number] = w.ct.PlaceOrder(orderIn(number, s.word))
	w.placed = append(w.placed, s.number)
}

func (w *course) wrong(format string, args ...any) {
	w.wrongs = append(w.wrongs, fmt.Sprintf(format, args...))
}

// orderIn is a small order that ships.
func orderIn(number, state string) map[string]any {
	money := func(cents int) map[string]any {
		return map[string]any{"type": "centPrecision", "currencyCode": "EUR", "centAmount": cents, "fractionDigits": 2}
	}
	draft := map[string]any{
		"orderState": state, "shipmentState": "Pending", "locale": "de", "customerEmail": "ada@example.org",
		"totalPrice": money(3998), "shippingAddress": addressIn("Lindenweg"),
		"shippingInfo": map[string]any{"shippingMethodName": "Standard"},
		"lineItems": []any{map[string]any{
			"id": "11111111-1111-4111-8111-111111111111", "productId": "22222222-2222-4222-8222-222222222222",
			"name": map[string]any{"de": "Becher"}, "quantity": 2, "variant": map[string]any{"id": 1, "sku": "MUG-1"},
			"price":      map[string]any{"id": "33333333-3333-4333-8333-333333333333", "value": money(1999)},
			"totalPrice": money(3998),
		}},
	}
	if number != "" {
		draft["orderNumber"] = number
	}
	return draft
}

func addressIn(street string) map[string]any {
	return map[string]any{
		"firstName": "Ada", "lastName": "Berg", "streetName": street, "streetNumber": "7",
		"postalCode": "50667", "city": "Köln", "country": "DE",
	}
}
