package setup_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/setup"
	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/testtime"
)

const moved = "https://moved.example/service"

func (s *site) upkeep() (setup.Plan, []string) {
	s.t.Helper()
	plan, reports, err := s.installer.Upkeep(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return plan, reports
}

// later moves the installer's clock.
func (s *site) later(by time.Duration) {
	s.installer.Now = func() time.Time { return time.Now().Add(by) }
	s.installer.Token.Now = s.installer.Now
}

func TestServeNeverTakesOver(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		for name, settings := range map[string][]string{
			"another instance with another address": {"PUBLIC_URL=" + moved},
			"another topic":                         {`SUBSCRIPTION_DESTINATION={"type":"GoogleCloudPubSub","projectId":"demo","topic":"another"}`},
			"another secret":                        {"JWT_SECRET=another-secret-that-is-long-enough"},
			"a configuration that needs more":       {"FEAT_CHANNELSYNC_ACTIVE=true"},
		} {
			s := newSite(t)
			s.install()
			s.configure(settings...)
			s.forget()
			plan, reports := s.upkeep()
			s.carryOut(plan)
			if made := append(writes(s.CTLog), writes(s.FFTLog)...); len(made) > 0 {
				t.Errorf("%s: serve made %q", name, made)
			}
			if len(reports) == 0 || !strings.Contains(reports[0], "run fftconnect install") {
				t.Errorf("%s: reported %q", name, reports)
			}
		}
	})
}

func TestATypoInTheTypesKeyMakesNoTypeUnasked(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.CT.PutCustomObject("fft", "configuration", map[string]any{})
		s.install()
		s.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "fft-ordr"})
		plan, reports := s.upkeep()
		s.carryOut(plan)
		if s.fields("fft-ordr") != nil {
			t.Error("a second order type was made")
		}
		if len(reports) != 1 || !strings.Contains(reports[0], "create order type fft-ordr") {
			t.Errorf("reported %q", reports)
		}
	})
}

func TestServeRestoresWhatWasThere(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		for _, event := range subscribed {
			s.deleteWebhook(event)
		}
		plan, reports := s.upkeep()
		if len(plan.Steps) > 0 || len(reports) != len(subscribed) {
			t.Errorf("not knowing that they were here, it plans %q and reports %d", changes(plan), len(reports))
		}
		s.installer.WereAt = address
		plan, _ = s.upkeep()
		s.carryOut(plan)
		s.mustBeInstalled()
	})
}

func TestWithoutAnAddressTokensAreRenewedWhereTheyAre(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		s.installer.Environment.PublicURL, s.installer.Environment.Destination = "", nil
		s.deleteWebhook("ORDER_CREATED")
		s.later(s.installer.Token.Lifetime - time.Hour)
		plan, _ := s.upkeep()
		if n := len(plan.Steps); n != len(subscribed) {
			t.Fatalf("planned %q", changes(plan))
		}
		s.carryOut(plan)
		s.installer.Environment.PublicURL = address
		s.mustBeInstalled()
	})
}

func TestInstallTakesOverOnlyWhatNoLongerAnswersOrWhenAsked(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		s.configure("PUBLIC_URL=" + moved)
		s.installer.IsAnswering = func(_ context.Context, at string) bool { return at == address }
		s.forget()
		plan := s.plan()
		if err := plan.Apply(t.Context(), func(setup.Step, error) {}); err == nil || !strings.Contains(err.Error(), "--replace") || !strings.Contains(err.Error(), address) {
			t.Errorf("error %v", err)
		}
		if made := writes(s.FFTLog); len(made) > 0 {
			t.Errorf("it made %q", made)
		}
		s.installer.Replace = true
		s.carryOut(s.plan())
		s.mustBeInstalled()
	})
}

func TestAStrangersWebhookOfOurNameIsLeftAlone(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.addForeign("fftconnect_demo_ORDER_CREATED", "ORDER_CREATED", foreign)
		plan := s.plan()
		err := plan.Apply(t.Context(), func(setup.Step, error) {})
		if err == nil || !strings.Contains(err.Error(), "DEPLOYMENT") || len(s.webhooks("ORDER_CREATED")) != 1 || len(s.webhooks("PICK_JOB_CREATED")) != 1 {
			t.Errorf("%d webhooks, error %v", len(s.webhooks("ORDER_CREATED")), err)
		}
		s.carryOut(s.removal(false))
		if left := s.FFT.Subscriptions(); len(left) != 1 || left[0].Target.CallbackURL != foreign {
			t.Errorf("uninstall left %+v", left)
		}
	})
}

func TestTwoShopsOfATenantLeaveEachOthersWebhooksAlone(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		shop := s.installer
		shop.Environment.Commercetools.ProjectKey, shop.Environment.PublicURL = "another", moved
		shop.Only = []setup.Part{setup.Events}
		plan, err := shop.Install(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.carryOut(plan)
		if n := len(s.FFT.Subscriptions()); n != 2*len(subscribed) {
			t.Errorf("%d webhooks of both", n)
		}
		s.settled()
		if plan, reports := s.upkeep(); len(plan.Steps)+len(reports) > 0 {
			t.Errorf("upkeep plans %q, reports %q", changes(plan), reports)
		}
	})
}

// TestAnyNumberOfInstallsAtOnceMakeOneOfEach: processes that share nothing, on platforms that
// answer slowly, whose lists lag, beside those that serve and keep the installation alive.
func TestAnyNumberOfInstallsAtOnceMakeOneOfEach(t *testing.T) {
	for name, weather := range map[string]simulator.Weather{
		"quick answers": {Latency: 5 * time.Millisecond, Jitter: 20 * time.Millisecond},
		"slow answers":  {Latency: time.Second, Jitter: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			testtime.Fake(t, func(t *testing.T) {
				s := newSite(t)
				s.FFTFaults.SetWeather(weather)
				s.CTFaults.SetWeather(weather)
				var all sync.WaitGroup
				for n := range 9 {
					s.configure() // clients and tokens of its own
					process, install := s.installer, n%3 < 2
					all.Go(func() {
						var plan setup.Plan
						var err error
						if install {
							plan, err = process.Install(t.Context())
						} else {
							plan, _, err = process.Upkeep(t.Context())
						}
						if err == nil {
							err = plan.Apply(t.Context(), func(setup.Step, error) {})
						}
						if err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				s.FFTFaults.Clear()
				s.CTFaults.Clear()
				s.mustBeInstalled()
				if n := len(s.FFT.Subscriptions()); n != len(subscribed) {
					t.Errorf("%d webhooks, want %d", n, len(subscribed))
				}
				if n := len(s.CT.Subscriptions()); n != 1 {
					t.Errorf("%d subscriptions in commercetools", n)
				}
				s.settled()
			})
		})
	}
}

func TestWhatThisVersionNoLongerUsesIsRemoved(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		token := s.webhooks("ORDER_CREATED")[0].Target.Headers
		s.addForeign("fftconnect_demo_PACK_JOB_CREATED", "PACK_JOB_CREATED", address, token...)
		s.addForeign("fftconnect_demo_PACK_JOB_CLOSED", "PACK_JOB_CLOSED", foreign)
		s.mustPlan(s.plan(), "delete webhook fftconnect_demo_PACK_JOB_CREATED in fulfillmenttools this version has no use for the event")
	})
}

func TestPartsAreInstalledByThemselves(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		for part, want := range map[setup.Part]string{
			setup.Messages: "subscription fftconnect-orders", setup.Events: "webhook fftconnect_demo_ORDER_CREATED",
			setup.Type: "order type fft-order", setup.Channels: "subscription fftconnect-channels",
		} {
			s := newSite(t, channelSync)
			s.installer.Only = []setup.Part{part}
			if part != setup.Events {
				s.installer.Environment.PublicURL = ""
			}
			if part == setup.Events || part == setup.Type {
				s.installer.Environment.Destination = nil
			}
			plan := s.plan()
			if len(plan.Steps) == 0 || slices.ContainsFunc(plan.Steps, func(step setup.Step) bool {
				return part != setup.Type && !strings.Contains(step.What, strings.Fields(want)[0])
			}) || !strings.Contains(printed(plan), want) {
				t.Errorf("%s plans:\n%s", part, printed(plan))
			}
			s.carryOut(plan)
			s.settled()
			if part != setup.Type {
				s.carryOut(s.removal(false))
				if left := len(s.FFT.Subscriptions()) + len(s.CT.Subscriptions()); left > 0 {
					t.Errorf("%s: %d left", part, left)
				}
			}
		}
		if _, err := setup.ParseParts([]string{"events", "webhooks"}); err == nil {
			t.Error("an unknown part is taken")
		}
	})
}

func TestWhatMayNotBeDoneDoesNotKeepTheRestBack(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.CTFaults.PlanFaults("GET /demo/subscriptions", 100, simulator.Fault{Status: http.StatusForbidden})
		var left []string
		plan := s.plan()
		err := plan.Apply(t.Context(), func(step setup.Step, err error) {
			if err != nil {
				left = append(left, step.What)
			}
		})
		if err == nil || !slices.Equal(left, []string{"messages", "channels"}) || !strings.Contains(err.Error(), "--only") {
			t.Errorf("left out %q: %v", left, err)
		}
		if len(s.webhooks("ORDER_CREATED")) != 1 {
			t.Error("the webhooks were not installed")
		}
	})
}

func TestFieldsOfAnotherKindAreNamed(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.installer.TypeKey = "odd"
		field := func(name, kind string) any {
			return map[string]any{"name": name, "label": map[string]any{"en": name}, "required": false, "type": map[string]any{"name": kind}}
		}
		s.CT.PutType(map[string]any{
			"key": "odd", "name": map[string]any{"en": "x"}, "resourceTypeIds": []any{"order"},
			"fieldDefinitions": []any{field("fft_short_id", "Boolean"), field("fft_order_id", "String"), field("fft_exceptions", "String")},
		})
		plan := s.plan()
		text := printed(plan)
		for _, want := range []string{"fft_short_id must be a String", "fft_exceptions must be a Set of String"} {
			if !strings.Contains(text, want) {
				t.Errorf("missing %q in:\n%s", want, text)
			}
		}
		if strings.Contains(text, "fft_order_id must") {
			t.Error("a field that fits is complained about")
		}
		if err := plan.Apply(t.Context(), func(setup.Step, error) {}); err == nil {
			t.Error("it passes as installed")
		}
	})
}

func TestChangedCredentialsOfABrokerAreApplied(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		const settings = `SUBSCRIPTION_DESTINATION={"type":"SQS","queueUrl":"https://sqs.example/1/q","region":"eu-central-1","accessKey":"AKIA%","accessSecret":"secret-%-secret"}`
		keys := func(which string) string { return strings.ReplaceAll(settings, "%", which) }
		const update = "update subscription fftconnect-orders in commercetools "
		s := newSite(t, keys("ONE"))
		s.install()
		s.configure(keys("TWO"))
		s.mustPlan(s.plan(), update+"the broker's credentials changed")
		s.carryOut(s.plan())
		s.settled()
		s.configure(`SUBSCRIPTION_DESTINATION={"type":"SQS","queueUrl":"https://sqs.example/1/q","region":"eu-central-1","authenticationMode":"IAM"}`)
		s.mustPlan(s.plan(), update+"it delivers elsewhere")
		s.configure(keys("TWO"))
		s.installer.Force = true
		s.mustPlan(s.plan(), update+"the broker's credentials, by --force")
	})
}

func TestPurgeIsRefusedWhileOthersUseTheFields(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		for name, before := range map[string]func(*site){
			"another deployment's messages": func(s *site) { s.subscribe("staging-orders") },
			"another deployment's webhooks": func(s *site) { s.addForeign("staging_demo_ORDER_CREATED", "ORDER_CREATED", foreign) },
			"the existing connector":        func(s *site) { s.addForeign("CTC_ORDER_CREATED", "ORDER_CREATED", foreign) },
			"its messages":                  func(s *site) { s.subscribe("fft-ctc-orders") },
		} {
			s := newSite(t)
			s.install()
			before(s)
			if _, err := s.installer.Uninstall(t.Context(), true); err == nil || !strings.Contains(err.Error(), "--purge") {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := s.installer.Uninstall(t.Context(), false); err != nil {
				t.Errorf("%s, without purge: %v", name, err)
			}
		}
	})
}

func TestAProjectThatIsNotThereIsSaid(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.CTFaults.PlanFaults("GET /demo", 100, simulator.Fault{Status: http.StatusNotFound})
		if _, err := s.installer.Install(t.Context()); err == nil || !strings.Contains(err.Error(), "CTP_PROJECT_KEY") {
			t.Errorf("error %v", err)
		}
	})
}

func TestOneLookIsNotEnoughToAct(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		s.deleteWebhook("ORDER_CREATED")
		// Somebody else makes it between the two looks.
		twin := s.webhooks("PICK_JOB_CREATED")[0]
		seen := make(chan struct{})
		go func() {
			defer close(seen)
			time.Sleep(10 * time.Second)
			_, _ = s.FFT.AddSubscription(fftsim.Subscription{Name: "fftconnect_demo_ORDER_CREATED", Event: "ORDER_CREATED", Target: twin.Target})
		}()
		plan, _ := s.upkeep()
		<-seen
		s.carryOut(plan)
		if n := len(s.webhooks("ORDER_CREATED")); n != 1 {
			t.Errorf("%d webhooks", n)
		}
	})
}
