package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
	"go.yaml.in/yaml/v4"

	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/telemetry"
)

// alertRule is one of deploy/alerts.yaml.
type alertRule struct {
	Alert string `yaml:"alert"`
	Expr  string `yaml:"expr"`
	For   string `yaml:"for"`

	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func alertRules(t *testing.T) map[string]alertRule {
	t.Helper()
	text, err := os.ReadFile("../../deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []alertRule `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	rules := map[string]alertRule{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			rules[strings.TrimPrefix(rule.Alert, "Fftconnect")] = rule
		}
	}
	return rules
}

// scene is a connector's metrics, scraped once a minute by a Prometheus with one rule.
type scene struct {
	t            *testing.T
	m            *telemetry.Telemetry
	queue        telemetry.Queue
	storeErr     error
	installation telemetry.Installation
	blocked      []remote.Blockage
	paused       []outcome.Flow
	late         telemetry.Late
	failing      bool // commercetools fails
	circuit      *remote.Circuit
	reconciles   bool
	series       map[string]*history
	rule         alertRule
	engine       *promql.Engine
	since        time.Time // when the rule's condition began to hold; zero while it does not
}

// history is a series' samples.
type history struct {
	labels  labels.Labels
	samples []chunks.Sample
}

type sample struct {
	at    int64
	value float64
}

func (s sample) T() int64                      { return s.at }
func (s sample) ST() int64                     { return 0 }
func (s sample) F() float64                    { return s.value }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }

func newScene(t *testing.T, rule alertRule, shadow bool) *scene {
	s := &scene{
		t: t, m: telemetry.New(slog.New(slog.DiscardHandler), "test", nil), circuit: remote.NewCircuit(func(remote.CircuitState) {}),
		reconciles: true, series: map[string]*history{}, rule: rule,
		installation: telemetry.Installation{TokenExpires: time.Now().Add(300 * 24 * time.Hour), TokenLife: 365 * 24 * time.Hour},
		engine:       promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute}),
	}
	s.startNow()
	if shadow {
		s.m.SetShadowMode()
	}
	s.m.SetReconcileInterval(time.Minute)
	s.m.Expect("missing")
	s.m.ExpectNotification("slack")
	s.m.ExpectMessage(outcome.Export, "OrderCreated")
	s.m.Watch(telemetry.State{
		Queue:        func(context.Context) (telemetry.Queue, error) { return s.queue, s.storeErr },
		Installation: func(context.Context) telemetry.Installation { return s.installation },
		Late:         func(context.Context) (telemetry.Late, error) { return s.late, nil },
		Blocked:      func() []remote.Blockage { return s.blocked },
		Paused:       func(context.Context) []outcome.Flow { return s.paused },
		Circuits:     map[string]*remote.Circuit{"commercetools": s.circuit},
	})
	return s
}

// startNow has the process start in fake time. What else there is about the process is left
// out: asking the system for it each minute would take most of the test's time.
func (s *scene) startNow() {
	registry := s.m.Metrics().(*prometheus.Registry)
	registry.Unregister(collectors.NewGoCollector())
	registry.Unregister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	started := prometheus.NewGauge(prometheus.GaugeOpts{Name: "process_start_time_seconds", Help: "Start time of the process since unix epoch in seconds."})
	started.SetToCurrentTime()
	registry.MustRegister(started)
}

// pass lets time pass, with something done each minute, and reports whether the alert
// fires at its end. It waits in fake time.
func (s *scene) pass(d time.Duration, each func()) (fires bool) {
	hold, _ := time.ParseDuration(s.rule.For)
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(time.Minute)
		if each != nil {
			each()
		}
		if s.reconciles {
			s.m.SetReconciled(time.Now())
		}
		s.scrape()
		switch holds := s.holds(); {
		case !holds:
			s.since = time.Time{}
		case s.since.IsZero():
			s.since = time.Now()
		}
		fires = !s.since.IsZero() && time.Since(s.since) >= hold
	}
	return fires
}

// scrape takes a sample of every series that the rule is about; one that is gone gets a mark.
func (s *scene) scrape() {
	seen := map[string]bool{}
	defer func() {
		for key, of := range s.series {
			if !seen[key] {
				of.samples = append(of.samples, sample{time.Now().UnixMilli(), math.Float64frombits(value.StaleNaN)})
			}
		}
	}()
	families, err := s.m.Metrics().Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	now := time.Now().UnixMilli()
	for _, family := range families {
		if !strings.Contains(s.rule.Expr, family.GetName()) {
			continue
		}
		for _, metric := range family.GetMetric() {
			key := family.GetName() + fmt.Sprint(metric.GetLabel())
			seen[key] = true
			if s.series[key] == nil {
				all := []string{"__name__", family.GetName(), "job", "fftconnect", "instance", "one"}
				for _, label := range metric.GetLabel() {
					all = append(all, label.GetName(), label.GetValue())
				}
				s.series[key] = &history{labels: labels.FromStrings(all...)}
			}
			figure := metric.GetCounter().GetValue() + metric.GetGauge().GetValue() // it is one of them
			s.series[key].samples = append(s.series[key].samples, sample{now, figure})
		}
	}
}

// holds evaluates the rule's expression.
func (s *scene) holds() bool {
	query, err := s.engine.NewInstantQuery(s.t.Context(), s, nil, s.rule.Expr, time.Now())
	if err != nil {
		s.t.Fatalf("%s: %v", s.rule.Alert, err)
	}
	defer query.Close()
	result := query.Exec(s.t.Context())
	vector, err := result.Vector()
	if err != nil {
		s.t.Fatalf("%s: %v", s.rule.Alert, err)
	}
	return len(vector) > 0
}

// Querier implements storage.Queryable.
func (s *scene) Querier(_, _ int64) (storage.Querier, error) {
	return &storage.MockQuerier{SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		found := &selected{}
		for _, of := range s.series {
			if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(of.labels.Get(m.Name)) }) {
				found.all = append(found.all, storage.NewListSeries(of.labels, of.samples))
			}
		}
		return found
	}}, nil
}

// selected implements storage.SeriesSet.
type selected struct {
	all []storage.Series
	at  int
}

func (s *selected) Next() bool                        { s.at++; return s.at <= len(s.all) }
func (s *selected) At() storage.Series                { return s.all[s.at-1] }
func (s *selected) Err() error                        { return nil }
func (s *selected) Warnings() annotations.Annotations { return nil }

// trouble is what makes an alert fire, and what clears it.
type trouble struct {
	begin, each, end func(s *scene)
	lasts, clears    time.Duration // until the alert fires, until it is over; both at most
}

const day = 24 * time.Hour

var troubles = map[string]trouble{
	"OrdersNeedAttention": {
		begin: func(s *scene) { s.queue.Dead = 2 }, lasts: 3 * time.Minute,
		end: func(s *scene) { s.queue.Dead = 0 }, clears: time.Minute,
	},
	"MessagesRejected": {
		begin: func(s *scene) { s.m.Record(context.Background(), entry(outcome.Rejected, "o-1")) }, lasts: 2 * time.Minute, clears: 20 * time.Minute,
	},
	"OrderTwice": {begin: func(s *scene) { s.m.CountDouble(true) }, lasts: 2 * time.Minute, clears: 20 * time.Minute},
	"BacklogAges": {
		begin: func(s *scene) { s.queue.Deferred, s.queue.Oldest = 1, time.Now() }, lasts: 70 * time.Minute,
		end: func(s *scene) { s.queue = telemetry.Queue{} }, clears: time.Minute,
	},
	"Blocked": {
		begin: func(s *scene) {
			s.blocked = []remote.Blockage{{Platform: "fulfillmenttools", Operation: "unlock order"}}
		}, lasts: 5 * time.Minute,
		end: func(s *scene) { s.blocked = nil }, clears: time.Minute,
	},
	"Paused": {
		begin: func(s *scene) { s.paused = []outcome.Flow{outcome.Export} }, lasts: 65 * time.Minute,
		end: func(s *scene) { s.paused = nil }, clears: time.Minute,
	},
	"OrdersLate": {
		begin: func(s *scene) { s.late.ByReason = map[string]int{"NOT_PICKED": 1} }, lasts: 35 * time.Minute,
		end: func(s *scene) { s.late.ByReason["NOT_PICKED"] = 0 }, clears: time.Minute,
	},
	"PlatformAway": {
		begin: func(s *scene) { s.failing = true }, each: (*scene).call, lasts: 15 * time.Minute,
		end: func(s *scene) { s.failing = false }, clears: 15 * time.Minute,
	},
	"StoreAway": {
		begin: func(s *scene) { s.storeErr = errors.New("away") }, lasts: 4 * time.Minute,
		end: func(s *scene) { s.storeErr = nil }, clears: time.Minute,
	},
	"TokenEnds": {
		begin: func(s *scene) { s.installation.TokenExpires = time.Now().Add(13 * day) }, lasts: 2 * time.Minute,
		end: func(s *scene) { s.installation.TokenExpires = time.Now().Add(364 * day) }, clears: time.Minute,
	},
	"InstallationBroken": {
		begin: func(s *scene) { s.installation.Problems = 1 }, lasts: 125 * time.Minute,
		end: func(s *scene) { s.installation.Problems = 0 }, clears: time.Minute,
	},
	"NotReconciled": {
		begin: func(s *scene) { s.reconciles = false }, lasts: 2 * time.Hour,
		end: func(s *scene) { s.reconciles = true }, clears: time.Minute,
	},
	"DifferencesStay": {
		begin: func(s *scene) { s.m.CountFinding("missing", telemetry.NotRepaired) }, lasts: 2 * time.Minute, clears: 65 * time.Minute,
	},
	"NotificationsFail": {
		begin: func(s *scene) {
			for range 4 {
				s.m.Notification("slack", false)
			}
		}, lasts: 2 * time.Minute, clears: 35 * time.Minute,
	},
	"Unauthorized": {
		begin: func(s *scene) {
			for range 12 {
				s.m.Unauthorized(outcome.Feedback, "no bearer token")
			}
		}, lasts: 2 * time.Minute, clears: 20 * time.Minute,
	},
}

// RoundTrip is commercetools' answer.
func (s *scene) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	if s.failing {
		recorder.WriteHeader(http.StatusServiceUnavailable)
	}
	response := recorder.Result()
	response.Request = r
	return response, nil
}

// call is what a minute's messages call.
func (s *scene) call() {
	transport := remote.NewTransport(remote.Options{Platform: "commercetools", Base: s, Circuit: s.circuit, Attempts: 1})
	for range 30 {
		ctx := remote.WithOperation(s.t.Context(), remote.Operation{Name: "read order"})
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example/orders", nil)
		if err != nil {
			s.t.Fatal(err)
		}
		if response, err := transport.RoundTrip(request); err == nil {
			_ = response.Body.Close()
		}
	}
}

// TestEveryAlertFiresAndClears, and none in shadow mode.
func TestEveryAlertFiresAndClears(t *testing.T) {
	t.Parallel()
	rules := alertRules(t)
	for name := range rules {
		if _, ok := troubles[name]; !ok {
			t.Errorf("%s has nothing that makes it fire", name)
		}
	}
	for name, trouble := range troubles {
		for _, shadow := range []bool{false, true} {
			t.Run(name+map[bool]string{true: " in shadow mode"}[shadow], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t, rules[name], shadow)
					each := func() {
						if trouble.each != nil {
							trouble.each(s)
						}
					}
					if s.pass(10*time.Minute, each) {
						t.Error("it fires while all is well")
					}
					trouble.begin(s)
					if fires := s.pass(trouble.lasts, each); fires == shadow {
						t.Errorf("in trouble it fires: %v", fires)
					}
					if trouble.end != nil {
						trouble.end(s)
					}
					if s.pass(trouble.clears, each) {
						t.Error("it fires although the trouble is over")
					}
				})
			})
		}
	}
}

func TestTokensOfAShortLifeAlertInTheirLastEighth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, alertRules(t)["TokenEnds"], false)
		s.installation = telemetry.Installation{TokenLife: 80 * time.Minute, TokenExpires: time.Now().Add(80 * time.Minute)}
		if s.pass(69*time.Minute, nil) {
			t.Error("it fires before its time")
		}
		if !s.pass(3*time.Minute, nil) {
			t.Error("it does not fire")
		}
		s.installation.TokenExpires = time.Time{}
		if s.pass(time.Minute, nil) {
			t.Error("it fires although nothing is known")
		}
	})
}

func TestVisitsThatAreRareByDesignDoNotAlert(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, alertRules(t)["NotReconciled"], false)
		s.m.SetReconcileInterval(time.Hour)
		s.m.SetReconciled(time.Now())
		s.reconciles = false
		if s.pass(2*time.Hour, nil) {
			t.Error("it fires after twice their interval")
		}
		if !s.pass(time.Hour+2*time.Minute, nil) {
			t.Error("no visit for longer says nothing")
		}
	})
}
