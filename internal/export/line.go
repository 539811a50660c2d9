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
	{"article.tenantArticleId", "variant.sku, productId; key, slug", (*mapping).setArticleID},
	{"article.title", "name", (*mapping).setTitle},
	{"article.titleLocalized", "name", (*mapping).setTitleLocalized},
	{"article.imageUrl", "variant.images[]", (*mapping).setImage},
	{"article.attributes[]", "variant.attributes[]", (*mapping).setAttributes},
	{"article.attributes[] shop", "price.discounted.value, price.value; money", (*mapping).addShopPrices},
	{"article.attributes[] basePrice", "price.value; money", (*mapping).addBasePrice},
	{"article.attributes[] discount", "price.value, quantity, totalPrice; money", (*mapping).addDiscount},
	{"article.attributes[] tax", "taxRate, perMethodTaxRate[]", (*mapping).addTax},
	{"quantity", "quantity", (*mapping).setQuantity},
	{"scannableCodes[]", "variant.attributes[]", (*mapping).setScannableCodes},
	{"shopPrice", "price.discounted.value, price.value; money", (*mapping).setShopPrice},
	{"customAttributes.commercetoolsId", "id", (*mapping).setLineID},
	{"customAttributes.commercetoolsShipTo[]", "shippingDetails.targets[]", (*mapping).setShipTo},
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

// lineName names the item in notes and problems.
func (i *item) lineName() string {
	if i.custom != nil {
		return customLabel(i.index)
	}
	return lineLabel(i.index)
}

// sourcePath is the item's in the commercetools order.
func (i *item) sourcePath() string {
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
		m.addProblem("%s", err)
	}
}

// mapLineItems exports every line item that has pieces, gifts included, unless export.lines
// leaves it out.
func (m *mapping) mapLineItems(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	to.OrderLineItems = make([]fulfillmenttools.OrderLineItem, 0, len(order.LineItems)+len(order.CustomLineItems))
	m.items = make([]item, 0, cap(to.OrderLineItems))
	for _, staying := range m.selected.excluded {
		if staying.Reason == noPieces {
			m.addNote("%s: quantity 0, left out", staying.Line)
		}
	}
	if n := m.selected.countExcluded(byRule); n > 0 {
		m.addNote("lines: %d left out by export.lines", n)
	}
	for _, i := range m.selected.lines {
		line := &order.LineItems[i]
		m.mapLine(item{
			line: line, index: i, id: line.ID, article: firstOf(orEmpty(line.Variant.Sku), strings.TrimSpace(line.ProductId)),
			names: line.Name, amount: line.Quantity, variant: &line.Variant, prices: pricesOf(line), targets: shippingTargetsOf(line.ShippingDetails),
		}, to)
	}
}

func (m *mapping) mapLine(from item, to *fulfillmenttools.OrderForCreation) {
	if from.article == "" {
		m.addProblem("%s has neither a SKU nor a product id", from.lineName())
		m.nameless = true
		return
	}
	n := len(m.items)
	m.items = append(m.items, from)
	to.OrderLineItems = append(to.OrderLineItems, fulfillmenttools.OrderLineItem{})
	applyRules(m, m.linePlace(&m.items[n], n), lineRules, &m.items[n], &to.OrderLineItems[n])
}

func (m *mapping) linePlace(from *item, index int) place {
	if m.trail == nil {
		return place{}
	}
	return m.listPlace("orderLineItems", index, from.sourcePath())
}

func (m *mapping) setArticleID(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.variant != nil && orEmpty(from.variant.Sku) == "" {
		m.addNote("%s: the variant has no SKU, the product id stands for it", from.lineName())
	}
	to.Article.TenantArticleID = from.article
}

// setTitle is never blank.
func (m *mapping) setTitle(from *item, to *fulfillmenttools.OrderLineItem) {
	title, instead := m.languages.textIn(from.names)
	switch {
	case title == "":
		m.addNote("%s: no title in any language, the article's number stands for it", from.lineName())
		title = from.article
	case instead != "":
		m.addNote("%s: no title in %s, the one in %s stands for it", from.lineName(), m.languages[0], instead)
	}
	to.Article.Title = title
}

func (m *mapping) setTitleLocalized(from *item, to *fulfillmenttools.OrderLineItem) {
	to.Article.TitleLocalized = withPlatformLocales(from.names)
}

// setImage is the first one that has an address of the web.
func (m *mapping) setImage(from *item, to *fulfillmenttools.OrderLineItem) {
	if from.variant == nil {
		return
	}
	for _, image := range from.variant.Images {
		if to.Article.ImageURL = webURL(image.Url); to.Article.ImageURL != "" {
			return
		}
	}
}

// webURL is the address with its scheme in small letters; one without a scheme (//)
// is https. It is empty for what is no address of the web.
func webURL(text string) string {
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

func (m *mapping) setQuantity(from *item, to *fulfillmenttools.OrderLineItem) {
	to.Quantity = from.amount
}

func (m *mapping) setLineID(from *item, to *fulfillmenttools.OrderLineItem) {
	setAttribute(&to.CustomAttributes, fulfillmenttools.AttributeOrderID, from.id)
}
