package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/notify"
)

// inbox is a target that keeps what it gets.
type inbox struct {
	name string
	away bool
	got  []notify.Message
	at   []time.Time
}

// Name implements notify.Target.
func (i *inbox) Name() string { return i.name }

// Where implements notify.Target.
func (i *inbox) Where() string { return i.name }

// Send implements notify.Target.
func (i *inbox) Send(_ context.Context, m notify.Message) error {
	if i.away {
		return errors.New("away")
	}
	i.got, i.at = append(i.got, m), append(i.at, time.Now())
	return nil
}

// office is a notifier with its targets, and a book that survives it.
type office struct {
	notifier *notify.Notifier
	book     notify.Book
	log      strings.Builder
	counted  map[string]int
}

func newOffice(schedule notify.Schedule, targets ...notify.Target) *office {
	o := &office{counted: map[string]int{}}
	o.open(schedule, targets...)
	return o
}

func (o *office) open(schedule notify.Schedule, targets ...notify.Target) {
	o.notifier = notify.New(notify.Options{
		Targets: targets, Sender: notify.Sender{Deployment: "shop-a", Project: "acme", Console: "https://operations.example/fft"},
		Rules: notify.Rules{Repeat: 4 * time.Hour, Pause: 5 * time.Minute}, Schedule: schedule,
		Sent: func(_ string, ok bool) { o.counted[map[bool]string{true: "sent", false: "failed"}[ok]]++ },
		Summarise: func(_ context.Context, since time.Time) (notify.Summary, error) {
			return notify.Summary{Since: since, Messages: []notify.Count{{Flow: "export", Outcome: "applied", Count: 12}}, Dead: 1, Open: 7}, nil
		},
		Logger: slog.New(slog.NewTextHandler(&o.log, nil)),
	})
}

// pass lets time pass, with a round each minute, in fake time.
func (o *office) pass(t *testing.T, d time.Duration, found notify.Found) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(time.Minute)
		after := o.notifier.Round(t.Context(), found, o.book, true)
		text, err := json.Marshal(after) // as it is stored
		if err != nil {
			t.Fatal(err)
		}
		o.book = nil
		if err := json.Unmarshal(text, &o.book); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARestartDoesNotTellAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first, second := &inbox{name: "webhook"}, &inbox{name: "webhook"}
		o := newOffice(notify.Schedule{}, first)
		o.pass(t, 10*time.Minute, dead("a"))
		o.open(notify.Schedule{}, second)
		o.pass(t, time.Hour, dead("a"))
		o.pass(t, 10*time.Minute, notify.Found{})
		if len(first.got) != 1 || len(second.got) != 1 || len(second.got[0].Resolved) != 1 {
			t.Errorf("told %d times, then %+v", len(first.got), second.got)
		}
	})
}

func TestATargetThatIsDownKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		up, down := &inbox{name: "webhook"}, &inbox{name: "slack", away: true}
		o := newOffice(notify.Schedule{}, down, up)
		o.pass(t, 2*time.Hour, dead("a"))
		if len(up.got) != 1 || o.counted["failed"] < 3 || o.counted["failed"] > 8 || o.book["slack"].Problem != "away" {
			t.Errorf("sent %d, %v", len(up.got), o.counted)
		}
		if n := strings.Count(o.log.String(), "could not be sent"); n != 1 {
			t.Errorf("logged %d times", n)
		}
		down.away = false
		o.pass(t, time.Hour, dead("a"))
		if len(down.got) != 1 || len(down.got[0].New) != 1 || o.book["slack"].Failures != 0 {
			t.Errorf("afterwards %+v", down.got)
		}
	})
}

func TestTheSummaryComesOnceADayAlsoWhenClocksChange(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]time.Time{
		"put forward": time.Date(2026, 3, 27, 12, 0, 0, 0, zone),  // on the 29th there is no 02:30
		"put back":    time.Date(2026, 10, 23, 12, 0, 0, 0, zone), // on the 25th it is 02:30 twice
	} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(from))
			box := &inbox{name: "email"}
			o := newOffice(notify.Schedule{On: true, Hour: 2, Minute: 30, Zone: zone}, box)
			o.pass(t, 96*time.Hour, notify.Found{})
			if len(box.got) != 4 {
				t.Fatalf("%s: %d summaries in four days: %v", name, len(box.got), box.at)
			}
			var days []int
			for i, at := range box.at {
				days = append(days, at.In(zone).Day())
				if m := box.got[i]; m.Kind != "summary" || m.Figures == nil || m.Figures.Messages[0].Count != 12 || *m.Figures.Open != 7 {
					t.Errorf("%s: %+v", name, m)
				}
			}
			if len(slices.Compact(days)) != 4 {
				t.Errorf("%s: on the days %v", name, days)
			}
		})
	}
}

func TestASummaryThatWasMissedComesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box := &inbox{name: "email", away: true}
		o := newOffice(notify.Schedule{On: true, Hour: 8, Zone: time.UTC}, box)
		o.pass(t, 72*time.Hour, dead("a"))
		box.away = false
		o.pass(t, 2*time.Hour, dead("a"))
		kinds := map[string]int{}
		for _, m := range box.got {
			kinds[m.Kind]++
		}
		if kinds["summary"] != 1 || kinds["report"] != 1 {
			t.Errorf("sent %v", kinds)
		}
	})
}

func TestAMessageSaysWhatIsWrongAndWhereToLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box := &inbox{name: "webhook"}
		o := newOffice(notify.Schedule{}, box)
		o.pass(t, 5*time.Minute, notify.Found{Conditions: []notify.Condition{{Kind: notify.DeadLetters, Key: "k", Title: "3 dead letters (export): no street", Advice: "add the street", Count: 3}}})
		text := box.got[0].Text()
		for _, want := range []string{"shop-a (acme): 3 dead letters (export): no street", "add the street", "https://operations.example/fft/attention", "docs/operations.md#orders-need-attention"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in\n%s", want, text)
			}
		}
	})
}
