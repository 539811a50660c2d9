package telemetry_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"fftconnect/internal/notify"
)

// diary is what one target is told while time passes, a look a minute.
type diary struct {
	now   time.Time
	state notify.State
	rules notify.Rules
	told  []string // minute: what
}

var begin = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func newDiary() *diary {
	return &diary{now: begin, rules: notify.Rules{Repeat: 4 * time.Hour, Pause: 5 * time.Minute}}
}

func (d *diary) pass(minutes int, found notify.Found) {
	for range minutes {
		d.now = d.now.Add(time.Minute)
		d.state = notify.Observe(d.now, found, d.state)
		report := notify.Decide(d.now, d.state, d.rules)
		if report.IsEmpty() {
			continue
		}
		names := func(word string, all []notify.Open) (text string) {
			for _, open := range all {
				text += " " + word + " " + open.Key
			}
			return text
		}
		d.told = append(d.told, fmt.Sprint(int(d.now.Sub(begin).Minutes()))+":"+names("new", report.New)+names("again", report.Again)+names("over", report.Over))
		d.state = notify.Told(d.now, report, d.state)
		// It survives a restart: the state is read back as it was written.
		text, _ := json.Marshal(d.state)
		d.state = notify.State{}
		_ = json.Unmarshal(text, &d.state)
	}
}

func (d *diary) wants(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(d.told, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(d.told, "\n"), strings.Join(want, "\n"))
	}
}

func dead(keys ...string) (found notify.Found) {
	for _, key := range keys {
		found.Conditions = append(found.Conditions, notify.Condition{Kind: notify.DeadLetters, Key: key, Title: key})
	}
	return found
}

func TestWhatIsWrongIsToldOnceAndWhenItIsOver(t *testing.T) {
	t.Parallel()
	d := newDiary()
	d.pass(60, dead("a"))
	d.pass(60, notify.Found{})
	d.wants(t, "2: new a", "66: over a")
}

func TestWhatLastsIsToldAgainAfterThePause(t *testing.T) {
	t.Parallel()
	d := newDiary()
	d.pass(500, dead("a"))
	d.wants(t, "2: new a", "242: again a", "482: again a")
}

func TestWhatComesTogetherIsToldTogether(t *testing.T) {
	t.Parallel()
	d := newDiary()
	d.pass(3, dead("a"))
	d.pass(1, dead("a", "b"))
	d.pass(20, dead("a", "b", "c"))
	d.wants(t, "2: new a", "7: new b new c")
}

func TestWhatComesAndGoesIsToldOnce(t *testing.T) {
	t.Parallel()
	d := newDiary()
	for range 20 {
		d.pass(3, dead("a"))
		d.pass(3, notify.Found{})
	}
	d.pass(10, notify.Found{})
	d.wants(t, "2: new a", "123: over a")
}

func TestWhatIsOverBeforeItsTimeIsNotTold(t *testing.T) {
	t.Parallel()
	d := newDiary()
	late := notify.Found{Conditions: []notify.Condition{{Kind: notify.LateOrders, Key: "l"}}}
	d.pass(29, late)
	d.pass(60, notify.Found{})
	d.pass(31, late)
	d.wants(t, "120: new l")
}

func TestWhatCannotBeLookedAtIsNotOver(t *testing.T) {
	t.Parallel()
	d := newDiary()
	d.pass(5, dead("a"))
	d.pass(100, notify.Found{Unknown: []notify.Kind{notify.DeadLetters}})
	d.wants(t, "2: new a")
	d.pass(10, notify.Found{})
	d.wants(t, "2: new a", "111: over a")
}

func TestATargetThatFailsIsTriedLessAndLess(t *testing.T) {
	t.Parallel()
	state, tries := notify.State{}, []int{}
	for minute := range 400 {
		now := begin.Add(time.Duration(minute) * time.Minute)
		if notify.MayTry(now, state) {
			tries = append(tries, minute)
			state = notify.NotSent(now, "away", state)
		}
	}
	if want := []int{0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363}; !slices.Equal(tries, want) {
		t.Errorf("tried at %v", tries)
	}
}

func TestATokenIsNearItsEndInItsLastEighth(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for left, test := range map[time.Duration]struct {
		life time.Duration
		want bool
	}{13 * day: {365 * day, true}, 15 * day: {365 * day, false}, 2 * day: {8 * day, false}, 23 * time.Hour: {8 * day, true}, -day: {365 * day, true}} {
		if got := notify.TokenIsNearItsEnd(begin, begin.Add(left), test.life); got != test.want {
			t.Errorf("%s of %s: %v", left, test.life, got)
		}
	}
	if notify.TokenIsNearItsEnd(begin, time.Time{}, 365*day) {
		t.Error("one that is not known is near its end")
	}
}

// TestAlertsAndNotificationsHaveTheSamePatience: whoever is told by one is told by the other,
// after the same time.
func TestAlertsAndNotificationsHaveTheSamePatience(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert       string `yaml:"alert"`
				For         string `yaml:"for"`
				Annotations struct {
					Runbook string `yaml:"runbook_url"`
				} `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	rules := map[string]string{}
	for _, rule := range file.Groups[0].Rules {
		hold, _ := time.ParseDuration(rule.For)
		rules[rule.Alert] = fmt.Sprint(hold, " ", rule.Annotations.Runbook)
	}
	notify.Kinds(func(kind notify.Kind, alert string, hold time.Duration, runbook string) {
		if want := fmt.Sprint(hold, " ", notify.RunbookFile, "#", runbook); alert != "" && rules[alert] != want {
			t.Errorf("%s: %s has %q, notifications %q", kind, alert, rules[alert], want)
		}
	})
}

// TestTheRunbookSpeaksOfEverything that is told.
func TestTheRunbookSpeaksOfEverything(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../" + notify.RunbookFile)
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			headings[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "-")] = true
		}
	}
	notify.Kinds(func(kind notify.Kind, _ string, _ time.Duration, runbook string) {
		if !headings[runbook] {
			t.Errorf("%s: no heading %s", kind, runbook)
		}
	})
}
