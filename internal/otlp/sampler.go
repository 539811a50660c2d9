package otlp

import (
	"go.opentelemetry.io/otel/sdk/trace"

	"fftconnect/internal/config"
)

// sampler decides which traces are recorded, as OTEL_TRACES_SAMPLER says.
func sampler(settings config.OpenTelemetry) trace.Sampler {
	ratio := trace.TraceIDRatioBased(settings.SampleRatio)
	switch settings.Sampler {
	case config.SamplerAlwaysOn:
		return trace.AlwaysSample()
	case config.SamplerAlwaysOff:
		return trace.NeverSample()
	case config.SamplerRatio:
		return ratio
	case config.SamplerParentOff:
		return trace.ParentBased(trace.NeverSample())
	case config.SamplerParentRatio:
		return trace.ParentBased(ratio)
	default:
		return trace.ParentBased(trace.AlwaysSample())
	}
}
