package ctsim

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// definitions are the field definitions of one custom type, by field name.
type definitions map[string]map[string]any

// definitionsOf decodes a type's field definitions once. The lock is held.
func (p *Platform) definitionsOf(typeID string) definitions {
	if known, ok := p.definitions[typeID]; ok {
		return known
	}
	r := p.collections["types"].byID[typeID]
	if r == nil {
		return nil
	}
	found := definitions{}
	for _, d := range objectsIn(r.doc.value("fieldDefinitions")) {
		name, _ := d["name"].(string)
		found[name] = d
	}
	p.definitions[typeID] = found
	return found
}

// customFields checks a draft of custom fields and turns it into what is stored.
func (p *Platform) customFields(resourceType string, draft map[string]any) (map[string]any, *apiError) {
	reference, _ := draft["type"].(map[string]any)
	r, err := p.resolve("type", reference)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(textsIn(r.doc.value("resourceTypeIds")), resourceType) {
		return nil, invalidInput("The type '%s' does not support the resource type '%s'.", r.id, resourceType)
	}
	known := p.definitionsOf(r.id)
	fields := map[string]any{}
	given, _ := draft["fields"].(map[string]any)
	for name, value := range given {
		if value == nil {
			continue
		}
		if fields[name], err = p.checkedField(known, name, value); err != nil {
			return nil, err
		}
	}
	for name, d := range known {
		if d["required"] == true && fields[name] == nil {
			return nil, requiredField(name)
		}
	}
	return map[string]any{"type": map[string]any{"typeId": "type", "id": r.id}, "fields": fields}, nil
}

func (p *Platform) checkedField(known definitions, name string, value any) (any, *apiError) {
	d, ok := known[name]
	if !ok {
		return nil, badRequest("InvalidField", map[string]any{"field": name, "invalidValue": value},
			"The field '%s' is not defined by the custom type.", name)
	}
	fieldType, _ := d["type"].(map[string]any)
	stored, fits := p.fieldValue(fieldType, value)
	if !fits {
		return nil, invalidField(name, value)
	}
	return stored, nil
}

// fieldValue is a custom field's value as it is stored, and whether it fits the type.
func (p *Platform) fieldValue(fieldType map[string]any, value any) (any, bool) {
	switch fieldType["name"] {
	case "String":
		_, ok := value.(string)
		return value, ok
	case "Number":
		n, ok := value.(float64)
		return value, ok && !math.IsNaN(n)
	case "Boolean":
		_, ok := value.(bool)
		return value, ok
	case "Date":
		return value, matchesLayout(value, time.DateOnly)
	case "Time":
		return value, matchesLayout(value, time.TimeOnly) // fractions are accepted as well
	case "DateTime":
		return dateTime(value)
	case "LocalizedString":
		return value, isLocalized(value)
	case "Enum", "LocalizedEnum":
		return value, hasEnumKey(fieldType, value)
	case "Money":
		return moneyValue(value)
	case "Reference":
		return p.referenceValue(fieldType, value)
	case "Set":
		return p.setValue(fieldType, value)
	}
	return nil, false
}

func matchesLayout(value any, layout string) bool {
	text, ok := value.(string)
	_, err := time.Parse(layout, text)
	return ok && err == nil
}

func dateTime(value any) (any, bool) {
	text, _ := value.(string)
	t, err := time.Parse(time.RFC3339, text)
	return stamp(t), err == nil
}

func isLocalized(value any) bool {
	texts, ok := value.(map[string]any)
	for _, text := range texts {
		if _, isText := text.(string); !isText {
			return false
		}
	}
	return ok
}

func hasEnumKey(fieldType map[string]any, value any) bool {
	return slices.ContainsFunc(objectsIn(fieldType["values"]), func(v map[string]any) bool { return v["key"] == value })
}

func moneyValue(value any) (any, bool) {
	money, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	_, hasCurrency := money["currencyCode"].(string)
	_, hasAmount := money["centAmount"].(float64)
	completeMoney(money)
	return money, hasCurrency && hasAmount
}

func (p *Platform) referenceValue(fieldType map[string]any, value any) (any, bool) {
	reference, _ := value.(map[string]any)
	wanted, _ := fieldType["referenceTypeId"].(string)
	if reference["typeId"] != wanted {
		return nil, false
	}
	if p.collectionOf(wanted) != nil {
		r, err := p.resolve(wanted, reference)
		if err != nil {
			return nil, false
		}
		return map[string]any{"typeId": wanted, "id": r.id}, true
	}
	id, ok := reference["id"].(string)
	return map[string]any{"typeId": wanted, "id": id}, ok
}

func (p *Platform) setValue(fieldType map[string]any, value any) (any, bool) {
	list, ok := value.([]any)
	element, _ := fieldType["elementType"].(map[string]any)
	stored := []any{}
	for _, entry := range list {
		v, fits := p.fieldValue(element, entry)
		if !fits {
			return nil, false
		}
		if !slices.ContainsFunc(stored, func(other any) bool { return sameJSON(other, v) }) {
			stored = append(stored, v)
		}
	}
	return stored, ok
}

func sameJSON(a, b any) bool { return string(encode(a)) == string(encode(b)) }

// resolve finds the resource that a reference names by id or key.
func (p *Platform) resolve(typeID string, reference map[string]any) (*storedResource, *apiError) {
	id, _ := reference["id"].(string)
	key, _ := reference["key"].(string)
	if id == "" && key == "" {
		return nil, invalidJSON("%s: a resource identifier needs an id or a key", typeID)
	}
	r := p.collectionOf(typeID).find(id, key)
	if r == nil {
		return nil, referenceNotFound(typeID, reference)
	}
	return r, nil
}

// customized is something that carries custom fields: a resource, or a part of one.
type customized struct {
	resourceType string
	prefix       string  // of its messages' names; empty: it has none
	more         []field // further fields of its messages
	get          func() map[string]any
	set          func(any)
}

// customizedPart is a part of a resource that keeps its custom fields under "custom".
func customizedPart(resourceType, prefix string, value map[string]any, more ...field) customized {
	return customized{
		resourceType, prefix, more,
		func() map[string]any { custom, _ := value["custom"].(map[string]any); return custom },
		func(custom any) {
			if custom == nil {
				delete(value, "custom")
			} else {
				value["custom"] = custom
			}
		},
	}
}

func (t *turn) customizedWhole() customized {
	return customized{
		t.kind.typeID, "Order", nil,
		func() map[string]any { custom, _ := t.get("custom").(map[string]any); return custom },
		func(custom any) { t.set("custom", custom) },
	}
}

func (c customized) emitMessage(t *turn, name string, fields ...field) {
	if c.prefix != "" {
		t.emitMessage(c.prefix+name, append(fields, c.more...)...)
	}
}

func (t *turn) setCustomType(c customized, a map[string]any) *apiError {
	before := c.get()
	var previous any
	if id, ok := valueAt(before, "type", "id").(string); ok {
		previous = id
	}
	if a["type"] == nil {
		if before != nil {
			c.set(nil)
			c.emitMessage(t, "CustomTypeRemoved", field{"previousTypeId", previous})
		}
		return nil
	}
	custom, err := t.p.customFields(c.resourceType, a)
	if err != nil || sameJSON(before, custom) {
		return err
	}
	c.set(custom)
	c.emitMessage(t, "CustomTypeSet", field{"customFields", custom}, field{"previousTypeId", previous})
	return nil
}

func (t *turn) setCustomField(c customized, a map[string]any) *apiError {
	custom := c.get()
	id, _ := valueAt(custom, "type", "id").(string)
	if id == "" {
		return invalidOperation("This resource has no custom type set. Please use setCustomType action first to set a type.")
	}
	name, _ := a["name"].(string)
	fields, _ := custom["fields"].(map[string]any)
	known := t.p.definitionsOf(id)
	if a["value"] == nil {
		return t.removeCustomField(c, known, fields, name)
	}
	value, err := t.p.checkedField(known, name, a["value"])
	if err != nil {
		return err
	}
	previous := fields[name]
	if previous != nil && sameJSON(previous, value) {
		return nil
	}
	fields[name] = value
	if previous == nil {
		c.emitMessage(t, "CustomFieldAdded", field{"name", name}, field{"value", value})
	} else {
		c.emitMessage(t, "CustomFieldChanged", field{"name", name}, field{"value", value}, field{"previousValue", previous})
	}
	return nil
}

func (t *turn) removeCustomField(c customized, known definitions, fields map[string]any, name string) *apiError {
	d, defined := known[name]
	if !defined {
		return badRequest("InvalidField", map[string]any{"field": name, "invalidValue": json.RawMessage("null")},
			"The field '%s' is not defined by the custom type.", name)
	}
	if d["required"] == true {
		return requiredField(name)
	}
	if fields[name] == nil {
		return invalidOperation("The custom field '%s' can not be removed because it is not set.", name)
	}
	delete(fields, name)
	c.emitMessage(t, "CustomFieldRemoved", field{"name", name})
	return nil
}

// customActions are the two actions on a whole resource's custom fields.
func customActions() map[string]action {
	return map[string]action{
		"setCustomType": {nil, func(t *turn, a map[string]any) *apiError { return t.setCustomType(t.customizedWhole(), a) }},
		"setCustomField": {[]string{"name"}, func(t *turn, a map[string]any) *apiError {
			return t.setCustomField(t.customizedWhole(), a)
		}},
	}
}
