package intake_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// shelf is a Keeper.
type shelf struct {
	err error

	mu       sync.Mutex // messages of one body are handled beside each other
	deferred []ledger.Deferred
	waits    []time.Duration
	dead     []ledger.Deferred
}

func (s *shelf) Defer(ctx context.Context, d ledger.Deferred, wait time.Duration) error {
	d.Body = slices.Clone(d.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deferred, s.waits = append(s.deferred, d), append(s.waits, wait)
	return errors.Join(s.err, ctx.Err())
}

func (s *shelf) AddDeadLetter(_ context.Context, d ledger.Deferred) error {
	d.Body = slices.Clone(d.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = append(s.dead, d)
	return s.err
}

// ends makes both flows end so.
func (b *bench) ends(result outcome.Result, err error) {
	b.flows.do = func(context.Context) (outcome.Result, error) { return result, err }
}

func keeping(s *shelf) *bench {
	return newBench(func(o *intake.Options) { o.Keeper = s })
}

// finishedTask is one way in which a message may end.
type finishedTask struct {
	result  outcome.Result
	err     error
	status  int
	word    outcome.Kind
	kept    string // deferred, dead or nothing
	verdict ledger.Action
	delay   time.Duration
}

func failing(kind remote.Kind, delay time.Duration, cause error) error {
	return &remote.Error{Platform: "acme", Operation: "create order", Kind: kind, Delay: delay, Hint: "do something", Cause: cause}
}

func endings() map[string]finishedTask {
	attention := outcome.Result{Order: "00000000-0000-4000-8000-000000000001", Kind: outcome.Refused, Reason: "goes on", Hint: "do something"}
	return map[string]finishedTask{
		"applied":   {outcome.Result{Order: "00000000-0000-4000-8000-000000000001", Kind: outcome.Applied}, nil, 200, outcome.Applied, "", ledger.Done, 0},
		"unchanged": {outcome.Result{Order: "00000000-0000-4000-8000-000000000001", Kind: outcome.Unchanged}, nil, 200, outcome.Unchanged, "", ledger.Done, 0},
		"ignored":   {outcome.Result{Order: "00000000-0000-4000-8000-000000000001", Kind: outcome.Ignored}, nil, 200, outcome.Ignored, "", ledger.Done, 0},
		"refused":   {attention, nil, 200, outcome.Refused, "dead", ledger.Dead, 0},
		"rejected":  {outcome.Result{Order: "00000000-0000-4000-8000-000000000001"}, failing(remote.Rejected, 0, nil), 200, outcome.Rejected, "dead", ledger.Dead, 0},
		"a mistake": {outcome.Result{Order: "00000000-0000-4000-8000-000000000001"}, errors.New("a mistake of ours"), 200, outcome.Rejected, "dead", ledger.Dead, 0},
		"conflict":  {outcome.Result{Order: "00000000-0000-4000-8000-000000000001"}, failing(remote.Conflict, 0, nil), 200, outcome.Deferred, "deferred", ledger.Again, 0},
		"transient": {outcome.Result{Order: "00000000-0000-4000-8000-000000000001"}, failing(remote.Transient, 7*time.Second, nil), 200, outcome.Deferred, "deferred", ledger.Again, 7 * time.Second},
		"blocked":   {outcome.Result{Order: "00000000-0000-4000-8000-000000000001"}, failing(remote.Blocked, 0, nil), 200, outcome.Deferred, "deferred", ledger.Wait, 0},
		"circuit":   {outcome.Result{Order: "00000000-0000-4000-8000-000000000001"}, failing(remote.Transient, 4*time.Second, remote.ErrCircuitOpen), 200, outcome.Deferred, "deferred", ledger.Wait, 4 * time.Second},
	}
}

func TestHowAMessageEndsDecidesWhetherItIsKept(t *testing.T) {
	t.Parallel()
	for name, e := range endings() {
		for path, body := range map[string]string{"/event": message, "/service": event} {
			s := &shelf{}
			b := keeping(s)
			b.ends(e.result, e.err)
			answer := b.post(path, strings.NewReader(body))
			if answer.Code != e.status || word(t, answer) != string(e.word) {
				t.Errorf("%s on %s: %d %s", name, path, answer.Code, answer.Body)
			}
			if len(s.deferred) != count(e.kept == "deferred") || len(s.dead) != count(e.kept == "dead") {
				t.Errorf("%s on %s: %d deferred, %d dead, want it %q", name, path, len(s.deferred), len(s.dead), e.kept)
			}
			for _, d := range append(s.deferred, s.dead...) {
				if string(d.Body) != body || d.Order != "00000000-0000-4000-8000-000000000001" || d.EventID == "" || d.Type == "" || d.Reason == "" || d.ReceivedAt.IsZero() {
					t.Errorf("%s on %s: kept as %+v", name, path, d)
				}
			}
			if got := b.journal.entries[0]; got.Kind != e.word || got.Attempt != 1 {
				t.Errorf("%s on %s: recorded as %+v", name, path, got)
			}
		}
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func TestAStoredMessageGoesTheSameWayAgain(t *testing.T) {
	t.Parallel()
	for name, e := range endings() {
		for flow, body := range map[outcome.Flow]string{outcome.Export: message, outcome.Feedback: event} {
			s := &shelf{}
			b := keeping(s)
			b.ends(e.result, e.err)
			got := b.server.Resume(t.Context(), ledger.Event{Deferred: ledger.Deferred{Flow: flow, Body: []byte(body)}, Attempts: 3})
			if got.Action != e.verdict || got.Delay != e.delay {
				t.Errorf("%s, %s: %+v, want %s after %v", name, flow, got, e.verdict, e.delay)
			}
			if e.kept != "" && (got.Reason == "" || name != "a mistake" && name != "conflict" && got.Fix == "") {
				t.Errorf("%s, %s: no reason or fix in %+v", name, flow, got)
			}
			if len(s.deferred)+len(s.dead) != 0 {
				t.Errorf("%s, %s: stored a second time", name, flow)
			}
			entry := b.journal.entries[0]
			if entry.Kind != e.word || entry.Attempt != 4 || entry.Flow != flow {
				t.Errorf("%s, %s: recorded as %+v", name, flow, entry)
			}
			if b.journal.inFlight != 0 || len(b.flows.asked) != 1 {
				t.Errorf("%s, %s: %d in flight, the flow was asked %d times", name, flow, b.journal.inFlight, len(b.flows.asked))
			}
		}
	}
}

// TestARepeatedEventIsTheSameWhateverItsID: fulfillmenttools may give a repetition a new
// eventId; what it says stays. What says anything else is another event, though it names the
// same entity at the same version, or the same eventId: somebody may have made it up, and it must
// not take the true one's place in the store.
func TestARepeatedEventIsTheSameWhateverItsID(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	b := keeping(s)
	b.ends(outcome.Result{}, failing(remote.Transient, 0, nil))
	told := func(name, id, payload string) string {
		return fmt.Sprintf(`{"event":%q,"eventId":%q,"payload":{%s}}`, name, id, payload)
	}
	bodies := []string{
		told("HANDOVERJOB_CREATED", "e-1", `"id":"job-1","version":1,"orderRef":"order-1"`),
		told("HANDOVERJOB_CREATED", "e-2", `"version":1, "orderRef":"order-1","id":"job-1"`),    // a repetition
		told("HANDOVERJOB_HANDED_OVER", "e-2", `"id":"job-1","version":1,"orderRef":"order-1"`), // another event about it
		told("HANDOVERJOB_CREATED", "e-2", `"id":"job-1","version":1,"orderRef":"order-2"`),     // made up of the first
		told("HANDOVERJOB_CREATED", "e-3", `"id":"job-1","version":2,"orderRef":"order-1"`),
		told("HANDOVERJOB_CREATED", "e-4", `"id":"job-2","version":1,"orderRef":"order-1"`),
	}
	keys := map[string]int{}
	for i, body := range bodies {
		b.post("/service", strings.NewReader(body))
		keys[s.deferred[i].Key()]++
	}
	if len(keys) != len(bodies)-1 || s.deferred[0].Key() != s.deferred[1].Key() || s.deferred[1].EventID != "e-2" {
		t.Errorf("%v", keys)
	}
}

// TestAMessageOfAnotherOrderIsNoRepetition: a message that somebody made up out of another one's
// id does not take its place.
func TestAMessageOfAnotherOrderIsNoRepetition(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	b := keeping(s)
	b.ends(outcome.Result{}, failing(remote.Transient, 0, nil))
	other := strings.Replace(message, "8000-000000000001", "8000-000000000002", 1)
	for _, body := range []string{message, other, message} {
		b.post("/event", strings.NewReader(body))
	}
	if len(s.deferred) != 3 || s.deferred[0].Key() == s.deferred[1].Key() || s.deferred[0].Key() != s.deferred[2].Key() {
		t.Errorf("%+v", s.deferred)
	}
}

func TestWhatThePlatformAskedToWaitIsTheFirstPause(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	b := keeping(s)
	b.ends(outcome.Result{}, failing(remote.Transient, 90*time.Second, nil))
	b.post("/event", strings.NewReader(message))
	if len(s.waits) != 1 || s.waits[0] != 90*time.Second {
		t.Errorf("waits: %v", s.waits)
	}
}

func TestWhenTheStoreFailsTheSenderKeepsIt(t *testing.T) {
	t.Parallel()
	for name, e := range endings() {
		s := &shelf{err: failing(remote.Transient, 0, nil)}
		b := keeping(s)
		b.ends(e.result, e.err)
		answer := b.post("/event", strings.NewReader(message))
		want := http.StatusOK
		if e.kept != "" {
			want = http.StatusServiceUnavailable
		}
		if answer.Code != want || want != http.StatusOK && answer.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d, Retry-After %q", name, answer.Code, answer.Header().Get("Retry-After"))
		}
	}
}

func TestTheMessageIsStoredThoughTheSenderLeft(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	b := keeping(s)
	ctx, leave := context.WithCancel(t.Context())
	b.flows.do = func(context.Context) (outcome.Result, error) {
		leave()
		return outcome.Result{}, failing(remote.Transient, 0, nil)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "/event", strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	b.server.ServeHTTP(discarding{}, request)
	if len(s.deferred) != 1 || b.journal.entries[0].Kind != outcome.Deferred {
		t.Errorf("%d stored, recorded as %s", len(s.deferred), b.journal.entries[0].Kind)
	}
}

// discarding is an answer that nobody reads.
type discarding struct{}

func (discarding) Header() http.Header            { return http.Header{} }
func (discarding) Write(text []byte) (int, error) { return len(text), nil }
func (discarding) WriteHeader(int)                {}

// TestWhatCannotBeReadIsKeptFromKnownCallers: a wrong routing must not cost orders, and
// strangers must not fill the store.
func TestWhatCannotBeReadIsKeptFromKnownCallers(t *testing.T) {
	t.Parallel()
	bodies := []string{"", "nonsense", "[]", `{"a":`, strings.Repeat("x", 200_000), event}
	for _, anybody := range []bool{false, true} {
		s := &shelf{}
		b := newBench(func(o *intake.Options) {
			o.Keeper = s
			if anybody {
				o.MessageCaller = intake.Anybody(intake.Bearer(ours()))
			}
		})
		want := map[bool]string{false: "rejected", true: "done"}[anybody]
		for _, body := range bodies {
			if answer := b.post("/event", strings.NewReader(body)); answer.Code != http.StatusOK || word(t, answer) != want {
				t.Errorf("%.20q: %d %s", body, answer.Code, answer.Body)
			}
		}
		if anybody {
			bodies = nil
		}
		if len(s.dead) != len(bodies) || len(s.deferred) > 0 {
			t.Fatalf("anybody %v: %d kept", anybody, len(s.dead))
		}
		for i, body := range bodies {
			if got := s.dead[i]; string(got.Body) != body[:min(len(body), 64<<10)] || got.Type != ledger.TypeUnreadable || got.Reason == "" || got.Fix == "" {
				t.Errorf("%d bytes kept of %.20q, as %s: %s", len(got.Body), body, got.Type, got.Reason)
			}
		}
		b.post("/service", strings.NewReader("nonsense"))
		if len(s.dead) != len(bodies)+1 {
			t.Error("what came to /service is not kept")
		}
	}
}

func TestAnUnreadableBodyIsHandledAgainWhereverItBelongs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flow  outcome.Flow
		body  string
		asked int
		want  ledger.Action
	}{
		"an event that came to /event":      {outcome.Export, event, 1, ledger.Done},
		"a message that came to /service":   {outcome.Feedback, message, 1, ledger.Done},
		"messages that came to /service":    {outcome.Feedback, "[" + message + "," + message + "]", 2, ledger.Done},
		"understood since":                  {outcome.Export, message, 1, ledger.Done},
		"understood in part":                {outcome.Export, "[" + message + ",7]", 1, ledger.Dead},
		"still nothing":                     {outcome.Export, "nonsense", 0, ledger.Dead},
		"still nothing that is for us":      {outcome.Feedback, "nonsense", 0, ledger.Dead},
		"the beginning of a message":        {outcome.Export, strings.TrimSuffix(message, "}") + `,"order":"` + strings.Repeat("x", 64<<10-len(message)-9), 1, ledger.Done},
		"the beginning of one at /service":  {outcome.Feedback, strings.TrimSuffix(message, "}") + `,"order":"` + strings.Repeat("x", 64<<10-len(message)-9), 1, ledger.Done},
		"an event of which only a part was": {outcome.Feedback, event[:40], 0, ledger.Dead},
	} {
		b := newBench(nil)
		got := b.server.Resume(t.Context(), ledger.Event{Deferred: ledger.Deferred{Flow: c.flow, Type: ledger.TypeUnreadable, Body: []byte(c.body)}, Attempts: 1})
		if got.Action != c.want || len(b.flows.asked) != c.asked {
			t.Errorf("%s: %+v, asked %v", name, got, b.flows.asked)
		}
	}
	off := newBench(func(o *intake.Options) { o.Updater = nil })
	if got := off.server.Resume(t.Context(), ledger.Event{Deferred: ledger.Deferred{Flow: outcome.Export, Type: ledger.TypeUnreadable, Body: []byte(event)}}); got.Action != ledger.Wait {
		t.Errorf("an event while they are switched off: %+v", got)
	}
}

func TestAStoredMessageOfAFlowThatIsOffWaits(t *testing.T) {
	t.Parallel()
	b := newBench(func(o *intake.Options) { o.Exporter, o.Updater = nil, nil })
	for _, flow := range []outcome.Flow{outcome.Export, outcome.Feedback} {
		got := b.server.Resume(t.Context(), ledger.Event{Deferred: ledger.Deferred{Flow: flow, Body: []byte(message)}})
		if got.Action != ledger.Wait || got.Delay <= 0 || got.Reason == "" {
			t.Errorf("%s: %+v", flow, got)
		}
	}
	if len(b.journal.entries) != 0 {
		t.Error("it was not tried, but recorded")
	}
}

// TestADateOfTheFutureIsTheTimeOfReceipt: of the first one, however often it is tried again.
func TestADateOfTheFutureIsTheTimeOfReceipt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(nil)
		received := time.Now()
		body := strings.Replace(event, `"id":"f-1"`, `"id":"f-1","created":"2099-01-01T00:00:00.000Z"`, 1)
		b.post("/service", strings.NewReader(body))
		time.Sleep(time.Hour)
		b.server.Resume(t.Context(), ledger.Event{Deferred: ledger.Deferred{Flow: outcome.Feedback, Type: "ORDER_CREATED", Body: []byte(body), ReceivedAt: received}})
		if len(b.flows.events) != 2 {
			t.Fatalf("%d events", len(b.flows.events))
		}
		for _, e := range b.flows.events {
			if !e.Payload.Created.Equal(received) {
				t.Errorf("created %s, want %s", e.Payload.Created, received)
			}
		}
	})
}

// TestAMessageOfWhichOnlyTheOrderIsKeptIsCompared with what both platforms say.
func TestAMessageOfWhichOnlyTheOrderIsKeptIsCompared(t *testing.T) {
	t.Parallel()
	for _, flow := range []outcome.Flow{outcome.Export, outcome.Feedback} {
		var compared []string
		b := newBench(func(o *intake.Options) {
			o.Compare = func(_ context.Context, order string) (outcome.Result, error) {
				compared = append(compared, order)
				return outcome.Result{Order: order, Kind: outcome.Applied}, nil
			}
		})
		got := b.server.Resume(t.Context(), ledger.Event{Deferred: ledger.Deferred{Flow: flow, Type: "PICK_JOB_CREATED", Order: "o-1"}, Attempts: 1})
		if got.Action != ledger.Done || len(compared) != 1 || compared[0] != "o-1" || len(b.flows.asked) > 0 {
			t.Errorf("%s: %+v, compared %v", flow, got, compared)
		}
		if entry := b.journal.entries[0]; entry.Type != "PICK_JOB_CREATED" || entry.Kind != outcome.Applied || entry.Attempt != 2 {
			t.Errorf("%s: %+v", flow, entry)
		}
	}
}
