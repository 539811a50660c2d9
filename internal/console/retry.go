package console

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// choice is some stored events: those of these ids, or the dead letters of a cause.
type choice struct {
	IDs   []int64
	Class ledger.Class
	Flow  outcome.Flow
	Cause string
	After int64 // continues a list
}

// maxChosen bounds how many events can be named one by one.
const maxChosen = 1000

func readChoice(r *http.Request) (choice, error) {
	if err := r.ParseForm(); err != nil {
		return choice{}, newFailure(http.StatusBadRequest, "What was sent cannot be read.")
	}
	c := choice{Class: ledger.Class(r.Form.Get("class")), Flow: outcome.Flow(r.Form.Get("flow")), Cause: r.Form.Get("cause")}
	for _, text := range r.Form["id"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || len(c.IDs) >= maxChosen {
			return c, newFailure(http.StatusBadRequest, "No such events.")
		}
		c.IDs = append(c.IDs, id)
	}
	if r.Form.Get("all") != "" {
		c.IDs = nil
	}
	c.After, _ = strconv.ParseInt(r.Form.Get("after"), 10, 64)
	chosen := r.Method == http.MethodGet || r.Form.Get("all") != "" || len(c.IDs) > 0
	if !chosen || len(c.IDs) == 0 && c.Cause == "" {
		return c, newFailure(http.StatusBadRequest, "Choose at least one event.")
	}
	return c, nil
}

func (c choice) filter() ledger.Filter {
	if len(c.IDs) > 0 {
		return ledger.Filter{IDs: c.IDs}
	}
	return ledger.Filter{State: ledger.StateDead, Class: c.Class, Flow: c.Flow, Cause: c.Cause}
}

// describe are which events these are.
func (c choice) describe() string {
	if len(c.IDs) == 0 {
		return "dead letters: " + c.Cause
	}
	ids := make([]string, 0, 5)
	for _, id := range c.IDs[:min(len(c.IDs), 5)] {
		ids = append(ids, strconv.FormatInt(id, 10))
	}
	text := "events " + strings.Join(ids, ", ")
	if len(c.IDs) > 5 {
		text += fmt.Sprintf(" and %d more", len(c.IDs)-5)
	}
	return text
}

// plan is what would be done with the chosen events.
type plan struct {
	Choice  choice
	Events  []ledger.Event // the first of them
	Numbers map[string]string
	Count   int
	Exports int // of the first: dead exports, whose orders are then left alone
}

const shownInPlan = 20

func (c *Console) planFor(r *http.Request) (p plan, err error) {
	if c.opts.Store == nil {
		return p, errNoStore
	}
	if p.Choice, err = readChoice(r); err != nil {
		return p, err
	}
	filter := p.Choice.filter()
	if p.Count, err = c.opts.Store.Count(r.Context(), filter); err != nil {
		return p, err
	}
	if p.Count == 0 {
		return p, newFailure(http.StatusNotFound, "These events are not there any more: they were handled, or somebody discarded them.")
	}
	filter.Limit = shownInPlan
	if p.Events, err = c.opts.Store.Events(r.Context(), filter); err != nil {
		return p, err
	}
	for _, event := range p.Events {
		if event.Flow == outcome.Export && event.State == ledger.StateDead {
			p.Exports++
		}
	}
	p.Numbers, err = c.orderNumbers(r.Context(), p.Events)
	return p, err
}

// planRetryPage says which events would be handled again.
func (c *Console) planRetryPage(r *http.Request) (answer, error) {
	p, err := c.planFor(r)
	return answer{page: "retry", title: "Retry", data: p}, err
}

// retryPatience bounds queueing the events of a retry; the work itself goes on after it.
const retryPatience = 10 * time.Minute

// retryEvents has the events handled again, and goes to the page that shows how far that is. Many
// take longer to queue than a request may last.
func (c *Console) retryEvents(r *http.Request) (answer, error) {
	p, err := c.planFor(r)
	if err != nil {
		return answer{}, err
	}
	ctx := ledger.WithActor(r.Context(), visitorFrom(r.Context()).Name, "")
	id, err := c.opts.Store.BeginRetry(ctx, p.Choice.describe(), p.Count)
	if err != nil {
		return answer{}, err
	}
	c.opts.Logger.Info("retry", "component", "console", "events", p.Count, "what", p.Choice.describe(), "by", visitorFrom(r.Context()).Name)
	c.working.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), retryPatience)
		defer cancel()
		if _, err := c.opts.Store.RetryTogether(ctx, id, p.Choice.filter()); err != nil {
			c.opts.Logger.Warn("not all events of a retry were queued", "component", "console", "retry", id, "error", err)
		}
	})
	return answer{to: fmt.Sprintf("/retries/%d", id)}, nil
}

// retryProgressPage is how far a retry is.
func (c *Console) retryProgressPage(r *http.Request) (answer, error) {
	if c.opts.Store == nil {
		return answer{}, errNoStore
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return answer{}, errNoPage
	}
	run, ok, err := c.opts.Store.RetryRun(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	if !ok {
		return answer{}, errNoPage
	}
	a := answer{page: "progress", title: "Retry", data: run}
	if run.Waiting > 0 || run.Ended.IsZero() && time.Since(run.At) < retryPatience {
		a.live = 2 * time.Second
	}
	return a, nil
}

// planDiscardPage says which events would be forgotten, and asks why.
func (c *Console) planDiscardPage(r *http.Request) (answer, error) {
	p, err := c.planFor(r)
	return answer{page: "discard", title: "Discard", data: p}, err
}

// discardEvents forgets the events, for a reason.
func (c *Console) discardEvents(r *http.Request) (answer, error) {
	p, err := c.planFor(r)
	if err != nil {
		return answer{}, err
	}
	why := strings.TrimSpace(r.FormValue("why"))
	if why == "" || len(why) > 500 {
		return answer{}, newFailure(http.StatusBadRequest, "Say in a few words why they are discarded: whoever asks later reads it in the order's timeline.")
	}
	n, err := c.opts.Store.Discard(ledger.WithActor(r.Context(), visitorFrom(r.Context()).Name, why), p.Choice.filter())
	if err != nil {
		return answer{}, err
	}
	c.opts.Logger.Info("discard", "component", "console", "events", n, "what", p.Choice.describe(), "by", visitorFrom(r.Context()).Name)
	return answer{to: "/attention"}, nil
}
