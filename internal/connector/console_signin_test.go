package connector_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/console/signintest"
)

// completeSignIn is a console that asks a provider who somebody is, and a browser.
func signedIn(t *testing.T, claims map[string]any, more func(*config.Admin)) (address string, browser *http.Client) {
	t.Helper()
	provider := signintest.Start(t, claims)
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	d := newDesk(t, func(d *desk) {
		d.opts.Admin = config.Admin{Auth: config.AdminAuthOIDC, URL: server.URL, BasePath: "/ops", Operators: []string{"ops"}, Viewers: []string{"vera@shop.example"}}
		d.opts.Admin.OIDC.Issuer, d.opts.Admin.OIDC.RolesClaim = provider.URL, "groups"
		d.opts.Admin.OIDC.ClientID, d.opts.Admin.OIDC.ClientSecret = signintest.ClientID, signintest.ClientSecret
		if more != nil {
			more(&d.opts.Admin)
		}
	})
	handler = d.console
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return server.URL + "/ops", &http.Client{Jar: jar}
}

func visit(t *testing.T, browser *http.Client, address string) (status int, at, text string) {
	t.Helper()
	response, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body := make([]byte, 64<<10)
	n, _ := response.Body.Read(body)
	return response.StatusCode, response.Request.URL.RequestURI(), string(body[:n])
}

func TestASignInGivesTheRoleThatTheProviderNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claims map[string]any
		status int
		text   string
	}{
		"an operator by group":            {map[string]any{"groups": []string{"staff", "ops"}, "email": "olga@shop.example", "email_verified": true}, http.StatusOK, "olga@shop.example</span>"},
		"a viewer by address":             {map[string]any{"email": "vera@shop.example", "email_verified": true}, http.StatusOK, "vera@shop.example (may only look)"},
		"an address that is not verified": {map[string]any{"email": "vera@shop.example"}, http.StatusForbidden, "have no role here"},
		"nobody":                          {nil, http.StatusForbidden, "have no role here"},
	} {
		address, browser := signedIn(t, c.claims, nil)
		status, at, text := visit(t, browser, address+"/late?why=no+pick+job")
		if status != http.StatusOK || !strings.HasPrefix(at, "/ops/sign-in?") || !strings.Contains(text, "/ops/sign-in/start?to=") {
			t.Fatalf("%s: %d %s\n%s", name, status, at, text)
		}
		status, at, text = visit(t, browser, address+"/sign-in/start?to=%2Flate%3Fwhy%3Dno%2Bpick%2Bjob")
		if status != c.status || !strings.Contains(text, c.text) {
			t.Errorf("%s: %d, want %d and %q:\n%s", name, status, c.status, c.text, text)
		}
		if c.status == http.StatusOK && at != "/ops/late?why=no+pick+job" {
			t.Errorf("%s: came back to %s", name, at)
		}
	}
}

func TestASignInThatWasNotBegunHereIsRefused(t *testing.T) {
	t.Parallel()
	address, browser := signedIn(t, map[string]any{"groups": "ops"}, nil)
	if status, _, text := visit(t, browser, address+"/signed-in?code=x&state=y"); status != http.StatusForbidden || !strings.Contains(text, "was not begun in this browser") {
		t.Errorf("%d:\n%s", status, text)
	}
	// Nor does a cookie help that somebody else signed.
	other, theirs := signedIn(t, map[string]any{"groups": "ops"}, nil)
	visit(t, theirs, other+"/sign-in/start")
	request, err := http.NewRequest(http.MethodGet, address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: "fftconnect_console", Value: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9."})
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if !strings.HasPrefix(response.Request.URL.Path, "/ops/sign-in") {
		t.Errorf("let in to %s", response.Request.URL.Path)
	}
}

func TestAWrongClientSecretIsSaid(t *testing.T) {
	t.Parallel()
	address, browser := signedIn(t, map[string]any{"groups": "ops"}, func(a *config.Admin) { a.OIDC.ClientSecret = "another" })
	if status, _, text := visit(t, browser, address+"/sign-in/start"); status != http.StatusForbidden || !strings.Contains(text, "check ADMIN_OIDC_CLIENT_ID") {
		t.Errorf("%d:\n%s", status, text)
	}
}

func TestWhereASignInLeadsBackToIsOurs(t *testing.T) {
	t.Parallel()
	address, browser := signedIn(t, map[string]any{"groups": "ops"}, nil)
	for _, to := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`} {
		status, at, _ := visit(t, browser, address+"/sign-in/start?to="+to)
		if status != http.StatusOK || at != "/ops/" {
			t.Errorf("%s leads to %s (%d)", to, at, status)
		}
	}
}
