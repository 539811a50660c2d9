package telemetry_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/tracing"
)

// TestOffItCostsNothing: what every message does then allocates nothing.
func TestOffItCostsNothing(t *testing.T) {
	var off *tracing.Tracer
	ctx, header := t.Context(), http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
	entry := &outcome.Entry{Flow: outcome.Export, Type: "OrderCreated", EventID: "e-1"}
	allocated := testing.AllocsPerRun(1000, func() {
		from := off.FromHeader(header)
		_, span := off.Message(ctx, entry, tracing.Origin{Context: from})
		_ = span.Context()
		span.End(entry)
		_, work := off.Work(ctx, "visits")
		work.EndWork(nil)
	})
	if allocated != 0 {
		t.Errorf("%v allocations for a message", allocated)
	}
	base := http.NewFileTransport(http.Dir("."))
	if off.Calls("commercetools", base) != base {
		t.Error("calls take a detour")
	}
}

// recording makes a tracer whose spans are kept.
func recording(sampler trace.Sampler) (*tracing.Tracer, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	return tracing.New(trace.NewTracerProvider(trace.WithSpanProcessor(spans), trace.WithSampler(sampler))), spans
}

type answers struct {
	status int
	header http.Header // of the request
}

// RoundTrip implements http.RoundTripper.
func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.header = r.Header
	if a.status == 0 {
		return nil, errors.New("dial https://api.example/?key=SECRET: refused")
	}
	return &http.Response{StatusCode: a.status, Header: http.Header{"X-Correlation-Id": {"shop/1"}}, Body: http.NoBody}, nil
}

func TestACallTellsNoAddress(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 200, 404} {
		tracer, spans := recording(trace.AlwaysSample())
		base := &answers{status: status}
		ctx := remote.WithOperation(t.Context(), remote.Operation{Name: "find order"})
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example/orders/order-number=A-1?key=SECRET", nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := tracer.Calls("commercetools", base).RoundTrip(request); err == nil {
			_ = response.Body.Close()
		}
		ended := spans.Ended()
		if len(ended) != 1 || ended[0].Name() != "commercetools find order" || base.header.Get("Traceparent") == "" || request.Header.Get("Traceparent") != "" {
			t.Fatalf("%d: %v, %v", status, ended, base.header)
		}
		for _, a := range ended[0].Attributes() {
			if text := a.Value.String(); text != "find order" && text != "commercetools" && text != "GET" && text != "api.example" && text != "shop/1" && text != "200" && text != "404" {
				t.Errorf("%s is %s", a.Key, text)
			}
		}
		if failed := ended[0].Status().Description; failed != "" && failed != "no answer" && failed != "Not Found" {
			t.Errorf("it failed with %q", failed)
		}
	}
}

func TestWhatIsNotRecordedIsStillCarried(t *testing.T) {
	t.Parallel()
	tracer, spans := recording(trace.NeverSample())
	ctx, span := tracer.Message(t.Context(), &outcome.Entry{}, tracing.Origin{})
	base := &answers{status: 200}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := tracer.Calls("commercetools", base).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	span.End(&outcome.Entry{})
	if len(spans.Ended()) != 0 || base.header.Get("Traceparent") == "" {
		t.Errorf("%d spans, header %v", len(spans.Ended()), base.header)
	}
}

func TestATraceContextThatIsNoneBeginsATrace(t *testing.T) {
	t.Parallel()
	tracer, spans := recording(trace.AlwaysSample())
	for _, parent := range []string{"", "nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01"} {
		_, span := tracer.Message(context.Background(), &outcome.Entry{}, tracing.Origin{Context: tracing.Context{Parent: parent}})
		span.End(&outcome.Entry{})
	}
	for _, span := range spans.Ended() {
		if span.Parent().IsValid() || !span.SpanContext().IsValid() {
			t.Errorf("%v", span.Parent())
		}
	}
}
