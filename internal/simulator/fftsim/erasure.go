package fftsim

import (
	"encoding/json"
	"errors"
	"time"
)

// When the platform erases orders by itself, by default.
const (
	AnonymisedAfter = 30 * 24 * time.Hour
	DeletedAfter    = 180 * 24 * time.Hour // more
)

// Anonymise takes out of an order who the consumer is, as the platform does with one that
// is AnonymisedAfter old.
func (p *Platform) Anonymise(orderID string) error { return p.onFlow(orderID, p.anonymise) }

// Delete makes an order and all that it brought forth disappear, as the platform does
// DeletedAfter later: whoever asks for any of it is told that it does not exist.
func (p *Platform) Delete(orderID string) error {
	return p.onFlow(orderID, func(n *news, f *flow) error {
		if !p.orders.get(orderID).Anonymized {
			return errors.New("it is anonymised first")
		}
		p.delete(n, f)
		return nil
	})
}

func (p *Platform) anonymise(n *news, f *flow) error {
	next := *p.orders.get(f.orderID)
	next.bumpVersion(n.now)
	next.Anonymized, next.Consumer = true, json.RawMessage(`{"addresses":[]}`)
	p.orders.put(next.ID, &next, n.now)
	f.postal, f.invoice = nil, nil
	p.storeProcess(n, f)
	n.queueEvent(emission{event: "PROCESS_ANONYMIZED", orderID: next.ID, payload: p.processes.get(next.ProcessID)})
	return nil
}

func (p *Platform) delete(n *news, f *flow) {
	f.halt()
	o := p.orders.get(f.orderID)
	n.queueEvent(emission{event: "PROCESS_DELETED", orderID: o.ID, payload: p.processes.get(o.ProcessID)})
	p.orders.drop(o.ID)
	p.processes.drop(o.ProcessID)
	p.returnJobs.drop(f.returnJob)
	for ids, drop := range map[*[]string]func(id string){
		&f.pickJobs: p.pickJobs.drop, &f.handoverJobs: p.handoverJobs.drop, &f.loadUnits: p.loadUnits.drop,
		&f.shipments: p.shipments.drop, &f.parcels: p.parcels.drop,
	} {
		for _, id := range *ids {
			drop(id)
		}
	}
	delete(p.flows, o.ID)
	removeFromIndex(p.byTenant, o.TenantOrderID, o.ID)
	removeFromIndex(p.byCommerce, f.commercetoolsID, o.ID)
}

func removeFromIndex(index map[string][]string, name, id string) {
	var left []string
	for _, other := range index[name] {
		if other != id {
			left = append(left, other)
		}
	}
	index[name] = left
}

// scheduleErasure erases an order in time, once nothing of it is going on any more.
func (p *Platform) scheduleErasure(f *flow) {
	if !p.opts.Erase {
		return
	}
	p.clock.AfterFunc(AnonymisedAfter, func() { p.eraseOrder(f, false) })
}

// eraseAgain is when an order is looked at again that was still under way.
const eraseAgain = 24 * time.Hour

func (p *Platform) eraseOrder(f *flow, anonymised bool) {
	_ = p.inTransaction(func(n *news) error {
		switch {
		case p.flows[f.orderID] == nil:
		case anonymised:
			p.delete(n, f)
		case !f.isOver():
			p.clock.AfterFunc(eraseAgain, func() { p.eraseOrder(f, false) })
		default:
			p.clock.AfterFunc(DeletedAfter, func() { p.eraseOrder(f, true) })
			return p.anonymise(n, f)
		}
		return nil
	})
}

// isOver reports whether nothing follows any more.
func (f *flow) isOver() bool {
	for _, s := range f.strands {
		if !s.hasEnded() {
			return false
		}
	}
	return f.cancelled || len(f.strands) > 0
}
