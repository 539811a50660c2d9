package fulfillmenttools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What fulfillmenttools takes.
const (
	MaxEntries          = 500 // of most lists
	MaxStickers         = 100
	MaxStickerName      = 14    // characters, in each language
	MaxCustomAttributes = 15360 // characters of their JSON
)

// Problem is why fulfillmenttools would refuse an order.
type Problem struct {
	Field  string // its path, such as orderLineItems[0].article.title
	Reason string // never the value, which may be somebody's personal data
}

func (p Problem) String() string { return p.Field + " " + p.Reason }

// Problems lists everything for which fulfillmenttools would refuse the order, as far
// as that can be known without asking: whether tags, facilities, carriers and services
// exist, only fulfillmenttools knows.
func (o OrderForCreation) Problems() []Problem {
	var p problems
	p.require(!o.OrderDate.IsZero(), "orderDate", "is missing")
	p.checkOneOf("status", o.Status, "OPEN", "CANCELLED", "PROMISED", "LOCKED", "OBSOLETE")
	p.checkCount("statusReasons", len(o.StatusReasons), MaxEntries)
	p.checkCustomAttributes("customAttributes", o.CustomAttributes)
	p.addAll("consumer", o.Consumer.problems())
	p.require(len(o.OrderLineItems) > 0, "orderLineItems", "is empty")
	p.checkCount("orderLineItems", len(o.OrderLineItems), MaxEntries)
	for i := range o.OrderLineItems {
		p.addAllOfElement("orderLineItems", i, o.OrderLineItems[i].problems())
	}
	if o.DeliveryPreferences != nil {
		p.addAll("deliveryPreferences", o.DeliveryPreferences.problems())
	}
	if o.Pricing != nil {
		p.addAll("pricing", o.Pricing.problems())
	}
	p.checkTags(o.Tags)
	p.checkCount("stickers", len(o.Stickers), MaxStickers)
	for i, sticker := range o.Stickers {
		p.addAllOfElement("stickers", i, sticker.problems())
	}
	p.checkCount("customServices", len(o.CustomServices), MaxEntries)
	for i, service := range o.CustomServices {
		p.addAllOfElement("customServices", i, service.problems())
	}
	if o.Source != nil {
		p.require((o.Source.SourceRef == "") != (o.Source.TenantSourceID == ""), "source", "must have either sourceRef or tenantSourceId")
	}
	return p
}

func (s Sticker) problems() []Problem {
	var p problems
	p.checkText("key", s.Key)
	p.require(len(s.NameLocalized) > 0, "nameLocalized", "is empty")
	for _, name := range s.NameLocalized {
		if utf8.RuneCountInString(name) > MaxStickerName {
			p.add("nameLocalized", fmt.Sprintf("is longer than %d characters", MaxStickerName))
			break
		}
	}
	p.require(s.Priority >= 1 && s.Priority <= 10000, "priority", "must be 1 to 10000")
	return p
}

func (s CustomService) problems() []Problem {
	var p problems
	p.require(s.Definition.CustomServiceRef != "" || s.Definition.TenantCustomServiceID != "", "customServiceDefinition", "names no service")
	p.checkCustomAttributes("customServiceDefinition.customAttributes", s.Definition.CustomAttributes)
	p.require(s.ArticleItems != nil, "articleItems", "is missing")
	p.require(s.Items != nil, "customServiceItems", "is missing")
	p.checkCount("articleItems", len(s.ArticleItems), MaxEntries)
	for i, item := range s.ArticleItems {
		if item.TenantArticleRef == "" || item.Quantity < 1 {
			p.add(fmt.Sprintf("articleItems[%d]", i), "must name an article and a quantity of 1 or more")
		}
	}
	p.checkCount("customServiceItems", len(s.Items), MaxEntries)
	for i, item := range s.Items {
		p.addAllOfElement("customServiceItems", i, item.problems())
	}
	return p
}

// problems collects what is wrong with one part; the fields are below that part.
type problems []Problem

func (p *problems) add(field, reason string) { *p = append(*p, Problem{field, reason}) }

func (p *problems) require(ok bool, field, reason string) {
	if !ok {
		p.add(field, reason)
	}
}

// addAll adds the problems of a part.
func (p *problems) addAll(part string, found []Problem) {
	for _, problem := range found {
		p.add(part+"."+problem.Field, problem.Reason)
	}
}

// addAllOfElement adds the problems of an entry of a list.
func (p *problems) addAllOfElement(list string, i int, found []Problem) {
	if len(found) > 0 {
		p.addAll(fmt.Sprintf("%s[%d]", list, i), found)
	}
}

func (p *problems) checkText(field, text string) { p.require(text != "", field, "is empty") }

// checkLine is a text that must be on one line and not be empty.
func (p *problems) checkLine(field, text string) {
	p.checkText(field, text)
	p.require(!strings.ContainsAny(text, "\n\r\u2028\u2029"), field, "has a line break")
}

func (p *problems) checkCount(field string, n, limit int) {
	if n > limit {
		p.add(field, fmt.Sprintf("has %d entries, fulfillmenttools takes %d", n, limit))
	}
}

// checkOneOf lets an empty text pass: it is not sent.
func (p *problems) checkOneOf(field, text string, allowed ...string) {
	if text != "" && !slices.Contains(allowed, text) {
		p.add(field, "must be one of "+strings.Join(allowed, ", "))
	}
}

func (p *problems) checkTags(tags []Tag) {
	p.checkCount("tags", len(tags), MaxEntries)
	for i, tag := range tags {
		if tag.ID == "" || tag.Value == "" {
			p.add(fmt.Sprintf("tags[%d]", i), "must have an id and a value")
		}
	}
}

// checkCustomAttributes checks custom attributes, which are free but for their names and their size.
func (p *problems) checkCustomAttributes(field string, attributes map[string]any) {
	if !isPlainlySmall(attributes) {
		p.checkAttributeSize(field, attributes)
	}
	p.require(hasPlainKeys(attributes), field, "has a name that begins with $ or contains a dot")
}

func (p *problems) checkAttributeSize(field string, attributes map[string]any) {
	size, err := AttributesSize(attributes)
	switch {
	case err != nil:
		p.add(field, "cannot be written as JSON")
	case size > MaxCustomAttributes:
		p.add(field, fmt.Sprintf("have %d characters of JSON, fulfillmenttools takes %d", size, MaxCustomAttributes))
	}
}

// isPlainlySmall spares most custom attributes, which are a few texts, the writing as
// JSON, where a byte becomes six at most.
func isPlainlySmall(attributes map[string]any) bool {
	bytes := 0
	for name, value := range attributes {
		text, ok := value.(string)
		if !ok {
			return false
		}
		bytes += len(name) + len(text) + 2
	}
	return 6*bytes < MaxCustomAttributes
}

// AttributesSize is how many characters custom attributes have as JSON, in UTF-16 units and without
// letters escaped that need it only in HTML: as the length of what JSON.stringify gives.
// fulfillmenttools documents a number of characters and no more.
func AttributesSize(attributes map[string]any) (int, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(attributes); err != nil {
		return 0, err
	}
	size := -1 // without the line's end
	for rest := text.Bytes(); len(rest) > 0; {
		r, width := utf8.DecodeRune(rest)
		if r == '\\' {
			width = 2
			switch {
			case bytes.HasPrefix(rest, []byte(`\u2028`)), bytes.HasPrefix(rest, []byte(`\u2029`)), bytes.HasPrefix(rest, []byte(`\ufffd`)):
				width, size = 6, size-1 // one letter there
			}
			size++
		}
		size += max(utf16.RuneLen(r), 1)
		rest = rest[width:]
	}
	return size, nil
}

func hasPlainKeys(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for key, below := range value {
			if strings.HasPrefix(key, "$") || strings.Contains(key, ".") || !hasPlainKeys(below) {
				return false
			}
		}
	case []any:
		return !slices.ContainsFunc(value, func(below any) bool { return !hasPlainKeys(below) })
	}
	return true
}

// Letters of the two sides of an e-mail address, as every check of the format takes them.
const (
	lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	domainLetters    = lettersAndDigits + "-"
	emailLetters     = lettersAndDigits + "!#$%&'*+-/=?^_`{|}~"
)

// IsValidEmail reports whether fulfillmenttools takes the e-mail address: ASCII, nothing
// quoted, with a dot in the domain.
func IsValidEmail(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	return found && isDotted(local, emailLetters) && isDotted(domain, domainLetters) && strings.Contains(domain, ".") && !hasOuterHyphen(domain)
}

// hasOuterHyphen reports whether a label of the domain begins or ends with a hyphen.
func hasOuterHyphen(domain string) bool {
	return strings.Contains("."+domain+".", ".-") || strings.Contains("."+domain+".", "-.")
}

// isDotted reports whether the text is words of these letters, with a dot between each two.
func isDotted(text, letters string) bool {
	for word := range strings.SplitSeq(text, ".") {
		if word == "" || strings.Trim(word, letters) != "" {
			return false
		}
	}
	return true
}

// IsValidCountry reports whether the text has the form of a country's code.
func IsValidCountry(text string) bool {
	return len(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z'
}
