package tracing

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Context is a W3C trace context as it is written in headers and in brokers' attributes.
// https://www.w3.org/TR/trace-context/
type Context struct {
	Parent string // traceparent; empty: none
	State  string // tracestate
}

// Names of the headers that carry it.
const (
	parentKey = "traceparent"
	stateKey  = "tracestate"
)

// FromHeader is the trace context of a request. Without a tracer nobody asks for it.
func (t *Tracer) FromHeader(header http.Header) Context {
	if t == nil {
		return Context{}
	}
	return Context{Parent: header.Get(parentKey), State: header.Get(stateKey)}
}

// propagator reads and writes trace contexts.
var propagator propagation.TraceContext

// span is the span that the context names; not valid when it names none.
func (c Context) span() trace.SpanContext {
	if c.Parent == "" {
		return trace.SpanContext{}
	}
	carrier := propagation.MapCarrier{parentKey: c.Parent, stateKey: c.State}
	return trace.SpanContextFromContext(propagator.Extract(context.Background(), carrier))
}

// contextOf is how a span is written.
func contextOf(ctx context.Context) Context {
	carrier := propagation.MapCarrier{}
	propagator.Inject(ctx, carrier)
	return Context{Parent: carrier[parentKey], State: carrier[stateKey]}
}
