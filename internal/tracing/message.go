package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"fftconnect/internal/outcome"
)

// Origin is where a message comes from.
type Origin struct {
	Context Context
	// Apart begins a trace of its own that links to the context: of a stranger, who must not
	// decide what is traced, and of a message that comes out of the store long after.
	Apart bool
}

// Span is a message's, or that of periodic work. The nil Span does nothing.
type Span struct {
	span    trace.Span
	context Context
}

// Message begins the span of a message; its calls are made with the returned context.
func (t *Tracer) Message(ctx context.Context, entry *outcome.Entry, from Origin) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("fftconnect.flow", string(entry.Flow)), attribute.String("fftconnect.type", entry.Type),
		attribute.String("fftconnect.event_id", entry.EventID), attribute.Int("fftconnect.attempt", max(entry.Attempt, 1)),
	)}
	switch sender := from.Context.span(); {
	case !sender.IsValid():
		options = append(options, trace.WithNewRoot())
	case from.Apart:
		options = append(options, trace.WithNewRoot(), trace.WithLinks(trace.Link{SpanContext: sender}))
	default:
		ctx = trace.ContextWithRemoteSpanContext(ctx, sender)
	}
	ctx, span := t.tracer.Start(ctx, string(entry.Flow)+" "+entry.Type, options...)
	return ctx, &Span{span: span, context: contextOf(ctx)}
}

// Work begins the span of periodic work.
func (t *Tracer) Work(ctx context.Context, name string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithNewRoot())
	return ctx, &Span{span: span, context: contextOf(ctx)}
}

// Context is the span's own, to be stored with a message that is tried again.
func (s *Span) Context() Context {
	if s == nil {
		return Context{}
	}
	return s.context
}

// End ends a message's span with how the message ended.
func (s *Span) End(entry *outcome.Entry) {
	if s == nil {
		return
	}
	s.span.SetAttributes(
		attribute.String("fftconnect.outcome", string(entry.Kind)), attribute.String("fftconnect.reason", entry.Reason),
		attribute.Int("fftconnect.calls", entry.Calls),
	)
	for _, known := range []struct{ key, text string }{
		{"fftconnect.order", entry.Order}, {"fftconnect.order_number", entry.Number}, {"fftconnect.correlation", entry.Correlation},
	} {
		if known.text != "" {
			s.span.SetAttributes(attribute.String(known.key, known.text))
		}
	}
	if entry.Kind.NeedsAttention() || entry.Kind == outcome.Deferred || entry.Kind == outcome.Returned {
		s.span.SetStatus(codes.Error, entry.Reason)
	}
	s.span.End()
}

// EndWork ends the span of periodic work.
func (s *Span) EndWork(err error) {
	if s == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, err.Error())
	}
	s.span.End()
}
