package connector_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"fftconnect/internal/platforms"
	"fftconnect/internal/remote"
)

// forgetful forwards connections and, once told, lets those that are open fall silent: it takes what they
// send and passes nothing on, as a balancer that lost its state.
type forgetful struct {
	net.Listener
	target string
	made   atomic.Int64
	mu     sync.Mutex
	silent []*atomic.Bool
}

func (f *forgetful) run() {
	for {
		from, err := f.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", f.target)
		if err != nil {
			from.Close()
			return
		}
		f.made.Add(1)
		silent := &atomic.Bool{}
		f.mu.Lock()
		f.silent = append(f.silent, silent)
		f.mu.Unlock()
		go forward(to, from, silent)
		go forward(from, to, silent)
	}
}

func forward(to, from net.Conn, silent *atomic.Bool) {
	defer to.Close()
	text := make([]byte, 32<<10)
	for {
		n, err := from.Read(text)
		if err != nil {
			return
		}
		if silent.Load() {
			continue
		}
		if _, err := to.Write(text[:n]); err != nil {
			return
		}
	}
}

func (f *forgetful) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, silent := range f.silent {
		silent.Store(true)
	}
}

// Real connections and TLS: HTTP/2 probes its connections by the real clock. What is judged is that calls work
// again, not when.
func TestASilentConnectionIsLeft(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	between := &forgetful{Listener: listener, target: server.Listener.Addr().String()}
	defer between.Close()
	go between.run()

	transport := platforms.Transport()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: remote.NewTransport(remote.Options{Platform: "test", Base: transport, Attempts: 1})}
	call := func() error {
		response, err := client.Get("https://" + listener.Addr().String())
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if text, _ := io.ReadAll(response.Body); string(text) != "HTTP/2.0" {
			t.Errorf("spoken is %s", text)
		}
		return nil
	}
	if err := call(); err != nil {
		t.Fatal(err)
	}
	between.forget()
	failed := 0
	for call() != nil {
		if failed++; failed == 4 {
			t.Fatal("four calls in a row waited for a connection that is silent")
		}
	}
	if n := between.made.Load(); n < 2 {
		t.Errorf("%d connections were made", n)
	}
}
