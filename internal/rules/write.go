package rules

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// Set writes what the target's expression resulted in. Nil leaves the field as it is, and
// so does an empty text where fulfillmenttools demands the field; elsewhere an empty text
// takes the field away, a time too. It makes nothing that could hold the empty text. The
// error never names the value. For a target that is per line use SetLine.
func (t Target) Set(order *fulfillmenttools.OrderForCreation, value any) error {
	if t.PerLine {
		return fmt.Errorf("%s is a line's", t.Path)
	}
	return t.set(reflect.ValueOf(order).Elem(), value)
}

// SetLine is Set for a target that is per line.
func (t Target) SetLine(line *fulfillmenttools.OrderLineItem, value any) error {
	if !t.PerLine {
		return fmt.Errorf("%s is not a line's", t.Path)
	}
	return t.set(reflect.ValueOf(line).Elem(), value)
}

func (t Target) set(in reflect.Value, value any) error {
	text, isText := value.(string)
	empty := isText && strings.TrimSpace(text) == ""
	if value == nil || empty && t.required {
		return nil
	}
	if empty && t.holds == timeType {
		writeAt(in, t.steps, reflect.Value{})
		return nil
	}
	if plain, ok := PlainText(value); ok && t.steps[len(t.steps)-1].entry != nil {
		value = plain
	}
	converted := reflect.New(t.holds).Elem()
	if inside, ok := convert(converted, value); !ok {
		return fmt.Errorf("the expression results in %s%s, must be %s", plainType(value), inside, describeType(t.holds))
	}
	writeAt(in, t.steps, converted)
	return nil
}

// writeAt goes down the steps, making what is missing on the way. The zero Value takes away
// what is there.
func writeAt(at reflect.Value, steps []step, value reflect.Value) {
	if at.Kind() == reflect.Pointer {
		switch {
		case !value.IsValid() && len(steps) == 0:
			at.SetZero()
			return
		case at.IsNil() && (!value.IsValid() || value.Kind() == reflect.String && value.Len() == 0):
			return
		case at.IsNil():
			at.Set(reflect.New(at.Type().Elem()))
		}
		writeAt(at.Elem(), steps, value)
		return
	}
	switch {
	case len(steps) == 0:
		at.Set(value)
	case steps[0].each:
		for i := range at.Len() {
			writeAt(at.Index(i), steps[1:], value)
		}
	case steps[0].entry != nil:
		writeEntry(at, steps[0].entry, steps[1:], value)
	case steps[0].key != "":
		if at.IsNil() {
			at.Set(reflect.MakeMap(at.Type()))
		}
		at.SetMapIndex(reflect.ValueOf(steps[0].key), value)
	default:
		writeAt(at.FieldByIndex(steps[0].field), steps[1:], value)
	}
}

// writeEntry writes to the elements of a name. Where there is none, one that has a value of
// its own is added.
func writeEntry(list reflect.Value, entry *entry, steps []step, value reflect.Value) {
	found := false
	for i := range list.Len() {
		element := list.Index(i)
		switch {
		case element.FieldByIndex(entry.key).String() != entry.name:
		case entry.holdsValues:
			element.FieldByIndex(entry.value).Set(value)
			found = true
		default:
			writeAt(element, steps, value)
		}
	}
	if !entry.holdsValues || found {
		return
	}
	added := reflect.New(list.Type().Elem()).Elem()
	added.FieldByIndex(entry.key).SetString(entry.name)
	added.FieldByIndex(entry.value).Set(value)
	list.Set(reflect.Append(list, added))
}

// convert reports whether the value is of the field's type, and puts it there. Of one that
// is not it says what is wrong inside, or in what way.
func convert(to reflect.Value, value any) (inside string, ok bool) {
	switch {
	case to.Type() == timeType:
		when, ok := timeOf(value)
		if ok {
			to.Set(reflect.ValueOf(when))
		} else if reflect.ValueOf(value).Kind() == reflect.String {
			inside = " that is no time such as 2026-03-01T10:00:00Z, and no date"
		}
		return inside, ok
	case to.CanInt():
		number, ok := numberOf(value)
		if ok && (number != math.Trunc(number) || math.Abs(number) >= 1<<53) {
			return " with a fraction, or too large a one", false
		}
		to.SetInt(int64(number))
		return "", ok
	case to.CanFloat():
		number, ok := numberOf(value)
		to.SetFloat(number)
		return "", ok
	case to.Kind() == reflect.String:
		text := reflect.ValueOf(value)
		if text.Kind() != reflect.String {
			return "", false
		}
		to.SetString(strings.TrimSpace(text.String()))
		return "", true
	case to.Kind() == reflect.Bool:
		yes, ok := value.(bool)
		to.SetBool(yes)
		return "", ok
	}
	return convertWhole(to, value)
}

// convertWhole takes lists and objects by their JSON, strictly.
func convertWhole(to reflect.Value, value any) (inside string, ok bool) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(to.Addr().Interface())
	return pathInError(err), err == nil
}

// pathInError says what is wrong inside a value, by its key.
func pathInError(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &wrong) && wrong.Field != "":
		was := map[string]string{"string": "a text", "number": "a number", "bool": "true or false", "array": "a list", "object": "an object"}
		kind, _, _ := strings.Cut(wrong.Value, " ")
		return fmt.Sprintf(" whose %s is %s and must be %s", wrong.Field, cmp.Or(was[kind], kind), describeType(wrong.Type))
	case errors.As(err, new(*time.ParseError)):
		return " with a time inside that is not of the form 2026-03-01T10:00:00Z"
	}
	if _, key, found := strings.Cut(err.Error(), "unknown field "); found {
		return " with the key " + key + " inside, which fulfillmenttools does not know there"
	}
	return ""
}

// PlainText is a text, number or truth in words, and empty for nothing. It reports false
// for lists and objects.
func PlainText(value any) (string, bool) {
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

func numberOf(value any) (float64, bool) {
	number := reflect.ValueOf(value)
	switch {
	case number.CanInt():
		return float64(number.Int()), true
	case number.CanFloat():
		n := number.Float()
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	return 0, false
}

// timeOf takes a time, a date and time (RFC 3339) or a date, which is its midnight UTC.
func timeOf(value any) (time.Time, bool) {
	if when, ok := value.(time.Time); ok {
		return when, true
	}
	text, _ := value.(string)
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if when, err := time.Parse(layout, text); err == nil {
			return when, true
		}
	}
	return time.Time{}, false
}

func describeType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list as fulfillmenttools' API takes it"
	case reflect.Struct, reflect.Map:
		if t != timeType {
			return "an object as fulfillmenttools' API takes it"
		}
	}
	return kindOf(t).String()
}
