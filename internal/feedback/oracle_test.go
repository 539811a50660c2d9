package feedback_test

import (
	"encoding/json"
	"maps"
	"slices"

	"fftconnect/internal/commercetools"
	"fftconnect/internal/fulfillmenttools"
)

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// shown is what of an order a history decides.
type shown struct {
	Fields     map[string]any
	Shipment   string
	Deliveries map[string]shownDelivery // by key
}

type shownDelivery struct {
	Items   map[string]int
	Parcels map[string]shownParcel // by key
}

type shownParcel struct {
	Tracking, Carrier, URL string
	Weight                 int
}

// shows is what an order shows of it.
func shows(order commercetools.Snapshot) shown {
	s := shown{Fields: maps.Clone(order.Fields), Shipment: order.ShipmentState, Deliveries: map[string]shownDelivery{}}
	delete(s.Fields, "giftMessage")
	delete(s.Fields, "fft_jobs")
	for _, shipping := range order.Shipping {
		for _, delivery := range shipping.Deliveries {
			d := shownDelivery{map[string]int{}, map[string]shownParcel{}}
			for _, item := range delivery.Items {
				d.Items[item.ID] += item.Quantity
			}
			for _, parcel := range delivery.Parcels {
				p := shownParcel{Tracking: parcel.Tracking.ID, Carrier: parcel.Tracking.Carrier, URL: parcel.TextField("fft_tracking_url")}
				if parcel.Measurements != nil {
					p.Weight = parcel.Measurements.Weight
				}
				d.Parcels[parcel.Key] = p
			}
			s.Deliveries[delivery.Key] = d
		}
	}
	return s
}

// laterOf is the id of the job created last.
func laterOf(jobs map[string]*fulfillmenttools.Job) string {
	last := ""
	for id, job := range jobs {
		if last == "" || job.Created.After(jobs[last].Created) {
			last = id
		}
	}
	return last
}

func given(job *fulfillmenttools.Job) bool {
	return slices.Contains([]string{"ABORTED", "REROUTED", "CANCELED"}, job.Status)
}

// want is what the order shows when all is told. It is read off the jobs as they are
// in the end.
func (h *history) want() shown {
	fields := map[string]any{"fft_order_id": "ord-1", "fft_pickjob_ids": anys(keys(h.picks))}
	pick := laterOf(h.picks)
	fields["fft_pickjob_id"], fields["fft_short_id"], fields["fft_facility_id"] = pick, "S-"+pick, "f-"+pick
	units := 0
	for id, count := range h.units {
		if !given(h.picks[id]) {
			units += count.Count
		}
	}
	if units > 0 {
		fields["fft_load_units_amount"] = float64(units)
	}
	if len(h.hands) > 0 {
		fields["fft_handoverjob_id"], fields["fft_handoverjob_ids"] = laterOf(h.hands), anys(keys(h.hands))
	}
	if exceptions := h.exceptions(); len(exceptions) > 0 {
		fields["fft_exceptions"] = anys(exceptions)
	}
	if rows := h.rows(); len(rows) > 0 {
		text, _ := json.Marshal(rows)
		fields["fft_parcels"] = string(text)
	}
	return shown{Fields: fields, Shipment: h.shipment(), Deliveries: h.deliveries()}
}

func anys(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}

// rows are the entries of fft_parcels.
func (h *history) rows() (rows []map[string]string) {
	for _, id := range keys(h.hands) {
		parcel := h.boxes["pa"+id].Parcel
		if h.hands[id].Status != "CANCELED" && parcel.TrackingNumber != "" {
			row := map[string]string{"tracking_number": parcel.TrackingNumber}
			if parcel.TrackingURL != "" {
				row["tracking_url"] = parcel.TrackingURL
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// shipment is the state of the whole order, by counting.
func (h *history) shipment() string {
	open, left, arrived, waiting := 0, 0, 0, 0
	packed := map[string]bool{}
	for id, job := range h.hands {
		packed[job.PickJobRef] = true
		switch job.Status {
		case "OPEN":
			open++
		case "HANDED_OVER":
			left++
			if h.boxes["pa"+id].Parcel.Delivered {
				arrived++
			}
		}
	}
	for id, job := range h.picks {
		nothing := job.Status == "CLOSED" && job.PickLineItems.PickedPieces() == 0
		if !packed[id] && !given(job) && !nothing {
			waiting++
		}
	}
	ended := h.told.cancelled || open+waiting == 0
	switch {
	case left > 0 && !ended:
		return "Partial"
	case left > 0 && arrived == left:
		return "Delivered"
	case left > 0:
		return "Shipped"
	case h.told.cancelled, len(h.hands) > 0 && ended:
		return "Canceled"
	case len(h.hands) > 0:
		return "Ready"
	case h.notPicked():
		return "Delayed"
	default:
		return "Pending"
	}
}

// isNotPicked reports whether all that was to be picked came to nothing.
func (h *history) notPicked() bool {
	nothing := func(job *fulfillmenttools.Job) bool {
		return job.Status == "CLOSED" && job.PickLineItems.PickedPieces() == 0
	}
	for _, job := range h.hands {
		if job.Status != "CANCELED" {
			return false
		}
	}
	for _, job := range h.picks {
		if !given(job) && !nothing(job) {
			return false
		}
	}
	last := h.picks[laterOf(h.picks)]
	return !h.told.cancelled && last != nil && (nothing(last) || last.Status == "ABORTED")
}

func (h *history) exceptions() (found []string) {
	short, other, routed := false, false, false
	for _, job := range h.picks {
		if given(job) {
			continue
		}
		routed = routed || job.Created.After(at(h.lost))
		for _, line := range job.PickLineItems {
			short = short || job.Status == "CLOSED" && line.Picked+line.SubstitutedPieces() < line.Quantity
			other = other || len(line.Substitutes) > 0
		}
	}
	if h.told.cancelled {
		found = append(found, "cancelled")
	}
	if h.notPicked() {
		found = append(found, "notPicked")
	}
	if h.told.unroutable && !routed && !h.told.cancelled {
		found = append(found, "notRoutable")
	}
	if short {
		found = append(found, "shortPicked")
	}
	if other {
		found = append(found, "substituted")
	}
	return found
}

func (h *history) deliveries() map[string]shownDelivery {
	found := map[string]shownDelivery{}
	for id, job := range h.hands {
		if job.Status == "CANCELED" {
			continue
		}
		delivery := shownDelivery{map[string]int{}, map[string]shownParcel{}}
		for _, line := range job.HandoverJobLineItems {
			delivery.Items[line.LineID()] += line.Quantity
		}
		parcel := h.boxes["pa"+id].Parcel
		p := shownParcel{Tracking: parcel.TrackingNumber, URL: parcel.TrackingURL, Weight: int(parcel.Weight)}
		if p.Tracking != "" {
			p.Carrier = "DHL_V2"
		}
		delivery.Parcels["pa"+id] = p
		found[id] = delivery
	}
	return found
}
