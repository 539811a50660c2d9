package feedback_test

import (
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// packed is the event with this parcel.
func packed(e fulfillmenttools.Event, parcel, number string) fulfillmenttools.Event {
	e.Payload.ParcelInfo = fulfillmenttools.ParcelInfo{ParcelRef: parcel, CarrierKey: "DHL_V2", TrackingNumber: number}
	return e
}

func TestHandoverJobsMayShareAParcelOrANumber(t *testing.T) {
	t.Parallel()
	number := shownParcel{Tracking: "T-1", Carrier: "DHL_V2"}
	for name, test := range map[string]struct{ parcel, first, second string }{
		"a parcel": {"box", "box", "hj-2"}, "a number": {"", "hj-1", "hj-2"},
	} {
		b := newBench()
		both := events(packed(allShipped.hands("HANDOVERJOB_CREATED"), test.parcel, "T-1"), packed(right.hands("HANDOVERJOB_CREATED"), test.parcel, "T-1"))
		b.handle(t, both...)
		b.delivers(t, name, map[string]shownDelivery{
			"hj-1": {map[string]int{"line-1": 2}, map[string]shownParcel{test.first: number}},
			"hj-2": {map[string]int{"line-2": 3}, map[string]shownParcel{test.second: number}},
		})
		before := b.orders.updates
		b.handle(t, both...)
		if b.orders.updates != before || b.orders.rejected > 0 {
			t.Errorf("%s: %d updates more, %d refused", name, b.orders.updates-before, b.orders.rejected)
		}
	}
}

func TestAParcelKnownByItsNumberFirstStaysOne(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.handle(t, packed(allShipped.hands("HANDOVERJOB_CREATED"), "", "T-1"), packed(allShipped.hands("HANDOVERJOB_HANDED_OVER"), "box", "T-2"))
	b.delivers(t, "named later", map[string]shownDelivery{
		"hj-1": {map[string]int{"line-1": 2}, map[string]shownParcel{"hj-1": {Tracking: "T-2", Carrier: "DHL_V2"}}},
	})
}

func TestAParcelMovesToTheJobThatReplacesItsOwn(t *testing.T) {
	t.Parallel()
	b := newBench()
	former := part{"pj-9", 10, 2, 0}
	b.handle(t, packed(former.hands("HANDOVERJOB_CREATED"), "box", "T-1"))
	var facts feedback.Facts
	for _, e := range events(packed(former.hands("HANDOVERJOB_CANCELED"), "box", "T-1"), packed(allShipped.hands("HANDOVERJOB_CREATED"), "box", "T-1")) {
		said, _, err := feedback.FactsOf(e, config.FeedbackRules{})
		if err != nil {
			t.Fatal(err)
		}
		facts = facts.Merge(said)
	}
	if _, err := b.CatchUp(t.Context(), orderID, facts); err != nil {
		t.Fatal(err)
	}
	b.delivers(t, "replaced", map[string]shownDelivery{
		"hj-1": {map[string]int{"line-1": 2}, map[string]shownParcel{"box": {Tracking: "T-1", Carrier: "DHL_V2"}}},
	})
}

func TestSizesAreRoundedAndNonsenseIsLeftOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		said fulfillmenttools.ParcelResult
		want feedback.ParcelRecord
	}{
		"fractions": {fulfillmenttools.ParcelResult{Height: 1.15, Length: 30.46, Width: 0.04, Weight: 899.6}, feedback.ParcelRecord{Height: 12, Length: 305, Weight: 900}},
		"negative":  {fulfillmenttools.ParcelResult{Height: 1, Length: -5, Weight: -2}, feedback.ParcelRecord{Height: 10}},
		"absurd":    {fulfillmenttools.ParcelResult{Height: 1e300, Weight: 1e19, Width: 2}, feedback.ParcelRecord{Width: 20}},
	} {
		facts, _, err := feedback.FactsOf(allShipped.parcel("PARCEL_CARRIER_ACKNOWLEDGED", test.said), config.FeedbackRules{})
		test.want.Version = 2
		if got := facts.Jobs.Parcels["parcel-hj-1"]; err != nil || got != test.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
