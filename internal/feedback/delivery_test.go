package feedback_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

func (b *bench) deliveries() map[string]shownDelivery {
	return shows(b.orders.order(orderID)).Deliveries
}

func (b *bench) delivers(t *testing.T, what string, want map[string]shownDelivery) {
	t.Helper()
	if diff := cmp.Diff(want, b.deliveries(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: deliveries (-want +got):\n%s", what, diff)
	}
	if b.orders.rejected > 0 {
		t.Errorf("%s: commercetools refused %d updates", what, b.orders.rejected)
	}
}

func TestEachHandoverJobBecomesOneDeliveryWithItsParcel(t *testing.T) {
	t.Parallel()
	b := newBench()
	parcel := func(id string) map[string]shownParcel { return map[string]shownParcel{"parcel-" + id: {}} }
	b.handle(t, allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"), right.hands("HANDOVERJOB_CREATED"))
	want := map[string]shownDelivery{
		"hj-1": {map[string]int{"line-1": 2}, parcel("hj-1")}, "hj-2": {map[string]int{"line-2": 3}, parcel("hj-2")},
	}
	b.delivers(t, "created", want)
	b.handle(t, allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_HANDED_OVER"), allShipped.hands("HANDOVERJOB_CREATED"))
	b.delivers(t, "handed over", want)
	b.handle(t, again(right.hands("HANDOVERJOB_CANCELED"), 7), right.hands("HANDOVERJOB_CREATED"))
	delete(want, "hj-2")
	b.delivers(t, "one cancelled", want)
}

func TestADeliveryHoldsWhatWasHandedOver(t *testing.T) {
	t.Parallel()
	fewer := event("HANDOVERJOB_HANDED_OVER", "hj-1", func(p *fulfillmenttools.Payload) {
		p.HandoverJobLineItems[1].HandedOver = 1
		p.HandoverJobLineItems[1].Substitutes = []fulfillmenttools.Substitute{{HandedOver: 1}}
	})
	created := event("HANDOVERJOB_CREATED", "hj-1", nil)
	for _, line := range permutations(events(created, fewer)) {
		b := newBench()
		b.handle(t, line...)
		b.delivers(t, line[0].Name+" first", map[string]shownDelivery{"hj-1": {Items: map[string]int{"line-1": 2, "line-2": 2}}})
	}
	b := newBench()
	b.handle(t, created, fewer, again(event("HANDOVERJOB_REVERTED", "hj-1", nil), 6))
	b.delivers(t, "reverted", map[string]shownDelivery{"hj-1": {Items: map[string]int{"line-1": 2, "line-2": 3}}})
}

func TestALineThatWasRefusedIsNotDelivered(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, event("HANDOVERJOB_CREATED", "hj-1", nil), event("HANDOVERJOB_HANDED_OVER", "hj-1", func(p *fulfillmenttools.Payload) {
		p.HandoverJobLineItems[1].HandedOver = 0
	}))
	b.delivers(t, "one line refused", map[string]shownDelivery{"hj-1": {Items: map[string]int{"line-1": 2}}})
	unsaid := newBench()
	unsaid.handle(t, event("HANDOVERJOB_HANDED_OVER", "hj-1", func(p *fulfillmenttools.Payload) { p.HandoverJobLineItems = lines(2, 3) }))
	unsaid.delivers(t, "no line says", map[string]shownDelivery{"hj-1": {Items: map[string]int{"line-1": 2, "line-2": 3}}})
}

func TestDeliveryLinesAreFoundByTheInheritedIDThenBySKU(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id, sku string
		want    map[string]int
	}{
		"the id":                    {"line-2", "SKU-1", map[string]int{"line-2": 4}},
		"a custom line's id":        {"custom-1", "", map[string]int{"custom-1": 4}},
		"an id of another order":    {"line-9", "SKU-1", map[string]int{"line-1": 4}},
		"no id":                     {"", "SKU-2", map[string]int{"line-2": 4}},
		"nothing that anyone knows": {"", "SKU-9", nil},
	} {
		b := newBench()
		b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.CustomLines = []commercetools.Line{{ID: "custom-1", Quantity: 4}} })
		got := b.handle(t, event("HANDOVERJOB_CREATED", "hj-1", func(p *fulfillmenttools.Payload) {
			line := fulfillmenttools.JobLine{Quantity: 4, CustomAttributes: map[string]any{"commercetoolsId": test.id}}
			line.Article.TenantArticleID = test.sku
			p.HandoverJobLineItems = []fulfillmenttools.JobLine{line}
		}))
		b.delivers(t, name, map[string]shownDelivery{"hj-1": {Items: test.want}})
		if told := strings.Contains(strings.Join(got.Notes, " "), "belongs to no line"); told != (test.want == nil) {
			t.Errorf("%s: notes %q", name, got.Notes)
		}
	}
}

func TestWhatHasNoPlaceForADeliveryGetsNone(t *testing.T) {
	t.Parallel()
	off := false
	collect := func(p *fulfillmenttools.Payload) { p.Channel = "COLLECT" }
	for name, test := range map[string]struct {
		prepare func(*bench)
		change  func(*fulfillmenttools.Payload)
	}{
		"click and collect":    {func(*bench) {}, collect},
		"no shipping info":     {func(b *bench) { b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.Shipping = nil }) }, nil},
		"deliveries are off":   {func(b *bench) { b.rules.Deliveries = &off }, nil},
		"its handover is void": {func(b *bench) { b.handle(t, event("HANDOVERJOB_CANCELED", "hj-1", nil)) }, nil},
	} {
		b := newBench()
		test.prepare(b)
		b.handle(t, event("HANDOVERJOB_CREATED", "hj-1", test.change), event("HANDOVERJOB_HANDED_OVER", "hj-1", test.change))
		b.delivers(t, name, nil)
	}
}

func TestInMultipleModeADeliveryGoesTheWayOfItsFirstLine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ target, want string }{
		"a line that names one": {"express", "express"}, "a line that names none": {"", "standard"}, "a way that is not there": {"drone", "standard"},
	} {
		b := newBench()
		b.orders.edit(orderID, func(o *commercetools.Snapshot) {
			o.Shipping = []commercetools.Shipping{{Key: "standard"}, {Key: "express"}}
			o.Lines[0].Shipping.Targets = append(o.Lines[0].Shipping.Targets, struct {
				ShippingKey string `json:"shippingMethodKey"`
			}{test.target})
		})
		b.handle(t, allShipped.hands("HANDOVERJOB_CREATED"), allShipped.hands("HANDOVERJOB_HANDED_OVER"), allShipped.delivered())
		for _, shipping := range b.orders.order(orderID).Shipping {
			if got := len(shipping.Deliveries) == 1; got != (shipping.Key == test.want) {
				t.Errorf("%s: %s has %d deliveries", name, shipping.Key, len(shipping.Deliveries))
			}
		}
	}
}

// acknowledged is what the carrier says of the left part's parcel.
var acknowledged = allShipped.parcel("PARCEL_CARRIER_ACKNOWLEDGED", fulfillmenttools.ParcelResult{
	TrackingNumber: "T-1", TrackingURL: "https://track.example/T-1", Height: 10, Length: 30.5, Width: 20, Weight: 1200,
})

func TestAParcelGetsItsTrackingWheneverItIsKnown(t *testing.T) {
	t.Parallel()
	created := allShipped.hands("HANDOVERJOB_CREATED")
	labelled := allShipped.hands("HANDOVERJOB_CREATED")
	labelled.Payload.ParcelInfo.TrackingNumber = "T-1"
	later := again(allShipped.hands("HANDOVERJOB_HANDED_OVER"), 3)
	later.Payload.ParcelInfo.TrackingNumber = "T-1"
	shipment := event("SHIPMENT_UPDATED", "sh-1", func(p *fulfillmenttools.Payload) {
		p.Parcels = []fulfillmenttools.ParcelInfo{{ParcelRef: "parcel-hj-1", TrackingNumber: "not the label's"}}
	})
	number := shownParcel{Tracking: "T-1", Carrier: "DHL_V2"}
	full := shownParcel{Tracking: "T-1", Carrier: "DHL_V2", URL: "https://track.example/T-1", Weight: 1200}
	for name, test := range map[string]struct {
		events []fulfillmenttools.Event
		want   shownParcel
	}{
		"never":                       {events(created), shownParcel{}},
		"at once":                     {events(labelled), number},
		"at hand-over":                {events(created, later), number},
		"by the shipment's parcel":    {events(created, shipment), full},
		"by the parcel":               {events(created, acknowledged), full},
		"before the handover job":     {events(acknowledged, created), full},
		"from several, twice":         {events(labelled, acknowledged, shipment, acknowledged, later), full},
		"a late word changes nothing": {events(acknowledged, later, created, again(allShipped.parcel("PARCEL_CARRIER_ACKNOWLEDGED", fulfillmenttools.ParcelResult{TrackingNumber: "T-0"}), 1)), full},
		"another label": {
			events(labelled, again(allShipped.parcel("PARCEL_CARRIER_ACKNOWLEDGED", fulfillmenttools.ParcelResult{TrackingNumber: "T-2"}), 9)),
			shownParcel{Tracking: "T-2", Carrier: "DHL_V2"},
		},
	} {
		b := newBench()
		b.fulfilment.parcels = map[string]fulfillmenttools.Payload{"parcel-hj-1": acknowledged.Payload}
		b.handle(t, test.events...)
		b.delivers(t, name, map[string]shownDelivery{"hj-1": {map[string]int{"line-1": 2}, map[string]shownParcel{"parcel-hj-1": test.want}}})
	}
}

func TestAParcelIsMeasuredInMillimetresAndGrams(t *testing.T) {
	t.Parallel()
	for _, line := range permutations(events(allShipped.hands("HANDOVERJOB_CREATED"), acknowledged)) {
		b := newBench()
		b.handle(t, line...)
		got := b.orders.order(orderID).Shipping[0].Deliveries[0].Parcels[0].Measurements
		if got == nil || got.Height != 100 || got.Length != 305 || got.Width != 200 || got.Weight != 1200 {
			t.Errorf("%+v", got)
		}
	}
}

func TestAParcelThatIsNamedLaterIsAddedAndItsAddressMayChange(t *testing.T) {
	t.Parallel()
	b := newBench()
	unpacked := allShipped.hands("HANDOVERJOB_CREATED")
	unpacked.Payload.ParcelInfo = fulfillmenttools.ParcelInfo{}
	moved := again(acknowledged, 9)
	moved.Payload.Parcel.TrackingURL = "https://elsewhere.example/T-1"
	b.handle(t, unpacked, allShipped.hands("HANDOVERJOB_HANDED_OVER"), acknowledged, moved)
	want := shownParcel{"T-1", "DHL_V2", "https://elsewhere.example/T-1", 1200}
	b.delivers(t, "named at hand-over", map[string]shownDelivery{"hj-1": {map[string]int{"line-1": 2}, map[string]shownParcel{"parcel-hj-1": want}}})
}

func TestKeysHoldWhatCommercetoolsAllows(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"7": "7_", "a/b c": "a_b_c", strings.Repeat("x", 300): strings.Repeat("x", 256)} {
		b := newBench()
		b.handle(t, event("HANDOVERJOB_CREATED", id, nil))
		b.delivers(t, id, map[string]shownDelivery{want: {Items: map[string]int{"line-1": 2, "line-2": 3}}})
	}
}

func TestTheTrackingAddressNeedsTheParcelType(t *testing.T) {
	t.Parallel()
	for _, line := range permutations(events(allShipped.hands("HANDOVERJOB_CREATED"), acknowledged)) {
		b := newBench()
		b.schemas.parcel = feedback.Schema{}
		b.handle(t, line...)
		want := map[string]shownParcel{"parcel-hj-1": {Tracking: "T-1", Carrier: "DHL_V2", Weight: 1200}}
		b.delivers(t, line[0].Name, map[string]shownDelivery{"hj-1": {map[string]int{"line-1": 2}, want}})
	}
}

func TestOrdersWithoutARecordGetTrackingOnTheParcelsThatAreThere(t *testing.T) {
	t.Parallel()
	b := newBench(plainType())
	b.counterparts.known = "ord-1"
	b.fulfilment.have(allShipped.says("PICK_JOB_CREATED"), allShipped.hands("HANDOVERJOB_CREATED"))
	b.handle(t, allShipped.hands("HANDOVERJOB_CREATED"), acknowledged, acknowledged)
	want := shownParcel{Tracking: "T-1", Carrier: "DHL_V2", URL: "https://track.example/T-1", Weight: 1200}
	b.delivers(t, "no record", map[string]shownDelivery{"hj-1": {map[string]int{"line-1": 2}, map[string]shownParcel{"parcel-hj-1": want}}})
}

func TestADeliveryComesOfAnEventThatIsOlderThanTheList(t *testing.T) {
	t.Parallel()
	b := newBench()
	// The list shows a version that no event told of, and another part.
	for _, p := range []part{allShipped, right} {
		job := p.hands("HANDOVERJOB_HANDED_OVER").Payload.Job
		job.Version, job.Status = 9, "HANDED_OVER"
		b.fulfilment.hands[job.ID] = job
	}
	b.handle(t, allShipped.hands("HANDOVERJOB_HANDED_OVER"), right.hands("HANDOVERJOB_HANDED_OVER"))
	if got := b.deliveries(); len(got) != 2 {
		t.Errorf("deliveries %v", got)
	}
}

func TestTheFieldOfAllParcelsIsKeptAsTheExistingConnectorWritesIt(t *testing.T) {
	t.Parallel()
	theirs := `[{"tracking_number":"T-0","tracking_url":"https://track.example/T-0"}]`
	both := `[{"tracking_number":"T-0","tracking_url":"https://track.example/T-0"},{"tracking_number":"T-1","tracking_url":"https://track.example/T-1"}]`
	recorded, plain := ownType(), plainType()
	recorded.Fields[feedback.ParcelsField], plain.Fields[feedback.ParcelsField] = true, true
	labelled := allShipped.hands("HANDOVERJOB_CREATED")
	labelled.Payload.ParcelInfo.TrackingNumber = "T-1"
	for name, test := range map[string]struct {
		schema feedback.Schema
		there  string
		events []fulfillmenttools.Event
		want   string
	}{
		"one parcel":                        {recorded, "", events(allShipped.hands("HANDOVERJOB_CREATED"), acknowledged), `[{"tracking_number":"T-1","tracking_url":"https://track.example/T-1"}]`},
		"none yet":                          {recorded, "", events(allShipped.hands("HANDOVERJOB_CREATED")), ""},
		"another connector's stays":         {recorded, theirs, events(labelled, acknowledged), both},
		"a cancelled one goes":              {recorded, theirs, events(labelled, acknowledged, allShipped.hands("HANDOVERJOB_CANCELED")), theirs},
		"nothing is left":                   {recorded, "", events(labelled, allShipped.hands("HANDOVERJOB_CANCELED")), ""},
		"another label replaces":            {recorded, "", events(labelled, again(allShipped.parcel("PARCEL_CARRIER_ACKNOWLEDGED", fulfillmenttools.ParcelResult{TrackingNumber: "T-2"}), 9)), `[{"tracking_number":"T-2"}]`},
		"without a record":                  {plain, theirs, events(labelled, allShipped.hands("HANDOVERJOB_CANCELED"), right.hands("HANDOVERJOB_CREATED")), theirs},
		"what is not the list that we know": {recorded, "see mail", events(allShipped.hands("HANDOVERJOB_CREATED")), "see mail"},
	} {
		b := newBench(test.schema)
		if test.there != "" {
			b.orders.edit(orderID, func(o *commercetools.Snapshot) { o.Fields[feedback.ParcelsField] = test.there })
		}
		b.handle(t, test.events...)
		if got := b.orders.order(orderID).TextField(feedback.ParcelsField); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}

func TestTrackingThatIsOffLeavesParcelsAsTheyWereHandedOver(t *testing.T) {
	t.Parallel()
	off := false
	if got := feedback.NeededEvents(config.FeedbackRules{Tracking: &off}); len(got) != len(fulfillmenttools.LifeEvents)+len(fulfillmenttools.CorrectionEvents) {
		t.Errorf("events %s", got)
	}
	b := newBench()
	b.rules.Tracking = &off
	b.schemas.parcel = feedback.Schema{}
	b.handle(t, allShipped.hands("HANDOVERJOB_CREATED"))
	b.delivers(t, "tracking off", map[string]shownDelivery{"hj-1": {map[string]int{"line-1": 2}, map[string]shownParcel{"parcel-hj-1": {}}}})
}
