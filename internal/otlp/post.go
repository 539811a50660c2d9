package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"fftconnect/internal/config"
	"fftconnect/internal/remote"
)

// poster sends one signal's batches to a collector. It repeats what may pass, and logs when
// the collector stops taking them, and when it takes them again.
type poster struct {
	what      string
	signal    config.Signal
	gzip      bool
	transport *remote.Transport
	logger    *slog.Logger
	under     context.Context
	failing   atomic.Bool
}

// collector is the collector's name in errors.
const collector = "the OTLP collector"

func (s *Sender) poster(what string, signal config.Signal) *poster {
	base := s.opts.Base
	if base == nil {
		base = trusting(s.opts.Settings.Certificate)
	}
	return &poster{
		what: what, signal: signal, gzip: s.opts.Settings.Gzip, logger: s.opts.Logger, under: s.under,
		transport: remote.NewTransport(remote.Options{Platform: collector, Base: base, Timeout: s.opts.Settings.Timeout}),
	}
}

// trusting trusts the system's authorities, or that of OTEL_EXPORTER_OTLP_CERTIFICATE.
func trusting(certificate []byte) http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if certificate != nil {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(certificate)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return transport
}

// mostPatience bounds a batch with its repetitions.
const mostPatience = 30 * time.Second

func (p *poster) send(ctx context.Context, batch proto.Message) error {
	err := p.try(ctx, batch)
	if failing := err != nil; p.failing.Swap(failing) != failing {
		if failing {
			p.logger.Warn(p.what+" cannot be sent, and are dropped", "error", err, "advice", "check the OTEL_EXPORTER_OTLP_ settings, and the collector")
		} else {
			p.logger.Info(p.what + " are sent again")
		}
	}
	return err
}

func (p *poster) try(ctx context.Context, batch proto.Message) error {
	ctx, cancel := context.WithTimeout(ctx, mostPatience)
	defer cancel()
	defer context.AfterFunc(p.under, cancel)()
	body, err := proto.Marshal(batch)
	if err == nil && p.gzip {
		body, err = zipped(body)
	}
	if err != nil {
		return fmt.Errorf("send %s: %w", p.what, err)
	}
	ctx = remote.WithOperation(ctx, remote.Operation{Name: "send " + p.what, Repeatable: true})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.signal.Endpoint, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send %s: the address cannot be read", p.what) // it may hold a secret
	}
	for name, value := range p.signal.Headers {
		request.Header.Set(name, value.Reveal())
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	if p.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := p.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
	return response.Body.Close()
}

// maxAnswer is how much is read of an answer, to use its connection again.
const maxAnswer = 64 << 10

func zipped(body []byte) ([]byte, error) {
	var to bytes.Buffer
	w := gzip.NewWriter(&to)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err := w.Close()
	return to.Bytes(), err
}
