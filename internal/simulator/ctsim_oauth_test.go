package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/simulator/ctsim"
)

func TestTokenRequest(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{TokenTTL: time.Hour})
	cases := []struct {
		name, query, form, id, secret string
		status                        int
		want                          string
	}{
		{"form", "", "grant_type=client_credentials&scope=manage_orders:demo", "demo-client", "demo-secret", 200, ""},
		{"query", "?grant_type=client_credentials&scope=manage_orders:demo", "", "demo-client", "demo-secret", 200, ""},
		{"credentials in the form", "", "grant_type=client_credentials&client_id=demo-client&client_secret=demo-secret&scope=manage_orders:demo", "", "", 200, ""},
		{"wrong secret", "", "grant_type=client_credentials", "demo-client", "x", 401, "invalid_client"},
		{"no credentials", "", "grant_type=client_credentials", "", "", 401, "invalid_client"},
		{"other flow", "", "grant_type=password", "demo-client", "demo-secret", 400, "unsupported_grant_type"},
		{"other project", "", "grant_type=client_credentials&scope=manage_orders:other", "demo-client", "demo-secret", 400, "invalid_scope"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/oauth/token"+c.query, strings.NewReader(c.form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if c.id != "" {
				r.SetBasicAuth(c.id, c.secret)
			}
			status, body := s.send(r)
			if status != c.status {
				t.Fatalf("%d %v", status, body)
			}
			if c.want == "" && (body["expires_in"] != 3600.0 || body["scope"] != "manage_orders:demo" || body["token_type"] != "Bearer") {
				t.Errorf("%v", body)
			}
			if code, _ := errorOf(body, ""); c.want != "" && (body["error"] != c.want || code != c.want) {
				t.Errorf("%v", body)
			}
		})
	}
}

func TestTokensExpireAndAreRevoked(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{})
	refused := func() bool {
		status, body := s.call(http.MethodGet, "/orders", nil)
		code, _ := errorOf(body, "")
		return status == http.StatusUnauthorized && code == "invalid_token"
	}
	if refused() {
		t.Error("a new token is refused")
	}
	s.clock.Advance(48 * time.Hour)
	if !refused() {
		t.Error("an expired token is accepted")
	}
	s.token = s.login("")
	s.RevokeTokens()
	if !refused() {
		t.Error("a revoked token is accepted")
	}
	s.token = "nonsense"
	if !refused() {
		t.Error("an unknown token is accepted")
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := newShop(t, ctsim.Options{RequireScopes: true})
	id := s.PlaceOrder(nil)
	s.token = s.login("view_orders:demo+view_types:demo")
	cases := []struct {
		method, path string
		status       int
	}{
		{"GET", "/orders/" + id, 200},
		{"GET", "/types", 200},
		{"GET", "/shipping-methods", 200},
		{"GET", "/custom-objects", 200},
		{"POST", "/orders/" + id, 403},
		{"GET", "/subscriptions", 403},
		{"GET", "/channels", 403},
		{"GET", "", 403},
	}
	for _, c := range cases {
		status, body := s.call(c.method, c.path, nil)
		if code, _ := errorOf(body, ""); status != c.status || status == 403 && code != "insufficient_scope" {
			t.Errorf("%s %s: %d %v", c.method, c.path, status, body)
		}
	}
}
