package intake_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"fftconnect/internal/facilities"
	"fftconnect/internal/intake"
	"fftconnect/internal/ledger"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
)

// channels is the flow behind notifications about channels.
type channels struct {
	hints []facilities.Hint
	err   error
}

func (c *channels) Handle(_ context.Context, hint facilities.Hint) (outcome.Result, error) {
	c.hints = append(c.hints, hint)
	return outcome.Result{Kind: outcome.Applied, Reason: "done"}, c.err
}

func aboutChannel(kind, project string, version int) string {
	return fmt.Sprintf(`{"notificationType":%q,"projectKey":%q,"resource":{"typeId":"channel","id":"00000000-0000-4000-8000-00000000000c"},`+
		`"resourceUserProvidedIdentifiers":{"key":"store-7"},"version":%d}`, kind, project, version)
}

func TestChangesOfChannelsGoToTheirFlow(t *testing.T) {
	t.Parallel()
	flow := &channels{}
	b := newBench(func(o *intake.Options) { o.Channels = flow })
	for kind, name := range map[string]string{
		"ResourceCreated": "ChannelCreated", "ResourceUpdated": "ChannelUpdated", "ResourceDeleted": "ChannelDeleted",
	} {
		flow.hints, b.journal.entries = nil, nil
		if answer := b.post("/event", strings.NewReader(aboutChannel(kind, "shop", 4))); answer.Code != http.StatusOK || word(t, answer) != "applied" {
			t.Errorf("%s: %d %s", kind, answer.Code, answer.Body)
		}
		if len(flow.hints) != 1 || flow.hints[0] != (facilities.Hint{ChannelID: "00000000-0000-4000-8000-00000000000c", Key: "store-7"}) {
			t.Errorf("%s: asked %+v", kind, flow.hints)
		}
		if e := b.journal.entries[0]; e.Flow != outcome.Facilities || e.Type != name || e.EventID != "00000000-0000-4000-8000-00000000000c:4" {
			t.Errorf("%s: recorded %+v", kind, e)
		}
	}
	if len(b.flows.asked) > 0 {
		t.Errorf("orders' flow was asked for %q", b.flows.asked)
	}
	for _, body := range []string{aboutChannel("ResourceCreated", "other", 1), aboutChannel("Event", "shop", 1)} {
		flow.hints = nil
		if answer := b.post("/event", strings.NewReader(body)); word(t, answer) != "ignored" || len(flow.hints) > 0 {
			t.Errorf("%s: %s", body, answer.Body)
		}
	}
}

func TestUpstreamDefect15AChannelThatFailsIsKeptAndResumedInItsFlow(t *testing.T) {
	t.Parallel()
	s, flow := &shelf{}, &channels{err: failing(remote.Transient, 0, nil)}
	b := newBench(func(o *intake.Options) { o.Keeper, o.Channels = s, flow })
	body := aboutChannel("ResourceUpdated", "shop", 4)
	for range 2 {
		if answer := b.post("/event", strings.NewReader(body)); word(t, answer) != "deferred" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	}
	if len(s.deferred) != 2 || s.deferred[0].Flow != outcome.Facilities || s.deferred[0].Key() != s.deferred[1].Key() {
		t.Fatalf("kept %+v", s.deferred)
	}
	flow.err = nil
	stored := ledger.Event{Deferred: s.deferred[0], Attempts: 1}
	if verdict := b.server.Resume(t.Context(), stored); verdict.Action != ledger.Done {
		t.Errorf("%+v", verdict)
	}
	if entry := b.journal.entries[len(b.journal.entries)-1]; entry.Flow != outcome.Facilities || entry.Attempt != 2 {
		t.Errorf("recorded %+v", entry)
	}
	off := newBench(nil)
	if verdict := off.server.Resume(t.Context(), stored); verdict.Action != ledger.Wait {
		t.Errorf("switched off: %+v", verdict)
	}
}

func TestEachFlowOfCommercetoolsCanBeSwitchedOffAlone(t *testing.T) {
	t.Parallel()
	test := `{"notificationType":"ResourceCreated","projectKey":"shop","resource":{"typeId":"subscription","id":"s"},"version":1}`
	for name, c := range map[string]struct {
		orders, channels                  bool
		ofOrder, ofChannel, ofTest, ofBad string
	}{
		"both on":       {true, true, "applied", "applied", "ignored", "rejected"},
		"orders only":   {true, false, "applied", "ignored", "ignored", "rejected"},
		"channels only": {false, true, "switched off", "applied", "ignored", "rejected"},
		"both off":      {false, false, "switched off", "ignored", "switched off", "switched off"},
	} {
		b := newBench(func(o *intake.Options) {
			if !c.orders {
				o.Exporter = nil
			}
			if c.channels {
				o.Channels = &channels{}
			}
		})
		for body, want := range map[string]string{
			message: c.ofOrder, aboutChannel("ResourceUpdated", "shop", 2): c.ofChannel, test: c.ofTest, "nothing": c.ofBad,
		} {
			if got := word(t, b.post("/event", strings.NewReader(body))); got != want {
				t.Errorf("%s: %.60s: %s, want %s", name, body, got, want)
			}
		}
	}
}
