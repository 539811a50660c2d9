package main

import "cmp"

// floorCart is what the floor reads of an order in order to export it.
type floorCart struct {
	floorOrderHead
	OrderNumber string       `json:"orderNumber"`
	CreatedAt   string       `json:"createdAt"`
	Address     floorAddress `json:"shippingAddress"`
	Lines       []struct {
		Quantity int               `json:"quantity"`
		Name     map[string]string `json:"name"`
		Variant  struct {
			SKU string `json:"sku"`
		} `json:"variant"`
	} `json:"lineItems"`
}

type floorAddress struct {
	FirstName  string `json:"firstName"`
	LastName   string `json:"lastName"`
	Street     string `json:"streetName"`
	Number     string `json:"streetNumber"`
	PostalCode string `json:"postalCode"`
	City       string `json:"city"`
	Country    string `json:"country"`
}

// creation is a shipping order of the same lines.
func (c *floorCart) creation(number string) map[string]any {
	var lines []map[string]any
	for _, line := range c.Lines {
		title := ""
		for _, words := range line.Name {
			title = cmp.Or(title, words)
		}
		sku := cmp.Or(line.Variant.SKU, "none")
		lines = append(lines, map[string]any{
			"article": map[string]any{"tenantArticleId": sku, "title": cmp.Or(title, sku)}, "quantity": max(line.Quantity, 1),
		})
	}
	if len(lines) == 0 {
		lines = append(lines, map[string]any{"article": map[string]any{"tenantArticleId": "none", "title": "none"}, "quantity": 1})
	}
	a := c.Address
	return map[string]any{
		"tenantOrderId": number, "orderDate": c.CreatedAt, "orderLineItems": lines,
		"customAttributes": map[string]any{"commercetoolsId": c.ID},
		"consumer": map[string]any{"addresses": []any{map[string]any{
			"firstName": a.FirstName, "lastName": a.LastName, "street": cmp.Or(a.Street, "-"), "houseNumber": cmp.Or(a.Number, "-"),
			"postalCode": cmp.Or(a.PostalCode, "-"), "city": cmp.Or(a.City, "-"), "country": cmp.Or(a.Country, "DE"),
		}}},
		"deliveryPreferences": map[string]any{"shipping": map[string]any{"serviceLevel": "DELIVERY"}},
	}
}
