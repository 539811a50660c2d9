package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

func TestSignInAndRefresh(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	answer := b.signIn()
	if answer["expiresIn"] != "3600" || answer["kind"] != "identitytoolkit#VerifyPasswordResponse" || strings.Count(b.token, ".") != 2 {
		t.Errorf("got %v", answer)
	}
	b.read("/api/orders")
	b.clock.Advance(time.Hour)
	status, problems := b.get("/api/orders")
	if status != http.StatusUnauthorized || !describes(problems, "expired") {
		t.Errorf("got %d %v, want 401", status, problems)
	}

	refresh := fmt.Sprintf(`{"grant_type":"refresh_token","refresh_token":%q}`, answer["refreshToken"])
	renewed := b.want(http.StatusOK, http.MethodPost, "/v1/token?key=demo-api-key", refresh).(object)
	if renewed["expires_in"] != "3600" || renewed["token_type"] != "Bearer" || renewed["refresh_token"] == answer["refreshToken"] {
		t.Errorf("got %v", renewed)
	}
	b.token = renewed["id_token"].(string)
	b.read("/api/orders")
	if got := googleMessage(b.post("/v1/token?key=demo-api-key", refresh)); got != "INVALID_REFRESH_TOKEN" {
		t.Errorf("a used refresh token: %s", got)
	}
	b.BreakRefresh(true)
	again := fmt.Sprintf(`{"grant_type":"refresh_token","refresh_token":%q}`, renewed["refresh_token"])
	if got := googleMessage(b.post("/v1/token?key=demo-api-key", again)); got != "TOKEN_EXPIRED" {
		t.Errorf("a broken refresh: %s", got)
	}
	b.BreakRefresh(false)
	b.want(http.StatusOK, http.MethodPost, "/v1/token?key=demo-api-key", again)

	b.RevokeTokens()
	b.want(http.StatusUnauthorized, http.MethodGet, "/api/orders", "")
	if stats := b.Stats(); stats.SignIns != 6 || stats.APICalls != 4 {
		t.Errorf("counted %d sign-ins and %d calls, want 6 and 4", stats.SignIns, stats.APICalls)
	}
}

func googleMessage(status int, answer any) string {
	problem := answer.(object)["error"].(object)
	if status != http.StatusBadRequest || problem["code"] != 400.0 || len(problem["errors"].([]any)) != 1 {
		return fmt.Sprint(status, problem)
	}
	return problem["message"].(string)
}

func TestSignInRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	for _, c := range []struct{ key, body, want string }{
		{"demo-api-key", `{"email":"who@demo.example","password":"demo-password"}`, "EMAIL_NOT_FOUND"},
		{"demo-api-key", `{"email":"connector@demo.example","password":"wrong"}`, "INVALID_PASSWORD"},
		{"demo-api-key", `{"email":"connector@demo.example"}`, "MISSING_PASSWORD"},
		{"other", `{"email":"connector@demo.example","password":"demo-password"}`, "API key not valid. Please pass a valid API key."},
	} {
		if got := googleMessage(b.post("/v1/accounts:signInWithPassword?key="+c.key, c.body)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.body, got, c.want)
		}
	}
}

func TestFaultsSpeakLikeTheirHost(t *testing.T) {
	t.Parallel()
	faults := simulator.NewFaults(1)
	b := setup(t, fftsim.Options{Faults: faults})
	faults.SetOutage(true)
	status, answer := b.get("/api/orders")
	if _, isArray := answer.([]any); status != http.StatusServiceUnavailable || !isArray {
		t.Errorf("the API answers %d %v", status, answer)
	}
	status, answer = b.post("/v1/token?key=demo-api-key", "{}")
	if _, isObject := answer.(object); status != http.StatusServiceUnavailable || !isObject {
		t.Errorf("the identity host answers %d %v", status, answer)
	}
}
