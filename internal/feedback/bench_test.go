package feedback_test

import (
	"fmt"
	"testing"

	"fftconnect/internal/config"
	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// BenchmarkDecide is the hand-over of an order of so many parts, which are all on record.
func BenchmarkDecide(b *testing.B) {
	for _, parts := range []int{1, 50} {
		b.Run(fmt.Sprintf("parts=%d", parts), func(b *testing.B) {
			order := newBench()
			var last fulfillmenttools.Event
			for i := range parts {
				p := part{fmt.Sprintf("pj-8f14e45f-ceea-467f-a83c-%012d", i), 10 + i, 2, 3}
				order.handle(b, p.says("PICK_JOB_CREATED"), p.says("PICK_JOB_PICKING_FINISHED"), p.hands("HANDOVERJOB_CREATED"))
				order.handle(b, p.parcel("PARCEL_CARRIER_ACKNOWLEDGED", fulfillmenttools.ParcelResult{
					TrackingNumber: fmt.Sprintf("00340434%012d", i), TrackingURL: fmt.Sprintf("https://www.carrier.example/en/follow?number=00340434%012d", i), Height: 10, Length: 30, Width: 20, Weight: 1200,
				}))
				last = p.hands("HANDOVERJOB_HANDED_OVER")
			}
			carrying := order.orders.order(orderID)
			facts, _, err := feedback.FactsOf(last, config.FeedbackRules{})
			if err != nil {
				b.Fatal(err)
			}
			known := feedback.Remembered{JobRecord: feedback.JobRecordOf(carrying)}
			shape := feedback.Shape{Order: ownType(), Parcel: parcelType(), Names: feedback.Documented}
			b.ReportAllocs()
			for b.Loop() {
				feedback.Decide(carrying, shape, known, facts)
			}
			b.ReportMetric(float64(len(carrying.TextField(feedback.RecordField))), "record-bytes")
		})
	}
}
