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

// Uninstall plans the removal of what install created, or of the parts asked for. The types and the data
// on orders stay, unless purge is asked for: then our fields go, and with them
// their values on every order; the type itself goes when nothing else is left of it. While anybody else
// uses those fields, purging is refused.
func (i Installer) Uninstall(ctx context.Context, purge bool) (Plan, error) {
	var plan Plan
	if i.isPartChosen(Messages) {
		if err := i.planKeyRemoval(ctx, &plan, i.subscriptionKey()); err != nil {
			return plan, err
		}
	}
	if i.isPartChosen(Channels) {
		if err := i.planKeyRemoval(ctx, &plan, i.channelSubscriptionKey()); err != nil {
			return plan, err
		}
	}
	if i.isPartChosen(Events) {
		all, err := i.Fulfillmenttools.Subscriptions(ctx)
		if err != nil {
			return plan, err
		}
		for _, event := range fulfillmenttools.Events {
			i.planRemoval(&plan, i.ourWebhooks(all, event), "")
		}
		i.planRemoval(&plan, i.obsoleteWebhooks(all), "")
	}
	if !i.isPartChosen(Type) {
		return plan, nil
	}
	if purge {
		if err := i.errIfOthersUse(ctx); err != nil {
			return plan, err
		}
	}
	if err := i.planPurge(ctx, &plan, purge); err != nil || !purge {
		return plan, err
	}
	return plan, i.planParcelPurge(ctx, &plan)
}

func (i Installer) isPartChosen(part Part) bool {
	return len(i.Only) == 0 || slices.Contains(i.Only, part)
}

func (i Installer) planKeyRemoval(ctx context.Context, plan *Plan, key string) error {
	found, err := i.Commercetools.Subscription(ctx, key)
	if err != nil {
		return err
	}
	i.planSubscriptionRemoval(plan, key, found, "")
	return nil
}

// errIfOthersUse is the error of a shop in which another deployment, or the existing connector, still works on
// the fields that a purge would remove.
func (i Installer) errIfOthersUse(ctx context.Context) error {
	keys, err := i.Commercetools.SubscriptionKeys(ctx)
	if err != nil {
		return err
	}
	var others []string
	for _, key := range keys {
		mine := key == i.subscriptionKey() || key == i.channelSubscriptionKey()
		if !mine && (strings.HasSuffix(key, "-orders") || strings.HasSuffix(key, "-channels")) {
			others = append(others, "subscription "+key)
		}
	}
	all, err := i.Fulfillmenttools.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		if isOfExistingConnector(s) || s.Name != i.webhookName(s.Event) && strings.HasSuffix(s.Name, "_"+i.Environment.Commercetools.ProjectKey+"_"+s.Event) {
			others = append(others, "webhook "+s.Name)
		}
	}
	if len(others) == 0 {
		return nil
	}
	return fmt.Errorf("others may use the fields that --purge removes: %s: uninstall them first, or leave the fields", strings.Join(others, ", "))
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
	i.planTypePurge(plan, fmt.Sprintf("parcel type %s in commercetools", feedback.ParcelTypeKey), "", found, definedAmong(found, feedback.TrackingURLField))
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
		plan.addUnchanged(what + " and its data")
		return nil
	}
	ours := ourFieldNames(found, settings)
	lost, err := i.valuesLost(ctx, ours)
	i.planTypePurge(plan, what, lost, found, ours)
	return err
}

// valuesLost says on how many orders the fields have values.
func (i Installer) valuesLost(ctx context.Context, fields []string) (string, error) {
	var counts []string
	for _, field := range fields {
		count, err := i.Commercetools.CountOrdersWithField(ctx, field)
		if err != nil {
			return "", err
		}
		if count > 0 {
			counts = append(counts, fmt.Sprintf("%s on %d", field, count))
		}
	}
	if len(counts) == 0 {
		return ", of which no order has any", nil
	}
	return ": orders with a value: " + strings.Join(counts, ", "), nil
}

// planTypePurge removes our fields from a type, and the type when it has no others.
func (i Installer) planTypePurge(plan *Plan, what, lost string, found *platform.Type, ours []string) {
	removeFields := func(ctx context.Context) error { return i.Commercetools.RemoveFields(ctx, found, ours) }
	switch {
	case len(ours) == len(found.FieldDefinitions):
		plan.addStep("delete", what, "with all values"+lost, func(ctx context.Context) error {
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
		plan.addStep("update", what, "remove "+strings.Join(ours, ", ")+" and their values"+lost, removeFields)
	}
}

// ourFieldNames are the fields of the type that this connector writes, under either name.
func ourFieldNames(t *platform.Type, settings config.Shop) []string {
	names := append(feedback.Documented.AllNames(), feedback.Legacy.AllNames()...)
	for _, field := range feedback.OptionalFields(settings.Feedback) {
		names = append(names, field.Name)
	}
	return definedAmong(t, names...)
}

// definedAmong are the type's fields that have one of the names.
func definedAmong(t *platform.Type, names ...string) []string {
	var found []string
	for _, field := range t.FieldDefinitions {
		if slices.Contains(names, field.Name) {
			found = append(found, field.Name)
		}
	}
	return found
}
