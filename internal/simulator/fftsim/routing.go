package fftsim

import "slices"

type routingPlan struct {
	ID string `json:"id"`
	versioned
	Status              string      `json:"status"`
	ConsolidatedStatus  string      `json:"consolidatedStatus"`
	OrderRef            string      `json:"orderRef"`
	TenantOrderID       string      `json:"tenantOrderId,omitempty"`
	ProcessID           string      `json:"processId"`
	FacilityRef         string      `json:"facilityRef,omitempty"`
	PickJobRef          string      `json:"pickJobRef,omitempty"`
	OrderDate           string      `json:"orderDate"`
	OrderLineItems      []orderLine `json:"orderLineItems"`
	DecisionLogs        []struct{}  `json:"decisionLogs"`
	Predecessors        []string    `json:"predecessorRerouteRoutingPlanRefs"`
	Successors          []string    `json:"successorRerouteRoutingPlanRefs"`
	ReRouteReason       string      `json:"reRouteReason,omitempty"`
	FinalizeRun         int         `json:"finalizeRun"`
	RoutingRun          int         `json:"routingRun"`
	Priority            int         `json:"priority"`
	SplitCount          int         `json:"splitCount"`
	WorkflowInformation workflow    `json:"workflowInformation"`
}

// routeOrder finds facilities for an order and gives each a pick job. The order's
// version grows by it, as it does in life, without an event. It reports whether
// anything happened.
func (p *Platform) routeOrder(n *news, f *flow) bool {
	f.timer.halt()
	if f.unroutable {
		return p.tellNotRoutable(n, f)
	}
	next := *p.orders.get(f.orderID)
	next.bumpVersion(n.now)
	p.orders.put(next.ID, &next, n.now)
	for i, lines := range f.splitLines(&next) {
		s := &strand{lines: lines}
		if f.transfer && i == 0 {
			s.supplies = true
		} else if f.transfer {
			s.supplier = f.strands[0]
		}
		f.strands = append(f.strands, s)
		p.assignFacility(n, f, s, p.facilityFor(f, i), "")
	}
	p.storeProcess(n, f)
	for _, s := range f.strands {
		p.scheduleStep(f, s)
	}
	return true
}

// splitLines says which part of an order gets which lines. A split order gives every
// second line to its second part, or half of its only line; one of a single piece
// stays whole.
func (f *flow) splitLines(o *order) [][]share {
	if quantity := o.OrderLineItems[0].Quantity; f.split && len(o.OrderLineItems) == 1 && quantity > 1 {
		return [][]share{{{0, quantity - quantity/2}}, {{0, quantity / 2}}}
	}
	parts := make([][]share, 1, 2)
	if f.split && len(o.OrderLineItems) > 1 {
		parts = parts[:2]
	}
	for i, line := range o.OrderLineItems {
		part := i % len(parts)
		parts[part] = append(parts[part], share{i, line.Quantity})
	}
	return parts
}

// assignFacility gives a part of an order a pick job in a facility.
func (p *Platform) assignFacility(n *news, f *flow, s *strand, facility, reRouteReason string) {
	o := p.orders.get(f.orderID)
	plan := f.held
	if plan == nil {
		plan = p.newPlan(n, f)
	} else {
		f.held = nil
		plan.bumpVersion(n.now)
	}
	s.stage, s.facility, s.plan, s.pickJob = StageRouted, facility, plan.id, p.newID()
	f.pickJobs = append(f.pickJobs, s.pickJob)
	if !slices.Contains(f.facilityRefs, facility) {
		f.facilityRefs = append(f.facilityRefs, facility)
	}
	job := p.newPickJob(n, o, f, s)
	p.pickJobs.put(job.ID, job, n.now)
	n.queueEvent(emission{event: "ROUTING_PLAN_ROUTED", orderID: o.ID, facility: facility, payload: newRoutingPlan(o, f, s, plan.versioned, reRouteReason)})
	n.queueEvent(emission{event: "PICK_JOB_CREATED", orderID: o.ID, facility: facility, payload: job})
}

func newRoutingPlan(o *order, f *flow, s *strand, v versioned, reRouteReason string) *routingPlan {
	plan := &routingPlan{
		ID: s.plan, versioned: v, Status: "ROUTED", ConsolidatedStatus: "ROUTED",
		OrderRef: o.ID, TenantOrderID: o.TenantOrderID, ProcessID: o.ProcessID, FacilityRef: s.facility, PickJobRef: s.pickJob,
		OrderDate: o.OrderDate, DecisionLogs: []struct{}{}, Predecessors: []string{}, Successors: []string{},
		ReRouteReason: reRouteReason, RoutingRun: 1,
	}
	if reRouteReason != "" {
		plan.ConsolidatedStatus, plan.RoutingRun = "ROUTED_THEN_REROUTED", 2
	}
	if len(f.strands) > 1 {
		plan.SplitCount = len(f.strands) - 1
	}
	for _, part := range s.lines {
		line := o.OrderLineItems[part.line]
		line.Quantity = part.quantity
		plan.OrderLineItems = append(plan.OrderLineItems, line)
	}
	return plan
}

// facilityFor is the n-th facility to take: those the order wishes first, then any
// that is online.
func (p *Platform) facilityFor(f *flow, n int) string {
	var candidates []string
	for _, choice := range f.facilities {
		if found := p.resolve(choice); found != nil {
			candidates = append(candidates, found.ID)
		}
	}
	if f.channel == "COLLECT" && len(candidates) > 0 {
		return candidates[0]
	}
	for _, r := range p.facilities.rows {
		if r.current.Status == "ONLINE" && !slices.Contains(candidates, r.id) {
			candidates = append(candidates, r.id)
		}
	}
	if len(candidates) == 0 {
		return p.facilities.rows[0].id
	}
	return candidates[n%len(candidates)]
}
