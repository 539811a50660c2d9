// Package tracing follows a message through the connector: a span for the message, and one for
// each call that it makes, in the trace that came with it. It knows OpenTelemetry's API only;
// package otlp sends what is traced. Nothing of it holds personal data: order numbers, ids and
// our own words do.
//
//	context.go  W3C trace context as it comes with a message, and is stored with it
//	message.go  the spans of messages and of periodic work
//	calls.go    the spans of calls, and the trace context that they carry
package tracing

import "go.opentelemetry.io/otel/trace"

// Tracer makes spans. The nil Tracer makes none, and costs nothing.
type Tracer struct{ tracer trace.Tracer }

// New makes a Tracer whose spans go to the provider.
func New(provider trace.TracerProvider) *Tracer {
	return &Tracer{tracer: provider.Tracer("fftconnect")}
}
