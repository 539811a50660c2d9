package otlp

import (
	"context"

	wire "go.opentelemetry.io/proto/otlp/trace/v1"
)

// traceClient sends what OpenTelemetry's exporter has made of spans.
type traceClient struct{ post *poster }

// Start implements otlptrace.Client.
func (traceClient) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (traceClient) Stop(context.Context) error { return nil }

// UploadTraces implements otlptrace.Client. TracesData is on the wire what a collector's
// request is. That it failed was logged.
func (c traceClient) UploadTraces(ctx context.Context, spans []*wire.ResourceSpans) error {
	_ = c.post.send(ctx, &wire.TracesData{ResourceSpans: spans})
	return nil
}
