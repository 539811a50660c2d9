package export

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"fftconnect/internal/fulfillmenttools"
)

// setScannableCodes is the attribute whose values become the line's scannable codes,
// unless the shop names another.
const scannableCodes = "scannableCodes"

// What is kept of one article, so that its price attributes have a place too.
const (
	priceAttributes = 7 // at most
	maxAttributes   = fulfillmenttools.MaxEntries - priceAttributes
	maxCodes        = fulfillmenttools.MaxEntries
)

func (m *mapping) scannableCodesAttribute() string {
	return firstOf(m.shop.Export.ScannableCodesAttribute, scannableCodes)
}

// setAttributes turns every attribute that has a text into an article attribute.
func (m *mapping) setAttributes(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.variant == nil {
		return
	}
	mapped := make([]fulfillmenttools.Attribute, 0, len(from.variant.Attributes)+priceAttributes)
	for _, attribute := range from.variant.Attributes {
		if attribute.Name == m.scannableCodesAttribute() || attribute.Name == "" {
			continue
		}
		if text := attributeText(attribute.Value, m.languages); text != "" {
			mapped = append(mapped, fulfillmenttools.Attribute{Key: attribute.Name, Value: text, Category: fulfillmenttools.CategoryMiscellaneous})
		}
	}
	if len(mapped) > maxAttributes {
		m.addNote("%s: %d of %d attributes left out, fulfillmenttools takes %d with those of the price", from.lineName(), len(mapped)-maxAttributes, len(mapped), fulfillmenttools.MaxEntries)
		mapped = mapped[:maxAttributes]
	}
	to.Article.Attributes = mapped
}

// setScannableCodes are one text, or a set of them.
func (m *mapping) setScannableCodes(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.variant == nil {
		return
	}
	for _, attribute := range from.variant.Attributes {
		if attribute.Name != m.scannableCodesAttribute() {
			continue
		}
		for _, value := range elementsOf(attribute.Value) {
			if code := attributeText(value, nil); code != "" && !slices.Contains(to.ScannableCodes, code) {
				to.ScannableCodes = append(to.ScannableCodes, code)
			}
		}
	}
	if n := len(to.ScannableCodes); n > maxCodes {
		m.addNote("%s: %d scannable codes left out, fulfillmenttools takes %d", from.lineName(), n-maxCodes, maxCodes)
		to.ScannableCodes = to.ScannableCodes[:maxCodes]
	}
}

// attributeText is an attribute's value in words; empty when it has none. The value
// has one of the shapes that commercetools documents for attribute types.
func attributeText(value any, l languages) string {
	switch value := value.(type) {
	case string:
		return withoutInvisible(value)
	case bool:
		return strconv.FormatBool(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case int:
		return strconv.Itoa(value)
	case []any:
		return listText(value, l)
	case map[string]any:
		return objectText(value, l)
	default:
		return ""
	}
}

// listText joins a set's values, or a nested attribute's "name: value" pairs. A
// set's order means nothing, so it is sorted: the same order maps the same way
// every time.
func listText(values []any, l languages) string {
	var texts []string
	nested, separator := false, ", "
	for _, value := range values {
		if pair, ok := value.(map[string]any); ok && isAttribute(pair) {
			nested = true
			if text := attributeText(pair["value"], l); text != "" {
				texts = append(texts, pair["name"].(string)+": "+text)
			}
			continue
		}
		if _, ok := value.([]any); ok {
			separator = "; " // between nested attributes, which have commas of their own
		}
		if text := attributeText(value, l); text != "" {
			texts = append(texts, text)
		}
	}
	if !nested {
		slices.SortFunc(texts, compareAttributeTexts)
	}
	return strings.Join(texts, separator)
}

// compareAttributeTexts compares numbers and amounts of money by what they are worth, and puts them
// before other texts.
func compareAttributeTexts(a, b string) int {
	x, isX := leadingNumber(a)
	y, isY := leadingNumber(b)
	switch {
	case isX && isY:
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
	case isX:
		return -1
	case isY:
		return 1
	}
	return cmp.Compare(a, b)
}

func leadingNumber(text string) (float64, bool) {
	number, _, _ := strings.Cut(text, " ")
	value, err := strconv.ParseFloat(number, 64)
	return value, err == nil
}

func isAttribute(object map[string]any) bool {
	_, named := object["name"].(string)
	_, valued := object["value"]
	return named && valued && len(object) == 2
}

// objectText tells money, enums, references and localized texts apart by their keys.
func objectText(object map[string]any, l languages) string {
	if _, money := object["centAmount"]; money {
		return moneyText(object)
	}
	if label, ok := object["label"]; ok && object["key"] != nil {
		if text := attributeText(label, l); text != "" {
			return text
		}
		return attributeText(object["key"], l)
	}
	if _, reference := object["typeId"].(string); reference {
		return referenceText(object, l)
	}
	texts := map[string]string{}
	for locale, text := range object {
		if text, ok := text.(string); ok {
			texts[locale] = text
		}
	}
	text, _ := l.textIn(texts)
	return text
}

// referenceText prefers what a person would recognise.
func referenceText(reference map[string]any, l languages) string {
	if target, ok := reference["obj"].(map[string]any); ok {
		for _, field := range []string{"key", "name"} {
			if text := attributeText(target[field], l); text != "" {
				return text
			}
		}
	}
	for _, field := range []string{"key", "id"} {
		if text := attributeText(reference[field], l); text != "" {
			return text
		}
	}
	return ""
}
