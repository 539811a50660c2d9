package remote_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/remote"
)

func TestOnlyWhatLooksLikeAnIdIsACorrelationID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		want   string
	}{
		"commercetools'":      {http.Header{"X-Correlation-Id": {"my-shop/0d4f-1"}}, "my-shop/0d4f-1"},
		"a gateway's":         {http.Header{"X-Request-Id": {"abc=="}}, "abc=="},
		"none":                {http.Header{}, ""},
		"a person":            {http.Header{"X-Correlation-Id": {"ada@example.org"}}, ""},
		"what acts in a log":  {http.Header{"X-Correlation-Id": {"a\x1b[31m"}}, ""},
		"far too long":        {http.Header{"X-Correlation-Id": {strings.Repeat("a", 300)}}, ""},
		"the second, if good": {http.Header{"X-Correlation-Id": {"a b"}, "X-Request-Id": {"1"}}, "1"},
	} {
		if got := remote.CorrelationID(test.header); got != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestARefusedCallHasItsCorrelationID(t *testing.T) {
	t.Parallel()
	transport := remote.NewTransport(remote.Options{Platform: "commercetools", Attempts: 1, Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 400, Header: http.Header{"X-Correlation-Id": {"shop/1"}}, Body: http.NoBody, Request: r}, nil
	})})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = transport.RoundTrip(request) //nolint:bodyclose // there is none
	if remote.Correlation(fmt.Errorf("order 1: %w", err)) != "shop/1" {
		t.Errorf("%+v", err)
	}
}

func TestTheCallThatFailedIsTheOneThatIsNamed(t *testing.T) {
	t.Parallel()
	ids, status := []string{"shop/refused", "shop/beside"}, 400
	transport := remote.NewTransport(remote.Options{Platform: "commercetools", Attempts: 1, Tokens: remote.NewTokens(func(context.Context, remote.Token) (remote.Token, error) {
		return remote.Token{Value: "token", Expires: time.Now().Add(time.Hour)}, nil
	}), Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		response := &http.Response{StatusCode: status, Header: http.Header{"X-Correlation-Id": ids[:1]}, Body: http.NoBody, Request: r}
		ids, status = ids[1:], 200
		return response, nil
	})})
	var tally remote.Tally
	call := func() error {
		request, err := http.NewRequestWithContext(remote.WithTally(t.Context(), &tally), http.MethodGet, "https://api.example", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = transport.RoundTrip(request) //nolint:bodyclose // there is none
		return err
	}
	refused := call()
	if err := call(); err != nil {
		t.Fatal(err)
	}
	tally.NoteFailure(fmt.Errorf("order 1: %w", refused))
	if got := tally.Correlation(); got != "commercetools shop/refused" || tally.Calls() != 2 {
		t.Errorf("%q after %d calls", got, tally.Calls())
	}
}
