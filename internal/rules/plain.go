package rules

import "reflect"

// toPlain is a result without our types: objects by commercetools' names, lists, texts,
// numbers, true, false, nil, and times.
func toPlain(value any) any {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid() || v.Type() == timeType:
		return value
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return toPlain(v.Elem().Interface())
	case v.Kind() == reflect.Struct:
		object := map[string]any{}
		for i, name := range namesOf(v.Type()) {
			object[name] = toPlain(v.Field(i).Interface())
		}
		return object
	case v.Kind() == reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = toPlain(v.Index(i).Interface())
		}
		return list
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		object := map[string]any{}
		for _, key := range v.MapKeys() {
			object[key.String()] = toPlain(v.MapIndex(key).Interface())
		}
		return object
	}
	return value
}
