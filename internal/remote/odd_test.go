package remote_test

import (
	"io"
	"net/http"
	"testing"

	"fftconnect/internal/remote"
)

// endless is a body that never ends.
type endless struct{ read int }

func (e *endless) Read(to []byte) (int, error) {
	e.read += len(to)
	return len(to), nil
}

func TestAnAnswerThatDoesNotEndIsCutOff(t *testing.T) {
	t.Parallel()
	body := &endless{}
	transport := remote.NewTransport(remote.Options{Platform: "test", Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body), Header: http.Header{}, ContentLength: -1, Request: r}, nil
	})})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, response.Body)
	if !remote.Is(err, remote.Transient) || !remote.IsAmbiguous(err) || n != remote.MaxBody || body.read > remote.MaxBody {
		t.Errorf("read %d bytes, %v", n, err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatAnotherThanThePlatformSaysIsNoAnswer(t *testing.T) {
	t.Parallel()
	foreign := func(remote.Operation, int, []byte) remote.Refusal { return remote.Refusal{Foreign: true} }
	for status := 300; status < 600; status++ {
		err := send(t.Context(), answering(status), http.MethodPost, remote.Operation{}, remote.Options{Attempts: 1, Read: foreign})
		want, unknown := remote.Transient, true
		switch status {
		case 401, 403:
			want, unknown = remote.Blocked, false
		case 429:
			unknown = false
		}
		if got := remote.KindOf(err); got != want || remote.IsAmbiguous(err) != unknown {
			t.Errorf("%d: %s, unknown %t, want %s, %t", status, got, remote.IsAmbiguous(err), want, unknown)
		}
	}
}
