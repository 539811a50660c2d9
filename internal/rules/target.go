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
// orderLineItems[].measurementUnitKey. A [] stands for every element of a list, and a
// name in brackets for the elements of that name: article.attributes[colour],
// consumer.addresses[INVOICE_ADDRESS].email. What follows customAttributes. is an
// attribute's name, dots included.
type Target struct {
	Path    string
	PerLine bool // its expression reads a line too (LineScope), and is for that line alone
	Kind    Kind // what its expression must result in
	Named   bool // it holds values by name: its path may go on with .name
	Listed  bool // its elements have names: its path may go on with [name]

	steps    []step // below the order, or below the line
	holds    reflect.Type
	required bool // an empty text leaves it as it is
}

// step is one part of a path.
type step struct {
	field []int  // index of a struct's field
	key   string // or key of a map
	each  bool   // or every element of a list
	entry *entry // or those of a name
}

// entry are the elements of a list that have a name: by which field they have it, and
// which field is their value, in which case one that lacks is added.
type entry struct {
	name        string
	key, value  []int
	holdsValues bool
}

// listed are the lists whose elements have names, and by which fields. The second one is
// what they are worth.
var listed = map[reflect.Type][2]string{
	reflect.TypeFor[fulfillmenttools.Attribute]():       {"key", "value"},
	reflect.TypeFor[fulfillmenttools.Tag]():             {"id", "value"},
	reflect.TypeFor[fulfillmenttools.PhoneNumber]():     {"type", "value"},
	reflect.TypeFor[fulfillmenttools.ConsumerAddress](): {"addressType", ""},
	reflect.TypeFor[fulfillmenttools.Sticker]():         {"key", ""},
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
	if last := target.steps[len(target.steps)-1]; last.entry != nil {
		target.Kind = Any // texts, numbers and truths become texts
	}
	target.Listed = target.holds.Kind() == reflect.Slice && hasNamedEntries(target.holds.Elem())
	return target, nil
}

func hasNamedEntries(element reflect.Type) bool { _, ok := listed[elemType(element)]; return ok }

// resolve walks the path down from a type.
func (t *Target) resolve(from reflect.Type, path string) bool {
	from = elemType(from)
	if path == "" {
		t.holds = from
		return true
	}
	if from.Kind() == reflect.Map && from.Key().Kind() == reflect.String {
		t.steps = append(t.steps, step{key: path})
		t.holds = elemType(from.Elem())
		return true
	}
	name, brackets, rest, ok := cutStep(path)
	if !ok || from.Kind() != reflect.Struct || from == timeType {
		return false
	}
	field, ok := fieldNamed(from, name)
	if !ok {
		return false
	}
	t.steps = append(t.steps, step{field: field.Index})
	t.required = !strings.Contains(field.Tag.Get("json"), ",omit")
	below := elemType(field.Type)
	switch {
	case brackets == "":
		return t.resolve(below, rest)
	case below.Kind() != reflect.Slice:
		return false
	case brackets == "[]":
		t.steps = append(t.steps, step{each: true})
		return rest != "" && t.resolve(below.Elem(), rest)
	}
	return t.resolveEntry(below.Elem(), strings.Trim(brackets, "[]"), rest)
}

func (t *Target) resolveEntry(element reflect.Type, name, rest string) bool {
	fields, ok := listed[element]
	if !ok {
		return false
	}
	key, _ := fieldNamed(element, fields[0])
	value, worth := fieldNamed(element, fields[1])
	t.steps = append(t.steps, step{entry: &entry{name: name, key: key.Index, value: value.Index, holdsValues: worth && rest == ""}})
	if rest == "" {
		t.holds, t.required = reflect.TypeFor[string](), true
		return worth
	}
	return t.resolve(element, rest)
}

// cutStep takes the first part off a path: its name, what it has in brackets with them,
// and the rest. It reports false for a path that is none.
func cutStep(path string) (name, brackets, rest string, ok bool) {
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		return path, "", "", true
	}
	name, rest = path[:end], path[end:]
	if rest[0] == '[' {
		closing := strings.IndexByte(rest, ']')
		if closing < 0 {
			return "", "", "", false
		}
		brackets, rest = rest[:closing+1], rest[closing+1:]
	}
	rest, more := strings.CutPrefix(rest, ".")
	return name, brackets, rest, more == (rest != "")
}

func elemType(t reflect.Type) reflect.Type {
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

// TargetPaths lists every path that may be set, without the names in maps and lists,
// sorted.
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
		below := elemType(field.Type)
		if below.Kind() == reflect.Slice && elemType(below.Elem()).Kind() == reflect.Struct {
			below, name = elemType(below.Elem()), name+"[]"
		}
		if below.Kind() == reflect.Struct && below != timeType && below != t { // services within services are set as a whole
			collectPaths(to, below, prefix+name+".")
		}
	}
}
