package ctsim

import (
	"fmt"
	"slices"
	"time"
)

// The fields, at whatever depth, whose constants commercetools holds to a type. Custom
// fields have types of their own.
var (
	numberFields = []string{"version", "centAmount", "preciseAmount", "fractionDigits", "quantity", "amount", "sequenceNumber", "rate"}
	timeFields   = []string{"createdAt", "lastModifiedAt", "completedAt", "validFrom", "validUntil"}
	textFields   = []string{"id", "key", "orderNumber", "customerId", "customerEmail", "currencyCode", "orderState", "paymentState", "shipmentState", "typeId", "country", "sku"}
)

// checkTypes refuses constants that are not of their field's type.
func checkTypes(p predicate) error {
	var err error
	switch p := p.(type) {
	case anyOf:
		err = checkEachType(p)
	case allOf:
		err = checkEachType(p)
	case negation:
		err = checkTypes(p.inner)
	case nested:
		if p.name != "fields" {
			err = checkTypes(p.inner)
		}
	case comparison:
		for _, l := range p.values {
			if !l.isOfFieldType(p.name) {
				return fmt.Errorf("the value %v has not the type of the field '%s'", l.value, p.name)
			}
		}
	}
	return err
}

func checkEachType(parts []predicate) error {
	for _, part := range parts {
		if err := checkTypes(part); err != nil {
			return err
		}
	}
	return nil
}

func (l literal) isOfFieldType(field string) bool {
	text, isText := l.value.(string)
	switch {
	case slices.Contains(numberFields, field):
		_, isNumber := l.number()
		return isNumber
	case slices.Contains(timeFields, field):
		_, err := time.Parse(time.RFC3339, text)
		return isText && err == nil
	case slices.Contains(textFields, field):
		if l.variable {
			return true
		}
		return isText
	}
	return true
}
