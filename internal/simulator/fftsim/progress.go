package fftsim

import (
	"fmt"
	"slices"
	"time"
)

// scheduleChange runs next once the wait is over, unless the timer was halted meanwhile.
func (p *Platform) scheduleChange(t *timer, wait time.Duration, next func(n *news)) {
	t.halt()
	if p.pace.Manual || p.closed {
		return
	}
	turn := t.turn
	t.stop = p.clock.AfterFunc(wait, func() {
		_ = p.inTransaction(func(n *news) error {
			if t.turn == turn {
				t.stop = nil
				next(n)
			}
			return nil
		})
	})
}

func (p *Platform) scheduleRouting(f *flow) {
	if p.orders.get(f.orderID).Status == "OPEN" {
		p.scheduleChange(&f.timer, p.pace.Routing, func(n *news) { p.routeOrder(n, f) })
	}
}

func (p *Platform) scheduleStep(f *flow, s *strand) {
	var wait time.Duration
	switch s.stage {
	case StageRouted:
		wait = p.pace.Picking/2 + time.Duration(slices.Index(f.strands, s))*p.pace.Straggle
	case StagePicking:
		wait = p.pace.Picking - p.pace.Picking/2
	case StagePicked:
		wait = p.pace.Packing
		if s.supplier != nil && !s.supplier.hasEnded() {
			wait += p.pace.Handover + time.Second
		}
	case StagePacked:
		wait = p.pace.Handover
	default:
		return
	}
	p.scheduleChange(&s.timer, wait, func(n *news) { p.advancePart(n, f, s) })
}

// advancePart takes one part of an order to its next stage.
func (p *Platform) advancePart(n *news, f *flow, s *strand) {
	s.halt()
	switch s.stage {
	case StageRouted:
		p.beginPicking(n, f, s)
	case StagePicking:
		p.finishPicking(n, f, s)
	case StagePicked:
		if s.supplier == nil || s.supplier.hasEnded() {
			p.packOrder(n, f, s) // else it waits for the goods
		}
	case StagePacked:
		p.handOver(n, f, s)
	default:
		return
	}
	p.storeProcess(n, f)
	p.scheduleStep(f, s)
}

// Step moves an order, with every part of it that is not done, one stage on. It
// returns the stage of the part that is least advanced.
func (p *Platform) Step(orderID string) (stage string, err error) {
	err = p.onFlow(orderID, func(n *news, f *flow) error {
		moved := false
		if len(f.strands) == 0 {
			if p.orders.get(orderID).Status != "OPEN" {
				return fmt.Errorf("order %s is not open", orderID)
			}
			moved = p.routeOrder(n, f)
		} else {
			for _, s := range f.strands {
				if !s.hasEnded() {
					p.advancePart(n, f, s)
					moved = true
				}
			}
		}
		stage = f.stage()
		if !moved {
			return fmt.Errorf("order %s is at its last stage", orderID)
		}
		return nil
	})
	return stage, err
}

// StepPickJob moves only the part of an order that has this pick job one stage on.
func (p *Platform) StepPickJob(pickJobID string) (stage string, err error) {
	p.mu.RLock()
	job := p.pickJobs.get(pickJobID)
	p.mu.RUnlock()
	if job == nil {
		return "", fmt.Errorf("pick job %s does not exist", pickJobID)
	}
	err = p.onFlow(job.OrderRef, func(n *news, f *flow) error {
		i := slices.IndexFunc(f.strands, func(s *strand) bool { return s.pickJob == pickJobID })
		if i < 0 || f.strands[i].hasEnded() {
			return fmt.Errorf("pick job %s is at its last stage", pickJobID)
		}
		p.advancePart(n, f, f.strands[i])
		stage = f.strands[i].stage
		return nil
	})
	return stage, err
}

// onFlow changes how one order goes on.
func (p *Platform) onFlow(orderID string, f func(n *news, f *flow) error) error {
	return p.inTransaction(func(n *news) error {
		found := p.flows[orderID]
		if found == nil {
			return fmt.Errorf("order %s does not exist", orderID)
		}
		return f(n, found)
	})
}

// storeProcess writes the process of an order anew.
func (p *Platform) storeProcess(n *news, f *flow) {
	o := p.orders.get(f.orderID)
	next := process{
		ID: o.ProcessID, versioned: newVersioned(n.now), TenantOrderID: o.TenantOrderID, OrderRef: o.ID,
		RoutingPlanRefs: copyOf(f.plans), PickJobRefs: copyOf(f.pickJobs), ShipmentRefs: copyOf(f.shipments),
		HandoverJobRefs: copyOf(f.handoverJobs), ItemReturnJobRefs: []string{}, FacilityRefs: copyOf(f.facilityRefs), Tags: o.Tags,
	}
	if f.returnJob != "" {
		next.ItemReturnJobRefs = []string{f.returnJob}
	}
	next.GdprCleanupDate = moment(time.Time(o.Created).Add(AnonymisedAfter))
	if before := p.processes.get(o.ProcessID); before != nil {
		next.versioned = before.versioned
		next.bumpVersion(n.now)
	}
	next.Status, next.DomsStatus, next.OperativeStatus = f.processStatuses()
	next.Statuses = statusDetail{next.Status}
	next.DomsStatuses = statusDetail{next.DomsStatus}
	next.OperativeStatuses = statusDetail{next.OperativeStatus}
	p.processes.put(next.ID, &next, n.now)
}

func copyOf(ids []string) []string { return append([]string{}, ids...) }

func (f *flow) processStatuses() (overall, doms, operative string) {
	switch {
	case f.cancelled:
		return "CANCELED", "CANCELED", "CANCELED"
	case len(f.strands) == 0:
		return "CREATED", "CREATED", "CREATED"
	case !slices.ContainsFunc(f.strands, func(s *strand) bool { return !s.hasEnded() }):
		return "FINISHED", "FINISHED", "FINISHED"
	case f.stage() == StageRouted:
		return "IN_PROGRESS", "FINISHED", "CREATED"
	}
	return "IN_PROGRESS", "FINISHED", "IN_PROGRESS"
}
