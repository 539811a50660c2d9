package connector_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"fftconnect/internal/otlp"
	"fftconnect/internal/outcome"
)

// collector receives OTLP over HTTP.
type collector struct {
	mu      sync.Mutex
	away    bool
	bodies  [][]byte
	headers []http.Header
	spans   []*traces.Span
	lines   []*logs.LogRecord
	metrics map[string]*metrics.Metric // the latest
}

const collectorURL = "http://127.0.0.1:4318"

// otel are the settings that send to the collector, at once.
func otel(more ...string) map[string]string {
	env := hasty("OTEL_EXPORTER_OTLP_ENDPOINT", collectorURL, "OTEL_EXPORTER_OTLP_HEADERS", "api-key=planted-collector-key")
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// collecting is a rig that sends to a collector.
func collecting(t *testing.T, opts rigOptions) (*rig, *collector) {
	t.Helper()
	c := &collector{metrics: map[string]*metrics.Metric{}}
	opts.world, opts.collector = quick(), c
	if opts.env == nil {
		opts.env = otel()
	}
	return newRig(t, opts), c
}

// startSender sends to the collector, if there is one.
func (r *rig) startSender(logger *slog.Logger) *slog.Logger {
	if r.opts.collector == nil {
		return logger
	}
	listener := r.listen(strings.TrimPrefix(collectorURL, "http://"))
	server := &http.Server{Handler: r.opts.collector}
	go func() { _ = server.Serve(listener) }()
	r.sender = otlp.Start(otlp.Options{Settings: r.env.OpenTelemetry, Version: "test", Logger: logger, Level: slog.LevelInfo, Base: r.overTheNetwork()})
	r.t.Cleanup(func() {
		r.flush()
		_ = server.Close()
	})
	return r.sender.Logger(logger)
}

// flush stops the connector, and sends what is left to the collector.
func (r *rig) flush() {
	if err := r.stop(); err != nil {
		r.t.Error(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r.sender.Stop(ctx)
}

// ServeHTTP implements http.Handler.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	c.bodies, c.headers = append(c.bodies, body), append(c.headers, r.Header)
	var err error
	switch r.URL.Path {
	case "/v1/traces":
		var data traces.TracesData
		err = proto.Unmarshal(body, &data)
		for _, of := range data.GetResourceSpans() {
			for _, scope := range of.GetScopeSpans() {
				c.spans = append(c.spans, scope.GetSpans()...)
			}
		}
	case "/v1/logs":
		var data logs.LogsData
		err = proto.Unmarshal(body, &data)
		for _, of := range data.GetResourceLogs() {
			c.lines = append(c.lines, of.GetScopeLogs()[0].GetLogRecords()...)
		}
	case "/v1/metrics":
		var data metrics.MetricsData
		err = proto.Unmarshal(body, &data)
		for _, metric := range data.GetResourceMetrics()[0].GetScopeMetrics()[0].GetMetrics() {
			c.metrics[metric.GetName()] = metric
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}

// traced is a span as the tests look at it.
type traced struct {
	trace, id, parent, name string
	links                   []string // their traces
	attributes              map[string]string
}

// traced are the spans that came, by their traces.
func (c *collector) traced() map[string][]traced {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string][]traced{}
	for _, span := range c.spans {
		s := traced{
			trace: hex.EncodeToString(span.GetTraceId()), id: hex.EncodeToString(span.GetSpanId()), parent: hex.EncodeToString(span.GetParentSpanId()),
			name: span.GetName(), attributes: map[string]string{},
		}
		for _, link := range span.GetLinks() {
			s.links = append(s.links, hex.EncodeToString(link.GetTraceId()))
		}
		for _, a := range span.GetAttributes() {
			s.attributes[a.GetKey()] = a.GetValue().GetStringValue()
		}
		all[s.trace] = append(all[s.trace], s)
	}
	return all
}

// messages are the spans of messages.
func (c *collector) messages() (found []traced) {
	for _, spans := range c.traced() {
		for _, span := range spans {
			if span.attributes["fftconnect.flow"] != "" {
				found = append(found, span)
			}
		}
	}
	return found
}

// carried keeps the traceparent of every call to a platform.
type carried struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  []string
}

// RoundTrip implements http.RoundTripper.
func (c *carried) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(collectorURL, "http://"+r.URL.Host) {
		c.mu.Lock()
		c.all = append(c.all, r.Header.Get("traceparent"))
		c.mu.Unlock()
	}
	return c.next.RoundTrip(r)
}

func TestAnOrdersLifeIsATraceForEachMessage(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		out := &carried{}
		r, c := collecting(t, rigOptions{between: func(next http.RoundTripper) http.RoundTripper { out.next = next; return out }})
		id := r.CT.PlaceOrder(personalOrder("A-1001"))
		r.ship()
		entries := r.outcomes(id)
		r.flush()

		all := c.traced()
		messages := c.messages()
		if got := len(messages); got < len(entries) || len(entries) < 6 {
			t.Fatalf("%d messages have %d spans", len(entries), got)
		}
		numbered := map[string]bool{}
		for _, m := range messages {
			if want := m.attributes["fftconnect.flow"] + " " + m.attributes["fftconnect.type"]; m.name != want || m.parent != "" {
				t.Errorf("the span of a message is %q of %q, want %q", m.name, m.parent, want)
			}
			for _, call := range all[m.trace] {
				if call.id != m.id && (call.parent != m.id || call.attributes["server.address"] == "") {
					t.Errorf("%q belongs to nobody: %+v", call.name, call)
				}
			}
			if m.attributes["fftconnect.order_number"] == "A-1001" {
				numbered[m.name] = true
			}
		}
		for _, want := range []string{"export OrderCreated", "feedback PICK_JOB_CREATED", "feedback HANDOVERJOB_HANDED_OVER"} {
			if !numbered[want] {
				t.Errorf("no span %q names the order: %v", want, slices.Collect(maps.Keys(numbered)))
			}
		}
		calls := map[string]bool{}
		for _, spans := range all {
			for _, span := range spans {
				calls[span.name] = true
				if span.name == "commercetools read order" && span.attributes["fftconnect.correlation"] == "" {
					t.Errorf("a call has no correlation id: %v", span.attributes)
				}
			}
		}
		for _, want := range []string{"commercetools read order", "fulfillmenttools create order", "commercetools update order"} {
			if !calls[want] {
				t.Errorf("no call is %q: %v", want, slices.Sorted(maps.Keys(calls)))
			}
		}
		for _, parent := range out.all {
			if parts := strings.Split(parent, "-"); len(parts) != 4 || len(all[parts[1]]) == 0 {
				t.Errorf("a call carried %q, which is no trace of ours", parent)
			}
		}
		c.saysNothingOf(t, planted(r))
	})
}

// saysNothingOf looks for values in all that came.
func (c *collector) saysNothingOf(t *testing.T, planted []string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, value := range planted {
		for _, body := range c.bodies {
			if bytes.Contains(body, []byte(value)) {
				t.Errorf("%q was sent", value)
			}
		}
	}
	for _, header := range c.headers {
		if header.Get("Api-Key") != "planted-collector-key" {
			t.Errorf("the collector got no key: %v", header)
		}
	}
}

const (
	senderTrace  = "0af7651916cd43dd8448eb211c80319c"
	senderParent = "00-" + senderTrace + "-b7ad6b7169203331-01"
)

func TestTheTraceThatCameWithAMessageGoesOn(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			header    string
			attribute bool
			stranger  bool
		}{
			"in a header":                        {header: senderParent},
			"in an attribute, before the header": {header: "00-11111111111111111111111111111111-b7ad6b7169203331-01", attribute: true},
			"of a stranger, as a link":           {header: senderParent, stranger: true},
		} {
			env := otel()
			if test.stranger {
				env["EVENT_AUTH"] = "none"
			}
			r, c := collecting(t, rigOptions{bare: true, env: env})
			id := r.CT.PlaceOrder(simpleOrder(""))
			body := map[string]any{"message": map[string]any{"data": []byte(confirmed(id))}}
			if test.attribute {
				body["message"].(map[string]any)["attributes"] = map[string]string{"googclient_traceparent": senderParent}
			}
			authorization := "Bearer none"
			if !test.stranger {
				token, err := r.tokenFor("/event").Sign()
				if err != nil {
					t.Fatal(err)
				}
				authorization = "Bearer " + token
			}
			r.postWith("/event", asJSON(body), http.Header{"Authorization": {authorization}, "Traceparent": {test.header}})
			r.flush()
			messages := c.messages()
			switch {
			case len(messages) != 1:
				t.Errorf("%s: %d messages", name, len(messages))
			case test.stranger && (messages[0].trace == senderTrace || !slices.Equal(messages[0].links, []string{senderTrace})):
				t.Errorf("%s: %+v", name, messages[0])
			case !test.stranger && (messages[0].trace != senderTrace || messages[0].parent != "b7ad6b7169203331"):
				t.Errorf("%s: %+v", name, messages[0])
			}
		}
	})
}

func TestARetryLinksToTheAttemptBefore(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDepot(t)
		r, c := collecting(t, rigOptions{bare: true, store: store})
		r.CT.PutType(ourType())
		r.FFTFaults.SetOutage(true)
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.answered("/event", message(id), http.StatusOK, "deferred")
		r.FFTFaults.SetOutage(false)
		r.empty(d)
		r.flush()
		messages := c.messages()
		first := slices.IndexFunc(messages, func(m traced) bool {
			return m.attributes["fftconnect.outcome"] == string(outcome.Deferred) && len(m.links) == 0
		})
		last := slices.IndexFunc(messages, func(m traced) bool { return m.attributes["fftconnect.outcome"] == string(outcome.Applied) })
		if first < 0 || last < 0 || messages[last].trace == messages[first].trace || !slices.Equal(messages[last].links, []string{messages[first].trace}) {
			t.Errorf("the attempts are %+v", messages)
		}
	})
}

func TestLogLinesAndMetricsAreSentToo(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, c := collecting(t, rigOptions{env: otel("OTEL_EXPORTER_OTLP_COMPRESSION", "none")})
		r.CT.PlaceOrder(simpleOrder("A-1"))
		r.ship()
		r.flush()
		all := c.traced()
		c.mu.Lock()
		defer c.mu.Unlock()
		found := 0
		for _, line := range c.lines {
			if line.GetBody().GetStringValue() != "message handled" {
				continue
			}
			if len(all[hex.EncodeToString(line.GetTraceId())]) > 0 {
				found++
			}
		}
		if found < 6 {
			t.Errorf("%d log lines of %d belong to a message's trace", found, len(c.lines))
		}
		if !strings.Contains(r.logs.String(), `"trace_id":"`) {
			t.Error("the log does not name the traces")
		}
		sum := 0.0
		for _, point := range c.metrics["fftconnect_messages_total"].GetSum().GetDataPoints() {
			sum += point.GetAsDouble()
		}
		histogram := c.metrics["fftconnect_message_seconds"].GetHistogram().GetDataPoints()
		if sum < 6 || len(histogram) == 0 || len(histogram[0].GetBucketCounts()) != len(histogram[0].GetExplicitBounds())+1 {
			t.Errorf("%v messages, %v", sum, histogram)
		}
	})
}

func TestACollectorThatIsAwayHoldsNothingUp(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, c := collecting(t, rigOptions{})
		c.mu.Lock()
		c.away = true
		c.mu.Unlock()
		for _, number := range []string{"A-1", "A-2", "A-3"} {
			id := r.CT.PlaceOrder(simpleOrder(number))
			r.ship()
			if r.shipmentState(id) != "Shipped" {
				t.Errorf("%s is not shipped", number)
			}
			time.Sleep(time.Minute) // more than one batch is tried
		}
		r.flush()
		if n := strings.Count(r.logs.String(), "traces cannot be sent"); n != 1 {
			t.Errorf("that is logged %d times", n)
		}
		if strings.Contains(r.logs.String(), "planted-collector-key") {
			t.Error("the log holds the collector's key")
		}
	})
}

// refusing does not let orders be read.
type refusing struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "/orders/") {
		return f.next.RoundTrip(r)
	}
	const body = `{"statusCode":400,"message":"no","errors":[{"code":"InvalidInput","message":"no"}]}`
	return &http.Response{
		StatusCode: http.StatusBadRequest, Request: r, Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"X-Correlation-Id": {"shop/refused-1"}, "Content-Type": {"application/json"}},
	}, nil
}

func TestARefusedCallIsFoundByItsCorrelationID(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r := newRig(t, rigOptions{world: quick(), bare: true, store: store, between: func(next http.RoundTripper) http.RoundTripper { return refusing{next} }})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		r.answered("/event", message(id), http.StatusOK, "rejected")
		ended := r.last(id)
		if ended.Correlation != "commercetools shop/refused-1" || !strings.Contains(r.logs.String(), `"correlation":"`+ended.Correlation+`"`) {
			t.Errorf("the entry has %q", ended.Correlation)
		}
		r.eventually("the journal names it", func() bool {
			rows, err := d.database.Timeline(t.Context(), id)
			return err == nil && len(rows) == 1 && rows[0].Correlation == ended.Correlation
		})
	})
}
