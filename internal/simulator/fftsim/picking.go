package fftsim

import (
	"encoding/json"
	"slices"
)

func (p *Platform) newPickJob(n *news, o *order, f *flow, s *strand) *pickJob {
	job := &pickJob{
		ID: s.pickJob, versioned: newVersioned(n.now), Status: "OPEN", ShortID: p.newShortID(), OrderRef: o.ID,
		TenantOrderID: o.TenantOrderID, ProcessID: o.ProcessID, RoutingPlanRef: s.plan, FacilityRef: s.facility,
		DocumentsRef: p.newID(), OrderDate: o.OrderDate, CustomAttributes: o.CustomAttributes, Tags: o.Tags, Stickers: o.Stickers,
		DeliveryInformation: deliveryInformation{Channel: f.channel, TargetTime: f.targetTime}, Transfers: s.transfers(),
	}
	if f.channel == "COLLECT" {
		job.DeliveryInformation.Details.Collect = &collectDetails{Identifier: o.TenantOrderID, Paid: f.paid}
	} else {
		job.DeliveryInformation.Details.Shipping = &shippingDetails{f.carrierKey, f.serviceLevel, f.postal, f.invoice}
	}
	for _, part := range s.lines {
		line := o.OrderLineItems[part.line]
		job.PickLineItems = append(job.PickLineItems, pickLine{
			ID: p.newID(), GlobalLineItemID: f.globalIDs[part.line], Quantity: part.quantity, Status: "OPEN",
			Article: f.articles[part.line], ScannableCodes: line.ScannableCodes, CustomAttributes: line.CustomAttributes,
			MeasurementUnitKey: line.MeasurementUnitKey, Tags: line.Tags,
		})
	}
	return job
}

// changePickJob puts a changed copy of the strand's pick job on the shelf and tells
// of it.
func (p *Platform) changePickJob(n *news, s *strand, event string, edit func(job *pickJob)) *pickJob {
	job := *p.pickJobs.get(s.pickJob)
	job.bumpVersion(n.now)
	edit(&job)
	p.pickJobs.put(job.ID, &job, n.now)
	n.queueEvent(emission{event: event, orderID: job.OrderRef, facility: job.FacilityRef, payload: &job})
	return &job
}

func (p *Platform) beginPicking(n *news, _ *flow, s *strand) {
	s.stage = StagePicking
	p.changePickJob(n, s, "PICK_JOB_PICKING_COMMENCED", func(job *pickJob) {
		job.Status = "IN_PROGRESS"
		job.PickLineItems = slices.Clone(job.PickLineItems)
		for i := range job.PickLineItems {
			job.PickLineItems[i].Status = "IN_PROGRESS"
		}
	})
}

// finishPicking picks what is ordered, or what ShortPick and Substitute planned. A pick
// job of which nothing is picked is aborted, and the end of its part of the order.
func (p *Platform) finishPicking(n *news, f *flow, s *strand) {
	lines := slices.Clone(p.pickJobs.get(s.pickJob).PickLineItems)
	anything, short := false, false
	for i := range lines {
		p.pickLine(n, f, &lines[i])
		anything = anything || lines[i].Picked > 0 || len(lines[i].SubstituteLineItems) > 0
		short = short || lines[i].Picked < lines[i].Quantity && len(lines[i].SubstituteLineItems) == 0
	}
	event := "PICK_JOB_PICKING_FINISHED"
	s.stage = StagePicked
	if !anything {
		event, s.stage = "PICK_JOB_ABORTED", StageAborted
	}
	job := p.changePickJob(n, s, event, func(job *pickJob) {
		job.Status, job.PickLineItems = "CLOSED", lines
		switch {
		case !anything:
			job.Status, job.SubStatus = "ABORTED", "ZERO_PICKED"
		case short:
			job.SubStatus = "SHORT_PICKED"
		}
	})
	for i := range job.PickLineItems {
		n.queueEvent(emission{
			event: "PICK_JOB_PICK_LINE_PICKED", orderID: job.OrderRef, facility: job.FacilityRef,
			pickJob: job.ID, payload: &job.PickLineItems[i],
		})
	}
	if anything {
		p.fillLoadUnits(n, f, s, job)
	}
}

func (p *Platform) pickLine(n *news, f *flow, line *pickLine) {
	now := moment(n.now)
	line.Status, line.Picked, line.PickedAt = "CLOSED", line.Quantity, &now
	plan, planned := f.picks[line.Article.TenantArticleID]
	if !planned || plan.picked >= line.Quantity {
		return
	}
	line.Picked = plan.picked
	line.ShortPickReason = &shortPickReason{"Not available", map[string]string{"en_US": "Not available"}}
	if plan.substitute != "" {
		line.SubstituteLineItems = []substituteLine{{
			ID: p.newID(), GlobalLineItemID: p.newID(), Quantity: plan.quantity, Picked: &plan.quantity, PickedAt: &now,
			Article: article{TenantArticleID: plan.substitute, Title: plan.substitute},
		}}
	}
}

// fillLoadUnits spreads what was picked over the load units of a pick job, whose
// number is Options.LoadUnits or random.
func (p *Platform) fillLoadUnits(n *news, f *flow, s *strand, job *pickJob) {
	const capacity = 100 // lines
	count := p.opts.LoadUnits
	if count == 0 {
		count = 1 + p.random.IntN(3)
	}
	pieces := piecesOf(job.PickLineItems)
	count = max(count, (len(pieces)+capacity-1)/capacity)
	units := make([]*loadUnit, count)
	for i := range units {
		units[i] = &loadUnit{
			ID: p.newID(), versioned: newVersioned(n.now), Status: "AVAILABLE", FacilityRef: job.FacilityRef, PickJobRefs: []string{job.ID},
			Name: "Bag", NameLocalized: map[string]string{"en_US": "Bag", "de_DE": "Tasche"}, Codes: []string{"LU-" + p.newShortID()},
			LineItems: []loadUnitLine{},
		}
	}
	for i, item := range pieces {
		unit := units[i%count]
		unit.LineItems = append(unit.LineItems, loadUnitLine{p.newID(), []string{item.globalID}, item.quantity, item.article})
	}
	for _, unit := range units {
		p.loadUnits.put(unit.ID, unit, n.now)
		s.loadUnits = append(s.loadUnits, unit.ID)
	}
	f.loadUnits = append(f.loadUnits, s.loadUnits...)
}

// piece is something that was picked.
type piece struct {
	article    article
	quantity   int64
	globalID   string
	attributes json.RawMessage // of the order line
}

// piecesOf are what was picked of lines, substitutes among it.
func piecesOf(lines []pickLine) []piece {
	var pieces []piece
	for _, line := range lines {
		if line.Picked > 0 {
			pieces = append(pieces, piece{line.Article, line.Picked, line.GlobalLineItemID, line.CustomAttributes})
		}
		for _, s := range line.SubstituteLineItems {
			pieces = append(pieces, piece{s.Article, s.Quantity, s.GlobalLineItemID, line.CustomAttributes})
		}
	}
	return pieces
}
