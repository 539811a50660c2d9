package setup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// Uninstall plans the removal of what install created. The order type and the data
// on orders stay, unless purge is asked for: then our fields go, and with them
// their values on every order; the type itself goes when nothing else is left of it.
func (i Installer) Uninstall(ctx context.Context, purge bool) (Plan, error) {
	var plan Plan
	for _, key := range []string{i.subscriptionKey(), i.channelSubscriptionKey()} {
		found, err := i.Commercetools.Subscription(ctx, key)
		if err != nil {
			return plan, err
		}
		i.planSubscriptionRemoval(&plan, key, found, "")
	}
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return plan, err
	}
	for _, event := range fulfillmenttools.Events {
		i.planRemoval(&plan, i.own(all, event), "")
	}
	if err := i.planPurge(ctx, &plan, purge); err != nil || !purge {
		return plan, err
	}
	return plan, i.planParcelPurge(ctx, &plan)
}

// planParcelPurge removes the parcels' type, or what we put into it.
func (i Installer) planParcelPurge(ctx context.Context, plan *Plan) error {
	found, err := i.Commercetools.TypeByKey(ctx, feedback.ParcelTypeKey)
	if remote.Is(err, remote.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	i.planTypePurge(plan, fmt.Sprintf("parcel type %s in commercetools", feedback.ParcelTypeKey), found, fieldsAmong(found, feedback.TrackingURLField))
	return nil
}

func (i Installer) planPurge(ctx context.Context, plan *Plan, purge bool) error {
	settings, err := i.Settings(ctx)
	if err != nil && !purge && i.TypeKey == "" {
		plan.warn("%v: the order type that it names stays untouched", err)
		return nil
	}
	if err != nil && i.TypeKey == "" {
		return err
	}
	key := i.typeKey(settings)
	what := fmt.Sprintf("order type %s in commercetools", key)
	found, err := i.Commercetools.TypeByKey(ctx, key)
	if remote.Is(err, remote.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.Contains(found.ResourceTypeIds, platform.ResourceTypeIdOrder) {
		return nil // install refuses it too
	}
	if !purge {
		plan.keep(what + " and its data")
		return nil
	}
	i.planTypePurge(plan, what, found, ourFields(found, settings))
	return nil
}

// planTypePurge removes our fields from a type, and the type when it has no others.
func (i Installer) planTypePurge(plan *Plan, what string, found *platform.Type, ours []string) {
	removeFields := func(ctx context.Context) error { return i.Commercetools.RemoveFields(ctx, found, ours) }
	switch {
	case len(ours) == len(found.FieldDefinitions):
		plan.add("delete", what, "with all values", func(ctx context.Context) error {
			err := i.Commercetools.DeleteType(ctx, found.ID, found.Version)
			switch {
			case !remote.Is(err, remote.Rejected):
				return err
			case len(ours) == 0:
				return nil // orders refer to it, and it holds nothing any more
			default:
				return removeFields(ctx)
			}
		})
	case len(ours) > 0:
		plan.add("update", what, "remove "+strings.Join(ours, ", ")+" and their values", removeFields)
	}
}

// ourFields are the fields of the type that this connector writes, under either name.
func ourFields(t *platform.Type, settings config.Shop) []string {
	names := append(feedback.Documented.All(), feedback.Legacy.All()...)
	for _, field := range feedback.Further(settings.Feedback) {
		names = append(names, field.Name)
	}
	return fieldsAmong(t, names...)
}

// fieldsAmong are the type's fields that have one of the names.
func fieldsAmong(t *platform.Type, names ...string) []string {
	var found []string
	for _, field := range t.FieldDefinitions {
		if slices.Contains(names, field.Name) {
			found = append(found, field.Name)
		}
	}
	return found
}
