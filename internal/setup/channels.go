package setup

import (
	"context"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
)

func (i Installer) channelSubscriptionKey() string { return i.Environment.Deployment + "-channels" }

// planChannels makes sure of the subscription to changes of channels: one of its own, so
// that switching them on and off leaves that of orders untouched, and its health is told
// apart.
func (i Installer) planChannels(ctx context.Context, plan *Plan, _ config.Shop) error {
	key := i.channelSubscriptionKey()
	found, err := i.Commercetools.Subscription(ctx, key)
	switch {
	case err != nil:
		return err
	case i.Environment.Features.ChannelSync:
		return i.planSubscription(ctx, plan, key, found, channelSubscriptionContent())
	default:
		i.planSubscriptionRemoval(plan, key, found, "channel sync is switched off")
	}
	return nil
}

// channelSubscriptionContent delivers changes; commercetools has no messages about channels.
func channelSubscriptionContent() content {
	changes := []platform.ChangeSubscription{{ResourceTypeId: platform.ChangeSubscriptionResourceTypeIdChannel}}
	return content{changes: changes, wrong: func(found *platform.Subscription) (action platform.SubscriptionUpdateAction, why string) {
		if !slices.Contains(found.Changes, changes[0]) {
			why = "it lacks changes of channels"
		}
		return platform.SubscriptionSetChangesAction{Changes: changes}, why
	}}
}
