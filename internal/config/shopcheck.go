package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"fftconnect/internal/fulfillmenttools"
)

// settingsWithoutEffect are settings that change nothing, because of another one.
func (s Shop) settingsWithoutEffect() []ShopProblem {
	var odd problemList
	collects := false
	for method, delivery := range s.ShippingMethods {
		if delivery.ServiceType != ServiceClickAndCollect {
			continue
		}
		collects = true
		for setting, given := range map[string]bool{
			"serviceLevel": delivery.ServiceLevel != "", "carriers": len(delivery.Carriers) > 0, "carriersWithProduct": len(delivery.CarriersWithProduct) > 0,
			"carrierProductCategory": delivery.CarrierProductCategory != "",
		} {
			if given {
				odd.add("shippingMethodMapping."+method+"."+setting, " has no effect: orders of this method are collected")
			}
		}
	}
	if s.CollectField != "" && !collects {
		odd.add("collectChannelReferenceFieldName", " has no effect: no shipping method has the serviceType CLICK_AND_COLLECT")
	}
	if s.Export.Hold.IsSet() && s.Export.Set["status"].IsSet() {
		odd.add("export.hold", " has no effect on new orders where export.set.status gives a text")
	}
	if s.Feedback.Shipments && !s.Feedback.WritesTracking() {
		odd.add("feedback.shipments", " has no effect: feedback.tracking is false")
	}
	if s.Feedback.Shipped.TrackingTimeout() > 0 && !s.Feedback.WritesTracking() {
		odd.add("feedback.shipped.waitForTracking", " waits in vain for numbers that come after the hand-over: feedback.tracking is false")
	}
	for i, sticker := range s.Export.Stickers {
		for language := range sticker.Name {
			if locale.MatchString(language) && !slices.Contains(fulfillmenttools.Locales, language) {
				odd.add(fmt.Sprintf("export.stickers[%d].name.%s", i, language), " is shown to nobody: fulfillmenttools knows the locales %s", strings.Join(fulfillmenttools.Locales, ", "))
			}
		}
	}
	return odd
}

// checkProblems are what no single field's tags can say.
func (s Shop) checkProblems() []ShopProblem {
	var problems problemList
	for field, tag := range s.FieldTags {
		if tag == "" {
			problems.add("customFieldTagMapping."+field, " names no tag")
		}
	}
	s.Export.check(&problems)
	s.Feedback.check(&problems)
	return problems
}

type problemList []ShopProblem

func (c *problemList) add(path, message string, args ...any) {
	*c = append(*c, ShopProblem{Path: path, Message: path + fmt.Sprintf(message, args...)})
}

func (r ExportRules) check(problems *problemList) {
	for i, tag := range r.Tags {
		if !tag.Value.IsSet() && tag.ID != "" {
			problems.add(fmt.Sprintf("export.tags[%d].value", i), " is empty")
		}
	}
	if r.Prices == PricesNone && (r.Pricing || r.Discount != "") {
		problems.add("export.prices", " is none, which export.pricing and export.discount contradict")
	}
	keys := map[string]bool{}
	for i, sticker := range r.Stickers {
		sticker.check(problems, fmt.Sprintf("export.stickers[%d]", i))
		if keys[sticker.Key] && sticker.Key != "" {
			problems.add(fmt.Sprintf("export.stickers[%d].key", i), " is that of another sticker too")
		}
		keys[sticker.Key] = true
	}
	r.checkPaths(problems)
}

// Limits of fulfillmenttools' stickers.
const (
	maxStickerName     = 14 // letters
	maxStickerPriority = 10000
)

// locale is how fulfillmenttools writes a language and country.
var locale = regexp.MustCompile(`^[a-z]{2}_[A-Z]{2}$`)

func (r StickerRule) check(problems *problemList, path string) {
	if r.Priority < 0 || r.Priority > maxStickerPriority {
		problems.add(path+".priority", " is %d, must be from 1 to %d", r.Priority, maxStickerPriority)
	}
	for language, name := range r.Name {
		where := path + ".name." + language
		if !locale.MatchString(language) {
			problems.add(where, " is no locale such as en_US")
		}
		if length := utf8.RuneCountInString(name); length == 0 || length > maxStickerName {
			problems.add(where, " has %d letters, must have from 1 to %d", length, maxStickerName)
		}
	}
}

// checkPaths refuses to set a field and what it is in, because which comes first is not
// said, but for an element of a name, which comes before its fields; and custom attributes whose names fulfillmenttools does not take.
func (r ExportRules) checkPaths(problems *problemList) {
	paths := slices.Sorted(maps.Keys(r.Set))
	for _, path := range paths {
		if _, name, found := strings.Cut(path, "customAttributes."); found && (strings.HasPrefix(name, "$") || strings.Contains(name, ".")) {
			problems.add("export.set."+path, " names a custom attribute that fulfillmenttools does not take: with $ first, or a dot in it")
		}
		for _, other := range paths {
			if strings.HasPrefix(other, path+".") && !strings.HasSuffix(path, "]") || strings.HasPrefix(other, path+"[") {
				problems.add("export.set."+other, " is in %s, which is set too", path)
			}
		}
	}
}

func (r FeedbackRules) check(problems *problemList) {
	if given := r.Shipped.WaitForTracking; given != "" && r.Shipped.TrackingTimeout() == 0 {
		problems.add("feedback.shipped.waitForTracking", " is %q, must be a time from 1s to 24h, such as 10m", given)
	}
	for i, rule := range r.Fields {
		path := fmt.Sprintf("feedback.fields[%d]", i)
		if !rule.Value.IsSet() && rule.Field != "" {
			problems.add(path+".value", " is empty")
		}
		if rule.Event != "" && slices.Contains(r.Ignore, rule.Event) {
			problems.add(path+".event", " is ignored: feedback.ignore names %s", rule.Event)
		}
	}
}
