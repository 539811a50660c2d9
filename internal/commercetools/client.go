package commercetools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/remote"
)

// Platform is the name of commercetools in errors and metrics.
const Platform = "commercetools"

// Options say which project to talk to, and how.
type Options struct {
	ProjectKey   string
	APIURL       string // scheme and host
	AuthURL      string // scheme and host
	ClientID     string
	ClientSecret string
	Scope        string            // empty: all that the API client has
	Base         http.RoundTripper // http.DefaultTransport when nil
	Observe      func(remote.Call) // told of every attempt; may be nil
	Circuit      *remote.Circuit   // keeps calls from the platform while it is down; may be nil
	Health       *remote.Health    // told which operations are blocked; may be nil
	UserAgent    string
}

// Client talks to one commercetools project. It is safe for concurrent use.
type Client struct {
	opts      Options
	headers   remote.Headers
	transport *remote.Transport
	tokens    *remote.Tokens
}

// New makes no call.
func New(opts Options) (*Client, error) {
	c := &Client{opts: opts, headers: remote.NewHeaders(opts.UserAgent)}
	c.tokens = remote.NewTokens(c.fetchToken)
	c.transport = remote.NewTransport(remote.Options{
		Platform: Platform, Base: opts.Base, Tokens: c.tokens, Read: readRefusal, Observe: opts.Observe,
		Circuit: opts.Circuit, Health: opts.Health,
	})
	if _, err := url.Parse(opts.APIURL); err != nil {
		return nil, fmt.Errorf("commercetools API address %q: %w", opts.APIURL, err)
	}
	return c, nil
}

// sdk is the SDK's client for the calls that few make. It is made when needed: held by
// something that is ever an interface, it would bring all of the SDK's API into the
// binary.
func (c *Client) sdk() *platform.ByProjectKeyRequestBuilder {
	client, err := platform.NewClient(&platform.ClientConfig{
		URL: c.opts.APIURL, HTTPClient: &http.Client{Transport: c.transport}, UserAgent: c.opts.UserAgent,
	})
	if err != nil {
		panic(err) // New has parsed the address
	}
	return client.WithProjectKey(c.opts.ProjectKey)
}

// ProjectKey is the project that the client talks to.
func (c *Client) ProjectKey() string { return c.opts.ProjectKey }

// fetchToken uses the client credentials grant.
func (c *Client) fetchToken(ctx context.Context, _ remote.Token) (remote.Token, error) {
	ctx = remote.WithOperation(ctx, remote.Operation{Name: "get token", Repeatable: true})
	form := url.Values{"grant_type": {"client_credentials"}}
	if c.opts.Scope != "" {
		form.Set("scope", c.opts.Scope)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.opts.AuthURL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return remote.Token{}, fmt.Errorf("commercetools auth address %q: %w", c.opts.AuthURL, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.opts.UserAgent != "" {
		request.Header.Set("User-Agent", c.opts.UserAgent)
	}
	request.SetBasicAuth(c.opts.ClientID, c.opts.ClientSecret)
	auth := remote.NewTransport(remote.Options{
		Platform: Platform, Base: c.opts.Base, Read: readRefusal, Observe: c.opts.Observe, Timeout: 3 * time.Second,
	})
	response, err := auth.RoundTrip(request)
	if err != nil {
		return remote.Token{}, err
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"` // seconds
	}
	if err := remote.DecodeBody(response, &answer); err != nil || answer.AccessToken == "" {
		return remote.Token{}, &remote.Error{Platform: Platform, Operation: "get token", Kind: remote.Transient, Message: "the answer holds no token"}
	}
	return remote.Token{Value: answer.AccessToken, Expires: time.Now().Add(time.Duration(answer.ExpiresIn) * time.Second)}, nil
}

// readRefusal understands commercetools' ErrorResponse and AuthErrorResponse.
func readRefusal(op remote.Operation, status int, body []byte) remote.Refusal {
	var answer struct {
		Status  int    `json:"statusCode"`
		Message string `json:"message"`
		Auth    string `json:"error"` // of an AuthErrorResponse
		Errors  []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			Field   string `json:"field"`
			Detail  string `json:"detailedErrorMessage"`
		} `json:"errors"`
	}
	if remote.Decode(body, &answer) != nil {
		return remote.Refusal{Foreign: true}
	}
	refusal := remote.Refusal{Message: answer.Message}
	refusal.Foreign = answer.Status != status || len(answer.Errors) == 0 && answer.Auth == ""
	for i, entry := range answer.Errors {
		if i == 0 {
			refusal.Code = entry.Code
		}
		if !strings.Contains(refusal.Message, entry.Message) {
			refusal.Message += "; " + entry.Message
		}
		if entry.Detail != "" {
			refusal.Message += ": " + entry.Detail
		}
		if entry.Field != "" {
			refusal.Message += " (field " + entry.Field + ")"
		}
	}
	switch status {
	case http.StatusNotFound:
		refusal.Foreign = refusal.Foreign || !isResourceMissing(refusal, op.Resource)
	case http.StatusUnauthorized:
		refusal.Hint = "check CTP_CLIENT_ID, CTP_CLIENT_SECRET and CTP_PROJECT_KEY"
	case http.StatusForbidden:
		refusal.Hint = "the API client lacks a scope: add the one that the message names"
	case http.StatusBadRequest:
		if refusal.Code == "invalid_client" || refusal.Code == "invalid_scope" {
			blocked := remote.Blocked
			refusal.Kind = &blocked
			refusal.Hint = "check CTP_CLIENT_ID, CTP_CLIENT_SECRET and CTP_SCOPE"
		}
	}
	return refusal
}

// isResourceMissing reports whether commercetools says of that very resource that it does not
// exist. It answers with the same code when it does not know the project or the path.
func isResourceMissing(refusal remote.Refusal, resource string) bool {
	about := "'" + resource + "'"
	if resource == "" {
		about = "'"
	}
	return refusal.Code == "ResourceNotFound" && strings.Contains(refusal.Message, about) &&
		!strings.HasPrefix(refusal.Message, "The project ") && !strings.HasPrefix(refusal.Message, "URI not found")
}

// unwrapRemoteError strips what http.Client wraps around an *remote.Error: it would show the
// address a second time. Whatever else the SDK fails with is an answer that it
// cannot read.
func unwrapRemoteError(err error) error {
	var classified *remote.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &classified):
		return classified
	default:
		return errUnreadable("an answer", err)
	}
}

// errUnreadable is an answer that is not what was asked for, as a proxy's page or an empty
// object. What the platform meant is not known, and later it may say it.
func errUnreadable(what string, err error) error {
	message := "the answer cannot be read"
	var syntax *json.SyntaxError // of the SDK
	var ours *remote.Unreadable
	if errors.As(err, &syntax) || errors.As(err, &ours) && ours.NoJSON {
		message = "the answer is not JSON"
	}
	if ours != nil && ours.Field != "" {
		message = ours.Field + " of the answer cannot be read"
	}
	return &remote.Error{
		Platform: Platform, Operation: "read " + what, Kind: remote.Transient, Ambiguous: true, Message: message, Cause: err,
	}
}

var errShapeless = errors.New("it lacks what every such answer has")

// checkedAnswer gives what the SDK read, if it is what was asked for.
func checkedAnswer[T any](what string, found *T, err error, isWhole func(*T) bool) (*T, error) {
	switch {
	case err != nil:
		return nil, unwrapRemoteError(err)
	case found == nil || !isWhole(found):
		return nil, errUnreadable(what, errShapeless)
	default:
		return found, nil
	}
}

// withReadOperation names a call for one thing, which a "not found" has to name.
func withReadOperation(ctx context.Context, name, resource string) context.Context {
	return remote.WithOperation(ctx, remote.Operation{Name: name, Resource: resource})
}

func withOperation(ctx context.Context, name string) context.Context {
	return remote.WithOperation(ctx, remote.Operation{Name: name})
}

// withRepeatableWrite names a write that does no harm when it is carried out twice.
func withRepeatableWrite(ctx context.Context, name string) context.Context {
	return remote.WithOperation(ctx, remote.Operation{Name: name, Repeatable: true})
}

// callRaw makes a call and gives its answer as it is.
func (c *Client) callRaw(ctx context.Context, method, path string, query url.Values, body []byte) ([]byte, error) {
	response, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer []byte
	err = remote.WithBody(response, func(text []byte) error {
		answer = bytes.Clone(text)
		return nil
	})
	return answer, unwrapRemoteError(err)
}

// call makes a call and decodes its answer, where the SDK's types would cost more than
// the rest of the handling. what names the answer in errors.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body []byte, what string, into any) error {
	response, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	err = remote.DecodeBody(response, into)
	var wrong *remote.Unreadable
	if errors.As(err, &wrong) {
		return errUnreadable(what, err)
	}
	return unwrapRemoteError(err)
}

// do sends a request; its answer is a good one.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body []byte) (*http.Response, error) {
	address := c.opts.APIURL + "/" + c.opts.ProjectKey + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("commercetools %s: %w", path, err)
	}
	request.Header = c.headers.For(body)
	return c.transport.RoundTrip(request)
}
