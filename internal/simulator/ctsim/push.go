package ctsim

import (
	"encoding/json"
	"net/http"
	"strings"
)

// route is where a broker pushes what it is given.
type route struct {
	url    string
	header http.Header
}

// Undelivered is a notification for a destination that nothing was routed to.
type Undelivered struct {
	Destination string
	Body        json.RawMessage
}

// RoutePush says where a broker pushes the notifications for a destination, named
// as DestinationName does. The header goes with each push.
func (p *Platform) RoutePush(destination, url string, header http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.routes[destination] = route{url, header.Clone()}
}

// Undelivered is what was sent to destinations without a route, oldest first.
func (p *Platform) Undelivered() []Undelivered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Undelivered(nil), p.undelivered...)
}

// DestinationName names a subscription's destination by its type and address, for
// example "GoogleCloudPubSub:project/topic", "SNS:arn" or "SQS:queueUrl".
func DestinationName(destination map[string]any) string {
	parts := map[string][]string{
		"GoogleCloudPubSub": {"projectId", "topic"},
		"SNS":               {"topicArn"},
		"SQS":               {"queueUrl"},
		"EventBridge":       {"region", "accountId"},
		"AzureServiceBus":   {"connectionString"},
		"EventGrid":         {"uri"},
		"ConfluentCloud":    {"bootstrapServer", "topic"},
		"IronMQ":            {"uri"},
	}
	kind, _ := destination["type"].(string)
	var address []string
	for _, name := range parts[kind] {
		text, _ := destination[name].(string)
		address = append(address, text)
	}
	return kind + ":" + strings.Join(address, "/")
}

// deliver hands a notification to the subscriber's broker, or keeps it back as the
// subscription's status asks. It is called without the lock.
func (p *Platform) deliver(s *subscriber, n notification) {
	body := n.body
	if s.cloudEvents {
		body = p.cloudEvent(n)
	}
	r, ok := p.routeFor(s, n, body)
	if !ok {
		return
	}
	push := p.wrap(s.destination, n, body)
	for name, values := range r.header {
		push.header[name] = values
	}
	p.courier.Send(r.url, push.header, push.body)
}

// routeFor finds where a notification goes now; if it goes nowhere, the platform or
// the broker has kept or dropped it.
func (p *Platform) routeFor(s *subscriber, n notification, body json.RawMessage) (route, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch s.status {
	case "Healthy", "TemporaryError":
	case "ConfigurationError":
		p.retained[s.id] = append(p.retained[s.id], n)
		return route{}, false
	default:
		return route{}, false
	}
	r, routed := p.routes[s.destination]
	if !routed {
		p.undelivered = append(p.undelivered, Undelivered{s.destination, body})
	}
	return r, routed
}

type push struct {
	header http.Header
	body   []byte
}

// wrap makes the request that the broker's push consists of.
func (p *Platform) wrap(destination string, n notification, body json.RawMessage) push {
	kind, address, _ := strings.Cut(destination, ":")
	switch kind {
	case "GoogleCloudPubSub":
		return pubSubPush(address, n, body)
	case "SNS":
		return snsPush(address, p.ids.next(), n, body)
	}
	return push{http.Header{anyCodeHeader: {"1"}}, body}
}

func pubSubPush(address string, n notification, body []byte) push {
	project, topic, _ := strings.Cut(address, "/")
	envelope := object(
		field{"message", object(
			field{"attributes", map[string]any{}},
			field{"data", body}, // encoded as base64
			field{"messageId", n.id},
			field{"message_id", n.id},
			field{"publishTime", n.time},
			field{"publish_time", n.time},
		)},
		field{"subscription", "projects/" + project + "/subscriptions/" + topic},
	)
	return push{http.Header{}, envelope}
}

func snsPush(arn, id string, n notification, body []byte) push {
	header := http.Header{}
	header.Set("X-Amz-Sns-Message-Type", "Notification")
	header.Set("X-Amz-Sns-Message-Id", id)
	header.Set("X-Amz-Sns-Topic-Arn", arn)
	header.Set(anyCodeHeader, "1")
	return push{header, object(
		field{"Type", "Notification"},
		field{"MessageId", id},
		field{"TopicArn", arn},
		field{"Message", string(body)},
		field{"Timestamp", n.time},
		field{"SignatureVersion", "1"},
		field{"Signature", "c2ltdWxhdGVk"},
		field{"SigningCertURL", "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService.pem"},
		field{"UnsubscribeURL", "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=" + arn + ":simulated"},
	)}
}

// anyCodeHeader marks pushes that any 2xx status acknowledges. It is not sent.
const anyCodeHeader = "X-Any-2xx"

func acceptedByPubSub(status int) bool {
	switch status {
	case http.StatusProcessing, http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return true
	}
	return false
}

// pushClient makes every 2xx answer to a marked push a plain 200, so that one
// courier serves brokers that differ in what they take for an acknowledgement.
func pushClient(client *http.Client) *http.Client {
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	marked := *client
	marked.Transport = pushTransport{next}
	return &marked
}

type pushTransport struct{ next http.RoundTripper }

func (t pushTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get(anyCodeHeader) == "" {
		return t.next.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	r.Header.Del(anyCodeHeader)
	response, err := t.next.RoundTrip(r)
	if err == nil && response.StatusCode/100 == 2 {
		response.StatusCode = http.StatusOK
	}
	return response, err
}
