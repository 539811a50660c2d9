package rules

import (
	"fmt"
	"reflect"
	"time"
	_ "time/tzdata" // time zones are known where the system knows none
)

// Kind is what an expression must result in.
type Kind int

const (
	// Any result will do.
	Any Kind = iota
	// Bool is true or false; nil stands for false.
	Bool
	// Text is a string; nil stands for none.
	Text
	// Number is an integer or a fraction; nil stands for none.
	Number
	// Time is a time, or a text in the form of RFC 3339, or a date such as
	// 2026-03-01; nil stands for none.
	Time
	// List is a list; nil stands for none.
	List
	// Object is an object; nil stands for none.
	Object
)

func (k Kind) String() string {
	switch k {
	case Bool:
		return "true or false"
	case Text:
		return "a text"
	case Number:
		return "a number"
	case Time:
		return "a time"
	case List:
		return "a list"
	case Object:
		return "an object"
	default:
		return "a value"
	}
}

// accepts reports whether a result of this type may be of the kind. What is known only
// when the expression runs, such as a custom field, is checked then.
func (k Kind) accepts(t reflect.Type) bool {
	if k == Any || t == nil || t.Kind() == reflect.Interface {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer:
		return k.accepts(t.Elem())
	case reflect.Bool:
		return k == Bool
	case reflect.String:
		return k == Text || k == Time
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return k == Number && t != reflect.TypeFor[time.Duration]()
	case reflect.Slice, reflect.Array:
		return k == List
	case reflect.Map:
		return k == Object
	}
	return k == Time && t == timeType || k == Object && t.Kind() == reflect.Struct && t != timeType
}

// plainType names a value's type in the words of JSON.
func plainType(value any) string {
	if value == nil {
		return "nothing"
	}
	return plainTypeOf(reflect.TypeOf(value))
}

func plainTypeOf(t reflect.Type) string {
	switch {
	case t == timeType:
		return "a time"
	case t == reflect.TypeFor[time.Duration]():
		return "a duration"
	}
	for _, kind := range []Kind{Bool, Text, Number, List, Object} {
		if kind.accepts(t) {
			return kind.String()
		}
	}
	return fmt.Sprintf("a %s", t.Kind())
}
