package config

import (
	"fmt"
	"slices"

	"fftconnect/internal/rules"
)

// fieldUse is a custom field that the configuration names.
type fieldUse struct {
	Position
	path, of, name string
}

// resources are those of commercetools' types that may have the field, and what they are
// called.
var resources = map[string]struct {
	called string
	types  []string
}{
	rules.OfOrder:   {"orders", []string{"order"}},
	rules.OfLine:    {"lines", []string{"line-item", "custom-line-item"}},
	rules.OfAddress: {"addresses", []string{"address"}},
	ofChannel:       {"channels", []string{"channel"}},
}

const ofChannel = "channel"

// customFieldUses are the custom fields that settings name, without their positions.
func (s Shop) customFieldUses() (uses []fieldUse) {
	add := func(path, of, name string) {
		if name != "" {
			uses = append(uses, fieldUse{path: path, of: of, name: name})
		}
	}
	add("collectChannelReferenceFieldName", rules.OfOrder, s.CollectField)
	for field := range s.FieldTags {
		add("customFieldTagMapping."+field, rules.OfOrder, field)
	}
	add("export.desiredDeliveryTimeField", rules.OfOrder, s.Export.DesiredDeliveryTimeField)
	for i, rule := range s.Feedback.Fields {
		add(fmt.Sprintf("feedback.fields[%d].field", i), rules.OfOrder, rule.Field)
	}
	add("facilities.typeField", ofChannel, s.Facilities.TypeField)
	add("facilities.locationTypeField", ofChannel, s.Facilities.LocationTypeField)
	add("facilities.servicesField", ofChannel, s.Facilities.ServicesField)
	return uses
}

// CompareFields warns of custom fields that the configuration names and no type of the shop
// has. types are the fields of all types by the resource that they are for, such as order.
func (r *ShopReport) CompareFields(types map[string][]string) {
	var said problemList
	for _, use := range r.fields {
		resource := resources[use.of]
		var known []string
		for _, of := range resource.types {
			known = append(known, types[of]...)
		}
		if slices.Contains(known, use.name) {
			continue
		}
		said.add(use.path, ": no type of %s has the custom field %q%s", resource.called, use.name, rules.DidYouMean(use.name, known))
		said[len(said)-1].Position = use.Position
	}
	r.Warnings = append(r.Warnings, said...)
	sortProblems(r.Warnings)
}
