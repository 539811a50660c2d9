package connector_test

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger"
)

func contextWithCancel(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

func handlerOf(handle func(ledger.Event) ledger.Verdict) func(context.Context, ledger.Event) ledger.Verdict {
	return func(_ context.Context, event ledger.Event) ledger.Verdict { return handle(event) }
}

func TestWithoutASignInOnlyThisMachineIsLetIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		remote, host, header string
		status               int
	}{
		"this machine":         {"127.0.0.1:4711", "127.0.0.1:9090", "", http.StatusOK},
		"this machine by name": {"[::1]:4711", "localhost:9090", "", http.StatusOK},
		"another machine":      {"10.0.0.7:4711", "10.0.0.1:9090", "", http.StatusForbidden},
		"another machine that says it were this one":    {"10.0.0.7:4711", "localhost", "", http.StatusForbidden},
		"a site whose name leads here":                  {"127.0.0.1:4711", "evil.example:9090", "", http.StatusForbidden},
		"a proxy on this machine that brings others in": {"127.0.0.1:4711", "127.0.0.1:9090", "X-Forwarded-For", http.StatusForbidden},
	} {
		d := newDesk(t)
		d.remote, d.host = c.remote, c.host
		if c.header != "" {
			d.headers.Set(c.header, "203.0.113.9")
		}
		if got := d.send(http.MethodGet, "/", nil).StatusCode; got != c.status {
			t.Errorf("%s: answered %d, want %d", name, got, c.status)
		}
	}
}

func TestActionsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bury(1, "x", nil)
	d.headers.Set("Sec-Fetch-Site", "cross-site")
	for _, path := range []string{"/retry", "/discard", "/pause", "/resume", "/doctor", "/orders/" + orderID + "/sync", "/orders/" + orderID + "/resend", "/events/1/body", "/settings/test-event"} {
		d.post(path, url.Values{"id": {"1"}, "why": {"y"}, "flow": {"export"}}, http.StatusForbidden)
		// And nothing is done by following a link.
		if got := d.send(http.MethodGet, path, nil).StatusCode; got == http.StatusOK || got == http.StatusSeeOther {
			t.Errorf("GET %s answered %d", path, got)
		}
	}
	if d.dead() != 1 || len(d.paused) != 0 {
		t.Errorf("something was done: %v", d.paused)
	}
}

func basic(d *desk) {
	d.opts.Admin.Auth = config.AdminAuthBasic
	d.opts.Admin.Users = []config.AdminUser{
		{Name: "vera", Role: config.RoleViewer, Password: "viewers-password"},
		{Name: "olga", Role: config.RoleOperator, Password: "operators-password"},
	}
	d.remote, d.host = "10.0.0.7:4711", "operations.example"
}

func as(d *desk, name, password string) {
	r, _ := http.NewRequest(http.MethodGet, "/", nil)
	r.SetBasicAuth(name, password)
	d.headers.Set("Authorization", r.Header.Get("Authorization"))
}

func TestAViewerLooksAndAnOperatorActs(t *testing.T) {
	t.Parallel()
	d := newDesk(t, basic)
	d.bury(1, "x", nil)
	if response := d.send(http.MethodGet, "/", nil); response.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(response.Header.Get("WWW-Authenticate"), "Basic") {
		t.Errorf("answered %d", response.StatusCode)
	}
	as(d, "vera", "viewers-password")
	d.wantNot(d.get("/attention", http.StatusOK), "Retry all")
	d.want(d.post("/retry", url.Values{"id": {"1"}}, http.StatusForbidden), "takes the role operator")
	d.want(d.post("/events/1/body", nil, http.StatusForbidden), "takes the role operator")
	as(d, "olga", "operators-password")
	d.want(d.get("/attention", http.StatusOK), "Retry all", "olga")
	d.to(d.send(http.MethodPost, "/pause", url.Values{"flow": {"feedback"}, "why": {"stocktaking"}}))
	if len(d.paused) != 1 || d.paused[0] != "feedback by olga: stocktaking" {
		t.Errorf("paused %q", d.paused)
	}
}

func TestGuessingAPasswordIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, basic, withoutStore)
		as(d, "olga", "viewers-password")
		began := time.Now()
		d.want(d.get("/", http.StatusUnauthorized), "Name or password is wrong")
		if took := time.Since(began); took < time.Second {
			t.Errorf("a guess takes %s", took)
		}
	})
}

func TestIdentityHeadersAreBelievedOfListedProxiesOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(d *desk) {
		d.opts.Admin = config.Admin{
			Auth: config.AdminAuthProxy, Proxies: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/24")}, UserHeader: "X-User", RolesHeader: "X-Groups",
			Operators: []string{"ops"}, Viewers: []string{"support", "vera"},
		}
	})
	d.headers.Set("X-User", "olga")
	d.headers.Set("X-Groups", "staff, ops")
	d.remote = "10.2.0.9:4711"
	d.want(d.get("/", http.StatusForbidden), "through a proxy of ADMIN_PROXIES")
	d.remote = "10.1.0.9:4711"
	d.want(d.get("/", http.StatusOK), "olga")
	d.to(d.send(http.MethodPost, "/resume", url.Values{"flow": {"export"}}))
	d.headers.Set("X-Groups", "staff")
	d.want(d.get("/", http.StatusForbidden), "have no role here")
	d.headers.Set("X-User", "vera")
	d.want(d.get("/", http.StatusOK), "vera (may only look)")
	d.headers.Del("X-User")
	d.get("/", http.StatusForbidden)
}

func TestTheConsoleMayBeUnderAPath(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(d *desk) { d.opts.Admin.BasePath = "/ops/fftconnect" })
	d.bury(1, "x", nil)
	page := d.get("/ops/fftconnect/attention", http.StatusOK)
	d.want(page, `href="/ops/fftconnect/static/console.css`, `action="/ops/fftconnect/retry/plan"`)
	d.wantNot(page, `="/attention`, `="/static`, `="/retry`)
	if to := d.to(d.send(http.MethodPost, "/ops/fftconnect/retry", url.Values{"id": {"1"}})); to != "/ops/fftconnect/retries/1" {
		t.Errorf("leads to %s", to)
	}
	d.get("/ops/fftconnect/static/console.css", http.StatusOK)
}

func TestABrowserLoadsNothingElseAndIsNotDeceived(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bury(1, "\u202eevil\u2066 <script>alert(1)</script>\x1b[2J\x07", nil)
	response := d.send(http.MethodGet, "/attention", nil)
	policy := response.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy lacks %s: %s", part, policy)
		}
	}
	plan := d.post("/retry/plan", confirmation(t, d.text(response, "/attention", http.StatusOK), "/retry/plan"), http.StatusOK)
	d.want(plan, "<strong>1 message</strong>")
	page := d.get("/events/1", http.StatusOK)
	d.want(page, `\u202eevil\u2066`, "&lt;script&gt;", `\u001b[2J\u0007`)
	d.wantNot(page, "\u202e", "\x1b", "<script>alert", "style=", "onclick", "javascript:")
}

func TestEveryPageIsThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.want(d.get("/", http.StatusOK), "Find an order")
	d.want(d.get("/now", http.StatusOK), "Directions", "orders to fulfillmenttools")
	d.to(d.send(http.MethodPost, "/doctor", url.Values{}))
	d.want(d.get("/now", http.StatusOK), "one is missing", "fftconnect install", "asked by somebody on this machine")
	d.want(d.get("/settings", http.StatusOK), "FFT_API_PASSWORD", "••••")
	d.want(d.post("/settings/check", nil, http.StatusOK), "exprt")
	d.want(d.post("/settings/test-event", nil, http.StatusOK), "works")
	d.ct.orders[orderID] = shipped()
	d.want(d.get("/mapping?order="+orderNumber, http.StatusOK), "orderLineItems[0]", "quantity")
	d.want(d.get("/nowhere", http.StatusNotFound), "no such page")
	d.get("/orders/"+orderID, http.StatusNotFound)
	d.to(d.send(http.MethodGet, "/orders/A-1001", nil))
	d.get("/static/live.js", http.StatusOK)
}
