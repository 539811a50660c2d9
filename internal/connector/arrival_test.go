package connector_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"fftconnect/internal/feedback"
	"fftconnect/internal/outcome"
	"fftconnect/internal/simulator/catalogue"
	"fftconnect/internal/simulator/ctsim"
	"fftconnect/internal/simulator/fftsim"
)

// placing is an order of the catalogue that was placed.
type placing struct {
	catalogue.Placed
	id string
}

// place places the catalogue's next n orders.
func (r *rig) place(n int) []placing {
	placed := make([]placing, n)
	for i := range placed {
		placed[i].Placed = r.NextOrder()
		placed[i].id = r.Place(placed[i].Placed)
	}
	return placed
}

// meddle has another system edit each order whenever the connector has changed it,
// up to the given number of times.
func (r *rig) meddle(times int) {
	var mu sync.Mutex
	edits := map[string]int{}
	r.CT.OnChange(func(id string, revision ctsim.Revision) {
		mu.Lock()
		edits[id]++
		n := edits[id]
		mu.Unlock()
		if revision.ClientID == ctsim.ForeignClientID || n > 2*times {
			return
		}
		if err := r.CT.Edit(id, map[string]any{"action": "setPurchaseOrderNumber", "purchaseOrderNumber": fmt.Sprint("PO-", n)}); err != nil {
			r.t.Errorf("meddling with order %s: %v", id, err)
		}
	})
}

// arrived checks that an order ended as it should: once, complete, never backwards.
func (r *rig) arrived(order placing) {
	r.t.Helper()
	there := r.FFT.OrdersOf(order.id)
	complain := func(format string, args ...any) {
		r.t.Helper()
		r.t.Errorf("order %s %q: %s%s", order.id, order.Traits, fmt.Sprintf(format, args...), describe(r.outcomes(order.id)))
	}
	history := r.CT.History(order.id)
	if step := backward(history); step != "" {
		complain("went backwards: %s", step)
	}
	switch order.Fate {
	case catalogue.FateUnmappable:
		rejected := slices.ContainsFunc(r.outcomes(order.id), func(entry outcome.Entry) bool {
			return entry.Kind == outcome.Rejected && entry.Hint != ""
		})
		if len(there) > 0 || !rejected {
			complain("%d orders there, want none and a rejection with a hint", len(there))
		}
		return
	case catalogue.FateCancelled:
		if len(there) > 1 || len(there) == 1 && there[0].Status != "CANCELLED" {
			complain("%d orders there, want none or one that is cancelled", len(there))
		}
		return
	}
	if len(there) != 1 || there[0].Stage != fftsim.StageHandedOver {
		complain("%d orders there, want one that is handed over", len(there))
		return
	}
	now := history[len(history)-1]
	if now.ShipmentState != "Shipped" {
		complain("shipment state is %s", now.ShipmentState)
	}
	for name, want := range fieldsOf(now.TypeKey, there[0]) {
		if now.CustomFields[name] != want {
			complain("%s is %v, want %v", name, now.CustomFields[name], want)
		}
	}
}

// fieldsOf is what an order's fields should hold at the end, by its type.
func fieldsOf(typeKey string, there fftsim.Order) map[string]any {
	names := feedback.Documented
	switch typeKey {
	case "shop-order": // has none of them
		return nil
	case "shop-order-fft":
		names = feedback.Legacy
	}
	newest := there.PickJobs[len(there.PickJobs)-1]
	jobs := []string{}
	for _, job := range there.HandoverJobs {
		jobs = append(jobs, job.ID)
	}
	fields := map[string]any{names.OrderID: there.ID, names.LoadUnits: float64(there.LoadUnits)}
	if len(there.PickJobs) == 1 {
		fields[names.PickJobID], fields[names.FacilityID] = newest.ID, newest.FacilityRef
		fields[names.ShortID] = shortID(newest)
		fields[names.HandoverJobID] = jobs[len(jobs)-1]
	}
	return fields
}

// backward is the first step of an order's history that takes something back.
func backward(history []ctsim.Revision) string {
	states := []string{"Pending", "Ready", "Partial", "Shipped", "Delivered"}
	for i := 1; i < len(history); i++ {
		before, after := history[i-1], history[i]
		if slices.Index(states, after.ShipmentState) < slices.Index(states, before.ShipmentState) {
			return fmt.Sprintf("version %d: shipment state %s to %s", after.Version, before.ShipmentState, after.ShipmentState)
		}
		for name, value := range before.CustomFields {
			if _, kept := after.CustomFields[name]; !kept {
				return fmt.Sprintf("version %d: field %s lost %v", after.Version, name, value)
			}
		}
		if units := "fft_load_units_amount"; number(after, units) < number(before, units) {
			return fmt.Sprintf("version %d: load units %v to %v", after.Version, number(before, units), number(after, units))
		}
	}
	return ""
}

func shortID(job fftsim.Job) string {
	var body struct{ ShortID string }
	if err := json.Unmarshal(job.Body, &body); err != nil {
		panic(err)
	}
	return body.ShortID
}

func number(revision ctsim.Revision, field string) float64 {
	value, _ := revision.CustomFields[field].(float64)
	return value
}
