package export_test

import (
	"fmt"
	"testing"

	"fftconnect/internal/fulfillmenttools"
)

// attributed is the base order whose line has these attributes, as name and value in turn.
func attributed(pairs ...any) mapping {
	return changed(func(o object) {
		var attributes []any
		for i := 0; i < len(pairs); i += 2 {
			attributes = append(attributes, object{"name": pairs[i], "value": pairs[i+1]})
		}
		part(firstLine(o), "variant")["attributes"] = attributes
	})
}

// described are the attributes of the first line's article that are not its prices.
func described(order fulfillmenttools.OrderForCreation) []fulfillmenttools.Attribute {
	var found []fulfillmenttools.Attribute
	for _, attribute := range order.OrderLineItems[0].Article.Attributes {
		if attribute.Category == "miscellaneous" {
			found = append(found, attribute)
		}
	}
	return found
}

func TestEveryShapeOfAttributeBecomesAText(t *testing.T) {
	t.Parallel()
	care := object{"de-DE": "Handwäsche", "en-GB": "Wash by hand"}
	medium, blue := object{"key": "m", "label": "Medium"}, object{"key": "blue", "label": object{"en-GB": "Blue", "de-DE": "Blau"}}
	size := []any{
		object{"name": "height", "value": 12.5},
		object{"name": "unit", "value": object{"key": "cm", "label": "cm"}},
		object{"name": "note", "value": ""},
	}
	yen := object{"type": "centPrecision", "currencyCode": "JPY", "centAmount": 800, "fractionDigits": 0}
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"text":                             {"Halm & Krug, <b>hand-made</b>", "Halm & Krug, <b>hand-made</b>"},
		"text with space around it":        {" wool\n", "wool"},
		"blank text":                       {"  ", ""},
		"nothing":                          {nil, ""},
		"localized text":                   {care, "Handwäsche"},
		"localized text in other language": {object{"sv": "Handtvätt"}, "Handtvätt"},
		"blank localized text":             {object{"de-DE": ""}, ""},
		"enum":                             {medium, "Medium"},
		"enum with a blank label":          {object{"key": "m", "label": ""}, "m"},
		"localized enum":                   {blue, "Blau"},
		"localized enum without a label":   {object{"key": "blue", "label": object{}}, "blue"},
		"whole number":                     {152, "152"},
		"number":                           {152.5, "152.5"},
		"large number":                     {12345678901234, "12345678901234"},
		"small number":                     {0.000001, "0.000001"},
		"true":                             {true, "true"},
		"false":                            {false, "false"},
		"money":                            {euros(1999), "19.99 EUR"},
		"money without cents":              {yen, "800 JPY"},
		"money with three digits":          {object{"type": "centPrecision", "currencyCode": "KWD", "centAmount": 1234, "fractionDigits": 3}, "1.234 KWD"},
		"precise money":                    {object{"type": "highPrecision", "currencyCode": "EUR", "centAmount": 20, "preciseAmount": 199933, "fractionDigits": 4}, "19.9933 EUR"},
		"negative money":                   {euros(-5), "-0.05 EUR"},
		"money without its digits":         {object{"centAmount": 1999, "currencyCode": "EUR"}, "19.99 EUR"},
		"money without an amount":          {object{"centAmount": "much", "currencyCode": "EUR"}, ""},
		"date":                             {"2026-03-01", "2026-03-01"},
		"time":                             {"14:30:00.000", "14:30:00.000"},
		"date and time":                    {"2026-03-01T14:30:00.000Z", "2026-03-01T14:30:00.000Z"},
		"reference":                        {object{"typeId": "category", "id": "c-1"}, "c-1"},
		"reference with its target's key":  {object{"typeId": "category", "id": "c-1", "obj": object{"key": "lamps", "name": care}}, "lamps"},
		"reference with its target's name": {object{"typeId": "category", "id": "c-1", "obj": object{"name": care}}, "Handwäsche"},
		"reference with a mute target":     {object{"typeId": "product", "id": "p-1", "obj": object{"version": 1}}, "p-1"},
		"reference by key":                 {object{"typeId": "store", "key": "berlin"}, "berlin"},
		"reference to nothing":             {object{"typeId": "store"}, ""},
		"nested":                           {size, "height: 12.5, unit: cm"},
		"set of text":                      {[]any{"wool", "", "cotton"}, "cotton, wool"},
		"set of localized text":            {[]any{object{"en": "Iron warm"}, care}, "Handwäsche, Iron warm"},
		"set of enum":                      {[]any{medium, object{"key": "l", "label": "Large"}}, "Large, Medium"},
		"set of localized enum":            {[]any{blue, object{"key": "red", "label": object{"en": "Red"}}}, "Blau, Red"},
		"set of number":                    {[]any{12.25, 10}, "10, 12.25"},
		"set of boolean":                   {[]any{true, false}, "false, true"},
		"set of money":                     {[]any{yen, euros(500)}, "5.00 EUR, 800 JPY"},
		"set of reference":                 {[]any{object{"typeId": "product", "id": "b"}, object{"typeId": "product", "id": "a"}}, "a, b"},
		"set of nested":                    {[]any{size, []any{object{"name": "depth", "value": 3}}}, "depth: 3; height: 12.5, unit: cm"},
		"empty set":                        {[]any{}, ""},
		"empty object":                     {object{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mapped, notes := attributed("thing", test.value).must(t)
			noted(t, notes)
			var want []fulfillmenttools.Attribute
			if test.want != "" {
				want = []fulfillmenttools.Attribute{{Key: "thing", Value: test.want, Category: "miscellaneous"}}
			}
			same(t, "attributes", want, described(mapped))
		})
	}
}

func TestASetReadsTheSameInWhateverOrderItComes(t *testing.T) {
	t.Parallel()
	one, _ := attributed("thing", []any{"a", "b", "c"}).must(t)
	other, _ := attributed("thing", []any{"c", "a", "b"}).must(t)
	same(t, "order", one, other)
}

func TestScannableCodesGoToTheLineAndNotToTheArticle(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value any
		want  []string
	}{
		"a set":                {[]any{"4000000000013", "4000000000020"}, []string{"4000000000013", "4000000000020"}},
		"one text":             {"4000000000013", []string{"4000000000013"}},
		"one number":           {4000000000013, []string{"4000000000013"}},
		"twice, blank, spaced": {[]any{" 4000000000013", "", "4000000000013 "}, []string{"4000000000013"}},
		"nothing":              {nil, nil},
		"an empty set":         {[]any{}, nil},
	} {
		mapped, notes := attributed("scannableCodes", test.value).must(t)
		noted(t, notes)
		same(t, name, test.want, mapped.OrderLineItems[0].ScannableCodes)
		if got := described(mapped); got != nil {
			t.Errorf("%s: the article gets them too: %v", name, got)
		}
	}
}

func TestMoreThanFulfillmenttoolsTakesIsLeftOutAndNoted(t *testing.T) {
	t.Parallel()
	var pairs, codes []any
	for i := range 502 {
		pairs = append(pairs, fmt.Sprintf("attribute-%d", i), "x")
		codes = append(codes, fmt.Sprintf("code-%d", i))
	}
	mapped, notes := attributed(append(pairs, "scannableCodes", codes)...).must(t)
	line := mapped.OrderLineItems[0]
	if got := len(described(mapped)); got != 493 || len(line.Article.Attributes) > 500 || len(line.ScannableCodes) != 500 {
		t.Errorf("%d attributes and %d codes", got, len(line.ScannableCodes))
	}
	noted(t, notes, "line 1: 9 of 502 attributes left out", "line 1: 2 scannable codes left out")
}

func TestAnAttributeWithoutANameIsLeftOut(t *testing.T) {
	t.Parallel()
	mapped, _ := attributed("", "value").must(t)
	if got := described(mapped); got != nil {
		t.Errorf("%v", got)
	}
}
