package setup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/remote"
)

// planType makes sure of the order type and its fields. It only ever adds.
func (i Installer) planType(ctx context.Context, plan *Plan, settings config.Shop) error {
	key := i.typeKey(settings)
	what := fmt.Sprintf("order type %s in commercetools", key)
	found, err := i.Commercetools.TypeByKey(ctx, key)
	if remote.Is(err, remote.NotFound) {
		draft := typeDraft(key, i.fieldDefinitions(i.fieldNamesFor(nil), settings))
		plan.addStep("create", what, fmt.Sprintf("%d fields", len(draft.FieldDefinitions)), func(ctx context.Context) error {
			_, err := i.Commercetools.CreateType(ctx, draft)
			return ignoreNotFound(err)
		})
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.Contains(found.ResourceTypeIds, platform.ResourceTypeIdOrder) {
		return fmt.Errorf("type %s is not for orders: name another with --type, or in orderCustomTypeKey of the configuration object", key)
	}
	planMisfits(plan, what, found)
	defined := definedFields(found)
	var missing []platform.FieldDefinition
	var names []string
	for _, field := range i.fieldDefinitions(i.fieldNamesFor(defined), settings) {
		if !defined[field.Name] {
			missing = append(missing, field)
			names = append(names, field.Name)
		}
	}
	if len(missing) == 0 {
		plan.addUnchanged(what)
		return nil
	}
	plan.addStep("update", what, "add "+strings.Join(names, ", "), func(ctx context.Context) error {
		return i.addFields(ctx, found, missing)
	})
	return nil
}

// planMisfits names fields of ours that somebody defined with another kind. commercetools cannot change a
// field's kind.
func planMisfits(plan *Plan, what string, found *platform.Type) {
	for _, field := range found.FieldDefinitions {
		if feedback.IsMisfit(field) {
			plan.addRefusedStep("change", what, fmt.Errorf("field %s must be a %s and is something else, so it is not written: remove the field from the type, or name another type with orderCustomTypeKey", field.Name, feedback.KindOf(field.Name)))
		}
	}
}

// addFields adds what is still missing when somebody changed the type meanwhile: running
// connectors look after it too.
func (i Installer) addFields(ctx context.Context, to *platform.Type, fields []platform.FieldDefinition) error {
	_, err := i.Commercetools.AddFields(ctx, to, fields)
	if !remote.Is(err, remote.Conflict) {
		return err
	}
	now, err := i.Commercetools.TypeByKey(ctx, to.Key)
	if err != nil {
		return err
	}
	defined := definedFields(now)
	missing := slices.DeleteFunc(slices.Clone(fields), func(f platform.FieldDefinition) bool { return defined[f.Name] })
	if len(missing) > 0 {
		_, err = i.Commercetools.AddFields(ctx, now, missing)
	}
	return err
}

func typeDraft(key string, fields []platform.FieldDefinition) platform.TypeDraft {
	return platform.TypeDraft{
		Key:              key,
		Name:             platform.LocalizedString{"en": "Fulfilment", "de": "Abwicklung"},
		ResourceTypeIds:  []platform.ResourceTypeId{platform.ResourceTypeIdOrder},
		FieldDefinitions: fields,
	}
}

func definedFields(t *platform.Type) map[string]bool {
	defined := map[string]bool{}
	for _, field := range t.FieldDefinitions {
		defined[field.Name] = true
	}
	return defined
}

// fieldLabels are what people see in the Merchant Center.
func fieldLabels(n feedback.Names) map[string]string {
	return map[string]string{
		n.OrderID: "fulfillmenttools order", n.PickJobID: "Pick job", n.ShortID: "Pick job short id",
		n.FacilityID: "Facility", n.LoadUnits: "Load units", n.HandoverJobID: "Handover job",
	}
}

// fieldDefinitions are never required: existing orders have none of them. The shop's
// own field goes on the type that the shop configured, and on no other.
func (i Installer) fieldDefinitions(n feedback.Names, settings config.Shop) []platform.FieldDefinition {
	var fields []platform.FieldDefinition
	named := fieldLabels(n)
	for _, name := range n.AllNames() {
		var kind platform.FieldType = platform.CustomFieldStringType{}
		if name == n.LoadUnits {
			kind = platform.CustomFieldNumberType{}
		}
		fields = append(fields, fieldDefinition(name, named[name], kind))
	}
	for _, field := range feedback.OptionalFields(settings.Feedback) {
		fields = append(fields, optionalFieldDefinition(field))
	}
	if settings.CollectField != "" && i.typeKey(settings) == settings.TypeKey() {
		fields = append(fields, fieldDefinition(settings.CollectField, "Click and collect facility", platform.CustomFieldStringType{}))
	}
	return fields
}

func fieldDefinition(name, label string, kind platform.FieldType) platform.FieldDefinition {
	singleLine := platform.TypeTextInputHintSingleLine
	return platform.FieldDefinition{Name: name, Label: platform.LocalizedString{"en": label}, Type: kind, InputHint: &singleLine}
}

func optionalFieldDefinition(field feedback.Field) platform.FieldDefinition {
	if field.Set {
		return fieldDefinition(field.Name, field.Label, platform.CustomFieldSetType{ElementType: platform.CustomFieldStringType{}})
	}
	definition := fieldDefinition(field.Name, field.Label, platform.CustomFieldStringType{})
	if field.Long {
		multiLine := platform.TypeTextInputHintMultiLine
		definition.InputHint = &multiLine
	}
	return definition
}

// planParcelType makes sure of the type that holds the tracking address of parcels.
func (i Installer) planParcelType(ctx context.Context, plan *Plan, settings config.Shop) error {
	if !i.Environment.Features.StatusUpdates || !settings.Feedback.WritesDeliveries() || !settings.Feedback.WritesTracking() {
		return nil
	}
	what := fmt.Sprintf("parcel type %s in commercetools", feedback.ParcelTypeKey)
	found, err := i.Commercetools.TypeByKey(ctx, feedback.ParcelTypeKey)
	field := fieldDefinition(feedback.TrackingURLField, "Tracking", platform.CustomFieldStringType{})
	switch {
	case remote.Is(err, remote.NotFound):
		plan.addStep("create", what, "1 field", func(ctx context.Context) error {
			_, err := i.Commercetools.CreateType(ctx, platform.TypeDraft{
				Key: feedback.ParcelTypeKey, Name: platform.LocalizedString{"en": "Parcel", "de": "Paket"},
				ResourceTypeIds: []platform.ResourceTypeId{platform.ResourceTypeIdOrderParcel}, FieldDefinitions: []platform.FieldDefinition{field},
			})
			return ignoreNotFound(err)
		})
	case err != nil:
		return err
	case slices.ContainsFunc(found.FieldDefinitions, feedback.IsMisfit):
		planMisfits(plan, what, found)
	case !definedFields(found)[feedback.TrackingURLField]:
		plan.addStep("update", what, "add "+feedback.TrackingURLField, func(ctx context.Context) error {
			return i.addFields(ctx, found, []platform.FieldDefinition{field})
		})
	default:
		plan.addUnchanged(what)
	}
	return nil
}
