package connector_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/connector"
	"fftconnect/internal/ledger"
	"fftconnect/internal/notify"
	"fftconnect/internal/outcome"
)

const webhookURL = "http://alerts.example:80/planted-path"

// told stands between the connector and its network, and takes what is sent to the webhook.
type told struct {
	next http.RoundTripper
	mu   sync.Mutex
	got  []notify.Message
	text []string
}

// RoundTrip implements http.RoundTripper.
func (w *told) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.String() != webhookURL {
		return w.next.RoundTrip(r)
	}
	body, _ := io.ReadAll(r.Body)
	var m notify.Message
	err := json.Unmarshal(body, &m)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.got, w.text = append(w.got, m), append(w.text, string(body))
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

func (w *told) messages() []notify.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]notify.Message(nil), w.got...)
}

// said are the kinds of conditions, by what was said of them, in order.
func (w *told) said() (said []string) {
	for _, m := range w.messages() {
		for _, part := range []struct {
			word  string
			lines []notify.Line
		}{{"new", m.New}, {"again", m.Again}, {"resolved", m.Resolved}} {
			for _, line := range part.lines {
				said = append(said, part.word+" "+string(line.Kind))
			}
		}
	}
	return said
}

// telling is a rig that posts notifications.
func telling(t *testing.T, store func(*rig) connector.Store, more ...string) (*rig, *told) {
	t.Helper()
	w := &told{}
	env := hasty(append([]string{"NOTIFY_WEBHOOK_URL", webhookURL, "ADMIN_URL", "https://operations.example"}, more...)...)
	r := newRig(t, rigOptions{world: quick(), env: env, bare: true, store: store, between: func(next http.RoundTripper) http.RoundTripper {
		w.next = next
		return w
	}})
	r.CT.PutType(ourType())
	return r, w
}

func wantSaid(t *testing.T, w *told, want ...string) {
	t.Helper()
	if got := w.said(); strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestPeopleAreToldOfDeadLettersAndOfTheirEnd(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		r, w := telling(t, store)
		id := r.CT.PlaceOrder(personalOrder("A-1"))
		for i := range 3 {
			bury(t, d, id, "event "+string(rune('a'+i)))
		}
		time.Sleep(4 * time.Minute)
		wantSaid(t, w, "new dead_letters")
		line := w.messages()[0].New[0]
		if line.Count != 3 || line.Link != "https://operations.example/attention" || !strings.Contains(line.Title, "the address has no street") || line.Advice != "add the street" {
			t.Errorf("told %+v", line)
		}
		for _, text := range w.text {
			for _, value := range planted(r) {
				if strings.Contains(text, value) {
					t.Errorf("%q was sent", value)
				}
			}
		}
		if _, page := r.get("/settings"); !strings.Contains(page, "http://alerts.example:80/…") || strings.Contains(page, "planted-path") {
			t.Error("the settings page does not show where they go, or all of it")
		}
		if got := r.metric(`fftconnect_notifications_total{result="sent",target="webhook"}`); got != 1 {
			t.Errorf("%v are counted", got)
		}
		// Another process goes on where this one ended.
		r.restart(r.opts.env)
		time.Sleep(5 * time.Minute)
		discardAll(t, d)
		time.Sleep(8 * time.Minute)
		wantSaid(t, w, "new dead_letters", "resolved dead_letters")
	})
}

func TestOneReplicaTells(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		d.poll = time.Minute // nothing waits for the queue here
		r, w := telling(t, store)
		other := &rig{World: r.World, t: t, opts: r.opts, logs: &buffer{}}
		other.opts.between = func(next http.RoundTripper) http.RoundTripper { return w }
		other.start("", r.opts.env)
		bury(t, d, "o-1", "a")
		time.Sleep(4 * time.Minute)
		wantSaid(t, w, "new dead_letters")
		// The one that told ends; the other takes over.
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		discardAll(t, d)
		time.Sleep(15 * time.Minute)
		wantSaid(t, w, "new dead_letters", "resolved dead_letters")
	})
}

func TestEachTellsThatTheStoreIsAway(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		_, w := telling(t, store)
		d.away.Store(true)
		time.Sleep(5 * time.Minute)
		d.away.Store(false)
		time.Sleep(8 * time.Minute)
		wantSaid(t, w, "new store_away", "resolved store_away")
	})
}

func TestPeopleAreToldWhatIsBlocked(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		_, store := withDatabase(t)
		r, w := telling(t, store)
		forbid(r.FFTFaults, "POST /api/orders", http.StatusForbidden)
		r.post("/event", message(r.CT.PlaceOrder(simpleOrder("A-1"))))
		time.Sleep(5 * time.Minute)
		if said := w.said(); len(said) == 0 || said[0] != "new blocked" {
			t.Errorf("told %q", said)
		}
	})
}

func TestWithoutAStorePeopleAreToldToo(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, w := telling(t, nil, "DATABASE_URL", config.NoDatabase)
		r.post("/event", "no message")
		time.Sleep(4 * time.Minute)
		wantSaid(t, w, "new dead_letters")
	})
}

func TestWithoutAStoreTheSummaryComesWithTheJob(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r, w := telling(t, nil, "DATABASE_URL", config.NoDatabase, "NOTIFY_SUMMARY", soonToday())
		time.Sleep(5 * time.Minute)
		if n := len(w.messages()); n > 0 {
			t.Errorf("%d messages before the job", n)
		}
		r.post("/job", "")
		if got := w.messages(); len(got) != 1 || got[0].Kind != "summary" || got[0].Figures.Open != nil {
			t.Errorf("the job brought %+v", got)
		}
	})
}

func TestInShadowModeNobodyIsTold(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		d, store := withDatabase(t)
		_, w := telling(t, store, "SHADOW", "true", "NOTIFY_SUMMARY", soonToday())
		bury(t, d, "o-1", "a")
		time.Sleep(5 * time.Minute)
		if n := len(w.messages()); n > 0 {
			t.Errorf("%d messages: %q", n, w.said())
		}
	})
}

// soonToday is a time of day in three minutes.
func soonToday() string { return time.Now().UTC().Add(3 * time.Minute).Format("15:04") }

func TestTheDailySummarySaysHowItGoes(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		_, store := withDatabase(t)
		r, w := telling(t, store, "NOTIFY_SUMMARY", soonToday())
		time.Sleep(time.Second) // the summary is of the time since the notifier began
		r.post("/event", message(r.CT.PlaceOrder(simpleOrder("A-1"))))
		time.Sleep(5 * time.Minute)
		var summaries []notify.Message
		for _, m := range w.messages() {
			if m.Kind == "summary" {
				summaries = append(summaries, m)
			}
		}
		if len(summaries) == 0 || len(summaries[0].Figures.Messages) == 0 || *summaries[0].Figures.Open != 1 {
			t.Errorf("%+v", summaries)
		}
	})
}

// bury puts a dead letter into the store.
func bury(t *testing.T, d *depot, order, event string) {
	t.Helper()
	if err := d.Store.AddDeadLetter(t.Context(), ledger.Deferred{
		Flow: outcome.Export, Type: "OrderCreated", Order: order, EventID: event, Body: []byte("{}"), Reason: "the address has no street", Fix: "add the street", Outcome: outcome.Rejected,
	}); err != nil {
		t.Fatal(err)
	}
}

func discardAll(t *testing.T, d *depot) {
	t.Helper()
	if _, err := d.database.Discard(t.Context(), ledger.Filter{State: ledger.StateDead}); err != nil {
		t.Fatal(err)
	}
}
