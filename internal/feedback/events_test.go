package feedback_test

import (
	"strings"
	"time"

	"fftconnect/internal/fulfillmenttools"
)

// versions are those that the entity of an order's undisturbed life has at its events.
var versions = map[string]int{
	"PICK_JOB_PICKING_FINISHED": 3, "PICK_JOB_ABORTED": 4, "PICK_JOB_CANCELED": 4, "PICK_JOB_REROUTED": 4,
	"HANDOVERJOB_HANDED_OVER": 3, "HANDOVERJOB_REVERTED": 4, "HANDOVERJOB_CANCELED": 5,
	"PARCEL_CARRIER_ACKNOWLEDGED": 2, "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED": 3,
}

// event is one about our order, whose two lines go through one pick job and one
// handover job; change may be nil.
func event(name, id string, change func(*fulfillmenttools.Payload)) fulfillmenttools.Event {
	payload := fulfillmenttools.Payload{
		Job: fulfillmenttools.Job{
			ID: id, Version: max(versions[name], 1), OrderRef: "ord-1", TenantOrderID: "A-1", Created: monday,
			ShortID: "S-" + id, FacilityRef: "f-" + id,
		},
		OrderID: orderID, ProjectKey: projectKey,
	}
	switch {
	case strings.HasPrefix(name, "PICK_JOB"):
		payload.PickLineItems = lines(2, 3)
		if name == "PICK_JOB_PICKING_FINISHED" {
			payload.Status = "CLOSED"
			for i := range payload.PickLineItems {
				payload.PickLineItems[i].Picked = payload.PickLineItems[i].Quantity
			}
		}
	case strings.HasPrefix(name, "HANDOVERJOB"):
		payload.HandoverJobLineItems = lines(2, 3)
		payload.Channel, payload.PickJobRef = "DELIVERY", "pj-1"
		if name == "HANDOVERJOB_HANDED_OVER" {
			for i := range payload.HandoverJobLineItems {
				payload.HandoverJobLineItems[i].HandedOver = payload.HandoverJobLineItems[i].Quantity
			}
		}
	case strings.HasPrefix(name, "PARCEL"):
		payload.Parcel.TrackingNumber = "T-" + id
	}
	if change != nil {
		change(&payload)
	}
	return fulfillmenttools.Event{Name: name, ID: name + " " + id, Payload: payload}
}

// lines are lines of a job by the quantities of our order's two lines; 0: none.
func lines(first, second int) []fulfillmenttools.JobLine {
	var found []fulfillmenttools.JobLine
	for i, quantity := range []int{first, second} {
		if quantity > 0 {
			line := fulfillmenttools.JobLine{Quantity: quantity}
			line.CustomAttributes = map[string]any{"commercetoolsId": []string{"line-1", "line-2"}[i]}
			line.Article.TenantArticleID = []string{"SKU-1", "SKU-2"}[i]
			found = append(found, line)
		}
	}
	return found
}

// part is a pick job of a split order, created so many minutes after monday, of
// these quantities of the order's lines.
type part struct {
	pickJob       string
	minute        int
	first, second int
}

// allShipped has the first line and right the second one.
var (
	allShipped = part{"pj-1", 10, 2, 0}
	right      = part{"pj-2", 20, 0, 3}
)

func at(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }

// says is an event of the part's pick job.
func (p part) says(name string) fulfillmenttools.Event {
	return event(name, p.pickJob, func(said *fulfillmenttools.Payload) {
		said.Created, said.PickLineItems = at(p.minute), lines(p.first, p.second)
		if name == "PICK_JOB_PICKING_FINISHED" {
			for i := range said.PickLineItems {
				said.PickLineItems[i].Picked = said.PickLineItems[i].Quantity
			}
		}
	})
}

// hands is an event of the part's handover job, created five minutes later; its
// parcel is named like it.
func (p part) hands(name string) fulfillmenttools.Event {
	id := strings.Replace(p.pickJob, "pj", "hj", 1)
	return event(name, id, func(said *fulfillmenttools.Payload) {
		said.Created, said.PickJobRef, said.HandoverJobLineItems = at(p.minute+5), p.pickJob, lines(p.first, p.second)
		said.ParcelInfo = fulfillmenttools.ParcelInfo{ParcelRef: "parcel-" + id, CarrierKey: "DHL_V2"}
		if name == "HANDOVERJOB_HANDED_OVER" {
			for i := range said.HandoverJobLineItems {
				said.HandoverJobLineItems[i].HandedOver = said.HandoverJobLineItems[i].Quantity
			}
		}
	})
}

// parcel is an event of a part's parcel.
func (p part) parcel(name string, result fulfillmenttools.ParcelResult) fulfillmenttools.Event {
	id := "parcel-" + strings.Replace(p.pickJob, "pj", "hj", 1)
	return event(name, id, func(said *fulfillmenttools.Payload) { said.Parcel = result })
}

// delivered is the carrier's last word on a part's parcel.
func (p part) delivered() fulfillmenttools.Event {
	return p.parcel("PARCEL_TRACK_AND_TRACE_STATUS_UPDATED", fulfillmenttools.ParcelResult{TrackingNumber: "T-" + p.pickJob, Delivered: true})
}
