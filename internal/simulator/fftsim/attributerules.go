package fftsim

import (
	"regexp"
	"slices"
	"strings"
)

// article attributes: what the vendor's documentation pages demand of them beyond the
// OpenAPI description.
func attributeRules() rule { return allRules(attributeShape(), asDocumented) }

func attributeShape() rule {
	return objectWithAtLeast(fields{
		"key*": textRule(1, 0), "value*": textRule(1, 0), "priority": integerRule(1, 1001),
		"keyLocalized": localized(0, 0), "valueLocalized": localized(0, 0),
		"type": oneOf("STRING", "NUMBER", "CURRENCY", "BOOLEAN"),
		"category": oneOf("descriptive", "miscellaneous", "pickingSequence", "customs", "insurance", "shop", "dimensions",
			"carrierService", "salesPrice", "basePrice", "tax", "discount", "surcharge", "subtotalBeforeDiscounts",
			"subtotalAfterDiscounts", "finalUnitPrice", "finalLineItemPrice"),
		"context": objectWithAtLeast(fields{"type*": oneOf("FACILITY_GROUP", "FACILITY", "TAG_REFERENCE"), "value*": textRule(1, 0)}),
	})
}

// numbers are the keys that hold numbers, by category.
var numbers = map[string]string{
	"salesPrice": "valuePerUnit numberOfDecimalPlaces",
	"basePrice":  "value decimalPlaces",
	"discount":   "value percentage",
	"surcharge":  "value percentage",
	"tax":        "percentage",
	"shop":       "valuePerUnit",
	"customs":    "valuePerUnit",
	"insurance":  "valuePerUnit",
	"dimensions": "weightPerUnit height width length",
}

var whole = regexp.MustCompile(`^-?[0-9]+$`)

func asDocumented(c *check, path string, value any) {
	attribute, _ := value.(map[string]any)
	part := func(name string) string { text, _ := attribute[name].(string); return text }
	category, key, kind := part("category"), part("key"), part("type")
	numeric, priced := numbers[category]
	if category == "salesPrice" && !slices.Contains([]string{"valuePerUnit", "currency", "numberOfDecimalPlaces"}, key) {
		c.fail(join(path, "key"), "must be one of valuePerUnit, currency, numberOfDecimalPlaces")
	}
	if slices.Contains([]string{"customs", "insurance", "shop", "salesPrice", "dimensions"}, category) && kind == "" {
		c.fail(join(path, "type"), "is required by the category %s", category)
	}
	if priced && (kind == "NUMBER" || slices.Contains(strings.Fields(numeric), key)) && !whole.MatchString(part("value")) {
		c.fail(join(path, "value"), "must be a number without separators")
	}
	if (kind == "CURRENCY" || priced && key == "currency") && !slices.Contains(strings.Fields(currencies), part("value")) {
		c.fail(join(path, "value"), "must be the code of a currency")
	}
}
