package rules

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
)

var (
	noField = regexp.MustCompile(`^type rules\.(\w+) has no (?:field|method) (\w+)$`)
	noName  = regexp.MustCompile(`^unknown name (\w+)$`)
)

// explained says what is wrong with an expression without speaking of Go, and what was
// probably meant.
func explained(message string, scope any) string {
	if found := noName.FindStringSubmatch(message); found != nil {
		if found[1] == "line" {
			return "line is known only to what is evaluated for each line"
		}
		return message + DidYouMean(found[1], slices.Concat(namesOf(reflect.TypeOf(scope)), functions))
	}
	found := noField.FindStringSubmatch(message)
	if found == nil {
		return strings.NewReplacer("interface {}", "any", "rules.", "").Replace(message)
	}
	for _, t := range []reflect.Type{
		reflect.TypeFor[Order](), reflect.TypeFor[Reference](), reflect.TypeFor[Method](), reflect.TypeFor[Custom](), reflect.TypeFor[Line](),
		reflect.TypeFor[Variant](), reflect.TypeFor[Money](), reflect.TypeFor[Address](), reflect.TypeFor[Payload](),
	} {
		if t.Name() == found[1] {
			return "there is no " + found[2] + " here" + DidYouMean(found[2], namesOf(t))
		}
	}
	return "there is no " + found[2] + " here"
}

// namesOf are the fields of a struct as expressions name them.
func namesOf(t reflect.Type) (names []string) {
	for _, field := range reflect.VisibleFields(t) {
		if name := field.Tag.Get("expr"); !strings.HasPrefix(name, reserved) {
			names = append(names, name)
		}
	}
	return names
}
