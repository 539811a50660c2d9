package config

import (
	"iter"
	"reflect"
	"strings"
)

// fieldsOf are a struct's fields that have a key in the configuration.
func fieldsOf(t reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for _, field := range reflect.VisibleFields(t) {
			if keyOf(field) != "" && !yield(field) {
				return
			}
		}
	}
}

func keyOf(field reflect.StructField) string {
	key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return strings.TrimPrefix(key, "-")
}

func fieldByKey(t reflect.Type, key string) (reflect.StructField, bool) {
	for field := range fieldsOf(t) {
		if keyOf(field) == key {
			return field, true
		}
	}
	return reflect.StructField{}, false
}
