package remote_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/remote"
)

func TestACallThatWasMadeSaysHowItFailedAlsoWhenItOpenedTheCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		made := 0
		transport := remote.NewTransport(remote.Options{
			Platform: "acme", Circuit: remote.NewCircuit(nil),
			Base: roundTripper(func(*http.Request) (*http.Response, error) {
				made++
				return nil, errors.New("connection refused")
			}),
		})
		opened := false
		for range 60 {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://acme.example/orders/1", nil)
			if err != nil {
				t.Fatal(err)
			}
			before := made
			_, err = transport.RoundTrip(request)
			open := errors.Is(err, remote.ErrCircuitOpen)
			if open != (made == before) {
				t.Errorf("%d attempts were made: %v", made-before, err)
			}
			opened = opened || open
			time.Sleep(time.Second)
		}
		if !opened {
			t.Error("the circuit never opened")
		}
	})
}
