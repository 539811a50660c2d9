package export

import (
	"fmt"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

func (m *mapping) setStoreTag(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if m.shop.StoreTag != "" && order.Store != nil {
		addTag(to, m.shop.StoreTag, order.Store.Key)
	}
}

// setFieldTags are the values of the configured custom fields; as in the existing connector
// 0 gives none, in a set neither.
func (m *mapping) setFieldTags(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	for _, field := range sortedKeys(m.shop.FieldTags) {
		value, ok := order.Snapshot.Fields[field]
		if !ok {
			continue
		}
		values := slices.DeleteFunc(slices.Clone(elementsOf(value)), func(v any) bool { return v == 0.0 })
		applyRules(m, place{}, []rule[any, fulfillmenttools.OrderForCreation]{{
			"tags[]", "custom.fields." + field, func(m *mapping, value any, to *fulfillmenttools.OrderForCreation) {
				if !addTags(to, m.shop.FieldTags[field], value) {
					m.addNote("tags: custom field %q holds no plain value, left out", field)
				}
			},
		}}, any(values), to)
	}
}

func (m *mapping) setRuleTags(_ *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	for i, tagRule := range m.shop.Export.Tags {
		where := fmt.Sprintf("export.tags[%d]", i)
		applyRules(m, place{}, []rule[config.TagRule, fulfillmenttools.OrderForCreation]{{"tags[]", where, func(m *mapping, from config.TagRule, to *fulfillmenttools.OrderForCreation) {
			value, err := from.Value.EvalValue(m.orderScope())
			if err != nil {
				m.addProblem("%s.value: %s", where, err)
			} else if !addTags(to, from.ID, value) {
				m.addNote("tags: %s results in no plain value, left out", where)
			}
		}}}, tagRule, to)
	}
}

// addTags adds a tag with the value, or of a list one for each of its values. It reports
// false for a value that no tag can have.
func addTags(to *fulfillmenttools.OrderForCreation, id string, value any) bool {
	plain := true
	for _, value := range elementsOf(value) {
		text, ok := rules.PlainText(value)
		plain = plain && ok
		if ok && value != false {
			addTag(to, id, text)
		}
	}
	return plain
}

// addTag adds a tag that is not there yet; an empty value is none.
func addTag(to *fulfillmenttools.OrderForCreation, id, value string) {
	added := fulfillmenttools.Tag{ID: id, Value: withoutInvisible(value)}
	if added.Value != "" && !slices.Contains(to.Tags, added) {
		to.Tags = append(to.Tags, added)
	}
}
