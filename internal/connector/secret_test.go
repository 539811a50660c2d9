package connector_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/world"
)

// person is an order's customer, every part of it easy to find again. One name
// begins another, so that taking the short one out first would leave a rest; none is
// what a measured number or an identifier can hold by chance.
var person = map[string]string{
	"salutation": "Freifrau", "title": "Drmedplanted", "firstName": "Zephyrine", "lastName": "Quandel",
	"streetName": "Quandelgasse", "streetNumber": "4711 Hof", "additionalStreetInfo": "Zwischengeschoss", "additionalAddressInfo": "Hofklingel",
	"postalCode": "98765 WX", "city": "Mondstadtia", "region": "Zaubertal", "state": "Hexenland", "company": "Planted & Sons", "department": "Flugbesen",
	"building": "Nebelturm", "apartment": "Dachkammer", "phone": "+49 555 0101987", "mobile": "+49 555 0202987", "email": "zephyrine@planted.example",
}

func personalOrder(number string) map[string]any {
	address := map[string]any{"country": "DE"}
	for key, value := range person {
		address[key] = value
	}
	draft := orderOfType(number, "shop-order", map[string]any{"giftMessage": "Happy-planted-birthday"})
	draft["shippingAddress"], draft["billingAddress"], draft["customerEmail"] = address, address, "orders@planted.example"
	return draft
}

// planted are all values that nobody must find, with those that a world has anyway.
func planted(r *rig) []string {
	found := []string{
		"orders@planted.example", "Happy-planted-birthday", "connector@demo.example", "demo-secret", "demo-api-key", "demo-password",
		world.JWTSecret, "planted-client-secret", "planted-api-key", "planted-password", "planted@user.example", "planted-jwt-secret",
	}
	for _, value := range person {
		found = append(found, value)
	}
	token, err := r.token().Sign()
	if err != nil {
		r.t.Fatal(err)
	}
	header, _, _ := strings.Cut(token, ".")
	return append(found, token, header+".", "eyJhbGciOi", "Bearer ")
}

// quoting refuses some orders with all that the order says, as a platform may
// that means well, and keeps the tokens that are sent.
type quoting struct {
	next    http.RoundTripper
	mu      sync.Mutex
	tokens  []string
	refused []string // tenantOrderId of orders to refuse
}

func (q *quoting) before(next http.RoundTripper) http.RoundTripper {
	q.next = next
	return q
}

func (q *quoting) RoundTrip(request *http.Request) (*http.Response, error) {
	q.mu.Lock()
	if _, token, ok := strings.Cut(request.Header.Get("Authorization"), " "); ok && !slices.Contains(q.tokens, token) {
		q.tokens = append(q.tokens, token)
	}
	q.mu.Unlock()
	if !isCreate(request) {
		return q.next.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	var order struct {
		TenantOrderID string
		Consumer      map[string]any
	}
	if err := json.Unmarshal(body, &order); err != nil {
		return nil, err
	}
	if !slices.Contains(q.refused, order.TenantOrderID) {
		request.Body = io.NopCloser(bytes.NewReader(body))
		return q.next.RoundTrip(request)
	}
	words := "Not valid for: " + strings.Join(values(order.Consumer), ", ")
	answer := asJSON([]any{map[string]any{"summary": "Input is not valid", "description": words}})
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(answer)), Request: request,
	}, nil
}

// values are all texts of a JSON value.
func values(node any) []string {
	var found []string
	switch node := node.(type) {
	case string:
		return []string{node}
	case map[string]any:
		for _, child := range node {
			found = append(found, values(child)...)
		}
	case []any:
		for _, child := range node {
			found = append(found, values(child)...)
		}
	}
	return found
}

func TestNoSecretAndNothingPersonalIsWrittenAnywhere(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		q := &quoting{refused: []string{"R-1", "R-2"}}
		tapped := &tap{}
		r := newRig(t, rigOptions{world: quick(), between: q.before, gate: tapped.gate})

		// A whole life, refused orders, an unmappable one, a refused cancellation.
		id := r.CT.PlaceOrder(personalOrder("A-1"))
		r.CT.PlaceOrder(personalOrder("R-1"))
		refused := r.CT.PlaceOrder(personalOrder("R-2"))
		unmappable := personalOrder("U-1")
		unmappable["lineItems"] = []any{}
		r.CT.PlaceOrder(unmappable)
		nowhere := personalOrder("U-2")
		nowhere["shippingAddress"] = map[string]any{"country": "DE", "lastName": "Quandel", "email": "no address planted"}
		r.CT.PlaceOrder(nowhere)
		r.ship()
		r.cancel(id)
		r.settle()
		if entry := r.last(refused); entry.Kind != outcome.Rejected || !strings.Contains(entry.Reason, "Input is not valid Not valid for: ") {
			t.Errorf("the platform's words are lost: %s", entry.Reason)
		}

		// Bad callers and bodies, outages and faults.
		for _, authorization := range badTokens(t) {
			r.post("/event", confirmed(id), authorization)
			r.post("/service?token=planted-api-key", `{"event":"ORDER_CREATED"}`, authorization)
		}
		for _, body := range []string{`{"event":"ORDER_CREATED","payload":{"id":7,"consumer":{"email":"zephyrine@planted.example"}}}`, `{"notificationType":7,"x":"Quandel"}`, `"Quandel"`} {
			r.post("/event", body)
			r.post("/service", body)
		}
		r.CTFaults.PlanFaults("POST /demo/orders", 2, simulator.Fault{Status: 500, BreakBody: true})
		r.FFTFaults.SetOutage(true)
		late := r.CT.PlaceOrder(personalOrder("A-2"))
		r.eventually("the outage is felt", func() bool { return len(r.outcomes(late)) > 0 })
		r.FFTFaults.Clear()
		r.FFT.RevokeTokens()
		r.CT.RevokeTokens()
		r.ship()

		// Credentials that are wrong.
		for name, value := range map[string]string{
			"CTP_CLIENT_SECRET": "planted-client-secret", "FFT_API_KEY": "planted-api-key", "FFT_API_PASSWORD": "planted-password", "FFT_API_USER": "planted@user.example",
		} {
			r.restart(map[string]string{name: value})
			if response := r.post("/event", confirmed(r.CT.PlaceOrder(personalOrder("")))); response.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("with another %s: %d", name, response.StatusCode)
			}
		}
		r.restart(map[string]string{"JWT_SECRET": "planted-jwt-secret-that-is-long-enough"})
		if response := r.post("/event", "{}", "Bearer "+forged(t, jwt.SigningMethodHS256, []byte(world.JWTSecret), nil)); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("a token of the former secret: %d", response.StatusCode)
		}

		hidden := append(planted(r), q.tokens...)
		written := map[string]string{"logs": r.logs.String()}
		for _, page := range []string{"/metrics", "/problems", "/healthz", "/readyz"} {
			_, written[page] = r.get(page)
		}
		for _, answered := range tapped.all() {
			written["responses"] += string(answered.response) + asJSON(answered.header) + "\n"
		}
		for _, problem := range r.all() {
			written["outcomes"] += problem.Reason + problem.Hint + strings.Join(problem.Notes, " ") + "\n"
		}
		for where, text := range written {
			if text == "" {
				t.Errorf("nothing in %s: the test shows nothing", where)
			}
			for _, value := range hidden {
				if at := strings.Index(text, value); at >= 0 {
					t.Errorf("%s hold %q: …%s…", where, value, text[max(0, at-200):min(len(text), at+100)])
				}
			}
			for _, trace := range []string{"goroutine ", "runtime/debug", ".go:"} {
				if strings.Contains(text, trace) && where != "/metrics" {
					t.Errorf("%s hold a stack trace: %s", where, trace)
				}
			}
		}
		if len(q.tokens) < 4 || !strings.Contains(r.logs.String(), "INVALID_PASSWORD") {
			t.Errorf("%d tokens: the test shows less than it should", len(q.tokens))
		}
	})
}
