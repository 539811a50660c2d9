package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/config"
)

func TestSignalsGoWhereTheSettingsSay(t *testing.T) {
	t.Parallel()
	const all = "http://collector:4318"
	for name, test := range map[string]struct {
		given                 map[string]string
		traces, metrics, logs string
	}{
		"nothing":              {},
		"everything":           {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": all + "/"}, all + "/v1/traces", all + "/v1/metrics", all + "/v1/logs"},
		"behind a path":        {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": all + "/otlp"}, all + "/otlp/v1/traces", all + "/otlp/v1/metrics", all + "/otlp/v1/logs"},
		"no log lines":         {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": all, "OTEL_LOGS_EXPORTER": "none"}, all + "/v1/traces", all + "/v1/metrics", ""},
		"one of its own":       {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": all + "/t"}, all + "/t", "", ""},
		"switched off":         {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": all, "OTEL_SDK_DISABLED": "true"}, "", "", ""},
		"gRPC, and no address": {map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "", "", ""},
	} {
		o := mustLoad(t, test.given).OpenTelemetry
		if got := []string{o.Traces().Endpoint, o.Metrics().Endpoint, o.Logs().Endpoint}; !slices.Equal(got, []string{test.traces, test.metrics, test.logs}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWrongOpenTelemetrySettingsAreNamed(t *testing.T) {
	t.Parallel()
	for setting, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "https://user:planted@collector", "OTEL_EXPORTER_OTLP_HEADERS": "no equals sign planted",
		"OTEL_EXPORTER_OTLP_TIMEOUT": "10s", "OTEL_EXPORTER_OTLP_CERTIFICATE": "no/such/file", "OTEL_TRACES_SAMPLER": "sometimes",
		"OTEL_TRACES_SAMPLER_ARG": "NaN", "OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "a b=planted",
	} {
		_, err := load(with(map[string]string{setting: value}), 0)
		if err == nil || !strings.Contains(err.Error(), setting) || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s=%s: %v", setting, value, err)
		}
	}
	if got := problemsOf(t, with(map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317"}), 0); !slices.Equal(got, []string{"OTEL_EXPORTER_OTLP_PROTOCOL"}) {
		t.Errorf("gRPC: %v", got)
	}
}

func TestACollectorsKeyIsASecret(t *testing.T) {
	t.Parallel()
	given := with(map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "api-key=planted, Authorization=Basic%20planted", "OTEL_RESOURCE_ATTRIBUTES": "team=orders"})
	env, err := load(given, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := env.OpenTelemetry.Traces().Headers["Authorization"].Reveal(); got != "Basic planted" || env.OpenTelemetry.ResourceAttributes["team"] != "orders" {
		t.Errorf("%q, %v", got, env.OpenTelemetry.ResourceAttributes)
	}
	if shown := fmt.Sprintf("%+v %v", env.OpenTelemetry, config.Effective(func(name string) (string, bool) { value, ok := given[name]; return value, ok })); strings.Contains(shown, "planted") {
		t.Errorf("shown: %s", shown)
	}
}
