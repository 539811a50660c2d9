package simulator_test

import (
	"net/http"
	"testing"
)

func TestCustomFields(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	setType := func(fields object) object {
		return object{"action": "setCustomType", "type": object{"typeId": "type", "key": "fft-order"}, "fields": fields}
	}
	setField := func(name string, value any) object {
		return object{"action": "setCustomField", "name": name, "value": value}
	}
	steps := []struct {
		name   string
		action object
		code   string // of the error, empty for success
		want   object // the fields after it
	}{
		{"field without a type", setField("text", "x"), "InvalidOperation", nil},
		{"unknown type", object{"action": "setCustomType", "type": object{"typeId": "type", "key": "no"}}, "ReferencedResourceNotFound", nil},
		{"unknown field", setType(object{"nope": 1}), "InvalidField", nil},
		{"type", setType(object{"text": "x", "number": 1.5}), "", object{"text": "x", "number": 1.5}},
		{"another field", setField("flag", true), "", object{"text": "x", "number": 1.5, "flag": true}},
		{"remove", setField("flag", nil), "", object{"text": "x", "number": 1.5}},
		{"remove what is unset", setField("flag", nil), "InvalidOperation", nil},
		{"undefined field", setField("nope", 1), "InvalidField", nil},
		{"text as number", setField("number", "1"), "InvalidField", nil},
		{"number as text", setField("text", 1), "InvalidField", nil},
		{"flag as text", setField("flag", "true"), "InvalidField", nil},
		{"not a date", setField("when", "yesterday"), "InvalidField", nil},
		{"not a list", setField("list", "a"), "InvalidField", nil},
		{"wrong element", setField("list", []any{1}), "InvalidField", nil},
		{"not a choice", setField("choice", "b"), "InvalidField", nil},
		{"missing channel", setField("channel", object{"typeId": "channel", "id": "no"}), "InvalidField", nil},
		{"wrong reference", setField("channel", object{"typeId": "store", "key": "no"}), "InvalidField", nil},
		{"not localized", setField("title", object{"en": 1}), "InvalidField", nil},
		{"not money", setField("price", object{"centAmount": 1}), "InvalidField", nil},
		{"replaced as a whole", setType(object{"choice": "a"}), "", object{"choice": "a"}},
	}
	for _, step := range steps {
		before, _ := s.Order(id)
		status, body := s.update(id, step.action)
		code, _ := errorOf(body, "")
		if step.code != "" {
			if status != 400 || code != step.code {
				t.Errorf("%s: %d %v", step.name, status, body)
			}
			continue
		}
		if status != 200 || body["version"] == before["version"] {
			t.Errorf("%s: %d %v", step.name, status, body)
			continue
		}
		fields, _ := dig(body, "custom", "fields").(object)
		if len(fields) != len(step.want) {
			t.Errorf("%s: fields %v", step.name, fields)
		}
		for name, want := range step.want {
			if fields[name] != want {
				t.Errorf("%s: %s is %v", step.name, name, fields[name])
			}
		}
	}
}

func TestCustomFieldValuesAreNormalized(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	after := s.mustUpdate(id, object{
		"action": "setCustomType", "type": object{"typeId": "type", "key": "fft-order"}, "fields": object{
			"when": "2026-03-01T10:00:00+01:00", "list": []any{"a", "a", "b"}, "channel": object{"typeId": "channel", "key": "fft"},
			"price": object{"currencyCode": "JPY", "centAmount": 5}, "text": nil,
		},
	})
	fields := dig(after, "custom", "fields")
	if dig(fields, "when") != "2026-03-01T09:00:00.000Z" || len(dig(fields, "list").([]any)) != 2 ||
		dig(fields, "channel", "id") == nil || dig(fields, "price", "fractionDigits") != 0.0 {
		t.Errorf("%v", fields)
	}
	expanded := s.get("/orders/" + id + "?expand=custom.type&expand=custom.fields.channel")
	if dig(expanded, "custom", "type", "obj", "key") != "fft-order" || dig(expanded, "custom", "fields", "channel", "obj", "key") != "fft" {
		t.Errorf("%v", expanded["custom"])
	}
	after = s.mustUpdate(id, object{"action": "setCustomType"})
	if after["custom"] != nil {
		t.Errorf("%v", after["custom"])
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	s, id := fixture(t)
	status, body := s.call(http.MethodPost, "/types", orderType())
	if code, value := errorOf(body, "duplicateValue"); status != 400 || code != "DuplicateField" || value != "fft-order" {
		t.Errorf("%d %v", status, body)
	}
	update := func(actions ...any) (int, object) {
		version := s.get("/types/key=fft-order")["version"]
		return s.call(http.MethodPost, "/types/key=fft-order", object{"version": version, "actions": actions})
	}
	added := object{"action": "addFieldDefinition", "fieldDefinition": object{
		"name": "late", "label": object{"en": "Late"}, "type": object{"name": "String"},
	}}
	if status, body = update(added, object{"action": "changeLabel", "fieldName": "text", "label": object{"en": "Text"}}); status != 200 ||
		dig(body, "fieldDefinitions", 0, "label", "en") != "Text" {
		t.Fatalf("%d %v", status, body)
	}
	choice := object{"action": "addEnumValue", "fieldName": "choice", "value": object{"key": "b", "label": "B"}}
	if status, body = update(choice); status != 200 || dig(body, "fieldDefinitions", 5, "type", "values", 1, "key") != "b" {
		t.Errorf("%d %v", status, body)
	}
	if status, body = update(choice); status != 400 {
		t.Errorf("a choice is added twice: %d %v", status, body)
	}
	if status, body = update(added); status != 400 {
		t.Errorf("added twice: %d %v", status, body)
	}
	s.mustUpdate(id, object{"action": "setCustomType", "type": object{"typeId": "type", "key": "fft-order"}, "fields": object{"late": "x"}})
	if status, body = update(object{"action": "removeFieldDefinition", "fieldName": "number"}); status != 200 {
		t.Errorf("%d %v", status, body)
	}
	if status, _ = s.update(id, object{"action": "setCustomField", "name": "number", "value": 1}); status != 400 {
		t.Errorf("a removed field is accepted: %d", status)
	}
	version := s.get("/types/key=fft-order")["version"].(float64)
	status, body = s.call(http.MethodDelete, "/types/key=fft-order?version=5", nil)
	if code, _ := errorOf(body, ""); version != 5 || status != 400 || code != "ReferenceExists" {
		t.Errorf("version %v: %d %v", version, status, body)
	}
	s.mustUpdate(id, object{"action": "setCustomType"})
	if status, body = s.call(http.MethodDelete, "/types/key=fft-order?version=5", nil); status != 200 {
		t.Errorf("%d %v", status, body)
	}
}

func TestRefusedTypes(t *testing.T) {
	t.Parallel()
	s, _ := fixture(t)
	definition := func(name string, fieldType object) []any {
		return []any{object{"name": name, "label": object{"en": "x"}, "type": fieldType}}
	}
	cases := map[string]object{
		"no key":          {"name": object{"en": "x"}, "resourceTypeIds": []any{"order"}},
		"bad key":         {"key": "a b", "name": object{"en": "x"}, "resourceTypeIds": []any{"order"}},
		"no resources":    {"key": "aa", "name": object{"en": "x"}, "resourceTypeIds": []any{}},
		"bad field name":  {"key": "aa", "name": object{"en": "x"}, "resourceTypeIds": []any{"order"}, "fieldDefinitions": definition("x", object{"name": "String"})},
		"unknown type":    {"key": "aa", "name": object{"en": "x"}, "resourceTypeIds": []any{"order"}, "fieldDefinitions": definition("xx", object{"name": "Text"})},
		"conflicting use": {"key": "aa", "name": object{"en": "x"}, "resourceTypeIds": []any{"order"}, "fieldDefinitions": definition("text", object{"name": "Number"})},
	}
	for name, draft := range cases {
		if status, body := s.call(http.MethodPost, "/types", draft); status != 400 {
			t.Errorf("%s: %d %v", name, status, body)
		}
	}
}
