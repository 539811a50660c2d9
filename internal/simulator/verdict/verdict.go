// Package verdict says whether an order of a simulated world ended as it should: the
// demo and the chaos test judge by it, from what the platforms show and not from what
// the connector says of itself.
package verdict

import (
	"fmt"
	"slices"
	"strings"

	"fftconnect/internal/feedback"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/fftsim"
	"fftconnect/internal/simulator/world"
)

// rank orders shipment states, for the check that none steps backwards.
var rank = map[string]int{"": 0, "Pending": 0, "Ready": 1, "Partial": 2, "Shipped": 3, "Delivered": 4}

// Wrong says what is wrong with how an order ended; empty when it ended as its fate
// says: complete and exactly once, on both sides or on none.
func Wrong(w *world.World, orderID string, fate catalogue.Fate) string {
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
	if back := stepBack(history); back != "" {
		return back
	}
	last := history[len(history)-1]
	if last.ShipmentState != "Shipped" {
		return fmt.Sprintf("its shipment state is %q", last.ShipmentState)
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

func stepBack(history []ctsim.Revision) string {
	for i := 1; i < len(history); i++ {
		if from, to := history[i-1].ShipmentState, history[i].ShipmentState; rank[to] < rank[from] {
			return fmt.Sprintf("its shipment state went back from %s to %s", from, to)
		}
	}
	return ""
}

// merchantType is the catalogue's custom type without our fields: an order that
// carries it can only show its shipment state.
const merchantType = "shop-order"

func missingFields(last ctsim.Revision, there fftsim.Order) []string {
	if last.TypeKey == merchantType {
		return nil
	}
	var missing []string
	pickJob, handoverJob := there.PickJobs[len(there.PickJobs)-1], there.HandoverJobs[len(there.HandoverJobs)-1]
	check := func(want any, names ...string) {
		if !slices.ContainsFunc(names, func(name string) bool { return last.CustomFields[name] == want }) {
			missing = append(missing, names[0])
		}
	}
	check(there.ID, feedback.Documented.OrderID)
	check(pickJob.ID, feedback.Documented.PickJobID)
	check(pickJob.FacilityRef, feedback.Documented.FacilityID)
	check(float64(there.LoadUnits), feedback.Documented.LoadUnits)
	check(handoverJob.ID, feedback.Documented.HandoverJobID, feedback.Legacy.HandoverJobID)
	return missing
}
