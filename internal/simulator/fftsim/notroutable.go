package fftsim

import "fmt"

// heldPlan is the routing plan of an order that cannot go on yet, because it is
// locked or because no facility can fulfil it.
type heldPlan struct {
	id string
	versioned
	told bool // that it is not routable
}

func (p *Platform) newPlan(n *news, f *flow) *heldPlan {
	plan := &heldPlan{id: p.newID(), versioned: newVersioned(n.now)}
	f.plans = append(f.plans, plan.id)
	return plan
}

// NotRoutable has the platform find no facility for an order that is not routed yet.
func (p *Platform) NotRoutable(orderID string) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		if len(f.strands) > 0 {
			return fmt.Errorf("order %s is routed already", orderID)
		}
		f.unroutable = true
		return nil
	})
}

// Routable has an order that was not routable go on, as when goods have come in.
func (p *Platform) Routable(orderID string) error {
	return p.onFlow(orderID, func(_ *news, f *flow) error {
		if !f.unroutable {
			return fmt.Errorf("order %s is routable already", orderID)
		}
		f.unroutable = false
		p.scheduleRouting(f)
		return nil
	})
}

// tellNotRoutable announces, once, that no facility can fulfil an order. It reports
// whether it did.
func (p *Platform) tellNotRoutable(n *news, f *flow) bool {
	switch {
	case f.held == nil:
		f.held = p.newPlan(n, f)
	case f.held.told:
		return false
	default:
		f.held.bumpVersion(n.now)
	}
	f.held.told = true
	o := p.orders.get(f.orderID)
	p.storeProcess(n, f)
	n.queueEvent(emission{event: "ROUTING_PLAN_NOT_ROUTABLE", orderID: o.ID, payload: &routingPlan{
		ID: f.held.id, versioned: f.held.versioned, Status: "NOT_ROUTABLE", ConsolidatedStatus: "NOT_ROUTABLE",
		OrderRef: o.ID, TenantOrderID: o.TenantOrderID, ProcessID: o.ProcessID, OrderDate: o.OrderDate,
		OrderLineItems: o.OrderLineItems, DecisionLogs: []struct{}{}, Predecessors: []string{}, Successors: []string{},
		RoutingRun: 1,
	}})
	return true
}
