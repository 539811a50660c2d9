package durable_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
)

func unreadableEvent(body string) ledger.Deferred {
	return ledger.Deferred{Flow: outcome.Export, Type: ledger.TypeUnreadable, Body: []byte(body), Reason: "not JSON", ReceivedAt: time.Now()}
}

func bury(t *testing.T, u *ledger.Unreadables, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if err := u.AddDeadLetter(t.Context(), unreadableEvent(body)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWithoutAStoreTheNewestUnreadableBodiesAreKept(t *testing.T) {
	t.Parallel()
	var u ledger.Unreadables
	for i := range ledger.MaxUnreadable + 5 {
		bury(t, &u, fmt.Sprintf("body %d", i))
	}
	kept := u.Events(ledger.Filter{})
	if len(kept) != ledger.MaxUnreadable || string(kept[0].Body) != "body 5" || kept[0].ID != 6 {
		t.Errorf("%d kept, from %q (%d)", len(kept), kept[0].Body, kept[0].ID)
	}
	body := strings.Repeat("x", 64<<10)
	for i := range 2 * ledger.MaxUnreadableBytes / len(body) {
		bury(t, &u, fmt.Sprintf("%d%s", i, body))
	}
	size := 0
	for _, e := range u.Events(ledger.Filter{}) {
		size += len(e.Body)
	}
	if size > ledger.MaxUnreadableBytes || size < ledger.MaxUnreadableBytes-2*len(body) {
		t.Errorf("%d bytes kept, want about %d", size, ledger.MaxUnreadableBytes)
	}
}

// TestWithoutAStoreWhatCanBeReadStaysWithItsSender: only what nobody could handle is kept.
func TestWithoutAStoreWhatCanBeReadStaysWithItsSender(t *testing.T) {
	t.Parallel()
	var u ledger.Unreadables
	readable := ledger.Deferred{Flow: outcome.Export, Type: "OrderCreated", Body: []byte("{}")}
	if err := u.Defer(t.Context(), readable, 0); err == nil {
		t.Error("it says that it keeps what is to be tried again")
	}
	if err := u.AddDeadLetter(t.Context(), readable); err != nil || len(u.Events(ledger.Filter{})) > 0 {
		t.Errorf("%v, %v", err, u.Events(ledger.Filter{}))
	}
}

func TestARepetitionOfAnUnreadableBodyIsKeptOnce(t *testing.T) {
	t.Parallel()
	var u ledger.Unreadables
	bury(t, &u, "a", "b", "a")
	kept := u.Events(ledger.Filter{})
	if len(kept) != 2 || kept[0].Attempts != 2 || string(kept[0].Body) != "a" {
		t.Errorf("%+v", kept)
	}
	// What the caller does with its body afterwards changes nothing.
	body := []byte("c")
	if err := u.AddDeadLetter(t.Context(), ledger.Deferred{Flow: outcome.Feedback, Type: ledger.TypeTooLarge, Body: body}); err != nil {
		t.Fatal(err)
	}
	body[0] = 'x'
	if kept := u.Events(ledger.Filter{IDs: []int64{3}}); len(kept) != 1 || string(kept[0].Body) != "c" {
		t.Errorf("%+v", kept)
	}
}

func TestUnreadableBodiesAreChosenLikeStoredEvents(t *testing.T) {
	t.Parallel()
	var u ledger.Unreadables
	bury(t, &u, "a", "b")
	if err := u.AddDeadLetter(t.Context(), ledger.Deferred{Flow: outcome.Feedback, Type: ledger.TypeTooLarge, Body: []byte("c"), ReceivedAt: time.Now().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		filter ledger.Filter
		want   string
	}{
		"all":         {ledger.Filter{}, "abc"},
		"some":        {ledger.Filter{IDs: []int64{1, 3}}, "ac"},
		"none":        {ledger.Filter{IDs: []int64{}}, ""},
		"a type":      {ledger.Filter{Type: ledger.TypeTooLarge}, "c"},
		"a flow":      {ledger.Filter{Flow: outcome.Export}, "ab"},
		"a state":     {ledger.Filter{State: ledger.StateDeferred}, ""},
		"an order":    {ledger.Filter{Order: "o"}, ""},
		"late ones":   {ledger.Filter{Since: time.Now().Add(-time.Minute)}, "ab"},
		"a page":      {ledger.Filter{After: 1, Limit: 1}, "b"},
		"newest":      {ledger.Filter{Newest: true, Limit: 2}, "cb"},
		"newest page": {ledger.Filter{Newest: true, After: 3}, "ba"},
	} {
		got := ""
		for _, e := range u.Events(c.filter) {
			got += string(e.Body)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if n := u.Discard(ledger.Filter{Flow: outcome.Export}); n != 2 || len(u.Events(ledger.Filter{})) != 1 {
		t.Errorf("%d discarded, %v left", n, u.Events(ledger.Filter{}))
	}
}

func TestWhatIsHandledAfterAllIsForgotten(t *testing.T) {
	t.Parallel()
	var u ledger.Unreadables
	bury(t, &u, "good", "bad", "late")
	verdicts := map[string]ledger.Verdict{
		"good": {Action: ledger.Done}, "bad": {Action: ledger.Dead, Reason: "still not JSON", Fix: "look"}, "late": {Action: ledger.Again, Reason: "away"},
	}
	handle := func(_ context.Context, e ledger.Event) ledger.Verdict { return verdicts[string(e.Body)] }
	done, left := u.Retry(t.Context(), ledger.Filter{}, handle)
	if done != 1 || len(left) != 2 || left[0].Reason != "still not JSON" || left[1].Reason != "away" {
		t.Errorf("%d done, left %+v", done, left)
	}
	kept := u.Events(ledger.Filter{})
	if len(kept) != 2 || kept[0].Attempts != 2 || kept[0].Fix != "look" {
		t.Errorf("kept %+v", kept)
	}
	verdicts["late"] = ledger.Verdict{Action: ledger.Done}
	interrupted, stop := context.WithCancel(t.Context())
	stop()
	if done, left := u.Retry(interrupted, ledger.Filter{}, handle); done != 0 || len(left) != 2 {
		t.Errorf("interrupted: %d done, left %+v", done, left)
	}
	if done, _ := u.Retry(t.Context(), ledger.Filter{IDs: []int64{3}}, handle); done != 1 {
		t.Errorf("%d done", done)
	}
	if ids := u.Events(ledger.Filter{}); len(ids) != 1 || !slices.Equal(ids[0].Body, []byte("bad")) {
		t.Errorf("kept %+v", ids)
	}
}
