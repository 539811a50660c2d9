package telemetry_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"fftconnect/internal/config"
	"fftconnect/internal/otlp"
	"fftconnect/internal/outcome"
	"fftconnect/internal/tracing"
)

// otlpReceiver is a collector that unpacks what it gets.
type otlpReceiver struct {
	t      *testing.T
	mu     sync.Mutex
	bodies map[string][]byte // the latest, by path
}

// RoundTrip implements http.RoundTripper.
func (c *otlpReceiver) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err == nil && r.Header.Get("Content-Encoding") == "gzip" {
		var unzipped *gzip.Reader
		if unzipped, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, err = io.ReadAll(unzipped)
		}
	}
	if err != nil || r.Header.Get("Content-Type") != "application/x-protobuf" {
		c.t.Errorf("%s: %v, %v", r.URL, err, r.Header)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies[r.URL.Path] = body
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

func (c *otlpReceiver) read(path string, into proto.Message) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := proto.Unmarshal(c.bodies[path], into); err != nil || len(c.bodies[path]) == 0 {
		c.t.Errorf("%s: %d bytes, %v", path, len(c.bodies[path]), err)
	}
}

func settings(t *testing.T, more map[string]string) config.OpenTelemetry {
	t.Helper()
	given := map[string]string{
		"CTP_PROJECT_KEY": "acme", "CTP_CLIENT_ID": "c", "CTP_CLIENT_SECRET": "s", "FFT_PROJECT_ID": "ocff", "FFT_API_KEY": "k", "FFT_API_USER": "u@acme.example",
		"FFT_API_PASSWORD": "p", "JWT_SECRET": strings.Repeat("j", 32),
	}
	for name, value := range more {
		given[name] = value
	}
	env, err := config.Load(func(name string) (string, bool) { v, ok := given[name]; return v, ok }, 0)
	if err != nil {
		t.Fatal(err)
	}
	return env.OpenTelemetry
}

func TestWithoutAnAddressNothingRuns(t *testing.T) {
	before := runtime.NumGoroutine()
	logger := slog.New(slog.DiscardHandler)
	sender := otlp.Start(otlp.Options{Settings: settings(t, nil), Logger: logger})
	sender.SendMetrics(prometheus.NewRegistry())
	if sender != nil || sender.Tracer() != nil || sender.Logger(logger) != logger || runtime.NumGoroutine() > before {
		t.Errorf("%v is there, %d goroutines more", sender, runtime.NumGoroutine()-before)
	}
	sender.Stop(t.Context())
}

func TestWhatIsSentSaysWhoWeAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &otlpReceiver{t: t, bodies: map[string][]byte{}}
		sender := otlp.Start(otlp.Options{
			Version: "1.2.3", Logger: slog.New(slog.DiscardHandler), Level: slog.LevelInfo, Base: c, Settings: settings(t, map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_SERVICE_NAME": "orders",
				"OTEL_RESOURCE_ATTRIBUTES": "team=fulfilment,service.version=other",
			}),
		})
		registry := prometheus.NewRegistry()
		count := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orders_total"}, []string{"flow"})
		took := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "took_seconds", Buckets: []float64{1, 2}})
		registry.MustRegister(count, took)
		count.WithLabelValues("export").Add(3)
		for _, seconds := range []float64{0.5, 1.5, 1.6, 9} {
			took.Observe(seconds)
		}
		sender.SendMetrics(registry)
		ctx, span := sender.Tracer().Message(t.Context(), &outcome.Entry{Flow: outcome.Export, Type: "OrderCreated"}, tracing.Origin{})
		logger := sender.Logger(nil).With("component", "test").WithGroup("of")
		logger.InfoContext(ctx, "a line", "number", 7)
		logger.DebugContext(ctx, "not this one")
		span.End(&outcome.Entry{})
		sender.Stop(t.Context())

		var spans traces.TracesData
		var lines logs.LogsData
		var figures metrics.MetricsData
		c.read("/v1/traces", &spans)
		c.read("/v1/logs", &lines)
		c.read("/v1/metrics", &figures)
		if t.Failed() {
			return
		}
		for signal, attributes := range map[string][]*common.KeyValue{
			"traces":  spans.GetResourceSpans()[0].GetResource().GetAttributes(),
			"logs":    lines.GetResourceLogs()[0].GetResource().GetAttributes(),
			"metrics": figures.GetResourceMetrics()[0].GetResource().GetAttributes(),
		} {
			for name, want := range map[string]string{"service.name": "orders", "team": "fulfilment", "service.version": "other"} {
				if !slices.ContainsFunc(attributes, func(a *common.KeyValue) bool { return a.GetKey() == name && a.GetValue().GetStringValue() == want }) {
					t.Errorf("%s: %s is not %s: %v", signal, name, want, attributes)
				}
			}
		}
		records := lines.GetResourceLogs()[0].GetScopeLogs()[0].GetLogRecords()
		if len(records) != 1 || records[0].GetBody().GetStringValue() != "a line" || len(records[0].GetTraceId()) != 16 || len(records[0].GetAttributes()) != 2 {
			t.Errorf("log lines: %v", records)
		}
		of := figures.GetResourceMetrics()[0].GetScopeMetrics()[0].GetMetrics()
		sum, histogram := of[0].GetSum(), of[1].GetHistogram().GetDataPoints()[0]
		if of[0].GetName() != "orders_total" || !sum.GetIsMonotonic() || sum.GetDataPoints()[0].GetAsDouble() != 3 || sum.GetDataPoints()[0].GetStartTimeUnixNano() == 0 {
			t.Errorf("the count is %v", of[0])
		}
		if histogram.GetCount() != 4 || !slices.Equal(histogram.GetBucketCounts(), []uint64{1, 2, 1}) || !slices.Equal(histogram.GetExplicitBounds(), []float64{1, 2}) {
			t.Errorf("the histogram is %v", histogram)
		}
	})
}

func TestSamplersRecordWhatTheySay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sampler, share string
		sent           bool
	}{"all": {"always_on", "", true}, "none": {"always_off", "", false}, "a share of none": {"parentbased_traceidratio", "0", false}, "as usual": {"", "", true}} {
		synctest.Test(t, func(t *testing.T) {
			c := &otlpReceiver{t: t, bodies: map[string][]byte{}}
			sender := otlp.Start(otlp.Options{Logger: slog.New(slog.DiscardHandler), Base: c, Settings: settings(t, map[string]string{
				"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector/t", "OTEL_TRACES_SAMPLER": test.sampler, "OTEL_TRACES_SAMPLER_ARG": test.share,
			})})
			_, span := sender.Tracer().Message(t.Context(), &outcome.Entry{}, tracing.Origin{})
			span.End(&outcome.Entry{})
			sender.Stop(t.Context())
			if got := c.bodies["/t"] != nil; got != test.sent {
				t.Errorf("%s: sent %v", name, got)
			}
		})
	}
}

// silent never answers.
type silent struct{}

// RoundTrip implements http.RoundTripper.
func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestStoppingDoesNotWaitForACollectorThatIsSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sender := otlp.Start(otlp.Options{Logger: slog.New(slog.DiscardHandler), Base: silent{}, Settings: settings(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector"})})
		sender.SendMetrics(prometheus.NewRegistry())
		_, span := sender.Tracer().Message(t.Context(), &outcome.Entry{}, tracing.Origin{})
		span.End(&outcome.Entry{})
		sender.Logger(nil).Info("a line")
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		sender.Stop(ctx)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
