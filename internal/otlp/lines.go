package otlp

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// lines writes log lines to several handlers. Where there are traces, a line of a message
// names its trace.
func lines(first *slog.Logger, traces bool, others ...slog.Handler) *slog.Logger {
	handler := first.Handler()
	if traces {
		handler = traced{handler}
	}
	if len(others) == 0 {
		return slog.New(handler)
	}
	return slog.New(slog.NewMultiHandler(append([]slog.Handler{handler}, others...)...))
}

// levelled leaves out what is less severe than the log's level.
type levelled struct {
	slog.Handler
	level slog.Level
}

// Enabled implements slog.Handler.
func (l levelled) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= l.level && l.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (l levelled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return levelled{l.Handler.WithAttrs(attrs), l.level}
}

// WithGroup implements slog.Handler.
func (l levelled) WithGroup(name string) slog.Handler {
	return levelled{l.Handler.WithGroup(name), l.level}
}

// traced adds the ids of the span that a line belongs to.
type traced struct{ slog.Handler }

// Handle implements slog.Handler.
func (t traced) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record = record.Clone()
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return t.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }
