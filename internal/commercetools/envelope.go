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
		var wrap wrapper
		if err := json.Unmarshal(body, &wrap); err != nil {
			return nil, fmt.Errorf("%w: not a JSON object", ErrMalformed)
		}
		inner, err := wrap.open()
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

// wrapper has what tells the envelopes apart. encoding/json prefers the exact name,
// which tells "Message" (SNS) from "message" (Pub/Sub), and "Type" from "type".
type wrapper struct {
	Bare     json.RawMessage `json:"notificationType"`
	PubSub   json.RawMessage `json:"message"`
	SNSType  json.RawMessage `json:"Type"`
	Type     skipped         `json:"type"`
	TopicArn json.RawMessage `json:"TopicArn"`
	SNS      json.RawMessage `json:"Message"`
	Spec     json.RawMessage `json:"specversion"`
	Data     json.RawMessage `json:"data"`
}

// skipped takes a value of any type and keeps nothing of it.
type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

// open gives nil when there is nothing left to unwrap.
func (w wrapper) open() ([]byte, error) {
	switch {
	case w.Bare != nil:
		return nil, nil
	case w.PubSub != nil:
		return pubSubData(w.PubSub)
	case string(w.SNSType) == `"SubscriptionConfirmation"`:
		return nil, unconfirmed(w.TopicArn)
	case w.SNS != nil:
		var message string
		if json.Unmarshal(w.SNS, &message) != nil {
			return nil, fmt.Errorf("%w: SNS Message is not a text", ErrMalformed)
		}
		return []byte(message), nil
	case w.Spec != nil:
		return cloudEventData(w.Data)
	default:
		return nil, fmt.Errorf("%w: neither a notification nor a broker's envelope", ErrMalformed)
	}
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

func cloudEventData(data json.RawMessage) ([]byte, error) {
	if len(bytes.TrimSpace(data)) > 0 {
		return data, nil
	}
	return nil, fmt.Errorf("%w: CloudEvents event without data", ErrMalformed)
}
