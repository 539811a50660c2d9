package connector_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator/world"
)

// notification is a message about an order, as commercetools sends it.
func notification(messageType, orderID string, more map[string]any) string {
	body := map[string]any{
		"notificationType": "Message", "projectKey": "demo", "id": "44444444-4444-4444-8444-444444444444",
		"version": 1, "sequenceNumber": 1, "resourceVersion": 1, "type": messageType,
		"resource":  map[string]any{"typeId": "order", "id": orderID},
		"createdAt": "2026-11-02T08:00:00.000Z", "lastModifiedAt": "2026-11-02T08:00:00.000Z",
	}
	for key, value := range more {
		body[key] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func confirmed(orderID string) string {
	return notification("OrderStateChanged", orderID, map[string]any{"orderState": "Confirmed", "oldOrderState": "Open"})
}

func forged(t *testing.T, method jwt.SigningMethod, key any, change func(*jwt.RegisteredClaims)) string {
	t.Helper()
	now := time.Now()
	claims := jwt.RegisteredClaims{
		Issuer: "fftconnect", Audience: jwt.ClaimStrings{"fftconnect"}, Subject: "fulfillmenttools",
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
	}
	if change != nil {
		change(&claims)
	}
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func badTokens(t *testing.T) map[string]string {
	t.Helper()
	secret := []byte(world.JWTSecret)
	hs256 := func(change func(*jwt.RegisteredClaims)) string {
		return "Bearer " + forged(t, jwt.SigningMethodHS256, secret, change)
	}
	good := forged(t, jwt.SigningMethodHS256, secret, nil)
	return map[string]string{
		"none":              "",
		"scheme only":       "Bearer",
		"empty token":       "Bearer ",
		"no scheme":         good,
		"another scheme":    "Basic " + good,
		"no JWT":            "Bearer planted-token",
		"unsigned":          "Bearer " + forged(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"signature cut off": "Bearer " + good[:strings.LastIndex(good, ".")+1],
		"HS512":             "Bearer " + forged(t, jwt.SigningMethodHS512, secret, nil),
		"another secret":    "Bearer " + forged(t, jwt.SigningMethodHS256, []byte("another secret that is long enough"), nil),
		"expired":           hs256(func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-time.Minute)) }),
		"endless":           hs256(func(c *jwt.RegisteredClaims) { c.ExpiresAt = nil }),
		"not yet valid":     hs256(func(c *jwt.RegisteredClaims) { c.NotBefore = jwt.NewNumericDate(time.Now().Add(time.Hour)) }),
		"another issuer":    hs256(func(c *jwt.RegisteredClaims) { c.Issuer = "somebody" }),
		"another audience":  hs256(func(c *jwt.RegisteredClaims) { c.Audience = jwt.ClaimStrings{"somebody"} }),
		"another subject":   hs256(func(c *jwt.RegisteredClaims) { c.Subject = "somebody" }),
		"no claims":         hs256(func(c *jwt.RegisteredClaims) { *c = jwt.RegisteredClaims{ExpiresAt: c.ExpiresAt} }),
	}
}

func TestABadTokenIsRefusedAndNothingIsDone(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		seen := r.watchEvents()
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		refuse := func(path, body string) {
			t.Helper()
			r.CTLog.Reset()
			r.FFTLog.Reset()
			for name, authorization := range badTokens(t) {
				response := r.post(path, body, authorization)
				if word := answerOf(t, response); response.StatusCode != http.StatusUnauthorized || word != "unauthorized" {
					t.Errorf("%s with token %s: %d %q", path, name, response.StatusCode, word)
				}
				response = r.post(path, `{"broken`, authorization)
				if word := answerOf(t, response); response.StatusCode != http.StatusUnauthorized || word != "unauthorized" {
					t.Errorf("%s with token %s and broken JSON: %d %q", path, name, response.StatusCode, word)
				}
			}
			if got := len(r.CTLog.All()) + len(r.FFTLog.All()); got > 0 {
				t.Errorf("%s: %d calls were made:%s", path, got, r.listing())
			}
		}
		refuse("/event", confirmed(id))
		if len(r.all()) > 0 {
			t.Errorf("a message without a token was handled:%s", describe(r.all()))
		}
		if response := r.post("/event", confirmed(id)); response.StatusCode != http.StatusOK {
			t.Fatalf("the same with a good token: %d", response.StatusCode)
		}
		there := mustBeOne(t, r.FFT.OrdersOf(id), "with a good token")

		event := seen.body(t, "ORDER_CREATED", there.ID)
		refuse("/service", event)
		if r.field(id, "fft_order_id") != nil {
			t.Error("an event without a token was handled")
		}
		r.CT.PutType(ourType())
		if response := r.post("/service", event); response.StatusCode != http.StatusOK || r.field(id, "fft_order_id") != there.ID {
			t.Errorf("the same with a good token: %d, field %v", response.StatusCode, r.field(id, "fft_order_id"))
		}
		want := float64(2 * len(badTokens(t)))
		for _, flow := range []string{"export", "feedback"} {
			if got := r.metric(`fftconnect_unauthorized_total{flow="` + flow + `"}`); got != want {
				t.Errorf("unauthorized requests counted for %s: %v, want %v", flow, got, want)
			}
		}
	})
}

func TestATokenInTheAddressLetsABrokerIn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		good := forged(t, jwt.SigningMethodHS256, []byte(world.JWTSecret), func(c *jwt.RegisteredClaims) { c.Subject += "/event" })
		if response := r.post("/event?token="+good, confirmed("55555555-5555-4555-8555-555555555555"), ""); response.StatusCode != http.StatusOK {
			t.Errorf("a good token: %d", response.StatusCode)
		}
		bad := forged(t, jwt.SigningMethodHS512, []byte(world.JWTSecret), nil)
		if response := r.post("/event?token="+bad, confirmed("x"), ""); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("a bad token: %d", response.StatusCode)
		}
		if response := r.post("/service?token="+good, `{}`, ""); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("fulfillmenttools sends a header, an address is not enough: %d", response.StatusCode)
		}
	})
}

func TestAnybodyMayBringAMessageWhenConfiguredButNotAnEvent(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true, env: map[string]string{"EVENT_AUTH": "none"}})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		if response := r.post("/event", confirmed(id), ""); response.StatusCode != http.StatusOK {
			t.Errorf("a message: %d", response.StatusCode)
		}
		mustBeOne(t, r.FFT.OrdersOf(id), "brought by anybody")
		if response := r.post("/service", `{}`, ""); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("an event: %d", response.StatusCode)
		}
	})
}

func TestABodyThatIsTooLargeIsAcknowledgedAndCounted(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		for path, flow := range map[string]string{"/event": "export", "/service": "feedback"} {
			response := r.post(path, `{"x":"`+strings.Repeat("a", 11<<20)+`"}`)
			if word := answerOf(t, response); response.StatusCode != http.StatusOK || word != "rejected" {
				t.Errorf("%s: %d %q", path, response.StatusCode, word)
			}
			if got := r.metric(`fftconnect_messages_total{flow="` + flow + `",outcome="rejected",type="too large"}`); got != 1 {
				t.Errorf("%s: counted %v times", path, got)
			}
		}
		if n := len(r.CTLog.All()) + len(r.FFTLog.All()); n > 0 {
			t.Errorf("%d calls were made", n)
		}
	})
}

func TestWhatCannotBeReadIsAcknowledgedAndCounted(t *testing.T) {
	t.Parallel()
	bodies := map[string][]string{
		"/event": {
			``, `{`, `null`, `[]`, `"text"`, `7`, `{}`, `{"message":{}}`, `{"message":{"data":"%%%"}}`, `{"message":{"data":"e30="}}`,
			`{"message":"planted-value"}`, `{"Message":7}`, `{"specversion":"1.0"}`, `{"specversion":"1.0","data":"planted-value"}`,
			`{"notificationType":"Message"}`, `{"notificationType":"Message","resource":{"typeId":"order"}}`,
			`{"notificationType":"Message","resource":{"id":"planted-value"}}`, `{"notificationType":"Message","resource":"planted-value"}`,
			`{"notificationType":7,"resource":{"typeId":"order","id":"1"}}`, `{"notificationType":"Message","resource":{"typeId":"order","id":{}}}`,
		},
		"/service": {
			``, `{`, `null`, `[]`, `"planted-value"`, `{}`, `{"payload":{"id":"1"}}`, `{"event":7,"payload":{"id":"1"}}`,
			`{"event":"ORDER_CREATED"}`, `{"event":"ORDER_CREATED","payload":null}`, `{"event":"ORDER_CREATED","payload":{}}`,
			`{"event":"ORDER_CREATED","payload":"planted-value"}`, `{"event":"PICK_JOB_CREATED","payload":{"id":7}}`,
			`{"event":"PICK_JOB_CREATED","payload":{"created":"planted-value"}}`,
			`{"event":"HANDOVERJOB_CREATED","payload":{"id":"","customAttributes":"planted-value"}}`, `{"event":"","payload":{"id":"1"}}`,
		},
	}
	for path, list := range bodies {
		t.Run(path, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				r := newRig(t, rigOptions{world: quick(), bare: true})
				for _, body := range list {
					response := r.post(path, body)
					if word := answerOf(t, response); response.StatusCode != http.StatusOK || word != "rejected" {
						t.Errorf("%s: %d %q", body, response.StatusCode, word)
					}
				}
				counted := 0.0
				flow := map[string]string{"/event": "export", "/service": "feedback"}[path]
				for _, kind := range []string{"unreadable", "ORDER_CREATED", "PICK_JOB_CREATED", "HANDOVERJOB_CREATED"} {
					counted += r.metric(`fftconnect_messages_total{flow="` + flow + `",outcome="rejected",type="` + kind + `"}`)
				}
				if counted != float64(len(list)) || len(r.problems()) != len(list) {
					t.Errorf("%d bodies: %v counted, %d problems listed", len(list), counted, len(r.problems()))
				}
				for _, entry := range r.all() {
					if entry.Kind != outcome.Rejected || entry.Reason == "" || entry.Hint == "" {
						t.Errorf("without a reason or hint: %+v", entry)
					}
				}
				if n := len(r.CTLog.All()) + len(r.FFTLog.All()); n > 0 {
					t.Errorf("%d calls were made:%s", n, r.listing())
				}
				if strings.Contains(r.logs.String(), "planted-value") {
					t.Errorf("a log line quotes the body:\n%s", r.logs.String())
				}
			})
		})
	}
}

func TestUnknownPathsAndMethodsAreAnsweredInJSON(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		for _, c := range []struct {
			method, path string
			status       int
			word         string
		}{
			{"GET", "/event/status", 200, "UP"},
			{"GET", "/service/status", 200, "UP"},
			{"GET", "/", 404, "not found"},
			{"POST", "/", 404, "not found"},
			{"POST", "/events", 404, "not found"},
			{"POST", "/event/more", 404, "not found"},
			{"GET", "/metrics", 404, "not found"},
			{"GET", "/problems", 404, "not found"},
			{"GET", "/event", 405, "method not allowed"},
			{"PUT", "/event", 405, "method not allowed"},
			{"DELETE", "/service", 405, "method not allowed"},
			{"PATCH", "/service/below", 405, "method not allowed"},
			{"POST", "/event/status", 405, "method not allowed"},
			{"POST", "/service/below", 401, "unauthorized"},
		} {
			request, err := http.NewRequestWithContext(t.Context(), c.method, r.publicURL+c.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := r.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			word := answerOf(t, response)
			_ = response.Body.Close()
			if response.StatusCode != c.status || word != c.word || response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s: %d %q %s", c.method, c.path, response.StatusCode, word, response.Header.Get("Content-Type"))
			}
			if c.status == http.StatusMethodNotAllowed && response.Header.Get("Allow") == "" {
				t.Errorf("%s %s: no Allow header", c.method, c.path)
			}
		}
	})
}
