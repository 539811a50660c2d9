package telemetry

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Queue is what the store holds.
type Queue struct {
	Deferred, Dead int
	Oldest         time.Time // of the deferred ones; zero when there is none
	JournalDropped int64
	Unwritable     bool // it can be read, perhaps, but takes nothing
}

// Installation is how its last upkeep left the installation.
type Installation struct {
	Problems     int       // that it could not fix
	TokenExpires time.Time // when the first of the webhooks' tokens ends; zero: not known
	TokenLife    time.Duration
}

// Late is how many orders are late.
type Late struct {
	ByReason map[string]int
	Open     int // orders that are not finished; -1: nobody counts them
}

// State is what is asked for when somebody looks: it is never collected ahead.
type State struct {
	Late         func(ctx context.Context) (Late, error)  // may be nil
	Queue        func(ctx context.Context) (Queue, error) // nil without a store
	Installation func(ctx context.Context) Installation
	Blocked      func() []remote.Blockage
	Paused       func(ctx context.Context) []outcome.Flow // directions that somebody has paused
	Circuits     map[string]*remote.Circuit               // by platform
}

// gauges are set when something happens.
type gauges struct {
	findings   *prometheus.CounterVec
	doubles    *prometheus.CounterVec
	reconciled prometheus.Gauge
	interval   prometheus.Gauge
	shadowMode prometheus.Gauge
	shadow     *prometheus.CounterVec
}

func newGauges() gauges {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "fftconnect", Name: name, Help: help})
	}
	doubles := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "fftconnect", Name: "doubles_total", Help: "Orders that existed twice in fulfillmenttools, by whether one of the two could be cancelled.",
	}, []string{"settled"})
	doubles.WithLabelValues("yes") // from zero, or its first rise does not show
	doubles.WithLabelValues("no")
	return gauges{
		doubles: doubles,
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "fftconnect", Name: "reconcile_findings_total", Help: "Differences between the platforms that were found, by kind and whether they were repaired: yes, no, or only reported.",
		}, []string{"kind", "repaired"}),
		shadow: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "fftconnect", Name: "shadow_differences_total", Help: "In shadow mode, fields that differ from what the other connector wrote, by direction and kind.",
		}, []string{"flow", "kind"}),
		reconciled: gauge("reconcile_last_success_timestamp_seconds", "When the visits of open orders that were due last went through."),
		interval:   gauge("reconcile_interval_seconds", "How often that happens: without a store, the time between the last two calls of POST /job."),
		shadowMode: gauge("shadow", "Whether nothing is written: shadow mode."),
	}
}

// Watch shows a state's figures among the metrics. It is called once.
func (t *Telemetry) Watch(state State) {
	t.registry.MustRegister(&stateCollector{state: state})
}

// Expect starts the counts of a kind of differences at zero: Prometheus takes a
// count that appears as one that did not rise.
func (t *Telemetry) Expect(kind string) {
	for _, repaired := range []Repair{Repaired, NotRepaired, OnlyReported} {
		t.gauges.findings.WithLabelValues(kind, string(repaired))
	}
}

// ExpectMessage starts the counts that alerts look at, of a type of message, at zero for
// the same reason.
func (t *Telemetry) ExpectMessage(flow outcome.Flow, name string) {
	for _, kind := range outcome.Kinds {
		if kind.NeedsAttention() {
			t.messages.WithLabelValues(string(flow), name, string(kind))
		}
	}
}

// Repair is what became of a difference between the platforms.
type Repair string

const (
	// Repaired: it is no more.
	Repaired Repair = "yes"
	// NotRepaired: it could not be.
	NotRepaired Repair = "no"
	// OnlyReported: nobody tried.
	OnlyReported Repair = "only reported"
)

// CountFinding counts a difference between the platforms.
func (t *Telemetry) CountFinding(kind string, repaired Repair) {
	t.gauges.findings.WithLabelValues(kind, string(repaired)).Inc()
}

// CountDouble counts an order that exists twice in fulfillmenttools.
func (t *Telemetry) CountDouble(settled bool) {
	word := "no"
	if settled {
		word = "yes"
	}
	t.gauges.doubles.WithLabelValues(word).Inc()
}

// SetReconciled notes that the periodic comparison went through.
func (t *Telemetry) SetReconciled(at time.Time) { t.gauges.reconciled.Set(float64(at.Unix())) }

// SetReconcileInterval notes how often the periodic comparison is to be expected.
func (t *Telemetry) SetReconcileInterval(interval time.Duration) {
	t.gauges.interval.Set(interval.Seconds())
}

// SetShadowMode notes that nothing is written: whatever goes wrong then is no reason to wake
// anybody.
func (t *Telemetry) SetShadowMode() { t.gauges.shadowMode.Set(1) }

// ExpectDifference starts the count of a kind of differences in shadow mode at zero.
func (t *Telemetry) ExpectDifference(flow outcome.Flow, kind string) {
	t.gauges.shadow.WithLabelValues(string(flow), kind)
}

// CountDifference counts a field in which another connector's work differs from what ours
// would be.
func (t *Telemetry) CountDifference(flow outcome.Flow, kind string) {
	t.gauges.shadow.WithLabelValues(string(flow), kind).Inc()
}

// stateCollector asks for the figures at each scrape.
type stateCollector struct{ state State }

func newDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("fftconnect_"+name, help, labels, nil)
}

var (
	lateDesc     = newDesc("late_orders", "Orders that are late, by why.", "reason")
	openDesc     = newDesc("open_orders", "Orders that were exported and are not finished.")
	deferredDesc = newDesc("deferred_events", "Events in the store that will be tried again.")
	deadDesc     = newDesc("dead_letters", "Events in the store that somebody must look at.")
	oldestDesc   = newDesc("oldest_deferred_seconds", "Age of the oldest event that will be tried again; 0 when there is none.")
	droppedDesc  = newDesc("journal_dropped_total", "Journal rows that could not be written.")
	storeDesc    = newDesc("store_up", "Whether the store answers, and takes what is written.")
	circuitDesc  = newDesc("circuit_open", "Whether the platform is left alone because it failed too often.", "platform")
	tokenDesc    = newDesc("webhook_token_expiry_timestamp_seconds", "When the first of the webhooks' tokens ends; 0 when that is not known.")
	lifeDesc     = newDesc("webhook_token_lifetime_seconds", "How long a webhook's token is good for (JWT_LIFETIME); renewed in the last quarter.")
	upkeepDesc   = newDesc("upkeep_problems", "Subscriptions, webhooks and types that are not as they should be and could not be fixed.")
	pausedDesc   = newDesc("paused", "Whether somebody has paused the direction: its senders keep their messages.", "flow")
	blockedDesc  = newDesc("blocked_operations", "Operations that credentials, scopes or permissions do not allow.", "platform", "operation")
)

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{lateDesc, openDesc, deferredDesc, deadDesc, oldestDesc, droppedDesc, storeDesc, tokenDesc, lifeDesc, upkeepDesc, circuitDesc, blockedDesc, pausedDesc} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if c.state.Installation != nil {
		installation := c.state.Installation(ctx)
		gauge(upkeepDesc, float64(installation.Problems))
		gauge(tokenDesc, unixOrZero(installation.TokenExpires))
		gauge(lifeDesc, installation.TokenLife.Seconds())
	}
	if c.state.Late != nil {
		if late, err := c.state.Late(ctx); err == nil {
			for reason, n := range late.ByReason {
				gauge(lateDesc, float64(n), reason)
			}
			if late.Open >= 0 {
				gauge(openDesc, float64(late.Open))
			}
		}
	}
	if c.state.Queue != nil {
		queue, err := c.state.Queue(ctx)
		if err != nil || queue.Unwritable {
			gauge(storeDesc, 0)
		} else {
			gauge(storeDesc, 1)
		}
		if err == nil {
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
	if c.state.Paused != nil {
		paused := c.state.Paused(ctx)
		for _, flow := range []outcome.Flow{outcome.Export, outcome.Feedback} {
			value := 0.0
			if slices.Contains(paused, flow) {
				value = 1
			}
			gauge(pausedDesc, value, string(flow))
		}
	}
	if c.state.Blocked != nil {
		for _, b := range c.state.Blocked() {
			gauge(blockedDesc, 1, b.Platform, b.Operation)
		}
	}
}

// unixOrZero is in Unix seconds; 0 when there is none.
func unixOrZero(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.Unix())
}
