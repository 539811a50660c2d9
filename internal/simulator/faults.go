package simulator

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is one thing that goes wrong with one request.
type Fault struct {
	Status     int           // answered instead of the platform's answer; 0: none
	RetryAfter time.Duration // sent as Retry-After with Status, in whole seconds, rounded up
	Delay      time.Duration // waited before the request is handled
	Drop       bool          // the connection is cut before the request is handled
	LoseAnswer bool          // the request is carried out, then the connection is cut
	BreakBody  bool          // answered with Status and a body that is not JSON
	gateway    *intervention // something else answers; nil: nothing does
}

// Weather is the chance of faults that any request meets.
type Weather struct {
	ErrorRate   float64       // chance of a 503 or 429, half each
	RetryAfter  time.Duration // told with those
	DropRate    float64       // chance that the connection is cut before the request is handled
	LoseRate    float64       // chance that the request is carried out but its answer is lost
	GatewayRate float64       // chance that a gateway answers instead, whatever the platform does with the request
	Latency     time.Duration // added to every request
	Jitter      time.Duration // added at random on top, evenly from zero to this
}

// Faults decides, request by request, what goes wrong. The zero value lets
// everything through. It is safe for concurrent use.
type Faults struct {
	mu      sync.Mutex
	random  *rand.Rand
	weather Weather
	outage  bool
	planned []*plannedFault
}

type plannedFault struct {
	match string
	fault Fault
	left  int
}

// NewFaults draws its chances from seed, so that a run can be repeated.
func NewFaults(seed uint64) *Faults {
	return &Faults{random: rand.New(rand.NewPCG(seed, 0x5eed))}
}

// SetWeather replaces the chances of faults for every request from now on.
func (f *Faults) SetWeather(w Weather) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.weather = w
}

// SetOutage makes every request fail with 503 until it is switched off.
func (f *Faults) SetOutage(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outage = on
}

// PlanFaults lets the next n requests whose "METHOD /path" contains match meet the fault.
func (f *Faults) PlanFaults(match string, n int, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.planned = append(f.planned, &plannedFault{match: match, fault: fault, left: n})
}

// Clear takes back the weather, an outage and every planned fault.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.weather, f.outage, f.planned = Weather{}, false, nil
}

func (f *Faults) nextFault(r *http.Request) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.outage {
		return Fault{Status: http.StatusServiceUnavailable}
	}
	name := r.Method + " " + r.URL.Path
	for _, p := range f.planned {
		if p.left > 0 && strings.Contains(name, p.match) {
			p.left--
			return p.fault
		}
	}
	return f.randomFault()
}

func (f *Faults) randomFault() Fault {
	w := f.weather
	fault := Fault{Delay: w.Latency}
	if f.random == nil || w == (Weather{}) {
		return fault
	}
	if w.Jitter > 0 {
		fault.Delay += time.Duration(f.random.Int64N(int64(w.Jitter)))
	}
	switch draw := f.random.Float64(); {
	case draw < w.ErrorRate/2:
		fault.Status, fault.RetryAfter = http.StatusServiceUnavailable, w.RetryAfter
	case draw < w.ErrorRate:
		fault.Status, fault.RetryAfter = http.StatusTooManyRequests, w.RetryAfter
	case draw < w.ErrorRate+w.DropRate:
		fault.Drop = true
	case draw < w.ErrorRate+w.DropRate+w.LoseRate:
		fault.LoseAnswer = true
	case draw < w.ErrorRate+w.DropRate+w.LoseRate+w.GatewayRate:
		fault.gateway = newIntervention(f.random)
	}
	return fault
}

// WithFaults puts faults and the log in front of a platform. Requests whose path starts
// with ControlPrefix pass untouched and unlogged. Either may be nil. errorBody
// makes the platform's error body for a status.
func WithFaults(platform string, next http.Handler, faults *Faults, log *Log, clock Clock, errorBody func(status int) any) http.Handler {
	if faults == nil {
		faults = &Faults{}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, ControlPrefix) {
			next.ServeHTTP(w, r)
			return
		}
		exchange := log.begin(platform, r, clock.Now())
		fault := faults.nextFault(r)
		if fault.Delay > 0 {
			select {
			case <-time.After(fault.Delay):
			case <-r.Context().Done():
				return
			}
		}
		if fault.Drop {
			log.end(exchange, 0, nil, clock.Now(), true)
			panic(http.ErrAbortHandler)
		}
		if fault.Status != 0 {
			writeFault(w, fault, errorBody)
			log.end(exchange, fault.Status, nil, clock.Now(), true)
			return
		}
		if fault.gateway != nil {
			log.end(exchange, fault.gateway.status, nil, clock.Now(), true)
			fault.gateway.serve(w, r, next, clock)
			return
		}
		recorder := &recorder{header: http.Header{}, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		// Logged before it is answered, so that a caller who has the answer finds
		// its own request in the log.
		log.end(exchange, recorder.status, recorder.body.Bytes(), clock.Now(), fault.LoseAnswer)
		if fault.LoseAnswer {
			panic(http.ErrAbortHandler)
		}
		recorder.writeTo(w)
	})
}

// ControlPrefix starts the paths of the simulators' own control interface.
const ControlPrefix = "/_sim/"

func writeFault(w http.ResponseWriter, fault Fault, errorBody func(int) any) {
	if fault.RetryAfter > 0 {
		seconds := int((fault.RetryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	if fault.BreakBody {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(fault.Status)
		_, _ = w.Write([]byte("<html>upstream connect error</html>"))
		return
	}
	WriteJSON(w, fault.Status, errorBody(fault.Status))
}

// WriteJSON answers with status and body as JSON.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic("simulator: a body that JSON cannot hold: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// recorder holds an answer until it is known whether it may be given.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header            { return r.header }
func (r *recorder) WriteHeader(status int)         { r.status = status }
func (r *recorder) Write(text []byte) (int, error) { return r.body.Write(text) }

func (r *recorder) writeTo(w http.ResponseWriter) {
	for key, values := range r.header {
		w.Header()[key] = values
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes())
}
