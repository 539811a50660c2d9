package ctsim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

type (
	anyOf    []predicate
	allOf    []predicate
	negation struct{ inner predicate }
	// nested looks into an object, or into every object of a list.
	nested struct {
		name  string
		inner predicate
	}
	comparison struct {
		name     string
		operator string
		values   []literal
	}
)

func (a anyOf) matches(field func(string) any) bool {
	return slices.ContainsFunc(a, func(p predicate) bool { return p.matches(field) })
}

func (a allOf) matches(field func(string) any) bool {
	return !slices.ContainsFunc(a, func(p predicate) bool { return !p.matches(field) })
}

func (n negation) matches(field func(string) any) bool { return !n.inner.matches(field) }

func (n nested) matches(field func(string) any) bool {
	switch value := field(n.name).(type) {
	case map[string]any:
		return n.inner.matches(func(name string) any { return value[name] })
	case []any:
		return slices.ContainsFunc(objectsIn(value), func(o map[string]any) bool {
			return n.inner.matches(func(name string) any { return o[name] })
		})
	}
	// Only "is not defined" and the like hold for what is not there.
	return n.inner.matches(func(string) any { return nil })
}

func (c comparison) matches(field func(string) any) bool {
	value := field(c.name)
	switch c.operator {
	case "defined":
		return value != nil
	case "empty":
		return isEmpty(value)
	case "in":
		return c.anyEqual(value)
	case "not in":
		return !c.anyEqual(value)
	case "contains any":
		return contains(value, c.values, false)
	case "contains all":
		return contains(value, c.values, true)
	case "<>", "!=":
		return !c.anyEqual(value)
	}
	if list, ok := value.([]any); ok {
		return slices.ContainsFunc(list, c.holds)
	}
	return c.holds(value)
}

func (c comparison) holds(value any) bool {
	order, comparable := c.values[0].compare(value)
	if !comparable {
		return false
	}
	switch c.operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	}
	return order == 0
}

func (c comparison) anyEqual(value any) bool {
	if list, ok := value.([]any); ok {
		return slices.ContainsFunc(list, c.anyEqual)
	}
	return slices.ContainsFunc(c.values, func(l literal) bool { return l.equals(value) })
}

func contains(value any, wanted []literal, all bool) bool {
	list, _ := value.([]any)
	for _, l := range wanted {
		if slices.ContainsFunc(list, l.equals) != all {
			return !all
		}
	}
	return all
}

func (l literal) equals(value any) bool {
	order, comparable := l.compare(value)
	return comparable && order == 0
}

// compare orders value relative to the literal; comparable is false for values of
// different types.
func (l literal) compare(value any) (order int, comparable bool) {
	switch v := value.(type) {
	case string:
		text, ok := l.value.(string)
		if !ok {
			return 0, false
		}
		return compareText(v, text), true
	case float64:
		number, ok := l.number()
		return cmp.Compare(v, number), ok
	case bool:
		truth, ok := l.truth()
		if v == truth {
			return 0, ok
		}
		return 1, ok
	}
	return 0, false
}

func (l literal) number() (float64, bool) {
	if number, ok := l.value.(float64); ok {
		return number, true
	}
	text, _ := l.value.(string)
	number, err := strconv.ParseFloat(text, 64)
	return number, l.variable && err == nil
}

func (l literal) truth() (bool, bool) {
	if truth, ok := l.value.(bool); ok {
		return truth, true
	}
	text, _ := l.value.(string)
	truth, err := strconv.ParseBool(text)
	return truth, l.variable && err == nil
}

// compareText compares two timestamps by time and other texts by their bytes.
func compareText(value, constant string) int {
	if len(value) == len(timeLayout) && value[10] == 'T' && value != constant {
		a, errA := time.Parse(time.RFC3339, value)
		b, errB := time.Parse(time.RFC3339, constant)
		if errA == nil && errB == nil {
			return a.Compare(b)
		}
	}
	return strings.Compare(value, constant)
}

func (a anyOf) check(known func(string) bool) error { return checkAll(a, known) }
func (a allOf) check(known func(string) bool) error { return checkAll(a, known) }

func (n negation) check(known func(string) bool) error { return n.inner.check(known) }

func (n nested) check(known func(string) bool) error { return checkName(n.name, known) }

func (c comparison) check(known func(string) bool) error { return checkName(c.name, known) }

func checkAll(all []predicate, known func(string) bool) error {
	for _, p := range all {
		if err := p.check(known); err != nil {
			return err
		}
	}
	return nil
}

func checkName(name string, known func(string) bool) error {
	if !known(name) {
		return fmt.Errorf("the field '%s' does not exist", name)
	}
	return nil
}
