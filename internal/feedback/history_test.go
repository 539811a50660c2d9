package feedback_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"fftconnect/internal/feedback"
	"fftconnect/internal/fulfillmenttools"
)

// history is how the fulfilment of one order went.
type history struct {
	events []fulfillmenttools.Event // as they happened
	picks  map[string]fulfillmenttools.Job
	hands  map[string]fulfillmenttools.Job
	units  map[string]fulfillmenttools.LoadUnits
	want   expected
}

// expected is what the order shows in the end, if its type has the fields.
type expected struct {
	order, pickJob, shortID, facility, handoverJob string
	units                                          int
	shipment                                       string // empty: none was reached
}

// drawHistory draws one to three pick jobs and one to three handover jobs with what
// became of them. Ids say nothing about which came first.
func drawHistory(t *rapid.T) history {
	h := history{picks: map[string]fulfillmenttools.Job{}, hands: map[string]fulfillmenttools.Job{}, units: map[string]fulfillmenttools.LoadUnits{}}
	letters := rapid.Permutation([]string{"a", "b", "c", "d", "e", "f"}).Draw(t, "ids")
	minutes := rapid.Permutation([]int{10, 20, 30, 40, 50, 60}).Draw(t, "created")
	h.happen("ORDER_CREATED", "ord-1", 0, nil)
	h.want.order = "ord-1"

	latest := 0
	for i := range rapid.IntRange(1, 3).Draw(t, "pick jobs") {
		id, created := "pj-"+letters[i], minutes[i]
		h.picks[id] = fulfillmenttools.Job{ID: id, OrderRef: "ord-1", Created: at(created)}
		h.happen("PICK_JOB_CREATED", id, created, nil)
		if created > latest {
			latest = created
			h.want.pickJob, h.want.shortID, h.want.facility = id, "S-"+id, "f-"+id
		}
		if rapid.Bool().Draw(t, id+" is picked") {
			count := rapid.IntRange(0, 3).Draw(t, id+" load units")
			h.units[id] = fulfillmenttools.LoadUnits{Count: count}
			h.want.units += count
			h.happen("PICK_JOB_PICKING_FINISHED", id, created, nil)
		}
	}
	latest = 0
	for i := range rapid.IntRange(1, 3).Draw(t, "handover jobs") {
		id, created := "hj-"+letters[3+i], minutes[3+i]
		h.hands[id] = fulfillmenttools.Job{ID: id, Created: at(created)}
		h.happen("HANDOVERJOB_CREATED", id, created, nil)
		h.want.shipment = max(h.want.shipment, "Ready") // Ready < Shipped
		if created > latest {
			latest, h.want.handoverJob = created, id
		}
		if rapid.Bool().Draw(t, id+" is handed over") {
			h.want.shipment = "Shipped"
			h.happen("HANDOVERJOB_HANDED_OVER", id, created, nil)
		}
	}
	slices.SortStableFunc(h.events, func(a, b fulfillmenttools.Event) int {
		return a.Payload.LastModified.Compare(b.Payload.LastModified)
	})
	return h
}

func at(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }

func (h *history) happen(name, id string, created int, change func(*fulfillmenttools.Payload)) {
	e := event(name, id, change)
	e.Payload.Created = at(created)
	e.Payload.LastModified = at(created)
	if name == "PICK_JOB_PICKING_FINISHED" || name == "HANDOVERJOB_HANDED_OVER" {
		e.Payload.LastModified = at(created + 25)
	}
	e.ID = fmt.Sprintf("event-%d", len(h.events))
	h.events = append(h.events, e)
}

// on puts the history's jobs into a bench's fulfillmenttools.
func (h *history) on(b *bench) *bench {
	b.fulfilment.picks, b.fulfilment.hands, b.fulfilment.units = h.picks, h.hands, h.units
	return b
}

// fields are what the order's custom fields hold in the end.
func (h *history) fields(names feedback.Names, schema feedback.Schema) map[string]any {
	fields := map[string]any{}
	for name, value := range map[string]string{
		names.OrderID: h.want.order, names.PickJobID: h.want.pickJob, names.ShortID: h.want.shortID,
		names.FacilityID: h.want.facility, names.HandoverJobID: h.want.handoverJob,
	} {
		if schema.Fields[name] && value != "" {
			fields[name] = value
		}
	}
	if schema.Fields[names.LoadUnits] && h.want.units > 0 {
		fields[names.LoadUnits] = float64(h.want.units)
	}
	return fields
}

// drawTypes draws the type that orders get and the one that the order has; an order
// without a type has none in the end only if nothing was to be written.
func drawTypes(t *rapid.T) (own, has feedback.Schema) {
	own = ownType()
	shop := func(fields ...string) feedback.Schema {
		return schemaWith(append(fields, "giftMessage")...)
	}
	switch rapid.SampledFrom([]string{"none", "ours", "documented", "legacy", "strange"}).Draw(t, "type") {
	case "none":
		return own, feedback.Schema{}
	case "documented":
		return own, shop(feedback.Documented.All()...)
	case "legacy":
		return own, shop(feedback.Legacy.All()...)
	case "strange":
		return own, shop()
	default:
		return own, own
	}
}
