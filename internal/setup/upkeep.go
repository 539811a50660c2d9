package setup

import (
	"context"
	"strings"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// Upkeep plans what an installation needs to stay alive: tokens that end soon,
// webhooks and subscriptions that somebody deleted, an unhealthy subscription. It
// plans nothing where nothing was installed.
func (i Installer) Upkeep(ctx context.Context) (Plan, error) {
	installed, err := i.installed(ctx)
	if err != nil || !installed {
		return Plan{}, err
	}
	return i.Install(ctx)
}

// installed reports whether anything on either platform carries this deployment's name.
func (i Installer) installed(ctx context.Context) (bool, error) {
	for _, key := range []string{i.subscriptionKey(), i.channelSubscriptionKey()} {
		found, err := i.Commercetools.Subscription(ctx, key)
		if err != nil || found != nil {
			return found != nil, err
		}
	}
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return false, err
	}
	for _, event := range fulfillmenttools.Events {
		if len(i.own(all, event)) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// TokenExpires is when the first of our webhooks' tokens ends, or ended; zero when there
// is none of ours.
func (i Installer) TokenExpires(ctx context.Context) (time.Time, error) {
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return time.Time{}, err
	}
	var first time.Time
	for _, event := range fulfillmenttools.Events {
		for _, s := range i.own(all, event) {
			_, text, _ := strings.Cut(s.Header("Authorization"), " ")
			if ends, _ := i.Token.Verify(text); !ends.IsZero() && (first.IsZero() || ends.Before(first)) {
				first = ends
			}
		}
	}
	return first, nil
}
