// Package forgery makes messages that no platform sent: what somebody says who knows the
// token but not the truth. Tests send them beside the true ones.
package forgery

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// names are those of the ids in an event that say whose its entity is, or what belongs to it.
var names = []string{
	"id", "orderRef", "pickJobRef", "commercetoolsId", "tenantOrderId", "parcelRef", "processId", "processRef", "shipmentRef",
}

// IsReference reports whether a field of this name says whose an entity is, or what
// belongs to it.
func IsReference(name string) bool { return slices.Contains(names, name) }

// References are the objects that hold an entity's references, by the references' names;
// of several of one name an outer one.
func References(entity any) map[string]map[string]any {
	found := map[string]map[string]any{}
	object, _ := entity.(map[string]any)
	for name, inner := range object {
		if _, text := inner.(string); text && IsReference(name) {
			found[name] = object
			continue
		}
		for name, holder := range References(inner) {
			if _, outer := object[name]; !outer {
				found[name] = holder
			}
		}
	}
	return found
}

// ReplaceReferences is one of the events with one of its references replaced by another event's, or
// by a made-up one; nil when there are no events. It draws from random.
func ReplaceReferences(random *rand.Rand, events [][]byte) []byte {
	if len(events) == 0 {
		return nil
	}
	mine, theirs := decodeEvent(events[random.IntN(len(events))]), decodeEvent(events[random.IntN(len(events))])
	holders, others := References(mine["payload"]), References(theirs["payload"])
	sorted := slices.Sorted(maps.Keys(holders))
	if len(sorted) == 0 {
		return nil
	}
	name := sorted[random.IntN(len(sorted))]
	var value any = "made-up"
	if other := others[name]; other != nil && theirs["event"] == mine["event"] {
		value = other[name]
	}
	holders[name][name] = value
	text, err := json.Marshal(mine)
	if err != nil {
		panic(err) // it was JSON before
	}
	return text
}

func decodeEvent(event []byte) (body map[string]any) {
	if err := json.Unmarshal(event, &body); err != nil {
		panic("forgery: not an event: " + err.Error())
	}
	return body
}

// CounterpartEvent says that the commercetools order has a counterpart that does not exist.
func CounterpartEvent(projectKey, orderID string) []byte {
	return fmt.Appendf(nil, `{"event":"ORDER_CREATED","eventId":"forged","payload":{"id":"made-up","version":1,"status":"OPEN",`+
		`"customAttributes":{"commercetoolsId":%q,"commercetoolsProjectKey":%q}}}`, orderID, projectKey)
}

// DeletionMessage says, in commercetools' name, that the order was deleted.
func DeletionMessage(projectKey, orderID string) []byte {
	return fmt.Appendf(nil, `{"notificationType":"Message","projectKey":%q,"id":"forged","version":1,"sequenceNumber":1,"type":"OrderDeleted",`+
		`"resource":{"typeId":"order","id":%q},"resourceVersion":9}`, projectKey, orderID)
}
