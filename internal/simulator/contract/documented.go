package contract

import (
	"fmt"
	"regexp"
	"strings"
)

// attributeProblems are where article attributes break what fulfillmenttools' pages on
// them demand beyond its file: whole numbers without separators, codes of currencies
// rather than amounts, the three keys of salesPrice, and types where they are mandatory.
func attributeProblems(value any) Problems {
	var found Problems
	eachAttribute(value, nil, func(at []string, attribute map[string]any) {
		for _, breach := range breachesOf(attribute) {
			found = append(found, Problem{jsonPointer(at), breach})
		}
	})
	return found
}

// eachAttribute visits the objects in every list that is called attributes.
func eachAttribute(value any, at []string, visit func(at []string, attribute map[string]any)) {
	below := func(key string, child any) {
		eachAttribute(child, append(at[:len(at):len(at)], key), visit)
	}
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			if key != "customAttributes" {
				below(key, child)
			}
		}
	case []any:
		for i, child := range value {
			key := fmt.Sprint(i)
			if attribute, ok := child.(map[string]any); ok && len(at) > 0 && at[len(at)-1] == "attributes" {
				visit(append(at[:len(at):len(at)], key), attribute)
			}
			below(key, child)
		}
	}
}

var (
	wholeNumber  = regexp.MustCompile(`^-?\d+$`)
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	// numericAttribute names category and key.
	numericAttribute = regexp.MustCompile(`^((salesPrice|shop|customs|insurance) valuePerUnit|salesPrice numberOfDecimalPlaces|basePrice (value|decimalPlaces)|` +
		`(discount|surcharge) (value|percentage)|tax percentage|dimensions (weightPerUnit|height|width|length))$`)
	pricedCategory = regexp.MustCompile(`^(salesPrice|basePrice|discount|surcharge|tax|shop|customs|insurance|dimensions)$`)
	typedCategory  = regexp.MustCompile(`^(salesPrice|shop|customs|insurance|dimensions)$`)
	salesPriceKey  = regexp.MustCompile(`^(valuePerUnit|currency|numberOfDecimalPlaces)$`)
)

func breachesOf(attribute map[string]any) []string {
	part := func(name string) string { text, _ := attribute[name].(string); return text }
	category, key, value, kind := part("category"), part("key"), part("value"), part("type")
	priced := pricedCategory.MatchString(category)
	var breaches []string
	if (numericAttribute.MatchString(category+" "+key) || priced && kind == "NUMBER") && !wholeNumber.MatchString(value) {
		breaches = append(breaches, fmt.Sprintf("%s of %s is %q, documented is a number without separators", key, category, value))
	}
	if (kind == "CURRENCY" || priced && key == "currency") && !currencyCode.MatchString(value) {
		breaches = append(breaches, fmt.Sprintf("%s of %s is %q, documented is the code of a currency", key, category, value))
	}
	if category == "salesPrice" && !salesPriceKey.MatchString(key) {
		breaches = append(breaches, fmt.Sprintf("salesPrice has no key %q", key))
	}
	if typedCategory.MatchString(category) && strings.TrimSpace(kind) == "" {
		breaches = append(breaches, fmt.Sprintf("%s of %s has no type, which is mandatory", key, category))
	}
	return breaches
}
