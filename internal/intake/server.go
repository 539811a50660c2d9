package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/tracing"
)

// Recorder writes down how messages ended.
type Recorder interface {
	Begin() (end func())
	// Record is given the context that the message was handled with.
	Record(context.Context, outcome.Entry)
	CountBusy(flow outcome.Flow)
	Unauthorized(flow outcome.Flow, why string)
	// Token tells when the token ends that was shown at the endpoint.
	Token(endpoint string, ends time.Time)
}

// Options make a Server; all are required unless a default is named.
type Options struct {
	ProjectKey string
	Exporter   Exporter // nil: the flow is switched off, messages stay with the sender
	// Rules are the shop's: an order is not read for a message that cannot matter to
	// them. The defaults when nil.
	Rules         func(context.Context) (config.ExportRules, error)
	Channels      Channels // nil: the flow is switched off, notifications are ignored
	Updater       Updater  // nil: the flow is switched off, events stay with the sender
	MessageCaller Caller   // who may deliver messages
	EventCaller   Caller   // who may deliver events
	JobCaller     Caller   // who may start the job
	// Job is the scheduled comparison of both platforms; nil: there is none. It gives
	// the number of differences that it found.
	Job      func(ctx context.Context) (findings int, err error)
	Recorder Recorder
	// Waits reports whether an order could not be exported and waits to be corrected; nil:
	// none does.
	Waits func(ctx context.Context, orderID string) (bool, error)
	// Compare brings an order up to what both platforms say of it, for a message of which only
	// the order was kept.
	Compare func(ctx context.Context, orderID string) (outcome.Result, error)
	// Paused reports whether somebody has paused the direction: its messages stay with the
	// sender, and what is stored waits; nil: none is.
	Paused      func(ctx context.Context, flow outcome.Flow) bool
	Keeper      Keeper        // stores what cannot be done now; nil: it stays with the sender
	Timeout     time.Duration // for handling one message; 7 s when zero
	MaxInFlight int           // bodies handled at once at each endpoint; 256 when zero
	MaxBody     int64         // bytes read of one; 10 MiB when zero
	MaxBodies   int64         // bytes that the bodies in memory may have together; 32 MiB when zero
	// Prove answers a probe of our address; nil: probes are taken for messages.
	Prove func(nonce string) string
	// Tracer follows messages; nil: none are followed.
	Tracer *tracing.Tracer
	// Strangers is how many messages of strangers a second make us read; 50 when zero.
	Strangers float64
	// BodyTimeout is how long a body may take to come in; 2 s when zero.
	BodyTimeout time.Duration
}

// Paths of the endpoints.
const (
	EventPath   = "/event"   // commercetools' messages
	ServicePath = "/service" // fulfillmenttools' events
	JobPath     = "/job"     // the scheduled visits
)

// Server is the public listener's handler.
type Server struct {
	opts      Options
	room      memoryBudget
	strangers *rate.Limiter
	jobs      runningJob
	mux       *http.ServeMux
}

// New fills the defaults in.
func New(opts Options) *Server {
	if opts.Timeout == 0 {
		opts.Timeout = 7 * time.Second
	}
	if opts.MaxInFlight == 0 {
		opts.MaxInFlight = 256
	}
	if opts.MaxBody == 0 {
		opts.MaxBody = 10 << 20
	}
	if opts.MaxBodies == 0 {
		opts.MaxBodies = 32 << 20
	}
	if opts.Strangers == 0 {
		opts.Strangers = 50
	}
	if opts.BodyTimeout == 0 {
		opts.BodyTimeout = 2 * time.Second
	}
	if opts.Rules == nil {
		opts.Rules = func(context.Context) (config.ExportRules, error) { return config.ExportRules{}, nil }
	}
	s := &Server{opts: opts, mux: http.NewServeMux(), strangers: rate.NewLimiter(rate.Limit(opts.Strangers), strangerBurst(opts.Strangers))}
	s.room.free.Store(opts.MaxBodies)
	messages := s.newEndpointHandler(endpoint{EventPath, outcome.Export, opts.MessageCaller, true, s.readMessages})
	events := s.newEndpointHandler(endpoint{ServicePath, outcome.Feedback, opts.EventCaller, opts.Updater != nil, s.readEvents})
	s.mux.Handle("POST /event", messages)
	s.mux.Handle("POST /event/{$}", messages)
	s.mux.HandleFunc("OPTIONS /event", answerWebhookHandshake)
	s.mux.HandleFunc("OPTIONS /event/{$}", answerWebhookHandshake)
	s.mux.Handle("POST /service", events)
	s.mux.Handle("POST /service/", events)
	if opts.Job != nil {
		s.mux.HandleFunc("POST /job", s.serveJob)
		s.mux.HandleFunc("GET /job/status", serveUp)
	}
	s.mux.HandleFunc("GET /event/status", serveUp)
	s.mux.HandleFunc("GET /service/status", serveUp)
	return s
}

// strangerBurst is what strangers may bring at once: ten seconds' worth.
func strangerBurst(perSecond float64) int { return max(1, int(10*perSecond)) }

func serveUp(w http.ResponseWriter, _ *http.Request) { replyWord(w, http.StatusOK, "UP") }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.mux.Handler(r); pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	// The mux answers in plain text; its header tells 404 from 405.
	quiet := &statusOnly{ResponseWriter: w}
	s.mux.ServeHTTP(quiet, r)
	if quiet.status == http.StatusMethodNotAllowed {
		replyWord(w, quiet.status, "method not allowed")
		return
	}
	replyWord(w, http.StatusNotFound, "not found")
}

// statusOnly keeps headers and status of an answer and drops its body.
type statusOnly struct {
	http.ResponseWriter
	status int
}

func (s *statusOnly) WriteHeader(status int)         { s.status = status }
func (s *statusOnly) Write(text []byte) (int, error) { return len(text), nil }

type handleFunc func(ctx context.Context, entry *outcome.Entry) (outcome.Result, error)

// endpoint is where one platform's messages come in.
type endpoint struct {
	path   string
	flow   outcome.Flow
	caller Caller
	active bool
	read   func(*requestBody) []task // gives at least one
}

// newEndpointHandler is the path of every message: authenticated, received, read, handled, recorded,
// answered. Only what has come in takes one of the endpoint's slots: who is slow keeps
// nobody else out.
func (s *Server) newEndpointHandler(e endpoint) http.Handler {
	slots := make(chan struct{}, s.opts.MaxInFlight)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visitor, ok := s.authenticate(w, r, e.path, e.flow, e.caller)
		if !ok {
			return
		}
		if nonce := r.Header.Get(ProbeHeader); nonce != "" && s.opts.Prove != nil {
			w.Header().Set(ProofHeader, s.opts.Prove(nonce))
			replyWord(w, http.StatusOK, "it is us")
			return
		}
		tasks := []task{s.switchedOffTask(e.flow)}
		if paused := s.isPaused(r.Context(), e.flow); paused {
			tasks = []task{s.pausedTask(e.flow)}
		} else if e.active {
			body := s.newRequestBody(r)
			defer body.releaseMemory()
			connection := http.NewResponseController(w)
			_ = connection.SetReadDeadline(time.Now().Add(s.opts.BodyTimeout))
			tasks = recoverReadPanic(e.flow, body, e.read)
			if body.drain(); body.broken != nil {
				s.answerUnreceived(w, e.flow, body.broken)
				return
			}
			_ = connection.SetReadDeadline(time.Time{}) // until the answer; the server sets the next
		}
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			s.answerBusy(w, e.flow)
			return
		}
		defer s.opts.Recorder.Begin()()
		s.answer(w, r, visitor, tasks)
	})
}

// authenticate authenticates the caller, or answers.
func (s *Server) authenticate(w http.ResponseWriter, r *http.Request, path string, flow outcome.Flow, caller Caller) (Visitor, bool) {
	visitor, err := caller(r.Context(), r)
	if err != nil {
		s.opts.Recorder.Unauthorized(flow, err.Error())
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.Header().Set("Connection", "close") // its body is not worth waiting for
		replyWord(w, http.StatusUnauthorized, "unauthorized")
		return visitor, false
	}
	if !visitor.TokenEnds.IsZero() {
		s.opts.Recorder.Token(path, visitor.TokenEnds)
	}
	return visitor, true
}

// answerUnreceived answers a body that did not come in; its sender repeats it.
func (s *Server) answerUnreceived(w http.ResponseWriter, flow outcome.Flow, why error) {
	w.Header().Set("Connection", "close")
	switch {
	case errors.Is(why, errNoRoom):
		s.answerBusy(w, flow)
	case errors.Is(why, os.ErrDeadlineExceeded):
		replyWord(w, http.StatusRequestTimeout, "body too slow")
	default:
		replyWord(w, http.StatusBadRequest, "body not received")
	}
}

func (s *Server) answerBusy(w http.ResponseWriter, flow outcome.Flow) {
	s.opts.Recorder.CountBusy(flow)
	w.Header().Set("Retry-After", "1")
	replyWord(w, http.StatusServiceUnavailable, "busy")
}

// handleAndRecord is what a message goes through, whether it comes in or out of the store.
func (s *Server) handleAndRecord(ctx context.Context, entry outcome.Entry, next handleFunc) outcome.Entry {
	var tally remote.Tally
	ctx, cancel := context.WithTimeoutCause(remote.WithTally(ctx, &tally), s.opts.Timeout, errOutOfTime)
	defer cancel()
	entry.Attempt = max(entry.Attempt, 1)
	result, err := recoverPanic(ctx, &entry, next)
	tally.NoteFailure(err)
	entry.Result, entry.Err = classify(result, err), err
	entry.Duration, entry.Calls, entry.Waited = time.Since(entry.At), tally.Calls(), tally.Took()
	entry.Correlation = tally.Correlation()
	return entry
}

var errOutOfTime = errors.New("the sender does not wait any longer")

// recoverPanic turns a panic into an error: one message must not take the others down,
// and a message that does it every time must not loop.
func recoverPanic(ctx context.Context, entry *outcome.Entry, next handleFunc) (result outcome.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
		}
	}()
	return next(ctx, entry)
}

// recoverReadPanic does the same for reading.
func recoverReadPanic(flow outcome.Flow, body *requestBody, read func(*requestBody) []task) (tasks []task) {
	defer func() {
		if p := recover(); p != nil {
			tasks = []task{unreadableTask(flow, ledger.TypeUnreadable, panicError(p).Error(), "", body.text)}
		}
	}()
	return read(body)
}

func panicError(p any) error {
	return fmt.Errorf("a mistake in fftconnect: %s at %s", panicText(p), panicLocation(debug.Stack()))
}

// panicText says what went wrong; a panic value of another kind may hold anything.
func panicText(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("panic of type %T", p)
}

// panicLocation is the file and line that panicked, without the arguments that a stack
// shows: they may hold anything.
func panicLocation(stack []byte) string {
	_, frames, _ := bytes.Cut(stack, []byte("\npanic("))
	lines := strings.Split(string(frames), "\n") // two a frame: function, file
	for i := 2; i+1 < len(lines); i += 2 {
		if strings.HasPrefix(lines[i], "runtime.") {
			continue
		}
		file, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
		return path.Join(path.Base(path.Dir(file)), path.Base(file))
	}
	return "an unknown place"
}
