package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fftconnect/internal/config"
	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/remote"
)

// Differences are the fields that the shop changed after the export and that
// fulfillmenttools shows otherwise, by kind of change.
type differences map[changeKind][]string

// compareSent compares what was sent, what would be sent now, and what is there. Where both
// sides changed a field the shop's change counts; what only fulfillmenttools or its people
// changed stays.
func compareSent(orderID string, before sent, now, there values) differences {
	found := differences{}
	paths := maps.Clone(now)
	maps.Copy(paths, there)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		wanted, wants := now[path]
		has, is := there[path]
		changed := wants && !before.wasSentAs(orderID, path, wanted) || !wants && before.wasSent(orderID, path)
		if changed && (wants != is || wanted != has) {
			kind := kindOfPath(path)
			found[kind] = append(found[kind], path)
		}
	}
	return found
}

// onlyWithRule leaves those kinds to which the rules do the same.
func (d differences) onlyWithRule(rules config.ChangeRules, what string) differences {
	left := differences{}
	for kind, paths := range d {
		if ruleFor(rules, kind) == what {
			left[kind] = paths
		}
	}
	return left
}

func ruleFor(rules config.ChangeRules, kind changeKind) string {
	return []string{rules.Addresses, rules.Lines, rules.DeliveryTime, rules.CustomAttributes}[kind]
}

// describe tell the differences without what they say of a person.
func (d differences) describe(now, there values) string {
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(d)) {
		for _, path := range d[kind] {
			if kind == lineChange {
				all = append(all, fmt.Sprintf("line %s has %s pieces, in fulfillmenttools %s",
					strings.TrimPrefix(path, linePath), firstOf(now[path], "no"), firstOf(there[path], "none")))
				continue
			}
			all = append(all, path)
		}
	}
	return strings.Join(all, ", ")
}

// presumedSent is what was probably sent when nobody remembers: what is there, but for what
// somebody else has changed there, which counts as what would be sent now.
func presumedSent(orderID string, document map[string]any, now, there values) sent {
	theirs := modifiedByOthers(document)
	base := values{}
	for path, value := range there {
		if _, wanted := now[path]; wanted || isPathWeSend(path) {
			base[path] = value
		}
	}
	for path := range valuesOfKinds(base, theirs) {
		delete(base, path)
	}
	for path, value := range valuesOfKinds(now, theirs) {
		base[path] = value
	}
	return sentValues(orderID, base)
}

func valuesOfKinds(v values, theirs map[changeKind]bool) values {
	found := values{}
	for path, value := range v {
		if theirs[kindOfPath(path)] {
			found[path] = value
		}
	}
	return found
}

// isPathWeSend reports a field that is there because it was sent: fulfillmenttools and others add
// attributes and coordinates.
func isPathWeSend(path string) bool {
	return !strings.HasPrefix(path, attributePath) && !strings.HasSuffix(path, ".coordinates") && !strings.HasSuffix(path, ".customAttributes")
}

// ourComment marks our modifications among others'.
const ourComment = "changed in commercetools"

func modifiedByOthers(document map[string]any) map[changeKind]bool {
	names := map[string]changeKind{
		"consumer": addressChange, "orderLineItems": lineChange, timePath: timeChange, "customAttributes": attributeChange,
	}
	last := map[changeKind]bool{}
	for _, detail := range objectsIn(document["updateDetails"]) {
		changes, _ := detail["changes"].(map[string]any)
		for name := range changes {
			if kind, known := names[name]; known {
				last[kind] = detail["comment"] != ourComment
			}
		}
	}
	return last
}

// newModification brings what differs to what would be sent now, and leaves the rest as it is.
func newModification(document map[string]any, differs differences, now values, lines []fulfillmenttools.OrderLineItem) fulfillmenttools.OrderForUpdate {
	change := fulfillmenttools.OrderForUpdate{Version: int(numberOf(document["version"])), Comment: ourComment}
	if paths := differs[addressChange]; len(paths) > 0 {
		change.Consumer = modifiedConsumer(document["consumer"], paths, now)
	}
	if paths := differs[lineChange]; len(paths) > 0 {
		change.OrderLineItems = modifiedLines(document, paths, now, lines)
	}
	if len(differs[timeChange]) > 0 {
		change.PreferredHandlingTime = now[timePath]
	}
	if paths := differs[attributeChange]; len(paths) > 0 {
		attributes, _ := document["customAttributes"].(map[string]any)
		change.CustomAttributes = maps.Clone(attributes)
		for _, path := range paths {
			setJSONOrDelete(&change.CustomAttributes, strings.TrimPrefix(path, attributePath), now[path])
		}
	}
	return change
}

func numberOf(value any) float64 {
	n, _ := value.(float64)
	return n
}

// setJSONOrDelete puts a value that is written as JSON; nothing deletes the key.
func setJSONOrDelete(object *map[string]any, key, text string) {
	if *object == nil {
		*object = map[string]any{}
	}
	var value any
	if text == "" || remote.Decode([]byte(text), &value) != nil {
		delete(*object, key)
		return
	}
	(*object)[key] = value
}

func modifiedConsumer(there any, paths []string, now values) map[string]any {
	consumer, _ := there.(map[string]any)
	addresses := addressesOf(consumer)
	consumer = maps.Clone(consumer)
	for i := range addresses {
		addresses[i].fields = maps.Clone(addresses[i].fields)
	}
	for _, path := range paths {
		rest := strings.TrimPrefix(path, consumerPath)
		inAddress, ok := strings.CutPrefix(rest, "addresses.")
		if !ok {
			setJSONOrDelete(&consumer, rest, now[path])
			continue
		}
		name, key, _ := strings.Cut(inAddress, ".")
		at := slices.IndexFunc(addresses, func(a namedAddress) bool { return a.name == name })
		if at < 0 {
			kind, _, _ := strings.Cut(name, "#")
			at, addresses = len(addresses), append(addresses, namedAddress{name, map[string]any{"addressType": kind}})
		}
		setJSONOrDelete(&addresses[at].fields, key, now[path])
	}
	var all []any
	for _, address := range addresses {
		if _, there := address.fields["country"]; there { // else all of it was removed
			all = append(all, address.fields)
		}
	}
	if consumer == nil {
		consumer = map[string]any{}
	}
	consumer["addresses"] = all
	return consumer
}

// modifiedLines are all lines of the order as it is to be. Added ones say in their article
// which line they are: nothing else of a line can be said in a modification.
func modifiedLines(document map[string]any, paths []string, now values, lines []fulfillmenttools.OrderLineItem) []fulfillmenttools.LineForUpdate {
	var all []fulfillmenttools.LineForUpdate
	ids := lineIDs(document, lines)
	for i, line := range objectsIn(document["orderLineItems"]) {
		id, _ := line["id"].(string)
		quantity := int(numberOf(line["quantity"]))
		if path := linePath + ids[i]; slices.Contains(paths, path) {
			quantity = quantityOf(now[path])
		}
		if quantity > 0 {
			all = append(all, fulfillmenttools.LineForUpdate{ID: id, Quantity: quantity, Article: line["article"]})
		}
	}
	for _, line := range lines {
		id := lineIDOf(line.CustomAttributes)
		if !slices.Contains(ids, id) && slices.Contains(paths, linePath+id) {
			article := line.Article
			article.CustomAttributes = maps.Clone(article.CustomAttributes)
			setAttribute(&article.CustomAttributes, fulfillmenttools.AttributeOrderID, id)
			all = append(all, fulfillmenttools.LineForUpdate{Quantity: line.Quantity, Article: article})
		}
	}
	return all
}

func quantityOf(text string) int {
	var n float64
	_ = json.Unmarshal([]byte(text), &n)
	return int(n)
}
