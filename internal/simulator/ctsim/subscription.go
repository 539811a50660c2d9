package ctsim

import (
	"slices"
	"strings"
)

// subscriber is a subscription as the delivery of notifications needs it.
type subscriber struct {
	id          string
	destination string
	status      string
	cloudEvents bool
	messages    map[string][]string // wanted types by resource type; none: all
	changes     []string
}

func (s *subscriber) wantsMessage(typeID, name string) bool {
	types, subscribed := s.messages[typeID]
	return subscribed && (len(types) == 0 || slices.Contains(types, name))
}

// resubscribe takes over the stored subscriptions and returns what was kept back
// for those that work again. The lock is held.
func (p *Platform) resubscribe() []releasedNotification {
	var free []releasedNotification
	p.subscribers = nil
	for _, r := range p.collections["subscriptions"].byID {
		s := newSubscriber(r.doc)
		p.subscribers = append(p.subscribers, s)
		if s.status == "ConfigurationError" {
			continue
		}
		for _, n := range p.retained[s.id] {
			free = append(free, releasedNotification{s, n})
		}
		delete(p.retained, s.id)
	}
	return free
}

// releasedNotification is a notification that was kept back and is now to be delivered.
type releasedNotification struct {
	subscriber   *subscriber
	notification notification
}

func newSubscriber(doc document) *subscriber {
	value := doc.decodeAll()
	destination, _ := value["destination"].(map[string]any)
	s := &subscriber{
		id: doc.string("id"), status: doc.string("status"),
		destination: DestinationName(destination), messages: map[string][]string{},
		cloudEvents: valueAt(value, "format", "type") == "CloudEvents",
	}
	for _, m := range objectsIn(value["messages"]) {
		name, _ := m["resourceTypeId"].(string)
		s.messages[name] = textsIn(m["types"])
	}
	for _, c := range objectsIn(value["changes"]) {
		name, _ := c["resourceTypeId"].(string)
		s.changes = append(s.changes, name)
	}
	return s
}

func subscriptionKind() *kind {
	return &kind{
		typeID: "subscription", path: "subscriptions", title: "Subscription", keyField: "key",
		fields: []string{"destination", "messages", "changes", "events", "format", "status"},
		reads:  []string{"manage_subscriptions"}, writes: []string{"manage_subscriptions"},
		complete: completeSubscription,
		actions: map[string]action{
			"setKey":            rename("key"),
			"setMessages":       listAction("messages"),
			"setChanges":        listAction("changes"),
			"setEvents":         listAction("events"),
			"changeDestination": {[]string{"destination"}, changeDestination},
		},
	}
}

func listAction(name string) action {
	return action{apply: func(t *turn, a map[string]any) *apiError {
		list, _ := a[name].([]any)
		if list == nil {
			list = []any{}
		}
		if name != "events" {
			if err := checkSubscriptionTypes(name, list); err != nil {
				return err
			}
		}
		t.set(name, list)
		if isEmpty(t.peekValue("messages")) && isEmpty(t.peekValue("changes")) && isEmpty(t.peekValue("events")) {
			return invalidInput("At least one of 'messages', 'changes' or 'events' must be provided.")
		}
		return nil
	}}
}

func isEmpty(value any) bool {
	list, _ := value.([]any)
	return len(list) == 0
}

func changeDestination(t *turn, a map[string]any) *apiError {
	destination, _ := a["destination"].(map[string]any)
	if err := checkDestination(destination); err != nil {
		return err
	}
	t.set("destination", withMaskedSecrets(destination))
	t.set("status", "Healthy")
	return nil
}

func completeSubscription(p *Platform, draft map[string]any) *apiError {
	destination, ok := draft["destination"].(map[string]any)
	if !ok {
		return invalidJSON("destination: Missing required value")
	}
	if err := checkDestination(destination); err != nil {
		return err
	}
	fillDefaults(draft, map[string]any{
		"messages": []any{}, "changes": []any{}, "events": []any{},
		"format": map[string]any{"type": "Platform"},
	})
	for _, name := range []string{"messages", "changes"} {
		if err := checkSubscriptionTypes(name, draft[name]); err != nil {
			return err
		}
	}
	if isEmpty(draft["messages"]) && isEmpty(draft["changes"]) && isEmpty(draft["events"]) {
		return invalidInput("At least one of 'messages', 'changes' or 'events' must be provided.")
	}
	if destination["type"] == "EventGrid" && valueAt(draft, "format", "type") != "CloudEvents" {
		return invalidInput("A destination of type 'EventGrid' requires the CloudEvents format.")
	}
	if len(p.collections["subscriptions"].byID) >= 50 {
		return badRequest("MaxResourceLimitExceeded", map[string]any{"exceededResource": "subscription"},
			"The maximum number of subscriptions has been reached: 50.")
	}
	draft["destination"] = withMaskedSecrets(destination)
	draft["status"] = "Healthy"
	return nil
}

// checkSubscriptionTypes refuses resource types that have no messages or changes,
// and completes the entries.
func checkSubscriptionTypes(name string, list any) *apiError {
	for _, entry := range objectsIn(list) {
		id, _ := entry["resourceTypeId"].(string)
		if id == "" {
			return invalidJSON("%s -> resourceTypeId: Missing required value", name)
		}
		allowed := changeResources()
		if name == "messages" {
			allowed = messageResources()
			fillDefaults(entry, map[string]any{"types": []any{}})
		}
		if !slices.Contains(allowed, id) {
			return invalidField("resourceTypeId", id, allowed...)
		}
	}
	return nil
}

func messageResources() []string {
	return strings.Fields(`approval-flow approval-rule associate-role business-unit category customer
		customer-email-token customer-group customer-password-token inventory-entry order payment product
		product-selection product-tailoring quote quote-request review shopping-list staged-quote
		standalone-price store`)
}

func changeResources() []string {
	return append(messageResources(), strings.Fields(`attribute-group cart cart-discount channel discount-code
		discount-group extension key-value-document order-edit product-discount product-price product-type
		recurrence-policy recurring-order shipping-method state subscription tax-category type zone`)...)
}

func checkDestination(destination map[string]any) *apiError {
	required := map[string][]string{
		"GoogleCloudPubSub": {"projectId", "topic"},
		"SNS":               {"topicArn"},
		"SQS":               {"queueUrl", "region"},
		"EventBridge":       {"region", "accountId"},
		"AzureServiceBus":   {"connectionString"},
		"EventGrid":         {"uri", "accessKey"},
		"ConfluentCloud":    {"bootstrapServer", "apiKey", "apiSecret", "acks", "topic"},
		"IronMQ":            {"uri"},
	}
	kind, _ := destination["type"].(string)
	names, known := required[kind]
	if !known {
		return invalidJSON("destination -> type: Invalid type '%s'", kind)
	}
	for _, name := range names {
		if text, _ := destination[name].(string); text == "" {
			return invalidJSON("destination -> %s: Missing required value", name)
		}
	}
	return nil
}

// withMaskedSecrets is the destination as it is shown: secrets keep only their last four
// characters, and the fields that the platform sets are there.
func withMaskedSecrets(destination map[string]any) map[string]any {
	shown := copyOf(destination)
	for _, name := range []string{"accessSecret", "accessKey", "apiSecret", "connectionString"} {
		if secret, ok := shown[name].(string); ok && (name != "accessKey" || shown["type"] == "EventGrid") {
			shown[name] = maskedSecret(secret)
		}
	}
	switch shown["type"] {
	case "SNS", "SQS":
		fillDefaults(shown, map[string]any{"authenticationMode": "Credentials"})
	case "EventBridge":
		fillDefaults(shown, map[string]any{"source": "aws.partner/commercetools.com/" + shown["accountId"].(string)})
	}
	return shown
}

func maskedSecret(secret string) string {
	if i := strings.LastIndex(secret, "SharedAccessKey="); i >= 0 {
		i += len("SharedAccessKey=")
		return secret[:i] + maskedSecret(secret[i:])
	}
	visible := max(0, min(4, len(secret)-4))
	return strings.Repeat("*", len(secret)-visible) + secret[len(secret)-visible:]
}

// testDestination delivers the notification that precedes a subscription. It must
// be called without the lock.
func (p *Platform) testDestination(id string, destination map[string]any) *apiError {
	name := DestinationName(destination)
	n := p.changeNotification(changeOutcome{
		change: change{kind: "ResourceCreated"}, typeID: "subscription", id: id, version: 1,
		when: stamp(p.opts.Clock.Now()),
	})
	p.mu.Lock()
	r, routed := p.routes[name]
	if !routed {
		p.undelivered = append(p.undelivered, Undelivered{name, n.body})
	}
	p.mu.Unlock()
	if !routed {
		return nil
	}
	push := p.wrap(name, n, n.body)
	for key, values := range r.header {
		push.header[key] = values
	}
	if status := p.courier.SendNow(r.url, push.header, push.body); !acceptedByPubSub(status) {
		return invalidInput("A test message could not be delivered to this destination: %s. Please make sure your destination is correctly configured.", name)
	}
	return nil
}

// Subscriptions are the stored subscriptions, as the API shows them.
func (p *Platform) Subscriptions() []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []map[string]any
	for _, r := range p.collections["subscriptions"].all {
		if !r.gone {
			all = append(all, r.doc.decodeAll())
		}
	}
	return all
}

// SetSubscriptionStatus changes a subscription's health, for example to
// "ConfigurationErrorDeliveryStopped". An unknown key changes nothing.
func (p *Platform) SetSubscriptionStatus(key, status string) {
	p.mu.Lock()
	c := p.collections["subscriptions"]
	var o changeOutcome
	if r := c.byKey[key]; r != nil {
		t := p.newTurn(c, r)
		t.set("status", status)
		if t.applyChanges() {
			t.version++
			o = p.storeTurn(c, t, nil, ForeignClientID)
		}
	}
	p.mu.Unlock()
	p.announce(o)
}

func objectsIn(value any) []map[string]any {
	list, _ := value.([]any)
	found := make([]map[string]any, 0, len(list))
	for _, entry := range list {
		if o, ok := entry.(map[string]any); ok {
			found = append(found, o)
		}
	}
	return found
}

func textsIn(value any) []string {
	list, _ := value.([]any)
	var found []string
	for _, entry := range list {
		if text, ok := entry.(string); ok {
			found = append(found, text)
		}
	}
	return found
}
