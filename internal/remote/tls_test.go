package remote_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fftconnect/internal/remote"
)

// TestACertificateThatIsNotGoodIsNamedWithItsHost: whoever looks for the cause must see which
// host it is about and what is wrong, and nothing of the address's path.
func TestACertificateThatIsNotGoodIsNamedWithItsHost(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	known := x509.NewCertPool()
	known.AddCert(server.Certificate())
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, c := range map[string]struct {
		address string
		config  *tls.Config
		says    []string
	}{
		"another host's":         {server.URL, &tls.Config{RootCAs: known, ServerName: "api.shop.invalid"}, []string{"the certificate that 127.0.0.1 shows", "api.shop.invalid", "of O=Acme Co", "valid until 2084-01-29"}},
		"an unknown authority's": {server.URL, &tls.Config{RootCAs: x509.NewCertPool()}, []string{"the certificate that 127.0.0.1 shows", "unknown authority", "issued by O=Acme Co"}},
		"none":                   {"https" + strings.TrimPrefix(plain.URL, "http"), &tls.Config{RootCAs: known}, []string{"no TLS connection with 127.0.0.1"}},
	} {
		base := &http.Transport{TLSClientConfig: c.config}
		client := &http.Client{Transport: remote.NewTransport(remote.Options{Platform: "acme", Base: base, Attempts: 1})}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.address+"/secret-path?key=api-key", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err == nil {
			response.Body.Close()
			t.Fatalf("%s: it is taken", name)
		}
		var failed *remote.Error
		if !errors.As(err, &failed) {
			t.Fatalf("%s: %v", name, err)
		}
		text := failed.Error()
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q does not say %q", name, text, want)
			}
		}
		if strings.Contains(text, "api-key") || strings.Contains(text, "secret-path") || !remote.Is(err, remote.Transient) {
			t.Errorf("%s: %v", name, err)
		}
		base.CloseIdleConnections()
	}
}
