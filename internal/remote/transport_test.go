package remote_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/remote"
)

// platform answers requests in process; each call takes the next answer, the last
// one for ever.
type platform struct {
	answers []answer
	calls   int
	bodies  []string
	tokens  []string
}

// answer is what one request meets: an error, or a status with header and body.
type answer struct {
	err    error
	status int
	header http.Header
	body   io.Reader
	takes  time.Duration
}

func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	next := p.answers[min(p.calls, len(p.answers)-1)]
	p.calls++
	if r.Body != nil {
		text, _ := io.ReadAll(r.Body)
		p.bodies = append(p.bodies, string(text))
	}
	p.tokens = append(p.tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	select {
	case <-time.After(next.takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if next.err != nil {
		return nil, next.err
	}
	if next.header == nil {
		next.header = http.Header{}
	}
	if next.body == nil {
		next.body = strings.NewReader("{}")
	}
	return &http.Response{StatusCode: next.status, Header: next.header, Body: io.NopCloser(next.body), Request: r}, nil
}

func answering(statuses ...int) *platform {
	p := &platform{}
	for _, status := range statuses {
		p.answers = append(p.answers, answer{status: status})
	}
	return p
}

// refusedConnection is what a dial to a closed port brings; brokenConnection is
// what an open one brings when it is cut.
func refusedConnection() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}
}

func brokenConnection() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
}

func send(ctx context.Context, p http.RoundTripper, method string, op remote.Operation, opts remote.Options) error {
	opts.Platform, opts.Base = "acme", p
	request, err := http.NewRequestWithContext(remote.WithOperation(ctx, op), method, "https://acme.example/orders?key=api-key", strings.NewReader("body"))
	if err != nil {
		return err
	}
	response, err := remote.NewTransport(opts).RoundTrip(request)
	if err != nil {
		return err
	}
	_, err = io.ReadAll(response.Body)
	return errors.Join(err, response.Body.Close())
}

func TestEveryStatusHasOneMeaning(t *testing.T) {
	t.Parallel()
	known := map[int]remote.Kind{
		401: remote.Blocked, 403: remote.Blocked, 404: remote.NotFound, 409: remote.Conflict,
		408: remote.Transient, 421: remote.Transient, 425: remote.Transient, 429: remote.Transient,
	}
	for status := 200; status < 600; status++ {
		err := send(t.Context(), answering(status), http.MethodGet, remote.Operation{}, remote.Options{Attempts: 1})
		if status < 300 {
			if err != nil {
				t.Errorf("%d: got %v, want success", status, err)
			}
			continue
		}
		want, ok := known[status]
		if !ok && (status < 400 || status >= 500) {
			want = remote.Transient
		}
		if got := remote.KindOf(err); got != want {
			t.Errorf("%d: got %v, want %v", status, got, want)
		}
		if ambiguous := status < 400 || status >= 500 || status == 408 || status == 421; remote.IsAmbiguous(err) != ambiguous {
			t.Errorf("%d: ambiguous is %v, want %v", status, !ambiguous, ambiguous)
		}
	}
}

func TestATransientFailureIsRepeatedWhenThatIsHarmless(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method     string
		repeatable bool
		first      answer
		calls      int
	}{
		"GET after 503":             {http.MethodGet, false, answer{status: 503}, 2},
		"GET after a break":         {http.MethodGet, false, answer{err: brokenConnection()}, 2},
		"HEAD after 500":            {http.MethodHead, false, answer{status: 500}, 2},
		"DELETE after 504":          {http.MethodDelete, false, answer{status: 504}, 2},
		"repeatable POST after 503": {http.MethodPost, true, answer{status: 503}, 2},
		"repeatable POST, break":    {http.MethodPost, true, answer{err: brokenConnection()}, 2},
		"POST after 429":            {http.MethodPost, false, answer{status: 429}, 2},
		"POST after 425":            {http.MethodPost, false, answer{status: 425}, 2},
		"POST without connection":   {http.MethodPost, false, answer{err: refusedConnection()}, 2},
		"POST after 503":            {http.MethodPost, false, answer{status: 503}, 1},
		"POST after 408":            {http.MethodPost, false, answer{status: 408}, 1},
		"POST after a break":        {http.MethodPost, false, answer{err: brokenConnection()}, 1},
		"PUT after 500":             {http.MethodPut, false, answer{status: 500}, 1},
		"GET after 400":             {http.MethodGet, false, answer{status: 400}, 1},
		"GET after 404":             {http.MethodGet, false, answer{status: 404}, 1},
		"POST after 409":            {http.MethodPost, true, answer{status: 409}, 1},
		"GET after 403":             {http.MethodGet, false, answer{status: 403}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answers: []answer{c.first, {status: 200}}}
			err := send(t.Context(), p, c.method, remote.Operation{Repeatable: c.repeatable}, remote.Options{})
			if p.calls != c.calls || (err == nil) != (c.calls == 2) {
				t.Errorf("%s: %d calls and %v, want %d calls", name, p.calls, err, c.calls)
			}
			for _, body := range p.bodies {
				if body != "body" {
					t.Errorf("%s: a repetition sent %q", name, body)
				}
			}
		})
	}
}

func TestOnlyWhatMayHaveBeenCarriedOutIsAmbiguous(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		want   bool
	}{
		"refused connection": {answer{err: refusedConnection()}, false},
		"unknown host":       {answer{err: &net.OpError{Op: "dial", Err: &net.DNSError{Name: "acme.example"}}}, false},
		"broken connection":  {answer{err: brokenConnection()}, true},
		"cut connection":     {answer{err: io.EOF}, true},
		"no answer in time":  {answer{takes: time.Minute}, true},
		"500":                {answer{status: 500}, true},
		"503":                {answer{status: 503}, true},
		"408":                {answer{status: 408}, true},
		"429":                {answer{status: 429}, false},
		"400":                {answer{status: 400}, false},
		"409":                {answer{status: 409}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			err := send(t.Context(), &platform{answers: []answer{c.answer}}, http.MethodPost, remote.Operation{Name: "create order"}, remote.Options{})
			if got := remote.IsAmbiguous(err); got != c.want {
				t.Errorf("%s: ambiguous is %v, want %v: %v", name, got, c.want, err)
			}
		})
	}
}

func TestAttemptsEndWithTheLastFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := answering(500, 502, 503, 200)
		start := time.Now()
		err := send(t.Context(), p, http.MethodGet, remote.Operation{Name: "read order"}, remote.Options{})
		var failed *remote.Error
		if !errors.As(err, &failed) || failed.Status != 503 || p.calls != 3 {
			t.Errorf("%d calls, then %v, want the third answer", p.calls, err)
		}
		// Half to the whole of 0.1 s and of 0.4 s.
		if took := time.Since(start); took < 250*time.Millisecond || took > 500*time.Millisecond {
			t.Errorf("the two pauses took %v", took)
		}
	})
}

func TestTheErrorIsAnErrorWhateverHappens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, a := range map[string]answer{"status": {status: 503}, "break": {err: brokenConnection()}, "refusal": {status: 400}} {
			p := &platform{answers: []answer{a}}
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				err := send(t.Context(), p, method, remote.Operation{Name: "x"}, remote.Options{})
				if _, ok := err.(*remote.Error); !ok {
					t.Errorf("%s of a %s: the error is a %T", name, method, err)
				}
			}
		}
	})
}

func TestACallThatOutlivesItsCallerStaysAmbiguous(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p := &platform{answers: []answer{{takes: 3 * time.Second, status: 201}}}
		start := time.Now()
		err := send(ctx, p, http.MethodPost, remote.Operation{Name: "create order"}, remote.Options{})
		if !remote.Is(err, remote.Transient) || !remote.IsAmbiguous(err) || p.calls != 1 {
			t.Errorf("%d calls, then %v: want one, transient and ambiguous", p.calls, err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v, want the caller's second", took)
		}
	})
}

func TestACallerWhoLeavesDuringThePauseGetsTheLastFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &platform{answers: []answer{{status: 503, header: http.Header{"Retry-After": {"1"}}}, {status: 200}}}
		time.AfterFunc(500*time.Millisecond, cancel)
		err := send(ctx, p, http.MethodGet, remote.Operation{Name: "read order"}, remote.Options{})
		var failed *remote.Error
		if !errors.As(err, &failed) || failed.Status != 503 || !remote.Is(err, remote.Transient) || p.calls != 1 {
			t.Errorf("%d calls, then %v, want the 503", p.calls, err)
		}
	})
}

func TestThereIsNoRepetitionThatTheCallerWouldNotLiveToSee(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		patience   time.Duration // 0: no deadline
		retryAfter string
		calls      int
	}{
		"plenty":                        {5 * time.Second, "", 2},
		"no deadline":                   {0, "", 2},
		"hardly any":                    {400 * time.Millisecond, "", 1},
		"enough for a short wait":       {5 * time.Second, "2", 2},
		"less than what is asked for":   {2 * time.Second, "2", 1},
		"asked to wait longer than 2 s": {time.Hour, "3", 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if c.patience > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.patience)
				defer cancel()
			}
			p := &platform{answers: []answer{{status: 429, header: http.Header{"Retry-After": {c.retryAfter}}}, {status: 200}}}
			start := time.Now()
			err := send(ctx, p, http.MethodPost, remote.Operation{}, remote.Options{})
			if p.calls != c.calls || (err == nil) != (c.calls == 2) {
				t.Errorf("%s: %d calls, then %v, want %d calls", name, p.calls, err, c.calls)
			}
			if waited := time.Since(start); c.calls == 1 && waited != 0 || c.retryAfter == "2" && c.calls == 2 && waited != 2*time.Second {
				t.Errorf("%s: waited %v", name, waited)
			}
		})
	}
}

func TestAnAttemptHasATimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answers: []answer{{takes: time.Hour, status: 200}, {takes: time.Second, status: 200}}}
		start := time.Now()
		if err := send(t.Context(), p, http.MethodGet, remote.Operation{}, remote.Options{}); err != nil || p.calls != 2 {
			t.Errorf("%d calls, then %v", p.calls, err)
		}
		if took := time.Since(start); took < 6*time.Second || took > 6200*time.Millisecond {
			t.Errorf("took %v, want 5 s for the first attempt and 1 s for the second", took)
		}
	})
}

// brokenBody is an answer whose connection is cut after a few bytes.
type brokenBody struct{ start io.Reader }

func (b brokenBody) Read(to []byte) (int, error) {
	if n, err := b.start.Read(to); err == nil {
		return n, nil
	}
	return 0, io.ErrUnexpectedEOF
}

func TestAnAnswerThatBreaksOffIsTransient(t *testing.T) {
	t.Parallel()
	p := &platform{answers: []answer{{status: 200, body: brokenBody{strings.NewReader(`{"id":`)}}}}
	err := send(t.Context(), p, http.MethodGet, remote.Operation{Name: "read type"}, remote.Options{})
	if !remote.Is(err, remote.Transient) || !remote.IsAmbiguous(err) || !strings.Contains(err.Error(), "read type") {
		t.Errorf("got %v", err)
	}
}

func TestTheTimeoutCoversTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &slowBody{}
		start := time.Now()
		err := send(t.Context(), p, http.MethodGet, remote.Operation{Name: "read type"}, remote.Options{Timeout: time.Second})
		if !remote.Is(err, remote.Transient) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// slowBody answers at once with a body that never comes.
type slowBody struct{ ctx context.Context }

func (s *slowBody) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(&slowBody{r.Context()})}, nil
}

func (s *slowBody) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestEveryAttemptIsObservedAndCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls []remote.Call
		p := &platform{answers: []answer{{err: brokenConnection(), takes: time.Second}, {status: 503}, {status: 200, takes: 2 * time.Second}}}
		tokens := remote.NewTokens(func(context.Context, remote.Token) (remote.Token, error) {
			return remote.Token{Value: "t", Expires: time.Now().Add(time.Hour)}, nil
		})
		tally := &remote.Tally{}
		err := send(remote.WithTally(t.Context(), tally), p, http.MethodGet, remote.Operation{Name: "read order"},
			remote.Options{Tokens: tokens, Observe: func(c remote.Call) { calls = append(calls, c) }})
		if err != nil || tally.Calls() != 3 || tally.Took() != 3*time.Second {
			t.Errorf("%d calls that took %v, then %v: want three in 3 s", tally.Calls(), tally.Took(), err)
		}
		want := []remote.Call{
			{Platform: "acme", Operation: "read order", Took: time.Second},
			{Platform: "acme", Operation: "read order", Status: 503},
			{Platform: "acme", Operation: "read order", Status: 200, Took: 2 * time.Second},
		}
		for i, call := range calls {
			if call != want[i] {
				t.Errorf("call %d is %+v, want %+v", i, call, want[i])
			}
		}
		if err := send(remote.WithTally(t.Context(), tally), answering(200), http.MethodGet, remote.Operation{}, remote.Options{}); err != nil || tally.Calls() != 3 {
			t.Errorf("a token request is counted: %d, %v", tally.Calls(), err)
		}
	})
}
