package otlp

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/log"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	wire "go.opentelemetry.io/proto/otlp/logs/v1"
)

// logExporter sends log lines.
type logExporter struct {
	post     *poster
	resource resourceOf
}

// Export implements sdk.Exporter. That it failed was logged.
func (e *logExporter) Export(ctx context.Context, records []sdk.Record) error {
	lines := make([]*wire.LogRecord, len(records))
	for i := range records {
		lines[i] = logRecord(&records[i])
	}
	_ = e.post.send(ctx, &wire.LogsData{ResourceLogs: []*wire.ResourceLogs{{
		Resource:  e.resource.wire,
		ScopeLogs: []*wire.ScopeLogs{{Scope: &common.InstrumentationScope{Name: scope}, LogRecords: lines}},
	}}})
	return nil
}

// Shutdown implements sdk.Exporter.
func (*logExporter) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdk.Exporter.
func (*logExporter) ForceFlush(context.Context) error { return nil }

func logRecord(r *sdk.Record) *wire.LogRecord {
	line := &wire.LogRecord{
		TimeUnixNano: nanos(r.Timestamp()), ObservedTimeUnixNano: nanos(r.ObservedTimestamp()),
		SeverityNumber: wire.SeverityNumber(r.Severity()), SeverityText: r.SeverityText(), Body: anyValue(r.Body()),
	}
	r.WalkAttributes(func(a attribute.KeyValue) bool {
		line.Attributes = append(line.Attributes, &common.KeyValue{Key: string(a.Key), Value: anyValue(a.Value)})
		return true
	})
	if id := r.TraceID(); id.IsValid() {
		span := r.SpanID()
		line.TraceId, line.SpanId, line.Flags = id[:], span[:], uint32(r.TraceFlags())
	}
	return line
}

// nanos is a time on the wire; 0 is not known.
func nanos(at time.Time) uint64 {
	if at.IsZero() {
		return 0
	}
	return uint64(at.UnixNano())
}
