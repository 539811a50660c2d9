package setup

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
)

func (i Installer) subscriptionKey() string { return i.Environment.Deployment + "-orders" }

// planMessages makes sure of the subscription to the order messages that the shop's rules
// need, and no others. An existing one is changed in place: deleting and creating it
// anew would lose what happens between.
func (i Installer) planMessages(ctx context.Context, plan *Plan, settings config.Shop) error {
	if err := i.warnOfFormer(ctx, plan); err != nil {
		return err
	}
	what := fmt.Sprintf("subscription %s in commercetools", i.subscriptionKey())
	found, err := i.Commercetools.Subscription(ctx, i.subscriptionKey())
	if err != nil {
		return err
	}
	if !i.Environment.Features.OrderSync {
		if found == nil {
			plan.keep(what + ": none, order sync is switched off")
			return nil
		}
		plan.add("delete", what, "order sync is switched off", func(ctx context.Context) error {
			return i.Commercetools.DeleteSubscription(ctx, found.ID, found.Version)
		})
		return nil
	}
	wanted := export.Messages(settings.Export)
	if found == nil {
		plan.add("create", what, "delivers to "+i.Environment.Destination.Kind, func(ctx context.Context) error {
			_, err := i.Commercetools.CreateSubscription(ctx, i.subscriptionDraft(wanted))
			return unlessThere(err)
		})
		return nil
	}
	actions, why := i.subscriptionChanges(found, wanted)
	if len(actions) == 0 {
		plan.keep(what)
		return nil
	}
	plan.add("update", what, why, func(ctx context.Context) error {
		_, err := i.Commercetools.UpdateSubscription(ctx, found.ID, found.Version, actions)
		return err
	})
	return nil
}

// warnOfFormer tells of the existing connector's subscriptions to what we carry too.
func (i Installer) warnOfFormer(ctx context.Context, plan *Plan) error {
	for _, former := range []struct {
		key, does string
		too       bool
	}{
		{"fft-ctc-orders", "export orders", i.Environment.Features.OrderSync},
		{"fft-ctc-channels", "carry channels to facilities", i.Environment.Features.ChannelSync},
	} {
		if !former.too || i.Environment.Shadow {
			continue
		}
		found, err := i.Commercetools.Subscription(ctx, former.key)
		if err != nil {
			return err
		}
		if found != nil {
			plan.warn("the existing connector's subscription %s is still there: both connectors would %s; uninstall the existing one", former.key, former.does)
		}
	}
	return nil
}

func (i Installer) subscriptionDraft(types []string) platform.SubscriptionDraft {
	key := i.subscriptionKey()
	draft := platform.SubscriptionDraft{Key: &key, Destination: i.Environment.Destination.Platform, Messages: orderMessages(types)}
	if i.Environment.Destination.CloudEvents {
		draft.Format = platform.CloudEventsFormat{CloudEventsVersion: "1.0"}
	}
	return draft
}

func orderMessages(types []string) []platform.MessageSubscription {
	return []platform.MessageSubscription{{ResourceTypeId: platform.MessageSubscriptionResourceTypeIdOrder, Types: types}}
}

func (i Installer) subscriptionChanges(found *platform.Subscription, types []string) ([]platform.SubscriptionUpdateAction, string) {
	var actions []platform.SubscriptionUpdateAction
	why := ""
	switch wanted := i.Environment.Destination.Platform; {
	case !sameDestination(found.Destination, wanted):
		actions = append(actions, platform.SubscriptionChangeDestinationAction{Destination: wanted})
		why = "it delivers elsewhere"
	case unhealthy(found.Status):
		actions = append(actions, platform.SubscriptionChangeDestinationAction{Destination: wanted})
		why = "its health is " + string(found.Status)
	}
	if wrong := wrongMessages(found.Messages, types); wrong != "" {
		actions = append(actions, platform.SubscriptionSetMessagesAction{Messages: orderMessages(types)})
		why = cmp.Or(why, wrong)
	}
	return actions, why
}

// unhealthy reports a destination that commercetools gave up or is about to.
func unhealthy(status platform.SubscriptionHealthStatus) bool {
	return status == platform.SubscriptionHealthStatusConfigurationError ||
		status == platform.SubscriptionHealthStatusConfigurationErrorDeliveryStopped
}

// secretKeys of destinations come back masked, so they cannot be compared.
var secretKeys = []string{"accessKey", "accessSecret", "connectionString", "apiKey", "apiSecret", "source"}

func sameDestination(a, b platform.Destination) bool {
	left, right := plainKeys(a), plainKeys(b)
	for key, value := range right {
		if left[key] != value {
			return false
		}
	}
	return true
}

func plainKeys(destination platform.Destination) map[string]any {
	text, err := json.Marshal(destination)
	if err != nil {
		return nil
	}
	keys := map[string]any{}
	_ = json.Unmarshal(text, &keys)
	for _, key := range secretKeys {
		delete(keys, key)
	}
	return keys
}

// wrongMessages says what is wrong with what a subscription delivers; nothing when it is
// what is wanted.
func wrongMessages(found []platform.MessageSubscription, types []string) string {
	var delivered []string
	all := false // no types stand for all of them
	for _, messages := range found {
		if messages.ResourceTypeId == platform.MessageSubscriptionResourceTypeIdOrder {
			delivered = append(delivered, messages.Types...)
			all = all || len(messages.Types) == 0
		}
	}
	switch {
	case !all && slices.ContainsFunc(types, func(wanted string) bool { return !slices.Contains(delivered, wanted) }):
		return "it lacks message types"
	case all || len(found) > 1 || len(delivered) > len(types):
		return "it has message types that nothing needs"
	default:
		return ""
	}
}
