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
	Job         func(ctx context.Context) (findings int, err error)
	Recorder    Recorder
	Keeper      Keeper        // stores what cannot be done now; nil: it stays with the sender
	Timeout     time.Duration // for handling one message; 7 s when zero
	MaxInFlight int           // messages handled at once; 256 when zero
	MaxBody     int64         // bytes; 1 MiB when zero
}

// Server is the public listener's handler.
type Server struct {
	opts  Options
	slots chan struct{}
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
		opts.MaxBody = 1 << 20
	}
	if opts.Rules == nil {
		opts.Rules = func(context.Context) (config.ExportRules, error) { return config.ExportRules{}, nil }
	}
	s := &Server{opts: opts, slots: make(chan struct{}, opts.MaxInFlight), mux: http.NewServeMux()}
	messages := s.handler(outcome.Export, opts.MessageCaller, s.messageFlow, s.message)
	events := s.handler(outcome.Feedback, opts.EventCaller, s.eventFlow, s.event)
	s.mux.Handle("POST /event", messages)
	s.mux.Handle("POST /event/{$}", messages)
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

// Types of messages that never get as far as saying theirs.
const (
	typeUnreadable = "unreadable"
	typeTooLarge   = "too large"
)

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

type handle func(ctx context.Context, body []byte, entry *outcome.Entry) (outcome.Result, error)

// handler is the path of every message: received, authenticated, read, handled,
// recorded, answered. flow is its flow as long as its body is not read.
func (s *Server) handler(flow outcome.Flow, caller Caller, flowOf func(body []byte) (outcome.Flow, bool), next handle) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := caller(r.Context(), r); err != nil {
			s.opts.Recorder.Unauthorized(flow, err.Error())
			w.Header().Set("WWW-Authenticate", "Bearer")
			reply(w, http.StatusUnauthorized, "unauthorized")
			return
		}
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			s.opts.Recorder.Busy(flow)
			w.Header().Set("Retry-After", "1")
			reply(w, http.StatusServiceUnavailable, "busy")
			return
		}
		defer s.opts.Recorder.Begin()()
		body, err := remote.ReadBody(http.MaxBytesReader(w, r.Body, s.opts.MaxBody), r.ContentLength)
		if err != nil {
			s.unreadable(w, flow, err)
			return
		}
		flow, active := flowOf(body)
		entry := outcome.Entry{At: time.Now(), Flow: flow, Type: "switched off"}
		if !active {
			entry.Result = outcome.Result{Kind: outcome.Returned, Reason: "this flow is switched off"}
			s.opts.Recorder.Record(entry)
			w.Header().Set("Retry-After", "60")
			reply(w, http.StatusServiceUnavailable, "switched off")
			return
		}
		s.handle(w, r, body, entry, next)
	})
}

func (s *Server) handle(w http.ResponseWriter, r *http.Request, body []byte, entry outcome.Entry, next handle) {
	entry = s.process(r.Context(), body, entry, next)
	entry.Kind = s.keep(r.Context(), body, entry)
	s.opts.Recorder.Record(entry)
	answer(w, entry.Result, entry.Err)
}

// process is what a message goes through, whether it comes in or out of the store.
func (s *Server) process(ctx context.Context, body []byte, entry outcome.Entry, next handle) outcome.Entry {
	var tally remote.Tally
	ctx, cancel := context.WithTimeoutCause(remote.WithTally(ctx, &tally), s.opts.Timeout, errOutOfTime)
	defer cancel()
	entry.Attempt = max(entry.Attempt, 1)
	result, err := guarded(ctx, bytes.TrimSpace(body), &entry, next)
	entry.Result, entry.Err = classify(result, err), err
	entry.Duration, entry.Calls, entry.Waited = time.Since(entry.At), tally.Calls(), tally.Took()
	return entry
}

var errOutOfTime = errors.New("the sender does not wait any longer")

// guarded turns a panic into an error: one message must not take the others down,
// and a message that does it every time must not loop.
func guarded(ctx context.Context, body []byte, entry *outcome.Entry, next handle) (result outcome.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a mistake in fftconnect: %s at %s", panicWords(p), panicSite(debug.Stack()))
		}
	}()
	return next(ctx, body, entry)
}

func (s *Server) unreadable(w http.ResponseWriter, flow outcome.Flow, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		s.opts.Recorder.Record(outcome.Entry{
			At: time.Now(), Flow: flow, Type: typeTooLarge,
			Result: outcome.Result{Kind: outcome.Rejected, Reason: fmt.Sprintf("the body is over %d bytes", large.Limit)},
		})
		reply(w, http.StatusRequestEntityTooLarge, "too large")
		return
	}
	reply(w, http.StatusBadRequest, "body not received")
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
