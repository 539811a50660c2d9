package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// Headers are those of requests whose answers are JSON. All requests share them: nobody
// writes to them.
type Headers struct{ plain, withBody http.Header }

// NewHeaders makes them for a program of this name, which may be empty.
func NewHeaders(userAgent string) Headers {
	plain := http.Header{"Accept": {"application/json"}}
	if userAgent != "" {
		plain.Set("User-Agent", userAgent)
	}
	withBody := maps.Clone(plain)
	withBody.Set("Content-Type", "application/json")
	return Headers{plain: plain, withBody: withBody}
}

// For is the header of a request with this body; nil: without one.
func (h Headers) For(body []byte) http.Header {
	if body == nil {
		return h.plain
	}
	return h.withBody
}

// Refusal is a platform's error body, read by its client.
type Refusal struct {
	Code    string
	Message string
	Hint    string
	Kind    *Kind // overrides what the status means, when the code says more
	// Foreign: it is not the platform's word on what it was asked: not in its error
	// format, as a gateway's page, or about another thing than the one asked for.
	Foreign bool
}

// Options make a Transport.
type Options struct {
	Platform string            // for errors and metrics; required
	Base     http.RoundTripper // sends; http.DefaultTransport when nil
	Tokens   *Tokens           // authenticates; none when nil
	// Read understands the platform's error bodies.
	Read    func(op Operation, status int, body []byte) Refusal
	Observe func(Call)    // told of every attempt; may be nil
	Timeout time.Duration // of one attempt; 5 s when zero
	// Attempts at a transient failure within the caller's time; 3 when zero.
	Attempts int
	Circuit  *Circuit // keeps calls from a platform that is down; none when nil
	Health   *Health  // told which operations are blocked; may be nil
}

// Transport is an http.RoundTripper that answers only with success: anything else
// becomes an *Error, so that the platform's answer is classified in one place,
// whichever client library reads the good ones.
type Transport struct {
	opts  Options
	retry failsafe.Executor[*http.Response]
}

const (
	maxErrorBody = 64 << 10
	firstDelay   = 100 * time.Millisecond
	maxDelay     = 2 * time.Second
)

// NewTransport fills the defaults in.
func NewTransport(opts Options) *Transport {
	if opts.Base == nil {
		opts.Base = http.DefaultTransport
	}
	if opts.Timeout == 0 {
		opts.Timeout = 5 * time.Second
	}
	if opts.Attempts == 0 {
		opts.Attempts = 3
	}
	if opts.Observe == nil {
		opts.Observe = func(Call) {}
	}
	policy := retrypolicy.NewBuilder[*http.Response]().
		HandleIf(func(_ *http.Response, err error) bool { return mayRepeat(err) }).
		WithMaxAttempts(opts.Attempts).
		WithDelayFunc(func(exec failsafe.ExecutionAttempt[*http.Response]) time.Duration {
			return retryPause(exec.Attempts(), WaitOf(exec.LastError()))
		}).
		ReturnLastFailure().
		Build()
	return &Transport{opts: opts, retry: failsafe.With[*http.Response](policy)}
}

// RoundTrip sends the request, renews a refused token once, and repeats a
// transient failure while the caller has time. The error is an *Error.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	op := OperationOf(r)
	r, err := withRepeatableBody(r)
	if err != nil {
		return nil, fromNetwork(t.opts.Platform, op, err)
	}
	// What the last attempt brought counts even when the caller's time ended with
	// it: it alone knows whether the call may have been carried out.
	var response *http.Response
	var failed *Error
	renewed := false
	_, _ = t.retry.WithContext(r.Context()).Get(func() (*http.Response, error) {
		before := failed
		response, failed = t.attemptUnlessOpen(r, op)
		if before != nil && failed != nil && errors.Is(failed, ErrCircuitOpen) {
			// What opened the circuit, or kept it open, is why this call failed.
			failed, before.final = before, true
		}
		if failed.isTokenRefusal() && !renewed && t.opts.Tokens != nil {
			renewed = true
			response, failed = t.attemptUnlessOpen(r, op)
		}
		if failed == nil {
			return response, nil
		}
		if failed.Ambiguous && !op.Repeatable || !isTimeLeftFor(r.Context(), failed.Delay) {
			failed.final = true
		}
		return nil, failed
	})
	t.opts.Health.note(t.opts.Platform, op, failed)
	if failed != nil {
		return nil, failed
	}
	return response, nil
}

// attemptUnlessOpen makes one attempt unless the circuit is open.
func (t *Transport) attemptUnlessOpen(r *http.Request, op Operation) (*http.Response, *Error) {
	if failed := t.opts.Circuit.beginCall(t.opts.Platform, op); failed != nil {
		return nil, failed
	}
	response, failed := t.attempt(r, op)
	t.opts.Circuit.endCall(failed, errors.Is(r.Context().Err(), context.Canceled))
	return response, failed
}

// attempt sends once.
func (t *Transport) attempt(r *http.Request, op Operation) (*http.Response, *Error) {
	var token string
	if t.opts.Tokens != nil {
		var err error
		if token, err = t.opts.Tokens.Value(r.Context()); err != nil {
			return nil, t.errNoToken(op, err)
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), t.opts.Timeout)
	request := r.WithContext(ctx)
	if r.GetBody != nil {
		request.Body, _ = r.GetBody()
	}
	if t.opts.Tokens != nil {
		request.Header = maps.Clone(r.Header)
		request.Header["Authorization"] = []string{"Bearer " + token}
	}
	start := time.Now()
	response, err := t.opts.Base.RoundTrip(request)
	took := time.Since(start)
	status, correlation := 0, ""
	if err == nil {
		status, correlation = response.StatusCode, CorrelationID(response.Header)
	}
	if t.opts.Tokens != nil {
		tallyOf(r.Context()).add(took, t.opts.Platform, correlation)
	}
	t.opts.Observe(Call{Platform: t.opts.Platform, Operation: op.Name, Status: status, Took: took})
	if err != nil {
		cancel()
		return nil, fromNetwork(t.opts.Platform, op, withHost(request, err))
	}
	if status < 300 {
		response.Body = &closingBody{ReadCloser: response.Body, left: MaxBody, close: cancel, broken: func(err error) error {
			if errors.Is(err, errEndless) {
				return &Error{Platform: t.opts.Platform, Operation: op.Name, Kind: Transient, Ambiguous: true, Message: err.Error()}
			}
			return fromNetwork(t.opts.Platform, op, err)
		}}
		return response, nil
	}
	defer cancel()
	defer response.Body.Close()
	if status == http.StatusUnauthorized && t.opts.Tokens != nil {
		t.opts.Tokens.Reject(token)
	}
	return nil, t.refusalOf(op, request, response)
}

func (t *Transport) refusalOf(op Operation, request *http.Request, response *http.Response) *Error {
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	failed := &Error{
		Platform: t.opts.Platform, Operation: op.Name,
		Kind: kindOfStatus(response.StatusCode), Status: response.StatusCode,
		Delay:       retryAfter(response.Header, time.Now()),
		Ambiguous:   isAmbiguousStatus(response.StatusCode),
		Correlation: CorrelationID(response.Header),
	}
	if t.opts.Read != nil {
		refusal := t.opts.Read(op, response.StatusCode, text)
		held := sensitiveValuesOf(request, readRequestBody(request))
		failed.Code, failed.Message = removeSensitive(refusal.Code, held), removeSensitive(refusal.Message, held)
		failed.Hint = refusal.Hint
		if refusal.Kind != nil {
			failed.Kind = *refusal.Kind
		}
		if refusal.Foreign {
			failed.makeForeign()
		}
	}
	return failed
}

// errNoToken keeps what the sign-in said, under the name of the call that needed it.
// It is final: the sign-in was repeated already.
func (t *Transport) errNoToken(op Operation, err error) *Error {
	failed := &Error{Platform: t.opts.Platform, Operation: op.Name, Kind: Transient, Message: "no access token", Cause: err, final: true}
	why := withoutAddress(err)
	var inner *Error
	if errors.As(err, &inner) {
		// A refused sign-in is a matter of credentials, whatever its status.
		if inner.Kind == Rejected || inner.Kind == NotFound {
			failed.Kind = Blocked
		} else {
			failed.Kind = inner.Kind
		}
		failed.Delay, failed.Status, failed.Code, failed.Hint = inner.Delay, inner.Status, inner.Code, inner.Hint
		failed.Correlation = inner.Correlation
		if why = inner.Message; why == "" && inner.Status == 0 {
			why = withoutAddress(inner.Cause)
		}
	}
	if why != "" {
		failed.Message += ": " + why
	}
	return failed
}

func mayRepeat(err error) bool {
	var failed *Error
	return errors.As(err, &failed) && failed.Kind == Transient && !failed.final
}

// retryPause grows from a tenth of a second, at random between half and the whole of
// 0.1, 0.4, 1.6 ... seconds, so that callers do not come back all at once.
func retryPause(attempt int, asked time.Duration) time.Duration {
	wait := min(firstDelay<<(2*min(attempt-1, 4)), maxDelay)
	wait = wait/2 + rand.N(wait/2)
	return max(wait, asked)
}

// isTimeLeftFor reports whether waiting that long and trying again fits the caller's time.
func isTimeLeftFor(ctx context.Context, wait time.Duration) bool {
	if wait > maxDelay || ctx.Err() != nil {
		return false
	}
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait+500*time.Millisecond
}

// withRepeatableBody is a request of which the body can be had as often as it is sent.
func withRepeatableBody(r *http.Request) (*http.Request, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, nil
	}
	defer r.Body.Close()
	if r.GetBody != nil {
		return r, nil
	}
	body, err := readBody(r.Body, r.ContentLength)
	r = r.WithContext(r.Context()) // a copy: the caller's is not ours to change
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return r, err
}

// readRequestBody is what a request sent.
func readRequestBody(r *http.Request) []byte {
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return nil
	}
	text, _ := readBody(body, r.ContentLength)
	return text
}

// MaxBody bounds the body of an answer: far more than any that we ask for.
const MaxBody = 16 << 20

var errEndless = fmt.Errorf("the answer is longer than %d MiB", MaxBody>>20)

// closingBody ends an attempt's context when its answer has been read, and classifies a
// connection that breaks in the middle of it, or does not end.
type closingBody struct {
	io.ReadCloser
	left   int // bytes
	close  context.CancelFunc
	broken func(error) error
}

func (c *closingBody) Read(to []byte) (int, error) {
	if c.left <= 0 {
		return 0, c.broken(errEndless)
	}
	n, err := c.ReadCloser.Read(to[:min(len(to), c.left)])
	c.left -= n
	if err != nil && err != io.EOF {
		err = c.broken(err)
	}
	return n, err
}

func (c *closingBody) Close() error {
	defer c.close()
	return c.ReadCloser.Close()
}
