package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

// bundle is a project on a clock that stands still, with a signed-in user and
// somebody who notes every event.
type bundle struct {
	*fftsim.Platform
	t     *testing.T
	clock *simulator.ManualClock
	token string

	mu     sync.Mutex
	events []event
}

type event struct {
	name, orderID string
	body          object
}

func setup(t *testing.T, opts fftsim.Options) *bundle {
	t.Helper()
	b := &bundle{t: t, clock: simulator.NewManualClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	if opts.Clock == nil {
		opts.Clock = b.clock
	}
	b.Platform = fftsim.New(opts)
	t.Cleanup(b.Close)
	b.OnEvent(func(name, orderID string, text []byte) {
		var body object
		if err := json.Unmarshal(text, &body); err != nil {
			t.Errorf("event %s: %v", name, err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events = append(b.events, event{name, orderID, body})
	})
	b.signIn()
	return b
}

func (b *bundle) signIn() object {
	b.t.Helper()
	status, answer := b.post("/v1/accounts:signInWithPassword?key=demo-api-key",
		`{"email":"connector@demo.example","password":"demo-password","returnSecureToken":true}`)
	if status != http.StatusOK {
		b.t.Fatalf("sign-in: %d %v", status, answer)
	}
	b.token = answer.(object)["idToken"].(string)
	return answer.(object)
}

func (b *bundle) call(method, path, body string) (status int, answer any) {
	status, _, answer = b.exchange(method, path, body)
	return status, answer
}

func (b *bundle) exchange(method, path, body string) (status int, header http.Header, answer any) {
	b.t.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+b.token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	recorder := httptest.NewRecorder()
	b.Handler().ServeHTTP(recorder, request)
	if recorder.Body.Len() > 0 {
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, recorder.Body)
		}
	}
	return recorder.Code, recorder.Header(), answer
}

func (b *bundle) get(path string) (int, any) { b.t.Helper(); return b.call(http.MethodGet, path, "") }

func (b *bundle) post(path, body string) (int, any) {
	b.t.Helper()
	return b.call(http.MethodPost, path, body)
}

// want calls and fails the test unless the status is the wanted one.
func (b *bundle) want(status int, method, path, body string) any {
	b.t.Helper()
	got, answer := b.call(method, path, body)
	if got != status {
		b.t.Fatalf("%s %s: got %d %v, want %d", method, path, got, answer, status)
	}
	return answer
}

func (b *bundle) read(path string) object {
	b.t.Helper()
	return b.want(http.StatusOK, http.MethodGet, path, "").(object)
}

// create posts an order and returns its id.
func (b *bundle) create(edit ...func(object)) string {
	b.t.Helper()
	return b.want(http.StatusCreated, http.MethodPost, "/api/orders", orderBody(edit...)).(object)["id"].(string)
}

// run lets everything happen that falls due within an hour, and renews the token.
func (b *bundle) run() {
	b.t.Helper()
	b.clock.Advance(time.Hour)
	b.signIn()
}

// heard is the names of the events so far about an order, in order.
func (b *bundle) heard(orderID string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for _, e := range b.events {
		if e.orderID == orderID {
			names = append(names, e.name)
		}
	}
	return names
}

// payload is that of the last event with the name.
func (b *bundle) payload(name string) object {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range slices.Backward(b.events) {
		if e.name == name {
			return e.body["payload"].(object)
		}
	}
	b.t.Fatalf("no event %s", name)
	return nil
}

func (b *bundle) order(id string) fftsim.Order {
	b.t.Helper()
	all := b.Orders()
	i := slices.IndexFunc(all, func(o fftsim.Order) bool { return o.ID == id })
	if i < 0 {
		b.t.Fatalf("order %s does not exist", id)
	}
	return all[i]
}

const shippedOrder = `{
	"tenantOrderId": "A-1001", "orderDate": "2026-03-01T08:59:58.000Z",
	"customAttributes": {"commercetoolsId": "ct-1", "commercetoolsVersion": 3},
	"consumer": {"consumerId": "c-1", "addresses": [
		{"addressType": "POSTAL_ADDRESS", "street": "Lindenweg", "houseNumber": "7", "postalCode": "50667", "city": "Köln", "country": "DE"},
		{"addressType": "INVOICE_ADDRESS", "street": "Ringstr.", "postalCode": "50668", "city": "Köln", "country": "DE"}]},
	"orderLineItems": [
		{"quantity": 2, "article": {"tenantArticleId": "SKU-1", "title": "Mug", "attributes": [{"key": "color", "value": "blue"}]},
		 "customAttributes": {"commercetoolsId": "line-1"}, "scannableCodes": ["4006381333931"]},
		{"quantity": 1, "article": {"tenantArticleId": "SKU-2", "title": "Plate"}, "customAttributes": {"commercetoolsId": "line-2"}}],
	"deliveryPreferences": {"shipping": {"serviceLevel": "DELIVERY", "preferredCarriers": ["GLS"],
		"preselectedFacilities": [{"tenantFacilityId": "store-berlin"}]}},
	"paymentInfo": {"currency": "EUR"}}`

// orderBody is shippedOrder with changes.
func orderBody(edit ...func(object)) string {
	var body object
	if err := json.Unmarshal([]byte(shippedOrder), &body); err != nil {
		panic(err)
	}
	for _, f := range edit {
		f(body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// with sets the value at a path such as orderLineItems.0.quantity.
func with(path string, value any) func(object) {
	return func(body object) { at(body, path, func(parent object, key string) { parent[key] = value }) }
}

func without(path string) func(object) {
	return func(body object) { at(body, path, func(parent object, key string) { delete(parent, key) }) }
}

func at(body object, path string, f func(parent object, key string)) {
	keys := strings.Split(path, ".")
	var here any = body
	for _, key := range keys[:len(keys)-1] {
		if array, ok := here.([]any); ok {
			var i int
			fmt.Sscan(key, &i)
			here = array[i]
		} else {
			here = here.(object)[key]
		}
	}
	f(here.(object), keys[len(keys)-1])
}

func collect(body object) {
	body["deliveryPreferences"] = object{"collect": []any{object{"tenantFacilityId": "store-munich", "paid": true}}}
}

// receiver answers webhooks without a network.
type receiver struct {
	mu       sync.Mutex
	status   []int // answered in turn; 200 when used up
	requests []*http.Request
	bodies   [][]byte
	times    []time.Time
	arrived  chan struct{}
}

func newReceiver(status ...int) *receiver {
	return &receiver{status: status, arrived: make(chan struct{}, 1000)}
}

func (r *receiver) client() *http.Client { return &http.Client{Transport: r} }

func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests, r.bodies = append(r.requests, request), append(r.bodies, body)
	r.times = append(r.times, time.Now())
	status := http.StatusOK
	if len(r.status) > 0 {
		status, r.status = r.status[0], r.status[1:]
	}
	r.arrived <- struct{}{}
	return &http.Response{StatusCode: status, Body: io.NopCloser(&bytes.Buffer{}), Request: request}, err
}

func sortedKeys(m object) []string { return slices.Sorted(maps.Keys(m)) }
