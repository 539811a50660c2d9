package intake_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// idOf is an order's id.
func idOf(name string) string {
	return "00000000-0000-4000-8000-" + strings.Repeat("0", 12-len(name)) + name
}

// ofOrder is a message about an order.
func ofOrder(name string) string {
	return strings.ReplaceAll(strings.Replace(message, `"00000000-0000-4000-8000-000000000001"`, `"`+idOf(name)+`"`, 1), "m-1", "m-"+name)
}

func TestABodyWithSeveralMessagesIsDoneWhenEachIsDoneOrStored(t *testing.T) {
	t.Parallel()
	body := "[" + ofOrder("a") + "," + ofOrder("b") + ",7," + ofOrder("c") + "]"
	for name, c := range map[string]struct {
		keeper *shelf
		failed error
		status int
		kept   []string
	}{
		"all done":           {&shelf{}, nil, 200, nil},
		"one stored":         {&shelf{}, failing(remote.Transient, 0, nil), 200, []string{idOf("b")}},
		"no store":           {nil, failing(remote.Transient, 4*time.Second, nil), 503, nil},
		"no store, one dead": {nil, failing(remote.Rejected, 0, nil), 200, nil},
	} {
		b := newBench(func(o *intake.Options) {
			if c.keeper != nil {
				o.Keeper = c.keeper
			}
		})
		b.flows.do = func(ctx context.Context) (outcome.Result, error) { return outcome.Result{Kind: outcome.Applied}, nil }
		b.server = withFailing(b, c.failed, c.keeper)
		answer := b.post("/event", strings.NewReader(body))
		if answer.Code != c.status || c.status == 503 && answer.Header().Get("Retry-After") != "4" {
			t.Errorf("%s: %d %s, Retry-After %q", name, answer.Code, answer.Body, answer.Header().Get("Retry-After"))
		}
		slices.Sort(b.flows.asked)
		if !slices.Equal(b.flows.asked, []string{idOf("a"), idOf("b"), idOf("c")}) || len(b.journal.entries) != 4 {
			t.Errorf("%s: asked %v, %d recorded", name, b.flows.asked, len(b.journal.entries))
		}
		if c.keeper == nil {
			continue
		}
		var kept []string
		for _, d := range c.keeper.deferred {
			kept = append(kept, d.Order)
			if string(d.Body) != ofOrder("b") {
				t.Errorf("%s: kept %s", name, d.Body)
			}
		}
		if !slices.Equal(kept, c.kept) || len(c.keeper.dead) != 1 || string(c.keeper.dead[0].Body) != body {
			t.Errorf("%s: kept %v, dead %v", name, kept, c.keeper.dead)
		}
	}
}

// failingExporter fails for order b.
type failingExporter struct {
	exporter
	failed error
}

func (e failingExporter) Handle(ctx context.Context, orderID string, hint export.Hint) (outcome.Result, error) {
	result, err := e.exporter.Handle(ctx, orderID, hint)
	result.Order = orderID
	if orderID == idOf("b") && e.failed != nil {
		return outcome.Result{Order: orderID}, e.failed
	}
	return result, err
}

// withFailing is the bench's server, whose exporter fails for order b.
func withFailing(b *bench, failed error, keeper *shelf) *intake.Server {
	opts := intake.Options{
		ProjectKey: "shop", Exporter: failingExporter{exporter{b.flows}, failed}, Updater: updater{b.flows},
		MessageCaller: anybody, EventCaller: anybody, Recorder: b.journal,
	}
	if keeper != nil {
		opts.Keeper = keeper
	}
	return intake.New(opts)
}

func TestSeveralMessagesShareTheTimeOfOneAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		b := newBench(func(o *intake.Options) { o.Keeper, o.Timeout = s, 5*time.Second })
		b.flows.do = func(ctx context.Context) (outcome.Result, error) {
			select {
			case <-time.After(2 * time.Second):
				return outcome.Result{Kind: outcome.Applied}, nil
			case <-ctx.Done():
				return outcome.Result{}, ctx.Err()
			}
		}
		var all []string
		for i := range 40 {
			all = append(all, ofOrder(fmt.Sprint(i)))
		}
		began := time.Now()
		answer := b.post("/event", strings.NewReader("["+strings.Join(all, ",")+"]"))
		if took := time.Since(began); answer.Code != http.StatusOK || took > 5*time.Second {
			t.Errorf("%d after %s", answer.Code, took)
		}
		if len(s.deferred) != 24 || len(b.journal.entries) != 40 { // 8 at once, twice
			t.Errorf("%d stored of %d", len(s.deferred), len(b.journal.entries))
		}
	})
}

func TestEventGridsHandshakesAreAnswered(t *testing.T) {
	t.Parallel()
	b := newBench(nil)
	answer := b.post("/event", strings.NewReader(`[{"id":"2d17","topic":"/subscriptions/1","subject":"","data":{"validationCode":"512d38b6","validationUrl":"https://rp.example"},"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2026-01-25T22:12:19Z","metadataVersion":"1","dataVersion":"2"}]`))
	if answer.Code != http.StatusOK || strings.TrimSpace(answer.Body.String()) != `{"validationResponse":"512d38b6"}` {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	for origin, allowed := range map[string]bool{"eventgrid.azure.net": true, "": false, "a\nb": false, strings.Repeat("a", 300): false} {
		request := httptest.NewRequest(http.MethodOptions, "/event?token=x", nil)
		request.Header.Set("WebHook-Request-Origin", origin)
		request.Header.Set("WebHook-Request-Rate", "120")
		recorder := httptest.NewRecorder()
		b.server.ServeHTTP(recorder, request)
		got := recorder.Header()
		if allowed && (recorder.Code != http.StatusOK || got.Get("WebHook-Allowed-Origin") != origin || got.Get("WebHook-Allowed-Rate") == "") {
			t.Errorf("%s: %d %v", origin, recorder.Code, got)
		}
		if !allowed && (recorder.Code != http.StatusBadRequest || got.Get("WebHook-Allowed-Origin") != "") {
			t.Errorf("%q: %d %v", origin, recorder.Code, got)
		}
	}
	strict := newBench(func(o *intake.Options) {
		o.MessageCaller = func(context.Context, *http.Request) (intake.Visitor, error) {
			return intake.Visitor{}, io.ErrNoProgress
		}
	})
	if answer := strict.post("/event", strings.NewReader(`[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"c"}}]`)); answer.Code != http.StatusUnauthorized {
		t.Errorf("a stranger's handshake: %d", answer.Code)
	}
}

func TestTheEndOfASubscriptionIsToldAndNotRepeated(t *testing.T) {
	t.Parallel()
	b := newBench(nil)
	answer := b.post("/event", strings.NewReader(`{"Type":"UnsubscribeConfirmation","Token":"planted-value","TopicArn":"arn:aws:sns:eu-central-1:1:orders","Message":"planted-value"}`))
	if entry := b.journal.entries[0]; answer.Code != http.StatusOK || entry.Kind != outcome.Ignored || entry.Hint == "" || !strings.Contains(entry.Reason, "arn:aws:sns:eu-central-1:1:orders") {
		t.Errorf("%d, recorded %+v", answer.Code, entry)
	}
}

func TestEventsOfCommercetoolsAreIgnored(t *testing.T) {
	t.Parallel()
	b := newBench(nil)
	answer := b.post("/event", strings.NewReader(`{"notificationType":"Event","id":"e","type":"ImportContainerCreated","resourceType":"import-container","data":{},"createdAt":"2026-03-01T09:15:00Z"}`))
	if answer.Code != http.StatusOK || word(t, answer) != "ignored" || b.journal.entries[0].Kind != outcome.Ignored {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

// TestWhateverItsSizeAMessageIsAcknowledged: a refusal would come again for seven days.
func TestWhateverItsSizeAMessageIsAcknowledged(t *testing.T) {
	t.Parallel()
	order := func(size int) io.Reader {
		return newLongBody(strings.TrimSuffix(message, "}")+`,"order":{"orderState":"Confirmed","lineItems":["`, 'x', size, `"]}}`)
	}
	for name, c := range map[string]struct {
		path  string
		body  io.Reader
		word  string
		asked int
		name  string
	}{
		"10 MiB":                         {"/event", order(10<<20 - 1000), "applied", 1, "OrderStateChanged"},
		"a message of 30 MiB":            {"/event", order(30 << 20), "applied", 1, "OrderStateChanged"},
		"12 MiB of something":            {"/event", newLongBody(`{"x":"`, 'a', 12<<20, `"}`), "rejected", 0, ledger.TypeTooLarge},
		"an event of 9 MiB":              {"/service", newLongBody(strings.TrimSuffix(event, "}}")+`,"x":"`, 'a', 9<<20, `"}}`), "applied", 1, "ORDER_CREATED"},
		"an event of 12 MiB":             {"/service", newLongBody(strings.TrimSuffix(event, "}}")+`,"x":"`, 'a', 12<<20, `"}}`), "rejected", 0, ledger.TypeTooLarge},
		"an event of exactly the limit":  {"/service", newLongBody(event, ' ', 10<<20-len(event), ""), "applied", 1, "ORDER_CREATED"},
		"a message of exactly the limit": {"/event", newLongBody(message, ' ', 10<<20-len(message), ""), "applied", 1, "OrderStateChanged"},
	} {
		s := &shelf{}
		b := newBench(func(o *intake.Options) { o.Keeper = s })
		answer := b.post(c.path, c.body)
		if answer.Code != http.StatusOK || word(t, answer) != c.word || len(b.flows.asked) != c.asked || b.journal.entries[0].Type != c.name {
			t.Errorf("%s: %d %s; recorded %+v", name, answer.Code, answer.Body, b.journal.entries[0])
		}
		if c.asked == 0 && (len(s.dead) != 1 || len(s.dead[0].Body) != 64<<10 || s.dead[0].Reason == "") {
			t.Errorf("%s: %d kept", name, len(s.dead))
		}
	}
}

// TestTheBodiesInMemoryHaveATotal: those for which there is no room come again.
func TestTheBodiesInMemoryHaveATotal(t *testing.T) {
	t.Parallel()
	b := newBench(func(o *intake.Options) { o.MaxBodies = 3 << 20 })
	large := strings.TrimSuffix(event, "}}") + `,"x":"` + strings.Repeat("a", 2<<20) + `"}}`
	inside := make(chan struct{})
	leave := make(chan struct{})
	b.flows.do = func(context.Context) (outcome.Result, error) {
		inside <- struct{}{}
		<-leave
		return outcome.Result{Kind: outcome.Applied}, nil
	}
	first := make(chan int)
	go func() { first <- b.post("/service", strings.NewReader(large)).Code }()
	<-inside
	if answer := b.post("/service", strings.NewReader(large)); answer.Code != http.StatusServiceUnavailable || word(t, answer) != "busy" || answer.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	go func() { first <- b.post("/service", strings.NewReader(event)).Code }() // a small one has room
	<-inside
	close(leave)
	if a, b := <-first, <-first; a != 200 || b != 200 {
		t.Errorf("%d %d", a, b)
	}
	b.flows.do = nil
	if answer := b.post("/service", strings.NewReader(large)); answer.Code != http.StatusOK {
		t.Errorf("when there is room again: %d", answer.Code)
	}
	// Messages are never in memory as a whole.
	if answer := b.post("/event", newLongBody(strings.TrimSuffix(message, "}")+`,"x":"`, 'a', 8<<20, `"}`)); answer.Code != http.StatusOK {
		t.Errorf("a large message: %d", answer.Code)
	}
}

func TestWhatIsStoredOfAMessageIsWhatIsReadOfIt(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	b := keeping(s)
	b.ends(outcome.Result{Order: "00000000-0000-4000-8000-000000000001"}, failing(remote.Transient, 0, nil))
	b.post("/event", strings.NewReader(about("OrderCreated", `,"order":{"orderState":"Confirmed","shippingAddress":{"lastName":"planted-value"}}`)))
	if len(s.deferred) != 1 || strings.Contains(string(s.deferred[0].Body), "planted-value") {
		t.Fatalf("stored %+v", s.deferred)
	}
	b.flows.do = nil
	got := b.server.Resume(t.Context(), ledger.Event{Deferred: s.deferred[0], Attempts: 1})
	if got.Action != ledger.Done || !b.flows.hints[1].Confirmed || b.flows.asked[1] != "00000000-0000-4000-8000-000000000001" {
		t.Errorf("%+v, %+v", got, b.flows.hints)
	}
}
