package export_test

import (
	"strings"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/export"
	"fftconnect/internal/fulfillmenttools"
)

// originOf is where --explain says that a field is from.
func originOf(t *testing.T, m mapping, field string) string {
	t.Helper()
	order, shop, surroundings := baseOrder(), shopConfig(), surroundings()
	if m.change != nil {
		m.change(order)
	}
	if m.shop != nil {
		m.shop(&shop)
	}
	for _, row := range export.Explain(decoded(t, order), shop, surroundings).Fields {
		if row.Field == field {
			return strings.TrimPrefix(row.Of+": "+row.From, ": ")
		}
	}
	return "no such field"
}

func TestOriginsAreTheTrueOnes(t *testing.T) {
	t.Parallel()
	tags := mapping{
		change: customFields(object{"gift": "a", "brand": []any{"b", "c"}}),
		shop: func(s *config.Shop) {
			s.FieldTags = map[string]string{"gift": "gift-tag", "brand": "brand-tag"}
			s.Export = exportRules(t, `{"tags":[{"id":"x","value":"nil"},{"id":"y","value":"\"z\""}]}`)
		},
	}
	billed := mapping{change: func(o object) { delete(o, "shippingAddress") }}
	own := mapping{change: func(o object) { o["shippingAddress"].(object)["email"] = "own@example.org" }}
	landless := mapping{change: func(o object) { o["shippingAddress"].(object)["country"] = "" }}
	for _, test := range []struct {
		m           mapping
		field, want string
	}{
		{tags, "tags[0].id", "custom.fields.brand"},
		{tags, "tags[1].value", "custom.fields.brand"},
		{tags, "tags[2].value", "custom.fields.gift"},
		{tags, "tags[3].value", "export.tags[1]"},
		{mapping{}, "consumer.addresses[0].email", "customerEmail"},
		{own, "consumer.addresses[0].email", "shipping address: email, export.email"},
		{own, "consumer.addresses[1].email", "customerEmail"},
		{billed, "consumer.addresses[0].city", "billing address: city"},
		{landless, "consumer.addresses[0].country", "the order's country"},
		{mapping{}, "consumer.addresses[0].country", "shipping address: country"},
	} {
		if got := originOf(t, test.m, test.field); got != test.want {
			t.Errorf("%s: got %s, want %s", test.field, got, test.want)
		}
	}
}

func TestProblemsNameTheTrueOrigin(t *testing.T) {
	t.Parallel()
	many := make([]any, 501)
	for i := range many {
		many[i] = "tag-" + strings.Repeat("x", i)
	}
	m := mapping{change: customFields(object{"brand": many}), shop: func(s *config.Shop) { s.FieldTags = map[string]string{"brand": "brand-tag"} }}
	if found := m.problems(t); len(found) != 1 || !strings.HasSuffix(found[0], "(from custom.fields.brand)") {
		t.Errorf("got %q", found)
	}
	m = exporting(t, `{"set":{"orderLineItems[].article.attributes[a].category":"\"colours\"","orderLineItems[].article.attributes[a]":"\"b\""}}`, nil)
	if found := m.problems(t); len(found) != 1 || !strings.HasSuffix(found[0], "(from export.set.orderLineItems[].article.attributes[a].category)") {
		t.Errorf("got %q", found)
	}
}

func TestServicesAreOnTheLinesAsTheyWereSet(t *testing.T) {
	t.Parallel()
	mapped, _ := exporting(t, `{"customServices":[{"tenantCustomServiceId":"wrap"}],"set":{"orderLineItems[].article.tenantArticleId":"\"X-\" + line.variant.sku","orderLineItems[].quantity":"line.quantity * 2"}}`, nil).must(t)
	same(t, "articles", []fulfillmenttools.ArticleItem{{TenantArticleRef: "X-LAMP-1", Quantity: 4}}, mapped.CustomServices[0].ArticleItems)
	mapped, _ = exporting(t, `{"customServices":[{"tenantCustomServiceId":"wrap"}],"set":{"customServices":"nil","orderLineItems[].article.tenantArticleId":"line.variant.key"}}`, nil).must(t)
	same(t, "a missing text leaves the SKU", "LAMP-1", mapped.OrderLineItems[0].Article.TenantArticleID)
}

func TestASetOfZeroTagsLikeZero(t *testing.T) {
	t.Parallel()
	for _, value := range []any{0, []any{0}, []any{}, []any{false}, nil} {
		m := mapping{change: customFields(object{"n": value}), shop: func(s *config.Shop) { s.FieldTags = map[string]string{"n": "n-tag"} }}
		mapped, notes := m.must(t)
		noted(t, notes)
		same(t, "tags", 0, len(mapped.Tags))
	}
	m := mapping{change: customFields(object{"n": []any{0, 5}}), shop: func(s *config.Shop) { s.FieldTags = map[string]string{"n": "n-tag"} }}
	mapped, _ := m.must(t)
	same(t, "tags", []fulfillmenttools.Tag{{ID: "n-tag", Value: "5"}}, mapped.Tags)
}

func TestADomainWithUmlautsBecomesOneThatMailServersTake(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"ada@bücher.example": "ada@xn--bcher-kva.example", "ada@BÜCHER.example": "ada@xn--bcher-kva.example", "ada@例え.jp": "ada@xn--r8jz45g.jp",
		"ada@-x.example": "mechthild@example.org", "ädä@bücher.example": "mechthild@example.org",
	} {
		mapped, _ := changed(func(o object) { o["shippingAddress"].(object)["email"] = given }).must(t)
		same(t, given, want, mapped.Consumer.Addresses[0].Email)
	}
	mapped, _ := changed(func(o object) { o["customerEmail"] = "ada@müller.de" }).must(t)
	same(t, "the customer's", "ada@xn--mller-kva.de", mapped.Consumer.Addresses[0].Email)
}

func TestAStreetThatNobodySeesIsNone(t *testing.T) {
	t.Parallel()
	found := changed(func(o object) { o["shippingAddress"].(object)["streetName"] = "\u200b\u2060" }).problems(t)
	same(t, "problems", []string{"shipping address has no street, building or PO box"}, found)
}

func TestOnlyALineThatReallyGoesElsewhereSaysSo(t *testing.T) {
	t.Parallel()
	same := func(o object) {
		targeted([]any{piecesTo("home", 2)}, nil)(o)
		o["itemShippingAddresses"] = []any{keyed("home", "Köln")}
	}
	for name, test := range map[string]struct {
		change    func(object)
		elsewhere bool
	}{
		"the order's address has no key": {same, false},
		"it has another one":             {func(o object) { same(o); o["shippingAddress"] = keyed("main", "Köln") }, false},
		"the billing address stands in": {func(o object) {
			same(o)
			delete(o, "shippingAddress")
			o["itemShippingAddresses"] = []any{keyed("x", "Ulm")}
		}, true},
		"another city":                          {func(o object) { same(o); o["shippingAddress"] = keyed("main", "Bonn") }, true},
		"the same key, and that is all we know": {func(o object) { same(o); o["shippingAddress"] = keyed("home", "Bonn") }, false},
	} {
		mapped, notes, err := changed(test.change).mapOrder(t)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, said := mapped.OrderLineItems[0].CustomAttributes["commercetoolsShipTo"]; said != test.elsewhere {
			t.Errorf("%s: says so: %v, notes %q", name, said, notes)
		}
	}
}
