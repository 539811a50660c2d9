package connector_test

import (
	"encoding/json"
	"testing"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/facilities"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/outcome"
	"fftconnect/internal/remote"
	"fftconnect/internal/simulator/world"
)

// site is both simulated platforms with a Syncer between them.
type site struct {
	*world.World
	t      *testing.T
	ct     *commercetools.Client
	fft    *fulfillmenttools.Client
	syncer *facilities.Syncer
}

func newSite(t *testing.T, change ...func(*facilities.Options)) *site {
	t.Helper()
	w, err := world.Start(world.Options{Seed: 1, KeepBodies: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	s := &site{World: w, t: t}
	s.ct, err = commercetools.New(commercetools.Options{
		ProjectKey: "demo", APIURL: s.CTURL, AuthURL: s.CTURL, ClientID: "demo-client", ClientSecret: "demo-secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.fft = fulfillmenttools.New(fulfillmenttools.Options{
		APIURL: s.FFTURL, SignInURL: s.FFTURL, TokenURL: s.FFTURL,
		APIKey: "demo-api-key", User: "connector@demo.example", Password: "demo-password",
	})
	opts := facilities.Options{
		ProjectKey: "demo", Source: s.ct, Target: s.fft, Rate: 1000,
		Shop: shopkeeper{config.FacilityRules{}},
	}
	for _, f := range change {
		f(&opts)
	}
	s.syncer = facilities.New(opts)
	return s
}

// channel puts a channel that holds stock.
func (s *site) channel(key string, more map[string]any) (id string) {
	draft := map[string]any{
		"key": key, "roles": []any{"InventorySupply"}, "name": map[string]any{"de": "Filiale " + key},
		"address": map[string]any{"streetName": "Ring", "streetNumber": "5", "postalCode": "53111", "city": "Bonn", "country": "DE"},
	}
	for name, value := range more {
		draft[name] = value
	}
	return s.CT.PutChannel(draft)
}

func (s *site) handle(id, key string) outcome.Result {
	s.t.Helper()
	result, err := s.syncer.Handle(s.t.Context(), facilities.Hint{ChannelID: id, Key: key})
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}

func (s *site) facility(key string) map[string]any {
	s.t.Helper()
	for _, view := range s.FFT.Facilities() {
		if view.TenantFacilityID == key {
			var body map[string]any
			if err := json.Unmarshal(view.Body, &body); err != nil {
				s.t.Fatal(err)
			}
			return body
		}
	}
	return nil
}

// change is what fulfillmenttools' people do.
func (s *site) change(key string, change fulfillmenttools.FacilityForModification) {
	s.t.Helper()
	there, err := s.fft.FacilityByTenantID(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	change.Version, change.Type = there.Version, there.Type
	if _, err := s.fft.ChangeFacility(s.t.Context(), there.ID, change); err != nil {
		s.t.Fatal(err)
	}
}

// calls are those made since the last look, as method and path.
func (s *site) calls() (ct, fft []string) {
	for _, e := range s.CTLog.All() {
		if e.Path != "/oauth/token" {
			ct = append(ct, e.Method+" "+e.Path)
		}
	}
	for _, e := range s.FFTLog.All() {
		if e.Path != "/v1/accounts:signInWithPassword" {
			fft = append(fft, e.Method+" "+e.Path)
		}
	}
	s.CTLog.Reset()
	s.FFTLog.Reset()
	return ct, fft
}

func mayPass(err error) bool { return err != nil && remote.KindOf(err).IsTemporary() }
