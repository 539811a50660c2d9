package connector_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator"
	"fftconnect/internal/telemetry"
)

// tap keeps what the senders sent and what they were answered.
type tap struct {
	mu   sync.Mutex
	seen []tapped
}

type tapped struct {
	path           string
	body, response []byte
	status         int
	header         http.Header
}

func (t *tap) gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := &teeing{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.seen = append(t.seen, tapped{r.URL.Path, body, answer.body.Bytes(), answer.status, w.Header().Clone()})
	})
}

func (t *tap) all() []tapped {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]tapped(nil), t.seen...)
}

// teeing keeps what it lets through.
type teeing struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (t *teeing) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *teeing) Write(text []byte) (int, error) {
	t.body.Write(text)
	return t.ResponseWriter.Write(text)
}

// roundTrip is an http.RoundTripper that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// events keeps the bodies of fulfillmenttools' events, whoever subscribed to them.
type events struct {
	mu     sync.Mutex
	bodies map[string][]byte // by event and order id
}

func (r *rig) watchEvents() *events {
	e := &events{bodies: map[string][]byte{}}
	r.FFT.OnEvent(func(event, order string, body []byte) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.bodies[event+" "+order] = bytes.Clone(body)
	})
	return e
}

func (e *events) body(t *testing.T, event, order string) string {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	body, ok := e.bodies[event+" "+order]
	if !ok {
		t.Fatalf("no event %s of order %s", event, order)
	}
	return string(body)
}

// get reads a page of the admin listener.
func (r *rig) get(path string) (int, string) {
	r.t.Helper()
	response, err := r.Client().Get(r.adminURL + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// metric is the value of a series as /metrics writes it, labels in their order; 0
// when there is none.
func (r *rig) metric(series string) float64 {
	r.t.Helper()
	_, text := r.get("/metrics")
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), "} ")
		if !strings.Contains(lines.Text(), "{") {
			name, value, ok = strings.Cut(lines.Text(), " ")
		} else {
			name += "}"
		}
		if ok && name == series {
			number, err := strconv.ParseFloat(value, 64)
			if err != nil {
				r.t.Fatal(err)
			}
			return number
		}
	}
	return 0
}

func (r *rig) problems() []telemetry.Problem {
	r.t.Helper()
	_, text := r.get("/problems")
	var answer struct {
		Problems []telemetry.Problem `json:"problems"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		r.t.Fatal(err)
	}
	return answer.Problems
}

// last is how the latest message about an order ended.
func (r *rig) last(order string) outcome.Entry {
	r.t.Helper()
	entries := r.outcomes(order)
	if len(entries) == 0 {
		r.t.Fatalf("no message about order %q was handled", order)
	}
	return entries[len(entries)-1]
}

// all are the outcomes of every message so far.
func (r *rig) all() []outcome.Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]outcome.Entry(nil), r.entries...)
}

// ctCalls and fftCalls count API calls, sign-ins left out.
func (r *rig) ctCalls() int  { return calls(r.CTLog, "/demo") }
func (r *rig) fftCalls() int { return calls(r.FFTLog, "/api/") }

func calls(log *simulator.Log, prefix string) int {
	n := 0
	for _, exchange := range log.All() {
		if strings.HasPrefix(exchange.Path, prefix) {
			n++
		}
	}
	return n
}

// listing is the log of calls as text, for failures.
func (r *rig) listing() string {
	text := ""
	for _, log := range []*simulator.Log{r.CTLog, r.FFTLog} {
		for _, e := range log.All() {
			text += "\n  " + e.Platform + " " + e.Method + " " + e.Path + "?" + e.Query + " " + strconv.Itoa(e.Status)
		}
	}
	return text
}

// answerOf reads an answer's one word.
func answerOf(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]string
	if err := json.Unmarshal(body, &answer); err != nil || len(answer) != 1 {
		t.Fatalf("the answer is no JSON object of one word: %s", body)
	}
	return answer["status"]
}
