package setup

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
	"fftconnect/internal/remote"
)

// content is what a subscription is to deliver.
type content struct {
	messages []platform.MessageSubscription
	changes  []platform.ChangeSubscription
	// wrong is how to fix an existing one that delivers something else, and why; without
	// a reason it is right.
	wrong func(found *platform.Subscription) (action platform.SubscriptionUpdateAction, why string)
}

// planSubscription makes sure of a subscription; found is nil when there is none. An
// existing one is changed in place: deleting and creating it anew would lose what
// happens between.
func (i Installer) planSubscription(ctx context.Context, plan *Plan, key string, found *platform.Subscription, wanted content) error {
	what := describeSubscription(key)
	if i.Environment.Destination == nil {
		i.planWithoutDestination(plan, key, found, wanted)
		return nil
	}
	applied, err := i.appliedCredentials(ctx, key)
	if err != nil {
		return err
	}
	if found == nil {
		add := plan.addStep
		if applied.Destination != "" && applied.Destination == i.plainDestination() {
			add = plan.addRoutineStep // it was there, and somebody deleted it
		}
		add("create", what, "delivers to "+i.Environment.Destination.Kind, func(ctx context.Context) error {
			if _, err := i.Commercetools.CreateSubscription(ctx, i.subscriptionDraft(key, wanted)); err != nil {
				return ignoreNotFound(err)
			}
			return i.rememberCredentials(ctx, key)
		})
		return nil
	}
	actions, why, routine := i.subscriptionChanges(found, wanted, applied)
	if len(actions) == 0 {
		plan.addUnchanged(what)
		return nil
	}
	add := plan.addStep
	if routine {
		add = plan.addRoutineStep
	}
	add("update", what, why, func(ctx context.Context) error {
		if err := i.updateSubscription(ctx, key, found, wanted, applied); err != nil {
			return err
		}
		return i.rememberCredentials(ctx, key)
	})
	return nil
}

// planWithoutDestination looks after what is there where the broker is not known, as at
// run time on commercetools Connect.
func (i Installer) planWithoutDestination(plan *Plan, key string, found *platform.Subscription, wanted content) {
	what := describeSubscription(key)
	if found == nil {
		plan.addRefusedStep("create", what, fmt.Errorf("%s is not set", config.DestinationVariable))
		return
	}
	if _, why := wanted.wrong(found); why != "" {
		plan.addRefusedStep("update", what, errors.New(why))
		return
	}
	if isUnhealthy(found.Status) {
		plan.addRefusedStep("update", what, fmt.Errorf("its health is %s", found.Status))
		return
	}
	plan.addUnchanged(what)
}

// updateSubscription changes a subscription; when somebody else changed it meanwhile, what is still wrong is
// changed.
func (i Installer) updateSubscription(ctx context.Context, key string, found *platform.Subscription, wanted content, applied credentials) error {
	actions, _, _ := i.subscriptionChanges(found, wanted, applied)
	_, err := i.Commercetools.UpdateSubscription(ctx, found.ID, found.Version, actions)
	if !remote.Is(err, remote.Conflict) {
		return err
	}
	now, err := i.Commercetools.Subscription(ctx, key)
	if err != nil || now == nil {
		return err
	}
	if actions, _, _ = i.subscriptionChanges(now, wanted, applied); len(actions) == 0 {
		return nil
	}
	_, err = i.Commercetools.UpdateSubscription(ctx, now.ID, now.Version, actions)
	return err
}

// planSubscriptionRemoval deletes a subscription; found is nil when there is none.
func (i Installer) planSubscriptionRemoval(plan *Plan, key string, found *platform.Subscription, why string) {
	if found == nil {
		return
	}
	plan.addStep("delete", describeSubscription(key), why, func(ctx context.Context) error {
		if err := i.Commercetools.DeleteSubscription(ctx, found.ID, found.Version); err != nil {
			return err
		}
		return i.forgetCredentials(ctx, key)
	})
}

func describeSubscription(key string) string {
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

// subscriptionChanges lists what must change and why. A routine change restores delivery to where it
// went.
func (i Installer) subscriptionChanges(found *platform.Subscription, wanted content, applied credentials) (actions []platform.SubscriptionUpdateAction, why string, routine bool) {
	move := platform.SubscriptionChangeDestinationAction{Destination: i.Environment.Destination.Platform}
	switch {
	case !sameDestination(found.Destination, i.Environment.Destination.Platform):
		actions, why = append(actions, move), "it delivers elsewhere"
	case applied.Digest != "" && applied.Digest != i.digest():
		actions, why = append(actions, move), "the broker's credentials changed"
	case i.Force && len(i.destinationSecrets()) > 0:
		actions, why = append(actions, move), "the broker's credentials, by --force"
	case isUnhealthy(found.Status):
		actions, why, routine = append(actions, move), "its health is "+string(found.Status), true
	}
	if action, wrong := wanted.wrong(found); wrong != "" {
		actions = append(actions, action)
		why, routine = cmp.Or(why, wrong), false
	}
	return actions, why, routine
}

// isUnhealthy reports a destination that commercetools gave up or is about to.
func isUnhealthy(status platform.SubscriptionHealthStatus) bool {
	return status == platform.SubscriptionHealthStatusConfigurationError ||
		status == platform.SubscriptionHealthStatusConfigurationErrorDeliveryStopped
}

// secretKeys of destinations come back masked, so they cannot be compared.
var secretKeys = []string{"accessKey", "accessSecret", "connectionString", "apiKey", "apiSecret", "source"}

// defaultKeys are what commercetools adds when a draft leaves them out.
var defaultKeys = map[string]string{"authenticationMode": "Credentials"}

func sameDestination(found, wanted platform.Destination) bool {
	left, right := plainKeys(found), plainKeys(wanted)
	for key, value := range defaultKeys {
		if (left[key] == nil) != (right[key] == nil) {
			left[key], right[key] = cmp.Or(left[key], any(value)), cmp.Or(right[key], any(value))
		}
	}
	for key, value := range right {
		if left[key] != value {
			return false
		}
	}
	return true
}

func plainKeys(destination platform.Destination) map[string]any {
	keys := keysOf(destination)
	for _, key := range secretKeys {
		delete(keys, key)
	}
	return keys
}

func keysOf(destination platform.Destination) map[string]any {
	text, err := json.Marshal(destination)
	if err != nil {
		return nil
	}
	keys := map[string]any{}
	_ = json.Unmarshal(text, &keys)
	return keys
}

// destinationSecrets are the parts of our destination that cannot be read back.
func (i Installer) destinationSecrets() []string {
	keys := keysOf(i.Environment.Destination.Platform)
	var secrets []string
	for _, key := range secretKeys {
		if value, ok := keys[key].(string); ok && value != "" {
			secrets = append(secrets, key+"="+value)
		}
	}
	slices.Sort(secrets)
	return secrets
}
