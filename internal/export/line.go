package export

import (
	"fmt"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

// lineRules fill a line, from a line item or a custom line item.
var lineRules = []rule[*item, fulfillmenttools.OrderLineItem]{
	{"article.tenantArticleId", "variant.sku, productId; key, slug", (*mapping).articleID},
	{"article.title", "name", (*mapping).title},
	{"article.titleLocalized", "name", (*mapping).titleLocalized},
	{"article.imageUrl", "variant.images[]", (*mapping).image},
	{"article.attributes[]", "variant.attributes[]", (*mapping).attributes},
	{"article.attributes[] shop", "price.discounted.value, price.value; money", (*mapping).shopPrices},
	{"article.attributes[] basePrice", "price.value; money", (*mapping).basePrice},
	{"article.attributes[] discount", "price.value, quantity, totalPrice; money", (*mapping).discount},
	{"article.attributes[] tax", "taxRate, perMethodTaxRate[]", (*mapping).tax},
	{"quantity", "quantity", (*mapping).quantity},
	{"scannableCodes[]", "variant.attributes[]", (*mapping).scannableCodes},
	{"shopPrice", "price.discounted.value, price.value; money", (*mapping).shopPrice},
	{"customAttributes.commercetoolsId", "id", (*mapping).lineID},
	{"customAttributes.commercetoolsShipTo[]", "shippingDetails.targets[]", (*mapping).shipTo},
}

// item is a line item or a custom line item.
type item struct {
	line    *platform.LineItem       // nil for a custom line item
	custom  *platform.CustomLineItem // nil for a line item
	index   int
	id      string
	article string // its number
	names   map[string]string
	amount  int
	variant *platform.ProductVariant // nil for a custom line item
	prices  prices
	targets []platform.ItemShippingTarget
}

// label names the item in notes and problems.
func (i *item) label() string {
	if i.custom != nil {
		return customLabel(i.index)
	}
	return lineLabel(i.index)
}

// path is the item's in the commercetools order.
func (i *item) path() string {
	if i.custom != nil {
		return fmt.Sprintf("customLineItems[%d]", i.index)
	}
	return fmt.Sprintf("lineItems[%d]", i.index)
}

// selectLines decides which lines go; where the rule fails, fulfillmenttools cannot have the
// order.
func (m *mapping) selectLines() {
	var err error
	if m.selected, err = selectLines(m.order, m.shop.Export, m.orderScope); err != nil {
		m.problem("%s", err)
	}
}

// lineItems exports every line item that has pieces, gifts included, unless export.lines
// leaves it out.
func (m *mapping) lineItems(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	to.OrderLineItems = make([]fulfillmenttools.OrderLineItem, 0, len(order.LineItems)+len(order.CustomLineItems))
	m.items = make([]item, 0, cap(to.OrderLineItems))
	for _, staying := range m.selected.stays {
		if staying.Reason == noPieces {
			m.note("%s: quantity 0, left out", staying.Line)
		}
	}
	if n := m.selected.count(byRule); n > 0 {
		m.note("lines: %d left out by export.lines", n)
	}
	for _, i := range m.selected.lines {
		line := &order.LineItems[i]
		m.export(item{
			line: line, index: i, id: line.ID, article: firstOf(orEmpty(line.Variant.Sku), strings.TrimSpace(line.ProductId)),
			names: line.Name, amount: line.Quantity, variant: &line.Variant, prices: pricesOf(line), targets: targetsOf(line.ShippingDetails),
		}, to)
	}
}

func (m *mapping) export(from item, to *fulfillmenttools.OrderForCreation) {
	if from.article == "" {
		m.problem("%s has neither a SKU nor a product id", from.label())
		m.nameless = true
		return
	}
	n := len(m.items)
	m.items = append(m.items, from)
	to.OrderLineItems = append(to.OrderLineItems, fulfillmenttools.OrderLineItem{})
	follow(m, m.linePlace(&m.items[n], n), lineRules, &m.items[n], &to.OrderLineItems[n])
}

func (m *mapping) linePlace(from *item, index int) place {
	if m.trail == nil {
		return place{}
	}
	return m.place("orderLineItems", index, from.path())
}

func (m *mapping) articleID(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.variant != nil && orEmpty(from.variant.Sku) == "" {
		m.note("%s: the variant has no SKU, the product id stands for it", from.label())
	}
	to.Article.TenantArticleID = from.article
}

// title is never blank.
func (m *mapping) title(from *item, to *fulfillmenttools.OrderLineItem) {
	title, instead := m.languages.pick(from.names)
	switch {
	case title == "":
		m.note("%s: no title in any language, the article's number stands for it", from.label())
		title = from.article
	case instead != "":
		m.note("%s: no title in %s, the one in %s stands for it", from.label(), m.languages[0], instead)
	}
	to.Article.Title = title
}

func (m *mapping) titleLocalized(from *item, to *fulfillmenttools.OrderLineItem) {
	to.Article.TitleLocalized = localized(from.names)
}

// image is the first one that has an address of the web.
func (m *mapping) image(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.variant == nil {
		return
	}
	for _, image := range from.variant.Images {
		if to.Article.ImageURL = webAddress(image.Url); to.Article.ImageURL != "" {
			return
		}
	}
}

// webAddress is the address with its scheme in small letters; one without a scheme (//)
// is https. It is empty for what is no address of the web.
func webAddress(text string) string {
	scheme, rest, found := strings.Cut(strings.TrimSpace(text), "//")
	switch scheme = strings.ToLower(scheme); {
	case !found || rest == "" || rest[0] == '/':
		return ""
	case scheme == "":
		return "https://" + rest
	case scheme == "https:" || scheme == "http:":
		return scheme + "//" + rest
	}
	return ""
}

func (m *mapping) quantity(from *item, to *fulfillmenttools.OrderLineItem) { to.Quantity = from.amount }

func (m *mapping) lineID(from *item, to *fulfillmenttools.OrderLineItem) {
	put(&to.CustomAttributes, fulfillmenttools.AttributeOrderID, from.id)
}
