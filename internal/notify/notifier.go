package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Target is where messages go.
type Target interface {
	// Name is one of a few words, for the log and the metric.
	Name() string
	// Where is the target for people, without any secret.
	Where() string
	// Send sends one message, within the context's time. The error holds no secret.
	Send(ctx context.Context, m Message) error
}

// Checkpoint is where the store keeps a Book.
const Checkpoint = "notifications"

// Book is what the targets were told, by name.
type Book map[string]State

// Options make a Notifier.
type Options struct {
	Targets  []Target
	Sender   Sender
	Rules    Rules
	Schedule Schedule
	Sent     func(target string, ok bool) // counts a message; may be nil
	// Summarise tells what the daily summary says of the time since then.
	Summarise func(ctx context.Context, since time.Time) (Summary, error)
	Logger    *slog.Logger
}

// Notifier tells the targets. It keeps nothing, so it is safe for concurrent use.
type Notifier struct {
	opts Options
}

// New makes a Notifier.
func New(opts Options) *Notifier {
	if opts.Sent == nil {
		opts.Sent = func(string, bool) {}
	}
	return &Notifier{opts: opts}
}

// sendPatience bounds sending one message.
const sendPatience = 10 * time.Second

// Round tells each target what there is to tell it, and returns what they were told then.
// summaries is false where somebody else sends them.
func (n *Notifier) Round(ctx context.Context, found Found, before Book, summaries bool) Book {
	after := Book{}
	for _, target := range n.opts.Targets {
		now := time.Now()
		state := Observe(now, found, before[target.Name()])
		if state.Summary.IsZero() {
			state.Summary = now // the first one is of a whole day
		}
		if MayTry(now, state) {
			state = n.tell(ctx, target, state)
		}
		if summaries && MayTry(now, state) {
			state = n.summarise(ctx, target, state)
		}
		after[target.Name()] = state
	}
	return after
}

func (n *Notifier) tell(ctx context.Context, target Target, state State) State {
	now := time.Now()
	report := Decide(now, state, n.opts.Rules)
	if report.IsEmpty() {
		return state
	}
	return n.send(ctx, target, n.opts.Sender.report(now, report), state, func(s State) State { return Told(now, report, s) })
}

func (n *Notifier) summarise(ctx context.Context, target Target, state State) State {
	now := time.Now()
	at, due := n.opts.Schedule.isDue(now, state)
	if !due {
		return state
	}
	summary, err := n.opts.Summarise(ctx, state.Summary)
	if err != nil {
		n.opts.Logger.Warn("the daily summary cannot be put together", "error", err)
		return NotSent(now, err.Error(), state)
	}
	return n.send(ctx, target, n.opts.Sender.summary(now, summary, state), state, func(s State) State {
		s = sent(now, s)
		s.Sent = state.Sent // a summary does not keep news back
		s.Summary = at
		return s
	})
}

// send notes that it went, or that it did not.
func (n *Notifier) send(ctx context.Context, target Target, m Message, state State, went func(State) State) State {
	err := n.try(ctx, target, m)
	n.opts.Sent(target.Name(), err == nil)
	if err != nil {
		if state.Failures == 0 {
			n.opts.Logger.Error("a notification could not be sent; it is tried again", "target", target.Name(), "error", err, "advice", "try it with: fftconnect notify test")
		}
		return NotSent(time.Now(), err.Error(), state)
	}
	if state.Failures > 0 {
		n.opts.Logger.Info("notifications are sent again", "target", target.Name())
	}
	return went(state)
}

func (n *Notifier) try(ctx context.Context, target Target, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, sendPatience)
	defer cancel()
	return target.Send(ctx, m)
}

// Test sends a test to every target, and tells how each went. The error says that one did not
// get it.
func (n *Notifier) Test(ctx context.Context, tell func(target Target, err error)) error {
	var failed []error
	for _, target := range n.opts.Targets {
		err := n.try(ctx, target, n.opts.Sender.test(time.Now()))
		n.opts.Sent(target.Name(), err == nil)
		tell(target, err)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", target.Name(), err))
		}
	}
	return errors.Join(failed...)
}
