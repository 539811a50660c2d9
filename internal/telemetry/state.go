package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fftconnect/internal/remote"
)

// Queue is what the store holds.
type Queue struct {
	Deferred, Dead int
	Oldest         time.Time // of the deferred ones; zero when there is none
	JournalDropped int64
}

// State is what is asked for when somebody looks: it is never collected ahead.
type State struct {
	Queue    func(ctx context.Context) (Queue, error) // nil without a store
	Blocked  func() []remote.Blockage
	Circuits map[string]*remote.Circuit // by platform
}

// gauges are set when something happens.
type gauges struct {
	findings   *prometheus.CounterVec
	reconciled prometheus.Gauge
	token      prometheus.Gauge
	upkeep     prometheus.Gauge
}

func newGauges() gauges {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "fftconnect", Name: name, Help: help})
	}
	return gauges{
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "fftconnect", Name: "reconcile_findings_total", Help: "Differences between the platforms that were found, by kind and whether they were repaired.",
		}, []string{"kind", "repaired"}),
		reconciled: gauge("reconcile_last_success_timestamp_seconds", "When the periodic comparison of both platforms last went through."),
		token:      gauge("webhook_token_expiry_timestamp_seconds", "When the first of the webhooks' tokens ends."),
		upkeep:     gauge("upkeep_problems", "Subscriptions, webhooks and types that are not as they should be and could not be mended."),
	}
}

// Watch shows a state's figures among the metrics. It is called once.
func (t *Telemetry) Watch(state State) {
	t.registry.MustRegister(&stateCollector{state: state})
}

// Expect starts the counts of a kind of differences at zero: Prometheus takes a
// count that appears as one that did not rise.
func (t *Telemetry) Expect(kind string) {
	t.gauges.findings.WithLabelValues(kind, "yes")
	t.gauges.findings.WithLabelValues(kind, "no")
}

// Finding counts a difference between the platforms.
func (t *Telemetry) Finding(kind string, repaired bool) {
	word := "no"
	if repaired {
		word = "yes"
	}
	t.gauges.findings.WithLabelValues(kind, word).Inc()
}

// Reconciled notes that the periodic comparison went through.
func (t *Telemetry) Reconciled(at time.Time) { t.gauges.reconciled.Set(float64(at.Unix())) }

// TokenExpires notes when the first of the webhooks' tokens ends.
func (t *Telemetry) TokenExpires(at time.Time) { t.gauges.token.Set(float64(at.Unix())) }

// Upkeep notes how many things could not be mended.
func (t *Telemetry) Upkeep(problems int) { t.gauges.upkeep.Set(float64(problems)) }

// stateCollector asks for the figures at each scrape.
type stateCollector struct{ state State }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("fftconnect_"+name, help, labels, nil)
}

var (
	deferredDesc = describe("deferred_events", "Events in the store that will be tried again.")
	deadDesc     = describe("dead_letters", "Events in the store that somebody must look at.")
	oldestDesc   = describe("oldest_deferred_seconds", "Age of the oldest event that will be tried again; 0 when there is none.")
	droppedDesc  = describe("journal_dropped_total", "Journal rows that could not be written.")
	storeDesc    = describe("store_up", "Whether the store answers.")
	circuitDesc  = describe("circuit_open", "Whether the platform is left alone because it failed too often.", "platform")
	blockedDesc  = describe("blocked_operations", "Operations that credentials, scopes or permissions do not allow.", "platform", "operation")
)

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{deferredDesc, deadDesc, oldestDesc, droppedDesc, storeDesc, circuitDesc, blockedDesc} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	if c.state.Queue != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		queue, err := c.state.Queue(ctx)
		if err != nil {
			gauge(storeDesc, 0)
		} else {
			gauge(storeDesc, 1)
			gauge(deferredDesc, float64(queue.Deferred))
			gauge(deadDesc, float64(queue.Dead))
			age := 0.0
			if !queue.Oldest.IsZero() {
				age = time.Since(queue.Oldest).Seconds()
			}
			gauge(oldestDesc, age)
			to <- prometheus.MustNewConstMetric(droppedDesc, prometheus.CounterValue, float64(queue.JournalDropped))
		}
	}
	for platform, circuit := range c.state.Circuits {
		open := 0.0
		if _, is := circuit.Open(); is {
			open = 1
		}
		gauge(circuitDesc, open, platform)
	}
	if c.state.Blocked != nil {
		for _, b := range c.state.Blocked() {
			gauge(blockedDesc, 1, b.Platform, b.Operation)
		}
	}
}
