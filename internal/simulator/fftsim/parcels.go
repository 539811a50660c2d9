package fftsim

import "fmt"

// labelPlan is how a carrier answers when labels are ordered.
type labelPlan int

const (
	labelPrompt labelPlan = iota
	labelHeld
	labelFailing
)

func (p *Platform) newParcel(n *news, f *flow, s *strand, job *pickJob, b *box) *parcel {
	sender := p.facilities.get(s.facility).address()
	packed := &parcel{
		ID: b.parcel, versioned: newVersioned(n.now), Status: "OPEN", CarrierRef: carrierRef(f), ProcessRef: job.ProcessID,
		ShipmentRef: s.shipment, TenantOrderID: job.TenantOrderID, FacilityRef: s.facility, LoadUnitRefs: copyOf(b.loadUnits),
		CustomAttributes: p.inheritedAttributes(job.CustomAttributes), Sender: sender, Recipient: f.postal, Items: []parcelItem{},
		Dimensions: map[string]float64{"height": 10, "length": 25, "width": 35, "weight": 900},
	}
	if packed.Recipient == nil {
		packed.Recipient = sender
	}
	for _, item := range piecesOf(b.lines) {
		packed.Items = append(packed.Items, parcelItem{p.newID(), item.globalID, item.quantity, item.article, p.inheritedAttributes(item.attributes)})
	}
	return packed
}

// shelveParcel tells of no event when there is none to tell.
func (p *Platform) shelveParcel(n *news, f *flow, packed *parcel, event string) {
	p.parcels.put(packed.ID, packed, n.now)
	if event != "" {
		n.queueEvent(emission{event: event, orderID: f.orderID, facility: packed.FacilityRef, payload: packed})
	}
}

func (p *Platform) changeParcel(n *news, f *flow, b *box, event string, edit func(packed *parcel)) {
	next := *p.parcels.get(b.parcel)
	next.bumpVersion(n.now)
	edit(&next)
	p.shelveParcel(n, f, &next, event)
}

// createLabels has the carrier answer for the parcels that have no label yet.
func (p *Platform) createLabels(n *news, f *flow, s *strand) {
	if f.label == labelHeld {
		return
	}
	for _, b := range s.boxes {
		switch status := p.parcels.get(b.parcel).Status; {
		case status == "DONE" || status == "CANCELED":
		case f.label == labelFailing:
			p.changeParcel(n, f, b, "PARCEL_CARRIER_FAILED", func(packed *parcel) {
				packed.Status, packed.Result = "FAILED", &parcelResult{Summary: "The carrier does not accept the address."}
			})
		default:
			p.acknowledgeLabel(n, f, b)
		}
	}
	switch {
	case f.label == labelFailing:
		p.changeShipment(n, f, s, "RETRYABLE")
	case s.stage == StageHandedOver:
		p.changeShipment(n, f, s, "COMPLETED")
	default:
		p.changeShipment(n, f, s, "CONFIRMED")
	}
}

// acknowledgeLabel gives a parcel its label. A handover job that exists already gets the
// tracking number without an event of its own.
func (p *Platform) acknowledgeLabel(n *news, f *flow, b *box) {
	tracking := p.newTrackingNumber()
	p.changeParcel(n, f, b, "PARCEL_CARRIER_ACKNOWLEDGED", func(packed *parcel) {
		packed.Status, packed.Result = "DONE", &parcelResult{"ok", tracking, "https://track.example/" + tracking, "registered"}
	})
	if b.handoverJob == "" || p.handoverJobs.get(b.handoverJob).ParcelInfo.ParcelRef != b.parcel {
		return
	}
	next := *p.handoverJobs.get(b.handoverJob)
	next.bumpVersion(n.now)
	info := *next.ParcelInfo
	info.CarrierTrackingNumber = tracking
	next.ParcelInfo = &info
	p.handoverJobs.put(next.ID, &next, n.now)
}

// HoldLabel has the carrier keep the labels of an order back until AcknowledgeLabel.
// What is handed over meanwhile has no tracking number.
func (p *Platform) HoldLabel(orderID string) error { return p.planLabel(orderID, labelHeld) }

// FailLabel has the carrier refuse the labels of an order until AcknowledgeLabel.
func (p *Platform) FailLabel(orderID string) error { return p.planLabel(orderID, labelFailing) }

func (p *Platform) planLabel(orderID string, plan labelPlan) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		f.label = plan
		return nil
	})
}

// AcknowledgeLabel has the carrier give the labels that HoldLabel or FailLabel kept
// back.
func (p *Platform) AcknowledgeLabel(orderID string) error {
	return p.onFlow(orderID, func(n *news, f *flow) error {
		f.label = labelPrompt
		found := false
		for _, s := range f.strands {
			if s.shipment != "" && p.lacksLabel(s) {
				found = true
				p.createLabels(n, f, s)
			}
		}
		if !found {
			return fmt.Errorf("order %s waits for no label", orderID)
		}
		return nil
	})
}

func (p *Platform) lacksLabel(s *strand) bool {
	for _, b := range s.boxes {
		if status := p.parcels.get(b.parcel).Status; status != "DONE" && status != "CANCELED" {
			return true
		}
	}
	return false
}

// TrackDelivered has the carrier report every parcel of an order that is handed
// over as delivered.
func (p *Platform) TrackDelivered(orderID string) error { return p.Track(orderID, "delivered") }

// Track has the carrier report a tracking status, such as transit or exception, for
// every parcel of an order that is handed over.
func (p *Platform) Track(orderID, status string) error {
	return p.onBoxes(orderID, "HANDED_OVER", func(n *news, f *flow, s *strand, b *box) {
		for _, b := range s.boxesOfHandoverJob(b.handoverJob) {
			if b.parcel != "" {
				p.trackParcel(n, f, b, status)
			}
		}
	})
}

// carryParcel has the carrier report a parcel as on its way and then as delivered.
func (p *Platform) carryParcel(f *flow, b *box) {
	p.scheduleChange(&b.timer, p.pace.Delivery/2, func(n *news) {
		p.trackParcel(n, f, b, "transit")
		p.scheduleChange(&b.timer, p.pace.Delivery-p.pace.Delivery/2, func(n *news) { p.trackParcel(n, f, b, "delivered") })
	})
}

// TrackParcel has the carrier report a tracking status for one parcel.
func (p *Platform) TrackParcel(parcelID, status string) error {
	p.mu.RLock()
	packed := p.parcels.get(parcelID)
	p.mu.RUnlock()
	if packed == nil {
		return fmt.Errorf("parcel %s does not exist", parcelID)
	}
	return p.inTransaction(func(n *news) error {
		f := p.flows[p.orderOfPickJob(p.shipments.get(packed.ShipmentRef).PickJobRef)[0]]
		for _, s := range f.strands {
			for _, b := range s.boxes {
				if b.parcel == parcelID {
					p.trackParcel(n, f, b, status)
				}
			}
		}
		return nil
	})
}

func (p *Platform) trackParcel(n *news, f *flow, b *box, status string) {
	p.changeParcel(n, f, b, "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED", func(packed *parcel) {
		result := parcelResult{Summary: "ok"}
		if packed.Result != nil {
			result = *packed.Result
		}
		result.TrackingStatus = status
		packed.Result = &result
	})
}
