package fulfillmenttools_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
	"fftconnect/internal/testtime"
)

// answeringAlways is a client whose every call but the sign-in is answered so.
func answeringAlways(status int, body string) *fulfillmenttools.Client {
	return fulfillmenttools.New(fulfillmenttools.Options{
		APIURL: "http://api.test", SignInURL: "http://sign-in.test", TokenURL: "http://token.test",
		Base: roundTrips(func(r *http.Request) (*http.Response, error) {
			status, body := status, body
			if r.URL.Host == "sign-in.test" {
				status, body = http.StatusOK, `{"idToken":"token","refreshToken":"more","expiresIn":"3600"}`
			}
			return &http.Response{
				StatusCode: status, Header: http.Header{"Location": {"http://elsewhere.test/"}}, ContentLength: -1,
				Body: io.NopCloser(strings.NewReader(body)), Request: r,
			}, nil
		}),
	})
}

type roundTrips func(*http.Request) (*http.Response, error)

func (f roundTrips) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const gatewaysPage = "<html><body>404 page not found</body></html>"

func TestWhatDoesNotSayWhetherTheOrderWasCreatedLeavesItOpen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   remote.Kind
		open   bool
	}{
		"an empty object":        {200, `{}`, remote.Transient, true},
		"null":                   {201, `null`, remote.Transient, true},
		"an empty body":          {201, ``, remote.Transient, true},
		"a list":                 {200, `[]`, remote.Transient, true},
		"a page":                 {200, gatewaysPage, remote.Transient, true},
		"moved":                  {301, ``, remote.Transient, true},
		"elsewhere":              {307, ``, remote.Transient, true},
		"a gateway's 404":        {404, gatewaysPage, remote.Transient, true},
		"a gateway's 400":        {400, gatewaysPage, remote.Transient, true},
		"a gateway's 409":        {409, ``, remote.Transient, true},
		"too large":              {413, ``, remote.Transient, true},
		"misdirected":            {421, ``, remote.Transient, true},
		"another form of 404":    {404, `{"code":5,"message":"Method does not exist."}`, remote.Transient, true},
		"an empty list of words": {400, `[]`, remote.Transient, true},
		"its own words":          {400, `[{"summary":"Invalid input"}]`, remote.Rejected, false},
	} {
		t.Run(name, func(t *testing.T) {
			testtime.Fake(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond) // no time to repeat
				defer cancel()
				_, err := answeringAlways(test.status, test.body).CreateOrder(ctx, order("A-1"))
				if !remote.Is(err, test.want) || remote.IsAmbiguous(err) != test.open {
					t.Errorf("%v is %s, open %t, want %s, %t", err, remote.KindOf(err), remote.IsAmbiguous(err), test.want, test.open)
				}
			})
		})
	}
}

func TestNothingIsMissingBecauseAGatewaySaysSo(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]remote.Kind{
		gatewaysPage: remote.Transient, "": remote.Transient, `[]`: remote.Transient, `[{}]`: remote.Transient, `{"message":"no"}`: remote.Transient,
		`[{"summary":"Not found"}]`: remote.NotFound,
	} {
		t.Run(body, func(t *testing.T) {
			testtime.Fake(t, func(t *testing.T) {
				client := answeringAlways(http.StatusNotFound, body)
				for name, call := range map[string]func(context.Context) error{
					"read":   func(ctx context.Context) error { _, err := client.Order(ctx, "f1"); return err },
					"cancel": func(ctx context.Context) error { _, err := client.CancelOrder(ctx, "f1", 1, false); return err },
					"job":    func(ctx context.Context) error { _, err := client.PickJob(ctx, "p1"); return err },
				} {
					ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
					if err := call(ctx); !remote.Is(err, want) {
						t.Errorf("%s: %v is %s, want %s", name, err, remote.KindOf(err), want)
					}
					cancel()
				}
			})
		})
	}
}

func TestAListMustHaveItsList(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `null`, `[]`, `{"orders":null,"pickjobs":null}`, `""`, gatewaysPage} {
		client, ctx := answeringAlways(http.StatusOK, body), t.Context()
		for name, list := range map[string]func() error{
			"orders":        func() error { _, err := client.OrdersByTenantOrderID(ctx, "A-1"); return err },
			"load units":    func() error { _, err := client.LoadUnits(ctx, "p1"); return err },
			"facilities":    func() error { _, err := client.FacilitiesAfter(ctx, "", 1); return err },
			"subscriptions": func() error { _, err := client.Subscriptions(ctx); return err },
			"order":         func() error { _, err := client.Order(ctx, "f1"); return err },
			"document":      func() error { _, err := client.OrderDocument(ctx, "f1"); return err },
			"facility's id": func() error { _, err := client.TenantFacilityID(ctx, "fa1"); return err },
			"facility":      func() error { _, err := client.FacilityName(ctx, "fa1"); return err },
			"subscription":  func() error { _, err := client.CreateSubscription(ctx, fulfillmenttools.Subscription{}); return err },
			"process":       func() error { _, err := client.ProcessOfOrder(ctx, "f1"); return err },
		} {
			if err := list(); !remote.Is(err, remote.Transient) {
				t.Errorf("%s, answered %s: %v", name, body, err)
			}
		}
	}
}
