package setup_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/setup"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/testtime"
)

func fulfillerHeader() fftsim.Header { return fftsim.Header{Key: "X-OCFF-Subscriber", Value: "CTC"} }

// api makes a call to commercetools as an operator would by hand.
func (s *site) api(method, path, body string) {
	s.t.Helper()
	form := strings.NewReader("grant_type=client_credentials")
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.CTURL+"/oauth/token", form)
	if err != nil {
		s.t.Fatal(err)
	}
	request.SetBasicAuth("demo-client", "demo-secret")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	token := s.send(request)["access_token"]
	if request, err = http.NewRequestWithContext(s.t.Context(), method, s.CTURL+"/demo"+path, strings.NewReader(body)); err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", fmt.Sprint("Bearer ", token))
	request.Header.Set("Content-Type", "application/json")
	s.send(request)
}

func (s *site) subscribe(key string) {
	s.t.Helper()
	s.api(http.MethodPost, "/subscriptions", `{"key":"`+key+`","destination":{"type":"SQS","queueUrl":"https://sqs.example/1/`+key+`","region":"eu"},"messages":[{"resourceTypeId":"order"}]}`)
}

func (s *site) deleteWebhook(event string) {
	s.t.Helper()
	if err := s.installer.Fulfillmenttools.DeleteSubscription(s.t.Context(), s.webhooks(event)[0].ID); err != nil {
		s.t.Fatal(err)
	}
}

func everyWebhook(verb, why string) []string {
	var steps []string
	for _, event := range subscribed {
		steps = append(steps, fmt.Sprintf("%s webhook fftconnect_demo_%s in fulfillmenttools %s", verb, event, why))
	}
	return steps
}

func TestEveryDriftIsPlannedAndMended(t *testing.T) {
	t.Parallel()
	const subscription = "update subscription fftconnect-orders in commercetools "
	version := func(s *site) int { return int(s.subscription("fftconnect-orders")["version"].(float64)) }
	for _, c := range []struct {
		name  string
		drift func(*site)
		want  []string
	}{
		{"the broker changed", func(s *site) {
			s.configure(`SUBSCRIPTION_DESTINATION={"type":"GoogleCloudPubSub","projectId":"demo","topic":"another"}`)
		}, []string{subscription + "it delivers elsewhere"}},
		{"the kind of broker changed", func(s *site) {
			s.configure(`SUBSCRIPTION_DESTINATION={"type":"SQS","queueUrl":"https://sqs.example/1/q","region":"eu-central-1","authenticationMode":"IAM"}`)
		}, []string{subscription + "it delivers elsewhere"}},
		{"message types are missing", func(s *site) {
			s.api(http.MethodPost, "/subscriptions/key=fftconnect-orders", fmt.Sprintf(`{"version":%d,"actions":[{"action":"setMessages","messages":[{"resourceTypeId":"order","types":["OrderCreated"]}]}]}`, version(s)))
		}, []string{subscription + "it lacks message types"}},
		{"another resource only", func(s *site) {
			s.api(http.MethodPost, "/subscriptions/key=fftconnect-orders", fmt.Sprintf(`{"version":%d,"actions":[{"action":"setMessages","messages":[{"resourceTypeId":"payment"}]}]}`, version(s)))
		}, []string{subscription + "it lacks message types"}},
		{"both at once", func(s *site) {
			s.api(http.MethodPost, "/subscriptions/key=fftconnect-orders", fmt.Sprintf(`{"version":%d,"actions":[{"action":"setMessages","messages":[{"resourceTypeId":"payment"}]}]}`, version(s)))
			s.CT.SetSubscriptionStatus("fftconnect-orders", "ConfigurationError")
		}, []string{subscription + "its health is ConfigurationError"}},
		{"delivery was stopped", func(s *site) {
			s.CT.SetSubscriptionStatus("fftconnect-orders", "ConfigurationErrorDeliveryStopped")
		}, []string{subscription + "its health is ConfigurationErrorDeliveryStopped"}},
		{"a hiccup of the broker", func(s *site) { s.CT.SetSubscriptionStatus("fftconnect-orders", "TemporaryError") }, nil},
		{"the subscription was deleted", func(s *site) {
			s.api(http.MethodDelete, fmt.Sprintf("/subscriptions/key=fftconnect-orders?version=%d", version(s)), "")
		}, []string{"create subscription fftconnect-orders in commercetools delivers to GoogleCloudPubSub"}},
		{"our address changed", func(s *site) { s.configure("PUBLIC_URL=https://moved.example/service") }, everyWebhook("replace", "it calls "+address)},
		{"a slash at the end of the address", func(s *site) { s.configure("PUBLIC_URL=" + address + "/") }, nil},
		{"the secret was rotated", func(s *site) { s.configure("JWT_SECRET=another-secret-that-is-long-enough") }, everyWebhook("replace", "its token is not valid")},
		{"the issuer changed", func(s *site) { s.configure("JWT_ISSUER=somebody") }, everyWebhook("replace", "its token is not valid")},
		{"a webhook was deleted", func(s *site) { s.deleteWebhook("PICK_JOB_CREATED") }, []string{"create webhook fftconnect_demo_PICK_JOB_CREATED in fulfillmenttools"}},
		{"a webhook is there twice", func(s *site) {
			twin := s.webhooks("ORDER_CREATED")[0]
			s.addForeign(twin.Name, twin.Event, twin.Target.CallbackURL, twin.Target.Headers...)
		}, []string{"delete webhook fftconnect_demo_ORDER_CREATED in fulfillmenttools a second one of the same name"}},
		{"twins, of which the second is good", func(s *site) {
			twin := s.webhooks("ORDER_CREATED")[0]
			s.deleteWebhook("ORDER_CREATED")
			s.addForeign(twin.Name, twin.Event, foreign, twin.Target.Headers...)
			s.addForeign(twin.Name, twin.Event, twin.Target.CallbackURL, twin.Target.Headers...)
		}, []string{"delete webhook fftconnect_demo_ORDER_CREATED in fulfillmenttools it calls " + foreign}},
		{"twins, of which neither is good", func(s *site) {
			twin := s.webhooks("ORDER_CREATED")[0]
			s.deleteWebhook("ORDER_CREATED")
			s.addForeign(twin.Name, twin.Event, foreign, twin.Target.Headers...)
			s.addForeign(twin.Name, twin.Event, foreign, twin.Target.Headers...)
		}, []string{"replace webhook fftconnect_demo_ORDER_CREATED in fulfillmenttools it calls " + foreign}},
		{"a field was removed", func(s *site) {
			s.api(http.MethodPost, "/types/key=fft-order", `{"version":`+s.typeVersion("fft-order")+`,"actions":[{"action":"removeFieldDefinition","fieldName":"fft_short_id"}]}`)
		}, []string{"update order type fft-order in commercetools add fft_short_id"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			testtime.Fake(t, func(t *testing.T) {
				s := newSite(t)
				s.install()
				for _, event := range []string{"ORDER_CREATED", "PICK_JOB_CREATED"} {
					s.addForeign("theirs", event, foreign)
				}
				s.subscribe("theirs")
				id := s.subscription("fftconnect-orders")["id"]
				c.drift(s)
				s.forget()
				s.installer.Now = time.Now
				plan := s.plan()
				s.mustPlan(plan, c.want...)
				s.carryOut(plan)
				s.mustBeInstalled()
				s.settled()
				if c.name != "the subscription was deleted" {
					if now := s.subscription("fftconnect-orders"); now["id"] != id || now["status"] == "ConfigurationError" {
						t.Errorf("the subscription was not fixed in place: %v %v", now["id"], now["status"])
					}
					if made := strings.Join(writes(s.CTLog), " "); strings.Contains(made, "DELETE") {
						t.Errorf("a subscription was deleted: %s", made)
					}
				}
				theirs := slices.DeleteFunc(s.FFT.Subscriptions(), func(sub fftsim.Subscription) bool { return sub.Name != "theirs" })
				if len(theirs) != 2 || s.subscription("theirs") == nil {
					t.Error("another system's subscription was touched")
				}
			})
		})
	}
}

func TestAReplacedWebhookIsThereBeforeTheOldOneGoes(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		s.configure("PUBLIC_URL=https://moved.example/service")
		s.forget()
		s.carryOut(s.plan())
		made := writes(s.FFTLog)
		if len(made) != 2*len(subscribed) {
			t.Fatalf("calls: %q", made)
		}
		for i := 0; i < len(made); i += 2 {
			if !strings.HasPrefix(made[i], "POST /api/subscriptions") || !strings.HasPrefix(made[i+1], "DELETE /api/subscriptions/") {
				t.Errorf("calls %d and %d: %q", i, i+1, made[i:i+2])
			}
		}
	})
}

func TestATokenIsRenewedInItsLastQuarter(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, "JWT_LIFETIME=100h")
		s.install()
		for after, want := range map[time.Duration]int{0: 0, 74 * time.Hour: 0, 76 * time.Hour: len(subscribed)} {
			s.installer.Now = func() time.Time { return time.Now().Add(after) }
			plan := s.plan()
			if plan.Changes() != want {
				t.Errorf("after %s: %d changes, want %d:\n%s", after, plan.Changes(), want, printed(plan))
			}
			if want > 0 && !strings.Contains(printed(plan), "its token ends on "+time.Now().Add(100*time.Hour).UTC().Format(time.DateOnly)) {
				t.Errorf("after %s:\n%s", after, printed(plan))
			}
		}
		s.installer.Now = func() time.Time { return time.Now().Add(99 * time.Hour) }
		s.installer.Token.Now = s.installer.Now
		s.carryOut(s.plan())
		s.settled()
	})
}

// TestWebhooksOfTheSecretBeforeAreRenewed, new ones first, by install and by serve: until then
// both secrets are good, and no event is refused.
func TestWebhooksOfTheSecretBeforeAreRenewed(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		for name, renew := range map[string]func(*site) setup.Plan{
			"install": (*site).plan,
			"serve":   func(s *site) setup.Plan { plan, _ := s.upkeep(); return plan },
		} {
			s := newSite(t)
			s.install()
			before := s.installer.Token.Secret
			s.configure("JWT_SECRET=another-secret-that-is-long-enough")
			s.installer.Token.Previous = before
			plan := renew(s)
			s.mustPlan(plan, everyWebhook("replace", "its token is signed with the JWT_SECRET before")...)
			s.carryOut(plan)
			s.installer.Token.Previous = nil
			s.mustBeInstalled()
			if n := len(s.FFT.Subscriptions()); n != len(subscribed) {
				t.Errorf("%s: %d webhooks, want %d", name, n, len(subscribed))
			}
			s.settled()
		}
	})
}

func TestSubscriptionsAreFoundBeyondTheFirstPage(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		// 150 of other systems come before ours.
		for i, event := range []string{
			"ROUTING_PLAN_ROUTED", "ROUTING_PLAN_WAITING", "ROUTING_PLAN_FALLBACK", "ROUTING_PLAN_SPLITTED", "ROUTING_PLAN_CANCELLED",
			"STOW_JOB_CREATED", "STOW_JOB_CLOSED", "STOW_JOB_CANCELED", "PICK_JOB_RESET", "PICK_JOB_OPENED", "PACK_JOB_CREATED", "PACK_JOB_UPDATED",
			"PACK_JOB_CLOSED", "PACK_JOB_CANCELED", "SHIPMENT_CREATED", "EXTERNAL_ACTION_EXECUTED", "PARCEL_CARRIER_CREATED", "PARCEL_CARRIER_REQUESTED",
			"SERVICE_JOB_CREATED", "PARCEL_CARRIER_FAILED", "RETURN_CREATED", "RETURN_CLAIMED", "RETURN_CLOSED", "RETURN_CANCELED",
			"RETURN_UPDATED", "FACILITY_CREATED", "FACILITY_UPDATED", "FACILITY_DELETED", "PROCESS_DELETED", "REFUND_TRIGGERED",
		} {
			for j := range 5 {
				s.addForeign(fmt.Sprintf("theirs %d %d", i, j), event, foreign)
			}
		}
		s.install()
		if got := len(s.FFT.Subscriptions()); got != 150+len(subscribed) {
			t.Errorf("%d subscriptions, want %d", got, 150+len(subscribed))
		}
		s.configure("PUBLIC_URL=https://moved.example/service")
		s.mustPlan(s.plan(), everyWebhook("replace", "it calls "+address)...)
		s.carryOut(s.plan())
		s.mustBeInstalled()
		s.carryOut(s.removal(false))
		if got := len(s.FFT.Subscriptions()); got != 150 {
			t.Errorf("after uninstall %d subscriptions, want 150", got)
		}
	})
}

func TestTheLimitOfFivePerEventIsSaidClearly(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		for n := range 5 {
			s.addForeign(fmt.Sprint("their-hook-", n), "PICK_JOB_CREATED", foreign)
		}
		plan := s.plan()
		if plan.Changes() == 0 || !strings.Contains(printed(plan), "5 subscriptions an event") {
			t.Errorf("the plan does not say it:\n%s", printed(plan))
		}
		failed := 0
		err := plan.Apply(t.Context(), func(_ setup.Step, err error) {
			if err != nil {
				failed++
			}
		})
		if err == nil || failed != 1 {
			t.Fatalf("%d steps failed, want 1: %v", failed, err)
		}
		for _, part := range []string{"PICK_JOB_CREATED", "5 subscriptions an event", "their-hook-1", "their-hook-4", "delete one"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q is not in: %v", part, err)
			}
		}
		for _, event := range subscribed {
			if own := s.webhooks(event); (len(own) == 1) == (event == "PICK_JOB_CREATED") {
				t.Errorf("%s has %d webhooks of ours", event, len(own))
			}
		}
	})
}

func TestWhereAnEventHasNoRoomOursMakesPlaceForItsSuccessor(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		for n := range 4 {
			s.addForeign(fmt.Sprint("their-hook-", n), "PICK_JOB_CREATED", foreign)
		}
		s.later(s.installer.Token.Lifetime - time.Hour)
		s.forget()
		s.carryOut(s.plan())
		if own := s.webhooks("PICK_JOB_CREATED"); len(own) != 1 {
			t.Fatalf("%d webhooks of ours", len(own))
		}
		if all := s.FFT.Subscriptions(); len(all) != len(subscribed)+4 {
			t.Errorf("%d subscriptions in all", len(all))
		}
	})
}

func TestFiveOfWhichOneIsOursAndGoodAreFine(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		for range 4 {
			s.addForeign("theirs", "PICK_JOB_CREATED", foreign)
		}
		s.settled()
	})
}

func TestASwitchedOffFlowIsNotSubscribed(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, "FEAT_ORDERSYNC_ACTIVE=false", "FEAT_STATUSUPDATES_ACTIVE=false")
		s.carryOut(s.plan())
		if len(s.FFT.Subscriptions())+len(s.CT.Subscriptions()) > 0 {
			t.Error("subscribed although both flows are switched off")
		}
		s.settled()
		s.configure()
		s.install()
		s.mustBeInstalled()
		s.addForeign("theirs", "ORDER_CREATED", foreign)
		s.configure("FEAT_ORDERSYNC_ACTIVE=false")
		s.mustPlan(s.plan(), "delete subscription fftconnect-orders in commercetools order sync is switched off")
		s.configure("FEAT_STATUSUPDATES_ACTIVE=false")
		s.mustPlan(s.plan(), everyWebhook("delete", "status updates are switched off")...)
		s.carryOut(s.plan())
		if left := s.FFT.Subscriptions(); len(left) != 1 || left[0].Name != "theirs" {
			t.Errorf("left: %+v", left)
		}
		s.settled()
	})
}

func TestDeploymentsLeaveEachOthersSubscriptionsAlone(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.install()
		s.configure("DEPLOYMENT=staging", "PUBLIC_URL=https://staging.example/service")
		s.install()
		if len(s.FFT.Subscriptions()) != 2*len(subscribed) || len(s.CT.Subscriptions()) != 2 {
			t.Errorf("%d webhooks, %d subscriptions", len(s.FFT.Subscriptions()), len(s.CT.Subscriptions()))
		}
		s.carryOut(s.removal(false))
		s.configure()
		s.mustBeInstalled()
		s.settled()
	})
}

func TestAnEventIsSubscribedOnlyWhenItsFeatureIsOn(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		corrections := []string{"HANDOVERJOB_REVERTED", "ORDER_CANCELLED", "PICK_JOB_REROUTED", "ROUTING_PLAN_NOT_ROUTABLE"}
		tracking := []string{"PARCEL_CARRIER_ACKNOWLEDGED", "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED"}
		for name, c := range map[string]struct {
			feedback      map[string]any
			with, without []string
		}{
			"nothing configured":         {nil, append(corrections, tracking...), []string{"ITEM_RETURN_JOB_UPDATED", "SHIPMENT_UPDATED"}},
			"with shipments":             {map[string]any{"shipments": true}, []string{"SHIPMENT_UPDATED"}, nil},
			"without corrections":        {map[string]any{"corrections": false}, tracking, corrections},
			"without tracking":           {map[string]any{"tracking": false}, corrections, tracking},
			"without deliveries":         {map[string]any{"deliveries": false}, corrections, tracking},
			"with returns":               {map[string]any{"returns": true}, []string{"ITEM_RETURN_JOB_UPDATED"}, nil},
			"an event that is ignored":   {map[string]any{"ignore": []any{"HANDOVERJOB_CREATED"}}, corrections, []string{"HANDOVERJOB_CREATED"}},
			"an event for its own field": {map[string]any{"tracking": false, "fields": []any{map[string]any{"event": "SHIPMENT_UPDATED", "field": "x", "value": "payload.id"}}}, []string{"SHIPMENT_UPDATED"}, nil},
		} {
			s := newSite(t)
			s.install()
			s.CT.PutCustomObject("fft", "configuration", map[string]any{"feedback": c.feedback})
			s.install()
			for _, event := range c.with {
				if len(s.webhooks(event)) != 1 {
					t.Errorf("%s: %s is not subscribed", name, event)
				}
			}
			for _, event := range c.without {
				if len(s.webhooks(event)) != 0 {
					t.Errorf("%s: %s is subscribed", name, event)
				}
			}
		}
	})
}
