package export

import (
	"reflect"
	"testing"
)

func TestTheNearestTextOfTheLanguageIsTaken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wanted  string
		locales []string
		want    string
		exact   bool
	}{
		{"zh-Hant-TW", []string{"zh", "zh-Hant", "zh-CN"}, "zh-Hant", false},
		{"zh-TW", []string{"zh", "zh-Hant"}, "zh-Hant", false},
		{"zh-Hant", []string{"zh-CN", "zh-TW"}, "zh-TW", false},
		{"zh-Hant-TW", []string{"zh-CN", "zh"}, "zh", false},
		{"zh-HK", []string{"zh-CN", "zh-Hant"}, "zh-Hant", false},
		{"zh-CN", []string{"zh-Hant", "zh"}, "zh", false},
		{"DE-de", []string{"de", "de-DE"}, "de-DE", true},
		{"de-DE", []string{"DE-de", "en"}, "DE-de", true},
		{"pt", []string{"pt-BR", "pt-PT"}, "pt-BR", false},
		{"pt-PT", []string{"pt", "pt-BR"}, "pt", false},
		{"pt-BR", []string{"pt", "pt-PT"}, "pt", false},
		{"pt-BR", []string{"pt-PT", "pt-BR", "pt"}, "pt-BR", true},
		{"de-AT", []string{"de-CH", "de-DE"}, "de-DE", false},
		{"de-AT", []string{"de", "de-CH", "de-DE"}, "de", false},
		{"de", []string{"de-AT"}, "de-AT", false},
		{"sr-Latn-RS", []string{"sr", "sr-Latn"}, "sr-Latn", false},
		{"nb-NO", []string{"no", "sv"}, "no", false},
		{"en-GB", []string{"fr"}, "", false},
		{"!!", []string{"en"}, "", false},
		{"en", []string{"!!"}, "", false},
	} {
		texts := map[string]string{"xx": " "}
		for _, locale := range test.locales {
			texts[locale] = "text"
		}
		if got, exact := nearestLocale(texts, test.wanted); got != test.want || exact != test.exact {
			t.Errorf("%s of %v: got %q, %v, want %q", test.wanted, test.locales, got, exact, test.want)
		}
	}
}

func TestTextsAreSentInTheLocalesThatThePlatformKnows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ texts, want map[string]string }{
		{map[string]string{"de-DE": "a", "de": "b", "de-AT": "c"}, map[string]string{"de_DE": "a"}},
		{map[string]string{"de": "b", "de-AT": "c"}, map[string]string{"de_DE": "b"}},
		{map[string]string{"de-AT": "c", "ja-JP": "d", "zh": "e", "fr": " "}, map[string]string{"de_DE": "c"}},
		{map[string]string{"en-GB": "f", "no": "g", "pt-BR": "h"}, map[string]string{"en_US": "f", "nb_NO": "g", "pt_PT": "h"}},
		{map[string]string{"ja": "d"}, nil},
	} {
		if got := withPlatformLocales(test.texts); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v: got %v, want %v", test.texts, got, test.want)
		}
	}
}

func TestWhatCannotBeSeenIsEmpty(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\u200b": "", "\ufeff\u2060": "", "\u00ad": "", "\u3164": "", "\u2800 \u2800": "", "\u202e\u202c": "", "\u180e\u034f": "", "\ufe0f": "", "\x00\x01": "",
		" a\u200b ": "a\u200b", "\u200bä": "\u200bä", "家": "家", "-": "-", "😀": "😀", "\u200e17": "\u200e17",
	} {
		if got := withoutInvisible(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestAddressesOfTheWeb(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"//cdn.example/a.jpg": "https://cdn.example/a.jpg", "HTTPS://cdn.example/A.jpg": "https://cdn.example/A.jpg", "Http://x/y": "http://x/y", " https://x ": "https://x",
		"": "", "ftp://x": "", "/a.jpg": "", "a.jpg": "", "///a": "", "//": "", "javascript://x": "", "a//b": "",
	} {
		if got := webURL(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
