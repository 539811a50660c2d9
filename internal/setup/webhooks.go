package setup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// webhookName tells deployments apart, and projects: several shops may share a tenant.
func (i Installer) webhookName(event string) string {
	return i.Environment.Deployment + "_" + i.Environment.Commercetools.ProjectKey + "_" + event
}

// planWebhooks makes sure of one webhook an event. fulfillmenttools cannot change
// one, so a webhook is replaced: the new one first, then the old one goes.
func (i Installer) planWebhooks(ctx context.Context, plan *Plan, settings config.Shop) error {
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return err
	}
	if !i.Environment.Shadow {
		warnOfExistingWebhooks(plan, all)
	}
	wanted := feedback.NeededEvents(settings.Feedback)
	for _, event := range fulfillmenttools.Events {
		switch {
		case !i.Environment.Features.StatusUpdates:
			i.planRemoval(plan, i.ourWebhooks(all, event), "status updates are switched off")
		case !slices.Contains(wanted, event):
			i.planRemoval(plan, i.ourWebhooks(all, event), "the configuration has no use for the event")
		default:
			i.planWebhook(ctx, plan, event, all)
		}
	}
	i.planRemoval(plan, i.obsoleteWebhooks(all), "this version has no use for the event")
	return nil
}

func warnOfExistingWebhooks(plan *Plan, all []fulfillmenttools.Subscription) {
	for _, s := range all {
		if isOfExistingConnector(s) {
			plan.warn("the existing connector's webhook %s is still there: both connectors would update orders; uninstall the existing one", s.Name)
		}
	}
}

// isOfExistingConnector recognises the existing connector's webhooks.
func isOfExistingConnector(s fulfillmenttools.Subscription) bool {
	return strings.HasPrefix(s.Name, "CTC_") || s.Header("x-ocff-subscriber") != ""
}

// webhooksByName are the webhooks for an event that have our name, whoever made them.
func (i Installer) webhooksByName(all []fulfillmenttools.Subscription, event string) []fulfillmenttools.Subscription {
	var named []fulfillmenttools.Subscription
	for _, s := range all {
		if s.Event == event && s.Name == i.webhookName(event) {
			named = append(named, s)
		}
	}
	return named
}

// ourWebhooks are this deployment's webhooks for an event: they have its name, and a token of ours or
// our address.
func (i Installer) ourWebhooks(all []fulfillmenttools.Subscription, event string) []fulfillmenttools.Subscription {
	return slices.DeleteFunc(i.webhooksByName(all, event), func(s fulfillmenttools.Subscription) bool { return !i.isOurs(s) })
}

// obsoleteWebhooks are this deployment's webhooks for events that this version does not know.
func (i Installer) obsoleteWebhooks(all []fulfillmenttools.Subscription) []fulfillmenttools.Subscription {
	var found []fulfillmenttools.Subscription
	for _, s := range all {
		if !slices.Contains(fulfillmenttools.Events, s.Event) && s.Name == i.webhookName(s.Event) && i.isOurs(s) {
			found = append(found, s)
		}
	}
	return found
}

func (i Installer) isOurs(s fulfillmenttools.Subscription) bool {
	return i.isSignedByUs(s) || s.TargetURL() != "" && s.TargetURL() == i.Environment.ServiceURL()
}

func (i Installer) isSignedByUs(s fulfillmenttools.Subscription) bool {
	ends, _ := i.tokenEnd(s)
	return !ends.IsZero()
}

// isSignedWithCurrentSecret reports whether the webhook's token is good without the secret before.
func (i Installer) isSignedWithCurrentSecret(s fulfillmenttools.Subscription) bool {
	i.Token.Previous = nil
	_, err := i.tokenEnd(s)
	return err == nil
}

// tokenEnd is when the webhook's token ends, or ended; zero when it is not ours.
func (i Installer) tokenEnd(s fulfillmenttools.Subscription) (ends time.Time, err error) {
	scheme, text, _ := strings.Cut(s.Header("Authorization"), " ")
	if scheme != "Bearer" {
		return time.Time{}, errors.New("no bearer token")
	}
	return i.Token.Verify(text)
}

// webhookAddress is where fulfillmenttools is to deliver: the public address, or without one
// the address that all our webhooks have, empty when they have several or there are none.
func (i Installer) webhookAddress(all []fulfillmenttools.Subscription) string {
	if i.Environment.PublicURL != "" {
		return i.Environment.ServiceURL()
	}
	common := ""
	for _, s := range all {
		if s.Name != i.webhookName(s.Event) || !i.isSignedByUs(s) {
			continue
		}
		if common != "" && s.TargetURL() != common {
			return ""
		}
		common = s.TargetURL()
	}
	return common
}

func (i Installer) planWebhook(ctx context.Context, plan *Plan, event string, all []fulfillmenttools.Subscription) {
	what := fmt.Sprintf("webhook %s in fulfillmenttools", i.webhookName(event))
	address := i.webhookAddress(all)
	if address == "" {
		if len(i.webhooksByName(all, event)) == 0 {
			plan.addRefusedStep("create", what, errors.New("PUBLIC_URL is not set, and no webhook of ours tells the address"))
		} else {
			plan.addUnchanged(what)
		}
		return
	}
	here, elsewhere, strangers := i.groupByOwner(i.webhooksByName(all, event), address)
	good := i.bestIndex(here, address)
	switch {
	case good >= 0:
		plan.addUnchanged(what)
		i.planTwins(plan, slices.Delete(slices.Clone(here), good, good+1))
		i.planTakeover(ctx, plan, elsewhere)
	case len(here) > 0:
		add := plan.addStep
		if slices.ContainsFunc(here, i.isSignedByUs) {
			add = plan.addRoutineStep
		}
		add("replace", what, i.webhookProblem(here[len(here)-1], address), i.replaceWebhook(event, address, nil))
		i.planTakeover(ctx, plan, elsewhere)
	case len(elsewhere) > 0:
		i.planMove(ctx, plan, event, address, elsewhere)
	case len(strangers) > 0:
		plan.addRefusedStep("create", what, fmt.Errorf("a webhook of this name that is not ours delivers to %s: give DEPLOYMENT a name of its own, or take it over with --replace", strangers[0].TargetURL()))
	default:
		i.planCreation(plan, event, address, all)
	}
}

// groupByOwner are the webhooks of our name: ours at our address, ours at another one, and those
// that somebody else made. With --replace the last are ours too.
func (i Installer) groupByOwner(named []fulfillmenttools.Subscription, address string) (here, elsewhere, strangers []fulfillmenttools.Subscription) {
	for _, s := range named {
		switch {
		case s.TargetURL() == address:
			here = append(here, s)
		case i.isOurs(s) || i.Replace:
			elsewhere = append(elsewhere, s)
		default:
			strangers = append(strangers, s)
		}
	}
	return here, elsewhere, strangers
}

// bestIndex is the index of the webhook that is as it should be and was made first, so that all who look choose
// the same one; -1 when none is.
func (i Installer) bestIndex(own []fulfillmenttools.Subscription, address string) int {
	best := -1
	for n, s := range own {
		if i.webhookProblem(s, address) == "" && (best < 0 || isOlder(s, own[best])) {
			best = n
		}
	}
	return best
}

func isOlder(a, b fulfillmenttools.Subscription) bool {
	if !a.Created.Equal(b.Created) {
		return a.Created.Before(b.Created)
	}
	return a.ID < b.ID
}

// planCreation makes a webhook where there is none of ours. Where other events have theirs at the address,
// this one was there too, and somebody deleted it.
func (i Installer) planCreation(plan *Plan, event, address string, all []fulfillmenttools.Subscription) {
	what := fmt.Sprintf("webhook %s in fulfillmenttools", i.webhookName(event))
	if err := errTooManyWebhooks(event, all); err != nil {
		plan.addRefusedStep("create", what, err)
		return
	}
	add := plan.addStep
	if i.isInstalledAt(all, address) {
		add = plan.addRoutineStep
	}
	add("create", what, "", i.replaceWebhook(event, address, nil))
}

// planMove makes a webhook at our address in place of those at another one.
func (i Installer) planMove(ctx context.Context, plan *Plan, event, address string, old []fulfillmenttools.Subscription) {
	what := fmt.Sprintf("webhook %s in fulfillmenttools", i.webhookName(event))
	if err := i.errIfAnswering(ctx, old); err != nil {
		plan.addRefusedStep("replace", what, err)
		return
	}
	plan.addStep("replace", what, "it calls "+old[len(old)-1].TargetURL(), i.replaceWebhook(event, address, old))
}

// planTakeover removes webhooks of ours at another address, where ours is as it should be.
func (i Installer) planTakeover(ctx context.Context, plan *Plan, old []fulfillmenttools.Subscription) {
	if err := i.errIfAnswering(ctx, old); err != nil {
		plan.addRefusedStep("delete", fmt.Sprintf("webhook %s in fulfillmenttools", old[0].Name), err)
		return
	}
	for _, s := range old {
		i.planRemoval(plan, []fulfillmenttools.Subscription{s}, "it calls "+s.TargetURL())
	}
}

// errIfAnswering is the error of webhooks whose address still answers.
func (i Installer) errIfAnswering(ctx context.Context, webhooks []fulfillmenttools.Subscription) error {
	for _, s := range webhooks {
		if !i.Replace && i.isAnswering(ctx, s.TargetURL()) {
			return fmt.Errorf("it calls %s, which still answers: stop what runs there, or take over with --replace", s.TargetURL())
		}
	}
	return nil
}

func (i Installer) isAnswering(ctx context.Context, address string) bool {
	return i.IsAnswering != nil && i.IsAnswering(ctx, address)
}

// isInstalledAt reports whether any webhook of ours delivers to the address, or did when it was last looked at.
func (i Installer) isInstalledAt(all []fulfillmenttools.Subscription, address string) bool {
	return i.WereAt == address || slices.ContainsFunc(all, func(s fulfillmenttools.Subscription) bool {
		return s.Name == i.webhookName(s.Event) && s.TargetURL() == address && i.isSignedByUs(s)
	})
}

// errTooManyWebhooks is the error of an event that has as many subscriptions as it may have.
func errTooManyWebhooks(event string, all []fulfillmenttools.Subscription) error {
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
func (i Installer) webhookProblem(s fulfillmenttools.Subscription, address string) string {
	if s.TargetURL() != address {
		return "it calls " + s.TargetURL()
	}
	ends, err := i.tokenEnd(s)
	switch {
	case ends.IsZero():
		return "its token is not valid"
	case err != nil || ends.Sub(i.Now()) < i.Token.Lifetime/4:
		return fmt.Sprintf("its token ends on %s", ends.Format(time.DateOnly))
	case !i.isSignedWithCurrentSecret(s):
		return "its token is signed with the JWT_SECRET before"
	}
	return ""
}

// replaceWebhook makes a webhook and removes the old ones. It looks again first:
// another replica or another install may have made it meanwhile.
func (i Installer) replaceWebhook(event, address string, old []fulfillmenttools.Subscription) func(context.Context) error {
	return func(ctx context.Context) error {
		all, err := i.Fulfillmenttools.Subscriptions(ctx)
		if err != nil {
			return err
		}
		here, _, _ := i.groupByOwner(i.webhooksByName(all, event), address)
		if i.bestIndex(here, address) < 0 {
			if gone := slices.Concat(old, here); errTooManyWebhooks(event, all) != nil && len(gone) > 0 {
				// The event is full. Deleting first leaves a gap of a moment, which the visits of open orders
				// make up for.
				if err := i.deleteWebhooks(ctx, gone); err != nil {
					return err
				}
			}
			if err := i.createWebhook(ctx, event, address); err != nil && !i.existsMeanwhile(ctx, event, address) {
				return err
			}
		}
		if err := i.deleteWebhooks(ctx, old); err != nil {
			return err
		}
		return i.removeTwins(ctx, event, address)
	}
}

// existsMeanwhile reports whether somebody else made the webhook, so that a refusal of ours does no harm.
func (i Installer) existsMeanwhile(ctx context.Context, event, address string) bool {
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	here, _, _ := i.groupByOwner(i.webhooksByName(all, event), address)
	return err == nil && i.bestIndex(here, address) >= 0
}

// removeTwins leaves one good webhook of ours for the event. Of several installers
// that made one at the same time, each removes all but the one made first.
func (i Installer) removeTwins(ctx context.Context, event, address string) error {
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return err
	}
	here, _, _ := i.groupByOwner(i.webhooksByName(all, event), address)
	best := i.bestIndex(here, address)
	if best < 0 {
		return nil // the list does not show it yet; the next look removes what is too many
	}
	return i.deleteWebhooks(ctx, slices.Delete(here, best, best+1))
}

func (i Installer) createWebhook(ctx context.Context, event, address string) error {
	token, err := i.Token.Sign()
	if err != nil {
		return err
	}
	_, err = i.Fulfillmenttools.CreateSubscription(ctx, fulfillmenttools.Subscription{
		Name: i.webhookName(event), Event: event,
		Target: &fulfillmenttools.Target{
			Type: "WEBHOOK", CallbackURL: address,
			Headers: []fulfillmenttools.Header{{Key: "Authorization", Value: "Bearer " + token}},
		},
	})
	return err
}

func (i Installer) deleteWebhooks(ctx context.Context, webhooks []fulfillmenttools.Subscription) error {
	for _, s := range webhooks {
		if err := i.Fulfillmenttools.DeleteSubscription(ctx, s.ID); err != nil {
			return err
		}
	}
	return nil
}

func (i Installer) planRemoval(plan *Plan, own []fulfillmenttools.Subscription, why string) {
	i.planDeletions(plan.addStep, own, why)
}

func (i Installer) planTwins(plan *Plan, twins []fulfillmenttools.Subscription) {
	i.planDeletions(plan.addRoutineStep, twins, "a second one of the same name")
}

func (i Installer) planDeletions(add func(verb, what, why string, do func(context.Context) error), webhooks []fulfillmenttools.Subscription, why string) {
	for _, s := range webhooks {
		add("delete", fmt.Sprintf("webhook %s in fulfillmenttools", s.Name), why, func(ctx context.Context) error {
			return i.Fulfillmenttools.DeleteSubscription(ctx, s.ID)
		})
	}
}
