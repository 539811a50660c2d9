package export

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// values are the fields of an order there that may change after its export, by path, each
// as JSON. Lines are named by commercetools' ids, addresses by their type.
type values map[string]string

// changeKind is what kind of change one of a field is.
type changeKind int

const (
	addressChange changeKind = iota
	lineChange
	timeChange
	attributeChange
)

// changeKinds names them as export.changes does.
var changeKinds = []string{"addresses", "lines", "deliveryTime", "customAttributes"}

func (k changeKind) String() string { return changeKinds[k] }

// Beginnings of paths.
const (
	consumerPath  = "consumer."
	linePath      = "orderLineItems."
	timePath      = "preferredHandlingTime"
	attributePath = "customAttributes."
)

func kindOfPath(path string) changeKind {
	switch {
	case strings.HasPrefix(path, linePath):
		return lineChange
	case path == timePath:
		return timeChange
	case strings.HasPrefix(path, attributePath):
		return attributeChange
	default:
		return addressChange
	}
}

// valuesOf are those of an order as it would be created.
func valuesOf(order fulfillmenttools.OrderForCreation) (values, error) {
	text, err := json.Marshal(fulfillmenttools.OrderForCreation{ // all that valuesIn reads but the lines, which are most of it
		Consumer: order.Consumer, DeliveryPreferences: order.DeliveryPreferences, CustomAttributes: order.CustomAttributes,
	})
	if err != nil {
		return nil, err
	}
	var document map[string]any
	if err := remote.Decode(text, &document); err != nil { // as what fulfillmenttools shows is read
		return nil, err
	}
	v := valuesIn(document, nil)
	for _, line := range order.OrderLineItems {
		v.addQuantity(lineIDOf(line.CustomAttributes), line.Quantity)
	}
	return v, nil
}

// valuesIn are those of an order as fulfillmenttools shows it. ids are commercetools' of
// its lines; empty: not one of ours.
func valuesIn(document map[string]any, ids []string) values {
	v := values{}
	consumer, _ := document["consumer"].(map[string]any)
	for name, below := range consumer {
		if name != "addresses" {
			v.addValue(consumerPath+name, below)
		}
	}
	for _, address := range addressesOf(consumer) {
		for name, below := range address.fields {
			v.addValue(consumerPath+"addresses."+address.name+"."+name, below)
		}
	}
	for i, line := range objectsIn(document["orderLineItems"]) {
		if i < len(ids) {
			v.addQuantity(ids[i], line["quantity"])
		}
	}
	if at := wantedTime(document); at != "" {
		v[timePath] = at
	}
	attributes, _ := document["customAttributes"].(map[string]any)
	for name, below := range attributes {
		v.addValue(attributePath+name, below)
	}
	return v
}

// addQuantity is of a line of ours, which has an id.
func (v values) addQuantity(lineID string, quantity any) {
	if lineID != "" {
		v.addValue(linePath+lineID, quantity)
	}
}

// addValue leaves out what is nothing: it is not sent.
func (v values) addValue(path string, value any) {
	switch below := value.(type) {
	case nil:
		return
	case string:
		if below == "" {
			return
		}
	case []any:
		if len(below) == 0 {
			return
		}
	case map[string]any:
		if len(below) == 0 {
			return
		}
	}
	if text, err := json.Marshal(value); err == nil {
		v[path] = string(text)
	}
}

// namedAddress is an address of a consumer.
type namedAddress struct {
	name   string // its type; the second of a type has #2 behind it
	fields map[string]any
}

func addressesOf(consumer map[string]any) []namedAddress {
	var all []namedAddress
	count := map[string]int{}
	for _, fields := range objectsIn(consumer["addresses"]) {
		name, _ := fields["addressType"].(string)
		if name == "" {
			name = fulfillmenttools.PostalAddress
		}
		if count[name]++; count[name] > 1 {
			name = fmt.Sprintf("%s#%d", name, count[name])
		}
		all = append(all, namedAddress{name, fields})
	}
	return all
}

func objectsIn(value any) []map[string]any {
	list, _ := value.([]any)
	all := make([]map[string]any, 0, len(list))
	for _, entry := range list {
		if object, ok := entry.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all
}

// wantedTime is when the order is wanted, as one text for one moment; empty when nothing
// says so.
func wantedTime(document map[string]any) string {
	preferences, _ := document["deliveryPreferences"].(map[string]any)
	shipping, _ := preferences["shipping"].(map[string]any)
	text, _ := shipping["desiredDeliveryTime"].(string)
	if collect := objectsIn(preferences["collect"]); len(collect) > 0 {
		text, _ = collect[0]["provisioningTime"].(string)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

// lineIDOf is commercetools' id of a line; empty when it names none.
func lineIDOf(attributes any) string {
	all, _ := attributes.(map[string]any)
	id, _ := all[fulfillmenttools.AttributeOrderID].(string)
	return id
}

// lineIDs are commercetools' ids of the lines there: those that they name, or else, for a
// line that was added by a modification, that of a line of the same article.
func lineIDs(document map[string]any, now []fulfillmenttools.OrderLineItem) []string {
	lines := objectsIn(document["orderLineItems"])
	ids, taken := make([]string, len(lines)), map[string]bool{}
	for i, line := range lines {
		article, _ := line["article"].(map[string]any)
		if ids[i] = firstOf(lineIDOf(line["customAttributes"]), lineIDOf(article["customAttributes"])); ids[i] != "" {
			taken[ids[i]] = true
		}
	}
	for i, line := range lines {
		article, _ := line["article"].(map[string]any)
		for _, wanted := range now {
			id := lineIDOf(wanted.CustomAttributes)
			if ids[i] == "" && !taken[id] && article["tenantArticleId"] == wanted.Article.TenantArticleID {
				ids[i], taken[id] = id, true
			}
		}
	}
	return ids
}
