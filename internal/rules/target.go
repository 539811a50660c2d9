package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// Target is a field of the fulfillmenttools order that an expression may set, named by
// its path in the API's JSON: status, deliveryPreferences.targetTime, or
// orderLineItems[].measurementUnitKey. A [] stands for every element of a list; what
// follows customAttributes. is an attribute's name, dots included.
type Target struct {
	Path    string
	PerLine bool // its expression reads a line too (LineScope), and is for that line alone
	Kind    Kind // what its expression must result in
	Named   bool // it holds values by name: its path may go on with .name

	steps []step // below the order, or below the line
	holds reflect.Type
}

// step is one part of a path.
type step struct {
	field []int  // index of a struct's field
	key   string // or key of a map
	each  bool   // or every element of a list
}

const (
	linePrefix = "orderLineItems[]."
	// ownName is set by export.tenantOrderId, because orders are also looked up by it.
	ownName = "tenantOrderId"
)

// TargetOf resolves a path. The error names the nearest path that exists.
func TargetOf(path string) (Target, error) {
	if path == ownName {
		return Target{}, fmt.Errorf("%s is set by export.tenantOrderId", ownName)
	}
	target := Target{Path: path}
	rest, perLine := strings.CutPrefix(path, linePrefix)
	target.PerLine = perLine
	if path == "" || !target.resolve(reflect.TypeFor[fulfillmenttools.OrderForCreation](), path) {
		return Target{}, fmt.Errorf("the fulfillmenttools order has no field %s%s", path, DidYouMean(path, TargetPaths()))
	}
	if perLine {
		target.steps = nil
		target.resolve(reflect.TypeFor[fulfillmenttools.OrderLineItem](), rest)
	}
	target.Kind, target.Named = kindOf(target.holds), target.holds.Kind() == reflect.Map
	return target, nil
}

// resolve walks the path down from a type.
func (t *Target) resolve(from reflect.Type, path string) bool {
	from = pointed(from)
	if path == "" {
		t.holds = from
		return true
	}
	name, rest, more := strings.Cut(path, ".")
	switch {
	case from.Kind() == reflect.Map && from.Key().Kind() == reflect.String:
		t.steps = append(t.steps, step{key: path})
		t.holds = pointed(from.Elem())
		return true
	case from.Kind() != reflect.Struct || from == timeType || more && rest == "":
		return false
	}
	name, each := strings.CutSuffix(name, "[]")
	field, ok := fieldNamed(from, name)
	if !ok {
		return false
	}
	t.steps = append(t.steps, step{field: field.Index})
	below := pointed(field.Type)
	if each {
		if below.Kind() != reflect.Slice || !more {
			return false
		}
		t.steps = append(t.steps, step{each: true})
		below = below.Elem()
	}
	return t.resolve(below, rest)
}

func pointed(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, field := range reflect.VisibleFields(t) {
		if jsonName(field) == name && name != "" {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if !field.IsExported() || name == "-" {
		return ""
	}
	return name
}

var timeType = reflect.TypeFor[time.Time]()

func kindOf(t reflect.Type) Kind {
	switch t.Kind() {
	case reflect.String:
		return Text
	case reflect.Bool:
		return Bool
	case reflect.Int, reflect.Int64, reflect.Float64:
		return Number
	case reflect.Slice:
		return List
	case reflect.Map:
		return Object
	case reflect.Struct:
		if t == timeType {
			return Time
		}
		return Object
	}
	return Any
}

// TargetPaths lists every path that may be set, without the names in maps, sorted.
func TargetPaths() []string {
	var paths []string
	collectPaths(&paths, reflect.TypeFor[fulfillmenttools.OrderForCreation](), "")
	paths = slices.DeleteFunc(paths, func(path string) bool { return path == ownName })
	slices.Sort(paths)
	return paths
}

func collectPaths(to *[]string, t reflect.Type, prefix string) {
	for _, field := range reflect.VisibleFields(t) {
		name := jsonName(field)
		if name == "" {
			continue
		}
		*to = append(*to, prefix+name)
		below := pointed(field.Type)
		if below.Kind() == reflect.Slice && pointed(below.Elem()).Kind() == reflect.Struct {
			below, name = pointed(below.Elem()), name+"[]"
		}
		if below.Kind() == reflect.Struct && below != timeType {
			collectPaths(to, below, prefix+name+".")
		}
	}
}
