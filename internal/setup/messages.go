package setup

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
)

// orderMessages are what we subscribe to.
var orderMessages = []string{
	commercetools.OrderCreated, commercetools.OrderImported, commercetools.OrderCreatedFromRecurringOrder,
	commercetools.OrderStateChanged, commercetools.OrderDeleted,
}

// formerSubscriptions are those of the existing connector.
var formerSubscriptions = []string{"fft-ctc-orders", "fft-ctc-channels"}

func (i Installer) subscriptionKey() string { return i.Environment.Deployment + "-orders" }

// planMessages makes sure of the subscription to order messages. An existing one is
// changed in place: deleting and creating it anew would lose what happens between.
func (i Installer) planMessages(ctx context.Context, plan *Plan) error {
	for _, key := range formerSubscriptions {
		former, err := i.Commercetools.Subscription(ctx, key)
		if err != nil {
			return err
		}
		if former != nil {
			plan.warn("the existing connector's subscription %s is still there: both connectors would export orders; uninstall the existing one", key)
		}
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
	if found == nil {
		plan.add("create", what, "delivers to "+i.Environment.Destination.Kind, func(ctx context.Context) error {
			_, err := i.Commercetools.CreateSubscription(ctx, i.subscriptionDraft())
			return unlessThere(err)
		})
		return nil
	}
	actions, why := i.subscriptionChanges(found)
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

func (i Installer) subscriptionDraft() platform.SubscriptionDraft {
	key := i.subscriptionKey()
	draft := platform.SubscriptionDraft{Key: &key, Destination: i.Environment.Destination.Platform, Messages: wantedMessages()}
	if i.Environment.Destination.CloudEvents {
		draft.Format = platform.CloudEventsFormat{CloudEventsVersion: "1.0"}
	}
	return draft
}

func wantedMessages() []platform.MessageSubscription {
	return []platform.MessageSubscription{{ResourceTypeId: platform.MessageSubscriptionResourceTypeIdOrder, Types: orderMessages}}
}

func (i Installer) subscriptionChanges(found *platform.Subscription) ([]platform.SubscriptionUpdateAction, string) {
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
	if !sameMessages(found.Messages) {
		actions = append(actions, platform.SubscriptionSetMessagesAction{Messages: wantedMessages()})
		if why == "" {
			why = "it lacks message types"
		}
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

func sameMessages(found []platform.MessageSubscription) bool {
	for _, messages := range found {
		if messages.ResourceTypeId != platform.MessageSubscriptionResourceTypeIdOrder {
			continue
		}
		return !slices.ContainsFunc(orderMessages, func(wanted string) bool { return !slices.Contains(messages.Types, wanted) })
	}
	return false
}
