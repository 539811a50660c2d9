package connector_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"fftconnect/internal/outcome"
)

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func pubSub(body string) string {
	return asJSON(map[string]any{"message": map[string]any{
		"data": base64.StdEncoding.EncodeToString([]byte(body)), "messageId": "1", "publishTime": "2026-11-02T08:00:00Z",
	}, "subscription": "projects/demo/subscriptions/fftconnect"})
}

func sns(body string) string {
	return asJSON(map[string]any{"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:eu:1:t", "Message": body})
}

func cloudEvent(body string) string {
	return asJSON(map[string]any{
		"specversion": "1.0", "id": "1", "type": "com.commercetools.order.message.OrderStateChanged", "source": "/demo",
		"subject": "/demo/orders/1", "time": "2026-11-02T08:00:00Z", "sequence": "1", "data": json.RawMessage(body),
	})
}

func TestEveryEnvelopeLeadsToAnExport(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		for name, wrap := range map[string]func(string) string{
			"bare":                       func(body string) string { return body },
			"Pub/Sub":                    pubSub,
			"SNS":                        sns,
			"SNS in Pub/Sub":             func(body string) string { return pubSub(sns(body)) },
			"CloudEvents":                cloudEvent,
			"CloudEvents in Pub/Sub":     func(body string) string { return pubSub(cloudEvent(body)) },
			"CloudEvents in SNS":         func(body string) string { return sns(cloudEvent(body)) },
			"all three":                  func(body string) string { return pubSub(sns(cloudEvent(body))) },
			"bare, with space around it": func(body string) string { return "\n  " + body + "\n" },
		} {
			id := r.CT.PlaceOrder(simpleOrder(""))
			if response := r.post("/event", wrap(confirmed(id))); response.StatusCode != http.StatusOK {
				t.Errorf("%s: %d", name, response.StatusCode)
			}
			mustBeOne(t, r.FFT.OrdersOf(id), name)
		}
	})
}

func TestEveryBrokerOfASubscriptionLeadsToAnExport(t *testing.T) {
	t.Parallel()
	for name, destination := range map[string]string{
		"GoogleCloudPubSub:p/t":                   `{"type":"GoogleCloudPubSub","projectId":"p","topic":"t"}`,
		"SNS:arn:aws:sns:eu-central-1:1:t":        `{"type":"SNS","topicArn":"arn:aws:sns:eu-central-1:1:t","authenticationMode":"IAM"}`,
		"EventGrid:https://grid.example/api/hook": `{"type":"AzureEventGrid","uri":"https://grid.example/api/hook","accessKey":"planted-access-key"}`,
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				r := newRig(t, rigOptions{world: quick(), env: map[string]string{"SUBSCRIPTION_DESTINATION": destination}})
				token, err := r.tokenFor("/event").Sign()
				if err != nil {
					t.Fatal(err)
				}
				r.CT.RoutePush(name, r.publicURL+"/event", http.Header{"Authorization": {"Bearer " + token}})
				id := r.CT.PlaceOrder(simpleOrder("A-1"))
				r.settle()
				mustBeOne(t, r.FFT.OrdersOf(id), name)
			})
		})
	}
}

func TestEveryKindOfMessageAboutAConfirmedOrderExportsIt(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		for _, limit := range []int{0, 1} {
			options := quick()
			options.PayloadLimit = limit
			tapped := &tap{}
			r := newRig(t, rigOptions{world: options, gate: tapped.gate})
			placed := r.CT.PlaceOrder(simpleOrder("A-1"))
			imported := r.CT.ImportOrder(simpleOrder("A-2"))
			recurring := r.CT.PlaceRecurringOrder(simpleOrder("A-3"))
			r.settle() // the shop's configuration is known from now on
			draft := simpleOrder("A-4")
			draft["orderState"] = "Open"
			later := r.CT.PlaceOrder(draft)
			r.settle()
			if len(r.FFT.OrdersOf(later)) > 0 {
				t.Error("an open order was exported")
			}
			if entry := r.last(later); entry.Kind != outcome.Ignored || limit == 0 && entry.Calls > 0 {
				t.Errorf("a message about an open order: %+v", entry.Result)
			}
			if err := r.CT.Edit(later, map[string]any{"action": "changeOrderState", "orderState": "Confirmed"}); err != nil {
				t.Fatal(err)
			}
			r.settle()
			for id, message := range map[string]string{
				placed: "OrderCreated", imported: "OrderImported", recurring: "OrderCreatedFromRecurringOrder", later: "OrderStateChanged",
			} {
				mustBeOne(t, r.FFT.OrdersOf(id), message)
				found := false
				for _, entry := range r.outcomes(id) {
					found = found || entry.Type == message && entry.Kind == outcome.Applied && entry.Flow == outcome.Export
				}
				if !found {
					t.Errorf("payload limit %d: %s exported nothing:%s", limit, message, describe(r.outcomes(id)))
				}
			}
			if err := r.CT.DeleteOrder(placed); err != nil {
				t.Fatal(err)
			}
			r.settle()
			if there := mustBeOne(t, r.FFT.OrdersOf(placed), "deleted"); there.Status != "CANCELLED" {
				t.Errorf("payload limit %d: the deleted order is %s there:%s", limit, there.Status, describe(r.outcomes(placed)))
			}
		}
	})
}

func TestWhatIsNotOursIsAcknowledgedAndCounted(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		id := r.CT.PlaceOrder(simpleOrder("A-1"))
		created := map[string]any{"order": map[string]any{"orderState": "Confirmed"}}
		event := func(name string, payload map[string]any) string {
			return asJSON(map[string]any{"event": name, "eventId": "e-1", "payload": payload})
		}
		for _, c := range []struct {
			name, path, body, reason, kind string
			calls                          int
		}{
			{"subscription test", "/event", `{"notificationType":"ResourceCreated","projectKey":"demo","resource":{"typeId":"subscription","id":"1"},"version":1,"modifiedAt":"2026-11-02T08:00:00.000Z"}`, "test of the subscription", "SubscriptionTest", 0},
			{"another project", "/event", notification("OrderCreated", id, map[string]any{"projectKey": "other", "order": created["order"]}), "a message of another project", "OrderCreated", 0},
			{"another message type", "/event", notification("OrderLineItemAdded", id, nil), "not a message that concerns us", "other", 0},
			{"another resource", "/event", notification("OrderCreated", id, map[string]any{"resource": map[string]any{"typeId": "payment", "id": "1"}}), "not a message that concerns us", "OrderCreated", 0},
			{"a change", "/event", `{"notificationType":"ResourceUpdated","projectKey":"demo","resource":{"typeId":"order","id":"1"},"version":2,"oldVersion":1}`, "not a message that concerns us", "other", 0},
			{"order completed", "/event", notification("OrderStateChanged", id, map[string]any{"orderState": "Complete"}), "order state is Complete", "OrderStateChanged", 1}, // the shop's configuration, once
			{"another one completed", "/event", notification("OrderStateChanged", id, map[string]any{"orderState": "Complete"}), "order state is Complete", "OrderStateChanged", 0},
			{"an order that does not exist", "/event", confirmed("55555555-5555-4555-8555-555555555555"), "the order does not exist in commercetools", "OrderStateChanged", 2},

			{"an event that we do not want", "/service", event("PARCEL_CARRIER_CREATED", map[string]any{"id": "1"}), "not an event that concerns us", "other", 0},
			{"an unwanted event with a strange payload", "/service", `{"event":"PARCEL_CARRIER_CREATED","payload":7}`, "not an event that concerns us", "other", 0},
			{"event of another project", "/service", event("ORDER_CREATED", map[string]any{"id": "1", "tenantOrderId": "A-1", "customAttributes": map[string]any{"commercetoolsId": id, "commercetoolsProjectKey": "other"}}), "not an order of this project", "ORDER_CREATED", 0},
			{"event of an order that another system made", "/service", event("PICK_JOB_CREATED", map[string]any{"id": "1", "tenantOrderId": "POS-77"}), "not an order of this project", "PICK_JOB_CREATED", 1},
			{"the same once more", "/service", event("HANDOVERJOB_CREATED", map[string]any{"id": "2", "tenantOrderId": "POS-77"}), "not an order of this project", "HANDOVERJOB_CREATED", 0},
			{"event of an order without any name", "/service", event("ORDER_CREATED", map[string]any{"id": "1"}), "not an order of this project", "ORDER_CREATED", 0},
			{"event of an order that is gone", "/service", event("PICK_JOB_CREATED", map[string]any{"id": "1", "customAttributes": map[string]any{"commercetoolsId": "55555555-5555-4555-8555-555555555555"}}), "the order does not exist in commercetools", "PICK_JOB_CREATED", 1},
		} {
			r.CTLog.Reset()
			r.FFTLog.Reset()
			response := r.post(c.path, c.body)
			if word := answerOf(t, response); response.StatusCode != http.StatusOK || word != "ignored" {
				t.Errorf("%s: %d %q", c.name, response.StatusCode, word)
			}
			entries := r.all()
			if last := entries[len(entries)-1]; last.Reason != c.reason || last.Type != c.kind {
				t.Errorf("%s: %q of type %q, want %q of %q", c.name, last.Reason, last.Type, c.reason, c.kind)
			}
			if got := r.ctCalls() + r.fftCalls(); got > c.calls {
				t.Errorf("%s: %d calls, at most %d are needed:%s", c.name, got, c.calls, r.listing())
			}
		}
		if len(r.FFT.Orders()) > 0 {
			t.Error("an order was exported")
		}
		if r.metric(`fftconnect_messages_total{flow="feedback",outcome="ignored",type="PICK_JOB_CREATED"}`) != 2 {
			t.Error("events of strangers are not counted")
		}
	})
}

// TestAnOrderIsReadBeforeItIsExported: a message may be old, the order is what counts.
func TestAnOrderIsReadBeforeItIsExported(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		time.Sleep(settledIn)
		draft := simpleOrder("A-1")
		draft["orderState"] = "Open"
		id := r.CT.PlaceOrder(draft)
		r.post("/event", confirmed(id))
		if len(r.FFT.OrdersOf(id)) > 0 {
			t.Error("an order that is open was exported because a message said otherwise")
		}
		r.CT.PutType(ourType())
		lying := notification("OrderStateChanged", id, map[string]any{"orderState": "Cancelled"})
		if err := r.CT.Edit(id, map[string]any{"action": "changeOrderState", "orderState": "Confirmed"}); err != nil {
			t.Fatal(err)
		}
		r.post("/event", lying)
		mustBeOne(t, r.FFT.OrdersOf(id), "confirmed, whatever the message said")
	})
}

func TestAnOrderByReferenceToItsPickupChannelIsCollected(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		options := quick()
		options.References = true
		r := newRig(t, rigOptions{world: options})
		for n := range 60 {
			placed := r.NextOrder()
			id := r.Place(placed)
			if placed.Fate != "collected" {
				continue
			}
			r.settle()
			there := mustBeOne(t, r.FFT.OrdersOf(id), "collected")
			var body struct {
				DeliveryPreferences struct {
					Collect []struct{ TenantFacilityID string }
				}
			}
			if err := json.Unmarshal(there.Body, &body); err != nil {
				t.Fatal(err)
			}
			if collect := body.DeliveryPreferences.Collect; len(collect) != 1 || len(collect[0].TenantFacilityID) < 6 {
				t.Errorf("order %d: collected at %v", n, collect)
			}
		}
		r.settle()
	})
}
