package setup

import (
	"context"
	"fmt"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"
)

func (i Installer) channelSubscriptionKey() string { return i.Environment.Deployment + "-channels" }

// planChannels makes sure of the subscription to changes of channels: one of its own, so
// that switching them on and off leaves that of orders untouched, and its health is told
// apart.
func (i Installer) planChannels(ctx context.Context, plan *Plan) error {
	what := fmt.Sprintf("subscription %s in commercetools", i.channelSubscriptionKey())
	found, err := i.Commercetools.Subscription(ctx, i.channelSubscriptionKey())
	if err != nil {
		return err
	}
	switch {
	case !i.Environment.Features.ChannelSync:
		if found != nil {
			i.planChannelRemoval(plan, found, "channel sync is switched off")
		}
		return nil
	case found == nil:
		plan.add("create", what, "delivers to "+i.Environment.Destination.Kind, func(ctx context.Context) error {
			_, err := i.Commercetools.CreateSubscription(ctx, i.channelSubscriptionDraft())
			return unlessThere(err)
		})
		return nil
	}
	actions, why := i.channelSubscriptionChanges(found)
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

func (i Installer) planChannelRemoval(plan *Plan, found *platform.Subscription, why string) {
	what := fmt.Sprintf("subscription %s in commercetools", i.channelSubscriptionKey())
	plan.add("delete", what, why, func(ctx context.Context) error {
		return i.Commercetools.DeleteSubscription(ctx, found.ID, found.Version)
	})
}

func (i Installer) channelSubscriptionDraft() platform.SubscriptionDraft {
	key := i.channelSubscriptionKey()
	draft := platform.SubscriptionDraft{Key: &key, Destination: i.Environment.Destination.Platform, Changes: wantedChanges()}
	if i.Environment.Destination.CloudEvents {
		draft.Format = platform.CloudEventsFormat{CloudEventsVersion: "1.0"}
	}
	return draft
}

// wantedChanges are what we subscribe to; commercetools has no messages about channels.
func wantedChanges() []platform.ChangeSubscription {
	return []platform.ChangeSubscription{{ResourceTypeId: platform.ChangeSubscriptionResourceTypeIdChannel}}
}

func (i Installer) channelSubscriptionChanges(found *platform.Subscription) ([]platform.SubscriptionUpdateAction, string) {
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
	if !slices.Contains(found.Changes, wantedChanges()[0]) {
		actions = append(actions, platform.SubscriptionSetChangesAction{Changes: wantedChanges()})
		if why == "" {
			why = "it lacks changes of channels"
		}
	}
	return actions, why
}
