package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fftconnect/internal/simulator"
	"fftconnect/internal/simulator/fftsim"
)

func webhook(name, event string) string {
	return fmt.Sprintf(`{"name":%q,"event":%q,"target":{"type":"WEBHOOK","callbackUrl":"https://connector.example/events",
		"headers":[{"key":"Authorization","value":"Bearer s3cret"}]}}`, name, event)
}

func TestSubscriptionsPerEventAreLimited(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	for range 4 {
		b.want(http.StatusCreated, http.MethodPost, "/api/subscriptions", webhook("ours", "ORDER_CREATED"))
	}
	if _, err := b.AddSubscription(fftsim.Subscription{Name: "theirs", Event: "ORDER_CREATED", CallbackURL: "https://other.example"}); err != nil {
		t.Fatal(err)
	}
	b.want(http.StatusBadRequest, http.MethodPost, "/api/subscriptions", webhook("ours", "ORDER_CREATED"))
	b.want(http.StatusCreated, http.MethodPost, "/api/subscriptions", webhook("ours", "ORDER_CANCELLED"))
	id := b.Subscriptions()[0].ID
	deleted := b.want(http.StatusOK, http.MethodDelete, "/api/subscriptions/"+id, "").(object)
	if deleted["id"] != id {
		t.Errorf("deleted %v", deleted)
	}
	b.want(http.StatusNotFound, http.MethodDelete, "/api/subscriptions/"+id, "")
	b.want(http.StatusCreated, http.MethodPost, "/api/subscriptions", webhook("ours", "ORDER_CREATED"))
}

func TestSubscriptionsArePaged(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	for _, event := range []string{"PICK_JOB_CREATED", "PICK_JOB_ABORTED", "PICK_JOB_RESET", "PICK_JOB_OPENED", "ORDER_CREATED", "ORDER_CANCELLED"} {
		for range 5 {
			b.want(http.StatusCreated, http.MethodPost, "/api/subscriptions", webhook("ours", event))
		}
	}
	first := b.read("/api/subscriptions")
	rows := first["subscriptions"].([]any)
	if len(rows) != 25 || first["total"] != 30.0 {
		t.Fatalf("got %d of %v", len(rows), first["total"])
	}
	header := rows[0].(object)["target"].(object)["headers"].([]any)[0].(object)
	if header["value"] != "Bearer s3cret" {
		t.Errorf("the header is shown as %v", header)
	}
	rest := b.read("/api/subscriptions?startAfterId=" + rows[24].(object)["id"].(string))["subscriptions"].([]any)
	if len(rest) != 5 {
		t.Errorf("the second page has %d rows", len(rest))
	}
}

func TestSubscriptionValidation(t *testing.T) {
	t.Parallel()
	b := setup(t, fftsim.Options{})
	for body, want := range map[string]int{
		`{"name":"n","event":"ORDER_CREATED","callbackUrl":"https://x.example","headers":[{"key":"k","value":"v"}]}`:  201,
		`{"name":"n","event":"ORDER_CREATED","target":{"type":"GOOGLE_CLOUD_PUB_SUB","projectId":"p","topicId":"t"}}`: 201,
		`{"name":"n","event":"ORDER_CREATED"}`:                                                                            400,
		`{"name":"n","event":"ORDER_CANCELED","callbackUrl":"https://x.example"}`:                                         400,
		`{"event":"ORDER_CREATED","callbackUrl":"https://x.example"}`:                                                     400,
		`{"name":"n","event":"ORDER_CREATED","target":{"type":"WEBHOOK","callbackUrl":"https://x.example","headers":[]}}`: 400,
		`{"name":"n","event":"ORDER_CREATED","target":{"type":"WEBHOOK","callbackUrl":"https://x.example","secret":"s"}}`: 400,
		`{"name":"n","event":"ORDER_CREATED","target":{"type":"MICROSOFT_AZURE_SERVICE_BUS","tenantId":"t"}}`:             400,
		`{"name":"n","event":"ORDER_CREATED","target":{"type":"QUEUE"}}`:                                                  400,
	} {
		if status, answer := b.post("/api/subscriptions", body); status != want {
			t.Errorf("%s: got %d %v, want %d", body, status, answer, want)
		}
	}
}

func TestWebhookIsRepeatedUntil200(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		receiver := newReceiver(201, 204, 400, 500, 200)
		b := setup(t, fftsim.Options{Client: receiver.client(), Clock: simulator.RealClock(), Pace: fftsim.Pace{Manual: true}})
		b.want(http.StatusCreated, http.MethodPost, "/api/subscriptions", webhook("ours", "ORDER_CREATED"))
		start := time.Now()
		id := b.create()
		time.Sleep(time.Hour)
		b.Close()

		var waits []time.Duration
		for _, at := range receiver.times {
			waits = append(waits, at.Sub(start))
		}
		want := []time.Duration{0, 20 * time.Second, 60 * time.Second, 140 * time.Second, 300 * time.Second}
		if !slices.Equal(waits, want) || b.Stats().WebhookAttempts != 5 || b.Courier().Pending() != 0 {
			t.Fatalf("attempts at %v with a count of %d, want %v", waits, b.Stats().WebhookAttempts, want)
		}
		var envelope struct {
			Event, EventID string
			Payload        struct{ ID string }
		}
		err := json.Unmarshal(receiver.bodies[4], &envelope)
		if err != nil || envelope.Event != "ORDER_CREATED" || envelope.EventID == "" || envelope.Payload.ID != id {
			t.Errorf("got %s (%v)", receiver.bodies[4], err)
		}
		if got := receiver.requests[0].Header.Get("Authorization"); got != "Bearer s3cret" {
			t.Errorf("the header is %q", got)
		}
		if !slices.Equal(receiver.bodies[0], receiver.bodies[4]) {
			t.Error("the repetition differs")
		}
	})
}

func TestEverySubscriptionIsServed(t *testing.T) {
	t.Parallel()
	receiver := newReceiver()
	b := setup(t, fftsim.Options{Client: receiver.client(), Pace: fftsim.Pace{Manual: true}})
	b.want(http.StatusCreated, http.MethodPost, "/api/subscriptions", webhook("a", "PICK_JOB_CREATED"))
	b.want(http.StatusCreated, http.MethodPost, "/api/subscriptions", `{"name":"b","event":"PICK_JOB_CREATED","callbackUrl":"https://old.example"}`)
	for _, facility := range []string{"fac-berlin", "fac-munich"} {
		if _, err := b.AddSubscription(fftsim.Subscription{
			Name: facility, Event: "PICK_JOB_CREATED", CallbackURL: "https://" + facility + ".example",
			Contexts: []fftsim.Context{{Type: "FACILITY", Values: []string{facility}}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	b.Step(b.create())
	for range 3 {
		<-receiver.arrived
	}
	b.Close()
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	var hosts []string
	for _, request := range receiver.requests {
		hosts = append(hosts, request.URL.Host)
	}
	slices.Sort(hosts)
	if want := []string{"connector.example", "fac-berlin.example", "old.example"}; !slices.Equal(hosts, want) {
		t.Errorf("delivered to %v, want %v", hosts, want)
	}
}
