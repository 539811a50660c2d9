package catalogue

import (
	"maps"
	"slices"
	"strconv"
)

// product is one thing the shop sells, in the parts that its order lines share.
type product struct {
	id, sku   string
	cents     int // euro cents
	name      map[string]any
	languages []string // that name has
	variant   map[string]any
	traits    []string // what is special about it
}

// article describes a product before it is assembled. An empty sku is none.
type article struct {
	sku, slug string
	cents     int
	name      map[string]any
	images    int
	shapes    []string // attribute shapes, names of the map that shapes returns
	codes     any      // value of the scannableCodes attribute
}

func catalogueArticles() []article {
	return []article{
		{"LAMP-HALM-01", "halm", 12900, localized("de-DE", "Stehlampe Halm", "en-GB", "Floor lamp Halm", "fr-FR", "Lampadaire Halm", "ja-JP", "フロアランプ", "pl-PL", "Lampa stojąca Halm"), 1, []string{"text", "number", "boolean", "lenum"}, []any{"4000000000013", "4000000000020"}},
		{"LINEN-140-200", "laken", 4990, localized("de-DE", "Leinenlaken 140 × 200", "en-GB", "Linen sheet", "fr-FR", "Drap en lin", "ja-JP", "リネンシーツ", "pl-PL", "Prześcieradło lniane"), 1, []string{"ltext", "enum", "set of ltext"}, nil},
		{"VASE/KRUG#3", "krug", 3450, localized("de-DE", "Vase „Krug“ <klein>", "en-GB", `Vase "Krug" <small>`, "fr-FR", "Vase", "ja-JP", "花瓶", "pl-PL", "Wazon"), 1, []string{"date", "set of enum", "set of lenum", "set of number"}, []any{"4000000000037"}},
		{"CANDLE-30H", "kerze", 1295, localized("de-DE", "Kerze", "en-GB", "Candle", "fr-FR", "Bougie", "ja-JP", "ろうそく", "pl-PL", "Świeca"), 1, []string{"time", "datetime", "set of date", "set of time", "set of datetime"}, "4000000000044"},
		{"TEA-SET-6", "teeservice", 8900, localized("de-DE", "Teeservice für sechs", "en-GB", "Tea set for six", "fr-FR", "Service à thé", "ja-JP", "茶器セット", "pl-PL", "Serwis do herbaty"), 3, []string{"nested", "set of nested", "reference", "set of reference"}, nil},
		{"BLANKET-WOOL", "decke", 7999, localized("de-DE", "Wolldecke", "en-GB", "Wool blanket", "fr-FR", "Couverture", "ja-JP", "毛布", "pl-PL", "Koc wełniany"), 2, []string{"money", "set of money", "set of boolean", "set of text"}, nil},
		{"", "gutscheinbox", 2500, localized("de-DE", "Gutscheinbox", "en-GB", "Voucher box", "fr-FR", "Coffret cadeau", "ja-JP", "ギフト券", "pl-PL", "Bon podarunkowy"), 0, nil, nil},
		{"POSTER-A2-0123456789", "plakat", 1900, localized("de-DE", "Plakat", "en-GB", "Poster", "fr-FR", "Affiche", "ja-JP", "ポスター", "pl-PL", "Plakat"), 4, []string{"text"}, nil},
		{"CUSHION-EN", "kissen", 2290, localized("en", "Cushion"), 1, []string{"enum"}, nil},
		{"RUG-SE", "teppich", 19900, localized("sv-SE", "Matta"), 1, []string{"number"}, nil},
		{"HOOK-S", "haken", 145, localized("de-DE", "Wandhaken", "en-GB", "Wall hook", "fr-FR", "Crochet", "ja-JP", "フック", "pl-PL", "Haczyk"), 1, nil, nil},
		{"SHELF-OAK", "regal", 24900, localized("de-DE", "Regal Eiche", "en-GB", "Oak shelf", "fr-FR", "Étagère", "ja-JP", "棚", "pl-PL", "Regał dębowy"), 1, []string{"boolean"}, nil},
	}
}

func products() []product {
	shapes := attributeShapes()
	all := make([]product, 0, len(catalogueArticles()))
	for i, a := range catalogueArticles() {
		all = append(all, a.assemble(i, shapes))
	}
	return all
}

func (a article) assemble(n int, shapes map[string]any) product {
	p := product{id: fixedID('a', n), sku: a.sku, cents: a.cents, name: a.name, languages: slices.Sorted(maps.Keys(a.name))}
	attributes := []any{}
	for _, shape := range a.shapes {
		attributes = append(attributes, map[string]any{"name": attributeName(shape), "value": shapes[shape]})
		p.traits = append(p.traits, attributePrefix+shape)
	}
	if a.codes != nil {
		attributes = append(attributes, map[string]any{"name": "scannableCodes", "value": a.codes})
		p.traits = append(p.traits, scannableCodes)
	}
	p.variant = map[string]any{"id": 1 + n%3, "attributes": attributes, "images": images(a.slug, a.images)}
	if a.sku != "" {
		p.variant["sku"] = a.sku
	} else {
		p.traits = append(p.traits, noSKU)
	}
	switch {
	case a.images == 0:
		p.traits = append(p.traits, noImage)
	case a.images > 1:
		p.traits = append(p.traits, severalImages)
	}
	return p
}

func images(slug string, n int) []any {
	all := []any{}
	for i := range n {
		all = append(all, map[string]any{
			"url":        "https://images.example.com/" + slug + "-" + strconv.Itoa(i+1) + ".jpg",
			"dimensions": map[string]any{"w": 1200, "h": 900},
		})
	}
	return all
}

// attributeName makes a shape's name one that commercetools accepts.
func attributeName(shape string) string {
	name := []byte("a-" + shape)
	for i, c := range name {
		if c == ' ' {
			name[i] = '-'
		}
	}
	return string(name)
}

// attributeShapes are all shapes that attribute values have, with an example of each.
func attributeShapes() map[string]any {
	medium := map[string]any{"key": "m", "label": "Medium"}
	large := map[string]any{"key": "l", "label": "Large"}
	blue := map[string]any{"key": "blue", "label": localized("de-DE", "Blau", "en-GB", "Blue", "fr-FR", "Bleu", "ja-JP", "青", "pl-PL", "Niebieski")}
	red := map[string]any{"key": "red", "label": localized("en", "Red")}
	care := localized("de-DE", "Handwäsche", "en-GB", "Wash by hand", "fr-FR", "Laver à la main", "ja-JP", "手洗い", "pl-PL", "Prać ręcznie")
	size := []any{
		map[string]any{"name": "height", "value": 12.5},
		map[string]any{"name": "unit", "value": map[string]any{"key": "cm", "label": "cm"}},
	}
	part := []any{
		map[string]any{"name": "piece", "value": localized("de-DE", "Tasse", "en-GB", "Cup")},
		map[string]any{"name": "size", "value": size},
	}
	return map[string]any{
		"text": "Halm & Krug, <b>hand-made</b>", "ltext": care, "enum": medium, "lenum": blue,
		"number": 152.5, "boolean": true, "money": euro(1999),
		"date": "2026-03-01", "time": "14:30:00.000", "datetime": "2026-03-01T14:30:00.000Z",
		"reference": reference("category", fixedID('c', 1)), "nested": size,
		"set of text": []any{"wool", "", "undyed"}, "set of ltext": []any{care, localized("en", "Iron warm")},
		"set of enum": []any{medium, large}, "set of lenum": []any{blue, red},
		"set of number": []any{10, 12.25}, "set of boolean": []any{true, false},
		"set of money": []any{euro(500), jpy.money(800)},
		"set of date":  []any{"2026-03-01", "2026-06-01"}, "set of time": []any{"08:00:00.000"},
		"set of datetime":  []any{"2026-03-01T14:30:00.000Z"},
		"set of reference": []any{reference("product", fixedID('a', 1)), reference("product", fixedID('a', 2))},
		"set of nested":    []any{part, size},
	}
}
