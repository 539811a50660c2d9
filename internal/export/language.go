package export

import (
	"strings"
	"sync"

	"golang.org/x/text/language"

	"fftconnect/internal/fulfillmenttools"
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

// textIn chooses a text: that in a wanted language, or the one nearest to it of the same
// language, else any. It is empty only when all texts are. instead is the locale of the
// text when it is not the first wanted one.
func (l languages) textIn(texts map[string]string) (text, instead string) {
	for i, wanted := range l {
		key, exact := nearestLocale(texts, wanted)
		switch {
		case key == "":
		case exact && i == 0:
			return withoutInvisible(texts[key]), ""
		default:
			return withoutInvisible(texts[key]), key
		}
	}
	for _, key := range sortedKeys(texts) {
		if text := withoutInvisible(texts[key]); text != "" {
			if len(l) == 0 {
				key = ""
			}
			return text, key
		}
	}
	return "", ""
}

// nearestLocale is the key of the text that is nearest to the wanted locale; empty when there is
// none of its language. de-DE is DE-de. Before the country counts the script: for zh-TW it
// is zh-Hant before zh and zh-CN, which are written otherwise.
func nearestLocale(texts map[string]string, wanted string) (key string, exact bool) {
	if withoutInvisible(texts[wanted]) != "" {
		return wanted, true
	}
	want := localeOf(wanted)
	best := 0
	for _, candidate := range sortedKeys(texts) {
		if withoutInvisible(texts[candidate]) == "" {
			continue
		}
		if strings.EqualFold(candidate, wanted) {
			return candidate, true
		}
		have := localeOf(candidate)
		if !want.known || !have.known {
			continue
		}
		if n := localeNearness(want, have); n > best {
			key, exact, best = candidate, want.tag == have.tag, n
		}
	}
	return key, exact
}

// localeNearness is 0 for different languages.
func localeNearness(want, have locale) int {
	if have.base != want.base {
		return 0
	}
	near := 1
	if have.script == want.script {
		near += 10
	}
	switch {
	case want.tag == have.tag:
		near += 5
	case have.region == want.region:
		near += 4
	case !have.namesCountry:
		near += 3
	case have.region == have.usual:
		near += 2
	}
	return near
}

// locale is a locale with the script and country that its language most likely has.
type locale struct {
	tag          language.Tag
	base         language.Base
	script       language.Script
	region       language.Region
	usual        language.Region // of its language
	namesCountry bool
	known        bool
}

// maxLocales bounds the locales that are remembered: shops use few, but anybody's order
// may name one.
const maxLocales = 512

var locales = struct {
	sync.RWMutex
	read map[string]locale
}{read: map[string]locale{}}

// localeOf reads a locale once: every text of every line asks for the same few.
func localeOf(name string) locale {
	locales.RLock()
	found, ok := locales.read[name]
	locales.RUnlock()
	if ok {
		return found
	}
	found = readLocale(name)
	locales.Lock()
	defer locales.Unlock()
	if len(locales.read) < maxLocales {
		locales.read[strings.Clone(name)] = found
	}
	return found
}

func readLocale(name string) (l locale) {
	tag, err := language.All.Parse(name)
	if err != nil {
		return locale{}
	}
	l = locale{tag: tag, known: true}
	l.base, l.script, l.region = likelyLocale(tag)
	_, _, l.usual = likelyLocale(language.Make(l.base.String()))
	_, confidence := tag.Region()
	l.namesCountry = confidence == language.Exact
	return l
}

// likelyLocale is the locale with the script and country that its language most likely has.
func likelyLocale(tag language.Tag) (language.Base, language.Script, language.Region) {
	base, _ := tag.Base()
	script, _ := tag.Script()
	region, _ := tag.Region()
	return base, script, region
}

// withPlatformLocales are the texts in the locales that fulfillmenttools knows: that of the locale
// itself, else the nearest of its language. Others have no place there.
func withPlatformLocales(texts map[string]string) map[string]string {
	var found map[string]string
	for _, locale := range fulfillmenttools.Locales {
		key, _ := nearestLocale(texts, strings.ReplaceAll(locale, "_", "-"))
		if key == "" {
			continue
		}
		if found == nil {
			found = map[string]string{}
		}
		found[locale] = withoutInvisible(texts[key])
	}
	return found
}
