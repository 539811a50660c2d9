package commercetools

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrMalformed marks a body that holds no notification and never will.
var ErrMalformed = errors.New("malformed message")

// ErrUnconfirmed marks what SNS sends in order to have a subscription confirmed. It is
// ErrMalformed too.
var ErrUnconfirmed = fmt.Errorf("%w: SNS asks to confirm a subscription", ErrMalformed)

// maxWraps is how deep a broker may wrap a notification: Pub/Sub around SNS around
// CloudEvents.
const maxWraps = 3

// Unwrap takes the notification out of what the broker sent: a Pub/Sub push
// envelope, an SNS body, a CloudEvents event, any of these in one another, or the
// bare notification. The error is ErrMalformed.
func Unwrap(body []byte) ([]byte, error) {
	for range maxWraps + 1 {
		// encoding/json matches keys without regard to case, so "Message" (SNS) and
		// "message" (Pub/Sub) need telling apart by their own keys.
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(body, &keys); err != nil {
			return nil, fmt.Errorf("%w: not a JSON object", ErrMalformed)
		}
		inner, err := unwrapOnce(keys)
		if err != nil {
			return nil, err
		}
		if inner == nil {
			return body, nil
		}
		body = inner
	}
	return nil, fmt.Errorf("%w: wrapped too deeply", ErrMalformed)
}

// unwrapOnce gives nil when there is nothing left to unwrap.
func unwrapOnce(keys map[string]json.RawMessage) ([]byte, error) {
	if _, bare := keys["notificationType"]; bare {
		return nil, nil
	}
	if push, ok := keys["message"]; ok {
		return pubSubData(push)
	}
	if string(keys["Type"]) == `"SubscriptionConfirmation"` {
		return nil, unconfirmed(keys["TopicArn"])
	}
	if text, ok := keys["Message"]; ok {
		var message string
		if json.Unmarshal(text, &message) != nil {
			return nil, fmt.Errorf("%w: SNS Message is not a text", ErrMalformed)
		}
		return []byte(message), nil
	}
	if _, ok := keys["specversion"]; ok {
		return cloudEventData(keys)
	}
	return nil, fmt.Errorf("%w: neither a notification nor a broker's envelope", ErrMalformed)
}

// unconfirmed names the topic unless its name is suspiciously long.
func unconfirmed(topic json.RawMessage) error {
	var name string
	if json.Unmarshal(topic, &name) != nil || name == "" || utf8.RuneCountInString(name) > maxName {
		return ErrUnconfirmed
	}
	return fmt.Errorf("%w to %q", ErrUnconfirmed, name)
}

func pubSubData(push json.RawMessage) ([]byte, error) {
	var message struct {
		Data string `json:"data"`
	}
	if json.Unmarshal(push, &message) != nil || message.Data == "" {
		return nil, fmt.Errorf("%w: Pub/Sub message without data", ErrMalformed)
	}
	data, err := base64.StdEncoding.DecodeString(message.Data)
	if err != nil {
		return nil, fmt.Errorf("%w: Pub/Sub data is not base64", ErrMalformed)
	}
	return data, nil
}

func cloudEventData(keys map[string]json.RawMessage) ([]byte, error) {
	if data := keys["data"]; len(bytes.TrimSpace(data)) > 0 {
		return data, nil
	}
	return nil, fmt.Errorf("%w: CloudEvents event without data", ErrMalformed)
}
