package export

import (
	"slices"
	"strings"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/rules"
)

func (m *mapping) storeTag(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	if m.shop.StoreTag != "" && order.Store != nil {
		tag(to, m.shop.StoreTag, order.Store.Key)
	}
}

// fieldTags are the values of the configured custom fields; as in the existing connector
// 0 gives none.
func (m *mapping) fieldTags(order *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	for _, field := range sortedKeys(m.shop.FieldTags) {
		if value, ok := order.Snapshot.Fields[field]; ok && value != 0.0 && !tagged(to, m.shop.FieldTags[field], value) {
			m.note("tags: custom field %q holds no plain value, left out", field)
		}
	}
}

func (m *mapping) ruleTags(_ *commercetools.Order, to *fulfillmenttools.OrderForCreation) {
	for i, rule := range m.shop.Export.Tags {
		value, err := rule.Value.Value(m.orderScope())
		if err != nil {
			m.problem("export.tags[%d].value: %s", i, err)
		} else if !tagged(to, rule.ID, value) {
			m.note("tags: export.tags[%d] results in no plain value, left out", i)
		}
	}
}

// tagged adds a tag with the value, or of a list one for each of its values. It reports
// false for a value that no tag can have.
func tagged(to *fulfillmenttools.OrderForCreation, id string, value any) bool {
	plain := true
	for _, value := range elementsOf(value) {
		text, ok := rules.PlainText(value)
		plain = plain && ok
		if ok && value != false {
			tag(to, id, text)
		}
	}
	return plain
}

// tag adds a tag that is not there yet; an empty value is none.
func tag(to *fulfillmenttools.OrderForCreation, id, value string) {
	added := fulfillmenttools.Tag{ID: id, Value: strings.TrimSpace(value)}
	if added.Value != "" && !slices.Contains(to.Tags, added) {
		to.Tags = append(to.Tags, added)
	}
}
