package shadow

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"fftconnect/internal/remote"
)

// ignored are fields that fulfillmenttools adds to an order or to its parts.
var ignored = []string{
	"id", "version", "created", "lastModified", "processId", "schemaVersion", "anonymized",
	"workflowInformation", "statusReasons", "updateDetails", "cancelationReason", "status",
}

// names are how the parts of a list are told apart, by the list's name.
var names = map[string][]string{
	"orderLineItems": {"customAttributes.commercetoolsId", "article.tenantArticleId"},
	"attributes":     {"key"}, "addresses": {"addressType"}, "phoneNumbers": {"type"}, "tags": {"id"},
	"stickers": {"key"}, "customServices": {"customServiceDefinition.customServiceRef"},
}

// shown are fields whose values are no personal data, by how their path begins.
var shown = []string{
	"tenantOrderId", "orderDate", "paymentInfo.currency", "deliveryPreferences", "orderLineItems.quantity",
	"orderLineItems.shopPrice", "orderLineItems.article.title", "orderLineItems.article.titleLocalized", "orderLineItems.article.tenantArticleId",
	"orderLineItems.article.imageUrl", "orderLineItems.measurementUnitKey", "orderLineItems.scannableCodes",
}

// compareDocuments compares the order that we would create with the one that is there.
func compareDocuments(ours, theirs map[string]any) []Difference {
	var c comparison
	c.compareValues("", "", ours, theirs)
	return withoutRepetitions(c.found)
}

// toPlainObject is a value as JSON decodes it.
func toPlainObject(value any) (map[string]any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var document map[string]any
	err = remote.Decode(text, &document) // as what fulfillmenttools shows is read
	return document, err
}

type comparison struct{ found []Difference }

// compareValues compares what is at one place. path is without positions, place names the part
// of the innermost list.
func (c *comparison) compareValues(path, place string, ours, theirs any) {
	if isEmpty(ours) && isEmpty(theirs) {
		return
	}
	left, object := ours.(map[string]any)
	right, object2 := theirs.(map[string]any)
	if object && (object2 || theirs == nil) || object2 && ours == nil {
		c.compareObjects(path, place, left, right)
		return
	}
	list, isList := ours.([]any)
	list2, isList2 := theirs.([]any)
	if (isList || ours == nil) && (isList2 || theirs == nil) && (isListOfObjects(list) || isListOfObjects(list2)) {
		c.compareLists(path, place, list, list2)
		return
	}
	if isEqual(ours, theirs) {
		return
	}
	c.add(path, place, ours, theirs)
}

func (c *comparison) compareObjects(path, place string, ours, theirs map[string]any) {
	keys := map[string]bool{}
	for key := range ours {
		keys[key] = true
	}
	for key := range theirs {
		keys[key] = true
	}
	for _, key := range sortedNames(keys) {
		if !slices.Contains(ignored, key) || strings.HasSuffix(path, "customAttributes") {
			c.compareValues(strings.TrimPrefix(path+"."+key, "."), place, ours[key], theirs[key])
		}
	}
}

// compareLists compares parts that belong together by name, or else by position.
func (c *comparison) compareLists(path, place string, ours, theirs []any) {
	_, name, found := cutLast(path, ".")
	if !found {
		name = path
	}
	rest := slices.Clone(theirs)
	for i, part := range ours {
		id := partName(part, names[name])
		at := slices.IndexFunc(rest, func(other any) bool { return other != nil && id != "" && partName(other, names[name]) == id })
		if at < 0 && id == "" && i < len(rest) {
			at = i
		}
		if id == "" {
			id = fmt.Sprint(i + 1)
		}
		var other any
		if at >= 0 {
			other, rest[at] = rest[at], nil
		}
		c.comparePart(path, place, id, part, other)
	}
	for i, other := range rest {
		if other != nil {
			id := partName(other, names[name])
			if id == "" {
				id = fmt.Sprint(i + 1)
			}
			c.comparePart(path, place, id, nil, other)
		}
	}
}

// comparePart compares one part of a list. One that the other side lacks is one difference, not
// as many as it has fields.
func (c *comparison) comparePart(path, place, id string, ours, theirs any) {
	if (ours == nil) != (theirs == nil) {
		c.add(path, strings.TrimPrefix(place+" "+id, " "), ours, theirs)
		return
	}
	c.compareValues(path, strings.TrimPrefix(place+" "+id, " "), ours, theirs)
}

func (c *comparison) add(path, place string, ours, theirs any) {
	d := Difference{Field: path, Kind: Differs}
	switch {
	case isEmpty(ours):
		d.Kind = OnlyTheirs
	case isEmpty(theirs):
		d.Kind = OnlyOurs
	}
	if !isPersonal(path) {
		d.Detail = describePlace(place)
	}
	if mayBeShown(path) {
		d.Detail = strings.TrimSpace(d.Detail + " " + describeBoth(d.Kind, ours, theirs))
	}
	c.found = append(c.found, d)
}

// describeBoth shows scalars, and nothing of what is larger.
func describeBoth(kind Kind, ours, theirs any) string {
	left, ok := scalarText(ours)
	right, ok2 := scalarText(theirs)
	switch {
	case kind == OnlyOurs && ok:
		return "ours " + left
	case kind == OnlyTheirs && ok2:
		return "theirs " + right
	case kind == Differs && ok && ok2:
		return "ours " + left + ", theirs " + right
	default:
		return ""
	}
}

func mayBeShown(path string) bool {
	return slices.ContainsFunc(shown, func(begin string) bool { return path == begin || strings.HasPrefix(path, begin+".") })
}

// isPersonal paths name their parts by what may be somebody's.
func isPersonal(path string) bool { return strings.HasPrefix(path, "consumer") }

// maxShown bounds a value in a text.
const maxShown = 60

func scalarText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") {
			return "", false // what is larger, written as text
		}
		if runes := []rune(v); len(runes) > maxShown {
			v = string(runes[:maxShown]) + "…"
		}
		return fmt.Sprintf("%q", v), true
	case float64, bool:
		return fmt.Sprint(v), true
	default:
		return "", false
	}
}

func describePlace(place string) string {
	if place == "" {
		return ""
	}
	return fmt.Sprintf("at %q", place)
}

// isEqual takes two ways of writing the same time, and lists of the same texts in another
// order, for the same.
func isEqual(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	left, ok := a.(string)
	right, ok2 := b.(string)
	if ok && ok2 {
		x, err := time.Parse(time.RFC3339, left)
		y, err2 := time.Parse(time.RFC3339, right)
		return err == nil && err2 == nil && x.Equal(y)
	}
	return false
}

// isEmpty is what FFT takes for nothing.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, inner := range v {
			if !isEmpty(inner) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

func isListOfObjects(list []any) bool {
	return len(list) > 0 && func() bool { _, ok := list[0].(map[string]any); return ok }()
}

// partName is the first of the names that the part has.
func partName(part any, paths []string) string {
	for _, path := range paths {
		value := part
		for key := range strings.SplitSeq(path, ".") {
			object, _ := value.(map[string]any)
			value = object[key]
		}
		if text, ok := value.(string); ok && text != "" {
			return text
		}
	}
	return ""
}

func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}

func sortedNames(keys map[string]bool) []string {
	list := make([]string, 0, len(keys))
	for key := range keys {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}
