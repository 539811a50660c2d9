package export

import (
	"slices"
	"strings"
)

// languages is the order in which texts are chosen: the order's locale first, then
// the project's languages.
type languages []string

func languagesOf(locale string, project []string) languages {
	var chosen languages
	if locale != "" {
		chosen = append(chosen, locale)
	}
	return append(chosen, project...)
}

// pick chooses a text: a wanted language, else one that shares its language with a
// wanted one (de for de-AT, de-DE for de), else any. It is empty only when all
// texts are. exact reports whether the first wanted language was there.
func (l languages) pick(texts map[string]string) (text string, exact bool) {
	for i, wanted := range l {
		if text := strings.TrimSpace(texts[wanted]); text != "" {
			return text, i == 0
		}
		if text := sameLanguage(texts, wanted); text != "" {
			return text, i == 0
		}
	}
	for _, key := range sortedKeys(texts) {
		if text := strings.TrimSpace(texts[key]); text != "" {
			return text, len(l) == 0
		}
	}
	return "", false
}

func sameLanguage(texts map[string]string, wanted string) string {
	language, _, _ := strings.Cut(wanted, "-")
	for _, key := range sortedKeys(texts) {
		if other, _, _ := strings.Cut(key, "-"); strings.EqualFold(other, language) {
			if text := strings.TrimSpace(texts[key]); text != "" {
				return text
			}
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// localeKeys turns commercetools' locales (de-DE) into fulfillmenttools' (de_DE)
// and leaves blank texts out.
func localeKeys(texts map[string]string) map[string]string {
	var localized map[string]string
	for _, key := range sortedKeys(texts) {
		text := strings.TrimSpace(texts[key])
		if text == "" {
			continue
		}
		if localized == nil {
			localized = make(map[string]string, len(texts))
		}
		localized[strings.ReplaceAll(key, "-", "_")] = text
	}
	return localized
}

// orEmpty is the text that p points to, without white space around it.
func orEmpty(p *string) string {
	if p == nil {
		return ""
	}
	return strings.TrimSpace(*p)
}

// oneLine is the text that p points to, on one line: fulfillmenttools refuses line
// breaks in the parts that it demands.
func oneLine(p *string) string {
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
