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
			i.planWebhook(ctx, plan, event, all)
		}
	}
	i.planRemoval(plan, i.obsolete(all), "this version has no use for the event")
	return nil
}

func warnFormer(plan *Plan, all []fulfillmenttools.Subscription) {
	for _, s := range all {
		if isFormer(s) {
			plan.warn("the existing connector's webhook %s is still there: both connectors would update orders; uninstall the existing one", s.Name)
		}
	}
}

// isFormer recognises the existing connector's webhooks.
func isFormer(s fulfillmenttools.Subscription) bool {
	return strings.HasPrefix(s.Name, "CTC_") || s.Header("x-ocff-subscriber") != ""
}

// named are the webhooks for an event that have our name, whoever made them.
func (i Installer) named(all []fulfillmenttools.Subscription, event string) []fulfillmenttools.Subscription {
	var named []fulfillmenttools.Subscription
	for _, s := range all {
		if s.Event == event && s.Name == i.webhookName(event) {
			named = append(named, s)
		}
	}
	return named
}

// own are this deployment's webhooks for an event: they have its name, and a token of ours or
// our address.
func (i Installer) own(all []fulfillmenttools.Subscription, event string) []fulfillmenttools.Subscription {
	return slices.DeleteFunc(i.named(all, event), func(s fulfillmenttools.Subscription) bool { return !i.isOurs(s) })
}

// obsolete are this deployment's webhooks for events that this version does not know.
func (i Installer) obsolete(all []fulfillmenttools.Subscription) []fulfillmenttools.Subscription {
	var found []fulfillmenttools.Subscription
	for _, s := range all {
		if !slices.Contains(fulfillmenttools.Events, s.Event) && s.Name == i.webhookName(s.Event) && i.isOurs(s) {
			found = append(found, s)
		}
	}
	return found
}

func (i Installer) isOurs(s fulfillmenttools.Subscription) bool {
	return i.signedByUs(s) || s.URL() != "" && s.URL() == i.Environment.ServiceURL()
}

func (i Installer) signedByUs(s fulfillmenttools.Subscription) bool {
	ends, _ := i.tokenOf(s)
	return !ends.IsZero()
}

// signedAnew reports whether the webhook's token is good without the secret before.
func (i Installer) signedAnew(s fulfillmenttools.Subscription) bool {
	i.Token.Previous = nil
	_, err := i.tokenOf(s)
	return err == nil
}

// tokenOf is when the webhook's token ends, or ended; zero when it is not ours.
func (i Installer) tokenOf(s fulfillmenttools.Subscription) (ends time.Time, err error) {
	scheme, text, _ := strings.Cut(s.Header("Authorization"), " ")
	if scheme != "Bearer" {
		return time.Time{}, errors.New("no bearer token")
	}
	return i.Token.Verify(text)
}

// address is where fulfillmenttools is to deliver: the public address, or without one
// the address that all our webhooks have, empty when they have several or there are none.
func (i Installer) address(all []fulfillmenttools.Subscription) string {
	if i.Environment.PublicURL != "" {
		return i.Environment.ServiceURL()
	}
	common := ""
	for _, s := range all {
		if s.Name != i.webhookName(s.Event) || !i.signedByUs(s) {
			continue
		}
		if common != "" && s.URL() != common {
			return ""
		}
		common = s.URL()
	}
	return common
}

func (i Installer) planWebhook(ctx context.Context, plan *Plan, event string, all []fulfillmenttools.Subscription) {
	what := fmt.Sprintf("webhook %s in fulfillmenttools", i.webhookName(event))
	address := i.address(all)
	if address == "" {
		if len(i.named(all, event)) == 0 {
			plan.refuse("create", what, errors.New("PUBLIC_URL is not set, and no webhook of ours tells the address"))
		} else {
			plan.keep(what)
		}
		return
	}
	here, elsewhere, strangers := i.sorted(i.named(all, event), address)
	good := i.bestOf(here, address)
	switch {
	case good >= 0:
		plan.keep(what)
		i.planTwins(plan, slices.Delete(slices.Clone(here), good, good+1))
		i.planTakeover(ctx, plan, elsewhere)
	case len(here) > 0:
		add := plan.add
		if slices.ContainsFunc(here, i.signedByUs) {
			add = plan.routine
		}
		add("replace", what, i.webhookProblem(here[len(here)-1], address), i.replaceWebhook(event, address, nil))
		i.planTakeover(ctx, plan, elsewhere)
	case len(elsewhere) > 0:
		i.planMove(ctx, plan, event, address, elsewhere)
	case len(strangers) > 0:
		plan.refuse("create", what, fmt.Errorf("a webhook of this name that is not ours delivers to %s: give DEPLOYMENT a name of its own, or take it over with --replace", strangers[0].URL()))
	default:
		i.planCreation(plan, event, address, all)
	}
}

// sorted are the webhooks of our name: ours at our address, ours at another one, and those
// that somebody else made. With --replace the last are ours too.
func (i Installer) sorted(named []fulfillmenttools.Subscription, address string) (here, elsewhere, strangers []fulfillmenttools.Subscription) {
	for _, s := range named {
		switch {
		case s.URL() == address:
			here = append(here, s)
		case i.isOurs(s) || i.Replace:
			elsewhere = append(elsewhere, s)
		default:
			strangers = append(strangers, s)
		}
	}
	return here, elsewhere, strangers
}

// bestOf is the index of the webhook that is as it should be and was made first, so that all who look choose
// the same one; -1 when none is.
func (i Installer) bestOf(own []fulfillmenttools.Subscription, address string) int {
	best := -1
	for n, s := range own {
		if i.webhookProblem(s, address) == "" && (best < 0 || madeBefore(s, own[best])) {
			best = n
		}
	}
	return best
}

func madeBefore(a, b fulfillmenttools.Subscription) bool {
	if !a.Created.Equal(b.Created) {
		return a.Created.Before(b.Created)
	}
	return a.ID < b.ID
}

// planCreation makes a webhook where there is none of ours. Where other events have theirs at the address,
// this one was there too, and somebody deleted it.
func (i Installer) planCreation(plan *Plan, event, address string, all []fulfillmenttools.Subscription) {
	what := fmt.Sprintf("webhook %s in fulfillmenttools", i.webhookName(event))
	if err := noRoom(event, all); err != nil {
		plan.refuse("create", what, err)
		return
	}
	add := plan.add
	if i.installedAt(all, address) {
		add = plan.routine
	}
	add("create", what, "", i.replaceWebhook(event, address, nil))
}

// planMove makes a webhook at our address in place of those at another one.
func (i Installer) planMove(ctx context.Context, plan *Plan, event, address string, old []fulfillmenttools.Subscription) {
	what := fmt.Sprintf("webhook %s in fulfillmenttools", i.webhookName(event))
	if err := i.inUse(ctx, old); err != nil {
		plan.refuse("replace", what, err)
		return
	}
	plan.add("replace", what, "it calls "+old[len(old)-1].URL(), i.replaceWebhook(event, address, old))
}

// planTakeover removes webhooks of ours at another address, where ours is as it should be.
func (i Installer) planTakeover(ctx context.Context, plan *Plan, old []fulfillmenttools.Subscription) {
	if err := i.inUse(ctx, old); err != nil {
		plan.refuse("delete", fmt.Sprintf("webhook %s in fulfillmenttools", old[0].Name), err)
		return
	}
	for _, s := range old {
		i.planRemoval(plan, []fulfillmenttools.Subscription{s}, "it calls "+s.URL())
	}
}

// inUse is the error of webhooks whose address still answers.
func (i Installer) inUse(ctx context.Context, webhooks []fulfillmenttools.Subscription) error {
	for _, s := range webhooks {
		if !i.Replace && i.answers(ctx, s.URL()) {
			return fmt.Errorf("it calls %s, which still answers: stop what runs there, or take over with --replace", s.URL())
		}
	}
	return nil
}

func (i Installer) answers(ctx context.Context, address string) bool {
	return i.Answers != nil && i.Answers(ctx, address)
}

// installedAt reports whether any webhook of ours delivers to the address, or did when it was last looked at.
func (i Installer) installedAt(all []fulfillmenttools.Subscription, address string) bool {
	return i.WereAt == address || slices.ContainsFunc(all, func(s fulfillmenttools.Subscription) bool {
		return s.Name == i.webhookName(s.Event) && s.URL() == address && i.signedByUs(s)
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
func (i Installer) webhookProblem(s fulfillmenttools.Subscription, address string) string {
	if s.URL() != address {
		return "it calls " + s.URL()
	}
	ends, err := i.tokenOf(s)
	switch {
	case ends.IsZero():
		return "its token is not valid"
	case err != nil || ends.Sub(i.Now()) < i.Token.Lifetime/4:
		return fmt.Sprintf("its token ends on %s", ends.Format(time.DateOnly))
	case !i.signedAnew(s):
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
		here, _, _ := i.sorted(i.named(all, event), address)
		if i.bestOf(here, address) < 0 {
			if gone := slices.Concat(old, here); noRoom(event, all) != nil && len(gone) > 0 {
				// The event is full. Deleting first leaves a gap of a moment, which the visits of open orders
				// make up for.
				if err := i.deleteWebhooks(ctx, gone); err != nil {
					return err
				}
			}
			if err := i.createWebhook(ctx, event, address); err != nil && !i.madeMeanwhile(ctx, event, address) {
				return err
			}
		}
		if err := i.deleteWebhooks(ctx, old); err != nil {
			return err
		}
		return i.removeTwins(ctx, event, address)
	}
}

// madeMeanwhile reports whether somebody else made the webhook, so that a refusal of ours does no harm.
func (i Installer) madeMeanwhile(ctx context.Context, event, address string) bool {
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	here, _, _ := i.sorted(i.named(all, event), address)
	return err == nil && i.bestOf(here, address) >= 0
}

// removeTwins leaves one good webhook of ours for the event. Of several installers
// that made one at the same time, each removes all but the one made first.
func (i Installer) removeTwins(ctx context.Context, event, address string) error {
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return err
	}
	here, _, _ := i.sorted(i.named(all, event), address)
	best := i.bestOf(here, address)
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
	i.planDeletions(plan.add, own, why)
}

func (i Installer) planTwins(plan *Plan, twins []fulfillmenttools.Subscription) {
	i.planDeletions(plan.routine, twins, "a second one of the same name")
}

func (i Installer) planDeletions(add func(verb, what, why string, do func(context.Context) error), webhooks []fulfillmenttools.Subscription, why string) {
	for _, s := range webhooks {
		add("delete", fmt.Sprintf("webhook %s in fulfillmenttools", s.Name), why, func(ctx context.Context) error {
			return i.Fulfillmenttools.DeleteSubscription(ctx, s.ID)
		})
	}
}
