package export

import (
	"fmt"
	"strings"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

// applyLineSettings writes what the shop's expressions result in over what the rules made of the
// lines, and applyOrderSettings over all else, by path. What relates both platforms' orders stays
// as it is.
func (m *mapping) applyLineSettings(to *fulfillmenttools.OrderForCreation) { m.applySettings(to, true) }

func (m *mapping) applyOrderSettings(to *fulfillmenttools.OrderForCreation) {
	m.applySettings(to, false)
	if len(m.shop.Export.Set) > 0 {
		m.restoreReferences(to)
	}
}

// setOrigin is where --explain says that such a field is from.
const setOrigin = "export.set"

func (m *mapping) applySettings(to *fulfillmenttools.OrderForCreation, lines bool) {
	for _, path := range sortedKeys(m.shop.Export.Set) {
		if lines != strings.HasPrefix(path, "orderLineItems") {
			continue
		}
		target, err := rules.TargetOf(path)
		if err != nil {
			m.addProblem("export.set: %s", err)
			continue
		}
		expression := m.shop.Export.Set[path]
		applyRules(m, place{}, []rule[*rules.Target, fulfillmenttools.OrderForCreation]{{
			path, m.expressionSource(expression), func(m *mapping, target *rules.Target, to *fulfillmenttools.OrderForCreation) {
				if err := m.applySetting(*target, expression, to); err != nil {
					m.addProblem("export.set.%s: %s", path, err)
				}
			},
		}}, &target, to)
	}
}

// expressionSource is where a field that is set comes from: the expression, as it was written.
func (m *mapping) expressionSource(expression rules.Expression) string {
	if m.trail == nil {
		return setOrigin
	}
	return setOrigin + ": " + strings.Join(strings.Fields(expression.String()), " ")
}

func (m *mapping) applySetting(target rules.Target, expression rules.Expression, to *fulfillmenttools.OrderForCreation) error {
	if !target.PerLine {
		value, err := expression.EvalValue(m.orderScope())
		if err != nil {
			return err
		}
		return m.setOrderField(target, value, to)
	}
	if len(m.items) != len(to.OrderLineItems) {
		return fmt.Errorf("the lines were set already")
	}
	for n := range to.OrderLineItems {
		value, err := expression.EvalValue(m.lineScope(n))
		if err != nil {
			return err
		}
		if err := target.SetLine(&to.OrderLineItems[n], value); err != nil {
			return err
		}
	}
	return nil
}

// setOrderField keeps to one way of delivery: what is set within shipping is for orders that
// ship, and what sets one of both ways as a whole takes the place of the other.
func (m *mapping) setOrderField(target rules.Target, value any, to *fulfillmenttools.OrderForCreation) error {
	ways := to.DeliveryPreferences
	if value == nil {
		return target.Set(to, value)
	}
	switch {
	case strings.HasPrefix(target.Path, "deliveryPreferences.shipping.") && ways.Shipping == nil:
		m.addNote("export.set.%s: the order is collected, left out", target.Path)
		return nil
	case target.Path == "deliveryPreferences.shipping":
		ways.Collect = nil
	case target.Path == "deliveryPreferences.collect":
		ways.Shipping = nil
	}
	return target.Set(to, value)
}

// restoreReferences puts back what events find their order and its lines by. Lines that were set as
// a whole are the items' only where their articles are.
func (m *mapping) restoreReferences(to *fulfillmenttools.OrderForCreation) {
	applyRules(m, place{}, relations, m.order, to)
	if len(m.items) != len(to.OrderLineItems) {
		return
	}
	whole := m.shop.Export.Set["orderLineItems"].IsSet()
	for n := range to.OrderLineItems {
		if line := &to.OrderLineItems[n]; !whole || line.Article.TenantArticleID == m.items[n].article {
			m.setLineID(&m.items[n], line)
		}
	}
}
