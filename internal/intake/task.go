package intake

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/tracing"
)

// typeOff is the type of a message that is not even read.
const typeOff = "switched off"

// together is how many messages of one body are handled at once.
const together = 8

// task is what is to be done about a part of a body: to handle a message, or to say why
// there is none.
type task struct {
	entry      outcome.Entry // its flow, and its type and id as far as known
	body       func() []byte // what is stored of it; nil: nothing
	content    func() []byte // what it says, whatever its delivery adds; nil: what is stored of it
	run        handleFunc
	off        bool   // its flow is switched off
	validation string // what Event Grid wants to be answered
	stranger   bool   // nothing shows who sent it
	trace      tracing.Context
}

// finishedTask is a task that only says how it ends.
func finishedTask(flow outcome.Flow, result outcome.Result) task {
	return task{entry: outcome.Entry{Flow: flow, Type: "other"}, run: func(context.Context, *outcome.Entry) (outcome.Result, error) {
		return result, nil
	}}
}

// unreadableTask is a task of a body that holds no message.
func unreadableTask(flow outcome.Flow, name, reason, hint string, body []byte) task {
	t := finishedTask(flow, outcome.Result{Kind: outcome.Rejected, Reason: reason, Hint: hint})
	t.entry.Type, t.body = name, func() []byte { return body[:min(len(body), maxHead)] }
	return t
}

func isUnreadable(name string) bool {
	return name == ledger.TypeUnreadable || name == ledger.TypeTooLarge
}

func isDeliveryPath(path string) string {
	return "check what delivers to " + path + "; what is kept of it goes to the right place with: fftconnect events retry"
}

// switchedOffTask is a task that stays with its sender.
func (s *Server) switchedOffTask(flow outcome.Flow) task { return refusedTask(flow, reasonSwitchedOff) }

func (s *Server) pausedTask(flow outcome.Flow) task { return refusedTask(flow, reasonPaused) }

func refusedTask(flow outcome.Flow, reason string) task {
	t := finishedTask(flow, outcome.Result{Kind: outcome.Returned, Reason: reason})
	t.entry.Type, t.off = typeOff, true
	return t
}

func (s *Server) isPaused(ctx context.Context, flow outcome.Flow) bool {
	return s.opts.Paused != nil && s.opts.Paused(ctx, flow)
}

// answer carries the tasks out, and answers 200 when each is done or stored. Of one that
// is not, the sender repeats all; what is done already is found done.
// Strangers learn nothing from it: it is the same for every body.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, visitor Visitor, tasks []task) {
	sender := s.opts.Tracer.FromHeader(r.Header)
	for i := range tasks {
		tasks[i].stranger = visitor.Stranger
		tasks[i].trace = cmp.Or(tasks[i].trace, sender)
	}
	entries := s.runTasks(r.Context(), tasks)
	var worst *outcome.Entry
	for i := range entries {
		if entries[i].Kind == outcome.Returned && (worst == nil || remote.WaitOf(entries[i].Err) > remote.WaitOf(worst.Err)) {
			worst = &entries[i]
		}
	}
	switch {
	case worst != nil && worst.Type == typeOff:
		w.Header().Set("Retry-After", "60")
		replyWord(w, http.StatusServiceUnavailable, typeOff)
	case worst != nil && visitor.Stranger:
		w.Header().Set("Retry-After", "10")
		replyWord(w, http.StatusServiceUnavailable, "later")
	case worst != nil:
		wait := max(remote.WaitOf(worst.Err), time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		replyWord(w, http.StatusServiceUnavailable, string(worst.Kind))
	case len(tasks) == 1 && tasks[0].validation != "":
		replyJSON(w, http.StatusOK, "validationResponse", tasks[0].validation)
	case len(entries) == 1 && !visitor.Stranger:
		replyWord(w, http.StatusOK, string(entries[0].Kind))
	default:
		replyWord(w, http.StatusOK, "done")
	}
}

// runTasks carries the tasks out, some at once. All must end within the time that the
// sender waits; those whose turn does not come are stored like others that cannot be
// done now.
func (s *Server) runTasks(ctx context.Context, tasks []task) []outcome.Entry {
	entries := make([]outcome.Entry, len(tasks))
	if len(tasks) == 1 {
		entries[0] = s.runTask(ctx, tasks[0])
		return entries
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.opts.Timeout, errOutOfTime)
	defer cancel()
	turns := make(chan struct{}, together)
	var all sync.WaitGroup
	for i, t := range tasks {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			entries[i] = s.runTask(ctx, t)
		})
	}
	all.Wait()
	return entries
}

func (s *Server) runTask(ctx context.Context, t task) outcome.Entry {
	t.entry.At, t.entry.Stranger = time.Now(), t.stranger
	var entry outcome.Entry
	if t.off {
		entry = t.entry
		entry.Result, _ = t.run(ctx, &entry)
	} else {
		var span *tracing.Span
		ctx, span = s.opts.Tracer.Message(ctx, &t.entry, tracing.Origin{Context: t.trace, Apart: t.stranger})
		t.trace = span.Context()
		entry = s.handleAndRecord(withStranger(ctx, t.stranger), t.entry, t.run)
		entry.Kind = s.storeForLater(ctx, t, &entry)
		span.End(&entry)
	}
	s.opts.Recorder.Record(ctx, entry)
	return entry
}

// answerWebhookHandshake answers the handshake of CloudEvents' webhooks, which Event Grid does: who asks
// may deliver. It says nothing about who may call, so it asks for no token.
func answerWebhookHandshake(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("WebHook-Request-Origin")
	if origin == "" || len(origin) > maxOrigin || strings.ContainsFunc(origin, isForbiddenInHosts) {
		w.Header().Set("Allow", "POST")
		replyWord(w, http.StatusBadRequest, "no origin")
		return
	}
	w.Header().Set("Allow", "POST")
	w.Header().Set("WebHook-Allowed-Origin", origin)
	if r.Header.Get("WebHook-Request-Rate") != "" {
		w.Header().Set("WebHook-Allowed-Rate", "*")
	}
	replyWord(w, http.StatusOK, "allowed")
}

// maxOrigin is how long the name of a host may be.
const maxOrigin = 253

func isForbiddenInHosts(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:*", r)
}
