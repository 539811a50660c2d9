package ctsim

import (
	"bytes"
	"slices"
	"strings"
)

// isName reports a text of so many ASCII letters, digits, - and _, and of what else may
// be in it.
func isName(text string, least, most int, also string) bool {
	if len(text) < least || len(text) > most {
		return false
	}
	for _, c := range []byte(text) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '-' && c != '_' && strings.IndexByte(also, c) < 0 {
			return false
		}
	}
	return true
}

func typeKind() *kind {
	return &kind{
		typeID: "type", path: "types", title: "Type", keyField: "key",
		fields: []string{"name", "description", "resourceTypeIds", "fieldDefinitions"},
		reads:  []string{"view_types", "manage_types"}, writes: []string{"manage_types"},
		complete: completeType,
		actions: map[string]action{
			"changeKey":             rename("key"),
			"changeName":            assign("name", "name", "name"),
			"setDescription":        assign("description", "description"),
			"addFieldDefinition":    {[]string{"fieldDefinition"}, addFieldDefinition},
			"removeFieldDefinition": {[]string{"fieldName"}, removeFieldDefinition},
			"changeLabel":           {[]string{"fieldName", "label"}, changeDefinition("label")},
			"changeInputHint":       {[]string{"fieldName", "inputHint"}, changeDefinition("inputHint")},
			"addEnumValue":          {[]string{"fieldName", "value"}, addEnumValue},
			"addLocalizedEnumValue": {[]string{"fieldName", "value"}, addEnumValue},
		},
	}
}

func completeType(p *Platform, draft map[string]any) *apiError {
	if err := require(draft, "key", "name", "resourceTypeIds"); err != nil {
		return err
	}
	if err := checkKey(draft); err != nil {
		return err
	}
	if isEmpty(draft["resourceTypeIds"]) {
		return invalidJSON("resourceTypeIds: at least one is required")
	}
	fillDefaults(draft, map[string]any{"fieldDefinitions": []any{}})
	seen := map[any]bool{}
	for _, d := range objectsIn(draft["fieldDefinitions"]) {
		if err := p.completeDefinition(d, textsIn(draft["resourceTypeIds"])); err != nil {
			return err
		}
		if seen[d["name"]] {
			return duplicateField("fieldDefinitions.name", d["name"])
		}
		seen[d["name"]] = true
	}
	return nil
}

func (p *Platform) completeDefinition(d map[string]any, resourceTypes []string) *apiError {
	if err := require(d, "type", "name", "label"); err != nil {
		return err
	}
	name, _ := d["name"].(string)
	if !isName(name, 2, 36, "") {
		return invalidField("name", name)
	}
	fieldType, _ := d["type"].(map[string]any)
	if err := checkFieldType(fieldType); err != nil {
		return err
	}
	fillDefaults(d, map[string]any{"required": false, "inputHint": "SingleLine"})
	return p.checkSameFieldType(name, fieldType, resourceTypes)
}

func checkFieldType(fieldType map[string]any) *apiError {
	name, _ := fieldType["name"].(string)
	switch name {
	case "Boolean", "String", "LocalizedString", "Number", "Money", "Date", "Time", "DateTime":
		return nil
	case "Enum", "LocalizedEnum":
		return require(fieldType, "values")
	case "Reference":
		return require(fieldType, "referenceTypeId")
	case "Set":
		element, _ := fieldType["elementType"].(map[string]any)
		if element["name"] == "Set" {
			return invalidJSON("type -> elementType: a set of sets is not supported")
		}
		return checkFieldType(element)
	}
	return invalidJSON("type -> name: Invalid type '%s'", name)
}

// checkSameFieldType enforces that a field name means the same type wherever it is
// used for one resource type.
func (p *Platform) checkSameFieldType(name string, fieldType map[string]any, resourceTypes []string) *apiError {
	for _, r := range p.collections["types"].byID {
		shared := slices.ContainsFunc(textsIn(r.doc.value("resourceTypeIds")), func(id string) bool {
			return slices.Contains(resourceTypes, id)
		})
		other, defined := p.definitionsOf(r.id)[name]
		if shared && defined && !sameFieldType(other["type"], fieldType) {
			return invalidInput("The field '%s' is already defined with another type by the type '%s'.", name, r.key)
		}
	}
	return nil
}

// sameFieldType compares the kinds of two types: an enum may have other values.
func sameFieldType(a, b any) bool {
	one, _ := a.(map[string]any)
	other, _ := b.(map[string]any)
	return one["name"] == other["name"] && one["referenceTypeId"] == other["referenceTypeId"] &&
		valueAt(one, "elementType", "name") == valueAt(other, "elementType", "name")
}

func addFieldDefinition(t *turn, a map[string]any) *apiError {
	d, _ := a["fieldDefinition"].(map[string]any)
	if err := t.p.completeDefinition(d, textsIn(t.peekValue("resourceTypeIds"))); err != nil {
		return err
	}
	list, _ := t.get("fieldDefinitions").([]any)
	if definitionIn(list, d["name"]) >= 0 {
		return duplicateField("fieldDefinitions.name", d["name"])
	}
	t.set("fieldDefinitions", append(list, d))
	return nil
}

func definitionIn(list []any, name any) int {
	return slices.IndexFunc(list, func(d any) bool { object, _ := d.(map[string]any); return object["name"] == name })
}

func removeFieldDefinition(t *turn, a map[string]any) *apiError {
	list, _ := t.get("fieldDefinitions").([]any)
	i := definitionIn(list, a["fieldName"])
	if i < 0 {
		return invalidInput("The field '%v' is not defined.", a["fieldName"])
	}
	t.set("fieldDefinitions", slices.Delete(list, i, i+1))
	return nil
}

// changeDefinition replaces one member of a field definition.
func changeDefinition(member string) func(*turn, map[string]any) *apiError {
	return func(t *turn, a map[string]any) *apiError {
		list, _ := t.get("fieldDefinitions").([]any)
		i := definitionIn(list, a["fieldName"])
		if i < 0 {
			return invalidInput("The field '%v' is not defined.", a["fieldName"])
		}
		list[i].(map[string]any)[member] = a[member]
		return nil
	}
}

func addEnumValue(t *turn, a map[string]any) *apiError {
	list, _ := t.get("fieldDefinitions").([]any)
	i := definitionIn(list, a["fieldName"])
	if i < 0 {
		return invalidInput("The field '%v' is not defined.", a["fieldName"])
	}
	fieldType, _ := list[i].(map[string]any)["type"].(map[string]any)
	values, isEnum := fieldType["values"].([]any)
	value, _ := a["value"].(map[string]any)
	if !isEnum || value["key"] == nil {
		return invalidInput("The field '%v' is not an enum.", a["fieldName"])
	}
	if hasEnumKey(fieldType, value["key"]) {
		return duplicateField("value.key", value["key"])
	}
	fieldType["values"] = append(values, value)
	return nil
}

// typeInUse reports whether an order refers to the type.
func (p *Platform) typeInUse(id string) bool {
	return slices.ContainsFunc(p.orders.all, func(r *storedResource) bool {
		return !r.gone && bytes.Contains(r.doc.text, []byte(`"id":"`+id+`"`))
	})
}

func require(value map[string]any, names ...string) *apiError {
	for _, name := range names {
		if value[name] == nil {
			return invalidJSON("%s: Missing required value", name)
		}
	}
	return nil
}

func checkKey(draft map[string]any) *apiError {
	key, ok := draft["key"].(string)
	if !ok {
		return nil
	}
	if !isName(key, 2, 256, "") {
		return invalidField("key", key)
	}
	return nil
}
