package connector_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/facilities"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
)

// run is what became of each channel.
func (s *site) run(walk facilities.Walk) (map[string]facilities.Report, error) {
	s.t.Helper()
	reports := map[string]facilities.Report{}
	walk.Report = func(report facilities.Report) { reports[report.Key] = report }
	err := s.syncer.Walk(s.t.Context(), walk)
	return reports, err
}

func (s *site) writes() (made []string) {
	_, fft := s.calls()
	return slices.DeleteFunc(fft, func(call string) bool { return strings.HasPrefix(call, "GET ") })
}

func TestARunBringsEveryChannelAndThenHasNothingToDo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for n := range 7 {
		s.channel(fmt.Sprintf("bonn-%d", n), nil)
	}
	s.channel("web", map[string]any{"roles": []any{"ProductDistribution"}})
	channels := 0
	planned, err := s.run(facilities.Walk{DryRun: true, Counted: func(n int) { channels = n }})
	if err != nil || planned["bonn-3"].Decision.Action != facilities.Create || len(planned) != channels {
		t.Fatalf("planned %v of %d, %v", planned, channels, err)
	}
	if made := s.writes(); len(made) > 0 {
		t.Errorf("a dry run made %q", made)
	}
	done, err := s.run(facilities.Walk{})
	if err != nil || len(done) != channels || s.facility("bonn-6") == nil || s.facility("web") != nil {
		t.Errorf("%d done, %v", len(done), err)
	}
	s.calls()
	again, err := s.run(facilities.Walk{})
	for key, report := range again {
		if report.Decision.Action != facilities.Leave || !report.Decision.Ours {
			t.Errorf("%s again: %s", key, report.Decision)
		}
	}
	if made := s.writes(); len(made) > 0 || err != nil {
		t.Errorf("a second run made %q, %v", made, err)
	}
}

func TestARunGoesOnWhenAChannelFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.channel("bonn-1", nil)
	s.channel("bonn-2", nil)
	s.FFTFaults.PlanFaults("GET /api/facilities/urn:fft:facility:tenantFacilityId:bonn-1", 9, simulator.Fault{Status: http.StatusBadRequest})
	done, err := s.run(facilities.Walk{})
	if err != nil || done["bonn-1"].Err == nil || done["bonn-2"].Err != nil || s.facility("bonn-2") == nil {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestARunEndsWithWhatEveryChannelWouldFailWith(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for n := range 20 {
		s.channel(fmt.Sprintf("bonn-%d", n), nil)
	}
	s.FFTFaults.PlanFaults("POST /api/facilities", 99, simulator.Fault{Status: http.StatusForbidden})
	_, err := s.run(facilities.Walk{})
	if !remote.Is(err, remote.Blocked) || !strings.Contains(err.Error(), "FACILITY_WRITE") {
		t.Errorf("%v", err)
	}
	if made := s.writes(); len(made) > 8 {
		t.Errorf("%d tries", len(made))
	}
}

func TestARunSetsFacilitiesOfChannelsThatAreGoneOffline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, key := range []string{"gone", "renamed", "distribution", "released", "elsewhere"} {
		s.channel(key, nil)
	}
	if _, err := s.run(facilities.Walk{}); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		s.CT.DeleteChannel("gone"), s.CT.DeleteChannel("elsewhere"), s.CT.DeleteChannel("released"),
		s.CT.EditChannel("renamed", map[string]any{"action": "changeKey", "key": "new-name"}),
		s.CT.EditChannel("distribution", map[string]any{"action": "setRoles", "roles": []any{"ProductDistribution"}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.change("elsewhere", fulfillmenttools.FacilityForModification{CustomAttributes: map[string]any{"commercetoolsId": "x", "commercetoolsProjectKey": "other"}})
	// The existing connector's link tells no project: it may be that of another one.
	s.change("released", fulfillmenttools.FacilityForModification{CustomAttributes: map[string]any{"commercetoolsId": "x"}})
	done, err := s.run(facilities.Walk{})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"gone": "OFFLINE", "renamed": "OFFLINE", "new-name": "ONLINE", "distribution": "ONLINE", "released": "ONLINE", "elsewhere": "ONLINE",
	} {
		if status := s.facility(key)["status"]; status != want {
			t.Errorf("%s is %v, want %s", key, status, want)
		}
	}
	if !strings.Contains(done["renamed"].Decision.Reason, "new-name") || done["gone"].Decision.Action != facilities.Offline {
		t.Errorf("%v %v", done["renamed"].Decision, done["gone"].Decision)
	}
}

func TestARunOfNamedChannelsLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.channel("bonn-1", nil)
	s.channel("bonn-2", nil)
	done, err := s.run(facilities.Walk{Keys: []string{"bonn-2"}})
	if err != nil || len(done) != 1 || s.facility("bonn-1") != nil || s.facility("bonn-2") == nil {
		t.Errorf("%v, %v", done, err)
	}
	if _, err := s.run(facilities.Walk{Keys: []string{"nobody"}}); err == nil || !strings.Contains(err.Error(), "there is no channel with the key nobody") {
		t.Errorf("%v", err)
	}
}

func TestWhatAListSaysIsReadAgainBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	var s *site
	s = newSite(t, func(o *facilities.Options) { o.Source = stale{o.Source, func() { s.rename("bonn-1", "after") }} })
	s.channel("bonn-1", nil)
	if _, err := s.run(facilities.Walk{}); err != nil {
		t.Fatal(err)
	}
	if name := s.facility("bonn-1")["name"]; name != "after" {
		t.Errorf("the facility is called %v", name)
	}
}

func TestAListThatGivesLessThanItIsAskedForIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *facilities.Options) { o.Target = stingy{o.Target} })
	s.channel("zone", nil)
	if _, err := s.run(facilities.Walk{}); err != nil {
		t.Fatal(err)
	}
	if err := s.CT.DeleteChannel("zone"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.run(facilities.Walk{}); err != nil || s.facility("zone")["status"] != "OFFLINE" {
		t.Errorf("it is %v, %v", s.facility("zone")["status"], err)
	}
}

// stingy gives short pages: how long they may be is not documented.
type stingy struct{ facilities.Target }

func (s stingy) FacilitiesAfter(ctx context.Context, id string, _ int) ([]fulfillmenttools.FacilityRow, error) {
	return s.Target.FacilitiesAfter(ctx, id, 1)
}

func (s *site) rename(key, name string) {
	if err := s.CT.EditChannel(key, map[string]any{"action": "changeName", "name": map[string]any{"de": name}}); err != nil {
		s.t.Error(err)
	}
}

// stale gives lists that are overtaken as soon as they are there.
type stale struct {
	facilities.Source
	after func()
}

func (s stale) SupplyChannelsAfter(ctx context.Context, id string, limit int) (page []commercetools.Channel, err error) {
	page, err = s.Source.SupplyChannelsAfter(ctx, id, limit)
	s.after()
	return page, err
}

// diary is a facilities.Memory.
type diary map[string]string

func (d diary) KeyOf(_ context.Context, id string) (string, error) { return d[id], nil }

func (d diary) Remember(_ context.Context, id, key string) error {
	d[id] = key
	return nil
}

func TestAFacilityThatPeopleDeletedStaysDeletedUntilSomebodyWantsIt(t *testing.T) {
	t.Parallel()
	memory := diary{}
	s := newSite(t, func(o *facilities.Options) { o.Memory, o.Workers = memory, 1 })
	id := s.channel("bonn-1", nil)
	s.handle(id, "bonn-1")
	s.FFT.DeleteFacility("bonn-1")
	s.syncer = facilities.New(facilities.Options{ProjectKey: "demo", Source: s.ct, Target: s.fft, Rate: 1000, Workers: 1, Memory: memory, Shop: shopkeeper{}})
	result := s.handle(id, "bonn-1")
	if s.facility("bonn-1") != nil || !strings.Contains(result.Reason, "was deleted in fulfillmenttools") || !strings.Contains(result.Hint, "facilities sync bonn-1") {
		t.Errorf("%+v", result)
	}
	if _, err := s.run(facilities.Walk{}); err != nil || s.facility("bonn-1") != nil {
		t.Errorf("a run over all made it again, %v", err)
	}
	if _, err := s.run(facilities.Walk{Keys: []string{"bonn-1"}}); err != nil || s.facility("bonn-1") == nil {
		t.Errorf("it was asked for, %v", err)
	}
}

func TestARunSinceThenLeavesOlderChannelsAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.channel("old", nil)
	if _, err := s.run(facilities.Walk{Since: time.Now().Add(time.Hour)}); err != nil || s.facility("old") != nil {
		t.Errorf("an old channel was brought over, %v", err)
	}
	if _, err := s.run(facilities.Walk{Since: time.Now().Add(-time.Hour)}); err != nil || s.facility("old") == nil {
		t.Errorf("a new channel was not, %v", err)
	}
}
