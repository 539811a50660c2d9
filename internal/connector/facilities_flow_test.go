package connector_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"fftconnect/internal/facilities"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/contract"
	"fftconnect/internal/testform"
)

func TestAChannelsWholeLife(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.channel("bonn-1", nil)
	if result := s.handle(id, "bonn-1"); result.Kind != outcome.Applied || result.Reason != "channel bonn-1: facility created" {
		t.Errorf("%+v", result)
	}
	f := s.facility("bonn-1")
	if f["name"] != "Filiale bonn-1" || f["status"] != "ONLINE" || f["address"].(map[string]any)["street"] != "Ring" {
		t.Errorf("created %v", f)
	}
	if err := s.CT.EditChannel("bonn-1", map[string]any{"action": "changeName", "name": map[string]any{"de": "Bonn Mitte"}}); err != nil {
		t.Fatal(err)
	}
	if result := s.handle(id, "bonn-1"); result.Reason != "channel bonn-1: facility changed: name" {
		t.Errorf("%+v", result)
	}
	if err := s.CT.DeleteChannel("bonn-1"); err != nil {
		t.Fatal(err)
	}
	if result := s.handle(id, "bonn-1"); result.Kind != outcome.Applied || s.facility("bonn-1")["status"] != "OFFLINE" {
		t.Errorf("%+v: %v", result, s.facility("bonn-1")["status"])
	}
	again := s.channel("bonn-1", nil)
	s.handle(again, "bonn-1")
	if f := s.facility("bonn-1"); f["status"] != "ONLINE" || f["name"] != "Filiale bonn-1" {
		t.Errorf("it came back %v as %v", f["status"], f["name"])
	}
	if result := s.handle(id, "bonn-1"); result.Kind != outcome.Ignored || s.facility("bonn-1")["status"] != "ONLINE" {
		t.Errorf("a late deletion of its predecessor: %+v", result)
	}
}

func TestAnUnchangedChannelCostsOneCallEach(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.channel("bonn-1", nil)
	s.handle(id, "bonn-1")
	s.calls()
	if result := s.handle(id, "bonn-1"); result.Kind != outcome.Unchanged {
		t.Errorf("%+v", result)
	}
	if ct, fft := s.calls(); len(ct) != 1 || len(fft) != 1 {
		t.Errorf("commercetools %q, fulfillmenttools %q", ct, fft)
	}
	distribution := s.channel("web", map[string]any{"roles": []any{"ProductDistribution"}})
	if result := s.handle(distribution, "web"); result.Kind != outcome.Ignored {
		t.Errorf("%+v", result)
	}
	if ct, fft := s.calls(); len(ct) != 1 || len(fft) != 0 {
		t.Errorf("a channel without stock: %q %q", ct, fft)
	}
}

func TestUpstreamDefect15AFailedUpdateIsAnErrorAndRepeatingItWorks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.channel("bonn-1", nil)
	hint := facilities.Hint{ChannelID: id, Key: "bonn-1"}
	for _, platform := range []*simulator.Faults{s.CTFaults, s.FFTFaults} {
		platform.SetOutage(true)
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := s.syncer.Handle(ctx, hint); !mayPass(err) {
			t.Errorf("an outage: %v", err)
		}
		cancel()
		platform.SetOutage(false)
	}
	s.FFTFaults.PlanFaults("POST /api/facilities", 1, simulator.Fault{LoseAnswer: true})
	if _, err := s.syncer.Handle(t.Context(), hint); !mayPass(err) || !remote.IsAmbiguous(err) {
		t.Errorf("a lost answer: %v", err)
	}
	if result := s.handle(id, "bonn-1"); result.Kind != outcome.Unchanged {
		t.Errorf("after the lost answer: %+v", result)
	}
	s.FFTFaults.PlanFaults("POST /api/facilities", 1, simulator.Fault{Status: http.StatusBadRequest})
	other := s.channel("bonn-2", nil)
	if _, err := s.syncer.Handle(t.Context(), facilities.Hint{ChannelID: other, Key: "bonn-2"}); !remote.Is(err, remote.Rejected) {
		t.Errorf("a refusal: %v", err)
	}
}

func TestUpstreamDefect13AConflictIsReadAgainNotSwallowed(t *testing.T) {
	t.Parallel()
	var s *site
	busy := &overtaking{}
	s = newSite(t, func(o *facilities.Options) { busy.Target = o.Target; o.Target = busy })
	id := s.channel("bonn-1", nil)
	s.handle(id, "bonn-1")
	busy.before = func() {
		s.change("bonn-1", fulfillmenttools.FacilityForModification{LocationType: "WAREHOUSE"})
	}
	if err := s.CT.EditChannel("bonn-1", map[string]any{"action": "changeName", "name": map[string]any{"de": "Neu"}}); err != nil {
		t.Fatal(err)
	}
	s.handle(id, "bonn-1")
	if f := s.facility("bonn-1"); f["name"] != "Neu" || f["locationType"] != "WAREHOUSE" {
		t.Errorf("%v %v", f["name"], f["locationType"])
	}
}

// overtaking lets somebody act between a decision and its write, once.
type overtaking struct {
	facilities.Target
	once   sync.Once
	before func()
}

func (o *overtaking) ChangeFacility(ctx context.Context, id string, change fulfillmenttools.FacilityForModification) (fulfillmenttools.ManagedFacility, error) {
	o.once.Do(o.before)
	return o.Target.ChangeFacility(ctx, id, change)
}

func TestManyNotificationsAtOnceMakeOneFacility(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other := facilities.New(facilities.Options{ProjectKey: "demo", Source: s.ct, Target: s.fft, Shop: shopkeeper{}})
	id := s.channel("bonn-1", nil)
	var group sync.WaitGroup
	for n := range 8 {
		syncer := s.syncer
		if n%2 == 0 {
			syncer = other // of another replica
		}
		group.Go(func() {
			if _, err := syncer.Handle(t.Context(), facilities.Hint{ChannelID: id, Key: "bonn-1"}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	n := 0
	for _, f := range s.FFT.Facilities() {
		if f.TenantFacilityID == "bonn-1" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d facilities", n)
	}
}

func TestUpstreamDefect38AFacilityThatIsNotThereYetIsNotRememberedAsMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.channel("bonn-1", nil)
	s.FFTFaults.PlanFaults("POST /api/facilities", 1, simulator.Fault{Status: http.StatusBadRequest})
	_, _ = s.syncer.Handle(t.Context(), facilities.Hint{ChannelID: id, Key: "bonn-1"})
	if _, err := s.fft.CreateFacility(t.Context(), fulfillmenttools.FacilityForCreation{
		Name: "by hand", Type: "MANAGED_FACILITY", Status: "SUSPENDED", TenantFacilityID: "bonn-1",
		Address:          map[string]any{"companyName": "x", "street": "x", "city": "x", "postalCode": "x", "country": "DE"},
		CustomAttributes: map[string]any{"theirs": "kept"},
	}); err != nil {
		t.Fatal(err)
	}
	s.handle(id, "bonn-1")
	f := s.facility("bonn-1")
	attributes := f["customAttributes"].(map[string]any)
	if f["name"] != "Filiale bonn-1" || f["status"] != "SUSPENDED" || attributes["theirs"] != "kept" || attributes["commercetoolsId"] != id {
		t.Errorf("%v", f)
	}
}

func TestAMissingPermissionIsNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.channel("bonn-1", nil)
	s.FFTFaults.PlanFaults("POST /api/facilities", 9, simulator.Fault{Status: http.StatusForbidden})
	_, err := s.syncer.Handle(t.Context(), facilities.Hint{ChannelID: id, Key: "bonn-1"})
	if !remote.Is(err, remote.Blocked) || !strings.Contains(remote.HintOf(err), "FACILITY_WRITE") {
		t.Errorf("%v", err)
	}
}

func TestAChannelThatIsGoneWithoutAKeySaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	result := s.handle("c0000000-0000-4000-8000-000000000009", "")
	if result.Kind != outcome.Ignored || !strings.Contains(result.Hint, "facilities sync") {
		t.Errorf("%+v", result)
	}
}

// TestInShadowModeAFacilityThatIsKeptAlikeIsTheSame: only our own marks are not there.
func TestInShadowModeAFacilityThatIsKeptAlikeIsTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.channel("bonn-1", nil)
	s.handle(id, "bonn-1")
	s.change("bonn-1", fulfillmenttools.FacilityForModification{CustomAttributes: map[string]any{"somebody": "else's"}})
	s.syncer = facilities.New(facilities.Options{ProjectKey: "demo", Source: s.ct, Target: s.fft, Shop: shopkeeper{}, Shadow: true})
	if result := s.handle(id, "bonn-1"); result.Kind != outcome.Unchanged {
		t.Errorf("%+v", result)
	}
}

func TestShadowModeOnlySaysWhatWouldBeDone(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *facilities.Options) { o.Shadow = true })
	id := s.channel("bonn-1", nil)
	if result := s.handle(id, "bonn-1"); result.Kind != outcome.Shadowed || s.facility("bonn-1") != nil {
		t.Errorf("%+v", result)
	}
}

func TestEveryCallKeepsTheContract(t *testing.T) {
	testform.NotInRace(t)
	t.Parallel()
	if _, ok := contract.FindSpecs(); !ok {
		t.Skip(contract.ErrAbsent)
	}
	validator, err := contract.Shared()
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	id := s.channel("bonn-1", map[string]any{
		"geoLocation": map[string]any{"type": "Point", "coordinates": []any{7.1, 50.7}},
	})
	s.handle(id, "bonn-1")
	s.CT.PutChannel(map[string]any{"key": "bonn-1", "roles": []any{"InventorySupply"}, "name": map[string]any{"de": "Neu"}, "address": map[string]any{
		"country": "FR", "city": "Paris", "phone": "1", "email": "a@b.example", "company": "Acme",
	}})
	s.handle(id, "bonn-1")
	if err := s.CT.DeleteChannel("bonn-1"); err != nil {
		t.Fatal(err)
	}
	s.handle(id, "bonn-1")
	if err := s.syncer.Walk(t.Context(), facilities.Walk{}); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, e := range append(s.FFTLog.All(), s.CTLog.All()...) {
		if err := validator.Exchange(e); err != nil {
			t.Error(err)
		}
		checked++
	}
	if checked < 8 {
		t.Errorf("%d exchanges", checked)
	}
}

func TestOnlyOneReplicaCreatesAFacilityAndOnlyCreatingIsHeld(t *testing.T) {
	t.Parallel()
	held, released := 0, 0
	var taken error
	s := newSite(t, func(o *facilities.Options) {
		o.Hold = func(_ context.Context, key string) (func(context.Context) error, error) {
			if key != "bonn-1" {
				t.Errorf("held %s", key)
			}
			held++
			return func(context.Context) error { released++; return nil }, taken
		}
	})
	id := s.channel("bonn-1", nil)
	taken = failing(remote.Transient)
	if _, err := s.syncer.Handle(t.Context(), facilities.Hint{ChannelID: id, Key: "bonn-1"}); !mayPass(err) || s.facility("bonn-1") != nil {
		t.Errorf("while another replica creates it: %v", err)
	}
	taken = nil
	s.handle(id, "bonn-1")
	s.rename("bonn-1", "Neu")
	s.handle(id, "bonn-1")
	if held != 2 || released != 1 {
		t.Errorf("held %d times, released %d times", held, released)
	}
}
