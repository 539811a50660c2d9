package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// Set writes what the target's expression resulted in. Nil leaves the field as it is, and
// an empty text makes nothing that could hold it. The error never names the value. For a
// target that is per line use SetLine.
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
	if value == nil {
		return nil
	}
	converted := reflect.New(t.holds).Elem()
	if !convert(converted, value) {
		return fmt.Errorf("the expression results in %s, must be %s", plainType(value), wanted(t.holds))
	}
	write(in, t.steps, converted)
	return nil
}

// write goes down the steps, making what is missing on the way.
func write(at reflect.Value, steps []step, value reflect.Value) {
	if at.Kind() == reflect.Pointer {
		if at.IsNil() {
			if value.Kind() == reflect.String && value.Len() == 0 {
				return
			}
			at.Set(reflect.New(at.Type().Elem()))
		}
		write(at.Elem(), steps, value)
		return
	}
	switch {
	case len(steps) == 0:
		at.Set(value)
	case steps[0].each:
		for i := range at.Len() {
			write(at.Index(i), steps[1:], value)
		}
	case steps[0].key != "":
		if at.IsNil() {
			at.Set(reflect.MakeMap(at.Type()))
		}
		at.SetMapIndex(reflect.ValueOf(steps[0].key), value)
	default:
		write(at.FieldByIndex(steps[0].field), steps[1:], value)
	}
}

// convert reports whether the value is of the field's type, and puts it there.
func convert(to reflect.Value, value any) bool {
	switch {
	case to.Type() == timeType:
		when, ok := timeOf(value)
		if ok {
			to.Set(reflect.ValueOf(when))
		}
		return ok
	case to.CanInt():
		number, ok := numberOf(value)
		if ok = ok && number == math.Trunc(number) && math.Abs(number) < 1<<53; ok {
			to.SetInt(int64(number))
		}
		return ok
	case to.CanFloat():
		number, ok := numberOf(value)
		to.SetFloat(number)
		return ok
	case to.Kind() == reflect.String:
		text := reflect.ValueOf(value)
		if text.Kind() != reflect.String {
			return false
		}
		to.SetString(strings.TrimSpace(text.String()))
		return true
	case to.Kind() == reflect.Bool:
		yes, ok := value.(bool)
		to.SetBool(yes)
		return ok
	}
	return convertWhole(to, value)
}

// convertWhole takes lists and objects by their JSON, strictly.
func convertWhole(to reflect.Value, value any) bool {
	text, err := json.Marshal(value)
	if err != nil {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(to.Addr().Interface()) == nil
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

func wanted(t reflect.Type) string {
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
