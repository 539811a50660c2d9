package export

import (
	"fmt"
	"strings"

	"github.com/labd/commercetools-go-sdk/platform"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
)

// Surroundings is what a mapping knows beside the order.
type Surroundings struct {
	ProjectKey      string
	Languages       []string          // of the project, in its order
	Country         string            // of the project; stands for a missing one
	StoreFacilities []string          // keys of the order's store's supply channels
	ChannelKeys     map[string]string // channel id to key, for references in custom fields
}

// maxLines is fulfillmenttools' limit for one order.
const maxLines = 500

// TenantOrderID is the name that an order has in fulfillmenttools: its order
// number as it is, else its id.
func TenantOrderID(id, orderNumber string) string {
	if strings.TrimSpace(orderNumber) != "" {
		return orderNumber
	}
	return id
}

// Map turns a commercetools order into a fulfillmenttools order. It reads only its
// arguments. The notes name every fallback that it took; the error is *Unmappable.
func Map(order commercetools.Order, shop config.Shop, surroundings Surroundings) (fulfillmenttools.OrderForCreation, []string, error) {
	var n notes
	var problems []string
	l := languagesOf(orEmpty(order.Locale), surroundings.Languages)
	info, shippingAddress := shippingOf(order, &n)
	delivery := deliveryOf(info, shop, &n)

	mapped := fulfillmenttools.OrderForCreation{
		TenantOrderID: TenantOrderID(order.ID, order.Snapshot.OrderNumber),
		OrderDate:     order.CreatedAt,
		CustomAttributes: map[string]any{
			fulfillmenttools.AttributeOrderID:    order.ID,
			fulfillmenttools.AttributeProjectKey: surroundings.ProjectKey,
		},
		PaymentInfo: &fulfillmenttools.PaymentInfo{Currency: order.TotalPrice.CurrencyCode},
		Tags:        tagsOf(order, shop, &n),
	}
	var missing []string
	mapped.Consumer, missing = consumerOf(order, shippingAddress, delivery, surroundings, &n)
	problems = append(problems, missing...)
	mapped.OrderLineItems, missing = linesOf(order, l, &n)
	problems = append(problems, missing...)
	wishes, err := preferences(order, delivery, shop, surroundings)
	if err != nil {
		problems = append(problems, err.Error())
	}
	mapped.DeliveryPreferences = wishes
	if len(problems) > 0 {
		return fulfillmenttools.OrderForCreation{}, n, &Unmappable{Problems: problems}
	}
	return mapped, n, nil
}

// consumerOf maps both addresses. Only a shipped order must have a complete one to
// ship to; another incomplete address is left out, since fulfillmenttools would
// refuse the order because of it.
func consumerOf(order commercetools.Order, shipping *platform.Address, delivery config.Delivery, surroundings Surroundings, n *notes) (fulfillmenttools.Consumer, []string) {
	consumer := fulfillmenttools.Consumer{ConsumerID: orEmpty(order.CustomerId)}
	country := firstOf(strings.ToUpper(orEmpty(order.Country)), surroundings.Country)
	ships := delivery.ServiceType != config.ServiceClickAndCollect
	if shipping == nil && ships {
		if order.BillingAddress == nil {
			return consumer, []string{"the order ships but has neither a shipping nor a billing address"}
		}
		n.add("shipping address: there is none, the billing address stands for it")
		shipping = order.BillingAddress
	}
	if shipping != nil {
		address, missing := addressOf(fulfillmenttools.PostalAddress, *shipping, country, orEmpty(order.CustomerEmail), n)
		if len(missing) == 0 {
			consumer.Addresses = append(consumer.Addresses, address)
		} else if ships {
			return consumer, missing
		} else {
			n.add("left out: %s", strings.Join(missing, ", "))
		}
	}
	if order.BillingAddress != nil {
		address, missing := addressOf(fulfillmenttools.InvoiceAddress, *order.BillingAddress, country, orEmpty(order.CustomerEmail), n)
		if len(missing) == 0 {
			consumer.Addresses = append(consumer.Addresses, address)
		} else {
			n.add("left out: %s", strings.Join(missing, ", "))
		}
	}
	return consumer, nil
}

func linesOf(order commercetools.Order, l languages, n *notes) ([]fulfillmenttools.OrderLineItem, []string) {
	lines := make([]fulfillmenttools.OrderLineItem, 0, len(order.LineItems))
	var problems []string
	for i, line := range order.LineItems {
		switch {
		case line.Quantity < 1:
			n.add("line %d: quantity %d, left out", i+1, line.Quantity)
		case articleID(line) == "":
			problems = append(problems, fmt.Sprintf("line %d has neither a SKU nor a product id", i+1))
		default:
			lines = append(lines, lineOf(i, line, l, n))
		}
	}
	if len(order.CustomLineItems) > 0 {
		n.add("custom line items: %d not exported", len(order.CustomLineItems))
	}
	switch {
	case len(lines) == 0 && len(problems) == 0:
		problems = []string{"the order has no line item to fulfil"}
	case len(lines) > maxLines:
		problems = append(problems, fmt.Sprintf("the order has %d lines, fulfillmenttools takes %d", len(lines), maxLines))
	}
	return lines, problems
}

func articleID(line platform.LineItem) string {
	return firstOf(orEmpty(line.Variant.Sku), strings.TrimSpace(line.ProductId))
}

func lineOf(index int, line platform.LineItem, l languages, n *notes) fulfillmenttools.OrderLineItem {
	article := fulfillmenttools.Article{
		TenantArticleID: articleID(line),
		TitleLocalized:  localeKeys(line.Name),
		Attributes:      articleAttributes(line.Variant.Attributes, l, n),
	}
	if orEmpty(line.Variant.Sku) == "" {
		n.add("line %d: the variant has no SKU, the product id stands for it", index+1)
	}
	title, exact := l.pick(line.Name)
	switch {
	case title == "":
		n.add("line %d: no title in any language, the article's number stands for it", index+1)
		title = article.TenantArticleID
	case !exact:
		n.add("line %d: no title in the order's language, another one stands for it", index+1)
	}
	article.Title = title
	if len(line.Variant.Images) > 0 {
		if address := line.Variant.Images[0].Url; strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
			article.ImageURL = address
		}
	}
	return fulfillmenttools.OrderLineItem{
		Article:          article,
		Quantity:         line.Quantity,
		ScannableCodes:   codesOf(line.Variant.Attributes, n),
		ShopPrice:        unitPrice(line),
		CustomAttributes: map[string]any{fulfillmenttools.AttributeOrderID: line.ID},
	}
}

// tagsOf adds the store's key and the values of the configured custom fields. A set
// gives a tag for each of its values.
func tagsOf(order commercetools.Order, shop config.Shop, n *notes) []fulfillmenttools.Tag {
	var tags []fulfillmenttools.Tag
	if shop.StoreTag != "" && order.Store != nil && order.Store.Key != "" {
		tags = append(tags, fulfillmenttools.Tag{ID: shop.StoreTag, Value: order.Store.Key})
	}
	for _, field := range sortedKeys(shop.FieldTags) {
		value, ok := order.Snapshot.Fields[field]
		if !ok {
			continue
		}
		values, set := value.([]any)
		if !set {
			values = []any{value}
		}
		for _, value := range values {
			if _, object := value.(map[string]any); object {
				n.add("tags: custom field %q holds no plain value, left out", field)
				continue
			}
			if text := attributeText(value, nil); text != "" && value != false {
				tags = append(tags, fulfillmenttools.Tag{ID: shop.FieldTags[field], Value: text})
			}
		}
	}
	return tags
}
