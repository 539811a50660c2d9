package export_test

import (
	"testing"
)

func customLine(key, slug string) object {
	return object{
		"id": "custom-" + key + slug, "key": key, "slug": slug, "name": object{"en-GB": "Wrapping", "de-DE": "Verpackung"}, "quantity": 2,
		"money": euros(250), "totalPrice": euros(400), "discountedPricePerQuantity": []any{discounted(2, 200)}, "priceMode": "Standard",
	}
}

func customLines(lines ...any) func(object) {
	return func(o object) { o["customLineItems"] = lines }
}

func TestUpstreamDefect17CustomLineItemsAreExportedWhereWanted(t *testing.T) {
	t.Parallel()
	m := exporting(t, `{"discount":"perLine","customLineItems":{"keys":["gift-*"]}}`, customLines(customLine("gift-wrap", "wrap"), customLine("", "fee")))
	mapped, notes := m.must(t)
	noted(t, notes, "custom line items: 1 not exported")
	if len(mapped.OrderLineItems) != 2 {
		t.Fatalf("%d lines", len(mapped.OrderLineItems))
	}
	line := mapped.OrderLineItems[1]
	same(t, "article", "gift-wrap", line.Article.TenantArticleID)
	same(t, "title", "Verpackung", line.Article.Title)
	same(t, "titles", map[string]string{"en_US": "Wrapping", "de_DE": "Verpackung"}, line.Article.TitleLocalized)
	same(t, "quantity", 2, line.Quantity)
	same(t, "price", 2.5, *line.ShopPrice)
	same(t, "id", any("custom-gift-wrapwrap"), line.CustomAttributes["commercetoolsId"])
	mapped.OrderLineItems = mapped.OrderLineItems[1:]
	same(t, "prices", "shop.valuePerUnit=250 shop.currency=EUR basePrice.value=250 basePrice.currency=EUR basePrice.decimalPlaces=2 discount.value=100", priceTexts(mapped))
}

func TestPatternsOfCustomLineItems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rules, key, slug string
		exported         bool
	}{
		{`{"keys":["gift-*"]}`, "gift-wrap", "x", true},
		{`{"keys":["gift-*"]}`, "gift-", "x", true},
		{`{"keys":["gift-*"]}`, "a-gift-wrap", "x", false},
		{`{"keys":["gift-*"]}`, "", "gift-wrap", false},
		{`{"slugs":["*-wrap"]}`, "", "gift-wrap", true},
		{`{"slugs":["*-wrap"]}`, "", "gift-wrapped", false},
		{`{"slugs":["g*f*w*p"]}`, "", "gift-wrap", true},
		{`{"slugs":["g*w*f*p"]}`, "", "gift-wrap", false},
		{`{"slugs":["*"]}`, "k", "anything", true},
		{`{"keys":["*"]}`, "", "anything", false},
		{`{"keys":["wrap"]}`, "wrap", "", true},
		{`{"keys":["wrap"]}`, "wrapped", "", false},
		{`{"keys":["a*a"]}`, "a", "", false},
		{`{}`, "wrap", "wrap", false},
	} {
		mapped, _ := exporting(t, `{"customLineItems":`+test.rules+`}`, customLines(customLine(test.key, test.slug))).must(t)
		if got := len(mapped.OrderLineItems) == 2; got != test.exported {
			t.Errorf("%s with key %q and slug %q: exported %v", test.rules, test.key, test.slug, got)
		}
	}
}

func TestACustomLineItemAloneMakesAnOrder(t *testing.T) {
	t.Parallel()
	only := func(o object) {
		o["lineItems"] = []any{}
		customLines(customLine("", "wrap"))(o)
	}
	mapped, _ := exporting(t, `{"customLineItems":{"slugs":["wrap"]}}`, only).must(t)
	same(t, "article", "wrap", mapped.OrderLineItems[0].Article.TenantArticleID)
	same(t, "problems", []string{"the order has no line item to fulfil"}, changed(only).problems(t))
}

func TestACustomLineItemWithoutPiecesIsLeftOut(t *testing.T) {
	t.Parallel()
	none := customLine("", "wrap")
	none["quantity"] = 0
	mapped, notes := exporting(t, `{"customLineItems":{"slugs":["wrap"]}}`, customLines(none)).must(t)
	noted(t, notes, "custom line item 1: quantity 0, left out")
	same(t, "lines", 1, len(mapped.OrderLineItems))
}
