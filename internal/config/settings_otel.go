package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Samplers of OTEL_TRACES_SAMPLER.
const (
	SamplerAlwaysOn    = "always_on"
	SamplerAlwaysOff   = "always_off"
	SamplerRatio       = "traceidratio"
	SamplerParentOn    = "parentbased_always_on"
	SamplerParentOff   = "parentbased_always_off"
	SamplerParentRatio = "parentbased_traceidratio"
)

// OpenTelemetry is where traces, metrics and log lines are sent by OTLP, by the variables that
// every service has for it.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
type OpenTelemetry struct {
	Disabled           bool
	Endpoint           string // of all signals, to which their paths are added
	Protocol           string
	Headers            map[string]Secret
	Timeout            time.Duration // of one attempt
	Gzip               bool
	Certificate        []byte // PEM, of the authority that is trusted; nil: the system's
	ServiceName        string
	ResourceAttributes map[string]string
	Sampler            string
	SampleRatio        float64
	MetricInterval     time.Duration
	traces             signal
	metrics            signal
	logs               signal
}

// signal is what the settings say of one signal alone.
type signal struct {
	off      bool
	endpoint string
	headers  map[string]Secret
}

// Signal is where one signal goes.
type Signal struct {
	Endpoint string // empty: nowhere
	Headers  map[string]Secret
}

// Traces is where traces go.
func (o OpenTelemetry) Traces() Signal { return o.signal(o.traces, "/v1/traces") }

// Metrics is where metrics go.
func (o OpenTelemetry) Metrics() Signal { return o.signal(o.metrics, "/v1/metrics") }

// Logs is where log lines go.
func (o OpenTelemetry) Logs() Signal { return o.signal(o.logs, "/v1/logs") }

// signal puts together what is said of one signal and of all. An address of its own is used as
// it is.
func (o OpenTelemetry) signal(own signal, path string) Signal {
	to := Signal{Endpoint: own.endpoint, Headers: own.headers}
	if to.Endpoint == "" && o.Endpoint != "" {
		to.Endpoint = strings.TrimRight(o.Endpoint, "/") + path
	}
	if to.Headers == nil {
		to.Headers = o.Headers
	}
	if own.off || o.Disabled {
		to.Endpoint = ""
	}
	return to
}

func otelSettings() []Setting {
	settings := []Setting{
		{
			Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Meaning: "collector to which traces, metrics and log lines are sent by OTLP; unset: nothing is", Fix: "such as http://collector:4318",
			set: func(e *Environment, v string) error { return setCollector(&e.OpenTelemetry.Endpoint, v) },
		},
		{
			Name: "OTEL_EXPORTER_OTLP_PROTOCOL", Meaning: "how it is sent", Default: otlpProtocol, Fix: "leave it unset, and give the collector's port for HTTP, usually 4318",
			set: func(e *Environment, v string) error { e.OpenTelemetry.Protocol = v; return nil },
		},
		{
			Name: "OTEL_EXPORTER_OTLP_HEADERS", Meaning: "headers that the collector wants, such as its key", Fix: "such as api-key=SECRET, separated by commas", Secret: true,
			set: func(e *Environment, v string) error { return setHeaders(&e.OpenTelemetry.Headers, v) },
		},
		{
			Name: "OTEL_EXPORTER_OTLP_TIMEOUT", Meaning: "milliseconds that one attempt may take", Default: "10000", Fix: "a number from 1 to 60000",
			set: func(e *Environment, v string) error { return setMilliseconds(&e.OpenTelemetry.Timeout, v, 1, 60_000) },
		},
		{
			Name: "OTEL_EXPORTER_OTLP_COMPRESSION", Meaning: "gzip or none", Default: "none", Fix: "gzip or none",
			set: func(e *Environment, v string) error {
				var word string
				err := setOneOf(&word, v, "none", "gzip")
				e.OpenTelemetry.Gzip = word == "gzip"
				return err
			},
		},
		{
			Name: "OTEL_EXPORTER_OTLP_CERTIFICATE", Meaning: "file with the certificate of the authority to trust instead of the system's", Fix: "the path of a PEM file",
			set: func(e *Environment, v string) error { return setCertificate(&e.OpenTelemetry.Certificate, v) },
		},
		{
			Name: "OTEL_SDK_DISABLED", Meaning: "send nothing, whatever the other OTEL_ settings say", Default: "false", Fix: "true or false",
			set: func(e *Environment, v string) error { return setBool(&e.OpenTelemetry.Disabled, v) },
		},
		{
			Name: "OTEL_SERVICE_NAME", Meaning: "name of this service there; unset: fftconnect", Fix: "any text",
			set: func(e *Environment, v string) error { e.OpenTelemetry.ServiceName = v; return nil },
		},
		{
			Name: "OTEL_RESOURCE_ATTRIBUTES", Meaning: "attributes that describe this service there", Fix: "such as deployment.environment.name=production, separated by commas",
			set: func(e *Environment, v string) error { return setPairs(&e.OpenTelemetry.ResourceAttributes, v) },
		},
		{
			Name: "OTEL_TRACES_SAMPLER", Meaning: "which traces are recorded: always_on, always_off, traceidratio, or parentbased_ and one of these, where the sender's trace decides if there is one", Default: SamplerParentOn,
			Fix: "such as parentbased_traceidratio",
			set: func(e *Environment, v string) error {
				return setOneOf(&e.OpenTelemetry.Sampler, v, SamplerAlwaysOn, SamplerAlwaysOff, SamplerRatio, SamplerParentOn, SamplerParentOff, SamplerParentRatio)
			},
		},
		{
			Name: "OTEL_TRACES_SAMPLER_ARG", Meaning: "for traceidratio, which share of traces is recorded", Default: "1", Fix: "a number from 0 to 1",
			set: func(e *Environment, v string) error { return setShare(&e.OpenTelemetry.SampleRatio, v) },
		},
		{
			Name: "OTEL_METRIC_EXPORT_INTERVAL", Meaning: "milliseconds between two sendings of metrics", Default: "60000", Fix: "a number from 1000 to 3600000",
			set: func(e *Environment, v string) error {
				return setMilliseconds(&e.OpenTelemetry.MetricInterval, v, 1000, 3_600_000)
			},
		},
	}
	for _, of := range []struct {
		name, words string
		signal      func(*Environment) *signal
	}{
		{"TRACES", "traces", func(e *Environment) *signal { return &e.OpenTelemetry.traces }},
		{"METRICS", "metrics", func(e *Environment) *signal { return &e.OpenTelemetry.metrics }},
		{"LOGS", "log lines", func(e *Environment) *signal { return &e.OpenTelemetry.logs }},
	} {
		settings = append(settings,
			Setting{
				Name: "OTEL_" + of.name + "_EXPORTER", Meaning: "otlp, or none: " + of.words + " are not sent", Default: "otlp", Fix: "otlp or none",
				set: func(e *Environment, v string) error {
					var word string
					err := setOneOf(&word, v, "otlp", "none")
					of.signal(e).off = word == "none"
					return err
				},
			},
			Setting{
				Name: "OTEL_EXPORTER_OTLP_" + of.name + "_ENDPOINT", Meaning: "separate address for " + of.words + ", with its path", Fix: "such as http://collector:4318/v1/" + strings.ToLower(of.name),
				set: func(e *Environment, v string) error { return setCollector(&of.signal(e).endpoint, v) },
			},
			Setting{
				Name: "OTEL_EXPORTER_OTLP_" + of.name + "_HEADERS", Meaning: "separate headers for " + of.words, Fix: "such as api-key=SECRET, separated by commas", Secret: true,
				set: func(e *Environment, v string) error { return setHeaders(&of.signal(e).headers, v) },
			})
	}
	return settings
}

// otlpProtocol is the only one that is spoken: the other one, gRPC, would cost every process
// memory.
const otlpProtocol = "http/protobuf"

// unsupported is what matters only when something is sent: a cluster may give every process
// the same variables.
func (o OpenTelemetry) unsupported() Problems {
	if o.Protocol == otlpProtocol || o.Traces().Endpoint == "" && o.Metrics().Endpoint == "" && o.Logs().Endpoint == "" {
		return nil
	}
	for _, s := range otelSettings() {
		if s.Name == "OTEL_EXPORTER_OTLP_PROTOCOL" {
			return Problems{{s.Name, "is " + o.Protocol + ", and only " + otlpProtocol + " is spoken", s.Meaning, s.Fix}}
		}
	}
	return nil
}

// setCollector takes the address of one, which may have a path and holds no secret.
func setCollector(to *string, value string) error {
	parsed, err := url.Parse(value)
	switch {
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		return errors.New("is no web address")
	case parsed.User != nil:
		return errors.New("holds a password; give it in OTEL_EXPORTER_OTLP_HEADERS, such as Authorization=Basic%20…")
	}
	*to = value
	return nil
}

func setHeaders(to *map[string]Secret, value string) error {
	var given map[string]string
	if err := setPairs(&given, value); err != nil {
		return err
	}
	*to = map[string]Secret{}
	for name, text := range given {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(text) {
			return errors.New("holds what is no header")
		}
		(*to)[http.CanonicalHeaderKey(name)] = Secret(text)
	}
	return nil
}

// setPairs reads name=value, separated by commas; a value may be written with % as in addresses.
func setPairs(to *map[string]string, value string) error {
	*to = map[string]string{}
	for _, pair := range splitNames(value) {
		name, text, ok := strings.Cut(pair, "=")
		text, err := url.PathUnescape(strings.TrimSpace(text))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return errors.New("is not name=value, separated by commas")
		}
		(*to)[name] = text
	}
	return nil
}

func setMilliseconds(to *time.Duration, value string, least, most int) error {
	var n int
	err := setInt(&n, value, least, most)
	*to = time.Duration(n) * time.Millisecond
	return err
}

func setShare(to *float64, value string) error {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || !(n >= 0 && n <= 1) {
		return errors.New("is no number from 0 to 1")
	}
	*to = n
	return nil
}

func setCertificate(to *[]byte, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return errors.New("is a file without a certificate")
	}
	*to = text
	return nil
}
