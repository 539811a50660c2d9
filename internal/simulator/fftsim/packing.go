package fftsim

// packOrder makes the handover jobs of a picked part, after shipment and parcels when it
// is shipped.
func (p *Platform) packOrder(n *news, f *flow, s *strand) {
	s.stage = StagePacked
	job := p.pickJobs.get(s.pickJob)
	s.boxes = boxesOf(f, s, job)
	if s.supplier != nil {
		for _, line := range p.pickJobs.get(s.supplier.pickJob).PickLineItems {
			if line.Picked > 0 || len(line.SubstituteLineItems) > 0 {
				s.boxes[0].add(line)
			}
		}
	}
	if f.channel == "SHIPPING" {
		p.createShipments(n, f, s, job)
	}
	for i, b := range s.boxes {
		if f.together && i > 0 {
			b.handoverJob = s.boxes[0].handoverJob
			continue
		}
		handover := p.newHandoverJob(n, f, s, job, b)
		if i == 0 {
			handover.MissingLineItems = p.missingLines(job)
		}
		p.handoverJobs.put(handover.ID, handover, n.now)
		f.handoverJobs = append(f.handoverJobs, handover.ID)
		n.queueEvent(emission{event: "HANDOVERJOB_CREATED", orderID: f.orderID, facility: s.facility, payload: handover})
	}
}

// SetParcels has each pick job of an order, as far as it is not packed yet, result in
// this many parcels and handover jobs. What has fewer pieces gets fewer of them;
// what is collected always gets one handover job.
func (p *Platform) SetParcels(orderID string, parcels int) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		f.boxes = parcels
		return nil
	})
}

// HandOverTogether has one handover job hand over all parcels of each pick job of an
// order, as far as it is not packed yet. The job names the first of them.
func (p *Platform) HandOverTogether(orderID string) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		f.together = true
		return nil
	})
}

// boxesOf spreads what was picked over boxes: line by line when there are enough
// lines, else piece by piece.
func boxesOf(f *flow, s *strand, job *pickJob) []*box {
	var picked []pickLine
	for _, line := range job.PickLineItems {
		if line.Picked > 0 || len(line.SubstituteLineItems) > 0 {
			picked = append(picked, line)
		}
	}
	count := max(f.boxes, 1)
	if f.channel == "COLLECT" {
		count = 1
	}
	if count > len(picked) {
		picked = splitIntoPieces(picked)
	}
	boxes := make([]*box, min(count, len(picked)))
	for i := range boxes {
		boxes[i] = &box{}
	}
	for i, line := range picked {
		boxes[i%len(boxes)].add(line)
	}
	for i, id := range s.loadUnits {
		b := boxes[i%len(boxes)]
		b.loadUnits = append(b.loadUnits, id)
	}
	return boxes
}

// splitIntoPieces takes lines apart into lines of one piece. Substitutes stay together.
func splitIntoPieces(lines []pickLine) []pickLine {
	var pieces []pickLine
	for _, line := range lines {
		for left := line.Picked; left > 0; left-- {
			piece := line
			piece.Picked, piece.SubstituteLineItems = 1, nil
			pieces = append(pieces, piece)
		}
		if len(line.SubstituteLineItems) > 0 {
			line.Picked = 0
			pieces = append(pieces, line)
		}
	}
	return pieces
}

// add puts a line, or pieces of one that is partly there already, into a box.
func (b *box) add(line pickLine) {
	for i := range b.lines {
		if there := &b.lines[i]; there.ID == line.ID {
			there.Picked += line.Picked
			there.SubstituteLineItems = append(there.SubstituteLineItems, line.SubstituteLineItems...)
			return
		}
	}
	b.lines = append(b.lines, line)
}

// createShipments makes a shipment and orders labels from the carrier, which come at once
// unless HoldLabel or FailLabel keeps them back.
func (p *Platform) createShipments(n *news, f *flow, s *strand, job *pickJob) {
	s.shipment = p.newID()
	f.shipments = append(f.shipments, s.shipment)
	shipped := p.newShipment(n, f, s, job)
	for _, b := range s.boxes {
		b.parcel = p.newID()
		f.parcels = append(f.parcels, b.parcel)
		shipped.Parcels = append(shipped.Parcels, strippedParcel{b.parcel, carrierRef(f), "OPEN", ""})
	}
	p.shelveShipment(n, f, shipped, "SHIPMENT_CREATED")
	for _, b := range s.boxes {
		p.shelveParcel(n, f, p.newParcel(n, f, s, job, b), "PARCEL_CARRIER_CREATED")
		p.changeParcel(n, f, b, "PARCEL_CARRIER_REQUESTED", func(packed *parcel) { packed.Status = "PROCESSING" })
	}
	p.createLabels(n, f, s)
}

func carrierRef(f *flow) string { return "carrier-" + f.carrierKey }

func (p *Platform) newShipment(n *news, f *flow, s *strand, job *pickJob) *shipment {
	shipped := &shipment{
		ID: s.shipment, versioned: newVersioned(n.now), Status: "INITIAL", FacilityRef: s.facility, PickJobRef: job.ID,
		TenantOrderID: job.TenantOrderID, ProcessID: job.ProcessID, ShortID: job.ShortID, CarrierRef: carrierRef(f),
		CarrierKey: f.carrierKey, HasActiveCarrier: true, OrderDate: job.OrderDate, TargetTime: f.targetTime,
		CustomAttributes: job.CustomAttributes, LineItems: []shipmentLine{}, Parcels: []strippedParcel{},
		TargetAddress: f.postal, PostalAddress: f.postal, InvoiceAddress: f.invoice,
	}
	for _, item := range piecesOf(job.PickLineItems) {
		shipped.LineItems = append(shipped.LineItems, shipmentLine{p.newID(), item.quantity, item.article, item.attributes})
	}
	return shipped
}

func (p *Platform) shelveShipment(n *news, f *flow, s *shipment, event string) {
	p.shipments.put(s.ID, s, n.now)
	n.queueEvent(emission{event: event, orderID: f.orderID, facility: s.FacilityRef, payload: s})
}

func (p *Platform) changeShipment(n *news, f *flow, s *strand, status string) {
	if s.shipment == "" {
		return
	}
	next := *p.shipments.get(s.shipment)
	next.bumpVersion(n.now)
	next.Status = status
	next.Parcels = nil
	for _, b := range s.boxes {
		packed := p.parcels.get(b.parcel)
		row := strippedParcel{packed.ID, packed.CarrierRef, packed.Status, ""}
		if packed.Result != nil {
			row.CarrierTrackingNumber = packed.Result.CarrierTrackingNumber
		}
		next.Parcels = append(next.Parcels, row)
	}
	p.shelveShipment(n, f, &next, "SHIPMENT_UPDATED")
}
