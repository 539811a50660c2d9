// Package otlp sends traces, metrics and log lines to a collector by OTLP over HTTP
// (https://opentelemetry.io/docs/specs/otlp/). Nothing of it runs unless a collector is named.
//
// OpenTelemetry's SDK samples, batches and bounds; its own exporters are not used: they bring
// gRPC into the binary also where it is never spoken, which every process pays with memory.
//
//	start.go    what is sent where, and the end of it
//	sampler.go  which traces are recorded
//	resource.go who we are
//	post.go     one request to the collector
//	traces.go, logs.go, metrics.go
//	            the three signals as OTLP has them
//	lines.go    log lines to both the log and the collector
package otlp
