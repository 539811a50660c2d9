package telemetry_test

import (
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql/parser"

	"fftconnect/internal/telemetry"
)

var update = flag.Bool("update", false, "copy the dashboard and the alert rules into the Helm chart")

// known are the labels of every metric that exists, by its name as Prometheus stores it.
func knownMetrics(t *testing.T) map[string][]string {
	t.Helper()
	m := telemetry.New(slog.New(slog.DiscardHandler), "test", nil)
	m.Watch(telemetry.State{})
	descriptions := make(chan *prometheus.Desc)
	go func() {
		defer close(descriptions)
		m.Metrics().(prometheus.Collector).Describe(descriptions)
	}()
	described := regexp.MustCompile(`fqName: "(\w+)".*variableLabels: \{([^}]*)\}\}$`)
	known := map[string][]string{}
	for description := range descriptions {
		match := described.FindStringSubmatch(description.String())
		if match == nil {
			t.Fatalf("%s is not understood", description)
		}
		labels := []string{"job", "instance"}
		if match[2] != "" {
			labels = append(labels, strings.Split(match[2], ",")...)
		}
		known[match[1]] = labels
		known[match[1]+"_bucket"] = append(slices.Clone(labels), "le")
	}
	return known
}

// checkExpression looks whether every metric and every label of an expression exists.
func checkExpression(t *testing.T, where, text string, known map[string][]string) {
	t.Helper()
	text = strings.NewReplacer("$__rate_interval", "5m", "$job", ".*").Replace(text)
	expression, err := parser.ParseExpr(text)
	if err != nil {
		t.Errorf("%s: %s: %v", where, text, err)
		return
	}
	var there []string // labels of its metrics
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		labels, exists := known[selector.Name]
		if !exists {
			t.Errorf("%s: there is no metric %s", where, selector.Name)
		}
		for _, matcher := range selector.LabelMatchers {
			if matcher.Name != "__name__" && !slices.Contains(labels, matcher.Name) {
				t.Errorf("%s: %s has no label %s", where, selector.Name, matcher.Name)
			}
		}
		there = append(there, labels...)
		return nil
	})
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		if aggregate, ok := node.(*parser.AggregateExpr); ok {
			for _, label := range aggregate.Grouping {
				if !slices.Contains(there, label) {
					t.Errorf("%s: no metric has the label %s", where, label)
				}
			}
		}
		return nil
	})
}

// TestTheDashboardShowsMetricsThatExist, all of them but a few.
func TestTheDashboardShowsMetricsThatExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../deploy/grafana/fftconnect.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			ID      int    `json:"id"`
			Title   string `json:"title"`
			Type    string `json:"type"`
			Targets []struct {
				Expr   string `json:"expr"`
				Legend string `json:"legendFormat"`
			} `json:"targets"`
		} `json:"panels"`
		Annotations struct {
			List []struct {
				Expr string `json:"expr"`
			} `json:"list"`
		} `json:"annotations"`
		Templating struct {
			List []struct {
				Type, Query string
			} `json:"list"`
		} `json:"templating"`
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	known, ids, shown := knownMetrics(t), map[int]bool{}, ""
	for _, panel := range dashboard.Panels {
		if ids[panel.ID] || panel.Title == "" || (len(panel.Targets) == 0) != (panel.Type == "row") {
			t.Errorf("panel %d, %q, is there twice or empty", panel.ID, panel.Title)
		}
		ids[panel.ID] = true
		for _, target := range panel.Targets {
			checkExpression(t, panel.Title, target.Expr, known)
			shown += " " + target.Expr
			for _, label := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(target.Legend, -1) {
				if label[1] != "instance" && !strings.Contains(target.Expr, label[1]) {
					t.Errorf("%s: the legend's %s is not in %s", panel.Title, label[1], target.Expr)
				}
			}
		}
	}
	for _, annotation := range dashboard.Annotations.List {
		checkExpression(t, "annotation", annotation.Expr, known)
		shown += " " + annotation.Expr
	}
	for _, variable := range dashboard.Templating.List {
		if match := regexp.MustCompile(`^label_values\((\w+), (\w+)\)$`).FindStringSubmatch(variable.Query); variable.Type == "query" && (match == nil || !slices.Contains(known[match[1]], match[2])) {
			t.Errorf("the variable's %s asks for nothing that exists", variable.Query)
		}
	}
	for name := range known {
		leftOut := []string{"fftconnect_shadow", "fftconnect_shadow_differences_total", "fftconnect_reconcile_interval_seconds", "fftconnect_webhook_token_lifetime_seconds"}
		if strings.HasPrefix(name, "fftconnect_") && !strings.HasSuffix(name, "_bucket") && !strings.Contains(shown, name) && !slices.Contains(leftOut, name) {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// TestAlertRulesAreOfMetricsThatExist, and each has a runbook.
func TestAlertRulesAreOfMetricsThatExist(t *testing.T) {
	t.Parallel()
	runbook, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for line := range strings.Lines(string(runbook)) {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			headings["docs/operations.md#"+strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "-")] = true
		}
	}
	known := knownMetrics(t)
	known["process_start_time_seconds"] = []string{"job", "instance"}
	for name, rule := range alertRules(t) {
		checkExpression(t, name, rule.Expr, known)
		if !headings[rule.Annotations["runbook_url"]] || rule.Annotations["summary"] == "" || rule.Annotations["action"] == "" || rule.Labels["severity"] == "" {
			t.Errorf("%s: %v", name, rule.Annotations)
		}
	}
}

// TestTheChartHasTheSameDashboardAndRules: Helm takes no files from outside of a chart.
func TestTheChartHasTheSameDashboardAndRules(t *testing.T) {
	t.Parallel()
	for original, copied := range map[string]string{"grafana/fftconnect.json": "dashboard.json", "alerts.yaml": "alerts.yaml"} {
		want, err := os.ReadFile("../../deploy/" + original)
		if err != nil {
			t.Fatal(err)
		}
		path := "../../deploy/helm/fftconnect/files/" + copied
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
			t.Errorf("%s is not deploy/%s: run go test ./internal/telemetry -run Chart -update: %v", path, original, err)
		}
	}
}
