package setup_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/testtime"
)

const channelSync = "FEAT_CHANNELSYNC_ACTIVE=true"

// aboutChannels are the planned changes that concern the subscription to channels.
func aboutChannels(planned []string) []string {
	return slices.DeleteFunc(planned, func(step string) bool { return !strings.Contains(step, "fftconnect-channels") })
}

func (s *site) mustPlanForChannels(want ...string) {
	s.t.Helper()
	if got := aboutChannels(changes(s.plan())); !slices.Equal(got, want) {
		s.t.Errorf("planned %q, want %q", got, want)
	}
}

func TestChannelsHaveASubscriptionOfTheirOwn(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, channelSync)
		s.mustPlanForChannels("create subscription fftconnect-channels in commercetools delivers to GoogleCloudPubSub")
		s.install()
		made := s.subscription("fftconnect-channels")
		if text := fmt.Sprint(made["changes"]); text != "[map[resourceTypeId:channel]]" {
			t.Errorf("changes %s", text)
		}
		if messages, _ := made["messages"].([]any); len(messages) > 0 {
			t.Errorf("messages %v", messages)
		}
		if changes, _ := s.subscription("fftconnect-orders")["changes"].([]any); len(changes) > 0 {
			t.Errorf("orders' subscription has changes %v", changes)
		}
		s.settled()
	})
}

func TestTheExistingConnectorsChannelsAreWarnedAbout(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, channelSync)
		s.subscribe("fft-ctc-channels")
		warnings := s.plan().Warnings
		if len(warnings) != 1 || !strings.Contains(warnings[0], "both connectors would carry channels to facilities") {
			t.Errorf("%q", warnings)
		}
	})
}

func TestAChannelSubscriptionIsChangedInPlace(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, channelSync)
		s.install()
		id := s.subscription("fftconnect-channels")["id"]
		s.configure(channelSync, `SUBSCRIPTION_DESTINATION={"type":"GoogleCloudPubSub","projectId":"demo","topic":"elsewhere"}`)
		s.mustPlanForChannels("update subscription fftconnect-channels in commercetools it delivers elsewhere")
		s.install()
		if s.subscription("fftconnect-channels")["id"] != id {
			t.Error("it was made anew")
		}
	})
}

func TestSwitchedOffChannelsLoseTheirSubscriptionOnly(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, channelSync)
		s.install()
		s.configure()
		s.mustPlan(s.plan(), "delete subscription fftconnect-channels in commercetools channel sync is switched off")
		s.install()
		if s.subscription("fftconnect-channels") != nil || s.subscription("fftconnect-orders") == nil {
			t.Error("the wrong one is gone")
		}
	})
}

func TestUpkeepBringsTheChannelSubscriptionBack(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, channelSync)
		s.install()
		found, err := s.installer.Commercetools.Subscription(t.Context(), "fftconnect-channels")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.installer.Commercetools.DeleteSubscription(t.Context(), found.ID, found.Version); err != nil {
			t.Fatal(err)
		}
		plan, _, err := s.installer.Upkeep(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.mustPlan(plan, "create subscription fftconnect-channels in commercetools delivers to GoogleCloudPubSub")
	})
}

func TestOnlyChannelsAreInstallationEnoughForUpkeep(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, channelSync, "FEAT_ORDERSYNC_ACTIVE=false", "FEAT_STATUSUPDATES_ACTIVE=false")
		s.install()
		s.CT.PutType(map[string]any{
			"key": "fft-order", "name": map[string]any{"en": "x"}, "resourceTypeIds": []any{"order"},
		})
		_, reports, err := s.installer.Upkeep(t.Context())
		if err != nil || len(reports) != 1 {
			t.Errorf("%q is reported of what only install changes: %v", reports, err)
		}
	})
}

func TestUninstallRemovesBothSubscriptions(t *testing.T) {
	testtime.Fake(t, func(t *testing.T) {
		s := newSite(t, channelSync)
		s.install()
		s.carryOut(s.removal(false))
		if left := s.CT.Subscriptions(); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}
