package commercetools_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/remote"
	"fftconnect/internal/testtime"
)

// answering is a client whose every call but the token's is answered so.
func answering(t *testing.T, status int, body string) *commercetools.Client {
	t.Helper()
	client, err := commercetools.New(commercetools.Options{
		ProjectKey: "demo", APIURL: "http://api.test", AuthURL: "http://auth.test", ClientID: "id", ClientSecret: "secret",
		Base: roundTripper(func(r *http.Request) (*http.Response, error) {
			status, body := status, body
			if r.URL.Host == "auth.test" {
				status, body = http.StatusOK, `{"access_token":"token","expires_in":3600}`
			}
			return &http.Response{
				StatusCode: status, Header: http.Header{"Location": {"http://elsewhere.test/"}}, ContentLength: -1,
				Body: io.NopCloser(strings.NewReader(body)), Request: r,
			}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

const (
	asked = "5d5dd0b5-5b5c-4b39-9d6c-f1a6c4a0b7aa"
	other = "0b0cc0b5-5b5c-4b39-9d6c-f1a6c4a0b7bb"
	page  = "<html><body>404 page not found</body></html>"
)

func refusal(status int, code, message string) string {
	return fmt.Sprintf(`{"statusCode":%d,"message":%q,"errors":[{"code":%q,"message":%q}]}`, status, message, code, message)
}

func TestAnOrderIsMissingOnlyWhenCommercetoolsSaysSoOfIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   remote.Kind
	}{
		"its own word":                 {404, refusal(404, "ResourceNotFound", "The Resource with ID '"+asked+"' was not found."), remote.NotFound},
		"another order":                {404, refusal(404, "ResourceNotFound", "The Resource with ID '"+other+"' was not found."), remote.Transient},
		"a gateway's page":             {404, page, remote.Transient},
		"nothing":                      {404, "", remote.Transient},
		"another form":                 {404, `{"code":5,"message":"Method does not exist."}`, remote.Transient},
		"no such path":                 {404, refusal(404, "ResourceNotFound", "URI not found: /demo/orders/"+asked), remote.Transient},
		"no such project":              {404, refusal(404, "ResourceNotFound", "The project 'demo' was not found."), remote.Transient},
		"gone, by a gateway":           {410, page, remote.Transient},
		"a page of a bad request":      {400, page, remote.Transient},
		"its own word on that":         {400, refusal(400, "InvalidInput", "no"), remote.Rejected},
		"too large, by a gateway":      {413, page, remote.Transient},
		"misdirected":                  {421, "", remote.Transient},
		"moved":                        {301, "", remote.Transient},
		"found elsewhere":              {302, page, remote.Transient},
		"temporarily elsewhere":        {307, "", remote.Transient},
		"permanently elsewhere":        {308, "", remote.Transient},
		"an empty object":              {200, `{}`, remote.Transient},
		"null":                         {200, `null`, remote.Transient},
		"an empty body":                {200, ``, remote.Transient},
		"a list":                       {200, `[]`, remote.Transient},
		"a text":                       {200, `"order"`, remote.Transient},
		"a page as if it were success": {200, page, remote.Transient},
		"another order's document":     {200, `{"id":"` + other + `","version":1,"orderState":"Cancelled"}`, remote.Transient},
		"a field of another type":      {200, `{"id":"` + asked + `","version":"one"}`, remote.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			testtime.Fake(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond) // no time to repeat
				defer cancel()
				client := answering(t, test.status, test.body)
				if _, err := client.Order(ctx, asked); !remote.Is(err, test.want) {
					t.Errorf("order: %v is %s, want %s", err, remote.KindOf(err), test.want)
				}
				if _, err := client.Snapshot(ctx, asked); !remote.Is(err, test.want) {
					t.Errorf("snapshot: %v is %s, want %s", err, remote.KindOf(err), test.want)
				}
			})
		})
	}
}

func TestAListMustHaveItsList(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `null`, `[]`, `{"results":null}`, `""`, page} {
		client := answering(t, http.StatusOK, body)
		for name, list := range map[string]func() error{
			"orders": func() error {
				_, _, err := client.OrdersModified(t.Context(), commercetools.Position{}, time.Time{}, 1)
				return err
			},
			"unfinished": func() error {
				_, err := client.OrdersUnfinished(t.Context(), "", commercetools.Unfinished{}, 1)
				return err
			},
			"objects":          func() error { _, err := client.ObjectsBefore(t.Context(), "c", time.Time{}, 1); return err },
			"channels":         func() error { _, err := client.SupplyChannelsAfter(t.Context(), "", 1); return err },
			"object":           func() error { _, err := client.Object(t.Context(), "c", "k"); return err },
			"shipping methods": func() error { _, err := client.ShippingMethods(t.Context()); return err },
			"supply channels":  func() error { _, err := client.SupplyChannels(t.Context(), 1); return err },
			"stores":           func() error { _, err := client.Stores(t.Context(), 1); return err },
			"subscriptions":    func() error { _, err := client.SubscriptionKeys(t.Context()); return err },
			"type":             func() error { _, err := client.TypeByID(t.Context(), asked); return err },
			"type by key":      func() error { _, err := client.TypeByKey(t.Context(), "k"); return err },
			"subscription":     func() error { _, err := client.Subscription(t.Context(), "k"); return err },
			"store":            func() error { _, err := client.Store(t.Context(), "k"); return err },
			"count":            func() error { _, err := client.CountOrdersWithField(t.Context(), "f"); return err },
			"project":          func() error { _, err := client.Project(t.Context()); return err },
			"custom object":    func() error { _, err := client.CustomObject(t.Context(), "c", "k"); return err },
			"state":            func() error { _, err := client.StateID(t.Context(), "k"); return err },
			"channel":          func() error { _, err := client.Channel(t.Context(), asked); return err },
			"fields":           func() error { _, err := client.FieldsByResource(t.Context()); return err },
		} {
			if err := list(); !remote.Is(err, remote.Transient) {
				t.Errorf("%s, answered %s: %v", name, body, err)
			}
		}
	}
}
