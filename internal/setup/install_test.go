package setup_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/feedback"
	"fftconnect/internal/setup"
	"fftconnect/internal/simulator"
	"fftconnect/internal/testtime"
)

func TestInstallingTwiceChangesNothingTheSecondTime(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		plan := s.plan()
		want := []string{
			"update order type fft-order in commercetools add fft_order_id, fft_pickjob_id, fft_short_id, fft_facility_id, fft_load_units_amount, fft_handoverjob_id, fft_pickjob_ids, fft_handoverjob_ids, fft_exceptions, fft_jobs",
			"create parcel type fft-parcel in commercetools 1 field",
		}
		for _, step := range everyWebhook("create", "") {
			want = append(want, strings.TrimSpace(step))
		}
		s.mustPlan(plan, append(want, "create subscription fftconnect-orders in commercetools delivers to GoogleCloudPubSub")...)
		if len(plan.Warnings) > 0 {
			t.Errorf("warnings: %q", plan.Warnings)
		}
		var told []string
		if err := plan.Apply(t.Context(), func(step setup.Step, err error) {
			told = append(told, step.Verb)
			if err != nil {
				t.Errorf("%s: %v", step.What, err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		if len(told) != len(plan.Steps) {
			t.Errorf("told of %d steps, want %d", len(told), len(plan.Steps))
		}
		s.mustBeInstalled()
		s.forget()
		again := s.plan()
		s.mustPlan(again)
		if again.Changes() != 0 || len(again.Steps) != 3+len(subscribed) {
			t.Errorf("a second run:\n%s", printed(again))
		}
		s.carryOut(again)
		if made := append(writes(s.CTLog), writes(s.FFTLog)...); len(made) > 0 {
			t.Errorf("a second run made %q", made)
		}
	})
}

func TestPlanningOnlyReads(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		_ = printed(s.plan())
		_ = printed(s.removal(true))
		s.install()
		s.configure("PUBLIC_URL=https://moved.example/service")
		_ = printed(s.plan())
		_ = printed(s.removal(false))
		_ = printed(s.removal(true))
		if made := append(writes(s.CTLog), writes(s.FFTLog)...); len(made) > 0 {
			t.Errorf("a plan made %q", made)
		}
	})
}

func TestAPlanSaysWhatItWillDo(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.addForeign("CTC_ORDER_CREATED", "ORDER_CREATED", foreign)
		text := printed(s.plan())
		for _, line := range []string{
			"  update   order type fft-order in commercetools (add fft_order_id, ",
			"  create   webhook fftconnect_demo_ORDER_CREATED in fulfillmenttools\n",
			"  create   subscription fftconnect-orders in commercetools (delivers to GoogleCloudPubSub)\n",
			"  warning: the existing connector's webhook CTC_ORDER_CREATED is still there",
		} {
			if !strings.Contains(text, line) {
				t.Errorf("missing %q in:\n%s", line, text)
			}
		}
	})
}

func TestATypeIsMadeWithEveryFieldAndTheShopsOwn(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, "FFT_FIELD_NAMES=documented")
		s.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "delivery", "collectChannelReferenceFieldName": "collect_at"})
		s.install()
		want := append(append(feedback.Documented.AllNames(), further...), "collect_at")
		if got := s.fields("delivery"); !slices.Equal(got, want) {
			t.Errorf("fields %q, want %q", got, want)
		}
	})
}

func TestATypeOfTheMerchantGetsOnlyTheFieldsItLacks(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		for key, want := range map[string][]string{
			"shop-order":     {"giftMessage", "newsletter", "loyaltyTier", "fft_order_id", "fft_pickjob_id", "fft_short_id", "fft_facility_id", "fft_load_units_amount", "fft_handoverjob_id"},
			"shop-order-fft": {"giftMessage", "newsletter", "loyaltyTier", "fft_order_id", "fft_pickjob_id", "fft_shortid", "fft_facility_id", "fft_handover_job_id", "fft_parcels", "fft_load_units_amount"},
		} {
			s := newSite(t)
			s.installer.TypeKey = key
			s.install()
			if got, want := s.fields(key), append(want, further...); !slices.Equal(got, want) {
				t.Errorf("%s has %q, want %q", key, got, want)
			}
			if len(s.fields("fft-order")) != 1 {
				t.Errorf("with --type %s another type was changed too", key)
			}
		}
	})
}

func TestATypeForSomethingElseIsNotTouched(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.CT.PutType(map[string]any{"key": "customers", "name": map[string]any{"en": "x"}, "resourceTypeIds": []any{"customer"}})
		s.installer.TypeKey = "customers"
		if _, err := s.installer.Install(t.Context()); err == nil || !strings.Contains(err.Error(), "customers is not for orders") {
			t.Errorf("error %v", err)
		}
	})
}

func TestTheExistingConnectorsLeftoversAreWarnedAbout(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.addForeign("CTC_PICK_JOB_CREATED", "PICK_JOB_CREATED", foreign)
		s.addForeign("no-prefix", "ORDER_CREATED", foreign, fulfillerHeader())
		s.addForeign("harmless", "ORDER_CREATED", foreign)
		s.subscribe("fft-ctc-orders")
		s.subscribe("fft-ctc-channels")
		s.subscribe("somebody-else")
		warnings := s.plan().Warnings
		for _, name := range []string{"CTC_PICK_JOB_CREATED", "no-prefix", "fft-ctc-orders"} {
			found := 0
			for _, warning := range warnings {
				if strings.Contains(warning, " "+name+" ") {
					found++
				}
			}
			if found != 1 {
				t.Errorf("%d warnings about %s in %q", found, name, warnings)
			}
		}
		if len(warnings) != 3 { // channel sync is switched off here
			t.Errorf("warnings: %q", warnings)
		}
		s.install()
		if len(s.CT.Subscriptions()) != 4 || len(s.FFT.Subscriptions()) != 3+len(subscribed) {
			t.Error("a leftover was touched")
		}
	})
}

func TestABrokenConfigurationObjectIsNamed(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": 7})
		if _, err := s.installer.Install(t.Context()); err == nil || !strings.Contains(err.Error(), "fft/configuration") {
			t.Errorf("error %v", err)
		}
	})
}

func TestAFailedStepDoesNotKeepTheOthersBack(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		plan := s.plan()
		// Somebody takes the last places of one event in between.
		for range 5 {
			s.addForeign("theirs", "PICK_JOB_CREATED", foreign)
		}
		failed := 0
		err := plan.Apply(t.Context(), func(_ setup.Step, err error) {
			if err != nil {
				failed++
			}
		})
		if err == nil || failed != 1 || !strings.Contains(err.Error(), "create webhook fftconnect_demo_PICK_JOB_CREATED") {
			t.Errorf("%d steps failed: %v", failed, err)
		}
		if len(s.webhooks("HANDOVERJOB_HANDED_OVER")) != 1 || s.subscription("fftconnect-orders") == nil {
			t.Error("the steps after it were not tried")
		}
	})
}

func TestEveryBrokerCanBeSubscribed(t *testing.T) {
	t.Parallel()
	for kind, destination := range map[string]string{
		"GoogleCloudPubSub": `{"type":"GoogleCloudPubSub","projectId":"p","topic":"t"}`,
		"SNS with IAM":      `{"type":"SNS","topicArn":"arn:aws:sns:eu-central-1:1:t","authenticationMode":"IAM"}`,
		"SNS with keys":     `{"type":"SNS","topicArn":"arn:aws:sns:eu-central-1:1:t","accessKey":"AKIAPLANTED","accessSecret":"planted-secret-1234"}`,
		"SQS with IAM":      `{"type":"SQS","queueUrl":"https://sqs.example/1/q","region":"eu-central-1","authenticationMode":"IAM"}`,
		"SQS with keys":     `{"type":"SQS","queueUrl":"https://sqs.example/1/q","region":"eu-central-1","accessKey":"AKIAPLANTED","accessSecret":"planted-secret-1234"}`,
		"EventBridge":       `{"type":"EventBridge","region":"eu-central-1","accountId":"123456789012"}`,
		"AzureServiceBus":   `{"type":"AzureServiceBus","connectionString":"Endpoint=sb://x.example/;SharedAccessKeyName=n;SharedAccessKey=planted-key-1234"}`,
		"AzureEventGrid":    `{"type":"AzureEventGrid","uri":"https://grid.example/api/events","accessKey":"planted-key-1234"}`,
		"ConfluentCloud":    `{"type":"ConfluentCloud","bootstrapServer":"b.example:9092","apiKey":"planted-key-1","apiSecret":"planted-secret-1234","acks":"all","topic":"t"}`,
	} {
		t.Run(kind, func(t *testing.T) {
			testtime.Fake(t, func(t *testing.T) {
				s := newSite(t, "SUBSCRIPTION_DESTINATION="+destination)
				text := printed(s.plan())
				s.install()
				s.mustBeInstalled()
				if text += printed(s.plan()); strings.Contains(text, "planted") {
					t.Errorf("a secret is printed:\n%s", text)
				}
				if kind == "AzureEventGrid" {
					format, _ := json.Marshal(s.subscription("fftconnect-orders")["format"])
					if !strings.Contains(string(format), "CloudEvents") {
						t.Errorf("format %s", format)
					}
				}
			})
		})
	}
}

func TestUpstreamDefect36TwoInstallationsAtOnceDoNotRaceOnTheType(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		for _, key := range []string{"fft-new", "shop-order"} {
			s.installer.TypeKey = key
			first, second := s.plan(), s.plan() // both see the type as it is now
			s.carryOut(first)
			s.carryOut(second)
			if got := s.fields(key); !slices.Contains(got, "fft_jobs") || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) {
				t.Errorf("%s has %q", key, got)
			}
		}
	})
}

func TestUpstreamDefect35TheFieldListDoesNotGrow(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t)
		s.CT.PutCustomObject("fft", "configuration", map[string]any{"orderCustomTypeKey": "own", "collectChannelReferenceFieldName": "pickupAt"})
		s.CTFaults.PlanFaults("POST /demo/types", 1, simulator.Fault{Status: 500})
		if err := s.plan().Apply(t.Context(), func(setup.Step, error) {}); err == nil {
			t.Fatal("the first attempt did not fail")
		}
		for range 3 {
			s.carryOut(s.plan())
		}
		want := slices.Concat(feedback.Documented.AllNames(), further, []string{"pickupAt"})
		if got := s.fields("own"); !slices.Equal(got, want) {
			t.Errorf("the type has %q, want %q", got, want)
		}
	})
}
