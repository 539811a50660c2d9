package setup

import (
	"context"
	"slices"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
)

func (i Installer) subscriptionKey() string { return i.Environment.Deployment + "-orders" }

// planMessages makes sure of the subscription to the order messages that the shop's rules
// need, and no others.
func (i Installer) planMessages(ctx context.Context, plan *Plan, settings config.Shop) error {
	if err := i.warnOfExistingConnector(ctx, plan); err != nil {
		return err
	}
	key := i.subscriptionKey()
	found, err := i.Commercetools.Subscription(ctx, key)
	switch {
	case err != nil:
		return err
	case i.Environment.Features.OrderSync:
		return i.planSubscription(ctx, plan, key, found, messageSubscriptionContent(export.NeededMessages(settings)))
	case found == nil:
		plan.addUnchanged(describeSubscription(key) + ": none, order sync is switched off")
	default:
		i.planSubscriptionRemoval(plan, key, found, "order sync is switched off")
	}
	return nil
}

// messageSubscriptionContent delivers order messages of these types.
func messageSubscriptionContent(types []string) content {
	messages := []platform.MessageSubscription{{ResourceTypeId: platform.MessageSubscriptionResourceTypeIdOrder, Types: types}}
	return content{messages: messages, wrong: func(found *platform.Subscription) (platform.SubscriptionUpdateAction, string) {
		return platform.SubscriptionSetMessagesAction{Messages: messages}, messagesProblem(found.Messages, types)
	}}
}

// warnOfExistingConnector tells of the existing connector's subscriptions to what we carry too.
func (i Installer) warnOfExistingConnector(ctx context.Context, plan *Plan) error {
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

// messagesProblem says what is wrong with what a subscription delivers; nothing when it is
// what is wanted.
func messagesProblem(found []platform.MessageSubscription, types []string) string {
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
