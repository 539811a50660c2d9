package fftsim

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// rule checks one value of a request body and reports what is wrong with it.
type rule func(c *check, path string, value any)

// check collects what is wrong with a body; the platform answers all of it at once.
type check struct{ errors []apiError }

func (c *check) fail(path, format string, args ...any) {
	if path == "" {
		path = "body"
	}
	c.errors = append(c.errors, apiError{
		Summary: "Input is not valid", Description: path + ": " + fmt.Sprintf(format, args...),
	})
}

// fields are the keys that an object may have. A key that ends with * is required.
type fields map[string]rule

// objectWithOnly is an object that may have no other keys than these.
func objectWithOnly(f fields) rule { return object(f, false) }

// objectWithAtLeast is an object that may have other keys as well.
func objectWithAtLeast(f fields) rule { return object(f, true) }

func object(f fields, others bool) rule {
	rules, required := map[string]rule{}, []string{}
	for key, r := range f {
		name := strings.TrimSuffix(key, "*")
		rules[name] = r
		if name != key {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return func(c *check, path string, value any) {
		object, ok := value.(map[string]any)
		if !ok {
			c.fail(path, "must be an object")
			return
		}
		for _, key := range required {
			if _, ok := object[key]; !ok {
				c.fail(join(path, key), "is required")
			}
		}
		for key, value := range object {
			if r := rules[key]; r != nil {
				r(c, join(path, key), value)
			} else if !others {
				c.fail(join(path, key), "is not allowed")
			}
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// listRule is an array of at least low and at most high values.
func listRule(low, high int, item rule) rule {
	return func(c *check, path string, value any) {
		values, ok := value.([]any)
		switch {
		case !ok:
			c.fail(path, "must be an array")
		case len(values) < low:
			c.fail(path, "must have at least %d entries", low)
		case len(values) > high:
			c.fail(path, "must have at most %d entries", high)
		default:
			for i, value := range values {
				item(c, fmt.Sprintf("%s[%d]", path, i), value)
			}
		}
	}
}

// textRule is a string that is at least low and, unless high is 0, at most high
// characters long.
func textRule(low, high int) rule {
	return func(c *check, path string, value any) {
		s, ok := value.(string)
		switch n := utf8.RuneCountInString(s); {
		case !ok:
			c.fail(path, "must be a string")
		case n < low:
			c.fail(path, "must be at least %d characters long", low)
		case high > 0 && n > high:
			c.fail(path, "must be at most %d characters long", high)
		}
	}
}

func patternRule(expression string) rule {
	compiled := regexp.MustCompile(expression)
	return func(c *check, path string, value any) {
		if s, ok := value.(string); !ok {
			c.fail(path, "must be a string")
		} else if !compiled.MatchString(s) {
			c.fail(path, "must match the pattern %s", expression)
		}
	}
}

func oneOf(values ...string) rule {
	return func(c *check, path string, value any) {
		if s, ok := value.(string); !ok || !slices.Contains(values, s) {
			c.fail(path, "must be one of %s", strings.Join(values, ", "))
		}
	}
}

// integerRule is a whole number from low to high.
func integerRule(low, high int64) rule {
	return func(c *check, path string, value any) {
		number, ok := value.(json.Number)
		n, err := number.Int64()
		switch {
		case !ok || err != nil:
			c.fail(path, "must be an integer")
		case n < low:
			c.fail(path, "must be at least %d", low)
		case n > high:
			c.fail(path, "must be at most %d", high)
		}
	}
}

func numberRule(low, high float64) rule {
	return func(c *check, path string, value any) {
		number, ok := value.(json.Number)
		n, err := number.Float64()
		switch {
		case !ok || err != nil:
			c.fail(path, "must be a number")
		case n < low:
			c.fail(path, "must be at least %g", low)
		case n > high:
			c.fail(path, "must be at most %g", high)
		}
	}
}

func boolean(c *check, path string, value any) {
	if _, ok := value.(bool); !ok {
		c.fail(path, "must be a boolean")
	}
}

func scalar(c *check, path string, value any) {
	switch value.(type) {
	case string, bool, json.Number:
	default:
		c.fail(path, "must be a string, a number or a boolean")
	}
}

func dateTime(c *check, path string, value any) {
	s, ok := value.(string)
	if _, err := time.Parse(time.RFC3339, s); !ok || err != nil {
		c.fail(path, "must be a date-time")
	}
}

func email(c *check, path string, value any) {
	s, ok := value.(string)
	if address, err := mail.ParseAddress(s); !ok || err != nil || address.Address != s {
		c.fail(path, "must be an e-mail address")
	}
}

// localized is an object of texts by locale, each at most high characters long
// unless high is 0.
func localized(low, high int) rule {
	entry := textRule(0, high)
	return func(c *check, path string, value any) {
		object, ok := value.(map[string]any)
		if !ok {
			c.fail(path, "must be an object")
			return
		}
		if len(object) < low {
			c.fail(path, "must have at least %d entries", low)
		}
		for key, value := range object {
			entry(c, join(path, key), value)
		}
	}
}

// maxAttributes is the size that custom attributes may have, serialised as JavaScript does, in UTF-16
// units.
const maxAttributes = 15360

func customAttributes(c *check, path string, value any) {
	object, ok := value.(map[string]any)
	if !ok {
		c.fail(path, "must be an object")
		return
	}
	var serialized strings.Builder
	encoder := json.NewEncoder(&serialized)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(object)
	if err != nil || len(utf16.Encode([]rune(strings.TrimSuffix(serialized.String(), "\n")))) > maxAttributes {
		c.fail(path, "must not be longer than %d characters", maxAttributes)
	}
	attributeKeys(c, path, object)
}

func attributeKeys(c *check, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, value := range value {
			if strings.HasPrefix(key, "$") || strings.Contains(key, ".") {
				c.fail(join(path, key), "must not start with $ nor contain a dot")
			}
			attributeKeys(c, join(path, key), value)
		}
	case []any:
		for _, value := range value {
			attributeKeys(c, path, value)
		}
	}
}

func orNull(r rule) rule {
	return func(c *check, path string, value any) {
		if value != nil {
			r(c, path, value)
		}
	}
}

// allRules applies several rules to one value.
func allRules(rules ...rule) rule {
	return func(c *check, path string, value any) {
		for _, r := range rules {
			r(c, path, value)
		}
	}
}

// either wants at least one of the keys.
func either(keys ...string) rule {
	return func(c *check, path string, value any) {
		object, ok := value.(map[string]any)
		if !ok {
			return
		}
		for _, key := range keys {
			if _, ok := object[key]; ok {
				return
			}
		}
		c.fail(path, "must have one of %s", strings.Join(keys, ", "))
	}
}

// validate reports everything that is wrong with a body, in order of path.
func validate(text []byte, r rule) []apiError {
	value, err := decodeAny(text)
	if err != nil {
		return []apiError{{Summary: "Input is not valid", Description: "body: is not JSON: " + err.Error()}}
	}
	var c check
	r(&c, "", value)
	slices.SortFunc(c.errors, func(a, b apiError) int { return strings.Compare(a.Description, b.Description) })
	return c.errors
}
