package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/intake"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// flows stands for both flows: it does what it is told and keeps what it was asked.
type flows struct {
	mu     sync.Mutex
	asked  []string
	hints  []export.Hint
	events []fulfillmenttools.Event
	do     func(ctx context.Context) (outcome.Result, error)
}

func (f *flows) run(ctx context.Context, order string) (outcome.Result, error) {
	f.mu.Lock()
	f.asked = append(f.asked, order)
	do := f.do
	f.mu.Unlock()
	if do == nil {
		return outcome.Result{Order: order, Kind: outcome.Applied, Reason: "done"}, nil
	}
	return do(ctx)
}

type exporter struct{ *flows }

func (e exporter) Handle(ctx context.Context, orderID string, hint export.Hint) (outcome.Result, error) {
	e.mu.Lock()
	e.hints = append(e.hints, hint)
	e.mu.Unlock()
	return e.run(ctx, orderID)
}

type updater struct{ *flows }

func (u updater) Handle(ctx context.Context, event fulfillmenttools.Event) (outcome.Result, error) {
	u.mu.Lock()
	u.events = append(u.events, event)
	u.mu.Unlock()
	return u.run(ctx, event.Payload.OrderID)
}

// journal is a Recorder that keeps everything.
type journal struct {
	mu       sync.Mutex
	entries  []outcome.Entry
	refused  []string
	inFlight int
}

func (j *journal) Begin() func() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.inFlight++
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.inFlight--
	}
}

func (j *journal) Record(_ context.Context, entry outcome.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
}

func (j *journal) CountBusy(outcome.Flow) {}

func (j *journal) Token(string, time.Time) {}

func (j *journal) Unauthorized(flow outcome.Flow, why string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.refused = append(j.refused, string(flow)+": "+why)
}

type bench struct {
	flows   *flows
	journal *journal
	server  *intake.Server
}

// anybody lets callers in as if they had shown a token.
func anybody(context.Context, *http.Request) (intake.Visitor, error) { return intake.Visitor{}, nil }

func newBench(change func(*intake.Options)) *bench {
	b := &bench{flows: &flows{}, journal: &journal{}}
	opts := intake.Options{
		ProjectKey: "shop", Exporter: exporter{b.flows}, Updater: updater{b.flows},
		MessageCaller: anybody, EventCaller: anybody, Recorder: b.journal,
	}
	if change != nil {
		change(&opts)
	}
	b.server = intake.New(opts)
	return b
}

func (b *bench) post(path string, body io.Reader) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, path, body)
	if long, ok := body.(*longBody); ok {
		request.ContentLength = long.length
	}
	b.server.ServeHTTP(recorder, request)
	return recorder
}

// longBody is a body that is made while it is read.
type longBody struct {
	io.Reader
	length int64
}

func newLongBody(before string, filling byte, times int, after string) *longBody {
	return &longBody{
		Reader: io.MultiReader(strings.NewReader(before), io.LimitReader(endless(filling), int64(times)), strings.NewReader(after)),
		length: int64(len(before) + times + len(after)),
	}
}

// endless reads as this character for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func word(t *testing.T, recorder *httptest.ResponseRecorder) string {
	t.Helper()
	var answer map[string]string
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || len(answer) != 1 {
		t.Fatalf("not one word in JSON: %s", recorder.Body)
	}
	return answer["status"]
}

const (
	message = `{"notificationType":"Message","projectKey":"shop","id":"m-1","type":"OrderStateChanged","orderState":"Confirmed",` +
		`"resource":{"typeId":"order","id":"00000000-0000-4000-8000-000000000001"},"resourceUserProvidedIdentifiers":{"orderNumber":"A-1"}}`
	event = `{"event":"ORDER_CREATED","eventId":"e-1","payload":{"id":"f-1","customAttributes":{"commercetoolsId":"00000000-0000-4000-8000-000000000001"}}}`
)

// TestHowItEndedDecidesWhetherTheSenderKeepsTheMessage is the one table of answers.
func TestHowItEndedDecidesWhetherTheSenderKeepsTheMessage(t *testing.T) {
	t.Parallel()
	failed := func(kind remote.Kind, delay time.Duration) error {
		return fmt.Errorf("order o-1: %w", &remote.Error{
			Platform: "commercetools", Operation: "read order", Kind: kind, Status: 500, Delay: delay, Hint: "do something",
		})
	}
	for _, c := range []struct {
		name   string
		result outcome.Result
		err    error
		kind   outcome.Kind
		status int
		retry  string
		hint   string
	}{
		{"applied", outcome.Result{Kind: outcome.Applied}, nil, outcome.Applied, 200, "", ""},
		{"unchanged", outcome.Result{Kind: outcome.Unchanged}, nil, outcome.Unchanged, 200, "", ""},
		{"ignored", outcome.Result{Kind: outcome.Ignored}, nil, outcome.Ignored, 200, "", ""},
		{"refused", outcome.Result{Kind: outcome.Refused, Hint: "stop it"}, nil, outcome.Refused, 200, "", "stop it"},
		{"conflict", outcome.Result{}, failed(remote.Conflict, 0), outcome.Returned, 503, "1", "do something"},
		{"transient", outcome.Result{}, failed(remote.Transient, 0), outcome.Returned, 503, "1", "do something"},
		{"transient, with a wish", outcome.Result{}, failed(remote.Transient, 2100*time.Millisecond), outcome.Returned, 503, "3", "do something"},
		{"blocked", outcome.Result{}, failed(remote.Blocked, 0), outcome.Returned, 503, "1", "do something"},
		{"no time left", outcome.Result{}, context.DeadlineExceeded, outcome.Returned, 503, "1", ""},
		{"the sender left", outcome.Result{}, context.Canceled, outcome.Returned, 503, "1", ""},
		{"rejected", outcome.Result{}, failed(remote.Rejected, 0), outcome.Rejected, 200, "", "do something"},
		{"not found", outcome.Result{}, failed(remote.NotFound, 0), outcome.Rejected, 200, "", "do something"},
		{"unmappable", outcome.Result{}, &export.Unmappable{Problems: []string{"no city"}}, outcome.Rejected, 200, "", "complete the order in commercetools: it is exported then; or correct the shop's configuration, and retry"},
		{"our own mistake", outcome.Result{}, errors.New("a mistake"), outcome.Rejected, 200, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(nil)
			b.flows.do = func(context.Context) (outcome.Result, error) { return c.result, c.err }
			for path, body := range map[string]string{"/event": message, "/event/": message, "/service": event, "/service/any/thing": event} {
				answer := b.post(path, strings.NewReader(body))
				if answer.Code != c.status || word(t, answer) != string(c.kind) || answer.Header().Get("Retry-After") != c.retry {
					t.Errorf("%s: %d %s, Retry-After %q", path, answer.Code, answer.Body, answer.Header().Get("Retry-After"))
				}
			}
			for _, entry := range b.journal.entries {
				if entry.Kind != c.kind || entry.Hint != c.hint || (entry.Err == nil) != (c.err == nil) {
					t.Errorf("recorded %+v", entry)
				}
				if c.err != nil && entry.Reason != c.err.Error() {
					t.Errorf("reason %q", entry.Reason)
				}
			}
			if len(b.journal.entries) != 4 || b.journal.inFlight != 0 {
				t.Errorf("%d entries, %d in flight", len(b.journal.entries), b.journal.inFlight)
			}
		})
	}
}

func TestAMessageIsRecordedWithWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	b := newBench(nil)
	b.post("/event", strings.NewReader(message))
	b.post("/service", strings.NewReader(event))
	if len(b.journal.entries) != 2 {
		t.Fatalf("%d entries", len(b.journal.entries))
	}
	for i, want := range []outcome.Entry{
		{Flow: outcome.Export, Type: "OrderStateChanged", EventID: "m-1"},
		{Flow: outcome.Feedback, Type: "ORDER_CREATED", EventID: "e-1"},
	} {
		got := b.journal.entries[i]
		if got.Flow != want.Flow || got.Type != want.Type || got.EventID != want.EventID || got.Order != "00000000-0000-4000-8000-000000000001" || got.At.IsZero() || got.Duration <= 0 {
			t.Errorf("recorded %+v", got)
		}
	}
	if hint := b.flows.hints[0]; hint.OrderNumber != "A-1" || hint.Deleted {
		t.Errorf("hint %+v", hint)
	}
	deleted := strings.ReplaceAll(message, `"OrderStateChanged"`, `"OrderDeleted"`)
	b.post("/event", strings.NewReader(deleted))
	if !b.flows.hints[1].Deleted {
		t.Error("that the order was deleted is not told")
	}
}

func TestOnlyMessagesThatMatterAreHandedOn(t *testing.T) {
	t.Parallel()
	for state, handled := range map[string]bool{"Confirmed": true, "Cancelled": true, "": true, "Open": false, "Complete": false} {
		b := newBench(nil)
		b.post("/event", strings.NewReader(strings.Replace(message, "Confirmed", state, 1)))
		if got := len(b.flows.asked) == 1; got != handled {
			t.Errorf("order state %q: handed on: %v", state, got)
		}
	}
}

func TestAPanicIsOneRejectedMessageWithoutAStack(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(context.Context) (outcome.Result, error){
		"a value of any kind": func(context.Context) (outcome.Result, error) { panic("planted-value") },
		"an index":            func(context.Context) (outcome.Result, error) { return outcome.Result{}, []error{}[len(message)] },
		"nil": func(context.Context) (outcome.Result, error) {
			var missing *outcome.Result
			return *missing, nil
		},
	} {
		b := newBench(nil)
		b.flows.do = do
		answer := b.post("/event", strings.NewReader(message))
		if answer.Code != http.StatusOK || word(t, answer) != "rejected" {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
		reason := b.journal.entries[0].Reason
		if !strings.Contains(reason, " at intake/server_test.go:") || strings.Contains(reason, "0x") || strings.Contains(reason, "planted-value") || strings.Contains(reason, "\n") {
			t.Errorf("%s: reason %q", name, reason)
		}
		b.flows.do = nil
		if answer := b.post("/event", strings.NewReader(message)); word(t, answer) != "applied" {
			t.Errorf("%s: the next message: %s", name, answer.Body)
		}
	}
}

func TestTheFlowsTimeIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(func(o *intake.Options) { o.Timeout = 20 * time.Millisecond })
	b.flows.do = func(ctx context.Context) (outcome.Result, error) {
		<-ctx.Done()
		return outcome.Result{}, fmt.Errorf("order o-1: %w", ctx.Err())
	}
	if answer := b.post("/event", strings.NewReader(message)); answer.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	// Without a setting the time ends before both senders' ten seconds.
	b = newBench(nil)
	b.flows.do = func(ctx context.Context) (outcome.Result, error) {
		deadline, ok := ctx.Deadline()
		if left := time.Until(deadline); !ok || left > 7*time.Second {
			t.Errorf("time left: %s", left)
		}
		return outcome.Result{Kind: outcome.Applied}, nil
	}
	b.post("/service", strings.NewReader(event))
}

func TestCallsMadeForAMessageAreCounted(t *testing.T) {
	t.Parallel()
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	defer platform.Close()
	tokens := remote.NewTokens(func(context.Context, remote.Token) (remote.Token, error) {
		return remote.Token{Value: "t", Expires: time.Now().Add(time.Hour)}, nil
	})
	client := http.Client{Transport: remote.NewTransport(remote.Options{Platform: "x", Tokens: tokens})}
	b := newBench(nil)
	b.flows.do = func(ctx context.Context) (outcome.Result, error) {
		for range 3 {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, platform.URL, nil)
			if err != nil {
				return outcome.Result{}, err
			}
			response, err := client.Do(request)
			if err != nil {
				return outcome.Result{}, err
			}
			_ = response.Body.Close()
		}
		return outcome.Result{Kind: outcome.Applied}, nil
	}
	b.post("/event", strings.NewReader(message))
	if entry := b.journal.entries[0]; entry.Calls != 3 || entry.Waited <= 0 || entry.Waited > entry.Duration {
		t.Errorf("%d calls, waited %s of %s", entry.Calls, entry.Waited, entry.Duration)
	}
}

func TestABodyThatBreaksOffIsNeitherHandledNorRejected(t *testing.T) {
	t.Parallel()
	b := newBench(nil)
	answer := b.post("/event", io.MultiReader(strings.NewReader(message[:40]), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if answer.Code != http.StatusBadRequest || word(t, answer) != "body not received" || len(b.flows.asked)+len(b.journal.entries) > 0 {
		t.Errorf("%d %s; handled %v", answer.Code, answer.Body, b.flows.asked)
	}
}

func TestASwitchedOffFlowKeepsTheOtherGoing(t *testing.T) {
	t.Parallel()
	b := newBench(func(o *intake.Options) { o.Exporter = nil })
	if answer := b.post("/event", strings.NewReader(message)); answer.Code != http.StatusServiceUnavailable || word(t, answer) != "switched off" || answer.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if answer := b.post("/service", strings.NewReader(event)); answer.Code != http.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if entry := b.journal.entries[0]; entry.Kind != outcome.Returned || entry.Type != "switched off" {
		t.Errorf("recorded %+v", entry)
	}
}

func FuzzNoBodyBreaksTheServer(f *testing.F) {
	for _, seed := range []string{message, event, `{"message":{"data":"e30="}}`, `{"Message":"{}"}`, `{"specversion":"1.0","data":{}}`, `[]`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		b := newBench(nil)
		for _, path := range []string{"/event", "/service"} {
			if answer := b.post(path, strings.NewReader(body)); answer.Code != http.StatusOK {
				t.Errorf("%s: %d", path, answer.Code)
			}
		}
		for _, entry := range b.journal.entries {
			if strings.Contains(entry.Reason, "a mistake in fftconnect") {
				t.Error(entry.Reason)
			}
		}
	})
}

func TestARequestToConfirmAnSNSSubscriptionSaysWhatToDo(t *testing.T) {
	t.Parallel()
	b := newBench(nil)
	answer := b.post("/event", strings.NewReader(`{"Type":"SubscriptionConfirmation","Token":"planted-value","TopicArn":"arn:aws:sns:eu-central-1:1:orders","Message":"planted-value"}`))
	entry := b.journal.entries[0]
	if answer.Code != http.StatusOK || entry.Kind != outcome.Rejected || entry.Type != "unreadable" || len(b.flows.asked) > 0 {
		t.Errorf("%d, recorded %+v", answer.Code, entry)
	}
	if !strings.Contains(entry.Reason, "arn:aws:sns:eu-central-1:1:orders") || !strings.Contains(entry.Hint, "confirm the subscription") || strings.Contains(entry.Reason, "planted") {
		t.Errorf("reason %q, hint %q", entry.Reason, entry.Hint)
	}
}

func TestAnOverlongIDIsNotRecordedAndItsBodyKeptInPart(t *testing.T) {
	t.Parallel()
	kept := &shelf{}
	b := newBench(func(o *intake.Options) { o.Keeper = kept })
	long := strings.Repeat("x", 100_000)
	for path, body := range map[string]string{"/event": strings.Replace(message, "m-1", long, 1), "/service": strings.Replace(event, "e-1", long, 1)} {
		if answer := b.post(path, strings.NewReader(body)); answer.Code != http.StatusOK {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
	for _, entry := range b.journal.entries {
		if entry.Kind != outcome.Rejected || entry.EventID != "" || len(entry.Reason) > 200 {
			t.Errorf("recorded %.300v", entry)
		}
	}
	if len(kept.dead) != 2 || len(kept.dead[0].Body) != 64<<10 || len(kept.deferred) > 0 {
		t.Errorf("%d kept", len(kept.dead))
	}
}
