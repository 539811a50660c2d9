package setup_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/intake"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/network"
	"fftconnect/internal/simulator/world"
)

const (
	address = "https://connector.example/service"
	foreign = "https://elsewhere.example/hook"
)

// subscribed are the events that a shop without a configuration needs.
var subscribed = feedback.NeededEvents(config.FeedbackRules{})

// further are the fields of an order type besides the documented ones.
var further = []string{"fft_pickjob_ids", "fft_handoverjob_ids", "fft_exceptions", "fft_jobs"}

// site is a world with an installer for it, in fake time.
type site struct {
	*world.World
	t         *testing.T
	installer setup.Installer
}

func newSite(t *testing.T, settings ...string) *site {
	t.Helper()
	w, err := world.Start(world.Options{Seed: 1, KeepBodies: true, Network: network.New()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	s := &site{World: w, t: t}
	s.configure(settings...)
	return s
}

// configure makes the installer anew; settings are name=value.
func (s *site) configure(settings ...string) {
	s.t.Helper()
	values := s.Environment(address)
	values["FEAT_CHANNELSYNC_ACTIVE"] = "false" // channels_test.go switches it on
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		values[name] = value
	}
	env, err := config.Load(func(name string) (string, bool) { v, ok := values[name]; return v, ok }, config.NeedPublicURL|config.NeedDestination)
	if err != nil {
		s.t.Fatal(err)
	}
	ct, err := commercetools.New(commercetools.Options{
		ProjectKey: "demo", APIURL: s.CTURL, AuthURL: s.CTURL, ClientID: "demo-client", ClientSecret: "demo-secret",
		Base: s.Client().Transport,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.installer = setup.Installer{
		Commercetools: ct, Environment: env, Now: time.Now,
		Fulfillmenttools: fulfillmenttools.New(fulfillmenttools.Options{
			APIURL: s.FFTURL, SignInURL: s.FFTURL, TokenURL: s.FFTURL,
			APIKey: "demo-api-key", User: "connector@demo.example", Password: "demo-password", Base: s.Client().Transport,
		}),
		Token: intake.Token{
			Secret: []byte(env.Token.Secret.Reveal()), Issuer: env.Token.Issuer, Audience: env.Token.Audience,
			Subject: env.Token.Subject, Lifetime: env.Token.Lifetime,
		},
	}
}

func (s *site) plan() setup.Plan {
	s.t.Helper()
	plan, err := s.installer.Install(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return plan
}

func (s *site) removal(purge bool) setup.Plan {
	s.t.Helper()
	plan, err := s.installer.Uninstall(s.t.Context(), purge)
	if err != nil {
		s.t.Fatal(err)
	}
	return plan
}

func (s *site) carryOut(plan setup.Plan) {
	s.t.Helper()
	if err := plan.Apply(s.t.Context(), func(setup.Step, error) {}); err != nil {
		s.t.Fatal(err)
	}
}

// install installs and forgets the calls that it took.
func (s *site) install() {
	s.t.Helper()
	s.carryOut(s.plan())
	s.settled()
	s.forget()
}

// settled checks that another run changes nothing.
func (s *site) settled() {
	s.t.Helper()
	if plan := s.plan(); plan.Changes() > 0 {
		s.t.Errorf("a second run would change something:\n%s", printed(plan))
	}
}

func (s *site) forget() {
	s.CTLog.Reset()
	s.FFTLog.Reset()
}

func printed(plan setup.Plan) string {
	var text strings.Builder
	plan.Print(&text)
	return text.String()
}

// changes are the steps that do something, as verb, thing and reason.
func changes(plan setup.Plan) []string {
	var found []string
	for _, step := range plan.Steps {
		if step.Verb != setup.Keep {
			found = append(found, strings.TrimSpace(step.Verb+" "+step.What+" "+step.Why))
		}
	}
	return found
}

func (s *site) mustPlan(plan setup.Plan, want ...string) {
	s.t.Helper()
	if got := changes(plan); !slices.Equal(got, want) {
		s.t.Errorf("planned %q, want %q", got, want)
	}
}

// writes lists the calls other than reading ones, as method and path.
func writes(log *simulator.Log) []string {
	var found []string
	for _, exchange := range log.All() {
		signIn := strings.HasPrefix(exchange.Path, "/v1/") || strings.HasPrefix(exchange.Path, "/oauth/")
		if exchange.Method != "GET" && !signIn {
			found = append(found, exchange.Method+" "+exchange.Path)
		}
	}
	return found
}

// webhooks are the subscriptions of an event that call us.
func (s *site) webhooks(event string) []fftsim.Subscription {
	return slices.DeleteFunc(s.FFT.Subscriptions(), func(sub fftsim.Subscription) bool {
		return sub.Event != event || !strings.HasPrefix(sub.Name, "fftconnect_demo_")
	})
}

// mustBeInstalled checks that both platforms have exactly what install makes.
func (s *site) mustBeInstalled() {
	s.t.Helper()
	for _, event := range fulfillmenttools.Events {
		own := s.webhooks(event)
		if !slices.Contains(subscribed, event) && len(own) == 0 {
			continue
		}
		if len(own) != 1 || own[0].Target == nil || own[0].Target.Type != "WEBHOOK" || own[0].Target.CallbackURL != s.installer.Environment.ServiceURL() {
			s.t.Errorf("webhooks for %s: %+v", event, own)
			continue
		}
		header := own[0].Target.Headers[0]
		scheme, token, _ := strings.Cut(header.Value, " ")
		if _, err := s.installer.Token.Verify(token); err != nil || header.Key != "Authorization" || scheme != "Bearer" {
			s.t.Errorf("webhook for %s: header %s, %v", event, header.Key, err)
		}
	}
	subscription := s.subscription("fftconnect-orders")
	if subscription == nil {
		s.t.Error("no subscription in commercetools")
		return
	}
	messages := fmt.Sprint(subscription["messages"])
	for _, name := range []string{"OrderCreated", "OrderImported", "OrderCreatedFromRecurringOrder", "OrderStateChanged", "OrderDeleted"} {
		if !strings.Contains(messages, name) {
			s.t.Errorf("the subscription lacks %s: %s", name, messages)
		}
	}
}

func (s *site) subscription(key string) map[string]any {
	for _, subscription := range s.CT.Subscriptions() {
		if subscription["key"] == key {
			return subscription
		}
	}
	return nil
}

func (s *site) addForeign(name, event, url string, headers ...fftsim.Header) {
	s.t.Helper()
	if headers == nil {
		headers = []fftsim.Header{{Key: "x-token", Value: "theirs"}}
	}
	_, err := s.FFT.AddSubscription(fftsim.Subscription{
		Name: name, Event: event, Target: &fftsim.Target{Type: "WEBHOOK", CallbackURL: url, Headers: headers},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}
