package fulfillmenttools_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fftconnect/internal/fulfillmenttools"
	"fftconnect/internal/simulator/fftsim"
)

func TestEventsAreReadForWhatTheySay(t *testing.T) {
	t.Parallel()
	const created = `"2026-03-01T09:15:00.000Z"`
	moment := time.Date(2026, 3, 1, 9, 15, 0, 0, time.UTC)
	type (
		payload = fulfillmenttools.Payload
		job     = fulfillmenttools.Job
	)
	line := fulfillmenttools.JobLine{Quantity: 2}
	line.Article.TenantArticleID = "S1"
	for body, want := range map[string]fulfillmenttools.Event{
		`{"event":"ORDER_CREATED","eventId":"e1","payload":{"id":"o","version":1,"status":"OPEN","tenantOrderId":"A-1","created":` + created + `,
		  "orderLineItems":[{"quantity":2,"article":{"tenantArticleId":"S1"}}],
		  "customAttributes":{"commercetoolsId":"ct","commercetoolsProjectKey":"demo"}}}`: {
			Name: fulfillmenttools.OrderCreatedEvent, ID: "e1", Payload: payload{
				Job:     job{ID: "o", Version: 1, Status: "OPEN", TenantOrderID: "A-1", Created: moment},
				OrderID: "ct", ProjectKey: "demo", OrderLines: []fulfillmenttools.JobLine{line},
			},
		},
		`{"event":"PICK_JOB_CREATED","payload":{"id":"p","shortId":"AB12","orderRef":"o","facilityRef":"f","orderDate":"x","customAttributes":null}}`: {
			Name: fulfillmenttools.PickJobCreatedEvent, Payload: payload{Job: job{ID: "p", ShortID: "AB12", OrderRef: "o", FacilityRef: "f"}},
		},
		`{"event":"HANDOVERJOB_CREATED","eventId":"e","payload":{"id":"h","pickJobRef":"p","facilityRef":"f","channel":"COLLECT"},"pickJobRef":"ignored"}`: {
			Name: fulfillmenttools.HandoverJobCreatedEvent, ID: "e", Payload: payload{Job: job{ID: "h", PickJobRef: "p", FacilityRef: "f", Channel: "COLLECT"}},
		},
		`{"event":"PARCEL_CARRIER_ACKNOWLEDGED","payload":{"id":"pa","version":3,"dimensions":{"height":10,"length":25.5,"width":35,"weight":900},
		  "result":{"carrierTrackingNumber":"T1","trackingUrl":"https://t.example/T1","trackingStatus":"delivered"}}}`: {
			Name: fulfillmenttools.ParcelAcknowledgedEvent, Payload: payload{
				Job:    job{ID: "pa", Version: 3},
				Parcel: fulfillmenttools.ParcelResult{TrackingNumber: "T1", TrackingURL: "https://t.example/T1", Delivered: true, Height: 10, Length: 25.5, Width: 35, Weight: 900},
			},
		},
		`{"event":"SHIPMENT_UPDATED","payload":{"id":"s","parcels":[{"parcelRef":"pa","carrierTrackingNumber":"T1"}]}}`: {
			Name: fulfillmenttools.ShipmentUpdatedEvent, Payload: payload{
				Job: job{ID: "s"}, Parcels: []fulfillmenttools.ParcelInfo{{ParcelRef: "pa", TrackingNumber: "T1"}},
			},
		},
		`{"event":"ITEM_RETURN_JOB_UPDATED","payload":{"id":"r","returnableLineItems":[{"id":"l1","quantity":2,"article":{"tenantArticleId":"S1"}}],
		  "itemReturns":[{"returnFacilityRef":"f","returnedLineItems":[{"id":"x","status":"ACCEPTED","itemReturnJobLineItemRefs":["l1"]},{"id":"y","status":"OPEN"}]}]}}`: {
			Name: fulfillmenttools.ItemReturnJobUpdatedEvent, Payload: payload{
				Job: job{ID: "r"}, Returned: []fulfillmenttools.ReturnedLine{{ID: "x", Status: "ACCEPTED", Facility: "f", Line: line}, {ID: "y", Status: "OPEN", Facility: "f"}},
			},
		},
		`{"event":"ANYTHING_NEW","payload":{"id":"x"}}`:                                    {Name: "ANYTHING_NEW", Payload: payload{Job: job{ID: "x"}}},
		`{"event":"X","payload":{"id":"x","customAttributes":{"commercetoolsId":7}}}`:      {Name: "X", Payload: payload{Job: job{ID: "x"}}},
		`{"event":"X","payload":{"id":"x","created":null,"version":null,"status":null} } `: {Name: "X", Payload: payload{Job: job{ID: "x"}}},
	} {
		got, err := fulfillmenttools.DecodeEvent([]byte(body))
		got.Payload.CustomAttributes = nil
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", body, err, diff)
		}
	}
}

func TestPicksAndParcelsOfJobsAreRead(t *testing.T) {
	t.Parallel()
	event, err := fulfillmenttools.DecodeEvent([]byte(`{"event":"PICK_JOB_PICKING_FINISHED","payload":{"id":"p",
		"pickLineItems":[{"quantity":2,"picked":2,"customAttributes":{"commercetoolsId":"l1"}},{"quantity":4,"picked":0,"substituteLineItems":[{"picked":3}]},{}]}}`))
	if lines := event.Payload.PickLineItems; err != nil || lines.PickedPieces() != 5 || lines.Pieces() != 6 || lines[0].LineID() != "l1" || lines[1].SubstitutedPieces() != 3 {
		t.Errorf("%+v, %v", lines, err)
	}
	for name, body := range map[string]string{
		"now":             `"handoverJobParcelInfo":{"parcelRef":"pa","carrierKey":"DHL_V2","carrierTrackingNumber":"T1"}`,
		"deprecated":      `"parcelRef":"pa","carrierKey":"DHL_V2","carrierTrackingNumber":"T1"`,
		"partly, in both": `"parcelRef":"old","carrierTrackingNumber":"T1","handoverJobParcelInfo":{"parcelRef":"pa","carrierKey":"DHL_V2"}`,
	} {
		event, err := fulfillmenttools.DecodeEvent([]byte(`{"event":"HANDOVERJOB_CREATED","payload":{"id":"h",` + body + `}}`))
		if got := event.Payload.Job.FirstParcel(); err != nil || got != (fulfillmenttools.ParcelInfo{ParcelRef: "pa", CarrierKey: "DHL_V2", TrackingNumber: "T1"}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestMalformedEventsAreToldApart(t *testing.T) {
	t.Parallel()
	for body, reason := range map[string]string{
		``:                                    "not JSON",
		`{"event":`:                           "not JSON",
		`hunter2`:                             "not JSON",
		`[]`:                                  "not JSON",
		`"hunter2"`:                           "not JSON",
		`null`:                                "no event name",
		`{}`:                                  "no event name",
		`{"event":"","payload":{"id":"x"}}`:   "no event name",
		`{"event":1,"payload":{"id":"x"}}`:    "no event name",
		`{"event":"X"}`:                       "payload without id",
		`{"event":"X","payload":null}`:        "payload without id",
		`{"event":"X","payload":{}}`:          "payload without id",
		`{"event":"X","payload":{"id":""}}`:   "payload without id",
		`{"event":"X","payload":"hunter2"}`:   "payload without id",
		`{"event":"X","payload":[]}`:          "payload without id",
		`{"event":"X","payload":{"id":5}}`:    "payload without id",
		`{"event":"X","payload":{"id":"x"}}x`: "not JSON",
		`{"event":"X","payload":{"id":".."}}`: "id is no id",
		`{"event":"X","payload":{"id":"x","pickJobRef":"."}}`:                           "pickJobRef is no id",
		`{"event":"X","payload":{"id":"x/../y"}}`:                                       "id is no id",
		`{"event":"X","payload":{"id":"x","orderRef":"x?a=b"}}`:                         "orderRef is no id",
		`{"event":"X","payload":{"id":"x","processRef":"%2e%2e"}}`:                      "processRef is no id",
		`{"event":"X","payload":{"id":"x\u001b[2J"}}`:                                   "id is no id",
		`{"event":"X","payload":{"id":"x","handoverJobParcelInfo":{"parcelRef":".."}}}`: "parcelRef is no id",
	} {
		_, err := fulfillmenttools.DecodeEvent([]byte(body))
		if !errors.Is(err, fulfillmenttools.ErrMalformed) || !strings.Contains(err.Error(), reason) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want malformed for %q", body, err, reason)
		}
	}
}

// TestEventsAreReadLeniently: real payloads have nulls, keys of other types, and lack what
// is called required. Only what is needed is read, and only that can be missed.
func TestEventsAreReadLeniently(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		ok   func(fulfillmenttools.Event) bool
	}{
		"a part of a piece": {
			`{"event":"X","payload":{"id":"x","pickLineItems":[{"quantity":2,"picked":1.5},{"quantity":1,"picked":0.2},{"quantity":3,"picked":0}]}}`,
			func(e fulfillmenttools.Event) bool {
				lines := e.Payload.PickLineItems
				return lines[0].Picked == 1 && lines[1].Picked == 1 && lines[2].Picked == 0
			},
		},
		"2.0 is a number": {
			`{"event":"X","payload":{"id":"x","version":2.0,"handoverJobLineItems":[{"quantity":2.0,"handedOverQuantity":2.0,"substituteLineItems":[{"handedOverQuantity":1.0}]}]}}`,
			func(e fulfillmenttools.Event) bool {
				line := e.Payload.HandoverJobLineItems[0]
				return e.Payload.Version == 2 && line.Quantity == 2 && line.HandedOverPieces() == 3
			},
		},
		"nulls": {
			`{"event":"X","eventId":null,"payload":{"id":"x","created":null,"lastModified":null,"version":null,"status":null,"customAttributes":null,"transfers":null,
			"pickLineItems":[null,{"article":null,"quantity":null,"picked":null,"substituteLineItems":null,"customAttributes":null}],"handoverJobLineItems":null,
			"handoverJobParcelInfo":null,"orderLineItems":null,"parcels":null,"result":null,"dimensions":null,"itemReturns":null,"workflowInformation":null}}`,
			func(e fulfillmenttools.Event) bool { return e.Payload.ID == "x" && e.Payload.Version == 0 },
		},
		"other types": {
			`{"event":"X","eventId":{},"payload":{"tenantOrderId":["a"],"customAttributes":"x","version":"3","created":"yesterday","lastModified":7,"status":{},"shortId":12,
			"pickLineItems":{},"handoverJobLineItems":["a",{"quantity":"2","article":"b"}],"orderLineItems":7,"parcels":"none","result":[],"dimensions":{"height":"12","width":3},
			"returnableLineItems":false,"itemReturns":{},"transfers":"SUPPLIER","handoverJobParcelInfo":"p","undocumented":{"a":[1]},"id":"x"}}`,
			func(e fulfillmenttools.Event) bool {
				p := e.Payload
				return p.Version == 3 && p.Created.IsZero() && p.HandoverJobLineItems.Pieces() == 2 && p.Parcel.Width == 3 && p.Parcel.Height == 0
			},
		},
		"an eventId of digits": {`{"event":"X","eventId":1234567890123456789,"payload":{"id":"x"}}`, func(e fulfillmenttools.Event) bool { return e.ID == "1234567890123456789" }},
		"tracking in capitals": {`{"event":"X","payload":{"id":"x","result":{"trackingStatus":"DELIVERED"}}}`, func(e fulfillmenttools.Event) bool { return e.Payload.Parcel.Delivered }},
		"tracking in small":    {`{"event":"X","payload":{"id":"x","result":{"trackingStatus":"delivered"}}}`, func(e fulfillmenttools.Event) bool { return e.Payload.Parcel.Delivered }},
		"not delivered":        {`{"event":"X","payload":{"id":"x","result":{"trackingStatus":"NOT_DELIVERED"}}}`, func(e fulfillmenttools.Event) bool { return !e.Payload.Parcel.Delivered }},
		"a supplier":           {`{"event":"X","payload":{"id":"x","transfers":[{"id":"t","type":"SUPPLIER"}]}}`, func(e fulfillmenttools.Event) bool { return e.Payload.SuppliesFacility() }},
		"a receiver":           {`{"event":"X","payload":{"id":"x","transfers":[{"id":"t","type":"RECEIVER"}]}}`, func(e fulfillmenttools.Event) bool { return !e.Payload.SuppliesFacility() }},
		"references": {`{"event":"X","payload":{"id":"x","processRef":"p","shipmentRef":"s"}}`, func(e fulfillmenttools.Event) bool {
			return e.Payload.ProcessRefOrID() == "p" && e.Payload.Job.FirstParcel().ShipmentRef == "s"
		}},
	} {
		if event, err := fulfillmenttools.DecodeEvent([]byte(c.body)); err != nil || !c.ok(event) {
			t.Errorf("%s: %+v, %v", name, event, err)
		}
	}
	var order fulfillmenttools.Order
	if err := json.Unmarshal([]byte(`{"id":"o","version":2.0,"status":"OPEN","created":null,"orderLineItems":[{"quantity":2.0}],"customAttributes":[]}`), &order); err != nil || order.Version != 2 || order.OrderLineItems.Pieces() != 2 {
		t.Errorf("%+v, %v", order, err)
	}
	for _, text := range []string{`"o"`, `[]`, `7`} {
		if err := json.Unmarshal([]byte(text), &order); err == nil {
			t.Errorf("%s passes for an order", text)
		}
		var list struct{ Orders []fulfillmenttools.Order }
		if err := json.Unmarshal([]byte(`{"orders":`+strings.ReplaceAll(text, "[]", "{}")+`}`), &list); err == nil {
			t.Errorf("%s passes for a list of orders", text)
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
			letter := "ü"
			if strings.Contains(body, `"id":"%s"`) || strings.Contains(body, "orderRef") {
				letter = "x" // ids have no others
			}
			event, err := fulfillmenttools.DecodeEvent([]byte(strings.Replace(body, "%s", strings.Repeat(letter, length), 1)))
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
	life := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(fulfillmenttools.LifeEvents, name) })
	if !slices.Equal(life, fulfillmenttools.LifeEvents) {
		t.Fatalf("got %v, want %v", life, fulfillmenttools.LifeEvents)
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

// TestNothingHappensAfterItWasReceived: a date of the future would be waited for, or count as
// the latest for ever. Clocks may differ a little.
func TestNothingHappensAfterItWasReceived(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for said, want := range map[string]time.Time{
		"2026-11-02T07:59:59.000Z": received.Add(-time.Second),
		"2026-11-02T08:00:30.000Z": received.Add(30 * time.Second),
		"2026-11-02T08:05:00.000Z": received,
		"2099-01-01T00:00:00.000Z": received,
		"9999-12-31T23:59:59.999Z": received,
	} {
		event, err := fulfillmenttools.DecodeEvent([]byte(`{"event":"X","payload":{"id":"x","created":"` + said + `","lastModified":"` + said + `"}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := event.ReceivedAt(received).Payload; !got.Created.Equal(want) || !got.LastModified.Equal(want) {
			t.Errorf("%s counts as %s and %s, want %s", said, got.Created, got.LastModified, want)
		}
	}
	if event, _ := fulfillmenttools.DecodeEvent([]byte(`{"event":"X","payload":{"id":"x"}}`)); !event.ReceivedAt(received).Payload.Created.IsZero() {
		t.Error("a date that is not said is made up")
	}
}
