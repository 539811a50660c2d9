package connector_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

var errBroken = errors.New("connection reset by peer")

// reply is what a handler writes.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *reply) Header() http.Header { return a.header }

func (a *reply) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *reply) Write(text []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(text)
}

// SetReadDeadline and SetWriteDeadline are for http.ResponseController.
func (a *reply) SetReadDeadline(time.Time) error  { return nil }
func (a *reply) SetWriteDeadline(time.Time) error { return nil }

// received is a request as the other side has it: all of it, whatever becomes of the
// sender.
func received(ctx context.Context, r *http.Request) (*http.Request, error) {
	request := r.WithContext(ctx)
	request.Body = http.NoBody
	if r.Body != nil && r.Body != http.NoBody {
		text, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(text))
	}
	return request, nil
}

// serve has the handler answer on this goroutine. A handler that gives up because
// the context ended, or that cuts the connection, is a broken one.
func serve(handler http.Handler, request *http.Request) (response *http.Response, err error) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			response, err = nil, errBroken
		} else if p != nil {
			panic(p)
		}
	}()
	a := &reply{header: http.Header{}}
	handler.ServeHTTP(a, request)
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		StatusCode: a.status, Header: a.header, ContentLength: int64(a.body.Len()),
		Body: io.NopCloser(&a.body), Request: request, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

type exchange struct {
	response *http.Response
	err      error
}

// serveBeside has the handler answer on a goroutine of its own; it goes on when ctx
// ends, if its own context lets it.
func serveBeside(ctx context.Context, handler http.Handler, request *http.Request) (*http.Response, error) {
	done := make(chan exchange, 1)
	go func() {
		response, err := serve(handler, request)
		done <- exchange{response, err}
	}()
	select {
	case e := <-done:
		return e.response, e.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
