package commercetools

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func sqsRecord(body string) string {
	return `{"messageId":"059f36b4","receiptHandle":"AQEB","body":` + body + `,"attributes":{"ApproximateReceiveCount":"1"},"messageAttributes":{},"md5OfBody":"e4","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:1:q","awsRegion":"eu-central-1"}`
}

func eventBridge(detail string) string {
	return `{"version":"0","id":"e","detail-type":"OrderStateChanged","source":"aws.partner/commercetools.com/acme","account":"1","time":"2026-03-01T09:15:00Z","region":"eu-central-1","resources":[],"detail":` + detail + `}`
}

func eventGrid(eventType, data string) string {
	return `{"id":"e","topic":"/subscriptions/1","subject":"order","eventType":"` + eventType + `","data":` + data + `,"eventTime":"2026-03-01T09:15:00Z","dataVersion":"1","metadataVersion":"1"}`
}

func whole() bool { return false }

// TestBrokersDeliverInManyWays has every envelope that brokers and what stands between
// them and us are documented to send.
func TestBrokersDeliverInManyWays(t *testing.T) {
	t.Parallel()
	base64Event := `{"specversion":"1.0","id":"e","source":"/acme","type":"com.commercetools.order.message.OrderStateChanged","data_base64":"` +
		base64.StdEncoding.EncodeToString([]byte(stateChanged)) + `"}`
	dataFirst := `{"data":` + stateChanged + `,"specversion":"1.0","type":"com.commercetools.order.message.OrderStateChanged"}`
	for name, c := range map[string]struct {
		body  string
		items int
	}{
		"EventBridge":                       {eventBridge(stateChanged), 1},
		"EventBridge with detail as text":   {eventBridge(quote(stateChanged)), 1},
		"SQS, an array from a pipe":         {"[" + sqsRecord(quote(stateChanged)) + "," + sqsRecord(quote(stateChanged)) + "]", 2},
		"SQS, a pipe that parses bodies":    {"[" + sqsRecord(stateChanged) + "]", 1},
		"SQS, Records for a function":       {`{"Records":[` + sqsRecord(quote(stateChanged)) + "," + sqsRecord(quote(sns(stateChanged))) + "]}", 2},
		"SQS, one record":                   {sqsRecord(quote(stateChanged)), 1},
		"SNS for a function":                {`{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","Sns":` + sns(stateChanged) + `}]}`, 1},
		"SQS of SNS of CloudEvents, array":  {"[" + sqsRecord(quote(sns(cloudEvent(stateChanged)))) + "]", 1},
		"SQS of EventBridge":                {"[" + sqsRecord(quote(eventBridge(stateChanged))) + "]", 1},
		"CloudEvents, a batch":              {"[" + cloudEvent(stateChanged) + "," + cloudEvent(stateChanged) + "," + base64Event + "]", 3},
		"CloudEvents, data_base64":          {base64Event, 1},
		"CloudEvents, data as JSON text":    {cloudEvent(quote(stateChanged)), 1},
		"CloudEvents, data before the rest": {dataFirst, 1},
		"CloudEvents, data text in a push":  {pubSub(cloudEvent(quote(stateChanged))), 1},
		"Event Grid":                        {"[" + eventGrid("com.commercetools.order", stateChanged) + "]", 1},
		"a bare list":                       {"[" + stateChanged + ",\n" + stateChanged + "]", 2},
		"a bare text":                       {quote(stateChanged), 1},
		"Pub/Sub with attributes first":     {strings.Replace(pubSub(stateChanged), `"attributes":{}`, `"attributes":{"a":"\"}"},"orderingKey":null`, 1), 1},
	} {
		items := Decode(iotest.HalfReader(strings.NewReader(c.body)), whole)
		if len(items) != c.items {
			t.Errorf("%s: %d items: %+v", name, len(items), items)
		}
		for _, item := range items {
			if item.Err != nil || item.ResourceID != "0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10" || item.OrderState != StateConfirmed || item.MessageType != OrderStateChanged {
				t.Errorf("%s: %+v", name, item)
			}
		}
	}
}

func TestHandshakesAndGoodbyesAreUnderstood(t *testing.T) {
	t.Parallel()
	validation := "[" + eventGrid("Microsoft.EventGrid.SubscriptionValidationEvent", `{"validationCode":"512d38b6","validationUrl":"https://rp.example/validate"}`) + "]"
	if items := Decode(strings.NewReader(validation), whole); len(items) != 1 || items[0].Err != nil || items[0].Validation != "512d38b6" {
		t.Errorf("%+v", items)
	}
	goodbye := `{"Type":"UnsubscribeConfirmation","MessageId":"m","Token":"hunter2","TopicArn":"arn:aws:sns:eu-central-1:1:orders","Message":"You have chosen to deactivate subscription arn","SubscribeURL":"https://sns.example/hunter2","Timestamp":"2026-03-01T09:15:00Z"}`
	if items := Decode(strings.NewReader(goodbye), whole); len(items) != 1 || items[0].Err != nil || items[0].Unsubscribed != "arn:aws:sns:eu-central-1:1:orders" {
		t.Errorf("%+v", items)
	}
}

func TestEventsOfCommercetoolsHaveNoResource(t *testing.T) {
	t.Parallel()
	const body = `{"notificationType":"Event","projectKey":"acme","id":"e-1","type":"ImportContainerCreated","resourceType":"import-container","data":{"resource":7,"detail":"x"},"createdAt":"2026-03-01T09:15:00Z"}`
	for _, text := range []string{body, cloudEvent(body), pubSub(body)} {
		items := Decode(strings.NewReader(text), whole)
		if len(items) != 1 || items[0].Err != nil || items[0].Kind != "Event" || items[0].MessageType != "ImportContainerCreated" || items[0].ID != "e-1" {
			t.Errorf("%+v", items)
		}
	}
}

// TestWhatIsNotNeededNeverMakesAMessageUnreadable has fields of other types than documented.
func TestWhatIsNotNeededNeverMakesAMessageUnreadable(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]Notification{
		`{"notificationType":"Message","sequenceNumber":2.0,"version":"one","resource":{"typeId":"order","id":"o","obj":[]}}`: {
			Kind: "Message", ResourceType: "order", ResourceID: "o", Sequence: 2,
		},
		`{"notificationType":"ResourceUpdated","version":4.0,"resource":{"typeId":"channel","id":"c"},"modifiedAt":null}`: {
			Kind: "ResourceUpdated", ResourceType: "channel", ResourceID: "c", Version: 4,
		},
		`{"notificationType":"Message","orderState":1,"id":null,"projectKey":[],"name":{"de":"x"},"resourceUserProvidedIdentifiers":null,"payloadNotIncluded":"no","order":"none","createdAt":12,"resource":{"id":"o","typeId":"order"}}`: {
			Kind: "Message", ResourceType: "order", ResourceID: "o",
		},
		`{"notificationType":"Message","type":"OrderCreated","order":{"orderNumber":7,"orderState":null,"lineItems":{}},"resource":{"id":"o","typeId":"order"}}`: {
			Kind: "Message", ResourceType: "order", ResourceID: "o", MessageType: OrderCreated,
		},
		`{"resource":{"id":"\u006f\ud83d\ude00\n","typeId":"order"},"notificationType":"Message"}`: {
			Kind: "Message", ResourceType: "order", ResourceID: "o😀\n",
		},
	} {
		if got, err := DecodeNotification([]byte(body)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

func TestOneUnreadableMessageLeavesTheOthersReadable(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a record of not JSON":   "[" + sqsRecord(quote(stateChanged)) + "," + sqsRecord(`"hello"`) + "," + sqsRecord(quote(stateChanged)) + "]",
		"a record of null":       "[" + stateChanged + "," + sqsRecord("null") + "," + stateChanged + "]",
		"an object of others":    "[" + stateChanged + `,{"hello":"world"},` + stateChanged + "]",
		"a number":               "[" + stateChanged + `,7,` + stateChanged + "]",
		"without a resource":     "[" + stateChanged + `,{"notificationType":"Message"},` + stateChanged + "]",
		"another system's event": "[" + cloudEvent(stateChanged) + `,{"specversion":"1.0","type":"other","data":{"a":{"b":[1]}}},` + cloudEvent(stateChanged) + "]",
	} {
		readable, unreadable := 0, 0
		for _, item := range Decode(strings.NewReader(body), whole) {
			switch {
			case item.Err == nil && item.ResourceID != "":
				readable++
			case errors.Is(item.Err, ErrMalformed):
				unreadable++
			}
		}
		if readable != 2 || unreadable != 1 {
			t.Errorf("%s: %d readable, %d not", name, readable, unreadable)
		}
	}
	endless := Decode(strings.NewReader("["+strings.Repeat(stateChanged+",", maxItems)+stateChanged+"]"), whole)
	if last := endless[len(endless)-1]; len(endless) != maxItems+1 || !errors.Is(last.Err, ErrMalformed) || !strings.Contains(last.Err.Error(), "more than 10000") {
		t.Errorf("%d items, the last: %v", len(endless), last.Err)
	}
}

// TestTheBeginningOfALargeMessageNamesItsOrder: what a limit cuts off is not needed.
func TestTheBeginningOfALargeMessageNamesItsOrder(t *testing.T) {
	t.Parallel()
	large := strings.Replace(stateChanged, `"orderState"`, `"order":{"lineItems":["`+strings.Repeat("x", 1<<20)+`"]},"orderState"`, 1)
	for name, body := range map[string]string{
		"bare": large, "Pub/Sub": pubSub(large), "SNS": sns(large), "EventBridge": eventBridge(large), "SQS": sqsRecord(quote(large)),
	} {
		cut := io.LimitReader(strings.NewReader(body), 1<<19)
		items := Decode(cut, func() bool { return true })
		if len(items) != 1 || items[0].Err != nil || items[0].ResourceID == "" || items[0].OrderNumber != "A-1001" {
			t.Errorf("%s: %+v", name, items)
		}
		if items := Decode(io.LimitReader(strings.NewReader(body), 1<<19), whole); !errors.Is(items[len(items)-1].Err, ErrMalformed) || len(items) > 2 || items[0].Err == nil {
			t.Errorf("%s that ended too early, not cut: %+v", name, items)
		}
	}
	for _, body := range []string{`{"a":"` + strings.Repeat("x", 1<<20), strings.Repeat(" ", 1<<20)} {
		if items := Decode(strings.NewReader(body), func() bool { return true }); len(items) != 1 || !errors.Is(items[0].Err, ErrTooLarge) {
			t.Errorf("%.10s: %+v", body, items)
		}
	}
	list := "[" + stateChanged + "," + large
	if items := Decode(io.LimitReader(strings.NewReader(list), 1<<19), func() bool { return true }); len(items) != 3 || items[1].Err != nil || !errors.Is(items[2].Err, ErrTooLarge) {
		t.Errorf("a list that was cut: %+v", items)
	}
}

// TestALargeMessageCostsNoMoreMemoryThanASmallOne: it is never in memory as a whole.
func TestALargeMessageCostsNoMoreMemoryThanASmallOne(t *testing.T) {
	begin, end, _ := strings.Cut(stateChanged, `"orderState"`)
	begin += `"type":"OrderCreated","order":{"lineItems":["`
	begin += strings.Repeat("a", (3-len(begin)%3)%3) // three bytes are four characters of base64
	encode := base64.StdEncoding.EncodeToString
	head, tail, _ := strings.Cut(pubSub(""), `"data":"`)
	const times = 1 << 22
	body := io.MultiReader(
		strings.NewReader(head+`"data":"`+encode([]byte(begin))),
		&endless{text: strings.Repeat(encode([]byte(`a\n`)), 1<<10), left: times * 4},
		strings.NewReader(encode([]byte(`"]},"orderState"`+end))+tail),
	)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	items := Decode(body, whole)
	runtime.ReadMemStats(&after)
	if items[0].Err != nil || items[0].OrderState != StateConfirmed {
		t.Fatalf("%+v", items)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<10 {
		t.Errorf("%d bytes for %d times three", used, times)
	}
}

// endless reads as its text again and again, until nothing is left.
type endless struct {
	text     string
	at, left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), e.left)], e.text[e.at:])
	e.at, e.left = (e.at+n)%len(e.text), e.left-n
	return n, nil
}

func TestTheTextOfANotificationSaysAllThatIsRead(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		stateChanged,
		`{"notificationType":"Message","type":"OrderDeleted","resource":{"typeId":"order","id":"o"},"createdAt":"2026-03-01T09:15:00Z","order":{"id":"o","orderState":"Open","orderNumber":"A-1","custom":{"a":[1,null]}}}`,
		`{"notificationType":"ResourceUpdated","resource":{"typeId":"channel","id":"c"},"version":7,"modifiedAt":"2026-03-01T09:15:00.5Z","resourceUserProvidedIdentifiers":{"key":"k"}}`,
		`{"notificationType":"Message","type":"OrderCustomFieldChanged","name":"gift","resource":{"typeId":"order","id":"o"}}`,
		`{"notificationType":"Event","id":"e","type":"X"}`,
	} {
		n, err := DecodeNotification([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := DecodeNotification(n.Encode()); err != nil || again != n {
			t.Errorf("%s reads as %+v, %v", n.Encode(), again, err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	line := `{"id":"l","productId":"p","name":{"en":"Mug"},"variant":{"id":1,"sku":"MUG","attributes":[{"name":"color","value":"black"}]},"price":{"value":{"type":"centPrecision","centAmount":1299,"currencyCode":"EUR","fractionDigits":2}},"quantity":2}`
	order := `{"id":"o","version":1,"orderNumber":"A-1","orderState":"Confirmed","lineItems":[` + strings.Repeat(line+",", 14) + line + `]}`
	body := []byte(pubSub(fmt.Sprintf(`{"notificationType":"Message","projectKey":"acme","id":"m","type":"OrderCreated","resource":{"typeId":"order","id":"o"},"order":%s}`, order)))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if items := Decode(bytes.NewReader(body), whole); items[0].Err != nil {
			b.Fatal(items[0].Err)
		}
	}
}
