package export

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/fulfillmenttools"
)

// scannableCodes is the attribute whose values become the line's scannable codes.
const scannableCodes = "scannableCodes"

// What fulfillmenttools takes for one article.
const (
	maxAttributes = 500
	maxCodes      = 500
)

// articleAttributes turns every attribute that has a text into an article attribute.
func articleAttributes(attributes []platform.Attribute, l languages, n *notes) []fulfillmenttools.Attribute {
	var mapped []fulfillmenttools.Attribute
	for _, attribute := range attributes {
		if attribute.Name == scannableCodes || attribute.Name == "" {
			continue
		}
		text := attributeText(attribute.Value, l)
		if text == "" {
			continue
		}
		mapped = append(mapped, fulfillmenttools.Attribute{Key: attribute.Name, Value: text, Category: "miscellaneous"})
	}
	if len(mapped) > maxAttributes {
		n.add("article attributes: %d left out, fulfillmenttools takes %d", len(mapped)-maxAttributes, maxAttributes)
		mapped = mapped[:maxAttributes]
	}
	return mapped
}

// codesOf reads the scannable codes: one text, or a set of them.
func codesOf(attributes []platform.Attribute, n *notes) []string {
	for _, attribute := range attributes {
		if attribute.Name != scannableCodes {
			continue
		}
		values, ok := attribute.Value.([]any)
		if !ok {
			values = []any{attribute.Value}
		}
		var codes []string
		for _, value := range values {
			code := attributeText(value, nil)
			if code != "" && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
		if len(codes) > maxCodes {
			n.add("scannable codes: %d left out, fulfillmenttools takes %d", len(codes)-maxCodes, maxCodes)
			codes = codes[:maxCodes]
		}
		return codes
	}
	return nil
}

// attributeText is an attribute's value in words; empty when it has none. The value
// has one of the shapes that commercetools documents for attribute types.
func attributeText(value any, l languages) string {
	switch value := value.(type) {
	case string:
		return strings.TrimSpace(value)
	case bool:
		return strconv.FormatBool(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
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
	nested := false
	for _, value := range values {
		if pair, ok := value.(map[string]any); ok && isAttribute(pair) {
			nested = true
			if text := attributeText(pair["value"], l); text != "" {
				texts = append(texts, pair["name"].(string)+": "+text)
			}
			continue
		}
		if text := attributeText(value, l); text != "" {
			texts = append(texts, text)
		}
	}
	if !nested {
		slices.Sort(texts)
	}
	return strings.Join(texts, ", ")
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
	text, _ := l.pick(texts)
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
