//go:build slow

package chaos_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"slices"
	"sync"
)

// front is the address that the senders know. It hands each message to the next
// replica in turn; to one that is dead, the delivery fails.
type front struct {
	*httptest.Server
	// acknowledged is asked about every answer 200 before the sender gets it, and
	// loses it by returning false. Nil: none is lost.
	acknowledged func(r *http.Request) bool

	mu   sync.Mutex
	live []string // host:port
	turn int
}

var errLost = errors.New("the answer is lost")

func newFront() *front {
	f := &front{}
	f.Server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", f.next() },
		ModifyResponse: func(response *http.Response) error {
			if response.StatusCode == http.StatusOK && f.acknowledged != nil && !f.acknowledged(response.Request) {
				return errLost
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ErrorLog:     log.New(io.Discard, "", 0),
		Transport:    &http.Transport{MaxIdleConnsPerHost: 64},
	})
	return f
}

func (f *front) next() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.live) == 0 {
		return "127.0.0.1:1" // nobody listens there
	}
	f.turn++
	return f.live[f.turn%len(f.live)]
}

func (f *front) add(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live = append(f.live, address)
}

func (f *front) remove(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live = slices.DeleteFunc(f.live, func(a string) bool { return a == address })
}

// replicas is how many there are at present.
func (f *front) replicas() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.live)
}
