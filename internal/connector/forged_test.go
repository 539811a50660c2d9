package connector_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fftconnect/internal/fulfillmenttools"
)

// references are the ids in an entity that say whose it is, or what belongs to it.
var references = []string{"id", "orderRef", "pickJobRef", "commercetoolsId", "tenantOrderId", "parcelRef", "processId", "processRef", "shipmentRef"}

// forge gives the body of ours with each of its references replaced by the other's.
func forge(t *testing.T, ours, others string) map[string]string {
	t.Helper()
	parse := func(text string) (body map[string]any) {
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			t.Fatal(err)
		}
		return body
	}
	forged := map[string]string{}
	var walk func(mine, theirs map[string]any, path string, whole map[string]any)
	walk = func(mine, theirs map[string]any, path string, whole map[string]any) {
		for name, value := range mine {
			other, there := theirs[name]
			if inner, ok := value.(map[string]any); ok {
				if beside, ok := other.(map[string]any); ok {
					walk(inner, beside, path+"."+name, whole)
				}
				continue
			}
			if !there || !slices.Contains(references, name) || other == value {
				continue
			}
			mine[name] = other
			text, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			forged[path+"."+name] = string(text)
			mine[name] = value
		}
	}
	body := parse(ours)
	walk(body["payload"].(map[string]any), parse(others)["payload"].(map[string]any), "payload", body)
	return forged
}

// template is the event of an order's life whose entity an event is of; empty: none.
func template(event string) string {
	switch {
	case strings.HasPrefix(event, "ORDER"):
		return "ORDER_CREATED"
	case strings.HasPrefix(event, "PICK_JOB"):
		return "PICK_JOB_CREATED"
	case strings.HasPrefix(event, "HANDOVERJOB"):
		return "HANDOVERJOB_CREATED"
	default:
		return ""
	}
}

func TestABodyThatNamesAnotherOrdersThingsDoesNothingToEither(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		r.CT.PutType(ourType())
		seen := r.watchEvents()
		export := func(number string) (id, there string) {
			id = r.CT.PlaceOrder(shippedOrder(number))
			r.post("/event", confirmed(id))
			order := mustBeOne(t, r.FFT.OrdersOf(id), number)
			for range stages - 1 {
				if _, err := r.FFT.Step(order.ID); err != nil {
					t.Fatal(err)
				}
			}
			return id, order.ID
		}
		ours, ourOrder := export("A-1")
		others, otherOrder := export("B-1")
		life := []string{"ORDER_CREATED", "PICK_JOB_CREATED", "PICK_JOB_PICKING_FINISHED", "HANDOVERJOB_CREATED", "HANDOVERJOB_HANDED_OVER"}
		for _, name := range life {
			r.post("/service", seen.body(t, name, otherOrder))
		}
		r.settle()
		before := document(t, r, others)
		tried := 0
		for _, name := range life {
			for path, body := range forge(t, seen.body(t, name, ourOrder), seen.body(t, name, otherOrder)) {
				r.post("/service", body)
				if after := document(t, r, others); after != before {
					t.Fatalf("%s with another's %s changed the other order", name, path)
				}
				tried++
			}
			// Corrections of what is another's.
			for _, event := range fulfillmenttools.CorrectionEvents {
				from := template(event)
				if from == "" {
					continue
				}
				for path, body := range forge(t, seen.body(t, from, ourOrder), seen.body(t, from, otherOrder)) {
					if path != "payload.id" && !strings.HasSuffix(path, "commercetoolsId") {
						continue // what is said of our own entity is not forged by that
					}
					r.post("/service", strings.Replace(body, fmt.Sprintf("%q", from), fmt.Sprintf("%q", event), 1))
					if after := document(t, r, others); after != before {
						t.Fatalf("%s with another's %s changed the other order", event, path)
					}
					tried++
				}
			}
			r.post("/service", seen.body(t, name, ourOrder))
		}
		r.settle()
		if tried < 30 {
			t.Errorf("only %d forged bodies", tried)
		}
		t.Logf("%d forged bodies", tried)
		for _, id := range []string{ours, others} {
			if order := mustBeOne(t, r.FFT.OrdersOf(id), id); order.Status == "CANCELLED" {
				t.Errorf("order %s was cancelled", id)
			}
		}
		if state := r.shipmentState(ours); state != "Shipped" {
			t.Errorf("our order is %s:%s", state, describe(r.outcomes(ours)))
		}
		for field, event := range map[string]string{"fft_order_id": "ORDER_CREATED", "fft_pickjob_id": "PICK_JOB_CREATED", "fft_handoverjob_id": "HANDOVERJOB_CREATED"} {
			var body struct {
				Payload struct {
					ID string `json:"id"`
				} `json:"payload"`
			}
			if err := json.Unmarshal([]byte(seen.body(t, event, ourOrder)), &body); err != nil {
				t.Fatal(err)
			}
			if got := r.field(ours, field); got != body.Payload.ID {
				t.Errorf("%s is %v, want %s", field, got, body.Payload.ID)
			}
		}
	})
}

// document is the order as commercetools has it.
func document(t *testing.T, r *rig, id string) string {
	t.Helper()
	order, ok := r.CT.Order(id)
	if !ok {
		t.Fatalf("order %s does not exist", id)
	}
	text, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnEventOfAnotherTenantsShopCostsNoCall(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		r := newRig(t, rigOptions{world: quick(), bare: true})
		for name, attributes := range map[string]string{
			"another project":       `{"commercetoolsId":"0b8a3c53-7a5e-4d3b-a5f1-3a9d7f5f9e10","commercetoolsProjectKey":"another"}`,
			"another system's keys": `{"shopId":"7","channel":"web"}`,
		} {
			for _, event := range []string{"ORDER_CREATED", "PICK_JOB_CREATED"} {
				body := fmt.Sprintf(`{"event":%q,"eventId":"1","payload":{"id":"e1","version":1,"orderRef":"o1","tenantOrderId":"B-1","customAttributes":%s}}`, event, attributes)
				if ct, fft := r.counted(func() { r.post("/service", body) }); ct+fft != 0 {
					t.Errorf("%s, %s: %d calls:%s", name, event, ct+fft, r.listing())
				}
			}
		}
	})
}
