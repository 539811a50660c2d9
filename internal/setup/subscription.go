package setup

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/labd/commercetools-go-sdk/platform"
)

// content is what a subscription is to deliver.
type content struct {
	messages []platform.MessageSubscription
	changes  []platform.ChangeSubscription
	// wrong is how to mend an existing one that delivers something else, and why; without
	// a reason it is right.
	wrong func(found *platform.Subscription) (action platform.SubscriptionUpdateAction, why string)
}

// planSubscription makes sure of a subscription; found is nil when there is none. An
// existing one is changed in place: deleting and creating it anew would lose what
// happens between.
func (i Installer) planSubscription(plan *Plan, key string, found *platform.Subscription, wanted content) {
	what := subscriptionNamed(key)
	if found == nil {
		plan.add("create", what, "delivers to "+i.Environment.Destination.Kind, func(ctx context.Context) error {
			_, err := i.Commercetools.CreateSubscription(ctx, i.subscriptionDraft(key, wanted))
			return unlessThere(err)
		})
		return
	}
	actions, why := i.subscriptionChanges(found, wanted)
	if len(actions) == 0 {
		plan.keep(what)
		return
	}
	plan.add("update", what, why, func(ctx context.Context) error {
		_, err := i.Commercetools.UpdateSubscription(ctx, found.ID, found.Version, actions)
		return err
	})
}

// planSubscriptionRemoval deletes a subscription; found is nil when there is none.
func (i Installer) planSubscriptionRemoval(plan *Plan, key string, found *platform.Subscription, why string) {
	if found == nil {
		return
	}
	plan.add("delete", subscriptionNamed(key), why, func(ctx context.Context) error {
		return i.Commercetools.DeleteSubscription(ctx, found.ID, found.Version)
	})
}

func subscriptionNamed(key string) string {
	return fmt.Sprintf("subscription %s in commercetools", key)
}

func (i Installer) subscriptionDraft(key string, wanted content) platform.SubscriptionDraft {
	draft := platform.SubscriptionDraft{
		Key: &key, Destination: i.Environment.Destination.Platform, Messages: wanted.messages, Changes: wanted.changes,
	}
	if i.Environment.Destination.CloudEvents {
		draft.Format = platform.CloudEventsFormat{CloudEventsVersion: "1.0"}
	}
	return draft
}

func (i Installer) subscriptionChanges(found *platform.Subscription, wanted content) ([]platform.SubscriptionUpdateAction, string) {
	var actions []platform.SubscriptionUpdateAction
	why := ""
	switch destination := i.Environment.Destination.Platform; {
	case !sameDestination(found.Destination, destination):
		actions = append(actions, platform.SubscriptionChangeDestinationAction{Destination: destination})
		why = "it delivers elsewhere"
	case unhealthy(found.Status):
		actions = append(actions, platform.SubscriptionChangeDestinationAction{Destination: destination})
		why = "its health is " + string(found.Status)
	}
	if action, wrong := wanted.wrong(found); wrong != "" {
		actions = append(actions, action)
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
