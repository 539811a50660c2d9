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
	p.must(!o.OrderDate.IsZero(), "orderDate", "is missing")
	p.oneOf("status", o.Status, "OPEN", "CANCELLED", "PROMISED", "LOCKED", "OBSOLETE")
	p.count("statusReasons", len(o.StatusReasons), MaxEntries)
	p.custom("customAttributes", o.CustomAttributes)
	p.below("consumer", o.Consumer.problems())
	p.must(len(o.OrderLineItems) > 0, "orderLineItems", "is empty")
	p.count("orderLineItems", len(o.OrderLineItems), MaxEntries)
	for i := range o.OrderLineItems {
		p.each("orderLineItems", i, o.OrderLineItems[i].problems())
	}
	if o.DeliveryPreferences != nil {
		p.below("deliveryPreferences", o.DeliveryPreferences.problems())
	}
	if o.Pricing != nil {
		p.below("pricing", o.Pricing.problems())
	}
	p.tags(o.Tags)
	p.count("stickers", len(o.Stickers), MaxStickers)
	for i, sticker := range o.Stickers {
		p.each("stickers", i, sticker.problems())
	}
	p.count("customServices", len(o.CustomServices), MaxEntries)
	for i, service := range o.CustomServices {
		p.each("customServices", i, service.problems())
	}
	if o.Source != nil {
		p.must((o.Source.SourceRef == "") != (o.Source.TenantSourceID == ""), "source", "must have either sourceRef or tenantSourceId")
	}
	return p
}

func (s Sticker) problems() []Problem {
	var p problems
	p.text("key", s.Key)
	p.must(len(s.NameLocalized) > 0, "nameLocalized", "is empty")
	for _, name := range s.NameLocalized {
		if utf8.RuneCountInString(name) > MaxStickerName {
			p.add("nameLocalized", fmt.Sprintf("is longer than %d characters", MaxStickerName))
			break
		}
	}
	p.must(s.Priority >= 1 && s.Priority <= 10000, "priority", "must be 1 to 10000")
	return p
}

func (s CustomService) problems() []Problem {
	var p problems
	p.must(s.Definition.CustomServiceRef != "" || s.Definition.TenantCustomServiceID != "", "customServiceDefinition", "names no service")
	p.custom("customServiceDefinition.customAttributes", s.Definition.CustomAttributes)
	p.must(s.ArticleItems != nil, "articleItems", "is missing")
	p.must(s.Items != nil, "customServiceItems", "is missing")
	p.count("articleItems", len(s.ArticleItems), MaxEntries)
	for i, item := range s.ArticleItems {
		if item.TenantArticleRef == "" || item.Quantity < 1 {
			p.add(fmt.Sprintf("articleItems[%d]", i), "must name an article and a quantity of 1 or more")
		}
	}
	p.count("customServiceItems", len(s.Items), MaxEntries)
	for i, item := range s.Items {
		p.each("customServiceItems", i, item.problems())
	}
	return p
}

// problems collects what is wrong with one part; the fields are below that part.
type problems []Problem

func (p *problems) add(field, reason string) { *p = append(*p, Problem{field, reason}) }

func (p *problems) must(ok bool, field, reason string) {
	if !ok {
		p.add(field, reason)
	}
}

// below adds the problems of a part.
func (p *problems) below(part string, found []Problem) {
	for _, problem := range found {
		p.add(part+"."+problem.Field, problem.Reason)
	}
}

// each adds the problems of an entry of a list.
func (p *problems) each(list string, i int, found []Problem) {
	if len(found) > 0 {
		p.below(fmt.Sprintf("%s[%d]", list, i), found)
	}
}

func (p *problems) text(field, text string) { p.must(text != "", field, "is empty") }

// line is a text that must be on one line and not be empty.
func (p *problems) line(field, text string) {
	p.text(field, text)
	p.must(!strings.ContainsAny(text, "\n\r\u2028\u2029"), field, "has a line break")
}

func (p *problems) count(field string, n, limit int) {
	if n > limit {
		p.add(field, fmt.Sprintf("has %d entries, fulfillmenttools takes %d", n, limit))
	}
}

// oneOf lets an empty text pass: it is not sent.
func (p *problems) oneOf(field, text string, allowed ...string) {
	if text != "" && !slices.Contains(allowed, text) {
		p.add(field, "must be one of "+strings.Join(allowed, ", "))
	}
}

func (p *problems) tags(tags []Tag) {
	p.count("tags", len(tags), MaxEntries)
	for i, tag := range tags {
		if tag.ID == "" || tag.Value == "" {
			p.add(fmt.Sprintf("tags[%d]", i), "must have an id and a value")
		}
	}
}

// custom checks custom attributes, which are free but for their names and their size.
func (p *problems) custom(field string, attributes map[string]any) {
	if !plainlySmall(attributes) {
		p.size(field, attributes)
	}
	p.must(plainKeys(attributes), field, "has a name that begins with $ or contains a dot")
}

func (p *problems) size(field string, attributes map[string]any) {
	size, err := SizeOf(attributes)
	switch {
	case err != nil:
		p.add(field, "cannot be written as JSON")
	case size > MaxCustomAttributes:
		p.add(field, fmt.Sprintf("have %d characters of JSON, fulfillmenttools takes %d", size, MaxCustomAttributes))
	}
}

// plainlySmall spares most custom attributes, which are a few texts, the writing as
// JSON, where a byte becomes six at most.
func plainlySmall(attributes map[string]any) bool {
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

// SizeOf is how many characters custom attributes have as JSON, in UTF-16 units and without
// letters escaped that need it only in HTML: as the length of what JSON.stringify gives.
// fulfillmenttools documents a number of characters and no more.
func SizeOf(attributes map[string]any) (int, error) {
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

func plainKeys(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for key, below := range value {
			if strings.HasPrefix(key, "$") || strings.Contains(key, ".") || !plainKeys(below) {
				return false
			}
		}
	case []any:
		return !slices.ContainsFunc(value, func(below any) bool { return !plainKeys(below) })
	}
	return true
}

// Letters of the two sides of an e-mail address, as every check of the format takes them.
const (
	lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	domainLetters    = lettersAndDigits + "-"
	emailLetters     = lettersAndDigits + "!#$%&'*+-/=?^_`{|}~"
)

// ValidEmail reports whether fulfillmenttools takes the e-mail address: ASCII, nothing
// quoted, with a dot in the domain.
func ValidEmail(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	return found && dotted(local, emailLetters) && dotted(domain, domainLetters) && strings.Contains(domain, ".") && !hasOuterHyphen(domain)
}

// hasOuterHyphen reports whether a label of the domain begins or ends with a hyphen.
func hasOuterHyphen(domain string) bool {
	return strings.Contains("."+domain+".", ".-") || strings.Contains("."+domain+".", "-.")
}

// dotted reports whether the text is words of these letters, with a dot between each two.
func dotted(text, letters string) bool {
	for word := range strings.SplitSeq(text, ".") {
		if word == "" || strings.Trim(word, letters) != "" {
			return false
		}
	}
	return true
}

// ValidCountry reports whether the text has the form of a country's code.
func ValidCountry(text string) bool {
	return len(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z'
}
