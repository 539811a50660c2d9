package tracing

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"fftconnect/internal/remote"
)

// Calls traces the calls to a platform that base sends: each attempt is a span, and carries
// its trace context. Addresses are not among what it tells: they hold what was searched for.
func (t *Tracer) Calls(platform string, base http.RoundTripper) http.RoundTripper {
	if t == nil {
		return base
	}
	if base == nil {
		base = http.DefaultTransport
	}
	return &calls{tracer: t.tracer, platform: platform, base: base}
}

type calls struct {
	tracer   trace.Tracer
	platform string
	base     http.RoundTripper
}

// RoundTrip implements http.RoundTripper. The span ends with the header of the answer.
func (c *calls) RoundTrip(r *http.Request) (*http.Response, error) {
	operation := remote.OperationOf(r).Name
	ctx, span := c.tracer.Start(r.Context(), c.platform+" "+operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("fftconnect.platform", c.platform), attribute.String("fftconnect.operation", operation),
		attribute.String("http.request.method", r.Method), attribute.String("server.address", r.URL.Hostname()),
	))
	defer span.End()
	r = r.Clone(ctx)
	propagator.Inject(ctx, propagation.HeaderCarrier(r.Header))
	response, err := c.base.RoundTrip(r)
	if err != nil {
		span.SetStatus(codes.Error, "no answer") // the error may hold the address
		return nil, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", response.StatusCode))
	if id := remote.CorrelationID(response.Header); id != "" {
		span.SetAttributes(attribute.String("fftconnect.correlation", id))
	}
	if response.StatusCode >= http.StatusBadRequest {
		span.SetStatus(codes.Error, http.StatusText(response.StatusCode))
	}
	return response, nil
}
