package fulfillmenttools_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/simulator/fftsim"
)

func TestEventsAreReadForWhatTheySay(t *testing.T) {
	t.Parallel()
	const created = `"2026-03-01T09:15:00.000Z"`
	for body, want := range map[string]fulfillmenttools.Event{
		`{"event":"ORDER_CREATED","eventId":"e1","payload":{"id":"o","version":1,"status":"OPEN","tenantOrderId":"A-1","created":` + created + `,
		  "customAttributes":{"commercetoolsId":"ct","commercetoolsProjectKey":"demo"}}}`: {
			Name: fulfillmenttools.OrderCreatedEvent, ID: "e1", Payload: fulfillmenttools.Payload{
				ID: "o", Version: 1, Status: "OPEN", TenantOrderID: "A-1", OrderID: "ct", ProjectKey: "demo",
				Created: time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC),
			},
		},
		`{"event":"PICK_JOB_CREATED","payload":{"id":"p","shortId":"AB12","orderRef":"o","facilityRef":"f","orderDate":"x","customAttributes":null}}`: {
			Name: fulfillmenttools.PickJobCreatedEvent, Payload: fulfillmenttools.Payload{ID: "p", ShortID: "AB12", OrderRef: "o", FacilityRef: "f"},
		},
		`{"event":"HANDOVERJOB_CREATED","eventId":"e","payload":{"id":"h","pickJobRef":"p","facilityRef":"f"},"pickJobRef":"ignored"}`: {
			Name: fulfillmenttools.HandoverJobCreatedEvent, ID: "e", Payload: fulfillmenttools.Payload{ID: "h", PickJobRef: "p", FacilityRef: "f"},
		},
		`{"event":"PICK_JOB_PICKING_FINISHED","payload":{"id":"p","lastModified":` + created + `,
		  "pickLineItems":[{"picked":2},{"picked":0,"substituteLineItems":[{"picked":3}]},{}]}}`: {
			Name: fulfillmenttools.PickJobPickingFinishedEvent, Payload: fulfillmenttools.Payload{
				ID: "p", Picked: 5, LastModified: time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC),
			},
		},
		`{"event":"ANYTHING_NEW","payload":{"id":"x"}}`:                                    {Name: "ANYTHING_NEW", Payload: fulfillmenttools.Payload{ID: "x"}},
		`{"event":"X","payload":{"id":"x","customAttributes":{"commercetoolsId":7}}}`:      {Name: "X", Payload: fulfillmenttools.Payload{ID: "x"}},
		`{"event":"X","payload":{"id":"x","customAttributes":{"other":{"deep":["x"]}}}}`:   {Name: "X", Payload: fulfillmenttools.Payload{ID: "x"}},
		`{"event":"X","payload":{"id":"x","created":null,"version":null,"status":null} } `: {Name: "X", Payload: fulfillmenttools.Payload{ID: "x"}},
	} {
		if got, err := fulfillmenttools.DecodeEvent([]byte(body)); err != nil || got != want {
			t.Errorf("%s:\ngot  %+v, %v\nwant %+v", body, got, err, want)
		}
	}
}

func TestMalformedEventsAreToldApart(t *testing.T) {
	t.Parallel()
	for body, reason := range map[string]string{
		``:                                    "not JSON",
		`{"event":`:                           "not JSON",
		`hunter2`:                             "not JSON",
		`[]`:                                  "wrong type",
		`"hunter2"`:                           "wrong type",
		`null`:                                "no event name",
		`{}`:                                  "no event name",
		`{"event":"","payload":{"id":"x"}}`:   "no event name",
		`{"event":1,"payload":{"id":"x"}}`:    `field "event" has the wrong type`,
		`{"event":"X","eventId":{}}`:          `field "eventId" has the wrong type`,
		`{"event":"X"}`:                       "payload without id",
		`{"event":"X","payload":null}`:        "payload without id",
		`{"event":"X","payload":{}}`:          "payload without id",
		`{"event":"X","payload":{"id":""}}`:   "payload without id",
		`{"event":"X","payload":"hunter2"}`:   "payload: field",
		`{"event":"X","payload":[]}`:          "payload: field",
		`{"event":"X","payload":{"id":5}}`:    `payload: field "id" has the wrong type`,
		`{"event":"X","payload":{"id":"x"}}x`: "not JSON",
		`{"event":"X","payload":{"id":"x","version":"1"}}`:               `field "version"`,
		`{"event":"X","payload":{"id":"x","version":1.5}}`:               `field "version"`,
		`{"event":"X","payload":{"id":"x","created":"hunter2"}}`:         "payload: not JSON of an event",
		`{"event":"X","payload":{"id":"x","customAttributes":"x"}}`:      `field "customAttributes"`,
		`{"event":"X","payload":{"id":"x","tenantOrderId":["hunter2"]}}`: `field "tenantOrderId"`,
	} {
		_, err := fulfillmenttools.DecodeEvent([]byte(body))
		if !errors.Is(err, fulfillmenttools.ErrMalformed) || !strings.Contains(err.Error(), reason) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want malformed for %q", body, err, reason)
		}
	}
}

func TestEventsWithOverlongNamesAreMalformed(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"event":"%s","eventId":"e","payload":{"id":"x"}}`,
		`{"event":"ORDER_CREATED","eventId":"%s","payload":{"id":"x"}}`,
		`{"event":"ORDER_CREATED","payload":{"id":"%s"}}`,
		`{"event":"ORDER_CREATED","payload":{"id":"x","tenantOrderId":"%s"}}`,
		`{"event":"ORDER_CREATED","payload":{"id":"x","orderRef":"%s"}}`,
		`{"event":"ORDER_CREATED","payload":{"id":"x","customAttributes":{"commercetoolsId":"%s"}}}`,
	} {
		for length, fits := range map[int]bool{256: true, 257: false, 100_000: false} {
			event, err := fulfillmenttools.DecodeEvent([]byte(strings.Replace(body, "%s", strings.Repeat("ü", length), 1)))
			if errors.Is(err, fulfillmenttools.ErrMalformed) == fits {
				t.Errorf("%s with %d characters: %v", body, length, err)
			}
			if !fits && (len(event.Name) > 256 || len(event.ID) > 256 || len(err.Error()) > 200) {
				t.Errorf("%s with %d characters: what is too long was kept", body, length)
			}
		}
	}
}

func TestTheEventsOfAnOrdersLifeCarryItsReferences(t *testing.T) {
	t.Parallel()
	r := setup(t, fftsim.Options{})
	var names []string
	seen := map[string]fulfillmenttools.Payload{}
	r.fft.OnEvent(func(name, _ string, body []byte) {
		event, err := fulfillmenttools.DecodeEvent(body)
		if err != nil || event.Name != name || event.ID == "" {
			t.Errorf("%s: got %+v, %v", name, event, err)
		}
		if slices.Contains(fulfillmenttools.Events, name) {
			names = append(names, name)
			seen[name] = event.Payload
		}
	})
	created := r.fulfil(picked + 2)
	if !slices.Equal(names, fulfillmenttools.Events) {
		t.Fatalf("got %v, want %v", names, fulfillmenttools.Events)
	}
	for name, payload := range seen {
		if payload.OrderID != "ct-order" || payload.ProjectKey != "demo" || payload.TenantOrderID != "A-1" || payload.Created.IsZero() {
			t.Errorf("%s: got %+v", name, payload)
		}
	}
	job := seen[fulfillmenttools.PickJobCreatedEvent]
	if job.OrderRef != created.ID || job.ShortID == "" || job.FacilityRef == "" || seen[fulfillmenttools.OrderCreatedEvent].ID != created.ID {
		t.Errorf("got %+v", seen)
	}
	if handover := seen[fulfillmenttools.HandoverJobHandedOverEvent]; handover.PickJobRef != job.ID || handover.FacilityRef != job.FacilityRef {
		t.Errorf("got %+v", handover)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add([]byte(`{"event":"PICK_JOB_CREATED","eventId":"e","payload":{"id":"p","shortId":"AB12","customAttributes":{"commercetoolsId":"ct"}}}`))
	f.Add([]byte(`{"event":"ORDER_CREATED","payload":{"id":"o","created":"2026-03-01T09:15:00.000Z","version":1}}`))
	f.Add([]byte(`{"event":"X","payload":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := fulfillmenttools.DecodeEvent(body)
		if err != nil && !errors.Is(err, fulfillmenttools.ErrMalformed) {
			t.Fatalf("an error of another kind: %v", err)
		}
		if err == nil && (event.Name == "" || event.Payload.ID == "") {
			t.Fatalf("accepted without name or id: %+v", event)
		}
		if err != nil && len(err.Error()) > 200 {
			t.Fatalf("the error quotes the body: %v", err)
		}
	})
}
