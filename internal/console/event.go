package console

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

// eventView is one stored event.
type eventView struct {
	Event  ledger.Event
	Number string
	Body   string // shown only to who asked for it
	Binary bool   // it is no text
	Asked  bool
}

func (c *Console) eventPage(r *http.Request) (answer, error) { return c.loadEventPage(r, false) }

// bodyPage shows an event with its body, which may hold personal data. Who asked is journaled.
func (c *Console) bodyPage(r *http.Request) (answer, error) { return c.loadEventPage(r, true) }

func (c *Console) loadEventPage(r *http.Request, body bool) (answer, error) {
	if c.opts.Store == nil {
		return answer{}, errNoStore
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return answer{}, errNoPage
	}
	event, ok, err := c.opts.Store.Event(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	if !ok {
		return answer{}, newFailure(http.StatusNotFound, "There is no event %d any more: it was handled, or somebody discarded it.", id)
	}
	v := eventView{Event: event, Asked: body}
	numbers, err := c.orderNumbers(r.Context(), []ledger.Event{event})
	if err != nil {
		return answer{}, err
	}
	v.Number = numbers[event.Order]
	if body {
		c.journalAction(r.Context(), "body shown", event.Flow, outcome.Result{
			Kind: outcome.Ignored, Order: event.Order, Reason: "body of event " + strconv.FormatInt(id, 10) + " shown",
		}, 0)
		v.Body, v.Binary = string(event.Body), !utf8.Valid(event.Body)
	}
	v.Event.Body = nil
	return answer{page: "event", title: "Event " + r.PathValue("id"), data: v}, nil
}
