// Package telemetry is what the connector shows of its work: metrics, one log line
// a message, and the messages that somebody must look at.
package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Telemetry is safe for concurrent use.
type Telemetry struct {
	logger   *slog.Logger
	registry *prometheus.Registry
	messages *prometheus.CounterVec
	handling *prometheus.HistogramVec
	calls    *prometheus.CounterVec
	calling  *prometheus.HistogramVec
	busy     *prometheus.CounterVec
	refused  *prometheus.CounterVec
	missing  *prometheus.CounterVec
	inFlight prometheus.Gauge
	tokens   *prometheus.GaugeVec
	notified *prometheus.CounterVec
	watch    func(outcome.Entry)
	gauges   gauges

	mu        sync.Mutex
	attention []outcome.Entry
	refusals  map[refusal]*refusals
}

// maxAttention bounds what is kept of the messages that somebody must look at.
const maxAttention = 200

var seconds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// New starts every count at zero. watch is told of every message and may be nil.
func New(logger *slog.Logger, version string, watch func(outcome.Entry)) *Telemetry {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "fftconnect", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "fftconnect", Name: name, Help: help, Buckets: seconds}, labels)
	}
	t := &Telemetry{
		logger: logger, registry: prometheus.NewRegistry(), watch: watch, gauges: newGauges(), refusals: map[refusal]*refusals{},
		messages: counter("messages_total", "Messages handled, by direction, type and how it ended.", "flow", "type", "outcome"),
		handling: histogram("message_seconds", "Time to handle a message.", "flow"),
		calls:    counter("api_calls_total", "Calls to the platforms, repetitions included.", "platform", "operation", "status"),
		calling:  histogram("api_call_seconds", "Time until the platform answered.", "platform", "operation"),
		busy:     counter("busy_total", "Requests turned away because too many were in flight; their senders repeat them.", "flow"),
		refused:  counter("unauthorized_total", "Requests without a valid token.", "flow"),
		missing:  counter("incomplete_updates_total", "Updates that left fields out because the order's custom type lacks them."),
		tokens:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "fftconnect", Name: "caller_token_expiry_timestamp_seconds", Help: "When the token ends that was last shown at the endpoint."}, []string{"endpoint"}),
		notified: counter("notifications_total", "Notifications sent, and that could not be sent.", "target", "result"),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "fftconnect", Name: "messages_in_flight", Help: "Messages being handled."}),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "fftconnect", Name: "build_info", Help: "Always 1; the label is the version."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	for _, flow := range outcome.Flows {
		t.refused.WithLabelValues(string(flow)) // from zero, or its first rise does not show
	}
	t.registry.MustRegister(t.gauges.findings, t.gauges.doubles, t.gauges.reconciled, t.gauges.interval, t.gauges.shadow, t.gauges.shadowMode)
	t.registry.MustRegister(t.messages, t.handling, t.calls, t.calling, t.busy, t.refused, t.missing, t.inFlight, t.tokens, t.notified, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return t
}

// Handler serves the metrics to Prometheus.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{})
}

// Metrics gathers what Handler serves.
func (t *Telemetry) Metrics() prometheus.Gatherer { return t.registry }

// Call counts one attempt at an API call.
func (t *Telemetry) Call(call remote.Call) {
	status := "none"
	if call.Status != 0 {
		status = strconv.Itoa(call.Status)
	}
	t.calls.WithLabelValues(call.Platform, call.Operation, status).Inc()
	t.calling.WithLabelValues(call.Platform, call.Operation).Observe(call.Took.Seconds())
}

// Begin counts a message in; the returned function counts it out.
func (t *Telemetry) Begin() (end func()) {
	t.inFlight.Inc()
	return t.inFlight.Dec
}

// CountBusy counts a request that was turned away because too many were in flight.
func (t *Telemetry) CountBusy(flow outcome.Flow) { t.busy.WithLabelValues(string(flow)).Inc() }

// Token tells when the token ends that was shown at the endpoint.
func (t *Telemetry) Token(endpoint string, ends time.Time) {
	t.tokens.WithLabelValues(endpoint).Set(float64(ends.Unix()))
}

// ExpectNotification starts the counts of a target at zero.
func (t *Telemetry) ExpectNotification(target string) {
	t.notified.WithLabelValues(target, "sent")
	t.notified.WithLabelValues(target, "failed")
}

// Notification counts one that was sent, or could not be.
func (t *Telemetry) Notification(target string, ok bool) {
	t.notified.WithLabelValues(target, map[bool]string{true: "sent", false: "failed"}[ok]).Inc()
}

// Record writes how a message ended: one log line, the counts, and the list of
// those that need attention.
func (t *Telemetry) Record(ctx context.Context, entry outcome.Entry) {
	t.ExpectMessage(entry.Flow, entry.Type)
	t.messages.WithLabelValues(string(entry.Flow), entry.Type, string(entry.Kind)).Inc()
	t.handling.WithLabelValues(string(entry.Flow)).Observe(entry.Duration.Seconds())
	if entry.Incomplete {
		t.missing.WithLabelValues().Inc()
	}
	if entry.Quiet {
		return
	}
	t.log(ctx, entry)
	t.forgetResolved(entry)
	if entry.Kind.NeedsAttention() {
		t.rememberProblem(entry)
	}
	if t.watch != nil {
		t.watch(entry)
	}
}

func (t *Telemetry) log(ctx context.Context, entry outcome.Entry) {
	level := slog.LevelInfo
	switch {
	case entry.Kind.NeedsAttention():
		level = slog.LevelError
	case errors.Is(entry.Err, remote.ErrNotYet) && entry.Kind == outcome.Deferred:
		// Nobody failed: it can only be done later.
	case entry.Kind == outcome.Deferred, entry.Kind == outcome.Returned, entry.Hint != "":
		level = slog.LevelWarn
	}
	if !t.logger.Enabled(ctx, level) {
		return
	}
	// Typed attributes: a named type or an any is written by reflection.
	attributes := make([]slog.Attr, 0, 12)
	attributes = append(attributes,
		slog.String("flow", string(entry.Flow)), slog.String("type", entry.Type), slog.String("outcome", string(entry.Kind)),
		slog.Int("attempt", max(entry.Attempt, 1)), slog.Float64("duration_ms", float64(entry.Duration.Microseconds())/1000),
		slog.Int("calls", entry.Calls))
	add := func(key, value string) {
		if value != "" {
			attributes = append(attributes, slog.String(key, value))
		}
	}
	add("order", entry.Order)
	add("order_number", entry.Number)
	add("event_id", entry.EventID)
	add("reason", entry.Reason)
	add("advice", entry.Hint)
	add("correlation", entry.Correlation)
	if len(entry.Notes) > 0 {
		attributes = append(attributes, slog.Any("notes", entry.Notes))
	}
	record := slog.NewRecord(time.Now(), level, "message handled", 0) // nobody reads which line of code this is
	record.AddAttrs(attributes...)
	_ = t.logger.Handler().Handle(ctx, record)
}

func (t *Telemetry) rememberProblem(entry outcome.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.attention) >= maxAttention {
		t.attention = slices.Delete(t.attention, 0, 1)
	}
	t.attention = append(t.attention, entry)
}

// Remember keeps what somebody must look at and no message tells: the last of its type of
// an order.
func (t *Telemetry) Remember(entry outcome.Entry) {
	t.mu.Lock()
	t.attention = slices.DeleteFunc(t.attention, func(e outcome.Entry) bool {
		return e.Order == entry.Order && e.Type == entry.Type && e.EventID == ""
	})
	t.mu.Unlock()
	t.rememberProblem(entry)
}

// Forget forgets what was to be looked at of an order: both platforms agree about it.
func (t *Telemetry) Forget(orderID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.attention = slices.DeleteFunc(t.attention, func(e outcome.Entry) bool { return e.Order == orderID })
}

// forgetResolved forgets what an order's success has settled: its export, or the message itself.
func (t *Telemetry) forgetResolved(entry outcome.Entry) {
	if entry.Order == "" || entry.Kind != outcome.Applied && entry.Kind != outcome.Unchanged {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.attention = slices.DeleteFunc(t.attention, func(e outcome.Entry) bool {
		return e.Order == entry.Order && e.Flow == entry.Flow && (e.Flow == outcome.Export || e.EventID == entry.EventID)
	})
}

// Waits reports whether the order could not be exported, as far as is remembered.
func (t *Telemetry) Waits(orderID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.attention, func(e outcome.Entry) bool { return e.Order == orderID && e.Flow == outcome.Export })
}

// Attention lists the latest messages that somebody must look at, newest first.
func (t *Telemetry) Attention() []Problem {
	t.mu.Lock()
	defer t.mu.Unlock()
	problems := make([]Problem, 0, len(t.attention))
	for _, entry := range slices.Backward(t.attention) {
		problems = append(problems, Problem{
			At: entry.At, Flow: entry.Flow, Type: entry.Type, Order: entry.Order, Number: entry.Number, EventID: entry.EventID,
			Outcome: entry.Kind, Reason: entry.Reason, Hint: entry.Hint,
		})
	}
	return problems
}

// Problem is a message that somebody must look at.
type Problem struct {
	At      time.Time    `json:"at"`
	Flow    outcome.Flow `json:"flow"`
	Type    string       `json:"type"`
	Order   string       `json:"order,omitempty"`
	Number  string       `json:"order_number,omitempty"`
	EventID string       `json:"event_id,omitempty"`
	Outcome outcome.Kind `json:"outcome"`
	Reason  string       `json:"reason"`
	Hint    string       `json:"advice,omitempty"`
}

// Handled is how many messages of a direction ended one way since the process started.
type Handled struct {
	Flow    outcome.Flow
	Outcome outcome.Kind
	Count   int
}

// Handled counts the messages by direction and how they ended.
func (t *Telemetry) Handled() (counts []Handled) {
	sums := map[Handled]int{}
	families, err := t.registry.Gather()
	if err != nil {
		return nil
	}
	for _, family := range families {
		if family.GetName() != "fftconnect_messages_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			sums[Handled{Flow: outcome.Flow(labels["flow"]), Outcome: outcome.Kind(labels["outcome"])}] += int(metric.GetCounter().GetValue())
		}
	}
	for _, flow := range outcome.Flows {
		for _, kind := range outcome.Kinds {
			if n := sums[Handled{Flow: flow, Outcome: kind}]; n > 0 {
				counts = append(counts, Handled{flow, kind, n})
			}
		}
	}
	return counts
}
