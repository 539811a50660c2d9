package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// Recorder writes down how messages ended.
type Recorder interface {
	Begin() (end func())
	Record(outcome.Entry)
	Busy(flow outcome.Flow)
	Unauthorized(flow outcome.Flow, why string)
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
	Waits       func(ctx context.Context, orderID string) (bool, error)
	Keeper      Keeper        // stores what cannot be done now; nil: it stays with the sender
	Timeout     time.Duration // for handling one message; 7 s when zero
	MaxInFlight int           // bodies handled at once; 256 when zero
	MaxBody     int64         // bytes read of one; 10 MiB when zero
	MaxBodies   int64         // bytes that the bodies in memory may have together; 32 MiB when zero
	// Prove answers a probe of our address; nil: probes are taken for messages.
	Prove func(nonce string) string
	// AnybodyCalls says that MessageCaller lets strangers in: what they send and we cannot
	// read is not kept.
	AnybodyCalls bool
}

// Server is the public listener's handler.
type Server struct {
	opts  Options
	slots chan struct{}
	room  room
	mux   *http.ServeMux
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
	if opts.Rules == nil {
		opts.Rules = func(context.Context) (config.ExportRules, error) { return config.ExportRules{}, nil }
	}
	s := &Server{opts: opts, slots: make(chan struct{}, opts.MaxInFlight), mux: http.NewServeMux()}
	s.room.left.Store(opts.MaxBodies)
	messages := s.handler(outcome.Export, opts.MessageCaller, true, s.messages)
	events := s.handler(outcome.Feedback, opts.EventCaller, opts.Updater != nil, s.events)
	s.mux.Handle("POST /event", messages)
	s.mux.Handle("POST /event/{$}", messages)
	s.mux.HandleFunc("OPTIONS /event", consent)
	s.mux.HandleFunc("OPTIONS /event/{$}", consent)
	s.mux.Handle("POST /service", events)
	s.mux.Handle("POST /service/", events)
	if opts.Job != nil {
		s.mux.HandleFunc("POST /job", s.job)
		s.mux.HandleFunc("GET /job/status", up)
	}
	s.mux.HandleFunc("GET /event/status", up)
	s.mux.HandleFunc("GET /service/status", up)
	return s
}

func up(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, "UP") }

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
		reply(w, quiet.status, "method not allowed")
		return
	}
	reply(w, http.StatusNotFound, "not found")
}

// statusOnly keeps headers and status of an answer and drops its body.
type statusOnly struct {
	http.ResponseWriter
	status int
}

func (s *statusOnly) WriteHeader(status int)         { s.status = status }
func (s *statusOnly) Write(text []byte) (int, error) { return len(text), nil }

type handle func(ctx context.Context, entry *outcome.Entry) (outcome.Result, error)

// handler is the path of every message: received, authenticated, read, handled,
// recorded, answered. read gives at least one task.
func (s *Server) handler(flow outcome.Flow, caller Caller, active bool, read func(*arrival) []task) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := caller(r.Context(), r); err != nil {
			s.opts.Recorder.Unauthorized(flow, err.Error())
			w.Header().Set("WWW-Authenticate", "Bearer")
			reply(w, http.StatusUnauthorized, "unauthorized")
			return
		}
		if nonce := r.Header.Get(ProbeHeader); nonce != "" && s.opts.Prove != nil {
			w.Header().Set(ProofHeader, s.opts.Prove(nonce))
			reply(w, http.StatusOK, "it is us")
			return
		}
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			s.busy(w, flow)
			return
		}
		defer s.opts.Recorder.Begin()()
		if !active {
			s.answer(w, r, []task{s.switchedOff(flow)})
			return
		}
		body := s.receive(r)
		defer body.release()
		tasks := guardedRead(flow, body, read)
		switch body.finish(); {
		case errors.Is(body.broken, errNoRoom):
			s.busy(w, flow)
		case body.broken != nil:
			reply(w, http.StatusBadRequest, "body not received")
		default:
			s.answer(w, r, tasks)
		}
	})
}

func (s *Server) busy(w http.ResponseWriter, flow outcome.Flow) {
	s.opts.Recorder.Busy(flow)
	w.Header().Set("Retry-After", "1")
	reply(w, http.StatusServiceUnavailable, "busy")
}

// process is what a message goes through, whether it comes in or out of the store.
func (s *Server) process(ctx context.Context, entry outcome.Entry, next handle) outcome.Entry {
	var tally remote.Tally
	ctx, cancel := context.WithTimeoutCause(remote.WithTally(ctx, &tally), s.opts.Timeout, errOutOfTime)
	defer cancel()
	entry.Attempt = max(entry.Attempt, 1)
	result, err := guarded(ctx, &entry, next)
	entry.Result, entry.Err = classify(result, err), err
	entry.Duration, entry.Calls, entry.Waited = time.Since(entry.At), tally.Calls(), tally.Took()
	return entry
}

var errOutOfTime = errors.New("the sender does not wait any longer")

// guarded turns a panic into an error: one message must not take the others down,
// and a message that does it every time must not loop.
func guarded(ctx context.Context, entry *outcome.Entry, next handle) (result outcome.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = mistake(p)
		}
	}()
	return next(ctx, entry)
}

// guardedRead does the same for reading.
func guardedRead(flow outcome.Flow, body *arrival, read func(*arrival) []task) (tasks []task) {
	defer func() {
		if p := recover(); p != nil {
			tasks = []task{unreadable(flow, ledger.TypeUnreadable, mistake(p).Error(), "", body.head)}
		}
	}()
	return read(body)
}

func mistake(p any) error {
	return fmt.Errorf("a mistake in fftconnect: %s at %s", panicWords(p), panicSite(debug.Stack()))
}

// panicWords says what went wrong; a panic value of another kind may hold anything.
func panicWords(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("panic of type %T", p)
}

// panicSite is the file and line that panicked, without the arguments that a stack
// shows: they may hold anything.
func panicSite(stack []byte) string {
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
