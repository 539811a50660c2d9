package remote_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/remote"
)

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC()
		for value, want := range map[string]time.Duration{
			"":     0,
			"0":    0,
			"7":    7 * time.Second,
			"3600": 15 * time.Minute,
			"-5":   0,
			"soon": 0,
			"1.5":  0,
			now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
			now.Add(-time.Minute).Format(http.TimeFormat):     0,
			// Nobody means these; they must not overflow nor park a message for ever.
			"99999999999999999": 15 * time.Minute,
			now.Add(9000 * time.Hour).Format(http.TimeFormat): 15 * time.Minute,
		} {
			p := &platform{answers: []answer{{status: 503, header: http.Header{"Retry-After": {value}}}}}
			err := send(t.Context(), p, http.MethodGet, remote.Operation{}, remote.Options{Attempts: 1})
			if got := remote.WaitOf(err); got != want {
				t.Errorf("Retry-After %q: got %v, want %v", value, got, want)
			}
		}
	})
}

func TestWhatAnErrorTellsIsFoundThroughWrapping(t *testing.T) {
	t.Parallel()
	inner := &remote.Error{Platform: "acme", Operation: "create order", Kind: remote.Conflict, Delay: time.Minute, Ambiguous: true, Hint: "look"}
	err := fmt.Errorf("order 7: %w", &url.Error{Op: "Post", URL: "https://acme.example", Err: inner})
	if remote.KindOf(err) != remote.Conflict || !remote.Is(err, remote.Conflict) || !remote.IsAmbiguous(err) || remote.WaitOf(err) != time.Minute || remote.HintOf(err) != "look" {
		t.Errorf("got %v %v %v %q", remote.KindOf(err), remote.IsAmbiguous(err), remote.WaitOf(err), remote.HintOf(err))
	}
}

func TestErrorsThatNoCallMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want remote.Kind
	}{
		"time ran out":   {fmt.Errorf("lane: %w", context.DeadlineExceeded), remote.Transient},
		"caller left":    {context.Canceled, remote.Transient},
		"anything else":  {errors.New("no mapping"), remote.Rejected},
		"asked to wait":  {remote.NewTransient("acme", "create order", "list lags", time.Second), remote.Transient},
		"nothing at all": {nil, remote.Rejected},
	} {
		if got := remote.KindOf(c.err); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		if remote.IsAmbiguous(c.err) {
			t.Errorf("%s: is ambiguous", name)
		}
	}
	if remote.Is(nil, remote.Rejected) || remote.WaitOf(errors.New("x")) != 0 || remote.HintOf(nil) != "" {
		t.Error("no error is a failure")
	}
	if later := remote.NewTransient("acme", "create order", "list lags", time.Second); remote.WaitOf(later) != time.Second || later.Error() != "acme: create order: transient: list lags" {
		t.Errorf("got %v", later)
	}
}

func TestTheTextSaysWhatHappened(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*remote.Error{
		"acme: read order: answered 409 ConcurrentModification: stale (read again)": {
			Status: 409, Code: "ConcurrentModification", Message: "stale", Hint: "read again",
		},
		"acme: read order: answered 502":                                           {Status: 502},
		"acme: read order: no answer in time":                                      {Cause: fmt.Errorf("x: %w", context.DeadlineExceeded)},
		"acme: read order: call cancelled":                                         {Cause: context.Canceled},
		"acme: read order: host acme.example cannot be resolved":                   {Cause: &net.OpError{Op: "dial", Err: &net.DNSError{Name: "acme.example"}}},
		"acme: read order: connection failed: dial: connect: connection refused":   {Cause: refusedConnection()},
		"acme: read order: connection broken":                                      {Cause: errors.New("EOF of https://acme.example?key=api-key")},
		"acme: read order: blocked":                                                {Kind: remote.Blocked},
		"acme: read order: blocked: the object is wrong":                           {Kind: remote.Blocked, Message: "the object is wrong", Cause: errors.New("x")},
		"acme: read order: transient: the answer cannot be read":                   {Kind: remote.Transient, Message: "the answer cannot be read", Cause: errors.New("invalid character")},
		"acme: read order: not found: no such type":                                {Kind: remote.NotFound, Message: "no such type"},
		"acme: read order: conflict":                                               {Kind: remote.Conflict},
		"acme: read order: rejected: 12 is not a quantity (see the documentation)": {Message: "12 is not a quantity", Hint: "see the documentation"},
	} {
		err.Platform, err.Operation = "acme", "read order"
		if got := err.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestNoAddressShowsThroughTheHTTPClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, a := range map[string]answer{
			"wrapped address": {err: &url.Error{Op: "Post", URL: "https://acme.example/v1/token?key=api-key", Err: errors.New("EOF")}},
			"broken":          {err: brokenConnection()},
			"refused":         {err: refusedConnection()},
			"refusal":         {status: 400, body: strings.NewReader("https://acme.example?key=api-key is wrong")},
			"too slow":        {takes: time.Minute},
		} {
			client := &http.Client{Transport: remote.NewTransport(remote.Options{
				Platform: "acme", Base: &platform{answers: []answer{a}},
				Read: func(_ remote.Operation, _ int, body []byte) remote.Refusal {
					return remote.Refusal{Message: string(body)}
				},
			})}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://acme.example/v1/token?key=api-key", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if err == nil {
				t.Fatalf("%s: answered %d", name, response.StatusCode)
			}
			var failed *remote.Error
			if !errors.As(err, &failed) {
				t.Errorf("%s: %v holds no *remote.Error", name, err)
			} else if strings.Contains(failed.Error(), "api-key") {
				t.Errorf("%s: the key shows: %v", name, failed)
			}
		}
	})
}

func TestOnlyThePlatformsOwnWordEndsACall(t *testing.T) {
	t.Parallel()
	own := func(remote.Operation, int, []byte) remote.Refusal { return remote.Refusal{Message: "no"} }
	gateway := func(remote.Operation, int, []byte) remote.Refusal { return remote.Refusal{Foreign: true} }
	for status, over := range map[int]bool{302: true, 400: true, 404: true, 408: false, 409: true, 500: true, 502: false, 503: true, 504: false} {
		for name, read := range map[string]func(remote.Operation, int, []byte) remote.Refusal{"its own": own, "a gateway's": gateway} {
			err := send(t.Context(), answering(status), http.MethodPost, remote.Operation{}, remote.Options{Attempts: 1, Read: read})
			if got, want := remote.IsCallOver(fmt.Errorf("order 7: %w", err)), over && name == "its own"; got != want {
				t.Errorf("%d, %s: over %t, want %t", status, name, got, want)
			}
		}
	}
	if remote.IsCallOver(&remote.Error{Kind: remote.Transient, Ambiguous: true}) || remote.IsCallOver(errors.New("x")) {
		t.Error("no answer ends no call")
	}
}
