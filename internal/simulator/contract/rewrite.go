package contract

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// rewriter makes schemas that say what the vendors' files mean.
//
// An allOf becomes one object: the parts' properties together, later parts (the
// subclass) winning over earlier ones (the base). Objects that name properties and
// do not speak of others admit no others. A base with a discriminator becomes a
// choice of its subclasses by that property, and in a subclass the property has only
// its own value.
type rewriter struct {
	components openapi3.Schemas
	quirks     quirks
	used       map[*openapi3.Schema]*openapi3.SchemaRef
	flat       map[*openapi3.Schema]*openapi3.Schema
	pins       map[*openapi3.Schema]pin
}

// pin is the one value that a subclass has in its base's discriminator property.
type pin struct{ property, value string }

const componentPrefix = "#/components/schemas/"

func newRewriter(components openapi3.Schemas, quirks quirks) *rewriter {
	w := &rewriter{
		components: components, quirks: quirks,
		used: map[*openapi3.Schema]*openapi3.SchemaRef{},
		flat: map[*openapi3.Schema]*openapi3.Schema{},
		pins: map[*openapi3.Schema]pin{},
	}
	for name, flag := range quirks.unlisted {
		if components[name] == nil {
			continue // not in this excerpt
		}
		components[name].Value.Properties[flag] = openapi3.NewBoolSchema().NewRef()
	}
	for base, suffix := range quirks.suffixes {
		if components[base] == nil {
			continue
		}
		w.completeMapping(components[base].Value, suffix)
	}
	w.findPins()
	return w
}

// completeMapping adds to the mapping of base the subclasses that it lacks, those
// that are not themselves bases.
func (w *rewriter) completeMapping(base *openapi3.Schema, suffix string) {
	heirs, bases := map[string]string{}, map[*openapi3.Schema]bool{}
	for name, ref := range w.components {
		line := lineage(ref.Value)
		if ref.Value == base || !slices.Contains(line, base) {
			continue
		}
		heirs[name] = strings.TrimSuffix(name, suffix)
		for _, ancestor := range line[:len(line)-1] {
			bases[ancestor] = true
		}
	}
	mapping := ownDiscriminator(base).Mapping
	for name, value := range heirs {
		if !bases[w.components[name].Value] {
			mapping[value] = openapi3.MappingRef{Ref: componentPrefix + name}
		}
	}
}

func (w *rewriter) findPins() {
	ambiguous := map[*openapi3.Schema]bool{}
	for _, base := range w.components {
		d := ownDiscriminator(base.Value)
		if d == nil || isChoice(base.Value) {
			continue
		}
		for value, target := range d.Mapping {
			sub := w.component(target.Ref)
			if sub == nil || sub == base.Value {
				continue
			}
			if _, twice := w.pins[sub]; twice {
				ambiguous[sub] = true
			}
			w.pins[sub] = pin{d.PropertyName, value}
		}
	}
	for sub := range ambiguous {
		delete(w.pins, sub)
	}
}

func (w *rewriter) component(ref string) *openapi3.Schema {
	found := w.components[strings.TrimPrefix(ref, componentPrefix)]
	if found == nil {
		return nil
	}
	return found.Value
}

// ownDiscriminator is the discriminator that a schema brings itself, not one that it
// inherits.
func ownDiscriminator(s *openapi3.Schema) *openapi3.Discriminator {
	if s.Discriminator != nil && len(s.Discriminator.Mapping) > 0 {
		return s.Discriminator
	}
	for _, part := range s.AllOf {
		if part.Ref == "" {
			if d := ownDiscriminator(part.Value); d != nil {
				return d
			}
		}
	}
	return nil
}

func isChoice(s *openapi3.Schema) bool { return len(s.OneOf)+len(s.AnyOf) > 0 }

// rewritten is the schema for a place where any subclass may stand.
func (w *rewriter) rewritten(ref *openapi3.SchemaRef) *openapi3.SchemaRef {
	if ref == nil || ref.Value == nil {
		return nil
	}
	if done, ok := w.used[ref.Value]; ok {
		return done
	}
	out := &openapi3.SchemaRef{Value: &openapi3.Schema{}}
	w.used[ref.Value] = out
	if d := ownDiscriminator(ref.Value); d != nil && !isChoice(ref.Value) {
		*out.Value = *w.rewriteChoice(ref.Value, d)
	} else {
		*out.Value = *w.flatten(ref.Value)
	}
	return out
}

// rewriteChoice leads each discriminator value to its subclass. Values that the property's
// enumeration knows but the mapping omits lead to the base itself.
func (w *rewriter) rewriteChoice(base *openapi3.Schema, d *openapi3.Discriminator) *openapi3.Schema {
	targets := map[string]*openapi3.Schema{}
	flat := w.flatten(base)
	if property := flat.Properties[d.PropertyName]; property != nil {
		for _, value := range property.Value.Enum {
			targets[value.(string)] = flat
		}
	}
	for value, target := range d.Mapping {
		if sub := w.component(target.Ref); sub == nil || sub == base {
			targets[value] = flat
		} else {
			targets[value] = w.rewritten(&openapi3.SchemaRef{Value: sub}).Value
		}
	}
	out := chooseByProperty(d.PropertyName, targets)
	out.Nullable = base.Nullable
	return out
}

func chooseByProperty(property string, targets map[string]*openapi3.Schema) *openapi3.Schema {
	out := &openapi3.Schema{Discriminator: &openapi3.Discriminator{PropertyName: property, Mapping: map[string]openapi3.MappingRef{}}}
	for _, value := range slices.Sorted(maps.Keys(targets)) {
		ref := "#/by/" + value
		out.Discriminator.Mapping[value] = openapi3.MappingRef{Ref: ref}
		out.OneOf = append(out.OneOf, &openapi3.SchemaRef{Ref: ref, Value: targets[value]})
	}
	return out
}

// flatten is the schema itself, with what it inherits, for this class only.
func (w *rewriter) flatten(s *openapi3.Schema) *openapi3.Schema {
	if done, ok := w.flat[s]; ok {
		return done
	}
	out := &openapi3.Schema{}
	w.flat[s] = out
	for _, part := range lineage(s) {
		w.overlay(out, part)
	}
	out.Nullable = s.Nullable
	if p, ok := w.pins[s]; ok && out.Properties[p.property] != nil {
		out.Properties[p.property] = &openapi3.SchemaRef{Value: openapi3.NewStringSchema().WithEnum(p.value)}
	}
	closeObject(out)
	return out
}

// lineage is a schema with all parts of its allOf, base first.
func lineage(s *openapi3.Schema) []*openapi3.Schema {
	var all []*openapi3.Schema
	for _, part := range s.AllOf {
		all = append(all, lineage(part.Value)...)
	}
	return append(all, s)
}

func closeObject(s *openapi3.Schema) {
	open := s.AdditionalProperties.Schema != nil || s.AdditionalProperties.Has != nil
	if len(s.Properties) > 0 && !open {
		no := false
		s.AdditionalProperties.Has = &no
	}
}

func (w *rewriter) overlay(out, part *openapi3.Schema) {
	overlayObject(w, out, part)
	overlayValue(out, part)
	if part.Items != nil {
		out.Items = w.rewritten(part.Items)
	}
	if part.Not != nil {
		out.Not = w.rewritten(part.Not)
	}
	for _, branch := range part.AnyOf {
		out.AnyOf = append(out.AnyOf, w.rewritten(branch))
	}
	for _, branch := range part.OneOf {
		if w.quirks.oneOfMeansAnyOf {
			out.AnyOf = append(out.AnyOf, w.rewritten(branch))
		} else {
			out.OneOf = append(out.OneOf, w.rewritten(branch))
		}
	}
}

func overlayObject(w *rewriter, out, part *openapi3.Schema) {
	for name, property := range part.Properties {
		if out.Properties == nil {
			out.Properties = openapi3.Schemas{}
		}
		out.Properties[name] = w.rewritten(property)
	}
	for _, name := range part.Required {
		if !w.quirks.isKeyPattern(name) && !slices.Contains(out.Required, name) {
			out.Required = append(out.Required, name)
		}
	}
	if more := part.AdditionalProperties; more.Has != nil || more.Schema != nil {
		out.AdditionalProperties = w.quirks.additional(w, part)
	}
	out.MinProps = max(out.MinProps, part.MinProps)
	overrideIfSet(&out.MaxProps, part.MaxProps)
}

func overlayValue(out, part *openapi3.Schema) {
	overrideIfSet(&out.Type, part.Type)
	overrideIfSet(&out.Min, part.Min)
	overrideIfSet(&out.Max, part.Max)
	overrideIfSet(&out.MultipleOf, part.MultipleOf)
	overrideIfSet(&out.MaxLength, part.MaxLength)
	overrideIfSet(&out.MaxItems, part.MaxItems)
	if len(part.Enum) > 0 {
		out.Enum = part.Enum
	}
	if part.Format != "" {
		out.Format = part.Format
	}
	if part.Pattern != "" {
		out.Pattern = part.Pattern
	}
	if part.ExclusiveMin.IsSet() {
		out.ExclusiveMin = part.ExclusiveMin
	}
	if part.ExclusiveMax.IsSet() {
		out.ExclusiveMax = part.ExclusiveMax
	}
	out.MinLength = max(out.MinLength, part.MinLength)
	out.MinItems = max(out.MinItems, part.MinItems)
	out.UniqueItems = out.UniqueItems || part.UniqueItems
}

func overrideIfSet[T any](out **T, part *T) {
	if part != nil {
		*out = part
	}
}
