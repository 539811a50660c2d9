package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/ctsim"
)

// shop is a platform with a client that talks to it in process.
type shop struct {
	*ctsim.Platform
	t     *testing.T
	clock *simulator.ManualClock
	token string
}

type object = map[string]any

func start() time.Time { return time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC) }

func newShop(t *testing.T, opts ctsim.Options) *shop {
	t.Helper()
	s := &shop{t: t, clock: simulator.NewManualClock(start())}
	opts.Clock = s.clock
	s.Platform = ctsim.New(opts)
	t.Cleanup(s.Close)
	s.token = s.login("")
	return s
}

func (s *shop) login(scope string) string {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader("grant_type=client_credentials&scope="+scope))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("demo-client", "demo-secret")
	status, body := s.send(r)
	if status != http.StatusOK {
		s.t.Fatalf("no token: %d %v", status, body)
	}
	return body["access_token"].(string)
}

func (s *shop) send(r *http.Request) (int, object) {
	s.t.Helper()
	recorder := httptest.NewRecorder()
	s.Handler().ServeHTTP(recorder, r)
	var body object
	if r.Method == http.MethodHead {
		return recorder.Code, decodedHead(s, recorder)
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
		s.t.Fatalf("%s %s answered %q: %v", r.Method, r.URL, recorder.Body, err)
	}
	if recorder.Header().Get("X-Correlation-ID") == "" {
		s.t.Errorf("%s %s has no correlation id", r.Method, r.URL)
	}
	return recorder.Code, body
}

// decodedHead is empty: an answer to HEAD has no body.
func decodedHead(s *shop, recorder *httptest.ResponseRecorder) object {
	s.t.Helper()
	if recorder.Body.Len() > 0 {
		s.t.Errorf("HEAD has a body: %s", recorder.Body)
	}
	return nil
}

func (s *shop) call(method, path string, body any) (int, object) {
	s.t.Helper()
	var reader io.Reader = http.NoBody
	if text, ok := body.(string); ok {
		reader = strings.NewReader(text)
	} else if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		reader = strings.NewReader(string(text))
	}
	if !strings.HasPrefix(path, simulator.ControlPrefix) {
		path = "/demo" + path
	}
	r := httptest.NewRequest(method, path, reader)
	r.Header.Set("Authorization", "Bearer "+s.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return s.send(r)
}

func (s *shop) get(path string) object {
	s.t.Helper()
	status, body := s.call(http.MethodGet, path, nil)
	if status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %v", path, status, body)
	}
	return body
}

// update sends actions with the order's current version.
func (s *shop) update(id string, actions ...object) (int, object) {
	s.t.Helper()
	order, ok := s.Order(id)
	if !ok {
		s.t.Fatalf("no order %s", id)
	}
	return s.call(http.MethodPost, "/orders/"+id, object{"version": order["version"], "actions": actions})
}

func (s *shop) mustUpdate(id string, actions ...object) object {
	s.t.Helper()
	status, body := s.update(id, actions...)
	if status != http.StatusOK {
		s.t.Fatalf("update: %d %v", status, body)
	}
	return body
}

// errorOf is the code of an error answer and one further field of it.
func errorOf(body object, name string) (string, any) {
	list, _ := body["errors"].([]any)
	if len(list) == 0 {
		return fmt.Sprint(body), nil
	}
	entry, _ := list[0].(object)
	code, _ := entry["code"].(string)
	return code, entry[name]
}

// dig follows names and list indexes.
func dig(value any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			o, _ := value.(object)
			value = o[s]
		case int:
			list, _ := value.([]any)
			if s >= len(list) {
				return nil
			}
			value = list[s]
		}
	}
	return value
}

func orderType() object {
	field := func(name string, fieldType object) object {
		return object{"name": name, "label": object{"en": name}, "type": fieldType}
	}
	return object{
		"key": "fft-order", "name": object{"en": "Order"}, "resourceTypeIds": []any{"order", "order-delivery", "order-parcel"},
		"fieldDefinitions": []any{
			field("text", object{"name": "String"}),
			field("number", object{"name": "Number"}),
			field("flag", object{"name": "Boolean"}),
			field("when", object{"name": "DateTime"}),
			field("list", object{"name": "Set", "elementType": object{"name": "String"}}),
			field("choice", object{"name": "Enum", "values": []any{object{"key": "a", "label": "A"}}}),
			field("channel", object{"name": "Reference", "referenceTypeId": "channel"}),
			field("price", object{"name": "Money"}),
			field("title", object{"name": "LocalizedString"}),
		},
	}
}

func line(id, sku string, quantity int) object {
	return object{
		"id": id, "quantity": quantity, "variant": object{"sku": sku},
		"price": object{"value": object{"currencyCode": "EUR", "centAmount": 1999}},
	}
}

func TestSameSeedSameIDs(t *testing.T) {
	t.Parallel()
	ids := func() []string {
		s := newShop(t, ctsim.Options{Seed: 7})
		return []string{s.PlaceOrder(nil), s.PutChannel(object{"key": "depot"}), s.PlaceOrder(nil)}
	}
	first, second := ids(), ids()
	if fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("%v and %v differ", first, second)
	}
	if first[0] == first[2] || len(first[0]) != 36 {
		t.Errorf("not unique UUIDs: %v", first)
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{})
	for _, path := range []string{"/carts", "/orders/none", "/orders/order-number=1", "/channels/key=no", "/orders/a/b", "/custom-objects/a/b"} {
		status, body := s.call(http.MethodGet, path, nil)
		if code, _ := errorOf(body, ""); status != http.StatusNotFound || code != "ResourceNotFound" {
			t.Errorf("GET %s: %d %s", path, status, code)
		}
	}
	if status, body := s.call(http.MethodPut, "/orders/none", nil); status != http.StatusNotFound {
		t.Errorf("PUT: %d %v", status, body)
	}
}

func TestProject(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{Languages: []string{"fr"}})
	if got := dig(s.get(""), "languages", 0); got != "fr" {
		t.Errorf("language %v", got)
	}
	status, body := s.call(http.MethodPost, "", object{"version": 1, "actions": []any{
		object{"action": "changeMessagesConfiguration", "messagesConfiguration": object{"enabled": true, "deleteDaysAfterCreation": 15}},
	}})
	if status != http.StatusOK || dig(body, "messages", "enabled") != true || body["version"] != 2.0 {
		t.Errorf("%d %v", status, body)
	}
}

func TestFaultsHaveThePlatformsErrorBody(t *testing.T) {
	t.Parallel()
	faults := simulator.NewFaults(1)
	s := newShop(t, ctsim.Options{Faults: faults})
	for status, code := range map[int]string{503: "OverCapacity", 500: "General", 502: "BadGateway", 401: "invalid_token"} {
		faults.PlanFaults("GET /demo/orders", 1, simulator.Fault{Status: status})
		got, body := s.call(http.MethodGet, "/orders", nil)
		if gotCode, _ := errorOf(body, ""); got != status || gotCode != code || body["statusCode"] != float64(status) {
			t.Errorf("%d: %d %v", status, got, body)
		}
	}
}
