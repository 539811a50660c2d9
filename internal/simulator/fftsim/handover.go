package fftsim

import (
	"encoding/json"
	"fmt"
	"slices"
)

func (p *Platform) newHandoverJob(n *news, f *flow, s *strand, job *pickJob, b *box) *handoverJob {
	b.handoverJob = p.newID()
	handover := &handoverJob{
		ID: b.handoverJob, versioned: newVersioned(n.now), Status: "OPEN", Channel: "DELIVERY", TenantOrderID: job.TenantOrderID,
		PickJobRef: job.ID, ProcessID: job.ProcessID, FacilityRef: s.facility, OrderDate: job.OrderDate, TargetTime: f.targetTime,
		CustomAttributes: p.inheritedAttributes(job.CustomAttributes), RecipientAddress: f.postal, InvoiceAddress: f.invoice,
		ShortIdentifier: job.ShortID, Paid: f.paid, Tags: job.Tags, LineItems: []handoverLine{},
	}
	handover.Transfers = s.transfers()
	if f.channel == "COLLECT" && !s.supplies {
		handover.Channel = "COLLECT"
	}
	if b.parcel != "" {
		handover.ParcelInfo = &parcelInfo{ShipmentRef: s.shipment, ParcelRef: b.parcel, CarrierRef: carrierRef(f), CarrierKey: f.carrierKey}
		if result := p.parcels.get(b.parcel).Result; result != nil {
			handover.ParcelInfo.CarrierTrackingNumber = result.CarrierTrackingNumber
		}
	}
	content := box{lines: slices.Clone(b.lines)}
	if f.together {
		for _, other := range s.boxes[1:] {
			for _, line := range other.lines {
				content.add(line)
			}
		}
	}
	for i := range content.lines {
		handover.LineItems = append(handover.LineItems, p.handoverLine(&content.lines[i]))
	}
	return handover
}

// inheritedAttributes are the custom attributes that a job, parcel or line has of the order's.
func (p *Platform) inheritedAttributes(attributes json.RawMessage) json.RawMessage {
	if p.opts.BareJobs {
		return nil
	}
	return attributes
}

// boxesToHandOver is one box of each handover job.
func (s *strand) boxesToHandOver() (boxes []*box) {
	for _, b := range s.boxes {
		if !slices.ContainsFunc(boxes, func(other *box) bool { return other.handoverJob == b.handoverJob }) {
			boxes = append(boxes, b)
		}
	}
	return boxes
}

// boxesOfHandoverJob are the boxes of a handover job.
func (s *strand) boxesOfHandoverJob(handoverJob string) (boxes []*box) {
	for _, b := range s.boxes {
		if b.handoverJob == handoverJob {
			boxes = append(boxes, b)
		}
	}
	return boxes
}

// handoverLine is what there is of a picked line to hand over, substitutes counted
// in.
func (p *Platform) handoverLine(line *pickLine) handoverLine {
	present := handoverLine{
		ID: p.newID(), GlobalLineItemID: line.GlobalLineItemID, Quantity: line.Picked, Status: "OPEN", Article: line.Article,
		ScannableCodes: line.ScannableCodes, CustomAttributes: p.inheritedAttributes(line.CustomAttributes),
	}
	for _, s := range line.SubstituteLineItems {
		present.Quantity += s.Quantity
		present.SubstituteLineItems = append(present.SubstituteLineItems, substituteLine{
			ID: s.ID, Article: s.Article, Quantity: s.Quantity, HandedOverQuantity: new(int64), PickedAt: s.PickedAt,
		})
	}
	return present
}

// missingLines are what was ordered of a pick job but not picked.
func (p *Platform) missingLines(job *pickJob) []missingLine {
	var missing []missingLine
	for _, line := range job.PickLineItems {
		left := line.Quantity - line.Picked
		for _, s := range line.SubstituteLineItems {
			left -= s.Quantity
		}
		if left > 0 {
			missing = append(missing, missingLine{p.newID(), left, line.Article, line.CustomAttributes})
		}
	}
	return missing
}

// changeHandoverJob puts a changed copy of a handover job on the shelf and tells of
// it. The copy has lines of its own.
func (p *Platform) changeHandoverJob(n *news, f *flow, b *box, event string, edit func(job *handoverJob)) {
	job := *p.handoverJobs.get(b.handoverJob)
	job.bumpVersion(n.now)
	job.LineItems = slices.Clone(job.LineItems)
	edit(&job)
	p.handoverJobs.put(job.ID, &job, n.now)
	n.queueEvent(emission{event: event, orderID: f.orderID, facility: job.FacilityRef, payload: &job})
}

// handOver hands over whatever of a part is still there.
func (p *Platform) handOver(n *news, f *flow, s *strand) {
	for _, b := range s.boxesToHandOver() {
		if p.handoverJobs.get(b.handoverJob).Status == "OPEN" {
			p.handOverBox(n, f, s, b)
		}
	}
	p.updateStageAfterHandover(n, f, s)
}

func (p *Platform) handOverBox(n *news, f *flow, s *strand, b *box) {
	p.changeHandoverJob(n, f, b, "HANDOVERJOB_HANDED_OVER", func(job *handoverJob) {
		job.Status = "HANDED_OVER"
		for i := range job.LineItems {
			job.LineItems[i].handedOver(true)
		}
	})
	for _, b := range s.boxesOfHandoverJob(b.handoverJob) {
		if p.pace.Delivery > 0 && b.parcel != "" {
			p.carryParcel(f, b)
		}
	}
}

// handedOverLines marks a line as handed over in full, or as not handed over at all.
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

// updateStageAfterHandover finds the stage of a packed part after something happened to its handover
// jobs: it is over when none is open, and was in vain when all are cancelled.
func (p *Platform) updateStageAfterHandover(n *news, f *flow, s *strand) {
	before := s.stage
	s.stage = StageCancelled
	for _, b := range s.boxesToHandOver() {
		switch p.handoverJobs.get(b.handoverJob).Status {
		case "OPEN":
			s.stage = StagePacked
			if before != StagePacked {
				p.changeShipment(n, f, s, "CONFIRMED")
				p.scheduleStep(f, s)
			}
			return
		case "HANDED_OVER":
			s.stage = StageHandedOver
		}
	}
	s.halt()
	if s.stage == StageHandedOver {
		p.changeShipment(n, f, s, "COMPLETED")
	}
}

// HandOver hands over one handover job; the rest of the order waits as before.
func (p *Platform) HandOver(handoverJobID string) error {
	return p.onHandoverJob(handoverJobID, "OPEN", p.handOverBox)
}

// RevertHandover takes the handover of an order back: its handover jobs are open
// again, and are handed over again by and by.
func (p *Platform) RevertHandover(orderID string) error {
	return p.onBoxes(orderID, "HANDED_OVER", p.revertBox)
}

// RevertHandoverJob takes the handover of one handover job back.
func (p *Platform) RevertHandoverJob(handoverJobID string) error {
	return p.onHandoverJob(handoverJobID, "HANDED_OVER", p.revertBox)
}

func (p *Platform) revertBox(n *news, f *flow, s *strand, b *box) {
	for _, b := range s.boxesOfHandoverJob(b.handoverJob) {
		b.halt()
	}
	p.changeHandoverJob(n, f, b, "HANDOVERJOB_REVERTED", func(job *handoverJob) {
		job.Status = "OPEN"
		for i := range job.LineItems {
			job.LineItems[i].handedOver(false)
		}
	})
}

// CancelHandover cancels the open handover jobs of an order for a reason such as
// CONSUMER_NO_SHOW or CONSUMER_REJECTS. The order itself stays open.
func (p *Platform) CancelHandover(orderID, reason string) error {
	return p.onBoxes(orderID, "OPEN", func(n *news, f *flow, _ *strand, b *box) { p.cancelBox(n, f, b, reason) })
}

// CancelHandoverJob cancels one open handover job.
func (p *Platform) CancelHandoverJob(handoverJobID, reason string) error {
	return p.onHandoverJob(handoverJobID, "OPEN", func(n *news, f *flow, _ *strand, b *box) { p.cancelBox(n, f, b, reason) })
}

func (p *Platform) cancelBox(n *news, f *flow, b *box, reason string) {
	p.changeHandoverJob(n, f, b, "HANDOVERJOB_CANCELED", func(job *handoverJob) {
		job.Status, job.CancelReason = "CANCELED", reason
	})
}

// cancelBoxes cancels what of a part is not handed over.
func (p *Platform) cancelBoxes(n *news, f *flow, s *strand, reason string) {
	for _, b := range s.boxesToHandOver() {
		if p.handoverJobs.get(b.handoverJob).Status == "OPEN" {
			p.cancelBox(n, f, b, reason)
		}
	}
}

// onBoxes changes one box of every handover job of an order whose handover job has the status.
func (p *Platform) onBoxes(orderID, status string, edit func(n *news, f *flow, s *strand, b *box)) error {
	return p.onFlow(orderID, func(n *news, f *flow) error {
		found := false
		for _, s := range f.strands {
			if p.editBoxes(n, f, s, status, func(*box) bool { return true }, edit) {
				found = true
			}
		}
		if !found {
			return fmt.Errorf("order %s has no handover job that is %s", orderID, status)
		}
		p.storeProcess(n, f)
		return nil
	})
}

func (p *Platform) onHandoverJob(id, status string, edit func(n *news, f *flow, s *strand, b *box)) error {
	p.mu.RLock()
	orders := p.orderOfHandoverJob(id)
	p.mu.RUnlock()
	if len(orders) == 0 {
		return fmt.Errorf("handover job %s does not exist", id)
	}
	return p.onFlow(orders[0], func(n *news, f *flow) error {
		for _, s := range f.strands {
			if p.editBoxes(n, f, s, status, func(b *box) bool { return b.handoverJob == id }, edit) {
				p.storeProcess(n, f)
				return nil
			}
		}
		return fmt.Errorf("handover job %s is not %s", id, status)
	})
}

// editBoxes changes the chosen boxes of one part and reports whether there were any.
func (p *Platform) editBoxes(
	n *news, f *flow, s *strand, status string, chosen func(*box) bool, edit func(n *news, f *flow, s *strand, b *box),
) bool {
	found := false
	for _, b := range s.boxesToHandOver() {
		if chosen(b) && p.handoverJobs.get(b.handoverJob).Status == status {
			found = true
			edit(n, f, s, b)
		}
	}
	if found {
		p.updateStageAfterHandover(n, f, s)
	}
	return found
}
