package remote

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

var emailAddress = regexp.MustCompile(`[^\s"'<>]+@[^\s"'<>]+`)

// personal are the fields of either platform's bodies whose values concern a person
// or open a door; a refusal may quote them.
var personal = []string{
	"firstName", "lastName", "street", "streetName", "houseNumber", "streetNumber",
	"postalCode", "city", "email", "companyName", "company", "additionalAddressInfo",
	"phone", "mobile", "salutation", "customerEmail", "password", "refresh_token",
	"client_secret", "accessSecret", "apiSecret", "accessKey", "connectionString",
}

// scrub takes out of the platform's words what the request said about a person.
func scrub(message string, request []byte) string {
	if message == "" {
		return ""
	}
	message = emailAddress.ReplaceAllString(message, "[e-mail]")
	var body any
	if json.Unmarshal(request, &body) == nil {
		for _, value := range personalValues(body, nil) {
			message = strings.ReplaceAll(message, value, "[…]")
		}
	}
	const limit = 500
	if len(message) > limit {
		message = message[:limit] + "…"
	}
	return message
}

func personalValues(node any, found []string) []string {
	switch node := node.(type) {
	case map[string]any:
		_, phone := node["type"]
		for key, child := range node {
			text, ok := child.(string)
			if ok && len(text) > 2 && (slices.Contains(personal, key) || phone && key == "value") {
				found = append(found, text)
			} else {
				found = personalValues(child, found)
			}
		}
	case []any:
		for _, child := range node {
			found = personalValues(child, found)
		}
	}
	return found
}
