package export

import (
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

// setStatus locks an order that the shop wants held: it is routed but not picked.
func (m *mapping) setStatus(_ *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	hold := m.shop.Export.Hold
	if !hold.IsSet() {
		return
	}
	held, err := hold.EvalBool(m.orderScope())
	if err != nil {
		m.addProblem("export.hold: %s", err)
	}
	if held {
		to.Status = fulfillmenttools.OrderLocked
	}
}

// defaultPriority is a sticker's without one.
const defaultPriority = 1000

func (m *mapping) setStickers(_ *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	for i, rule := range m.shop.Export.Stickers {
		if rule.When.IsSet() {
			wanted, err := rule.When.EvalBool(m.orderScope())
			if err != nil {
				m.addProblem("export.stickers[%d].when: %s", i, err)
			}
			if !wanted {
				continue
			}
		}
		sticker := fulfillmenttools.Sticker{Key: rule.Key, NameLocalized: rule.Name, Color: rule.Color, Priority: rule.Priority}
		if sticker.Priority == 0 {
			sticker.Priority = defaultPriority
		}
		to.Stickers = append(to.Stickers, sticker)
	}
}

// setCustomServices are on the articles of the lines that they are wanted for, as the lines
// are in the end.
func (m *mapping) setCustomServices(_ *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	for i, rule := range m.shop.Export.CustomServices {
		var articles []fulfillmenttools.ArticleItem
		for n := range m.items {
			wanted, err := !rule.When.IsSet(), error(nil)
			if !wanted {
				wanted, err = rule.When.EvalBool(m.lineScope(n))
			}
			if err != nil {
				m.addProblem("export.customServices[%d].when: %s", i, err)
				break
			}
			if wanted {
				articles = addArticle(articles, m.sentArticle(n, to))
			}
		}
		if len(articles) > 0 {
			to.CustomServices = append(to.CustomServices, fulfillmenttools.CustomService{
				Definition:   fulfillmenttools.CustomServiceDefinition{TenantCustomServiceID: rule.TenantCustomServiceID},
				ArticleItems: articles, Items: []fulfillmenttools.CustomService{},
			})
		}
	}
}

// sentArticle is the article and quantity that an item is sent with.
func (m *mapping) sentArticle(n int, to *fulfillmenttools.OrderForCreation) fulfillmenttools.ArticleItem {
	if len(m.items) == len(to.OrderLineItems) {
		line := &to.OrderLineItems[n]
		return fulfillmenttools.ArticleItem{TenantArticleRef: line.Article.TenantArticleID, Quantity: float64(line.Quantity)}
	}
	return fulfillmenttools.ArticleItem{TenantArticleRef: m.items[n].article, Quantity: float64(m.items[n].amount)}
}

// addArticle counts pieces by article: a line has no name of its own there.
func addArticle(articles []fulfillmenttools.ArticleItem, line fulfillmenttools.ArticleItem) []fulfillmenttools.ArticleItem {
	at := slices.IndexFunc(articles, func(a fulfillmenttools.ArticleItem) bool { return a.TenantArticleRef == line.TenantArticleRef })
	if at < 0 {
		return append(articles, line)
	}
	articles[at].Quantity += line.Quantity
	return articles
}

// lineScope is what expressions about a line read.
func (m *mapping) lineScope(n int) rules.LineScope {
	scope, from := m.orderScope(), &m.items[n]
	lines := scope.Order.LineItems
	if from.custom != nil {
		lines = scope.Order.CustomLineItems
	}
	return rules.LineScope{Order: scope.Order, Line: lines[from.index], Budget: scope.Budget}
}
