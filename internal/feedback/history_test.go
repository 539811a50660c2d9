package feedback_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"fftconnect/internal/fulfillmenttools"
)

// history is how the fulfilment of one order went: every event carries its entity as
// it was then. Versions grow with each change; ids say nothing about which came first.
type history struct {
	t      *rapid.T
	clock  int // minutes after monday
	events []fulfillmenttools.Event
	picks  map[string]*fulfillmenttools.Job // as they are in the end
	hands  map[string]*fulfillmenttools.Job
	boxes  map[string]*fulfillmenttools.Payload // parcels
	units  map[string]fulfillmenttools.LoadUnits
	order  fulfillmenttools.Job
	told   struct{ cancelled, unroutable bool }
	lost   int // minute of the last "not routable"
	ids    []string
}

// drawHistory draws one to three pick jobs over the order's two lines, handover jobs
// over them, and what became of them.
func drawHistory(t *rapid.T) *history {
	h := &history{
		t: t, picks: map[string]*fulfillmenttools.Job{}, hands: map[string]*fulfillmenttools.Job{},
		boxes: map[string]*fulfillmenttools.Payload{}, units: map[string]fulfillmenttools.LoadUnits{},
		ids: rapid.Permutation([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}).Draw(t, "ids"),
	}
	h.order = fulfillmenttools.Job{ID: "ord-1", Version: 1, TenantOrderID: "A-1", Created: h.now(), Status: "OPEN"}
	h.say("ORDER_CREATED", fulfillmenttools.Payload{Job: h.order, OrderLines: lines(2, 3)})
	if h.chance("not routable at first") {
		h.unroutable()
	}
	shares := [][2]int{{2, 3}}
	if h.chance("split") {
		shares = rapid.SampledFrom([][][2]int{{{2, 0}, {0, 3}}, {{1, 2}, {1, 1}}}).Draw(t, "shares")
	}
	for _, share := range shares {
		h.pick(share, 0)
	}
	if h.chance("order cancelled") {
		h.cancel()
	}
	return h
}

func (h *history) chance(what string) bool {
	return rapid.IntRange(0, 3).Draw(h.t, what) == 0
}

func (h *history) now() (t time.Time) {
	h.clock++
	return at(h.clock)
}

func (h *history) id(kind string) string {
	id := kind + "-" + h.ids[0]
	h.ids = h.ids[1:]
	return id
}

// say adds an event with the entity as it is now.
func (h *history) say(name string, payload fulfillmenttools.Payload) {
	payload.OrderID, payload.ProjectKey, payload.ProcessID, payload.LastModified = orderID, projectKey, "pr-1", at(h.clock)
	payload.PickLineItems = slices.Clone(payload.PickLineItems)
	payload.HandoverJobLineItems = slices.Clone(payload.HandoverJobLineItems)
	h.events = append(h.events, fulfillmenttools.Event{Name: name, ID: fmt.Sprintf("event-%d", len(h.events)), Payload: payload})
}

// change changes a job, by one version or more, and tells of it; no name: it does not.
func (h *history) change(job *fulfillmenttools.Job, name string, edit func(*fulfillmenttools.Job)) {
	job.Version += rapid.IntRange(1, 2).Draw(h.t, "versions")
	job.LastModified = h.now()
	edit(job)
	if name != "" {
		h.say(name, fulfillmenttools.Payload{Job: *job})
	}
}

func (h *history) unroutable() {
	h.told.unroutable, h.lost = true, h.clock+1
	h.say("ROUTING_PLAN_NOT_ROUTABLE", fulfillmenttools.Payload{Job: fulfillmenttools.Job{ID: "plan-1", Version: 1, TenantOrderID: "A-1", Created: h.now()}})
}

// pick has a share of the order picked; rerouted jobs are followed by another.
func (h *history) pick(share [2]int, depth int) {
	id := h.id("pj")
	job := &fulfillmenttools.Job{
		ID: id, Version: 1, Status: "OPEN", ShortID: "S-" + id, FacilityRef: "f-" + id, OrderRef: "ord-1", TenantOrderID: "A-1",
		Created: h.now(), PickLineItems: lines(share[0], share[1]),
	}
	h.picks[id] = job
	h.say("PICK_JOB_CREATED", fulfillmenttools.Payload{Job: *job})
	switch fate := rapid.SampledFrom([]string{"picked", "picked", "picked", "picked", "open", "rerouted", "aborted", "canceled"}).Draw(h.t, id); {
	case fate == "picked":
		h.finish(job)
	case fate == "aborted":
		h.change(job, "PICK_JOB_ABORTED", status("ABORTED"))
	case fate == "canceled":
		h.change(job, "PICK_JOB_CANCELED", status("CANCELED"))
	case fate == "rerouted" && depth == 0:
		h.change(job, "PICK_JOB_REROUTED", status("REROUTED"))
		if h.chance("not routable again") {
			h.unroutable()
		}
		h.pick(share, 1)
	}
}

func status(to string) func(*fulfillmenttools.Job) {
	return func(job *fulfillmenttools.Job) { job.Status = to }
}

// finish has a job picked, in full or not, and packed into one or two parcels.
func (h *history) finish(job *fulfillmenttools.Job) {
	how := rapid.SampledFrom([]string{"all", "all", "all", "short", "none", "other"}).Draw(h.t, job.ID+" picks")
	picked := 0
	h.change(job, "PICK_JOB_PICKING_FINISHED", func(job *fulfillmenttools.Job) {
		job.Status = "CLOSED"
		for i := range job.PickLineItems {
			line := &job.PickLineItems[i]
			switch how {
			case "all":
				line.Picked = line.Quantity
			case "short":
				line.Picked = line.Quantity - 1
			case "other":
				line.Picked, line.Substitutes = line.Quantity-1, []fulfillmenttools.Substitute{{Picked: 1}}
			}
		}
		picked = job.PickLineItems.PickedPieces()
	})
	h.units[job.ID] = fulfillmenttools.LoadUnits{Count: min(picked, rapid.IntRange(0, 3).Draw(h.t, job.ID+" load units"))}
	if picked == 0 || h.chance(job.ID+" is not packed") {
		return
	}
	if h.chance("a version that nobody tells of") {
		h.change(job, "", func(*fulfillmenttools.Job) {})
	}
	packed := lines(0, 0)
	for _, line := range job.PickLineItems {
		line.Quantity, line.Picked, line.Substitutes = line.Picked+line.SubstitutedPieces(), 0, nil
		if line.Quantity > 0 {
			packed = append(packed, line)
		}
	}
	if len(packed) > 1 && h.chance("two parcels of one pick job") {
		h.handOver(job, packed[:1])
		packed = packed[1:]
	}
	h.handOver(job, packed)
}

// isHandoverOnly has packed lines handed over, and what else may happen to them.
func (h *history) handOver(pick *fulfillmenttools.Job, packed []fulfillmenttools.JobLine) {
	id := h.id("hj")
	parcel := &fulfillmenttools.Payload{Job: fulfillmenttools.Job{ID: "pa" + id, Version: 1, TenantOrderID: "A-1", Created: h.now()}}
	h.boxes[parcel.ID] = parcel
	job := &fulfillmenttools.Job{
		ID: id, Version: 1, Status: "OPEN", Channel: "DELIVERY", PickJobRef: pick.ID, TenantOrderID: "A-1", Created: h.now(),
		FacilityRef: pick.FacilityRef, HandoverJobLineItems: slices.Clone(packed),
		ParcelInfo: fulfillmenttools.ParcelInfo{ParcelRef: parcel.ID, CarrierKey: "DHL_V2"},
	}
	labelled := h.chance("the label is there at once")
	if labelled {
		job.ParcelInfo.TrackingNumber = "T-" + id
	}
	h.hands[id] = job
	h.say("HANDOVERJOB_CREATED", fulfillmenttools.Payload{Job: *job})
	if labelled || h.chance("the label comes") {
		h.carry(parcel, "PARCEL_CARRIER_ACKNOWLEDGED", func(p *fulfillmenttools.ParcelResult) {
			p.TrackingNumber, p.TrackingURL = "T-"+id, "https://track.example/"+id
			p.Height, p.Length, p.Width, p.Weight = 10, 30, 20, 1500
		})
		h.say("SHIPMENT_UPDATED", fulfillmenttools.Payload{
			Job:     fulfillmenttools.Job{ID: "sh" + id, Version: 1, TenantOrderID: "A-1", ParcelInfoBefore: fulfillmenttools.ParcelInfoBefore{CarrierKey: "DHL_V2"}},
			Parcels: []fulfillmenttools.ParcelInfo{{ParcelRef: parcel.ID, TrackingNumber: "T-" + id}},
		})
	}
	if h.chance("a version that nobody tells of") {
		h.change(job, "", func(job *fulfillmenttools.Job) { job.ParcelInfo.TrackingNumber = parcel.Parcel.TrackingNumber })
	}
	h.endHandover(job, parcel)
}

func (h *history) endHandover(job *fulfillmenttools.Job, parcel *fulfillmenttools.Payload) {
	switch rapid.SampledFrom([]string{"handed over", "handed over", "handed over", "open", "canceled", "reverted"}).Draw(h.t, job.ID) {
	case "canceled":
		h.change(job, "HANDOVERJOB_CANCELED", status("CANCELED"))
	case "handed over":
		h.leave(job)
		h.carried(parcel)
	case "reverted":
		h.leave(job)
		h.change(job, "HANDOVERJOB_REVERTED", func(job *fulfillmenttools.Job) {
			job.Status, job.HandoverJobLineItems = "OPEN", handed(job.HandoverJobLineItems, false)
		})
		if h.chance("handed over again") {
			h.leave(job)
			h.carried(parcel)
		}
	}
}

func (h *history) leave(job *fulfillmenttools.Job) {
	h.change(job, "HANDOVERJOB_HANDED_OVER", func(job *fulfillmenttools.Job) {
		job.Status, job.HandoverJobLineItems = "HANDED_OVER", handed(job.HandoverJobLineItems, true)
	})
}

func handed(lines []fulfillmenttools.JobLine, done bool) []fulfillmenttools.JobLine {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].HandedOver = 0
		if done {
			lines[i].HandedOver = lines[i].Quantity
		}
	}
	return lines
}

// carried is what the carrier says of a parcel on its way, if anything.
func (h *history) carried(parcel *fulfillmenttools.Payload) {
	for range rapid.IntRange(0, 2).Draw(h.t, "scans") {
		h.carry(parcel, "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED", func(p *fulfillmenttools.ParcelResult) { p.TrackingNumber = "T-" + parcel.ID[2:] })
	}
	if h.chance(parcel.ID + " is delivered") {
		h.carry(parcel, "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED", func(p *fulfillmenttools.ParcelResult) { p.Delivered = true })
	}
}

func (h *history) carry(parcel *fulfillmenttools.Payload, name string, edit func(*fulfillmenttools.ParcelResult)) {
	parcel.Version++
	h.now()
	edit(&parcel.Parcel)
	h.say(name, *parcel)
}

// cancel has fulfillmenttools cancel the order and whatever of it has not left.
func (h *history) cancel() {
	h.told.cancelled = true
	h.change(&h.order, rapid.SampledFrom([]string{"ORDER_CANCELLED", "ORDER_FORCE_CANCELLED", "ORDER_CANCELLED_BY_EXPIRY"}).Draw(h.t, "how"), status("CANCELLED"))
	for _, id := range keys(h.picks) {
		if job := h.picks[id]; job.Status == "OPEN" {
			h.change(job, "PICK_JOB_CANCELED", status("CANCELED"))
		}
	}
	for _, id := range keys(h.hands) {
		if job := h.hands[id]; job.Status == "OPEN" {
			h.change(job, "HANDOVERJOB_CANCELED", status("CANCELED"))
		}
	}
}
