package fftsim

import "slices"

func (p *Platform) newHandoverJob(n *news, f *flow, s *strand, job *pickJob, info *parcelInfo) *handoverJob {
	s.handoverJob = p.newID()
	handover := &handoverJob{
		ID: s.handoverJob, versioned: born(n.now), Status: "OPEN", Channel: "DELIVERY", TenantOrderID: job.TenantOrderID,
		PickJobRef: job.ID, ProcessID: job.ProcessID, FacilityRef: s.facility, OrderDate: job.OrderDate, TargetTime: f.targetTime,
		CustomAttributes: job.CustomAttributes, ParcelInfo: info, RecipientAddress: f.postal, InvoiceAddress: f.invoice,
		ShortIdentifier: job.ShortID, Paid: f.paid, Tags: job.Tags, LineItems: []handoverLine{},
	}
	if f.channel == "COLLECT" {
		handover.Channel = "COLLECT"
	}
	for i := range job.PickLineItems {
		line := &job.PickLineItems[i]
		present, missing := p.handoverLines(line)
		if present != nil {
			handover.LineItems = append(handover.LineItems, *present)
		}
		if missing != nil {
			handover.MissingLineItems = append(handover.MissingLineItems, *missing)
		}
	}
	return handover
}

// handoverLines are what there is of a picked line to hand over, substitutes
// counted in, and what is missing.
func (p *Platform) handoverLines(line *pickLine) (present *handoverLine, missing *missingLine) {
	quantity := line.Picked
	var substitutes []substituteLine
	for _, s := range line.SubstituteLineItems {
		quantity += s.Quantity
		substitutes = append(substitutes, substituteLine{
			ID: s.ID, Article: s.Article, Quantity: s.Quantity, HandedOverQuantity: new(int64), PickedAt: s.PickedAt,
		})
	}
	if quantity > 0 {
		present = &handoverLine{
			ID: p.newID(), GlobalLineItemID: line.GlobalLineItemID, Quantity: quantity, Status: "OPEN", Article: line.Article,
			ScannableCodes: line.ScannableCodes, CustomAttributes: line.CustomAttributes, SubstituteLineItems: substitutes,
		}
	}
	if quantity < line.Quantity {
		missing = &missingLine{p.newID(), line.Quantity - quantity, line.Article, line.CustomAttributes}
	}
	return present, missing
}

// changeHandoverJob puts a changed copy of the strand's handover job on the shelf
// and tells of it. The copy has lines of its own.
func (p *Platform) changeHandoverJob(n *news, f *flow, s *strand, event string, edit func(job *handoverJob)) {
	job := *p.handoverJobs.get(s.handoverJob)
	job.touch(n.now)
	job.LineItems = slices.Clone(job.LineItems)
	edit(&job)
	p.handoverJobs.put(job.ID, &job, n.now)
	n.tell(emission{event: event, orderID: f.orderID, facility: job.FacilityRef, payload: &job})
}

func (p *Platform) handOver(n *news, f *flow, s *strand) {
	s.stage = StageHandedOver
	p.changeHandoverJob(n, f, s, "HANDOVERJOB_HANDED_OVER", func(job *handoverJob) {
		job.Status = "HANDED_OVER"
		for i := range job.LineItems {
			job.LineItems[i].handedOver(true)
		}
	})
	p.changeShipment(n, f, s, "COMPLETED")
}

// handedOver marks a line as handed over in full, or as not handed over at all.
func (l *handoverLine) handedOver(done bool) {
	l.Status, l.HandedOverQuantity = "OPEN", 0
	substitutes := slices.Clone(l.SubstituteLineItems)
	if done {
		l.Status, l.HandedOverQuantity = "CLOSED", l.Quantity
	}
	for i := range substitutes {
		handed := int64(0)
		if done {
			handed = substitutes[i].Quantity
			l.HandedOverQuantity -= handed
		}
		substitutes[i].HandedOverQuantity = &handed
	}
	l.SubstituteLineItems = substitutes
}

func (p *Platform) changeShipment(n *news, f *flow, s *strand, status string) {
	if s.shipment == "" {
		return
	}
	next := *p.shipments.get(s.shipment)
	next.touch(n.now)
	next.Status = status
	p.shelveShipment(n, f, &next, "SHIPMENT_UPDATED")
}

// RevertHandover takes the handover of an order back: its handover jobs are open
// again, and are handed over again by and by.
func (p *Platform) RevertHandover(orderID string) error {
	return p.onStage(orderID, StageHandedOver, func(n *news, f *flow, s *strand) {
		s.stage = StagePacked
		p.changeHandoverJob(n, f, s, "HANDOVERJOB_REVERTED", func(job *handoverJob) {
			job.Status = "OPEN"
			for i := range job.LineItems {
				job.LineItems[i].handedOver(false)
			}
		})
		p.changeShipment(n, f, s, "CONFIRMED")
		p.schedule(f, s)
	})
}

// CancelHandover cancels the open handover jobs of an order for a reason such as
// CONSUMER_NO_SHOW or CONSUMER_REJECTS. The order itself stays open.
func (p *Platform) CancelHandover(orderID, reason string) error {
	return p.onStage(orderID, StagePacked, func(n *news, f *flow, s *strand) {
		s.halt()
		s.stage = StageCancelled
		p.cancelHandoverJob(n, f, s, reason)
	})
}

func (p *Platform) cancelHandoverJob(n *news, f *flow, s *strand, reason string) {
	p.changeHandoverJob(n, f, s, "HANDOVERJOB_CANCELED", func(job *handoverJob) {
		job.Status, job.CancelReason = "CANCELED", reason
	})
}
