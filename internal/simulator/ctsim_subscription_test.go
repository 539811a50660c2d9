package simulator_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/testtime"
)

// inbox is the endpoint that brokers push to. It is reached in process.
type inbox struct {
	mu      sync.Mutex
	status  int
	bodies  []object
	headers []http.Header
}

func (i *inbox) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(i.status)
	var body object
	if err := json.Unmarshal(text, &body); err != nil {
		return nil, err
	}
	i.bodies = append(i.bodies, body)
	i.headers = append(i.headers, r.Header)
	return recorder.Result(), nil
}

func (i *inbox) answer(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.status = status
}

func (i *inbox) all() []object {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]object(nil), i.bodies...)
}

// payloads are the notifications inside the Pub/Sub envelopes.
func (i *inbox) payloads(t *testing.T) []object {
	t.Helper()
	var payloads []object
	for _, body := range i.all() {
		data, _ := dig(body, "message", "data").(string)
		text, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		var payload object
		if err := json.Unmarshal(text, &payload); err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, payload)
	}
	return payloads
}

// of finds the payload of a message type or notification type.
func of(payloads []object, name string) object {
	for _, p := range payloads {
		if p["type"] == name || p["notificationType"] == name {
			return p
		}
	}
	return nil
}

func newSubscribedShop(t *testing.T, opts ctsim.Options) (*shop, *inbox) {
	t.Helper()
	i := &inbox{status: http.StatusNoContent}
	opts.Client = &http.Client{Transport: i}
	s := newShop(t, opts)
	s.PutType(orderType())
	s.RoutePush("GoogleCloudPubSub:gcp/orders", "http://connector/push", http.Header{"Authorization": {"Bearer push"}})
	return s, i
}

func pubSub() object {
	return object{"type": "GoogleCloudPubSub", "projectId": "gcp", "topic": "orders"}
}

func (s *shop) subscribe(draft object) object {
	s.t.Helper()
	status, body := s.call(http.MethodPost, "/subscriptions", draft)
	if status != http.StatusCreated {
		s.t.Fatalf("%d %v", status, body)
	}
	return body
}

func orderMessages(types ...any) object {
	return object{
		"key": "orders", "destination": pubSub(),
		"messages": []any{object{"resourceTypeId": "order", "types": types}},
	}
}

func TestMessagesArePushed(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{})
	s.subscribe(orderMessages())
	id := s.PlaceOrder(object{"orderNumber": "A", "shippingInfo": object{}, "lineItems": []any{line("l1", "S1", 1)}})
	s.mustUpdate(id,
		object{"action": "setCustomType", "type": object{"typeId": "type", "key": "fft-order"}, "fields": object{"text": "x"}},
		object{"action": "setCustomField", "name": "text", "value": "y"},
		object{"action": "changeShipmentState", "shipmentState": "Ready"},
		object{"action": "addDelivery", "deliveryKey": "d", "items": []any{object{"id": "l1", "quantity": 1}}, "parcels": []any{object{"key": "p"}}},
		object{"action": "setParcelTrackingData", "parcelKey": "p", "trackingData": object{"trackingId": "T"}})
	if err := s.Edit(id, object{"action": "changeOrderState", "orderState": "Cancelled"}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteOrder(id); err != nil {
		t.Fatal(err)
	}
	testtime.Until(t, "ten pushes", func() bool { return len(i.all()) == 10 })
	payloads := i.payloads(t)
	checks := []struct {
		name  string
		field string
		want  any
		seq   float64
	}{
		{"OrderCreated", "projectKey", "demo", 1},
		{"OrderCustomTypeSet", "previousTypeId", nil, 2},
		{"OrderCustomFieldChanged", "previousValue", "x", 3},
		{"OrderShipmentStateChanged", "shipmentState", "Ready", 4},
		{"DeliveryAdded", "shippingKey", nil, 5},
		{"ParcelAddedToDelivery", "shippingKey", nil, 6},
		{"ParcelTrackingDataUpdated", "shippingKey", nil, 7},
		{"OrderStateChanged", "oldOrderState", "Open", 8},
		{"OrderDeleted", "notificationType", "Message", 9},
	}
	for _, c := range checks {
		got := of(payloads, c.name)
		if got[c.field] != c.want || got["sequenceNumber"] != c.seq || dig(got, "resource", "id") != id ||
			dig(got, "resourceUserProvidedIdentifiers", "orderNumber") != "A" {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if created := of(payloads, "OrderCreated"); dig(created, "order", "id") != id || dig(created, "order", "version") != 1.0 {
		t.Errorf("embedded order: %v", created["order"])
	}
	if added := of(payloads, "DeliveryAdded"); len(dig(added, "delivery", "parcels").([]any)) != 0 {
		t.Errorf("a delivery comes with its parcels: %v", added)
	}
	envelope := i.all()[1]
	if dig(envelope, "subscription") != "projects/gcp/subscriptions/orders" || i.headers[1].Get("Authorization") != "Bearer push" {
		t.Errorf("%v %v", envelope, i.headers[1])
	}
}

func TestOnlyWantedMessages(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{})
	s.subscribe(orderMessages("OrderImported", "OrderCreatedFromRecurringOrder"))
	s.PlaceOrder(nil)
	s.ImportOrder(nil)
	s.PlaceRecurringOrder(nil)
	testtime.Until(t, "three pushes", func() bool { return len(i.all()) == 3 && s.Courier().Pending() == 0 })
	payloads := i.payloads(t)
	if of(payloads, "OrderCreated") != nil || of(payloads, "OrderImported") == nil {
		t.Errorf("%v", payloads)
	}
	if r := of(payloads, "OrderCreatedFromRecurringOrder"); dig(r, "recurringOrderRef", "id") == nil || dig(r, "order", "origin") != "RecurringOrder" {
		t.Errorf("%v", r)
	}
}

func TestChangesAreNotified(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{})
	s.subscribe(object{"key": "changes", "destination": pubSub(), "changes": []any{
		object{"resourceTypeId": "channel"}, object{"resourceTypeId": "key-value-document"},
	}})
	s.PutChannel(object{"key": "depot"})
	s.PlaceOrder(nil)
	if err := s.EditChannel("depot", object{"action": "changeName", "name": object{"en": "Depot"}}); err != nil {
		t.Fatal(err)
	}
	s.PutCustomObject("fft", "a", 1)
	s.DeleteCustomObject("fft", "a")
	testtime.Until(t, "five pushes", func() bool { return len(i.all()) == 5 && s.Courier().Pending() == 0 })
	payloads := i.payloads(t)
	if test := payloads[0]; test["notificationType"] != "ResourceCreated" || dig(test, "resource", "typeId") != "subscription" {
		t.Errorf("no test notification: %v", test)
	}
	updated := of(payloads, "ResourceUpdated")
	if updated["oldVersion"] != 1.0 || updated["version"] != 2.0 || dig(updated, "resourceUserProvidedIdentifiers", "key") != "depot" {
		t.Errorf("%v", updated)
	}
	deleted := of(payloads, "ResourceDeleted")
	if dig(deleted, "resourceUserProvidedIdentifiers", "containerAndKey", "container") != "fft" {
		t.Errorf("%v", deleted)
	}
}

func TestPushIsRepeatedUntilAcknowledged(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{})
	s.subscribe(orderMessages("OrderCreated"))
	attempts := make(chan simulator.Delivery, 10)
	s.Courier().Watch(func(d simulator.Delivery) { attempts <- d })
	i.answer(http.StatusNonAuthoritativeInfo)
	s.PlaceOrder(nil)
	for n, wait := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		if d := <-attempts; d.Attempt != n+1 || d.Done {
			t.Errorf("%+v", d)
		}
		// Pending takes the lock under which the next attempt is set after the watcher is told.
		if s.Courier().Pending() != 1 {
			t.Error("the push is not pending")
		}
		s.clock.Advance(wait - time.Millisecond)
		if len(attempts) != 0 {
			t.Error("repeated too early")
		}
		if n == 2 {
			i.answer(http.StatusOK)
		}
		s.clock.Advance(time.Millisecond)
	}
	if d := <-attempts; !d.Done || d.Attempt != 4 {
		t.Errorf("%+v", d)
	}
	if s.Courier().Pending() != 0 {
		t.Error("an acknowledged push is pending")
	}
}

func TestBrokersDiffer(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{})
	const arn, queue = "arn:aws:sns:eu-central-1:1:orders", "https://sqs/orders"
	s.RoutePush("SNS:"+arn, "http://connector/sns", nil)
	s.RoutePush("SQS:"+queue, "http://connector/sqs", nil)
	i.answer(http.StatusNonAuthoritativeInfo)
	destinations := []object{
		{"type": "SNS", "topicArn": arn, "accessKey": "key", "accessSecret": "very-secret-1234"},
		{"type": "SQS", "queueUrl": queue, "region": "eu-central-1", "authenticationMode": "IAM"},
		{"type": "AzureServiceBus", "connectionString": "Endpoint=sb://x;SharedAccessKey=abcdefghijkl"},
	}
	for _, d := range destinations {
		s.subscribe(object{"destination": d, "messages": []any{object{"resourceTypeId": "order"}}})
	}
	s.PlaceOrder(nil)
	testtime.Until(t, "four pushes", func() bool { return len(i.all()) == 4 && s.Courier().Pending() == 0 })
	var plain object
	kinds := map[string]int{}
	for n, body := range i.all() {
		if body["Type"] == "Notification" && i.headers[n].Get("X-Amz-Sns-Message-Type") == "Notification" {
			kinds["SNS"]++
			var inner object
			if err := json.Unmarshal([]byte(body["Message"].(string)), &inner); err != nil || body["TopicArn"] != arn {
				t.Errorf("%v: %v", err, body)
			}
		} else {
			kinds["plain"]++
			plain = body
		}
		if i.headers[n].Get("X-Any-2xx") != "" {
			t.Error("the internal mark is sent")
		}
	}
	if kinds["SNS"] != 2 || kinds["plain"] != 2 || plain["projectKey"] != "demo" {
		t.Errorf("%v %v", kinds, plain)
	}
	kept := s.Undelivered()
	if len(kept) != 2 || !strings.HasPrefix(kept[1].Destination, "AzureServiceBus:Endpoint") {
		t.Errorf("%v", kept)
	}
	shown := s.Subscriptions()
	if secret := dig(shown[0], "destination", "accessSecret"); secret != "************1234" {
		t.Errorf("secret shown as %v", secret)
	}
	if text := dig(shown[2], "destination", "connectionString"); text != "Endpoint=sb://x;SharedAccessKey=********ijkl" {
		t.Errorf("secret shown as %v", text)
	}
}

func TestCloudEventsAndPayloadLimit(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{PayloadLimit: 900})
	draft := orderMessages()
	draft["format"] = object{"type": "CloudEvents", "cloudEventsVersion": "1.0"}
	s.subscribe(draft)
	id := s.PlaceOrder(object{"lineItems": []any{line("l1", "S1", 1), line("l2", "S2", 1)}})
	testtime.Until(t, "a push", func() bool { return len(i.all()) == 2 })
	event := i.payloads(t)[1]
	if event["type"] != "com.commercetools.order.message.OrderCreated" || event["specversion"] != "1.0" ||
		event["subject"] != "/demo/orders/"+id || event["sequence"] != "1" {
		t.Errorf("%v", event)
	}
	data := dig(event, "data").(object)
	if data["order"] != nil || data["type"] != nil || dig(data, "payloadNotIncluded", "payloadType") != "OrderCreated" || data["sequenceNumber"] != 1.0 {
		t.Errorf("%v", data)
	}
}

func TestSubscriptionLifecycle(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{})
	created := s.subscribe(orderMessages("OrderCreated"))
	if created["status"] != "Healthy" || created["version"] != 1.0 || dig(created, "format", "type") != "Platform" {
		t.Errorf("%v", created)
	}
	status, body := s.call(http.MethodPost, "/subscriptions", orderMessages())
	if code, _ := errorOf(body, ""); status != 400 || code != "DuplicateField" {
		t.Errorf("%d %v", status, body)
	}
	update := func(version int, actions ...any) (int, object) {
		return s.call(http.MethodPost, "/subscriptions/key=orders", object{"version": version, "actions": actions})
	}
	status, body = update(1,
		object{"action": "setMessages", "messages": []any{object{"resourceTypeId": "order", "types": []any{"OrderImported"}}}},
		object{"action": "setChanges", "changes": []any{object{"resourceTypeId": "channel"}}},
		object{"action": "setKey", "key": "renamed"})
	if status != 200 || body["version"] != 4.0 || body["key"] != "renamed" {
		t.Fatalf("%d %v", status, body)
	}
	if list := s.get("/subscriptions?where=key%3D%22renamed%22"); list["count"] != 1.0 {
		t.Errorf("%v", list)
	}
	i.answer(http.StatusForbidden)
	status, body = s.call(http.MethodPost, "/subscriptions/key=renamed", object{"version": 4, "actions": []any{
		object{"action": "changeDestination", "destination": pubSub()},
	}})
	if code, _ := errorOf(body, ""); status != 400 || code != "InvalidInput" {
		t.Errorf("an unreachable destination: %d %v", status, body)
	}
	if status, body = s.call(http.MethodPost, "/subscriptions", object{"destination": pubSub(), "messages": []any{object{"resourceTypeId": "order"}}}); status != 400 {
		t.Errorf("an unreachable destination: %d %v", status, body)
	}
	if status, _ = s.call(http.MethodDelete, "/subscriptions/key=renamed?version=4", nil); status != 200 || len(s.Subscriptions()) != 0 {
		t.Errorf("not deleted: %d", status)
	}
}

func TestRefusedSubscriptions(t *testing.T) {
	t.Parallel()
	s, _ := newSubscribedShop(t, ctsim.Options{})
	messages := []any{object{"resourceTypeId": "order"}}
	cases := map[string]object{
		"no destination":      {"messages": messages},
		"no topic":            {"destination": object{"type": "GoogleCloudPubSub", "projectId": "gcp"}, "messages": messages},
		"unknown destination": {"destination": object{"type": "Webhook", "url": "http://x"}, "messages": messages},
		"nothing wanted":      {"destination": pubSub()},
		"no such messages":    {"destination": pubSub(), "messages": []any{object{"resourceTypeId": "channel"}}},
		"no such changes":     {"destination": pubSub(), "changes": []any{object{"resourceTypeId": "thing"}}},
		"platform format":     {"destination": object{"type": "EventGrid", "uri": "https://x", "accessKey": "abc"}, "messages": messages},
	}
	for name, draft := range cases {
		if status, body := s.call(http.MethodPost, "/subscriptions", draft); status != 400 {
			t.Errorf("%s: %d %v", name, status, body)
		}
	}
}

func TestSubscriptionStatusDecides(t *testing.T) {
	t.Parallel()
	s, i := newSubscribedShop(t, ctsim.Options{})
	s.subscribe(orderMessages("OrderCreated"))
	s.SetSubscriptionStatus("orders", "ConfigurationErrorDeliveryStopped")
	s.PlaceOrder(object{"orderNumber": "lost"})
	s.SetSubscriptionStatus("orders", "ConfigurationError")
	s.PlaceOrder(object{"orderNumber": "kept"})
	if len(i.all()) != 1 || s.Courier().Pending() != 0 {
		t.Errorf("%d pushes", len(i.all()))
	}
	version := s.Subscriptions()[0]["version"]
	status, body := s.call(http.MethodPost, "/subscriptions/key=orders", object{"version": version, "actions": []any{
		object{"action": "changeDestination", "destination": pubSub()},
	}})
	if status != 200 || body["status"] != "Healthy" {
		t.Fatalf("%d %v", status, body)
	}
	testtime.Until(t, "the retained push", func() bool { return len(i.all()) == 3 })
	if last := i.payloads(t)[2]; dig(last, "order", "orderNumber") != "kept" {
		t.Errorf("%v", last)
	}
}
