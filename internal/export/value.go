package export

import (
	"reflect"
	"strconv"
)

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

// plainText is a text, number or truth in words, and empty for nothing. It reports
// false for lists and objects.
func plainText(value any) (string, bool) {
	switch value := value.(type) {
	case nil:
		return "", true
	case string:
		return value, true
	case bool:
		return strconv.FormatBool(value), true
	}
	number := reflect.ValueOf(value)
	switch {
	case number.CanInt():
		return strconv.FormatInt(number.Int(), 10), true
	case number.CanFloat():
		return strconv.FormatFloat(number.Float(), 'f', -1, 64), true
	case number.Kind() == reflect.String:
		return number.String(), true
	}
	return "", false
}
