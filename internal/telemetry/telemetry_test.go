package telemetry_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/telemetry"
)

func scrape(t *testing.T, of *telemetry.Telemetry) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	of.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d", recorder.Code)
	}
	return recorder.Body.String()
}

func entry(kind outcome.Kind, order string) outcome.Entry {
	return outcome.Entry{
		Result: outcome.Result{Kind: kind, Order: order, Reason: "because"},
		At:     time.Now(), Flow: outcome.Export, Type: "OrderCreated", EventID: "event of " + order, Duration: time.Millisecond, Calls: 3,
	}
}

func quiet() *telemetry.Telemetry {
	return telemetry.New(slog.New(slog.DiscardHandler), "1.2.3", nil)
}

func TestEveryMetricHasItsNameAndLabels(t *testing.T) {
	t.Parallel()
	m := quiet()
	m.Record(t.Context(), entry(outcome.Applied, "o-1"))
	m.Record(t.Context(), outcome.Entry{Flow: outcome.Feedback, Type: "ORDER_CREATED", Result: outcome.Result{Kind: outcome.Applied, Notes: []string{"type x lacks y"}, Incomplete: true}})
	m.Record(t.Context(), outcome.Entry{Flow: outcome.Feedback, Type: "ORDER_CREATED", Result: outcome.Result{Kind: outcome.Applied, Notes: []string{"a note of something else"}}})
	m.Call(remote.Call{Platform: "commercetools", Operation: "read order", Status: 200, Took: time.Millisecond})
	m.Call(remote.Call{Platform: "fulfillmenttools", Operation: "create order"})
	m.Unauthorized(outcome.Export, "no bearer token")
	end := m.Begin()
	text := scrape(t, m)
	for _, line := range []string{
		`fftconnect_messages_total{flow="export",outcome="applied",type="OrderCreated"} 1`,
		`fftconnect_message_seconds_count{flow="export"} 1`,
		`fftconnect_api_calls_total{operation="read order",platform="commercetools",status="200"} 1`,
		`fftconnect_api_calls_total{operation="create order",platform="fulfillmenttools",status="none"} 1`,
		`fftconnect_api_call_seconds_count{operation="read order",platform="commercetools"} 1`,
		`fftconnect_unauthorized_total{flow="export"} 1`,
		`fftconnect_incomplete_updates_total 1`,
		`fftconnect_messages_in_flight 1`,
		`fftconnect_build_info{version="1.2.3"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
	end()
	if !strings.Contains(scrape(t, m), "fftconnect_messages_in_flight 0\n") {
		t.Error("a message that has ended is still in flight")
	}
	for _, metric := range []string{"process_start_time_seconds", "process_resident_memory_bytes", "go_goroutines"} {
		if !strings.Contains(text, "\n"+metric+" ") {
			t.Errorf("missing: %s", metric)
		}
	}
	named := regexp.MustCompile(`(?m)^# HELP (fftconnect_\S+) ?(.*)$`)
	for _, metric := range named.FindAllStringSubmatch(text, -1) {
		if metric[2] == "" {
			t.Errorf("%s does not say what it is", metric[1])
		}
	}
}

// TestLabelsDoNotGrowWithOrders: a label whose values grow with the traffic would
// make Prometheus' memory grow with it.
func TestLabelsDoNotGrowWithOrders(t *testing.T) {
	t.Parallel()
	m := quiet()
	series := func() int { return strings.Count(scrape(t, m), "\nfftconnect_") }
	round := func(n int) {
		for i := range n {
			for _, kind := range outcome.Kinds {
				one := entry(kind, fmt.Sprint("order ", i))
				one.Reason, one.Hint, one.Notes = fmt.Sprint("reason ", i), fmt.Sprint("hint ", i), []string{fmt.Sprint("note ", i)}
				m.Record(t.Context(), one)
			}
			m.Unauthorized(outcome.Feedback, fmt.Sprint("reason ", i))
		}
	}
	round(1)
	before := series()
	round(300)
	if after := series(); after != before {
		t.Errorf("%d series became %d", before, after)
	}
	if text := scrape(t, m); strings.Contains(text, "order 7") || strings.Contains(text, "reason 7") {
		t.Error("an order or a reason is a label")
	}
}

func TestAttentionIsBoundedAndNewestFirst(t *testing.T) {
	t.Parallel()
	m := quiet()
	if got := m.Attention(); got == nil || len(got) > 0 {
		t.Errorf("at the start: %v, want an empty list", got)
	}
	for i := range 450 {
		kind := outcome.Rejected
		if i%2 == 1 {
			kind = outcome.Refused
		}
		m.Record(t.Context(), entry(kind, fmt.Sprint(i)))
		m.Record(t.Context(), entry(outcome.Applied, "fine"))
		m.Record(t.Context(), entry(outcome.Deferred, "later"))
	}
	problems := m.Attention()
	if len(problems) != 200 {
		t.Fatalf("%d problems are kept, want 200", len(problems))
	}
	for i, problem := range problems {
		if problem.Order != fmt.Sprint(449-i) {
			t.Fatalf("place %d: order %s, want %d", i, problem.Order, 449-i)
		}
	}
	first := problems[0]
	if first.Outcome != outcome.Refused || first.Reason != "because" || first.EventID != "event of 449" || first.Flow != outcome.Export {
		t.Errorf("a problem lost something: %+v", first)
	}
}

func TestOneLineAMessageWithTheLevelOfItsOutcome(t *testing.T) {
	t.Parallel()
	for kind, level := range map[outcome.Kind]string{
		outcome.Applied: "INFO", outcome.Unchanged: "INFO", outcome.Ignored: "INFO",
		outcome.Deferred: "WARN", outcome.Returned: "WARN", outcome.Rejected: "ERROR", outcome.Refused: "ERROR",
	} {
		var logs bytes.Buffer
		m := telemetry.New(slog.New(slog.NewJSONHandler(&logs, nil)), "test", nil)
		m.Record(t.Context(), entry(kind, "o-1"))
		if strings.Count(logs.String(), "\n") != 1 {
			t.Fatalf("%s: not one line:\n%s", kind, logs.String())
		}
		var line map[string]any
		if err := json.Unmarshal(logs.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"level": level, "msg": "message handled", "flow": "export", "type": "OrderCreated", "outcome": string(kind),
			"order": "o-1", "event_id": "event of o-1", "reason": "because", "calls": 3.0, "duration_ms": 1.0,
		}
		for key, value := range want {
			if line[key] != value {
				t.Errorf("%s: %s is %v, want %v", kind, key, line[key], value)
			}
		}
		if _, ok := line["advice"]; ok {
			t.Errorf("%s: an empty hint is written", kind)
		}
	}
}

func TestAMessageThatIsFineButHasAHintIsAWarning(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	m := telemetry.New(slog.New(slog.NewJSONHandler(&logs, nil)), "test", nil)
	one := entry(outcome.Applied, "o-1")
	one.Hint = "add fields"
	m.Record(t.Context(), one)
	if !strings.Contains(logs.String(), `"WARN"`) || !strings.Contains(logs.String(), `"advice":"add fields"`) {
		t.Error(logs.String())
	}
	if len(m.Attention()) > 0 {
		t.Error("a message that is fine needs nobody's attention")
	}
}

func TestARefusalIsLoggedOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		m := telemetry.New(slog.New(slog.NewJSONHandler(&logs, nil)), "test", nil)
		for range 100 {
			m.Unauthorized(outcome.Export, "no bearer token")
		}
		m.Unauthorized(outcome.Export, "the token is expired")
		m.Unauthorized(outcome.Feedback, "no bearer token")
		if lines := strings.Count(logs.String(), "\n"); lines != 3 {
			t.Errorf("%d lines, want one for each flow and reason:\n%s", lines, logs.String())
		}
		logs.Reset()
		time.Sleep(time.Minute)
		m.Unauthorized(outcome.Export, "no bearer token")
		if !strings.Contains(logs.String(), `"more_since_last_line":99`) {
			t.Errorf("the next line does not say how many there were:\n%s", logs.String())
		}
		if !strings.Contains(scrape(t, m), `fftconnect_unauthorized_total{flow="export"} 102`) {
			t.Error("not all were counted")
		}
	})
}

func TestCountsThatAlertsLookAtStartAtZero(t *testing.T) {
	t.Parallel()
	m := quiet()
	m.ExpectMessage(outcome.Feedback, "unreadable")
	m.Record(t.Context(), entry(outcome.Applied, "o-1"))
	text := scrape(t, m)
	for _, line := range []string{
		`fftconnect_messages_total{flow="feedback",outcome="rejected",type="unreadable"} 0`,
		`fftconnect_messages_total{flow="feedback",outcome="refused",type="unreadable"} 0`,
		`fftconnect_messages_total{flow="export",outcome="rejected",type="OrderCreated"} 0`,
		`fftconnect_messages_total{flow="export",outcome="refused",type="OrderCreated"} 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
}

func TestManyMayRecordAtOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var watched []outcome.Kind
	m := telemetry.New(slog.New(slog.DiscardHandler), "test", func(e outcome.Entry) {
		mu.Lock()
		defer mu.Unlock()
		watched = append(watched, e.Kind)
	})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 100 {
				defer m.Begin()()
				m.Record(t.Context(), entry(outcome.Kinds[i%len(outcome.Kinds)], "o"))
				m.Call(remote.Call{Platform: "commercetools", Operation: "read order", Status: 200})
				m.Unauthorized(outcome.Export, "no bearer token")
				m.Attention()
			}
		})
	}
	wait.Wait()
	if len(watched) != 800 || !slices.Contains(watched, outcome.Refused) {
		t.Errorf("%d messages were watched, want 800", len(watched))
	}
	if !strings.Contains(scrape(t, m), `fftconnect_api_calls_total{operation="read order",platform="commercetools",status="200"} 800`) {
		t.Error("calls were lost")
	}
}
