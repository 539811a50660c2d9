package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/ledger"
	"fftconnect/internal/ledger/durable"
	"fftconnect/internal/orders"
	"fftconnect/internal/outcome"
	"fftconnect/internal/printable"
)

type eventsCommand struct {
	List    eventsListCommand    `cmd:"" help:"List stored events: deferred ones and dead letters."`
	Show    eventsShowCommand    `cmd:"" help:"Show one event with its order's timeline."`
	Retry   eventsRetryCommand   `cmd:"" help:"Handle events again, now."`
	Discard eventsDiscardCommand `cmd:"" help:"Forget events."`
}

// eventsFilter are the flags that choose events.
type eventsFilter struct {
	State string `help:"Only deferred or dead ones." enum:"deferred,dead,any" default:"any"`
	Order string `help:"Only those of this order: its number, its commercetools id, or what else it is known by." placeholder:"ORDER"`
	Type  string `help:"Only those of this message type or event name." placeholder:"TYPE"`
	Flow  string `help:"Only those of this direction: export, feedback or facilities." enum:"export,feedback,facilities,any" default:"any"`
	Since since  `help:"Only those received since then: a time (RFC 3339), or how long ago, such as 2h or 1d." placeholder:"DURATION"`
}

// Validate implements kong's check of flags.
func (f eventsFilter) Validate() error {
	if f.Since.isFuture(time.Now()) {
		return errors.New("--since must be in the past")
	}
	return nil
}

// ledgerFilter is the filter for the store, which knows the order by its id. An order that
// it does not know is an error.
func (f eventsFilter) ledgerFilter(ctx context.Context, store storedEvents) (ledger.Filter, error) {
	filter := ledger.Filter{Type: f.Type}
	if f.Order != "" {
		orders, err := store.FindOrders(ctx, f.Order)
		if err != nil {
			return filter, err
		}
		if filter.Order, err = oneOrder(f.Order, orders); err != nil {
			return filter, err
		}
	}
	if f.State != "any" {
		filter.State = ledger.State(f.State)
	}
	if f.Flow != "any" {
		filter.Flow = outcome.Flow(f.Flow)
	}
	if f.Since.isGiven() {
		filter.Since = f.Since.time(time.Now())
	}
	return filter, nil
}

// oneOrder is the id of the only order that is known by the name.
func oneOrder(name string, found []ledger.Named) (string, error) {
	found = orders.OncePerOrder(found)
	switch len(found) {
	case 0:
		return "", fmt.Errorf("no order is known here as %q: fftconnect sync asks both platforms for it", name)
	case 1:
		return found[0].Order, nil
	default:
		var ids []string
		for _, order := range found {
			ids = append(ids, order.Order)
		}
		return "", fmt.Errorf("%q is a name of %d orders; say which by its id: %s", name, len(ids), strings.Join(ids, ", "))
	}
}

// typeWidth is room for the longest name of an event.
const typeWidth = len("PARCEL_TRACK_AND_TRACE_STATUS_UPDATED")

// openStore opens the store for a command that needs one.
func (p program) openStore() (*durable.Ledger, error) {
	url, err := config.Database(p.lookup)
	if err != nil {
		return nil, err
	}
	if url == config.NoDatabase {
		return nil, errNoStore
	}
	if file, ok := strings.CutPrefix(url.Reveal(), "sqlite:"); ok {
		if _, err := os.Stat(file); err != nil {
			return nil, noStoreError(file)
		}
	}
	store, err := durable.Open(p.ctx, url.Reveal(), durable.Options{AsItIs: true, Actor: userAtHost()})
	if err != nil {
		return nil, fmt.Errorf("the store that DATABASE_URL names cannot be opened: %w", err)
	}
	return store, nil
}

var errNoStore = errors.New("DATABASE_URL is none: without a store, what is not done stays with its sender")

// userAtHost is who runs the command, for the journal.
func userAtHost() string {
	name := "somebody"
	if who, err := user.Current(); err == nil {
		name = who.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// byUser lets what is done with the context be done by who runs the command.
func byUser(ctx context.Context) context.Context { return ledger.WithActor(ctx, userAtHost(), "") }

// noStoreError is the path of a SQLite store that is not there: a command that only
// looks must not make one.
type noStoreError string

func (e noStoreError) Error() string {
	return fmt.Sprintf("there is no store %s here: run this where serve runs, or set DATABASE_URL", string(e))
}

type eventsListCommand struct {
	eventsFilter
	Limit int   `help:"At most so many." default:"50"`
	After int64 `help:"Continue behind this event." placeholder:"ID"`
	JSON  bool  `name:"json" help:"Print as JSON."`
}

// Validate implements kong's check of flags.
func (c eventsListCommand) Validate() error {
	if c.Limit < 1 {
		return errors.New("--limit must be above zero")
	}
	return c.eventsFilter.Validate()
}

// Run lists events, oldest first.
func (c eventsListCommand) Run(p program) error {
	store, err := p.openEvents()
	if err != nil {
		return err
	}
	defer store.Close(p.ctx)
	filter, err := c.ledgerFilter(p.ctx, store)
	if err != nil {
		return err
	}
	filter.Limit, filter.After = c.Limit, c.After
	events, err := store.Events(p.ctx, filter)
	if err != nil {
		return err
	}
	if c.JSON {
		if events == nil {
			events = []ledger.Event{}
		}
		for i := range events {
			events[i].Body = nil // events show prints it
		}
		return errors.Join(p.printJSON(events), c.nothingFound(len(events)))
	}
	if _, memory := store.(unreadables); memory {
		fmt.Fprintln(p.errs, errNoStore.Error()+". Only what could not be read is kept, in the memory of the running connector, until it stops.")
	}
	if len(events) == 0 {
		if err := c.nothingFound(0); err != nil {
			return err
		}
		fmt.Fprintln(p.out, "Nothing is stored that matches.")
		return nil
	}
	rows := make([][]string, len(events))
	for i, e := range events {
		rows[i] = []string{
			strconv.FormatInt(e.ID, 10), string(e.State), e.Type, e.Number, e.Order, ageText(e.ReceivedAt), strconv.Itoa(e.Attempts), shortenedReason(e.Order, e.Reason),
		}
	}
	p.printTable([]string{"ID", "STATE", "TYPE", "NUMBER", "ORDER", "AGE", "ATTEMPTS", "REASON"}, rows)
	if len(events) == c.Limit {
		printable.Fprintf(p.out, "There may be more: --after %d\n", events[len(events)-1].ID)
	}
	return nil
}

// nothingFound is the error of a list of one order's events that is empty.
func (f eventsFilter) nothingFound(n int) error {
	if n > 0 || f.Order == "" {
		return nil
	}
	return fmt.Errorf("nothing is stored that matches of order %s", f.Order)
}

// eventWithText is an event whose body is printed as text.
type eventWithText struct {
	ledger.Event
	Body string `json:"body,omitempty"`
}

type eventsShowCommand struct {
	ID   int64 `arg:"" help:"The event."`
	Body bool  `help:"Also print the body, which may hold personal data."`
	JSON bool  `name:"json" help:"Print as JSON."`
}

// Run shows one event.
func (c eventsShowCommand) Run(p program) error {
	store, err := p.openEvents()
	if err != nil {
		return err
	}
	defer store.Close(p.ctx)
	event, ok, err := store.Event(p.ctx, c.ID)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("there is no event %d", c.ID)
	}
	var timeline []ledger.JournalRow
	if event.Order != "" {
		if timeline, err = store.Timeline(p.ctx, event.Order); err != nil {
			return err
		}
	}
	if !c.Body {
		event.Body = nil
	}
	if c.JSON {
		return p.printJSON(map[string]any{"event": eventWithText{event, string(event.Body)}, "timeline": append([]ledger.JournalRow{}, timeline...)})
	}
	line := func(name string, value any) { printable.Fprintf(p.out, "%-14s %v\n", name, value) }
	line("event", event.ID)
	line("state", event.State)
	line("type", event.Type)
	line("order", event.Order)
	if event.Number != "" {
		line("order number", event.Number)
	}
	line("event id", event.EventID)
	line("received", event.ReceivedAt.Format(time.RFC3339))
	line("attempts", event.Attempts)
	if !event.NextAttemptAt.IsZero() {
		line("next attempt", event.NextAttemptAt.Format(time.RFC3339))
	}
	line("reason", strings.ReplaceAll(withoutOrderPrefix(event.Order, event.Reason), "\n", "; "))
	if event.Fix != "" {
		line("to do", event.Fix)
	}
	if c.Body {
		fmt.Fprintf(p.out, "%-14s %s\n", "body", event.Body)
	}
	p.printTimeline(timeline)
	return nil
}

func (p program) printTimeline(timeline []ledger.JournalRow) {
	if len(timeline) == 0 {
		return
	}
	fmt.Fprintln(p.out, "\nWhat was done about the order:")
	for _, row := range timeline {
		printable.Fprintf(p.out, "  %s  %-*s %-10s %s\n", row.At.Format(time.RFC3339), typeWidth, row.Type, row.Outcome, shortenedReason(row.Order, row.Reason))
	}
}

// eventsChoice are the flags of commands that change events: some by id, or all that
// a filter means.
type eventsChoice struct {
	IDs []int64 `arg:"" optional:"" help:"The events." name:"id"`
	All bool    `help:"All that the filters choose, instead of ids."`
	eventsFilter
	JSON bool `name:"json" help:"Print as JSON."`
}

// Validate implements kong's check of flags.
func (c eventsChoice) Validate() error {
	if c.All == (len(c.IDs) > 0) {
		return errors.New("name events by id, or choose with --all and filters")
	}
	return c.eventsFilter.Validate()
}

func (c eventsChoice) chosenFilter(ctx context.Context, store storedEvents) (ledger.Filter, error) {
	filter, err := c.ledgerFilter(ctx, store)
	if !c.All {
		filter.IDs = c.IDs
	}
	return filter, err
}

func (c eventsChoice) printCount(p program, verb string, n int) error {
	if c.JSON {
		return p.printJSON(map[string]any{"events": n, "action": verb})
	}
	printable.Fprintf(p.out, "%s %s.\n", countOf(n, "event"), verb)
	if !c.All && n < len(c.IDs) {
		return fmt.Errorf("%s not there", countOf(len(c.IDs)-n, "event"))
	}
	return nil
}

type eventsRetryCommand struct{ eventsChoice }

// Run has a running connector handle events again, through the normal path.
func (c eventsRetryCommand) Run(p program) error {
	store, err := p.openEvents()
	if err != nil {
		return err
	}
	defer store.Close(p.ctx)
	filter, err := c.chosenFilter(p.ctx, store)
	if err != nil {
		return err
	}
	n, err := store.Retry(p.ctx, filter)
	if err != nil {
		return err
	}
	verb := "will be handled again by the running connector"
	if _, handled := store.(unreadables); handled {
		verb = "handled"
	}
	return c.printCount(p, verb, n)
}

type eventsDiscardCommand struct {
	eventsChoice
	Yes bool `help:"With --all: do not ask."`
}

// Run forgets events.
func (c eventsDiscardCommand) Run(p program) error {
	if c.All {
		if err := p.confirm("Discard every event that the filters choose?", c.Yes); err != nil {
			return err
		}
	}
	store, err := p.openEvents()
	if err != nil {
		return err
	}
	defer store.Close(p.ctx)
	filter, err := c.chosenFilter(p.ctx, store)
	if err != nil {
		return err
	}
	n, err := store.Discard(p.ctx, filter)
	if err != nil {
		return err
	}
	return c.printCount(p, "discarded", n)
}

func ageText(since time.Time) string {
	switch d := time.Since(since); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	default:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
}

// shortenedReason is a reason on one line beside the order that it is about.
func shortenedReason(order, reason string) string {
	const limit = 120
	line, _, _ := strings.Cut(withoutOrderPrefix(order, reason), "\n")
	if len(line) > limit {
		line = strings.ToValidUTF8(line[:limit], "") + "…"
	}
	return line
}

// withoutOrderPrefix leaves out what stands beside it anyway.
func withoutOrderPrefix(order, reason string) string {
	return strings.TrimPrefix(reason, "order "+order+": ")
}

// countOf is 1 event, 2 events.
func countOf(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
