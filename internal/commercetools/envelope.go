package commercetools

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// ErrMalformed marks a body that holds no notification and never will.
var ErrMalformed = errors.New("malformed message")

// ErrUnconfirmed marks what SNS sends in order to have a subscription confirmed. It is
// ErrMalformed too.
var ErrUnconfirmed = fmt.Errorf("%w: SNS asks to confirm a subscription", ErrMalformed)

// ErrTooLarge marks a body of which the beginning names no resource. It is ErrMalformed
// too.
var ErrTooLarge = fmt.Errorf("%w: too large, and its beginning names no resource", ErrMalformed)

// Item is one of the things in a body: a notification, or one of the following.
type Item struct {
	Notification
	Err          error  // it is none and never will be: ErrMalformed
	Unsubscribed string // SNS says that the subscription of this topic was ended
	Validation   string // Event Grid wants this code back to know that the endpoint is ours
	Trace        string // W3C traceparent that the broker carried with it; empty: none
	partial      bool   // the body ended within it
}

const (
	// maxWraps is how deep brokers may wrap a notification, arrays counted: an array of
	// SQS records around SNS around CloudEvents is seven.
	maxWraps = 8
	// maxItems bounds what one body may hold: as many records as SQS batches.
	maxItems = 10000
	// validationEvent is what Event Grid calls its handshake.
	validationEvent = "Microsoft.EventGrid.SubscriptionValidationEvent"
)

// DecodeNotification reads a body that holds one notification, of any broker. The error
// is ErrMalformed.
func DecodeNotification(body []byte) (Notification, error) {
	items := Decode(bytes.NewReader(body), func() bool { return false })
	if len(items) > 1 {
		return Notification{}, fmt.Errorf("%w: %d messages where one is expected", ErrMalformed, len(items))
	}
	return items[0].Notification, items[0].Err
}

// Decode reads what a broker delivered: bare notifications, or what Pub/Sub, SNS, SQS,
// EventBridge, Event Grid and CloudEvents wrap around them, several at once too, in one
// another too. Nothing but the result is kept in memory. There is always at least one
// item.
//
// cut is asked after a body that ended too early: it tells whether there was more of it
// than was read. A notification is a hint, so its beginning does when it names the
// resource.
func Decode(body io.Reader, cut func() bool) []Item {
	var d decoder
	s := newStream(body)
	defer s.close()
	err := d.decodeValue(s)
	if err == nil && !s.atEnd() {
		err = errNotJSON
	}
	if err != nil && cut() {
		return d.decodeBeginning()
	}
	items := d.items[:0]
	for _, item := range d.items {
		if !item.partial {
			items = append(items, item)
		}
	}
	if err != nil && !errors.Is(err, ErrMalformed) {
		err = fmt.Errorf("%w: not JSON", ErrMalformed)
	}
	if err == nil && len(items) == 0 {
		err = fmt.Errorf("%w: no message in it", ErrMalformed)
	}
	if err != nil {
		items = append(items, Item{Err: err})
	}
	return items
}

// decoder collects what a body holds.
type decoder struct {
	items []Item
	wraps int
}

// decodeBeginning is what the part of a body tells that was read.
func (d *decoder) decodeBeginning() []Item {
	var items []Item
	for _, item := range d.items {
		if item.Err == nil {
			items = append(items, item)
		}
	}
	if len(items) != 1 || !items[0].partial {
		items = append(items, Item{Err: ErrTooLarge})
	}
	return items
}

func (d *decoder) addItem(item Item) { d.items = append(d.items, item) }

func (d *decoder) addProblem(format string, args ...any) {
	d.addItem(Item{Err: fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)})
}

// decodeValue reads a notification, an envelope, a list of these, or the text of one.
func (d *decoder) decodeValue(s *stream) error {
	if d.wraps++; d.wraps > maxWraps {
		d.wraps--
		d.addProblem("wrapped too deeply")
		return s.skipValue()
	}
	defer func() { d.wraps-- }()
	c, err := s.peekByte()
	if err != nil {
		return err
	}
	switch c {
	case '{':
		return d.decodeObject(s)
	case '[':
		return s.readArray(func() error {
			if len(d.items) >= maxItems {
				return fmt.Errorf("%w: more than %d messages in one body", ErrMalformed, maxItems)
			}
			return d.decodeValue(s)
		})
	case '"':
		return d.decodeText(s.textReader(), "a text")
	default:
		err := s.skipValue()
		if err == nil {
			d.addProblem("neither a notification nor a broker's envelope")
		}
		return err
	}
}

// envelope is what tells one from another.
type envelope struct {
	holds     string // what it has inside
	snsType   string
	topic     string
	eventType string // of Event Grid
	code      string
	trace     string
}

// decodeObject reads an object: a notification, or an envelope. Which of both it is shows only
// at its end.
func (d *decoder) decodeObject(s *stream) error {
	var wire wireNotification
	var env envelope
	mark := len(d.items)
	err := s.readObject(func(key string) (err error) {
		switch key {
		case "message", "Message", "data", "data_base64", "detail", "Records", "body", "Sns":
			return d.decodeEnvelopeBody(s, key, &env)
		case "Type":
			env.snsType, err = s.readText()
		case "TopicArn":
			env.topic, err = s.readText()
		case "eventType":
			env.eventType, err = s.readText()
		case "validationCode":
			env.code, err = s.readText()
		case "traceparent": // of CloudEvents
			env.trace, err = s.readText()
		case "MessageAttributes", "messageAttributes": // of SNS and SQS
			env.trace, err = s.readTraceParent()
		default:
			err = wire.readMember(s, key)
		}
		return err
	})
	switch {
	case wire.Kind != "":
		// What looked like an envelope's inside is of the notification itself.
		d.items = d.items[:mark]
		item := wire.toItem()
		item.partial = err != nil
		d.addItem(item)
	case err != nil:
	default:
		d.unwrapped(env, mark)
		d.traced(mark, env.trace)
	}
	return err
}

// traced notes the trace context of the items from mark on, unless they have one.
func (d *decoder) traced(mark int, trace string) {
	for i := range d.items[mark:] {
		if d.items[mark+i].Trace == "" {
			d.items[mark+i].Trace = trace
		}
	}
}

// unwrapped ends an envelope, of which the items from mark on were inside.
func (d *decoder) unwrapped(env envelope, mark int) {
	inside := d.items[mark:]
	switch {
	case env.snsType == "SubscriptionConfirmation":
		d.items = append(d.items[:mark], Item{Err: errUnconfirmedTopic(env.topic)})
	case env.snsType == "UnsubscribeConfirmation":
		d.items = append(d.items[:mark], Item{Unsubscribed: topicName(env.topic)})
	case env.code != "":
		d.addItem(Item{Err: fmt.Errorf("%w: neither a notification nor a broker's envelope", ErrMalformed), Validation: env.code})
	case env.eventType == validationEvent && len(inside) == 1 && inside[0].Validation != "":
		inside[0].Err = nil
	case len(inside) > 0 || env.holds == "Records":
	case env.holds != "":
		d.addProblem("%s", env.holds)
	default:
		d.addProblem("neither a notification nor a broker's envelope")
	}
}

// decodeEnvelopeBody reads what is inside an envelope.
func (d *decoder) decodeEnvelopeBody(s *stream, key string, env *envelope) error {
	c, err := s.peekByte()
	if err != nil {
		return err
	}
	env.holds = key
	switch key {
	case "message":
		env.holds = "Pub/Sub message without data"
		return s.readObject(func(member string) (err error) {
			switch c, _ := s.peekByte(); {
			case member == "attributes":
				env.trace, err = s.readTraceParent()
				return err
			case member != "data" || c != '"':
				return s.skipValue()
			}
			return d.decodeBase64(s, "Pub/Sub data")
		})
	case "Message":
		if env.holds = "SNS Message is not a text"; c != '"' {
			return s.skipValue()
		}
		return d.decodeText(s.textReader(), "SNS Message")
	case "data_base64":
		if env.holds = "CloudEvents data_base64 is not a text"; c != '"' {
			return s.skipValue()
		}
		return d.decodeBase64(s, "CloudEvents data_base64")
	}
	if c == 'n' { // null
		env.holds = "an envelope without " + key
		return s.skipValue()
	}
	return d.decodeValue(s)
}

// decodeBase64 reads what is coded in the string that comes next.
func (d *decoder) decodeBase64(s *stream, what string) error {
	text := newBase64Reader(s.textReader())
	defer text.close()
	return d.decodeText(text, what)
}

// decodeText reads a text that holds JSON, to its end. That it does not hold any is no error
// of what is around it.
func (d *decoder) decodeText(text io.Reader, what string) error {
	mark := len(d.items)
	s := newStream(text)
	defer s.close()
	if s.atEnd() {
		text = s.r // it may have ended because it is not base64
	} else if err := d.decodeValue(s); err != nil || !s.atEnd() {
		var partial []Item
		for _, item := range d.items[mark:] {
			if item.partial {
				partial = append(partial, item)
			}
		}
		d.items = append(d.items[:mark], partial...)
		d.addProblem("%s holds no JSON", what)
	}
	var broken base64.CorruptInputError
	if _, err := io.Copy(io.Discard, text); errors.As(err, &broken) || errors.Is(err, io.ErrUnexpectedEOF) {
		d.items = d.items[:mark]
		d.addProblem("%s is not base64", what)
	}
	return nil
}

// errUnconfirmedTopic names the topic unless its name is suspiciously long.
func errUnconfirmedTopic(topic string) error {
	if topicName(topic) != topic || topic == "" {
		return ErrUnconfirmed
	}
	return fmt.Errorf("%w to %q", ErrUnconfirmed, topic)
}

func topicName(topic string) string {
	if topic == "" || utf8.RuneCountInString(topic) > maxName {
		return "a topic"
	}
	return topic
}
