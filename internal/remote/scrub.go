package remote

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	emailAddress = regexp.MustCompile(`[^\s"'<>]+@[^\s"'<>]+`)
	word         = regexp.MustCompile(`[\pL\pN]+`)
)

// personal are the fields of either platform's bodies whose values concern a person
// or open a door; a refusal may quote them.
var personal = []string{
	"firstName", "lastName", "street", "streetName", "houseNumber", "streetNumber",
	"postalCode", "city", "email", "companyName", "company", "additionalAddressInfo",
	"province", "phone", "mobile", "salutation", "personalTitle", "customerEmail", "consumerId", "password", "refresh_token",
	"client_secret", "accessSecret", "apiKey", "apiSecret", "accessKey", "connectionString",
}

// removeSensitive takes out of the platform's words what the request held about a person, or
// to open a door.
func removeSensitive(message string, held []string) string {
	message = emailAddress.ReplaceAllString(message, "[e-mail]")
	for _, value := range held {
		if len(value) > 2 {
			message = strings.ReplaceAll(message, value, "[…]")
		}
	}
	// Two letters are a name only where they stand alone.
	message = word.ReplaceAllStringFunc(message, func(word string) string {
		if len(word) == 2 && slices.Contains(held, word) {
			return "[…]"
		}
		return word
	})
	const limit = 500
	if len(message) > limit {
		message = strings.ToValidUTF8(message[:limit], "") + "…"
	}
	return message
}

// sensitiveValuesOf lists what must not be quoted of a request, the longest first since a name
// can be part of another.
func sensitiveValuesOf(request *http.Request, body []byte) []string {
	_, credential, _ := strings.Cut(request.Header.Get("Authorization"), " ")
	_, password, _ := request.BasicAuth()
	held := []string{request.URL.Query().Get("key"), credential, password}
	var decoded any
	if json.Unmarshal(body, &decoded) == nil {
		held = personalValues(decoded, held)
	}
	slices.SortFunc(held, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return held
}

func personalValues(node any, found []string) []string {
	switch node := node.(type) {
	case map[string]any:
		for key, child := range node {
			if text, ok := child.(string); !ok {
				found = personalValues(child, found)
			} else if slices.Contains(personal, key) || key == "value" && isPersonalPair(node) {
				found = append(found, encodingsOf(text)...)
			}
		}
	case []any:
		for _, child := range node {
			found = personalValues(child, found)
		}
	}
	return found
}

// isPersonalPair recognises a phone number, which has type and value, and a header
// that authorizes, which has key and value.
func isPersonalPair(node map[string]any) bool {
	_, typed := node["type"]
	key, _ := node["key"].(string)
	return typed || strings.EqualFold(key, "Authorization")
}

// encodingsOf are the value itself, as JSON quotes it, and what follows the scheme
// when it is an authorization.
func encodingsOf(value string) []string {
	if !strings.ContainsFunc(value, unicode.IsLetter) && len(value) <= 2 {
		return nil // a bare house number tells nothing
	}
	quoted, _ := json.Marshal(value)
	found := []string{value, string(quoted[1 : len(quoted)-1])}
	if credential, ok := strings.CutPrefix(value, "Bearer "); ok {
		found = append(found, credential)
	}
	return found
}
