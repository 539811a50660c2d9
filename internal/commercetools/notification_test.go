package commercetools

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

const stateChanged = `{"notificationType":"Message","projectKey":"acme","id":"6c1b0c1e-5a0e-4a34-9b0a-8f3a2b1c0d11","version":1,
 "sequenceNumber":2,"resource":{"typeId":"order","id":"0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10"},"resourceVersion":2,
 "resourceUserProvidedIdentifiers":{"orderNumber":"A-1001"},"type":"OrderStateChanged","orderState":"Confirmed","oldOrderState":"Open"}`

func pubSub(data string) string {
	return `{"message":{"attributes":{},"data":"` + base64.StdEncoding.EncodeToString([]byte(data)) + `","messageId":"1"},"subscription":"projects/p/subscriptions/s"}`
}

func sns(message string) string {
	text, _ := json.Marshal(message)
	return `{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-central-1:1:t","Message":` + string(text) + `}`
}

func cloudEvent(data string) string {
	return `{"specversion":"1.0","id":"e","type":"com.commercetools.order.message.OrderStateChanged","source":"/acme","data":` + data + `}`
}

func TestEveryEnvelopeHoldsTheSameNotification(t *testing.T) {
	t.Parallel()
	want := Notification{
		Kind: "Message", ID: "6c1b0c1e-5a0e-4a34-9b0a-8f3a2b1c0d11", ProjectKey: "acme",
		ResourceType: "order", ResourceID: "0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10", Sequence: 2,
		MessageType: OrderStateChanged, OrderNumber: "A-1001", OrderState: StateConfirmed, OldState: "Open",
	}
	for name, body := range map[string]string{
		"bare":                         stateChanged,
		"Pub/Sub push":                 pubSub(stateChanged),
		"SNS":                          sns(stateChanged),
		"SNS inside Pub/Sub":           pubSub(sns(stateChanged)),
		"CloudEvents":                  cloudEvent(stateChanged),
		"CloudEvents inside Pub/Sub":   pubSub(cloudEvent(stateChanged)),
		"CloudEvents in SNS in a push": pubSub(sns(cloudEvent(stateChanged))),
	} {
		got, err := DecodeNotification([]byte(body))
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestNotificationsThatSayLess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want Notification
	}{
		"payload not included": {
			`{"notificationType":"Message","projectKey":"acme","resource":{"typeId":"order","id":"o"},"payloadNotIncluded":{"reason":"too large","payloadType":"OrderCreated"}}`,
			Notification{Kind: "Message", ProjectKey: "acme", ResourceType: "order", ResourceID: "o", MessageType: OrderCreated},
		},
		"subscription test": {
			`{"notificationType":"ResourceCreated","projectKey":"acme","resource":{"typeId":"subscription","id":"s"},"version":1}`,
			Notification{Kind: "ResourceCreated", ProjectKey: "acme", ResourceType: "subscription", ResourceID: "s", Version: 1},
		},
		"change of a channel": {
			`{"notificationType":"ResourceDeleted","projectKey":"acme","resource":{"typeId":"channel","id":"c"},"version":4,"resourceUserProvidedIdentifiers":{"key":"store-7"},"modifiedAt":"2026-03-01T09:15:00.000Z"}`,
			Notification{
				Kind: "ResourceDeleted", ProjectKey: "acme", ResourceType: "channel", ResourceID: "c", Key: "store-7", Version: 4,
				At: time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC),
			},
		},
		"deleted order": {
			`{"notificationType":"Message","projectKey":"acme","type":"OrderDeleted","resource":{"typeId":"order","id":"o"},"order":{"id":"o","orderState":"Open"}}`,
			Notification{
				Kind: "Message", ProjectKey: "acme", ResourceType: "order", ResourceID: "o", MessageType: OrderDeleted, OrderState: "Open",
				Deleted: `{"id":"o","orderState":"Open"}`,
			},
		},
		"custom field": {
			`{"notificationType":"Message","projectKey":"acme","type":"OrderCustomFieldChanged","resource":{"typeId":"order","id":"o"},"name":"gift","value":{"a":1}}`,
			Notification{Kind: "Message", ProjectKey: "acme", ResourceType: "order", ResourceID: "o", MessageType: OrderCustomFieldChanged, Field: "gift"},
		},
		"a name that is another thing": {
			`{"notificationType":"Message","projectKey":"acme","type":"ProductCreated","resource":{"typeId":"product","id":"p"},"name":{"en":"Mug"}}`,
			Notification{Kind: "Message", ProjectKey: "acme", ResourceType: "product", ResourceID: "p", MessageType: "ProductCreated"},
		},
		"embedded order": {
			`{"notificationType":"Message","projectKey":"acme","type":"OrderCreated","resource":{"typeId":"order","id":"o"},"order":{"orderState":"Open","orderNumber":"N"}}`,
			Notification{Kind: "Message", ProjectKey: "acme", ResourceType: "order", ResourceID: "o", MessageType: OrderCreated, OrderState: "Open", OrderNumber: "N"},
		},
	} {
		got, err := DecodeNotification([]byte(c.body))
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestMalformedBodiesAreToldApart(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":            ``,
		"not JSON":           `{"message":`,
		"a list":             `[]`,
		"null":               `null`,
		"some object":        `{"hello":"world"}`,
		"push without data":  `{"message":{}}`,
		"push of not base64": `{"message":{"data":"%%%"}}`,
		"push of not JSON":   pubSub("hello"),
		"SNS of an object":   `{"Type":"Notification","Message":{}}`,
		"event without data": `{"specversion":"1.0"}`,
		"no resource":        `{"notificationType":"Message","type":"OrderCreated"}`,
		"resource of no id":  `{"notificationType":"Message","resource":{"typeId":"order"}}`,
		"resource is a text": `{"notificationType":"Message","resource":"order"}`,
		"wrapped too deeply": strings.Repeat("[", 9) + stateChanged + strings.Repeat("]", 9),
		"two where one is":   "[" + stateChanged + "," + stateChanged + "]",
		"more after its end": stateChanged + "}",
		"a text of not JSON": `"hello"`,
		"another handshake":  `[{"eventType":"Other","data":{"validationCode":"c"}}]`,
	} {
		if got, err := DecodeNotification([]byte(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// equal leaves out what Text writes otherwise: the digits of a time, white space of an
// order.
func (n Notification) equal(other Notification) bool {
	same := n.At.Equal(other.At)
	n.At, other.At = time.Time{}, time.Time{}
	if n.Deleted != other.Deleted {
		var a, b any
		same = same && json.Unmarshal([]byte(n.Deleted), &a) == nil && json.Unmarshal([]byte(other.Deleted), &b) == nil && reflect.DeepEqual(a, b)
		n.Deleted, other.Deleted = "", ""
	}
	return same && n == other
}

func FuzzDecodeNotification(f *testing.F) {
	f.Add([]byte(stateChanged))
	f.Add([]byte(pubSub(sns(stateChanged))))
	f.Add([]byte(cloudEvent(stateChanged)))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := DecodeNotification(body)
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Fatalf("an error of another kind: %v", err)
		}
		if err == nil && n.Kind != "" && n.Kind != "Event" && (n.ResourceID == "" || n.ResourceType == "") {
			t.Fatalf("accepted without a resource: %+v", n)
		}
		if err != nil || n.Kind == "" {
			return
		}
		if again, err := DecodeNotification(n.Encode()); err != nil || !again.equal(n) {
			t.Fatalf("its text reads as %+v, %v, it was %+v", again, err, n)
		}
	})
}

func TestNotificationsWithOverlongNamesAreMalformed(t *testing.T) {
	t.Parallel()
	const whole = `{"notificationType":"Message","id":"m","projectKey":"demo","type":"OrderCreated","resource":{"typeId":"order","id":"o"},
		"resourceUserProvidedIdentifiers":{"orderNumber":"n"},"orderState":"Confirmed"}`
	for _, value := range []string{`"Message"`, `"m"`, `"demo"`, `"OrderCreated"`, `"order"`, `"o"`, `"n"`, `"Confirmed"`} {
		for length, fits := range map[int]bool{256: true, 257: false, 100_000: false} {
			body := strings.Replace(whole, ":"+value, `:"`+strings.Repeat("ü", length)+`"`, 1)
			_, err := DecodeNotification([]byte(body))
			if errors.Is(err, ErrMalformed) == fits || err != nil && len(err.Error()) > 200 {
				t.Errorf("%d characters instead of %s: %v", length, value, err)
			}
		}
	}
}

func TestARequestToConfirmASubscriptionIsToldApart(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string]string{
		`"arn:aws:sns:eu-central-1:1:orders"`: `SNS asks to confirm a subscription to "arn:aws:sns:eu-central-1:1:orders"`,
		`"` + strings.Repeat("x", 300) + `"`:  "SNS asks to confirm a subscription",
		`7`:                                   "SNS asks to confirm a subscription",
	} {
		body := `{"Type":"SubscriptionConfirmation","Token":"hunter2","TopicArn":` + topic + `,"Message":"You have chosen to subscribe","SubscribeURL":"https://sns.example/hunter2"}`
		_, err := DecodeNotification([]byte(body))
		if !errors.Is(err, ErrUnconfirmed) || !errors.Is(err, ErrMalformed) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%.80s: %v", topic, err)
		}
	}
}
