package setup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

func (i Installer) webhookName(event string) string { return i.Environment.Deployment + "_" + event }

// planWebhooks makes sure of one webhook an event. fulfillmenttools cannot change
// one, so a webhook is replaced: the new one first, then the old one goes. An event that
// has no room for another is a step that fails.
func (i Installer) planWebhooks(ctx context.Context, plan *Plan, settings config.Shop) error {
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return err
	}
	if !i.Environment.Shadow {
		warnFormer(plan, all)
	}
	wanted := feedback.Events(settings.Feedback)
	for _, event := range fulfillmenttools.Events {
		switch {
		case !i.Environment.Features.StatusUpdates:
			i.planRemoval(plan, i.own(all, event), "status updates are switched off")
		case !slices.Contains(wanted, event):
			i.planRemoval(plan, i.own(all, event), "the configuration has no use for the event")
		default:
			i.planWebhook(plan, event, all)
		}
	}
	return nil
}

func warnFormer(plan *Plan, all []fulfillmenttools.Subscription) {
	for _, s := range all {
		if strings.HasPrefix(s.Name, "CTC_") || s.Header("x-ocff-subscriber") != "" {
			plan.warn("the existing connector's webhook %s is still there: both connectors would update orders; uninstall the existing one", s.Name)
		}
	}
}

// own are this deployment's webhooks for an event.
func (i Installer) own(all []fulfillmenttools.Subscription, event string) []fulfillmenttools.Subscription {
	var own []fulfillmenttools.Subscription
	for _, s := range all {
		if s.Event == event && s.Name == i.webhookName(event) {
			own = append(own, s)
		}
	}
	return own
}

func (i Installer) planWebhook(plan *Plan, event string, all []fulfillmenttools.Subscription) {
	own := i.own(all, event)
	what := fmt.Sprintf("webhook %s in fulfillmenttools", i.webhookName(event))
	why := ""
	good := slices.IndexFunc(own, func(s fulfillmenttools.Subscription) bool {
		problem := i.webhookProblem(s)
		if problem != "" {
			why = problem
		}
		return problem == ""
	})
	if good >= 0 {
		plan.keep(what)
		i.planRemoval(plan, slices.Delete(slices.Clone(own), good, good+1), "a second one of the same name")
		return
	}
	verb := "create"
	if len(own) > 0 {
		verb = "replace"
	}
	if full := noRoom(event, all); full != nil {
		plan.add(verb, what, full.Error(), func(context.Context) error { return full })
		return
	}
	plan.add(verb, what, why, func(ctx context.Context) error {
		return i.replaceWebhook(ctx, event, own)
	})
}

// noRoom is the error of an event that has as many subscriptions as it may have.
func noRoom(event string, all []fulfillmenttools.Subscription) error {
	var names []string
	for _, s := range all {
		if s.Event == event {
			names = append(names, s.Name)
		}
	}
	if len(names) < fulfillmenttools.MaxSubscriptionsPerEvent {
		return nil
	}
	return fmt.Errorf("fulfillmenttools allows %d subscriptions an event and has for %s: %s: delete one of them, then install again",
		fulfillmenttools.MaxSubscriptionsPerEvent, event, strings.Join(names, ", "))
}

// webhookProblem says why a webhook must be replaced; empty when it need not.
func (i Installer) webhookProblem(s fulfillmenttools.Subscription) string {
	if s.URL() != i.Environment.ServiceURL() {
		return "it calls another address"
	}
	scheme, text, _ := strings.Cut(s.Header("Authorization"), " ")
	ends, err := i.Token.Verify(text)
	switch {
	case scheme != "Bearer" || err != nil:
		return "its token is not valid"
	case ends.Sub(i.Now()) < i.Token.Lifetime/4:
		return fmt.Sprintf("its token ends on %s", ends.Format(time.DateOnly))
	}
	return ""
}

func (i Installer) replaceWebhook(ctx context.Context, event string, old []fulfillmenttools.Subscription) error {
	token, err := i.Token.Sign()
	if err != nil {
		return err
	}
	_, err = i.Fulfillmenttools.CreateSubscription(ctx, fulfillmenttools.Subscription{
		Name: i.webhookName(event), Event: event,
		Target: &fulfillmenttools.Target{
			Type: "WEBHOOK", CallbackURL: i.Environment.ServiceURL(),
			Headers: []fulfillmenttools.Header{{Key: "Authorization", Value: "Bearer " + token}},
		},
	})
	if err != nil {
		return err
	}
	for _, s := range old {
		if err := i.Fulfillmenttools.DeleteSubscription(ctx, s.ID); err != nil {
			return err
		}
	}
	return nil
}

func (i Installer) planRemoval(plan *Plan, own []fulfillmenttools.Subscription, why string) {
	for _, s := range own {
		plan.add("delete", fmt.Sprintf("webhook %s in fulfillmenttools", s.Name), why, func(ctx context.Context) error {
			return i.Fulfillmenttools.DeleteSubscription(ctx, s.ID)
		})
	}
}
