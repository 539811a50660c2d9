package otlp

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/trace"

	"fftconnect/internal/config"
	"fftconnect/internal/tracing"
)

// Options make a Sender.
type Options struct {
	Settings config.OpenTelemetry
	Version  string
	Logger   *slog.Logger      // where log lines go otherwise; required
	Level    slog.Level        // of the lines that are sent
	Base     http.RoundTripper // sends to the collector; http.DefaultTransport when nil
}

// Sender sends what is traced, logged and counted. The nil Sender sends nothing.
type Sender struct {
	opts     Options
	tracer   *tracing.Tracer
	logger   *slog.Logger
	resource resourceOf
	stops    []func(context.Context) error
	cut      context.CancelFunc // ends what is under way
	under    context.Context
}

// Start sends to whichever collectors the settings name; nil when they name none.
func Start(opts Options) *Sender {
	traces, logs, metrics := opts.Settings.Traces(), opts.Settings.Logs(), opts.Settings.Metrics()
	if traces.Endpoint == "" && logs.Endpoint == "" && metrics.Endpoint == "" {
		return nil
	}
	s := &Sender{opts: opts, logger: opts.Logger, resource: newResource(opts.Settings, opts.Version)}
	s.under, s.cut = context.WithCancel(context.Background())
	if traces.Endpoint != "" {
		exporter := otlptrace.NewUnstarted(traceClient{s.poster("traces", traces)})
		provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(s.resource.sdk), trace.WithSampler(sampler(opts.Settings)))
		s.tracer = tracing.New(provider)
		s.stops = append(s.stops, provider.Shutdown)
	}
	var handlers []slog.Handler
	if logs.Endpoint != "" {
		exporter := &logExporter{post: s.poster("log lines", logs), resource: s.resource}
		provider := sdklog.NewLoggerProvider(sdklog.WithResource(s.resource.sdk), sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)))
		handlers = append(handlers, levelled{otelslog.NewHandler(scope, otelslog.WithLoggerProvider(provider), otelslog.WithVersion(opts.Version)), opts.Level})
		s.stops = append(s.stops, provider.Shutdown)
	}
	s.logger = lines(opts.Logger, s.tracer != nil, handlers...)
	return s
}

// scope is who makes spans, log lines and metrics.
const scope = "fftconnect"

// Tracer follows messages; nil when traces are not sent.
func (s *Sender) Tracer() *tracing.Tracer {
	if s == nil {
		return nil
	}
	return s.tracer
}

// Logger writes log lines where they went before, and sends them.
func (s *Sender) Logger(otherwise *slog.Logger) *slog.Logger {
	if s == nil {
		return otherwise
	}
	return s.logger
}

// SendMetrics sends what the gatherer has, from time to time until Stop.
func (s *Sender) SendMetrics(from prometheus.Gatherer) {
	if s == nil || s.opts.Settings.Metrics().Endpoint == "" {
		return
	}
	m := &metricSender{post: s.poster("metrics", s.opts.Settings.Metrics()), from: from, resource: s.resource, began: time.Now()}
	ended := make(chan struct{})
	ctx, end := context.WithCancel(s.under)
	go func() {
		defer close(ended)
		m.run(ctx, s.opts.Settings.MetricInterval)
	}()
	s.stops = append(s.stops, func(ctx context.Context) error {
		end()
		<-ended
		return m.send(ctx)
	})
}

// Stop sends what is left, as far as the context lets it. Nothing may be traced or logged
// after it.
func (s *Sender) Stop(ctx context.Context) {
	if s == nil {
		return
	}
	var all sync.WaitGroup
	for _, stop := range s.stops {
		all.Go(func() { _ = stop(ctx) }) // who could not be reached was logged
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		all.Wait()
	}()
	select {
	case <-stopped:
	case <-ctx.Done():
	}
	s.cut()
	<-stopped
}
