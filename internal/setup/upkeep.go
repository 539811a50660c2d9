package setup

import (
	"context"
	"slices"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// lookAgainAfter is the pause between the two looks of upkeep: longer than
// lists take to show what another replica or an install does at the same time.
const lookAgainAfter = 20 * time.Second

// Upkeep plans what serve does unasked to keep an installation alive: tokens that end soon,
// webhooks and subscriptions that somebody deleted, a subscription whose delivery was stopped, all where
// they were. Two looks must agree on each step. What only install changes is reported. It plans nothing where
// nothing was installed.
func (i Installer) Upkeep(ctx context.Context) (plan Plan, reports []string, err error) {
	first, reports, err := i.planUpkeep(ctx)
	if err != nil || !slices.ContainsFunc(first.Steps, func(s Step) bool { return s.Routine }) {
		return Plan{}, reports, err
	}
	select {
	case <-time.After(lookAgainAfter):
	case <-ctx.Done():
		return Plan{}, reports, ctx.Err()
	}
	second, reports, err := i.planUpkeep(ctx)
	for _, step := range second.Steps {
		if step.Routine && slices.ContainsFunc(first.Steps, func(s Step) bool { return s.Routine && s.Verb == step.Verb && s.What == step.What }) {
			plan.Steps = append(plan.Steps, step)
		}
	}
	return plan, reports, err
}

// planUpkeep plans an installation, and words what upkeep leaves to install.
func (i Installer) planUpkeep(ctx context.Context) (Plan, []string, error) {
	installed, err := i.isInstalled(ctx)
	if err != nil || !installed {
		return Plan{}, nil, err
	}
	plan, err := i.Install(ctx)
	var reports []string
	for _, step := range plan.Steps {
		if step.Verb == Keep || step.Routine {
			continue
		}
		report := step.Verb + " " + step.What
		if step.Why != "" {
			report += " (" + step.Why + ")"
		}
		reports = append(reports, report+": run fftconnect install")
	}
	return plan, reports, err
}

// isInstalled reports whether anything on either platform carries this deployment's name.
func (i Installer) isInstalled(ctx context.Context) (bool, error) {
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
	return slices.ContainsFunc(all, func(s fulfillmenttools.Subscription) bool { return s.Name == i.webhookName(s.Event) }), nil
}

// Webhooks are what fulfillmenttools has of ours.
type Webhooks struct {
	TokenExpires time.Time // when the first of their tokens ends, or ended; zero when there is none of ours
	Address      string    // where they deliver; empty when there is none of ours
}

// Webhooks looks at what fulfillmenttools has of ours.
func (i Installer) Webhooks(ctx context.Context) (Webhooks, error) {
	var found Webhooks
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return found, err
	}
	for _, s := range all {
		ends, _ := i.tokenEnd(s)
		if s.Name != i.webhookName(s.Event) || ends.IsZero() {
			continue
		}
		if found.TokenExpires.IsZero() || ends.Before(found.TokenExpires) {
			found.TokenExpires = ends
		}
		if found.Address == "" || s.TargetURL() == i.Environment.ServiceURL() {
			found.Address = s.TargetURL()
		}
	}
	return found, nil
}
