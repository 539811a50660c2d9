package export

import (
	"slices"
	"strings"
	"unicode"
)

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// withoutInvisible is the text without white space around it, and empty when nothing of it can be
// seen.
func withoutInvisible(text string) string {
	if text = strings.TrimSpace(text); text == "" || text[0] > ' ' && text[0] < 0x7f || strings.ContainsFunc(text, isVisible) {
		return text
	}
	return ""
}

// isVisible leaves out spaces, marks without a width, and letters that are blank.
func isVisible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800', '\u034f', '\u17b4', '\u17b5':
		return false
	}
	return unicode.IsPrint(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r)
}

// orEmpty is the text that p points to, without white space around it; empty when nothing
// of it can be seen.
func orEmpty(p *string) string {
	if p == nil {
		return ""
	}
	return withoutInvisible(*p)
}

// trimmedLine is the text that p points to, on one line: fulfillmenttools refuses line
// breaks in the parts that it demands.
func trimmedLine(p *string) string {
	return strings.Join(strings.Fields(orEmpty(p)), " ")
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
