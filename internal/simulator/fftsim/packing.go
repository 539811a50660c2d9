package fftsim

// pack makes the handover job of a picked part, after shipment and parcel when it
// is shipped.
func (p *Platform) pack(n *news, f *flow, s *strand) {
	s.stage = StagePacked
	job := p.pickJobs.get(s.pickJob)
	var info *parcelInfo
	if f.channel == "SHIPPING" {
		info = p.ship(n, f, s, job)
	}
	handover := p.newHandoverJob(n, f, s, job, info)
	p.handoverJobs.put(handover.ID, handover, n.now)
	f.handoverJobs = append(f.handoverJobs, handover.ID)
	n.tell(emission{event: "HANDOVERJOB_CREATED", orderID: f.orderID, facility: s.facility, payload: handover})
}

// ship orders a label from the carrier and has it acknowledged.
func (p *Platform) ship(n *news, f *flow, s *strand, job *pickJob) *parcelInfo {
	s.shipment, s.parcel, s.tracking = p.newID(), p.newID(), p.newTrackingNumber()
	f.shipments, f.parcels = append(f.shipments, s.shipment), append(f.parcels, s.parcel)
	shipped, packed := p.newShipment(n, f, s, job), p.newParcel(n, f, s, job)

	p.shelveShipment(n, f, shipped, "SHIPMENT_CREATED")
	p.shelveParcel(n, f, packed, "PARCEL_CARRIER_CREATED")
	requested := *packed
	requested.touch(n.now)
	requested.Status = "PROCESSING"
	p.shelveParcel(n, f, &requested, "PARCEL_CARRIER_REQUESTED")
	acknowledged := requested
	acknowledged.touch(n.now)
	acknowledged.Status = "DONE"
	acknowledged.Result = &parcelResult{"ok", s.tracking, "https://track.example/" + s.tracking, "registered"}
	p.shelveParcel(n, f, &acknowledged, "PARCEL_CARRIER_ACKNOWLEDGED")
	confirmed := *shipped
	confirmed.touch(n.now)
	confirmed.Status = "CONFIRMED"
	confirmed.Parcels = []strippedParcel{{s.parcel, carrierRef(f), "DONE", s.tracking}}
	p.shelveShipment(n, f, &confirmed, "SHIPMENT_UPDATED")
	return &parcelInfo{s.shipment, s.parcel, carrierRef(f), f.carrierKey, s.tracking}
}

func carrierRef(f *flow) string { return "carrier-" + f.carrierKey }

func (p *Platform) shelveShipment(n *news, f *flow, s *shipment, event string) {
	p.shipments.put(s.ID, s, n.now)
	n.tell(emission{event: event, orderID: f.orderID, facility: s.FacilityRef, payload: s})
}

func (p *Platform) shelveParcel(n *news, f *flow, packed *parcel, event string) {
	p.parcels.put(packed.ID, packed, n.now)
	n.tell(emission{event: event, orderID: f.orderID, facility: packed.FacilityRef, payload: packed})
}

func (p *Platform) newShipment(n *news, f *flow, s *strand, job *pickJob) *shipment {
	shipped := &shipment{
		ID: s.shipment, versioned: born(n.now), Status: "INITIAL", FacilityRef: s.facility, PickJobRef: job.ID,
		TenantOrderID: job.TenantOrderID, ProcessID: job.ProcessID, ShortID: job.ShortID, CarrierRef: carrierRef(f),
		CarrierKey: f.carrierKey, HasActiveCarrier: true, OrderDate: job.OrderDate, TargetTime: f.targetTime,
		CustomAttributes: job.CustomAttributes, LineItems: []shipmentLine{},
		Parcels:       []strippedParcel{{s.parcel, carrierRef(f), "OPEN", ""}},
		TargetAddress: f.postal, PostalAddress: f.postal, InvoiceAddress: f.invoice,
	}
	for _, item := range job.pieces() {
		shipped.LineItems = append(shipped.LineItems, shipmentLine{p.newID(), item.quantity, item.article, item.attributes})
	}
	return shipped
}

func (p *Platform) newParcel(n *news, f *flow, s *strand, job *pickJob) *parcel {
	sender := p.facilities.get(s.facility).address()
	packed := &parcel{
		ID: s.parcel, versioned: born(n.now), Status: "OPEN", CarrierRef: carrierRef(f), ProcessRef: job.ProcessID,
		ShipmentRef: s.shipment, TenantOrderID: job.TenantOrderID, FacilityRef: s.facility, LoadUnitRefs: copied(s.loadUnits),
		CustomAttributes: job.CustomAttributes, Sender: sender, Recipient: f.postal, Items: []parcelItem{},
		Dimensions: map[string]float64{"height": 10, "length": 25, "width": 35, "weight": 900},
	}
	if packed.Recipient == nil {
		packed.Recipient = sender
	}
	for _, item := range job.pieces() {
		packed.Items = append(packed.Items, parcelItem{p.newID(), item.globalID, item.quantity, item.article, item.attributes})
	}
	return packed
}

// TrackDelivered has the carrier report every parcel of an order that is handed
// over as delivered.
func (p *Platform) TrackDelivered(orderID string) error { return p.Track(orderID, "delivered") }

// Track has the carrier report a tracking status, such as transit or exception, for
// every parcel of an order that is handed over.
func (p *Platform) Track(orderID, status string) error {
	return p.onStage(orderID, StageHandedOver, func(n *news, f *flow, s *strand) {
		if s.parcel == "" {
			return
		}
		next := *p.parcels.get(s.parcel)
		next.touch(n.now)
		result := *next.Result
		result.TrackingStatus = status
		next.Result = &result
		p.shelveParcel(n, f, &next, "PARCEL_TRACK_AND_TRACE_STATUS_UPDATED")
	})
}
