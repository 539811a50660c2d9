package telemetry_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/template"
	"go.yaml.in/yaml/v4"
)

// ruleTest is one of deploy/alerts_test.yaml, in promtool's format.
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
type ruleTest struct {
	Name        string `yaml:"name"`
	Interval    string `yaml:"interval"`
	InputSeries []struct {
		Series string `yaml:"series"`
		Values string `yaml:"values"`
	} `yaml:"input_series"`
	AlertRuleTest []struct {
		EvalTime  string          `yaml:"eval_time"`
		Alertname string          `yaml:"alertname"`
		ExpAlerts []expectedAlert `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

type expectedAlert struct {
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations"`
}

// madeUp are series of a test, and an engine that looks at them.
type madeUp struct {
	t      *testing.T
	scene  *scene
	active map[string]time.Time // since when a rule's condition holds, by its labels
}

func newMadeUp(t *testing.T, test ruleTest) *madeUp {
	t.Helper()
	interval, err := time.ParseDuration(test.Interval)
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, series: map[string]*history{}, engine: promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute})}
	for _, input := range test.InputSeries {
		of, values, err := parser.ParseSeriesDesc(input.Series + " " + input.Values)
		if err != nil {
			t.Fatalf("%s: %v", input.Series, err)
		}
		series := &history{labels: of}
		for i, v := range values {
			if !v.Omitted {
				series.samples = append(series.samples, sample{at: (time.Duration(i) * interval).Milliseconds(), value: v.Value})
			}
		}
		s.series[of.String()] = series
	}
	return &madeUp{t: t, scene: s, active: map[string]time.Time{}}
}

// firing evaluates a rule at a time, as Prometheus does each minute, and gives what fires.
func (m *madeUp) firing(rule alertRule, at time.Time) (firing []expectedAlert) {
	query, err := m.scene.engine.NewInstantQuery(m.t.Context(), m.scene, nil, rule.Expr, at)
	if err != nil {
		m.t.Fatalf("%s: %v", rule.Alert, err)
	}
	defer query.Close()
	vector, err := query.Exec(m.t.Context()).Vector()
	if err != nil {
		m.t.Fatalf("%s: %v", rule.Alert, err)
	}
	hold, _ := time.ParseDuration(rule.For)
	there := map[string]bool{}
	for _, sample := range vector {
		key := sample.Metric.String()
		there[key] = true
		if _, known := m.active[key]; !known {
			m.active[key] = at
		}
		if at.Sub(m.active[key]) >= hold {
			firing = append(firing, m.alert(rule, sample, at))
		}
	}
	maps.DeleteFunc(m.active, func(key string, _ time.Time) bool { return !there[key] })
	return firing
}

// alert is what Prometheus makes of a rule's result.
func (m *madeUp) alert(rule alertRule, sample promql.Sample, at time.Time) expectedAlert {
	alert := expectedAlert{Labels: maps.Clone(rule.Labels), Annotations: map[string]string{}}
	sample.Metric.Range(func(l labels.Label) {
		if l.Name != "__name__" {
			alert.Labels[l.Name] = l.Value
		}
	})
	data := template.AlertTemplateData(sample.Metric.Map(), nil, "", sample)
	const words = "{{$labels := .Labels}}{{$value := .Value}}"
	for name, text := range rule.Annotations {
		expander := template.NewTemplateExpander(m.t.Context(), words+text, rule.Alert, data, model.TimeFromUnixNano(at.UnixNano()),
			func(context.Context, string, time.Time) (promql.Vector, error) { return nil, nil }, nil, nil)
		expanded, err := expander.Expand()
		if err != nil {
			m.t.Errorf("%s: %s: %v", rule.Alert, name, err)
		}
		alert.Annotations[name] = expanded
	}
	return alert
}

// TestAlertRulesAsPromtoolTestsThem runs what people can run with promtool test rules.
func TestAlertRulesAsPromtoolTestsThem(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../deploy/alerts_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tests []ruleTest `yaml:"tests"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	rules := alertRules(t)
	fired := map[string]bool{}
	for _, test := range file.Tests {
		for _, want := range test.AlertRuleTest {
			rule, ok := rules[strings.TrimPrefix(want.Alertname, "Fftconnect")]
			until, err := time.ParseDuration(want.EvalTime)
			if !ok || err != nil {
				t.Fatalf("%s: no rule %s, or no time %s", test.Name, want.Alertname, want.EvalTime)
			}
			made := newMadeUp(t, test)
			var got []expectedAlert
			for at := time.Duration(0); at <= until; at += time.Minute {
				got = made.firing(rule, time.UnixMilli(0).Add(at))
			}
			if fmt.Sprint(got) != fmt.Sprint(want.ExpAlerts) {
				t.Errorf("%s after %s\n got %v\nwant %v", test.Name, want.EvalTime, got, want.ExpAlerts)
			}
			fired[rule.Alert] = fired[rule.Alert] || len(want.ExpAlerts) > 0
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if !fired["Fftconnect"+name] {
			t.Errorf("%s fires in no test", name)
		}
	}
}
