package export

import "reflect"

// elementsOf is a list's elements, of whatever type an expression made it, or the one
// value.
func elementsOf(value any) []any {
	if values, ok := value.([]any); ok {
		return values
	}
	list := reflect.ValueOf(value)
	if list.Kind() != reflect.Slice {
		return []any{value}
	}
	values := make([]any, list.Len())
	for i := range values {
		values[i] = list.Index(i).Interface()
	}
	return values
}
