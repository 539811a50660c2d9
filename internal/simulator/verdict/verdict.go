// Package verdict says whether an order of a simulated world ended as it should: the
// demo and the chaos test judge by it, from what the platforms show and not from what
// the connector says of itself.
//
//	verdict.go   an order's state, and that it exists exactly once
//	fields.go    its custom fields
//	delivery.go  its deliveries and parcels
//	facility.go  channels and their facilities
package verdict

import (
	"encoding/json"
	"fmt"
	"strings"

	"fftconnect/internal/feedback"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

// rank orders shipment states, for the check that none steps backwards.
var rank = map[string]int{"": 0, "Pending": 0, "Ready": 1, "Partial": 2, "Shipped": 3, "Delivered": 4}

// WhatIsWrong says what is wrong with how an order ended; empty when it ended as its fate
// says: complete and exactly once, on both sides or on none.
func WhatIsWrong(w *world.World, orderID string, fate catalogue.Fate) string {
	there := w.FFT.OrdersOf(orderID)
	switch fate {
	case catalogue.FateUnmappable:
		if len(there) > 0 {
			return "it should not exist in fulfillmenttools"
		}
		return ""
	case catalogue.FateCancelled:
		return wrongCancelled(there)
	}
	if len(there) != 1 {
		return fmt.Sprintf("it exists %d times in fulfillmenttools", len(there))
	}
	history := w.CT.History(orderID)
	if back := statusMovedBack(history); back != "" {
		return back
	}
	last := history[len(history)-1]
	_, carries := last.CustomFields[feedback.RecordField]
	wanted := shipmentState(there[0])
	if wanted == "Delivered" && !carries && last.ShipmentState == "Shipped" {
		wanted = "Shipped" // nothing tells which of its parcels were delivered
	}
	if last.ShipmentState != wanted {
		return fmt.Sprintf("its shipment state is %q, not %q", last.ShipmentState, wanted)
	}
	if missing := missingFields(last, there[0]); len(missing) > 0 {
		return "it lacks " + strings.Join(missing, ", ")
	}
	return ""
}

func wrongCancelled(there []fftsim.Order) string {
	for _, order := range there {
		if order.Status != "CANCELLED" && order.Stage != fftsim.StageHandedOver {
			return "it is cancelled but lives on in fulfillmenttools"
		}
	}
	if len(there) > 1 {
		return fmt.Sprintf("it exists %d times in fulfillmenttools", len(there))
	}
	return ""
}

// shipmentState is what an order should show that went its way to the end: Delivered
// when the carrier has delivered every parcel, else Shipped.
func shipmentState(there fftsim.Order) string {
	for _, job := range there.Parcels {
		if parcelOf(job).Result.TrackingStatus != "delivered" {
			return "Shipped"
		}
	}
	if len(there.Parcels) == 0 {
		return "Shipped"
	}
	return "Delivered"
}

func statusMovedBack(history []ctsim.Revision) string {
	for i := 1; i < len(history); i++ {
		if from, to := history[i-1].ShipmentState, history[i].ShipmentState; rank[to] < rank[from] {
			return fmt.Sprintf("its shipment state went back from %s to %s", from, to)
		}
	}
	return ""
}

// WasPartial reports whether an order ever showed that only a part of it was handed
// over.
func WasPartial(w *world.World, orderID string) bool {
	for _, revision := range w.CT.History(orderID) {
		if revision.ShipmentState == "Partial" {
			return true
		}
	}
	return false
}

// decode reads what a simulated platform shows, which is always JSON of the shape
// asked for.
func decode[T any](body []byte) (value T) {
	if err := json.Unmarshal(body, &value); err != nil {
		panic(fmt.Sprintf("verdict: what a simulated platform shows: %v", err))
	}
	return value
}
