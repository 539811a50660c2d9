package fulfillmenttools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"fftconnect/internal/remote"
)

// Platform is the name of fulfillmenttools in errors and metrics.
const Platform = "fulfillmenttools"

// Options say which tenant to talk to, and as whom.
type Options struct {
	APIURL    string // scheme and host, without /api
	SignInURL string // scheme and host of Google's identity toolkit
	TokenURL  string // scheme and host of Google's token service
	APIKey    string
	User      string // e-mail address
	Password  string
	Base      http.RoundTripper // http.DefaultTransport when nil
	Observe   func(remote.Call) // told of every attempt; may be nil
	Circuit   *remote.Circuit   // keeps calls from the platform while it is down; may be nil
	Health    *remote.Health    // told which operations are blocked; may be nil
	UserAgent string
}

// Client talks to one fulfillmenttools tenant. It is safe for concurrent use.
type Client struct {
	opts      Options
	headers   remote.Headers
	transport *remote.Transport
	auth      *remote.Transport
	tokens    *remote.Tokens
}

// New makes no call.
func New(opts Options) *Client {
	c := &Client{opts: opts, headers: remote.NewHeaders(opts.UserAgent)}
	c.tokens = remote.NewTokens(c.fetchToken)
	c.auth = remote.NewTransport(remote.Options{
		Platform: Platform, Base: opts.Base, Read: readAuthRefusal, Observe: opts.Observe,
	})
	c.transport = remote.NewTransport(remote.Options{
		Platform: Platform, Base: opts.Base, Tokens: c.tokens, Read: readRefusal, Observe: opts.Observe,
		Circuit: opts.Circuit, Health: opts.Health,
	})
	return c
}

// call sends body, when there is one, and decodes the answer into answer, when
// that is wanted. path is escaped already.
func (c *Client) call(ctx context.Context, op remote.Operation, method, path string, query url.Values, body, answer any) error {
	ctx = remote.WithOperation(ctx, op)
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return fmt.Errorf("fulfillmenttools: %s: %w", op.Name, err)
		}
	}
	address := c.opts.APIURL + "/api" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return c.send(ctx, c.transport, op, method, address, text, answer)
}

func (c *Client) send(ctx context.Context, transport *remote.Transport, op remote.Operation, method, address string, body []byte, answer any) error {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, reader)
	if err != nil {
		return fmt.Errorf("fulfillmenttools: %s: an address that is none", op.Name)
	}
	request.Header = c.headers.For(body)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err // it does not show the address, and with it the API key
	}
	defer response.Body.Close()
	if answer == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		return nil
	}
	if err := remote.WithBody(response, func(text []byte) error { return decode(text, answer) }); err != nil {
		return &remote.Error{
			Platform: Platform, Operation: op.Name, Kind: remote.Transient,
			Ambiguous: true, Message: "the answer cannot be read", Cause: err,
		}
	}
	return nil
}

// readRefusal understands fulfillmenttools' ApiError, which is a list.
func readRefusal(_ remote.Operation, status int, body []byte) remote.Refusal {
	var entries []struct {
		Summary     string `json:"summary"`
		Description string `json:"description"`
	}
	var refusal remote.Refusal
	if remote.Decode(body, &entries) == nil {
		var words []string
		for _, entry := range entries {
			words = append(words, strings.TrimSpace(entry.Summary+" "+entry.Description))
		}
		refusal.Message = strings.Join(words, "; ")
	}
	// No gateway says so in this form. Whether a missing thing is named is nowhere documented.
	refusal.Foreign = strings.Trim(refusal.Message, "; ") == ""
	switch status {
	case http.StatusUnauthorized:
		refusal.Hint = "check FFT_API_USER, FFT_API_PASSWORD and FFT_PROJECT_ID"
	case http.StatusForbidden:
		refusal.Hint = "the fulfillmenttools user lacks the permission for this call"
	}
	return refusal
}
